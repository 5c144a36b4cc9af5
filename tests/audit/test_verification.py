"""What was changed on the audit trail is found, whoever changed it, and what cannot be told is said."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from portal.access import verification
from portal.access.verification import Checkpoints, verify
from portal.demo import postgres
from tests import database
from tests.audit.conftest import KEY, Look, Tamper, Write

Seal = Callable[[], int]


@pytest.mark.parametrize(
    "alteration",
    [
        "update audit_event set action = 'case:edit' where action = 'child:search'",
        "update audit_event set at = at + interval '1 second' where action = 'child:search'",
        "update audit_event set recorded_at = recorded_at - interval '1 day' where action = 'child:search'",
        "update audit_event set details = details || '{\"level\": 2}' where action = 'child:search'",
        "delete from audit_event where action = 'child:search'",
        "update audit_event set seal_number = null where action = 'child:search'",
        "update audit_event set seal_number = 2 where action = 'child:search'",
        "update audit_seal set digest = sha256('x') where number = 1",
        "update audit_seal set previous = sha256('x') where number = 1",
        "update audit_seal set sealed_at = sealed_at - interval '1 day' where number = 1",
        "update audit_seal set rows = 7 where number = 1",
        "delete from audit_seal where number = 1",
    ],
)
def test_an_alteration_of_what_is_sealed_is_found(
    write: Write, seal: Seal, tamper: Tamper, look: Look, alteration: str
) -> None:
    write("case:view", "case:view", "child:search")
    seal()
    write("case:close")
    seal()
    assert look().faults == []
    assert tamper(alteration) == 1
    assert any("1" in fault for fault in look().faults)
    assert look().status == 1


def test_a_seal_number_that_does_not_exist_is_found(
    write: Write, seal: Seal, tamper: Tamper, look: Look
) -> None:
    write("case:view")
    seal()
    write("case:close")
    assert tamper("update audit_event set seal_number = 99 where action = 'case:close'") == 1
    assert look().faults == ["1 rows belong to a batch that does not exist."]


@pytest.mark.parametrize(
    "alteration",
    [
        "update audit_event set action = 'case:edit' where action = 'child:search'",
        "delete from audit_event where action = 'child:search'",
        "update audit_event set connection_position = 7 where action = 'child:search'",
    ],
)
def test_a_row_that_was_altered_or_removed_before_it_was_sealed_is_found_by_the_row_after_it(
    write: Write, seal: Seal, tamper: Tamper, look: Look, alteration: str
) -> None:
    write("case:view", "child:search")
    assert tamper(alteration) == 1
    write("case:close")
    seal()
    assert any("did not follow the row before" in fault for fault in look().faults)
    assert tamper("update audit_seal set breaks = 0") == 1
    assert look().faults == ["Batch 1 is not as it was sealed."], "the number is part of what is sealed"


def test_rows_that_are_dated_by_their_writer_are_found_where_times_are_compared(
    fresh: Flask, write: Write, worker: Engine, rows: Session
) -> None:
    write("case:view")
    rows.execute(
        text(
            "insert into audit_event (id, at, action, details)"
            " values (gen_random_uuid(), '2020-01-01', 'x', '{}')"
        )
    )
    rows.commit()
    with worker.connect() as connection:
        found = verify(connection, None, tolerance=timedelta(minutes=5)).faults
        assert found == ["1 rows say a time that is not when the database wrote them."]
        told = verify(connection, None, tolerance=None)
    assert told.faults == []
    assert any("was not compared" in note for note in told.notes)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "create or replace function ctx.audit_header(p_number bigint, p_sealed_at timestamptz,"
            " p_rows bigint, p_breaks bigint) returns bytea language sql stable as $$ select ''::bytea $$",
            "audit_header",
        ),
        ("alter table audit_event disable trigger only_added", "triggers"),
        ("drop trigger stamp_audit on audit_event", "triggers"),
    ],
)
def test_rules_that_are_not_those_of_this_version_are_found(
    app: Flask, server: postgres.Server, worker: Engine, statement: str, fault: str
) -> None:
    with worker.connect() as connection:
        assert verify(connection, None, tolerance=None).faults == []
    engine = create_engine(server.url(postgres.SUPERUSER, database.NAME))
    with engine.connect() as connection:  # what it does is never committed
        connection.execute(text(statement))
        found = verify(connection, None, tolerance=None).faults
    engine.dispose()
    assert any(fault in one for one in found), found


def test_what_could_not_be_told_is_said_and_the_status_says_so(
    app: Flask, write: Write, seal: Seal, worker: Engine, notes: Checkpoints, tamper: Tamper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ask = app.test_cli_runner().invoke
    write("case:view")
    seal()
    write("case:view")
    without = ask(args=["audit", "verify"])
    assert without.exit_code == 2
    assert "Not checked: There are no checkpoints" in without.output
    assert "Note: 1 rows are not sealed yet" in without.output

    monkeypatch.setitem(app.config, "AUDIT_CHECKPOINTS", str(notes.path))
    monkeypatch.setitem(app.config, "AUDIT_CHECKPOINT_KEY", KEY)
    assert ask(args=["audit", "verify"]).exit_code == 2, "a file without lines tells nothing"
    with worker.connect() as connection:
        notes.write(connection)
    intact = ask(args=["audit", "verify"])
    assert (intact.exit_code, intact.output.splitlines()[-1]) == (0, "The audit trail is as it was sealed.")
    assert "Checked: 1 batches with 1 rows" in intact.output
    assert f"Checked: 1 lines of {notes.path}" in intact.output

    tamper("update audit_event set ground = 'curiosity' where seal_number = 1")
    altered = ask(args=["audit", "verify"])
    assert (altered.exit_code, "NOT AS IT WAS: Batch 1" in altered.output) == (1, True)
    assert ask(args=["audit", "accept", "the exercise of the spring"]).exit_code == 0
    accepted = ask(args=["audit", "verify"])
    assert (accepted.exit_code, "the exercise of the spring" in accepted.output) == (0, True)


def test_what_is_sealed_while_it_is_looked_at_is_no_fault(
    app: Flask, write: Write, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("case:view")
    seal()
    write("case:view")
    looked = verification._rules

    def seal_meanwhile(*asked: Any) -> None:
        assert seal() == 1
        looked(*asked)

    monkeypatch.setattr(verification, "_rules", seal_meanwhile)
    answer = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert "NOT AS IT WAS" not in answer.output
    assert "Checked: 1 batches with 1 rows" in answer.output


def test_lines_are_never_written_without_a_key(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "AUDIT_CHECKPOINTS", "/nowhere/trail.txt")
    monkeypatch.setitem(app.config, "AUDIT_CHECKPOINT_KEY", "")
    for command in (["audit", "verify"], ["audit", "accept", "nothing"]):
        answer = app.test_cli_runner().invoke(args=command)
        assert (answer.exit_code, "AUDIT_CHECKPOINT_KEY" in answer.output) == (1, True)
