"""People, teams and cases, and what they are told: reminders of deadlines, and messages of transactions."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.messages.vocabulary import MessageChannel
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.reminders.writing import About, Outgoing, Receiver, write
from portal.vocabulary import Role, Sector
from tests.chaos.mail import GONE
from tests.database import owner_session
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import make_agency, make_team, make_user

SECTORS = (Sector.SOCIAL_CARE, Sector.POLICE, Sector.HEALTH, Sector.COUNCIL)
PEOPLE = 9  # in each agency, beside its manager
CASES = 4
HALF_TIME = timedelta(
    hours=2
)  # policy: the rung `half_time` of the ladder `triage_red`, which tells the owner
LATEST = 5.0  # seconds until a deadline that is written now has to be brought to mind
TOGETHER = 5  # things that are owed by one transaction, at most
UNDONE = 0.1  # of the transactions are rolled back
DATABASE_SECONDS = 90  # that the database may be away for


@dataclass(frozen=True)
class World:
    """Whom to tell, and about what."""

    people: Sequence[User]
    receivers: Sequence[Receiver]  # the same people, and the teams
    cases: Sequence[Case]


@dataclass
class Ledger:
    """What is owed by now, written down beside the database and not in it."""

    owed: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    last: datetime = field(default_factory=clock.now)  # when the last of it is owed


def make_world(engine: Engine) -> World:
    """Agencies that work on the same cases. One person and one team of the second have no mailbox."""
    with owner_session(engine) as rows:
        hub = make_agency(rows, "Hub", Sector.HUB)
        coordinator = make_user(
            rows, hub, "Cora Coordinator", Role.COORDINATOR, teams=(make_team(rows, hub),)
        )
        agencies = [make_agency(rows, one.value.replace("_", " "), one) for one in SECTORS]
        teams = [make_team(rows, agency) for agency in agencies]
        people: list[User] = []
        for agency, team in zip(agencies, teams, strict=True):
            team.manager_id = make_user(rows, agency, "Mina Manager", Role.MANAGER, teams=(team,)).id
            people += [make_user(rows, agency, f"Person {n}", teams=(team,)) for n in range(PEOPLE)]
        people[PEOPLE].email = GONE + people[PEOPLE].email
        teams[1].duty_email = GONE + teams[1].duty_email
        cases = [
            make_case(rows, make_child(rows), lead=agencies[0], opened_by=coordinator) for _ in range(CASES)
        ]
        for case in cases:
            for team in teams:
                involve(rows, case, team, by=coordinator)
        receivers = [Receiver(one.agency_id, user_id=one.id) for one in people]
        receivers += [Receiver(team.agency_id, team_id=team.id) for team in teams]
        return World(people, receivers, cases)


def happen(engine: Engine, world: World, ledger: Ledger, chance: random.Random, *, count: int) -> None:
    """Let things happen of which `count` people are told, in transactions, some of which are rolled back."""
    while count > 0:
        size = min(count, chance.randint(1, TOGETHER))
        things = [chance.choice((_reminder, _message))(world, chance) for _ in range(size)]
        undone = chance.random() < UNDONE
        _in_a_transaction(engine, [thing.write for thing in things], undone=undone)
        if undone:
            ledger.undone += [thing.key for thing in things]
        else:
            ledger.owed += [thing.key for thing in things]
            ledger.last = max(ledger.last, *(thing.at for thing in things))
            count -= size


@dataclass(frozen=True)
class _Thing:
    """Something that somebody has to be told: its key, from when on, and how it comes to be owed."""

    key: str
    at: datetime
    write: Callable[[Session], Any]


def _reminder(world: World, chance: random.Random) -> _Thing:
    """A deadline whose owner has to be reminded in some seconds. The worker finds out by itself."""
    now, case, owner = clock.now(), chance.choice(world.cases), chance.choice(world.people)
    at = now + timedelta(seconds=chance.uniform(0, LATEST))
    number, due = new_id(), at + HALF_TIME
    row = {
        "id": number,
        "kind": DeadlineKind.ASSESSMENT,
        "subject_kind": "cre_case",
        "subject_id": case.id,
        "case_id": case.id,
        "owner_id": owner.id,
        "started_at": now,
        "due_at": due,
        "original_due_at": due,
        "state": DeadlineState.OPEN,
        "source": "clocks.triage_red",
        "confirmed": False,
        "policy_version": "test",
    }
    key = f"due_urgent:{number}:{due.astimezone(UTC).isoformat()}:half_time:{owner.id}"
    return _Thing(key, at, lambda rows: rows.execute(insert(Deadline).values(row).on_conflict_do_nothing()))


def _message(world: World, chance: random.Random) -> _Thing:
    """A message that is owed because something happened in the same transaction."""
    now, case = clock.now(), chance.choice(world.cases)
    to = chance.choice(world.receivers)
    message = Outgoing(
        key=f"shared:cre_case:{case.id}:{new_id()}:{to.id}",
        kind="shared",
        about=About("cre_case", case.id, reference=case.reference, case_id=case.id),
        to=to,
        channel=MessageChannel.MAIL,
        urgent=False,
        created_at=now,
        goes_out=now,
    )
    return _Thing(message.key, now, lambda rows: write(rows.connection(), [message]))


def _in_a_transaction(engine: Engine, writes: Sequence[Callable[[Session], Any]], *, undone: bool) -> None:
    """Until it is there, also when nobody can say whether it was: each write is the same the second time."""
    ends = time.monotonic() + DATABASE_SECONDS
    while True:
        try:
            with owner_session(engine) as rows:
                for one in writes:
                    one(rows)
                return rows.rollback() if undone else rows.commit()
        except DBAPIError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)
