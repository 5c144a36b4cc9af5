"""The people whose access somebody looks after, and where they are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, text
from sqlalchemy.orm import aliased

from portal import clock
from portal.extensions import db
from portal.queries.rows import filled
from portal.records.people.model import (
    Agency,
    IdentityProvider,
    RoleChange,
    StaffInvite,
    Team,
    TeamMember,
    User,
    UserIdentity,
)
from portal.vocabulary import Role

#: Lines on one page; a longer list asks for a name.
MOST = 100


class PersonLine(NamedTuple):
    """One line of a list of people."""

    id: UUID
    name: str
    job_title: str
    agency_name: str
    roles: list[str]
    active: bool
    has_account: bool

    @property
    def role_labels(self) -> list[str]:
        """The roles as people read them."""
        return labels(self.roles)

    @property
    def standing(self) -> str:
        """Whether the person can sign in: ``on``, ``invited`` or ``off``."""
        if not self.active:
            return "off"
        return "on" if self.has_account else "invited"


class Account(NamedTuple):
    """Where a person signs in."""

    provider: str
    subject: str
    since: datetime


class Waiting(NamedTuple):
    """A change of roles that a second administrator has to confirm."""

    id: UUID
    user_id: UUID
    name: str
    agency_name: str
    before: list[str]
    after: list[str]
    asked_by: UUID | None
    asked_by_name: str | None
    asked_at: datetime

    @property
    def before_labels(self) -> list[str]:
        """What the person may do now."""
        return labels(self.before)

    @property
    def after_labels(self) -> list[str]:
        """What the person will be allowed to do."""
        return labels(self.after)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Everything that is kept about somebody's access."""

    id: UUID
    name: str
    email: str
    job_title: str
    phone: str
    roles: tuple[str, ...]
    active: bool
    left_at: datetime | None
    version: int
    agency_id: UUID
    agency_name: str
    agency_sector: str
    team_ids: tuple[UUID, ...]
    teams: tuple[str, ...]
    accounts: tuple[Account, ...]
    invited_until: datetime | None
    waiting: Waiting | None

    @property
    def role_labels(self) -> list[str]:
        """The roles as people read them."""
        return labels(self.roles)

    def as_typed(self) -> dict[str, object]:
        """What the form to change their details starts with."""
        return {
            "name": self.name,
            "email": self.email,
            "job_title": self.job_title,
            "phone": self.phone,
            "team_ids": [str(team_id) for team_id in self.team_ids],
            "version": str(self.version),
        }


def labels(roles: Sequence[str]) -> list[str]:
    """Roles as people read them, in the order of the vocabulary."""
    return [role.label for role in Role if role in roles]


def find(*, within: UUID | None, text: str) -> list[PersonLine]:
    """People by name or e-mail address, at most :data:`MOST`.

    ``within`` is the agency of a manager, who sees their own people only; None for an administrator.
    """
    statement = (
        select(
            User.id,
            User.name,
            User.job_title,
            Agency.name,
            User.roles,
            User.active,
            exists().where(UserIdentity.user_id == User.id),
        )
        .join(Agency, Agency.id == User.agency_id)
        .where(*_wanted(within, text))
        .order_by(User.active.desc(), User.name)
        .limit(MOST)
    )
    return [PersonLine(*row) for row in db.session.execute(statement)]


def _wanted(within: UUID | None, text: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [User.agency_id == within] if within is not None else []
    for word in text.split():
        part = f"%{word.replace('%', '').replace('_', '')}%"
        wanted.append(or_(User.name.ilike(part), User.email.ilike(part)))
    return wanted


def person(user_id: UUID, *, within: UUID | None) -> Person | None:
    """A person whose access is looked after; None for nobody, and for people of another agency."""
    user = db.session.get(User, user_id)
    if user is None or (within is not None and user.agency_id != within):
        return None
    agency = db.session.get_one(Agency, user.agency_id)
    teams = db.session.execute(
        select(Team.id, Team.name)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == user_id)
        .order_by(Team.name)
    ).all()
    return filled(
        Person,
        user,
        roles=tuple(user.roles),
        agency_id=agency.id,
        agency_name=agency.name,
        agency_sector=agency.sector,
        team_ids=tuple(team.id for team in teams),
        teams=tuple(team.name for team in teams),
        accounts=_accounts(user_id),
        invited_until=_invited_until(user_id),
        waiting=next(iter(waiting(user_id=user_id)), None),
    )


def waiting(*, user_id: UUID | None = None) -> list[Waiting]:
    """Changes of roles that wait for a second administrator, the oldest first."""
    asker = aliased(User)
    statement = (
        select(
            RoleChange.id,
            RoleChange.user_id,
            User.name,
            Agency.name,
            RoleChange.roles_before,
            RoleChange.roles_after,
            RoleChange.asked_by,
            asker.name,
            RoleChange.asked_at,
        )
        .join(User, User.id == RoleChange.user_id)
        .join(Agency, Agency.id == User.agency_id)
        .outerjoin(asker, asker.id == RoleChange.asked_by)
        .where(RoleChange.confirmed_at.is_(None), RoleChange.refused_at.is_(None))
        .order_by(RoleChange.asked_at)
    )
    if user_id is not None:
        statement = statement.where(RoleChange.user_id == user_id)
    return [Waiting(*row) for row in db.session.execute(statement)]


def _accounts(user_id: UUID) -> tuple[Account, ...]:
    statement = (
        select(
            func.coalesce(IdentityProvider.name, UserIdentity.issuer),
            UserIdentity.subject,
            UserIdentity.created_at,
        )
        .outerjoin(IdentityProvider, IdentityProvider.issuer == UserIdentity.issuer)
        .where(UserIdentity.user_id == user_id)
        .order_by(UserIdentity.created_at)
    )
    return tuple(Account(*row) for row in db.session.execute(statement))


def _invited_until(user_id: UUID) -> datetime | None:
    return db.session.scalar(
        select(func.max(StaffInvite.expires_at)).where(
            StaffInvite.user_id == user_id,
            StaffInvite.accepted_at.is_(None),
            StaffInvite.withdrawn_at.is_(None),
            StaffInvite.expires_at > clock.now(),
        )
    )


_MINE = text("select id, device, opened_at, last_seen_at, current from ctx.my_sessions()")
_THEIRS = text("select device, opened_at, last_seen_at from ctx.sessions_of(:user_id)")


class OwnSession(NamedTuple):
    """One browser in which the person who asks is signed in."""

    id: UUID
    device: str
    opened_at: datetime
    last_seen_at: datetime
    current: bool


class SessionOf(NamedTuple):
    """One browser in which somebody else is signed in."""

    device: str
    opened_at: datetime
    last_seen_at: datetime


def mine() -> Sequence[OwnSession]:
    """The sessions of whoever is asking, the one used last first."""
    return [OwnSession(*row) for row in db.session.execute(_MINE)]


def of(user_id: UUID) -> Sequence[SessionOf]:
    """The sessions of a person whose access one looks after; none of anybody else."""
    return [SessionOf(*row) for row in db.session.execute(_THEIRS, {"user_id": user_id})]
