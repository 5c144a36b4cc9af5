"""The worker has the database seal the audit trail, reads none of it, and nobody stops or changes it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.access import audit, verification
from portal.access.model import AuditEvent, AuditSeal
from portal.demo import postgres
from portal.extensions import db
from tests import database
from tests.audit.conftest import Look, Tamper, Write

Seal = Callable[[], int]


def test_rows_are_sealed_once_in_batches_without_gaps(
    write: Write, seal: Seal, look: Look, rows: Session
) -> None:
    write("case:view", "case:view", "child:search")
    assert (seal(), seal()) == (3, 0)
    write("case:close")
    assert seal() == 1
    batches = rows.scalars(select(AuditSeal).order_by(AuditSeal.number))
    assert [(batch.number, batch.rows, batch.breaks) for batch in batches] == [(1, 3, 0), (2, 1, 0)]
    assert look().faults == []


def test_a_row_of_an_open_transaction_waits_and_holds_nobody_up(
    fresh: Flask, write: Write, seal: Seal, look: Look, worker: Engine
) -> None:
    with fresh.app_context():
        audit.record("case:open")  # its transaction is still open
        other = create_engine(fresh.config["SQLALCHEMY_DATABASE_URI"])
        with other.begin() as connection:
            connection.execute(
                text(
                    "insert into audit_event (id, at, action, details)"
                    " values (gen_random_uuid(), now(), 'x', '{}')"
                )
            )
        other.dispose()
        assert seal() == 1, "a later transaction does not wait for an earlier one"
        db.session.commit()
    assert seal() == 1
    assert look().faults == []


def test_of_two_workers_one_seals(write: Write, worker: Engine) -> None:
    write("case:view", "case:view", "case:view")
    with worker.begin() as first, worker.begin() as second:
        assert verification.seal(first) == 3
        assert verification.seal(second) == 0


def test_no_lock_that_the_application_may_hold_stops_sealing(fresh: Flask, write: Write, seal: Seal) -> None:
    write("case:view")
    engine = create_engine(fresh.config["SQLALCHEMY_DATABASE_URI"])
    held = refused = 0
    with engine.connect() as holder:
        for statement in (
            "select pg_advisory_lock(7365616)",
            *(
                f"lock table {table} in {mode} mode nowait"
                for table in ("audit_event", "audit_seal", "audit_chain", "audit_search")
                for mode in (
                    "access share",
                    "row share",
                    "row exclusive",
                    "share",
                    "exclusive",
                    "access exclusive",
                )
            ),
            *(
                f"select 1 from {table} for {strength}"  # noqa: S608 - names of our own
                for table in ("audit_event", "audit_seal", "audit_chain")
                for strength in ("key share", "share", "update")
            ),
        ):
            savepoint = holder.begin_nested()
            try:
                holder.execute(text(statement))
                held += 1
            except DBAPIError:
                savepoint.rollback()
                refused += 1
        assert held >= 2, "the application holds what it may"
        assert refused >= 25
        assert seal() == 1
    engine.dispose()


@pytest.mark.parametrize("role", ["portal_app", "portal_worker", "portal_owner", postgres.SUPERUSER])
@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set action = 'case:edit'",
        "update audit_event set seal_number = 99",
        "delete from audit_event",
        "truncate audit_event",
        "update audit_seal set digest = ''",
        "delete from audit_seal",
        "truncate audit_seal",
        "insert into audit_chain values (2, 0, '')",
        "update audit_chain set number = 0",
        "delete from audit_chain",
        "truncate audit_chain",
        "update audit_search set text = 'x'",
        "delete from audit_search",
        "truncate audit_search",
    ],
)
def test_nobody_changes_or_removes_what_is_on_the_trail(
    server: postgres.Server, write: Write, seal: Seal, rows: Session, role: str, statement: str
) -> None:
    write("case:view")
    seal()
    write("case:view")
    rows.execute(
        text(
            "insert into audit_search (event_id, searched_at, text) values (gen_random_uuid(), now(), 'Ada')"
        )
    )
    rows.commit()
    engine = create_engine(server.url(role, database.NAME))
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|only added to"):
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("role", ["portal_app", "portal_worker"])
@pytest.mark.parametrize("table", ["audit_event", "audit_search"])
def test_who_reads_the_trail_as_a_process_learns_nothing(
    server: postgres.Server, write: Write, role: str, table: str
) -> None:
    write("child:search")
    engine = create_engine(server.url(role, database.NAME))
    with engine.connect() as connection:
        asked = text(f"select * from {table}")  # noqa: S608 - a name of ours
        if role == "portal_app":
            assert connection.execute(asked).all() == []
        else:
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(asked)
    engine.dispose()


def test_a_row_cannot_be_written_as_sealed_nor_say_when_it_was_recorded(fresh: Flask, rows: Session) -> None:
    engine = create_engine(fresh.config["SQLALCHEMY_DATABASE_URI"])
    insert = (
        "insert into audit_event (id, at, action, details, {0})"
        " values (gen_random_uuid(), '2020-01-01', 'x', '{{}}', {1})"
    )
    with engine.connect() as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.execute(text(insert.format("seal_number", "1")))
    with engine.begin() as connection:
        connection.execute(text(insert.format("recorded_at, xact", "'2020-01-01', 7")))
    engine.dispose()
    row = rows.scalars(select(AuditEvent)).one()
    assert row.recorded_at is not None
    assert (row.recorded_at.year > 2020, row.xact != 7, row.at.year) == (True, True, 2020)


def test_a_transaction_that_is_undone_leaves_no_gap(
    fresh: Flask, write: Write, seal: Seal, rows: Session
) -> None:
    write("case:view")
    with fresh.app_context():
        audit.record("case:edit")
        db.session.rollback()
        savepoint = db.session.begin_nested()
        audit.record("case:edit")
        savepoint.rollback()
        audit.record("case:close")
        db.session.commit()
    places = rows.execute(
        select(AuditEvent.connection_id, AuditEvent.connection_position).order_by(
            AuditEvent.connection_position
        )
    ).all()
    assert [place for _, place in places] == [1, 2]
    assert len({connection for connection, _ in places}) == 1
    assert seal() == 2
    assert rows.scalars(select(AuditSeal.breaks)).one() == 0


def test_what_a_connection_is_told_changes_nothing_of_its_chain(
    fresh: Flask, write: Write, seal: Seal, look: Look, rows: Session
) -> None:
    write("case:view")
    with fresh.app_context():
        forged = "select set_config('portal.audit_chain', gen_random_uuid()||' 5 '||repeat('ab',32), false)"
        db.session.execute(text(forged))
        audit.record("case:view")
        db.session.commit()
    assert seal() == 2
    assert look().faults == []
    places = rows.scalars(select(AuditEvent.connection_position).order_by(AuditEvent.connection_position))
    assert list(places) == [1, 2]


def test_many_connections_each_have_a_chain_of_their_own(
    fresh: Flask, seal: Seal, look: Look, rows: Session
) -> None:
    engine = create_engine(fresh.config["SQLALCHEMY_DATABASE_URI"], pool_size=12)
    added = text(
        "insert into audit_event (id, at, action, details) values (gen_random_uuid(), now(), 'x', '{}')"
    )
    for _ in range(3):
        links = [engine.connect() for _ in range(12)]
        for _ in range(2):
            for link in links:
                link.execute(added)
        for link in links:
            link.commit()
            link.close()
    engine.dispose()
    assert seal() == 72
    assert look().faults == []
    chains = rows.execute(
        text("select count(*), max(connection_position) from audit_event group by connection_id")
    ).all()
    assert [tuple(chain) for chain in chains] == [(6, 6)] * 12


def test_who_gets_the_number_of_an_ended_process_goes_on_with_its_rows(
    write: Write, seal: Seal, look: Look, tamper: Tamper, fresh: Flask
) -> None:
    write("case:view", "case:view")
    with fresh.app_context():
        db.engine.dispose()
        following = db.session.scalar(text("select pg_backend_pid()"))
        db.session.rollback()
    assert tamper(f"update ctx.audit_link set pid = {following}") == 1  # noqa: S608 - a number
    write("case:view")
    assert seal() == 3
    assert look().faults == []


@pytest.mark.parametrize("role", ["portal_app", "portal_worker", "portal_owner"])
@pytest.mark.parametrize(
    "statement",
    ["update ctx.audit_link set position = 5", "delete from ctx.audit_link", "truncate ctx.audit_link"],
)
def test_where_a_chain_ends_is_nobodys_to_say(
    server: postgres.Server, write: Write, role: str, statement: str
) -> None:
    write("case:view")
    engine = create_engine(server.url(role, database.NAME))
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|only added to"):
        connection.execute(text(statement))
    engine.dispose()


def test_rows_restored_from_a_server_that_had_given_out_higher_numbers_are_sealed_too(
    write: Write, seal: Seal, tamper: Tamper, look: Look
) -> None:
    write("case:view", "child:search")
    tamper("update audit_event set connection_id = null, connection_position = null, xact = 4000000000")
    assert seal() == 2
    assert look().faults == []
