"""What is due: for me, for my teams, for the people I manage; the longest overdue first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true, tuple_, union
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline, is_owed, is_owned_for
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import Absence, AbsenceCover
from portal.queries.declared import Column, Filter, Listing, Sort, When, by_when, labels, one_of
from portal.queries.gathered import Gathered
from portal.queries.paging import Page
from portal.queries.rows import Rows, still
from portal.records.cases.model import Case
from portal.records.cases.reading.falling import LEVEL_RANK
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import RiskLevel, Role
from portal.web.filters import due

PAGE = 50


class Whose(StrEnum):
    """Whose duties a list shows."""

    ALL = "all"  # mine, and what is my teams' to do
    MINE = "mine"  # and what I cover for colleagues who are away
    TEAM = "team"
    PEOPLE = "people"  # of every person and team of the agency that I manage
    HUB = "hub"


@dataclass(frozen=True)
class List:
    """One list that somebody may choose."""

    whose: Whose
    name: str


def lists(person: Principal) -> list[List]:
    """The lists that somebody may choose among, the one that work starts from first."""
    found = [List(Whose.ALL, "Mine and my team’s"), List(Whose.MINE, "Mine")]
    if person.team_ids & person.readers:
        found.append(List(Whose.TEAM, "My team’s"))
    if person.is_coordinator:
        found.append(List(Whose.HUB, "The hub’s"))
    elif person.has(Role.MANAGER):
        found.append(List(Whose.PEOPLE, "Everybody’s in my agency"))
    return found


def owed(*, person: Principal, whose: Whose, limit: int = PAGE) -> Page[UUID]:
    """The first of the open duties of one list, the longest overdue first."""
    found = _described(person, _due(person, whose, (), limit + 1).subquery())
    rows = db.session.execute(found.order_by(*_ORDER).limit(limit + 1)).all()
    return Page.cut(rows, limit, lambda row: row.id)


DUTIES = Listing(
    name="duties",
    noun=("duty", "duties"),
    key=Deadline.id,
    columns=(
        Column("What", lambda duty: duty.what, sort="what"),
        Column("About", lambda duty: ", ".join(filter(None, (duty.names, duty.reference)))),
        Column("Level", lambda duty: RiskLevel(duty.level).label if duty.level else "", sort="level"),
        Column("Due", lambda duty: due(duty.due_at), sort="due"),
        Column("Who", lambda duty: ", ".join(filter(None, (duty.owner, duty.away)))),
    ),
    sorts=(
        Sort("due", "The longest overdue first", "What is due last first", by=(Deadline.due_at,)),
        Sort(
            "level",
            "The highest level first, then the longest overdue",
            "The lowest level first, then what is due last",
            by=(LEVEL_RANK, Deadline.due_at),
        ),
        Sort(
            "what",
            "By what it is, then the longest overdue first",
            "By what it is the other way round, then what is due last",
            by=(Deadline.kind, Deadline.due_at),
        ),
    ),
    filters=(
        by_when("When", Deadline.due_at, When.OVERDUE, When.TODAY, When.WEEK),
        Filter("kind", "What", labels(DeadlineKind), one_of(Deadline.kind)),
        Filter("level", "Level of the case", labels(RiskLevel), one_of(Case.level)),
    ),
)


def duties(person: Principal, whose: Whose) -> Gathered:
    """The open duties of one list."""
    return Gathered(partial(_due, person, whose), partial(_described, person))


def open_duties(*, person: Principal, also_overdue_before: datetime | None, limit: int) -> Rows:
    """The open duties of the teams that somebody answers for, to print.

    Args:
        also_overdue_before: with it, also every duty that was due before then, whoever owes it.
    """
    whose = Whose.HUB if person.is_coordinator else Whose.PEOPLE
    found: Any = _due(person, whose, (), limit)
    if also_overdue_before is not None:
        late = (
            select(*_ORDER)
            .where(is_owed(), Deadline.due_at < also_overdue_before)
            .order_by(Deadline.due_at, Deadline.id)
            .limit(limit)
        )
        found = union(select(found.subquery()), select(late.subquery()))
    return db.session.execute(_described(person, found.subquery()).order_by(*_ORDER).limit(limit)).all()


def duty_contacts() -> Rows:
    """Whom to ring: the duty phone and address of every team of every agency."""
    manager = aliased(User)
    return db.session.execute(
        select(
            Agency.name.label("agency"),
            Team.name.label("team"),
            Team.duty_phone,
            Team.duty_email,
            manager.name.label("manager"),
            manager.phone.label("manager_phone"),
        )
        .join(Agency, Agency.id == Team.agency_id)
        .outerjoin(manager, manager.id == Team.manager_id)
        .where(Team.active, Agency.active)
        .order_by(Agency.name, Team.name, Team.id)
    ).all()


#: By what duties are sorted, unless somebody asks for another order.
_ORDER: tuple[Any, Any] = (Deadline.due_at, Deadline.id)


def _due(person: Principal, whose: Whose, after: Sequence[Any], limit: int) -> Any:
    """The first duties of each owner by the index of that owner, and each of them once."""
    if whose in {Whose.PEOPLE, Whose.HUB}:
        parts = _of_agency(person.agency_id, after, limit)
    else:
        parts = [first(owner, after, limit) for owner in _owners(person, whose)]
    return union(*[select(part.subquery()) for part in parts])


def first(owner: ColumnElement[bool], after: Sequence[Any], limit: int) -> Select[Any]:
    """The first open duties of one owner, after a place in their order: due_at, id."""
    listed = select(*_ORDER).where(is_owed(), owner)
    if after:
        listed = listed.where(tuple_(*_ORDER) > tuple_(*after))
    return listed.order_by(*_ORDER).limit(limit)


def _owners(person: Principal, whose: Whose) -> list[ColumnElement[bool]]:
    mine = and_(Deadline.owner_id == person.user_id, is_owned_for(person.agency_id))
    covered = tuple_(Deadline.owner_id, Deadline.case_id).in_(
        _covers(person, Absence.user_id, AbsenceCover.case_id)
    )
    teams = [Deadline.owner_team_id == team for team in _teams(person)]
    nobodys = and_(Deadline.owner_agency_id == person.agency_id, Deadline.owner_id.is_(None))
    match whose:
        case Whose.MINE:
            return [mine, covered]
        case Whose.TEAM:
            return teams or [mine]
        case _:
            return [
                mine,
                covered,
                *teams,
                *([nobodys] if person.has(Role.MANAGER) or person.is_coordinator else []),
            ]


def _covers(person: Principal, *columns: Any) -> Select[Any]:
    """Columns of each case that somebody covers today for a colleague who is away."""
    today = clock.today()
    return (
        select(*columns)
        .select_from(AbsenceCover)
        .join(Absence, Absence.id == AbsenceCover.absence_id)
        .where(
            AbsenceCover.deputy_id == person.user_id,
            Absence.ended_at.is_(None),
            Absence.first_day <= today,
            Absence.last_day >= today,
        )
    )


def _of_agency(agency_id: UUID, after: Sequence[Any], limit: int) -> list[Select[Any]]:
    """The first of each person and team of an agency, one after the other, and of the agency itself; with
    what people owned for it who work for another now.
    """
    return [
        _of_each(User, Deadline.owner_id, agency_id, after, limit),
        _of_each(Team, Deadline.owner_team_id, agency_id, after, limit),
        first(Deadline.owner_agency_id == agency_id, after, limit),
        first(Deadline.owned_for_id == agency_id, after, limit),
    ]


def _of_each(
    owner: type[User] | type[Team], column: Any, agency_id: UUID, after: Sequence[Any], limit: int
) -> Select[Any]:
    theirs = first(and_(column == owner.id, is_owned_for(agency_id)), after, limit).correlate(owner).lateral()
    return (
        select(theirs.c.due_at, theirs.c.id)
        .select_from(owner)
        .join(theirs, true())
        .where(owner.agency_id == agency_id)
        .order_by(theirs.c.due_at, theirs.c.id)
        .limit(limit)
    )


def _described(person: Principal, duties: Any) -> Select[Any]:
    """Duties with who owes them; of one that the person does for a colleague, until when that one is away."""
    away = _covers(person, func.max(Absence.last_day)).where(
        Absence.user_id == Deadline.owner_id, AbsenceCover.case_id == Deadline.case_id
    )
    columns: list[Any] = [
        Deadline.id,
        Deadline.kind,
        Deadline.due_at,
        Deadline.original_due_at,
        Deadline.subject_kind,
        Deadline.subject_id,
        Deadline.case_id,
        Deadline.owner_id,
        Deadline.confirmed,
        Deadline.source,
        Case.level,
        Case.sensitivity.label("held"),
        func.coalesce(still(User), Team.name, Agency.name).label("owner"),
        func.coalesce(case((User.active, func.nullif(User.phone, ""))), Team.duty_phone, "").label("phone"),
        away.correlate(Deadline).scalar_subquery().label("away_until"),
    ]
    return (
        select(*columns)
        .join(duties, duties.c.id == Deadline.id)
        .outerjoin(Case, Case.id == Deadline.case_id)
        .outerjoin(User, User.id == Deadline.owner_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .outerjoin(Agency, Agency.id == Deadline.owner_agency_id)
    )


def _teams(person: Principal) -> list[UUID]:
    teams = person.team_ids if person.is_coordinator else person.team_ids & person.readers
    return sorted(teams)
