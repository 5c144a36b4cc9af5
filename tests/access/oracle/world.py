"""Small random worlds: every kind of person, case, form, telling and question, and what ends soon.

Everything is written by the owner, in one transaction, so that the triggers do what they do for everybody.
"""

import hashlib
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import (
    Child,
    ChildAlias,
    ChildCorrection,
    ChildIdentifier,
    ChildLink,
    ChildRecord,
    ChildStatement,
    ChildStatus,
    HeldWords,
    NameKey,
    StatementRelease,
)
from portal.records.people.model import Agency, SignInSession, Team, TeamMember, User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.vocabulary import Desk, Role, Sector

T = TypeVar("T")

SECTORS = (Sector.HUB, Sector.POLICE, Sector.SOCIAL_CARE, Sector.HEALTH, Sector.COUNCIL, Sector.EDUCATION)


#: Far enough: the same day of another year need not exist.
A_YEAR = timedelta(days=365)


@dataclass
class Asker:
    """A browser: somebody's session in some condition, or a token that nobody was given."""

    label: str
    token: str
    user_id: UUID | None  # None when the session is no good
    session_id: UUID | None = None  # the same


@dataclass
class World:
    """What was written, as far as a test needs to choose among it."""

    dice: random.Random
    rows: Session
    soon: datetime  # when what ends soon will have ended
    agencies: list[Agency] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    askers: list[Asker] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    subjects: list[ReferralSubject] = field(default_factory=list)
    matched: list[UUID] = field(default_factory=list)  # subjects that were found to be a known child
    front_doors: list[UUID] = field(default_factory=list)  # referrals to social care
    given_in: dict[UUID, UUID] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return clock.now()

    def add(self, *found: Any) -> None:
        """Write in this order: a policy or a trigger may look at the row before."""
        for row in found:
            self.rows.add(row)
            self.rows.flush()

    def any(self, found: Sequence[T]) -> T:
        return self.dice.choice(found)

    def some(self, found: Sequence[T], most: int) -> list[T]:
        return self.dice.sample(list(found), min(len(found), self.dice.randint(0, most)))

    def chance(self, of: float) -> bool:
        return self.dice.random() < of

    def end(self) -> datetime | None:
        """Never, long ago, during the test, or some day."""
        return self.any(
            (None, None, self.now - timedelta(days=2), self.soon, self.soon, self.now + timedelta(days=3))
        )

    def past(self) -> datetime:
        return self.now - timedelta(minutes=self.dice.randint(1, 5000))

    def reference(self, prefix: str) -> str:
        return f"{prefix}-{self.dice.getrandbits(60):X}"

    def agency_of(self, person: User) -> Agency:
        return next(agency for agency in self.agencies if agency.id == person.agency_id)

    def team_of(self, person: User) -> Team | None:
        own = [team for team in self.teams if team.agency_id == person.agency_id]
        return self.any(own) if own else None

    def listed(self) -> list[UUID]:
        return [agency.id for agency in self.some(self.agencies, 3)]

    @property
    def odd_ones(self) -> list[User]:
        """Those whom the design holds apart from cases, and those whose role is nothing where they are."""
        return [u for u in self.users if {"governance", "administrator", "coordinator"} & set(u.roles)]

    @property
    def coordinators(self) -> list[User]:
        return [u for u in self.users if "coordinator" in u.roles and self.agency_of(u).sector == Sector.HUB]


def make_people(world: World) -> None:
    """Agencies, teams, and people with every role: those who left, moved, hold a role where it is nothing."""
    for n, sector in enumerate((*SECTORS, Sector.HEALTH)):
        world.agencies.append(
            Agency(id=new_id(), code=f"a{n}", name=f"Agency {n}", sector=sector, districts=[], active=True)
        )
        world.agencies[-1].authority = {Sector.SOCIAL_CARE: "derby"}.get(sector)
        world.agencies[-1].districts = {Sector.COUNCIL: ["derby", "erewash"]}.get(sector, [])
    world.add(*world.agencies)
    for agency in world.agencies:
        for n in range(2):
            world.teams.append(
                Team(
                    id=new_id(),
                    agency_id=agency.id,
                    name=f"Team {n}",
                    duty_email="duty@agency.example",
                    duty_phone="01632 960000",
                    desks=[Desk.FRONT_DOOR] if agency.sector == Sector.SOCIAL_CARE and n == 0 else [],
                    active=True,
                )
            )
    world.add(*world.teams)
    for agency in world.agencies:
        own = [team for team in world.teams if team.agency_id == agency.id]
        _person(world, agency, [Role.PRACTITIONER], own[:1])
        _person(world, agency, [Role.PRACTITIONER, Role.CHAIR], own[1:])
        manager = _person(world, agency, [Role.MANAGER], world.some(own, 1))
        own[0].manager_id = manager.id
    hub, police, _, health, *_ = world.agencies
    hub_teams = [team for team in world.teams if team.agency_id == hub.id]
    for roles in ([Role.COORDINATOR], [Role.COORDINATOR], [Role.COORDINATOR, Role.PRACTITIONER]):
        _person(world, hub, roles, hub_teams[:1])
    _person(world, hub, [Role.COORDINATOR, Role.MANAGER], hub_teams[1:])
    _person(world, hub, [Role.GOVERNANCE], [])
    _person(world, hub, [Role.GOVERNANCE], hub_teams)  # a membership of a team gives governance no reach
    _person(world, hub, [Role.ADMINISTRATOR], hub_teams)
    _person(world, police, [Role.ADMINISTRATOR], [])
    _person(world, police, [Role.COORDINATOR], [t for t in world.teams if t.agency_id == police.id])
    _person(world, health, [], [t for t in world.teams if t.agency_id == health.id])
    left = _person(world, police, [Role.PRACTITIONER], [t for t in world.teams if t.agency_id == police.id])
    left.active = False
    # moved from health to the council, and still on the old team's list
    _person(world, world.agencies[4], [Role.MANAGER], [t for t in world.teams if t.agency_id in {health.id}])
    _person(world, world.any(world.agencies), [Role.PRACTITIONER], world.some(world.teams, 4))
    world.teams[3].active = False
    world.teams[2].manager_id = next(
        u.id for u in world.users if u.agency_id == police.id
    )  # without the role
    world.agencies[-1].active = False
    world.rows.flush()


