"""Fills a database with many cases, set by set, as the owner with triggers off; then checks for drift."""

import csv
import io
import random
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from portal.model import new_id
from portal.pathway.names import name_keys
from portal.policy import Names

SOCIAL_CARE = range(1, 5)
POLICE, POLICE_TEAMS = 5, 12
HEALTH = range(6, 12)
TINY, BROAD = 41, 42
#: Of so many cases people are named as those who work on them: what somebody has by name is a share of these.
IN_HAND = 600
NAMES = 20_000
ENTRIES_PER_CASE, LONG_LIFE = 10, 5_000  # the second of the first case alone
SCRIPT = Path(__file__).with_name("world.sql")
#: Written by us, so that a trigger does not do row by row what one statement does at once.
TRIGGERED = ("child", "cre_case", "involvement", "deadline", "chronology_entry")
FILLED = (
    *TRIGGERED,
    "reminder_plan",
    "child_record",
    "name_key",
    "case_notice",
    "case_news",
    "case_scope",
    "child_scope",
)


@dataclass(frozen=True)
class World:
    """Whom to sign in as, and whose cases they see."""

    coordinator: UUID
    manager: UUID  # of the police, who are on three cases in five
    officer: UUID  # of one of their twelve teams, who has been told very much
    broad: UUID  # of an agency that is on one case in twenty
    tiny: UUID
    police_team: UUID
    tiny_team: UUID
    cases: int


def fill(connection: psycopg.Connection, cases: int, names: Names) -> None:
    """Add `cases` cases over 40 agencies, one with a twentieth, and one with 20, to a migrated database.

    Args:
        connection: of portal_owner; committed in steps.
        cases: how many.
        names: what policy knows of names, for the search keys.
    """
    run = connection.execute
    _people(connection)
    for table in TRIGGERED:
        run(f"alter table {table} disable trigger user".encode())
    for setting in (b"set maintenance_work_mem = '1GB'", b"set work_mem = '256MB'"):
        run(setting)
    restore = _without_indexes(connection)
    _names(connection, names)
    script = SCRIPT.read_text(encoding="utf-8").format(
        cases=cases, names=NAMES, entries=ENTRIES_PER_CASE, long_life=LONG_LIFE, in_hand=IN_HAND
    )
    for statement in script.split(";\n"):
        run(statement.encode())
        connection.commit()
    for statement in restore:
        run(statement.encode())
        connection.commit()
    for table in TRIGGERED:
        run(f"alter table {table} enable trigger user".encode())
    connection.commit()
    connection.autocommit = True
    run(b"vacuum (analyze)")
    connection.autocommit = False


def found(connection: psycopg.Connection) -> World:
    """Who is in a database that `fill` filled."""
    rows = connection.execute(
        b"select n, person, team from bench_agency where n in (0, %s, %s, %s)", [POLICE, TINY, BROAD]
    )
    people = {number: (person, team) for number, person, team in rows.fetchall()}
    cases = connection.execute(b"select count(*) from bench_case").fetchone()
    manager = connection.execute(b"select id from app_user where name = 'Person of the police'").fetchone()
    assert cases is not None
    assert manager is not None
    return World(
        coordinator=people[0][0],
        manager=manager[0],
        officer=people[POLICE][0],
        broad=people[BROAD][0],
        tiny=people[TINY][0],
        police_team=people[POLICE][1],
        tiny_team=people[TINY][1],
        cases=cases[0],
    )


