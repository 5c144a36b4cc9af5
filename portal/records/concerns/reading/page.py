"""The page of something of concern: who answers for it, what it is linked to, what was added and changed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernChange, ConcernLink, ConcernNote, ConcernRelease
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User
from portal.records.places.facts import agreed_at
from portal.records.plans.reading.concern_actions import open_on_concern

Rows = Sequence[Any]  # rows named by their columns
MOST = 200


def page_of(*, concern: Concern) -> Any:
    """Who owns something, who recorded it and how police know it, by name; to whom it is released, what is to
    do about it and how many watch it.
    """
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
            open_on_concern().label("actions"),
            agreed_at().label("watching"),
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
