"""Nobody writes where they see nothing, and each policy, opened to everybody once, is missed by somebody.

Of reading, `test_teeth.py` breaks each rule: here it is shown that every policy has its tooth.
"""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.demo import postgres
from tests import database
from tests.access.oracle.build import build
from tests.access.oracle.compare import wait_until_soon_is_past
from tests.access.oracle.teeth import TEETH
from tests.access.oracle.world import Asker, World
from tests.access.oracle.writing import Link, Policy, changed_unseen, policies, strangers, written
from tests.access.who_sees_what import rules
from tests.structure.source import ROOT

SEED = 7

_OUT = "tests/access/test_writes_minutes_out.py"
_HELD_BY_BY_WHOM = "`by_whom` beside it lets nobody through either, and is opened itself"
#: Policies of writing that let nobody in when they are opened alone: what stands beside them, or which test
#: fails then.
NOT_ALONE = {
    "added on family_passage": _HELD_BY_BY_WHOM,
    "added on minutes_copy": _HELD_BY_BY_WHOM,
    "added on minutes_issue": _HELD_BY_BY_WHOM,
    "by_whom on family_passage": f"{_OUT}::test_a_passage_comes_from_what_the_network_reads_on_this_child",
    "by_whom on minutes_copy": f"{_OUT}::test_the_approved_minutes_are_distributed_once",
    "by_whom on minutes_issue": f"{_OUT}::test_what_is_approved_is_made_once_and_by_the_chair",
    "of_its_minutes on meeting_handout": (
        f"{_OUT}::test_what_is_handed_over_is_no_draft_on_this_child_and_not_the_familys_while_an_alert_stands"
    ),
    "of_a_meeting on level_decision": (
        "tests/meetings/test_recording_levels.py"
        "::test_whoever_assessed_last_is_no_second_person_in_the_portal_and_in_the_database"
    ),
    "as_the_entry_changed on deadline": (
        "tests/access/test_writing.py::test_a_duty_on_an_entry_is_changed_by_nobody_who_does_not_see_it"
    ),
}
#: What nobody in particular may add.
OF_NOBODY = {"audit_event": "what somebody did who is nobody, or not any more, is on the trail too"}
#: Policies of reading without a tooth.
OPEN = {
    f"seen on {table}": "whoever signs in picks theirs first: open to everybody, signed in or not"
    for table in ("agency", "agency_provider", "identity_provider", "team")
}


@pytest.fixture(scope="module")
def link(server: postgres.Server, session_app: Flask) -> Iterator[Link]:
    address = server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(session_app: Flask, owner: Engine) -> Iterator[World]:
    database.empty(owner)
    with database.owner_session(owner) as rows:
        found = build(rows, SEED, size=2)
        wait_until_soon_is_past(found)
        yield found
    database.empty(owner)


@pytest.fixture(scope="module")
def there(link: Link) -> list[Policy]:
    return policies(link)


@pytest.fixture(scope="module")
def outside(link: Link, world: World, there: list[Policy]) -> dict[str, list[Asker]]:
    """For each table, those who write nothing there."""
    return {
        table: strangers(link, world.askers, table) for table in sorted({policy.table for policy in there})
    }


def test_nobody_writes_where_they_see_nothing(
    link: Link, there: list[Policy], outside: dict[str, list[Asker]]
) -> None:
    assert len(there) > 150
    faults = [
        fault
        for policy in there
        if policy.table not in OF_NOBODY
        for fault in written(link, policy, outside[policy.table])
    ]
    assert not faults, "\n".join(faults[:20])


def test_each_policy_of_writing_that_is_open_to_everybody_is_found(
    link: Link, there: list[Policy], outside: dict[str, list[Asker]]
) -> None:
    unnoticed = {
        str(policy) for policy in there if not written(link, policy, outside[policy.table], broken=True)
    }
    assert unnoticed == set(NOT_ALONE), "nobody notices, or somebody does by now: say in NOT_ALONE what does"


def test_what_notices_instead_is_there() -> None:
    for named in NOT_ALONE.values():
        path, _, test = named.partition("::")
        assert not test or f"def {test}(" in (ROOT / path).read_text("utf-8"), f"{named} is no test"


def test_a_duty_on_an_entry_is_changed_by_nobody_who_does_not_see_it(link: Link, world: World) -> None:
    """A statement without a condition is asked no policy of reading."""
    assert not changed_unseen(link, "deadline", "late_reason", world.askers)
    with link.transaction(force_rollback=True):
        link.execute("alter policy as_the_entry_changed on deadline using (true)")
        assert changed_unseen(link, "deadline", "late_reason", world.askers)


def test_each_policy_of_reading_has_a_tooth() -> None:
    broken = {tooth.of for one in TEETH for tooth in (one, one.other) if tooth}
    without = {
        f"{rule.policy} on {rule.table}"
        for rule in rules()
        if f"policy {rule.policy} on {rule.table}" not in broken
    }
    assert without == set(OPEN), "break it once in tests/access/oracle/teeth.toml"