def _without_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop what is checked or kept row by row, and return the statements that put it back, set by set."""
    constraints = connection.execute(
        b"select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        b" where conrelid::regclass::text = any (%s) and contype = 'f'",
        [list(FILLED)],
    ).fetchall()
    indexes = connection.execute(
        b"select indexname, indexdef from pg_indexes where tablename = any (%s)"
        b" and indexname not in (select conname from pg_constraint)",
        [list(FILLED)],
    ).fetchall()
    for table, name, _ in constraints:
        connection.execute(f'alter table {table} drop constraint "{name}"'.encode())
    for name, _ in indexes:
        connection.execute(f'drop index "{name}"'.encode())
    connection.commit()
    return [definition for _, definition in indexes] + [
        f'alter table {table} add constraint "{name}" {definition} not valid'
        for table, name, definition in constraints
    ]


def _people(connection: psycopg.Connection) -> None:
    """Agencies 0 (the hub) to 42 (the broad one), each with a team and a person."""
    connection.execute(
        b"create unlogged table bench_agency (n int primary key, agency uuid, team uuid, person uuid)"
    )
    for number in range(BROAD + 1):
        agency, team, person = new_id(), new_id(), new_id()
        sector = _sector(number)
        connection.execute(
            b"insert into agency (id, code, name, sector, districts, active)"
            b" values (%s, %s, %s, %s, '{}', true)",
            [agency, f"agency-{number}", f"Agency {number}", sector],
        )
        connection.execute(
            b"insert into team (id, agency_id, name, duty_email, duty_phone, active)"
            b" values (%s, %s, 'Team', 'duty@bench.example', '01632 960001', true)",
            [team, agency],
        )
        connection.execute(
            b"insert into app_user (id, agency_id, name, email, job_title, phone, roles, active, created_at,"
            b" version) values (%s, %s, %s, 'p@bench.example', '', '', %s, true, now(), 1)",
            [person, agency, f"Person {number}", ["coordinator" if number == 0 else "practitioner"]],
        )
        connection.execute(b"insert into team_member (team_id, user_id) values (%s, %s)", [team, person])
        connection.execute(
            b"insert into bench_agency values (%s, %s, %s, %s)", [number, agency, team, person]
        )
        if number == POLICE:
            _police(connection, agency, team)
    connection.commit()


def _police(connection: psycopg.Connection, agency: UUID, first: UUID) -> None:
    """The teams of the police, so that none has all of their cases, and a manager, who has."""
    connection.execute(b"create unlogged table bench_police (n int primary key, team uuid)")
    teams = [first, *(new_id() for _ in range(1, POLICE_TEAMS))]
    for number, team in enumerate(teams):
        connection.execute(
            b"insert into team (id, agency_id, name, duty_email, duty_phone, active)"
            b" values (%s, %s, %s, 'duty@bench.example', '01632 960001', true) on conflict do nothing",
            [team, agency, f"Team {number}"],
        )
        connection.execute(b"insert into bench_police values (%s, %s)", [number, team])
    connection.execute(
        b"insert into app_user (id, agency_id, name, email, job_title, phone, roles, active, created_at,"
        b" version)"
        b" values (%s, %s, 'Person of the police', 'm@bench.example', '', '', '{manager}', true, now(), 1)",
        [new_id(), agency],
    )


def _sector(number: int) -> str:
    if number == 0:
        return "hub"
    if number in SOCIAL_CARE:
        return "social_care"
    return "police" if number == POLICE else "health" if number in HEALTH else "council"


def _names(connection: psycopg.Connection, names: Names) -> None:
    """Invented names with their keys: the distribution of real ones, one in fifty very common."""
    random.seed(7)
    starts, ends = (
        ("Bram", "Thistle", "Oak", "Quill", "Lark", "Marrow", "Winter", "Penny"),
        ("ton", "wick", "by"),
    )
    common = ("Sam", "Alex", "Katie", "Mohammed", "Kasia", "Linh", "Jo", "Ella")
    connection.execute(b"create unlogged table bench_name (n int primary key, given text, family text)")
    connection.execute(b"create unlogged table bench_key (n int, key text)")
    written, keys = io.StringIO(), io.StringIO()
    for number in range(1, NAMES + 1):
        given = random.choice(common) if number % 3 else f"{random.choice(common)}{chr(97 + number % 26)}a"  # noqa: S311 - invented names
        middle = chr(97 + number % 26) + "aeiou"[number % 5] + chr(97 + number // 26 % 26)
        family = "Smithen" if number % 50 == 0 else random.choice(starts) + middle + random.choice(ends)  # noqa: S311 - invented names
        csv.writer(written).writerow((number, given, family))
        for key in name_keys(f"{given} {family}", names):
            csv.writer(keys).writerow((number, key))
    for table, content in (("bench_name", written), ("bench_key", keys)):
        with connection.cursor().copy(f"copy {table} from stdin (format csv)".encode()) as copy:
            copy.write(content.getvalue())
    connection.execute(b"create index on bench_key (n)")
    connection.execute(b"analyze bench_name, bench_key")
    connection.commit()
