"""Who is away and when, and who covers which of their cases."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Text, Uuid, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.messages.model import Absence, AbsenceCover
from portal.pathway.calendar import at_local
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.rows import MARKED, Rows, name_of
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import Child
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector, Sensitivity

MOST = 200
#: How long an absence that is over stays on the list, and how many at most.
ENDED_FOR, ENDED_AT_MOST = timedelta(days=90), 50


@dataclass(frozen=True)
class PersonFound:
    """An absence and whose it is."""

    absence: Absence
    person: User


def of_agency(*, limit: int = MOST) -> Rows:
    """Who of one's agency is away today or will be, the earliest first; one's own are among them."""
    return db.session.execute(
        select(Absence.id, Absence.user_id, Absence.first_day, Absence.last_day, User.name)
        .join(User, User.id == Absence.user_id)
        .where(Absence.ended_at.is_(None), Absence.last_day >= clock.today())
        .order_by(Absence.first_day, User.name, Absence.id)
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Over:
    """An absence that is over, and how it came to its end."""

    user_id: UUID
    name: str
    first_day: date
    last_day: date
    ended_on: date | None  # where somebody ended or cancelled it before its last day was over


def ended_of_agency() -> list[Over]:
    """The absences of one's agency that were over within the last 90 days, the last to end first."""
    today = clock.today()
    ended_on = cast(func.timezone("Europe/London", Absence.ended_at), Date)
    over = func.least(Absence.last_day, ended_on)
    rows = db.session.execute(
        select(Absence.user_id, User.name, Absence.first_day, Absence.last_day, ended_on)
        .join(User, User.id == Absence.user_id)
        .where(
            or_(Absence.ended_at.is_not(None), Absence.last_day < today),
            or_(Absence.ended_at >= at_local(today - ENDED_FOR, time()), Absence.ended_at.is_(None)),
            or_(Absence.last_day >= today - ENDED_FOR, Absence.ended_at.is_not(None)),
        )
        .order_by(over.desc(), User.name, Absence.id)
        .limit(ENDED_AT_MOST)
    )
    return [Over(*row) for row in rows]


def teams_of(*, person: User) -> Sequence[str]:
    """The names of the teams that somebody is in, whose duty addresses get what nobody covers."""
    return db.session.scalars(
        select(Team.name)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == person.id, Team.active, Team.agency_id == person.agency_id)
        .order_by(Team.name)
    ).all()


def find_absence(*, absence_id: UUID) -> PersonFound | None:
    """An absence in one's agency that is not over."""
    row = db.session.execute(
        select(Absence, User)
        .join(User, User.id == Absence.user_id)
        .where(Absence.id == absence_id, Absence.ended_at.is_(None), Absence.last_day >= clock.today())
    ).one_or_none()
    return PersonFound(row.Absence, row.User) if row else None


def next_of(*, user_id: UUID) -> UUID | None:
    """The absence of somebody in one's agency that runs or comes next."""
    return db.session.scalar(
        select(Absence.id)
        .where(Absence.user_id == user_id, Absence.ended_at.is_(None), Absence.last_day >= clock.today())
        .order_by(Absence.first_day)
        .limit(1)
    )