def _person(world: World, agency: Agency, roles: Sequence[Role], teams: Sequence[Team]) -> User:
    n = len(world.users)
    user = User(
        id=new_id(),
        agency_id=agency.id,
        name=f"Person {n}",
        email=f"person{n}@agency.example",
        roles=[role.value for role in roles],
        active=True,
    )
    world.users.append(user)
    world.add(user, *(TeamMember(team_id=team.id, user_id=user.id) for team in teams))
    return user


def open_sessions(world: World) -> None:
    """A live session for everybody and a second one for somebody; and sessions that are over, idle, revoked,
    about to end, or made up.
    """
    someone = world.coordinators[0]
    for user in (*world.users, someone):
        token, session_id = _session(world, user)
        world.askers.append(Asker(f"{user.name} {user.roles}", token, user.id, session_id))
    dead: dict[str, dict[str, Any]] = {
        "over": {"ends_at": world.now - timedelta(seconds=1)},
        "over soon": {"ends_at": world.soon},
        "idle": {"last_seen_at": world.now - timedelta(hours=1)},
        "revoked": {"revoked_at": world.now},
    }
    for label, changes in dead.items():
        world.askers.append(Asker(label, _session(world, someone, **changes)[0], None))
    for label, token in (
        ("nobody", ""),
        ("guessed", secrets.token_urlsafe(32)),
        ("an identifier", str(someone.id)),
        ("a hash", hashlib.sha256(world.askers[0].token.encode()).hexdigest()),
    ):
        world.askers.append(Asker(label, token, None))


def _session(world: World, user: User, **changes: Any) -> tuple[str, UUID]:
    token, session_id = secrets.token_urlsafe(32), new_id()
    values: dict[str, Any] = {
        "opened_at": world.now,
        "last_seen_at": world.now,
        "idle_seconds": 1800,
        "ends_at": world.now + timedelta(hours=12),
    } | changes
    world.add(
        SignInSession(
            id=session_id,
            user_id=user.id,
            token_hash=hashlib.sha256(token.encode()).digest(),
            issuer="https://provider.example",
            device="Test",
            **values,
        )
    )
    return token, session_id


def make_children(world: World, count: int) -> None:
    """Children with everything that hangs on a child."""
    for n in range(count):
        child = Child(
            id=new_id(),
            reference=world.reference("CHD"),
            given_name=f"Quillina {n}",
            family_name="Fictional",
            dob=date(2012, 1, 1 + n),
            dob_is_estimate=False,
        )
        world.children.append(child)
        world.add(child, ChildRecord(child_id=child.id, disabilities=[]))
        world.add(
            NameKey(child_id=child.id, key=f"t:child{n}", from_alias=False),
            NameKey(child_id=child.id, key=f"t:alias{n}", from_alias=True),
            ChildIdentifier(
                id=new_id(),
                child_id=child.id,
                scheme="upn",
                value="X",
                agency_id=world.any(world.agencies).id,
            ),
            ChildAlias(
                id=new_id(), child_id=child.id, name="Al", kind="known_as", agency_id=world.agencies[0].id
            ),
            ChildStatus(id=new_id(), child_id=child.id, status="cin", agency_id=world.any(world.agencies).id),
            ChildCorrection(
                id=new_id(),
                child_id=child.id,
                part="identity",
                child_version=1,
                before={},
                after={},
                reason="Misspelt",
                proposed_by=world.any(world.users).id,
                proposed_agency_id=world.any(world.agencies).id,
            ),
        )
        for _ in range(2):
            author = world.any(world.users)
            said = new_id()
            world.add(
                ChildStatement(
                    id=said,
                    child_id=child.id,
                    agency_id=author.agency_id,
                    author_id=author.id,
                    kind="address",
                    value="1 Example Street",
                    do_not_disclose=world.chance(0.5),
                    named_agencies=world.listed(),
                ),
                HeldWords(
                    id=new_id(),
                    child_id=child.id,
                    kinds=["address"],
                    page="cases.create_entry",
                    reason="It is known",
                    said_by=author.id,
                    agency_id=author.agency_id,
                    said_at=world.now,
                ),
                StatementRelease(
                    id=new_id(),
                    statement_id=said,
                    reason="They moved",
                    released_by=author.id,
                    agency_id=author.agency_id,
                    released_at=world.now,
                ),
            )
    for _ in range(count // 3):
        a, b = world.dice.sample(world.children, 2)
        world.add(
            ChildLink(
                id=new_id(), child_a=a.id, child_b=b.id, reason="Same", linked_by=world.coordinators[0].id
            )
        )
