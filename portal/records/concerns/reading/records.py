"""Places, people and things of concern that a person may see: lists, and one by its reference.

No query says who may see what, and none counts beyond it: what is hidden is in no row and in no number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries import paging
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model.agencies import Agency, Team

Rows = Sequence[Any]  # rows named by their columns
PAGE = 50
MOST = 200


@dataclass(frozen=True)
class Cursor(paging.Cursor):
    """The last row of a page: the next page has what was recorded before it."""

    id: UUID


@dataclass(frozen=True)
class ConcernPage:
    """One page of a list. `rows` have id, reference, kind, name, description, details, risk, district,
    sensitivity, dwelling, police_status, do_not_approach, also_child, first_on, last_on, review_on, ended_at,
    created_at, owner_agency_id, owner_agency, owner_team, and how many children and other things are linked
    that the person may see.
    """

    rows: Rows
    next: Cursor | None


def find_concern(*, reference: str) -> Concern | None:
    """Something of concern that the person may see."""
    return db.session.scalar(select(Concern).where(Concern.reference == reference))


def find_concerns(*, references: Collection[str]) -> Sequence[Concern]:
    """Those of some references that the person may see."""
    return db.session.scalars(select(Concern).where(Concern.reference.in_(references))).all()


def find_readable_child(*, reference: str) -> Child | None:
    """A child whose record the person reads: only to those can they link anything."""
    return db.session.scalar(
        select(Child).join(ChildRecord, ChildRecord.child_id == Child.id).where(Child.reference == reference)
    )


def to_link(*, without: UUID) -> Rows:
    """What something can be linked to without typing a reference: the children of open cases that the person
    reads, where those are few, and what was recorded lately: kind (`child` or a kind of concern), reference,
    name.
    """
    children = (
        select(
            literal("child").label("kind"),
            Child.reference,
            func.concat_ws(" ", Child.given_name, Child.family_name).label("name"),
        )
        .join(Case, Case.child_id == Child.id)
        .join(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Case.state.in_(OPEN_CASE_STATES))
        .order_by(Child.given_name, Child.family_name, Child.id)
        .limit(PAGE + 1)
    )
    lately = (
        select(Concern.kind, Concern.reference, Concern.name)
        .where(Concern.ended_at.is_(None), Concern.id != without)
        .order_by(Concern.id.desc())
        .limit(PAGE)
    )
    few = db.session.execute(children).all()
    return [*(few if len(few) <= PAGE else ()), *db.session.execute(lately).all()]


def list_concerns(
    *,
    kinds: Collection[str] = (),
    districts: Collection[str] = (),
    owned_by: UUID | None = None,
    police_statuses: Collection[str] = (),
    unsaid: bool = False,
    ended: bool = False,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> ConcernPage:
    """What the person may see, the last recorded first.

    Args:
        kinds, districts, police_statuses: only these; without any, all.
        owned_by: only what this agency owns.
        unsaid: only those of which police have not said how they know them.
        ended: what is no longer of concern, instead of what is.
        after: the last row of the page before.
    """
    wanted = select(Concern.id).where(Concern.ended_at.is_not(None) if ended else Concern.ended_at.is_(None))
    if kinds:
        wanted = wanted.where(Concern.kind.in_(kinds))
    if districts:
        wanted = wanted.where(Concern.district.in_(districts))
    if police_statuses:
        wanted = wanted.where(Concern.police_status.in_(police_statuses))
    if unsaid:
        wanted = wanted.where(Concern.police_status.is_(None))
    if owned_by:
        wanted = wanted.where(Concern.owner_agency_id == owned_by)
    if after:
        wanted = wanted.where(Concern.id < after.id)
    page = wanted.order_by(Concern.id.desc()).limit(limit + 1).cte("page")
    rows = db.session.execute(_listed().join(page, page.c.id == Concern.id).order_by(Concern.id.desc())).all()
    if len(rows) <= limit:
        return ConcernPage(rows, None)
    return ConcernPage(rows[:limit], Cursor(rows[limit - 1].id))


def to_look_at_again(person: Principal) -> Select[Any]:
    """What a person's agency owns and has to look at again within two weeks, or had to."""
    soon = clock.today() + timedelta(days=14)
    return select(Concern.id).where(
        Concern.owner_agency_id == person.agency_id, Concern.ended_at.is_(None), Concern.review_on <= soon
    )


def without_status(_person: Principal) -> Select[Any]:
    """People of concern of whom police have not said how they know them."""
    return select(Concern.id).where(
        Concern.kind == ConcernKind.PERSON, Concern.ended_at.is_(None), Concern.police_status.is_(None)
    )


def _listed() -> Any:
    """A row of a list."""
    linked = aliased(ConcernLink)
    ends = or_(linked.concern_id == Concern.id, linked.other_id == Concern.id)

    def many(*which: Any) -> Any:
        return (
            select(func.count(func.distinct(func.coalesce(linked.child_id, linked.id))))
            .where(ends, linked.ended_at.is_(None), *which)
            .correlate(Concern)
            .scalar_subquery()
        )

    return (
        select(
            Concern.id,
            Concern.reference,
            Concern.kind,
            Concern.name,
            Concern.description,
            Concern.details,
            Concern.risk,
            Concern.district,
            Concern.sensitivity,
            Concern.dwelling,
            Concern.police_status,
            Concern.do_not_approach,
            Concern.also_child,
            Concern.first_on,
            Concern.last_on,
            Concern.review_on,
            Concern.ended_at,
            Concern.created_at,
            Concern.owner_agency_id,
            Agency.name.label("owner_agency"),
            Team.name.label("owner_team"),
            many(linked.child_id.is_not(None)).label("children"),
            many(linked.child_id.is_(None)).label("others"),
        )
        .join(Agency, Agency.id == Concern.owner_agency_id)
        .outerjoin(Team, Team.id == Concern.owner_team_id)
    )
