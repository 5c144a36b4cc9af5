"""Places, people and things of concern that a person may see: lists, and the page of one.

No query says who may see what, and none counts beyond it: what is hidden is in no row and in no number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import any_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.models import (
    Agency,
    Child,
    ChildRecord,
    Concern,
    ConcernChange,
    ConcernLink,
    ConcernNote,
    ConcernRelease,
    Team,
    User,
)

Rows = Sequence[Any]  # rows named by their columns
PAGE = 50
MOST = 200


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: the next page has what was recorded before it."""

    id: UUID

    def __str__(self) -> str:
        return self.id.hex

    @classmethod
    def read(cls, typed: str | None) -> Self | None:
        """The cursor of an address; none when there is none or it makes no sense."""
        try:
            return cls(UUID(typed)) if typed else None
        except ValueError:
            return None


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


def list_concerns(
    *,
    kinds: Collection[str] = (),
    districts: Collection[str] = (),
    owned_by: UUID | None = None,
    police_statuses: Collection[str] = (),
    ended: bool = False,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> ConcernPage:
    """What the person may see, the last recorded first.

    Args:
        kinds, districts, police_statuses: only these; without any, all.
        owned_by: only what this agency owns.
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
    if owned_by:
        wanted = wanted.where(Concern.owner_agency_id == owned_by)
    if after:
        wanted = wanted.where(Concern.id < after.id)
    page = wanted.order_by(Concern.id.desc()).limit(limit + 1).cte("page")
    rows = db.session.execute(_listed().join(page, page.c.id == Concern.id).order_by(Concern.id.desc())).all()
    if len(rows) <= limit:
        return ConcernPage(rows, None)
    return ConcernPage(rows[:limit], Cursor(rows[limit - 1].id))


def page_of(*, concern: Concern) -> Any:
    """Who owns something, who recorded it and how police know it, by name; and to whom it is released."""
    to, by = aliased(Agency), aliased(User)
    one = func.json_build_object(
        *("id", ConcernRelease.id, "agency", to.name, "reason", ConcernRelease.reason, "by", by.name),
        *("at", ConcernRelease.released_at, "until", ConcernRelease.withdrawn_at),
    )
    released = (
        select(func.json_agg(aggregate_order_by(one, ConcernRelease.released_at.desc())))
        .select_from(ConcernRelease)
        .join(to, to.id == ConcernRelease.agency_id)
        .join(by, by.id == ConcernRelease.released_by)
        .where(ConcernRelease.concern_id == Concern.id)
        .correlate(Concern)
        .scalar_subquery()
    )
    owner, creator, creators, police = aliased(Agency), aliased(User), aliased(Agency), aliased(User)
    ended_by = aliased(User)
    return db.session.execute(
        select(
            owner.name.label("owner_agency"),
            Team.name.label("owner_team"),
            Team.duty_phone.label("owner_phone"),
            creator.name.label("created_by"),
            creators.name.label("created_agency"),
            police.name.label("police_status_by"),
            ended_by.name.label("ended_by"),
            released.label("releases"),
        )
        .select_from(Concern)
        .join(owner, owner.id == Concern.owner_agency_id)
        .join(creator, creator.id == Concern.created_by)
        .join(creators, creators.id == Concern.created_agency_id)
        .outerjoin(Team, Team.id == Concern.owner_team_id)
        .outerjoin(police, police.id == Concern.police_status_by)
        .outerjoin(ended_by, ended_by.id == Concern.ended_by)
        .where(Concern.id == concern.id)
    ).one()


def links_of(*, concern_id: UUID, limit: int = MOST) -> Rows:
    """What something is linked to, the newest first, with those that were taken back at the end."""
    own, other, agency, author = aliased(Concern), aliased(Concern), aliased(Agency), aliased(User)
    named = aliased(Agency)
    listed = (
        select(func.array_agg(aggregate_order_by(named.name, named.name)))
        .where(named.id == any_(ConcernLink.listed_agencies))
        .correlate(ConcernLink)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            ConcernLink.id,
            ConcernLink.concern_id,
            ConcernLink.other_id,
            ConcernLink.child_id,
            ConcernLink.role,
            ConcernLink.words,
            ConcernLink.from_on,
            ConcernLink.until_on,
            ConcernLink.source_kind,
            ConcernLink.handling,
            ConcernLink.agency_id,
            ConcernLink.created_at,
            ConcernLink.ended_at,
            ConcernLink.ended_reason,
            Child.reference.label("child_reference"),
            Child.given_name,
            Child.family_name,
            own.reference.label("from_reference"),
            own.name.label("from_name"),
            own.kind.label("from_kind"),
            other.reference.label("to_reference"),
            other.name.label("to_name"),
            other.kind.label("to_kind"),
            agency.name.label("agency"),
            author.name.label("author"),
            listed.label("listed"),
        )
        .join(own, own.id == ConcernLink.concern_id)
        .outerjoin(other, other.id == ConcernLink.other_id)
        .outerjoin(Child, Child.id == ConcernLink.child_id)
        .join(agency, agency.id == ConcernLink.agency_id)
        .join(author, author.id == ConcernLink.author_id)
        .where(or_(ConcernLink.concern_id == concern_id, ConcernLink.other_id == concern_id))
        .order_by(ConcernLink.ended_at.is_not(None), ConcernLink.created_at.desc(), ConcernLink.id)
        .limit(limit)
    ).all()


def find_link(*, link_id: UUID) -> ConcernLink | None:
    """A link of which the person sees both ends."""
    return db.session.get(ConcernLink, link_id)


def notes_of(*, concern_id: UUID, limit: int = MOST) -> Rows:
    """What agencies added, as far as the person may read it, the newest first."""
    named = aliased(Agency)
    listed = (
        select(func.array_agg(aggregate_order_by(named.name, named.name)))
        .where(named.id == any_(ConcernNote.listed_agencies))
        .correlate(ConcernNote)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            ConcernNote.id,
            ConcernNote.text,
            ConcernNote.happened_on,
            ConcernNote.handling,
            ConcernNote.created_at,
            User.name.label("author"),
            Agency.name.label("agency"),
            listed.label("listed"),
        )
        .join(User, User.id == ConcernNote.author_id)
        .join(Agency, Agency.id == ConcernNote.agency_id)
        .where(ConcernNote.concern_id == concern_id)
        .order_by(ConcernNote.created_at.desc(), ConcernNote.id)
        .limit(limit)
    ).all()


def changes_of(*, concern_id: UUID) -> Rows:
    """What happened to something, the last first."""
    return db.session.execute(
        select(
            ConcernChange.kind,
            ConcernChange.before,
            ConcernChange.after,
            ConcernChange.reason,
            ConcernChange.source_kind,
            ConcernChange.changed_at,
            User.name.label("by"),
            Agency.name.label("agency"),
        )
        .join(User, User.id == ConcernChange.changed_by)
        .join(Agency, Agency.id == ConcernChange.changed_agency_id)
        .where(ConcernChange.concern_id == concern_id)
        .order_by(ConcernChange.changed_at.desc(), ConcernChange.id.desc())
        .limit(MOST)
    ).all()


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
