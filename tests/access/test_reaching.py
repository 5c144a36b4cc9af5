"""Who may be told about a record: what the worker asks before it sends, against the requirement in words."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import Engine, create_engine, text

from portal import registry
from portal.demo import postgres
from portal.reminders.deliverability import teams_that_reach
from portal.reminders.writing import About
from tests import database
from tests.access.oracle.breaking import broken
from tests.access.oracle.build import build, happen
from tests.access.oracle.compare import wait_until_soon_is_past
from tests.access.oracle.reaching import (
    APART,
    MAY_BE_TOLD,
    ON_CASE,
    TEETH,
    DutyAddress,
    ReachingTooth,
    is_here,
    kinds_with_a_rule,
    pairs,
)
from tests.access.oracle.requirement import Person
from tests.access.oracle.truth import Truth
from tests.access.oracle.world import World

SEED = 20261126  # a world in which every rule matters to somebody

Worker = psycopg.Connection[tuple[object, ...]]

_ASK = """
select ctx.reaches(ctx.readers_of(w.person), %s, %s, %s)
  from unnest(%s::uuid[]) with ordinality w (person, place) order by place
"""


@pytest.fixture(scope="module")
def worker(server: postgres.Server, session_app: Flask) -> Iterator[Worker]:
    """A connection of the worker's role."""
    address = server.url("portal_worker", database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(session_app: Flask, owner: Engine) -> Iterator[World]:
    database.empty(owner)
    with database.owner_session(owner) as rows:
        found = build(rows, SEED, size=2)
        wait_until_soon_is_past(found)
        happen(found, 20)
        wait_until_soon_is_past(found)
        rows.execute(text("analyze"))  # what was known of the tables may be from when they were empty
        rows.commit()
        yield found
    database.empty(owner)


@pytest.fixture(scope="module")
def truth(world: World, owner: Engine) -> Truth:
    with owner.connect() as connection:
        return Truth(connection)


@pytest.fixture(scope="module")
def people(world: World, truth: Truth) -> list[Person]:
    return [Person(truth, user.id, world.given_in) for user in world.users]


def differences(
    worker: Worker, truth: Truth, people: list[Person], kind: str, until: int = 20
) -> tuple[int, int, list[str]]:
    """How often it was asked about a kind of record, how often the answer should be yes, and what differs."""
    checks, told, faults = 0, 0, []
    for row, case_id in pairs(truth, kind):
        about = [kind, row.id, case_id, [person.id for person in people]]
        for person, (says,) in zip(people, worker.execute(_ASK, about).fetchall(), strict=True):
            expected = is_here(person) and MAY_BE_TOLD[kind](person, row)
            checks, told = checks + 1, told + expected
            if says is not expected:
                faults.append(f"{sorted(person.roles)} {'is' if says else 'is not'} told of {kind} {row.id}")
        if len(faults) >= until:
            break
    return checks, told, faults


@pytest.mark.parametrize("kind", MAY_BE_TOLD)
def test_whether_somebody_may_still_be_told_is_what_the_requirement_says(
    worker: Worker, truth: Truth, people: list[Person], kind: str
) -> None:
    checks, told, faults = differences(worker, truth, people, kind)
    assert checks > 300, "the world is too small to prove anything"
    assert told > 10, "hardly anybody may be told anything: make the worlds richer"
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("kind", MAY_BE_TOLD)
def test_a_duty_address_is_told_what_those_who_read_it_may_know(
    server: postgres.Server, world: World, truth: Truth, kind: str
) -> None:
    """Of the hub coordinators, of any other agency practitioners; the people of a sealed case are no team."""
    asked: dict[tuple[UUID, About], bool] = {}
    for team in truth["team"]:
        reader = DutyAddress(truth, team)
        for row, case_id in pairs(truth, kind):
            asked[team.id, About(kind, row.id, case_id=case_id)] = MAY_BE_TOLD[kind](reader, row)
    engine = create_engine(server.url("portal_worker", database.NAME))
    with engine.connect() as connection:
        told = teams_that_reach(connection, asked)
    engine.dispose()
    faults = [
        f"{team_id} {'is' if (team_id, about) in told else 'is not'} told of {kind} {about.id}"
        for (team_id, about), expected in asked.items()
        if expected is not ((team_id, about) in told)
    ]
    assert told, "no team may be told anything: make the worlds richer"
    assert not faults, "\n".join(faults[:20])


KINDS = sorted({*kinds_with_a_rule(), *ON_CASE})


def test_every_record_that_a_message_leads_to_is_compared() -> None:
    leads_to = {table for table, record in registry.records().items() if record.permission}
    assert leads_to | set(MAY_BE_TOLD) <= set(KINDS)


@pytest.fixture(scope="module")
def reader(server: postgres.Server, session_app: Flask) -> Iterator[Worker]:
    """A connection of the role that serves pages."""
    address = server.url("portal_app", database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def test_whoever_is_told_of_a_record_is_whoever_reads_it(
    worker: Worker, reader: Worker, world: World, truth: Truth, people: list[Person]
) -> None:
    """The worker asks on behalf of others, whom no policy answers: `ctx.reaches` says the policies anew."""
    told: dict[str, set[tuple[UUID | None, UUID]]] = defaultdict(set)
    for kind in KINDS:
        for row, case_id in pairs(truth, kind):
            answers = worker.execute(_ASK, [kind, row.id, case_id, [who.id for who in people]]).fetchall()
            told[kind] |= {(who.id, row.id) for who, (says,) in zip(people, answers, strict=True) if says}
    faults, used = [], set()
    agencies: dict[str, set[UUID]] = defaultdict(set)
    for asker in world.askers:
        who = next((one for one in people if one.id == asker.user_id), None)
        if who is None or not is_here(who):
            continue
        reader.execute("select set_config('portal.session', %s, false)", [asker.token])
        for kind in KINDS:
            found = reader.execute(sql.SQL("select id from {}").format(sql.Identifier(kind))).fetchall()
            seen = {record_id for (record_id,) in found}
            for row, _ in pairs(truth, kind):
                is_told = (who.id, row.id) in told[kind]
                if is_told and row.id in seen and who.agency_id:
                    agencies[kind].add(who.agency_id)
                if is_told is (row.id in seen):
                    continue
                why = next((apart for apart in APART if apart.covers(who, kind, row, is_told)), None)
                used.add(why)
                if why is None:
                    says = "is told of but does not read" if is_told else "reads but is not told of"
                    faults.append(f"{sorted(who.roles)} {says} {kind} {row.id}")
    assert not faults, "\n".join(faults[:20])
    of_one_agency = {kind for kind in KINDS if len(agencies[kind]) < 2}
    assert not of_one_agency, "make the worlds richer"
    assert used == set(APART), f"nothing is apart any more by {[a.why for a in set(APART) - used]}"


@pytest.mark.parametrize("tooth", TEETH, ids=lambda tooth: tooth.name)
def test_a_rule_of_whom_to_tell_that_is_broken_is_found(
    owner: Engine, worker: Worker, truth: Truth, people: list[Person], tooth: ReachingTooth
) -> None:
    with broken(owner, tooth.tooth):
        _, _, faults = differences(worker, truth, people, tooth.kind, until=1)
    assert faults, f"nobody notices when {tooth.name} is lost: make the worlds richer"
