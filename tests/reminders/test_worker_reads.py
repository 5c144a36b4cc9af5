"""The worker holds no key that makes it a person: it reads when and whose something is, and no words."""

import re

from sqlalchemy import Engine, text

#: Columns in which somebody wrote words, or by which somebody is known.
TELLING = re.compile(
    r"(.*_)?(name|dob|nhs_number|phone|title|label|text|reason|question|why|words|answers?|details|place|link"
    r"|heading|note|happened|conditions|before|after|value|hash)"
)
#: Who is who among agencies and teams, and why an address was refused, says nothing of a child.
NAMES_OF_NO_CHILD = {
    ("agency", "name"),
    ("team", "name"),
    ("address_suspension", "reason"),
    ("outbox_message", "handed_reason"),
}
#: The trail, which the worker seals, and the list of legal moves.
APART = {"audit_event", "state_transition"}
CLOSED = {"child", "child_record", "chronology_entry", "referral", "disclosure_text", "session", "case_scope"}


def test_the_worker_reads_no_narrative(engine: Engine) -> None:
    with engine.connect() as connection:
        held = connection.execute(
            text(
                "select table_name, column_name from information_schema.columns"
                " where table_schema in ('public', 'ctx') and"
                " has_column_privilege(format('%I.%I', table_schema, table_name), column_name, 'select')"
            )
        )
        found = {(row.table_name, row.column_name) for row in held if row.table_name not in APART}
    assert ("deadline", "due_at") in found
    assert {one for one in found if TELLING.fullmatch(one[1])} <= NAMES_OF_NO_CHILD
    assert not {table for table, _ in found} & CLOSED