def covers(*, absence_id: UUID) -> Rows:
    """The cases that somebody was to cover, as far as one sees them, each with its deputy, and whether they
    do: whoever does not read it any more does not.
    """
    return db.session.execute(
        select(
            Case.id,
            Case.reference,
            *MARKED,
            name_of(AbsenceCover.deputy_id, "deputy"),
            func.ctx.may_cover(AbsenceCover.case_id, AbsenceCover.deputy_id).label("holds"),
        )
        .select_from(AbsenceCover)
        .join(Case, Case.id == AbsenceCover.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(AbsenceCover.absence_id == absence_id)
        .order_by(Child.family_name, Child.given_name, Case.id)
    ).all()


def covered_by(*, person: Principal, limit: int = MOST) -> Rows:
    """What somebody covers for others, now or later, as far as they see the cases; the earliest first."""
    return db.session.execute(
        select(
            User.name,
            Absence.first_day,
            Absence.last_day,
            Case.reference,
            *MARKED,
        )
        .select_from(AbsenceCover)
        .join(Absence, Absence.id == AbsenceCover.absence_id)
        .join(User, User.id == Absence.user_id)
        .join(Case, Case.id == AbsenceCover.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(
            AbsenceCover.deputy_id == person.user_id,
            Absence.ended_at.is_(None),
            Absence.last_day >= clock.today(),
        )
        .order_by(Absence.first_day, User.name, Case.reference)
        .limit(limit)
    ).all()


def covered_within(*, absence: Absence, limit: int = MOST) -> Rows:
    """The cases of colleagues that somebody was to cover on days on which they are away themselves, as far
    as one sees them, with whose they are.
    """
    other = aliased(Absence)
    return db.session.execute(
        select(Case.id, Case.reference, User.name, *MARKED)
        .select_from(AbsenceCover)
        .join(other, other.id == AbsenceCover.absence_id)
        .join(User, User.id == other.user_id)
        .join(Case, Case.id == AbsenceCover.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(
            AbsenceCover.deputy_id == absence.user_id,
            other.ended_at.is_(None),
            other.last_day >= clock.today(),
            other.first_day <= absence.last_day,
            other.last_day >= absence.first_day,
        )
        .order_by(User.name, Child.family_name, Child.given_name, Case.id)
        .limit(limit)
    ).all()


def cases_of(*, person: User, limit: int = MOST) -> Rows:
    """The open cases that somebody leads, works on or has something to do on; as far as one sees them."""
    works_on = select(Involvement.case_id).filter_by(worker_id=person.id, ended_at=None)
    owes_on = select(Deadline.case_id).where(
        Deadline.owner_id == person.id, Deadline.state == DeadlineState.OPEN, Deadline.case_id.is_not(None)
    )
    mine = or_(Case.lead_professional_id == person.id, Case.id.in_(works_on), Case.id.in_(owes_on))
    return db.session.execute(
        select(Case.id, Case.reference, *MARKED)
        .join(Child, Child.id == Case.child_id)
        .where(mine, Case.state.in_(OPEN_CASE_STATES))
        .order_by(Child.family_name, Child.given_name, Case.id)
        .limit(limit)
    ).all()


def known_alone(*, person: User, absence: Absence, limit: int = MOST) -> Rows:
    """The open sealed cases on which somebody who is away is the only coordinator who is named and there, as
    far as one sees them: what has to be known of the child in the hub waits for them.
    """
    alone, other = aliased(User), aliased(User)
    there = exists().where(
        AccessGrant.case_id == Case.id,
        AccessGrant.user_id == other.id,
        other.id != person.id,
        *_names_a_coordinator(other),
        ~exists().where(
            Absence.user_id == other.id,
            Absence.ended_at.is_(None),
            Absence.first_day <= absence.last_day,
            Absence.last_day >= absence.first_day,
        ),
    )
    named = exists().where(
        AccessGrant.case_id == Case.id,
        AccessGrant.user_id == alone.id,
        alone.id == person.id,
        *_names_a_coordinator(alone),
    )
    return db.session.execute(
        select(Case.id, Case.reference, *MARKED)
        .join(Child, Child.id == Case.child_id)
        .where(Case.sensitivity == Sensitivity.SEALED, Case.state.in_(OPEN_CASE_STATES), named, ~there)
        .order_by(Child.family_name, Child.given_name, Case.id)
        .limit(limit)
    ).all()


def _names_a_coordinator(who: type[User]) -> tuple[ColumnElement[bool], ...]:
    """That a person on whose name a grant is may see to what the hub has to know of the case now."""
    now = clock.now()
    return (
        who.active.is_(True),
        who.roles.op("&&")(cast([Role.COORDINATOR.value], ARRAY(Text))),
        exists().where(Agency.id == who.agency_id, Agency.sector == Sector.HUB),
        AccessGrant.starts_at <= now,
        or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
    )


def find_case(*, case_id: UUID) -> Case | None:
    """A case that one sees."""
    return db.session.scalar(select(Case).where(Case.id == case_id))


@dataclass(frozen=True)
class Deputy:
    """A colleague who can cover cases of somebody.

    Attributes:
        reads: how many of the cases that nobody covers.
        away_from, away_until: the first days within the absence on which they are away themselves.
    """

    person: User
    reads: int
    away_from: date | None
    away_until: date | None


def deputies(*, person: Principal, absence: Absence, cases: Collection[UUID]) -> Sequence[Deputy]:
    """The colleagues of whoever is away who read at least one of these cases, those who read most first."""
    if not cases:
        return ()
    one = func.unnest(cast(list(cases), ARRAY(Uuid))).table_valued("id").render_derived()
    reads = (
        select(func.count()).select_from(one).where(func.ctx.may_cover(one.c.id, User.id)).scalar_subquery()
    )
    first = (
        select(Absence.id)
        .where(
            Absence.user_id == User.id,
            Absence.ended_at.is_(None),
            Absence.first_day <= absence.last_day,
            Absence.last_day >= absence.first_day,
        )
        .order_by(Absence.first_day)
        .limit(1)
        .scalar_subquery()
    )
    able = (
        select(User, reads.label("reads"), first.label("away"))
        .where(User.id != absence.user_id, *_colleagues(person, User))
        .subquery()
    )
    found = aliased(User, able)
    rows = db.session.execute(
        select(found, able.c.reads, Absence.first_day, Absence.last_day)
        .outerjoin(Absence, Absence.id == able.c.away)
        .where(able.c.reads > 0)
        .order_by(able.c.reads.desc(), able.c.name, able.c.id)
    )
    return [Deputy(*row) for row in rows]


def colleagues(*, person: Principal) -> Sequence[User]:
    """The people of one's agency who see cases, by name."""
    colleague = aliased(User)
    return db.session.scalars(
        select(colleague).where(*_colleagues(person, colleague)).order_by(colleague.name, colleague.id)
    ).all()


def _colleagues(person: Principal, colleague: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        colleague.agency_id == person.agency_id,
        colleague.active,
        colleague.roles.op("&&")(cast([role.value for role in ROLES_THAT_SEE_CASES], ARRAY(Text))),
    )
