"""What is due: for me, for my teams, for the people I manage; the longest overdue first."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true, tuple_, union
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.deadlines.model import Deadline, is_owed
from portal.extensions import db
from portal.queries.paging import Page
from portal.queries.rows import Rows
from portal.records.cases.model import Case
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Role

PAGE = 50


class Whose(StrEnum):
    """Whose duties a list shows."""

    ALL = "all"  # mine, and what is my teams' to do
    MINE = "mine"
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


def owed(*, person: Principal, whose: Whose, after: UUID | None = None, limit: int = PAGE) -> Page[UUID]:
    """The open duties of one list, the longest overdue first.

    Args:
        after: the last duty of the page before.
    """
    rows = db.session.execute(_described(_due(person, whose, after, limit + 1)).limit(limit + 1)).all()
    return Page.cut(rows, limit, lambda row: row.id)


def open_duties(*, person: Principal, also_overdue_before: datetime | None, limit: int) -> Rows:
    """The open duties of the teams that somebody answers for, to print.

    Args:
        also_overdue_before: with it, also every duty that was due before then, whoever owes it.
    """
    whose = Whose.HUB if person.is_coordinator else Whose.PEOPLE
    found = _due(person, whose, None, limit)
    if also_overdue_before is not None:
        late = (
            select(Deadline.id, Deadline.due_at)
            .where(is_owed(), Deadline.due_at < also_overdue_before)
            .order_by(Deadline.due_at, Deadline.id)
            .limit(limit)
        )
        found = union(select(found.subquery()), select(late.subquery()))
    return db.session.execute(_described(found).limit(limit)).all()


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


def _due(person: Principal, whose: Whose, after: UUID | None, limit: int) -> Any:
    """The first duties of each owner by the index of that owner, and each of them once."""
    if whose in {Whose.PEOPLE, Whose.HUB}:
        parts = _of_agency(person.agency_id, after, limit)
    else:
        parts = [first(owner, after, limit) for owner in _owners(person, whose)]
    return union(*[select(part.subquery()) for part in parts])


def first(owner: ColumnElement[bool], after: UUID | None, limit: int) -> Select[Any]:
    """The first open duties of one owner: id, due_at."""
    columns: list[Any] = [Deadline.id, Deadline.due_at]
    listed = select(*columns).where(is_owed(), owner)
    if after is not None:
        last = aliased(Deadline)
        due = select(last.due_at).where(last.id == after).scalar_subquery()
        listed = listed.where(tuple_(Deadline.due_at, Deadline.id) > tuple_(due, after))
    return listed.order_by(Deadline.due_at, Deadline.id).limit(limit)


def _owners(person: Principal, whose: Whose) -> list[ColumnElement[bool]]:
    mine = Deadline.owner_id == person.user_id
    teams = [Deadline.owner_team_id == team for team in _teams(person)]
    nobodys = and_(Deadline.owner_agency_id == person.agency_id, Deadline.owner_id.is_(None))
    match whose:
        case Whose.MINE:
            return [mine]
        case Whose.TEAM:
            return teams or [mine]
        case _:
            return [mine, *teams, *([nobodys] if person.has(Role.MANAGER) or person.is_coordinator else [])]


def _of_agency(agency_id: UUID, after: UUID | None, limit: int) -> list[Select[Any]]:
    """The first of each person and team of an agency, one after the other, and of the agency itself."""
    return [
        _of_each(User, Deadline.owner_id, agency_id, after, limit),
        _of_each(Team, Deadline.owner_team_id, agency_id, after, limit),
        first(Deadline.owner_agency_id == agency_id, after, limit),
    ]


def _of_each(
    owner: type[User] | type[Team], column: Any, agency_id: UUID, after: UUID | None, limit: int
) -> Select[Any]:
    theirs = first(column == owner.id, after, limit).correlate(owner).lateral()
    return (
        select(theirs.c.id, theirs.c.due_at)
        .select_from(owner)
        .join(theirs, true())
        .where(owner.agency_id == agency_id)
        .order_by(theirs.c.due_at, theirs.c.id)
        .limit(limit)
    )


def _described(found: Any) -> Select[Any]:
    duties = found.subquery()
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
        func.coalesce(User.name, Team.name, Agency.name).label("owner"),
        func.coalesce(func.nullif(User.phone, ""), Team.duty_phone, "").label("phone"),
    ]
    return (
        select(*columns)
        .join(duties, duties.c.id == Deadline.id)
        .outerjoin(Case, Case.id == Deadline.case_id)
        .outerjoin(User, User.id == Deadline.owner_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .outerjoin(Agency, Agency.id == Deadline.owner_agency_id)
        .order_by(Deadline.due_at, Deadline.id)
    )


def _teams(person: Principal) -> list[UUID]:
    teams = person.team_ids if person.is_coordinator else person.team_ids & person.readers
    return sorted(teams)
