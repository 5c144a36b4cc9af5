"""Places, people, vehicles, phones, accounts and groups of concern, and what they are linked to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import (
    KEPT_BACK,
    Authored,
    Ended,
    Identified,
    Model,
    Referenced,
    Stamped,
    Versioned,
    Withdrawn,
)


class Concern(Identified, Referenced, Ended, Stamped, Versioned, Model):
    """Something or somebody that children are harmed at, by or through. It has an owner and a review date."""

    __tablename__ = "concern"
    __table_args__ = (
        CheckConstraint("sensitivity between 0 and 1", name="sensitivity_known"),
        CheckConstraint("kind = 'person' or police_status is null", name="status_of_a_person"),
        CheckConstraint("kind = 'place' or not dwelling", name="dwelling_is_a_place"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
        Index("ix_concern_kind", "kind", "name"),
        Index("ix_concern_district", "district", "kind"),
    )
    kind: Mapped[str]  # a ConcernKind
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # fields of policy concerns, by kind
    source_grade: Mapped[str | None]  # 3x5x2, as an intelligence report
    information_grade: Mapped[str | None]
    handling_code: Mapped[str | None]
    risk: Mapped[str | None]  # a code of policy concerns.risks
    owner_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    owner_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    created_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    sensitivity: Mapped[int] = mapped_column(SmallInteger, default=0)  # 1: for whoever holds it
    dwelling: Mapped[bool] = mapped_column(default=False)  # a home or placement: councils do not see it
    district: Mapped[str | None]
    authority: Mapped[str | None]
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    review_on: Mapped[date]
    police_status: Mapped[str | None]  # a code of policy concerns; only police set it
    police_status_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    police_status_at: Mapped[datetime | None]
    also_child: Mapped[bool | None]  # the person is a child or victim too; None: not known
    do_not_approach: Mapped[bool] = mapped_column(default=False)
    ended_reason: Mapped[str | None]
    policy_version: Mapped[str]


class ConcernKey(Model):
    """What tells that two concerns may be the same: a registration, number or address without dress."""

    __tablename__ = "concern_key"
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True, index=True)


class ConcernRelease(Identified, Withdrawn, Model):
    """The owner lets another agency see a concern, until it takes that back."""

    __tablename__ = "concern_release"
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    reason: Mapped[str]
    released_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    released_at: Mapped[datetime]


class ConcernLink(Identified, Authored, Ended, Stamped, Model):
    """A concern and a child, or two concerns, belong together, as some record says. Ended, never removed."""

    __tablename__ = "concern_link"
    __table_args__ = (
        CheckConstraint("num_nonnulls(child_id, other_id) = 1", name="one_other_end"),
        CheckConstraint("other_id <> concern_id", name="two_ends"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
    )
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), index=True)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"), index=True)
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("concern.id"), index=True)
    role: Mapped[str]  # a code of policy concerns.roles
    words: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    source_kind: Mapped[str | None]  # the table of the record that it was made from
    source_id: Mapped[UUID | None] = mapped_column(info=KEPT_BACK)  # which: who reads this may not read that
    handling: Mapped[str]
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    tells: Mapped[
        str | None
    ]  # what its role says of the child, as a StatementKind: where they live, their phone; or `nothing`
    do_not_disclose: Mapped[bool] = mapped_column(default=False)  # as of a statement: ADR 34
    ended_reason: Mapped[str | None]


class LinkRelease(Identified, Model):
    """Why the agency that made a link lets it be seen although an alert says not to disclose it."""

    __tablename__ = "link_release"
    link_id: Mapped[UUID] = mapped_column(ForeignKey("concern_link.id"), index=True)
    reason: Mapped[str]
    released_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    released_at: Mapped[datetime]


class ConcernNote(Identified, Authored, Stamped, Model):
    """What an agency adds about a concern, with the handling that it chose."""

    __tablename__ = "concern_note"
    __table_args__ = (Index("ix_concern_note_concern", "concern_id", "happened_on"),)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    text: Mapped[str]
    happened_on: Mapped[date | None]
    handling: Mapped[str]
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)


class ConcernScope(Model):
    """Who reads a concern. Kept by triggers; the policies read it."""

    __tablename__ = "concern_scope"
    __table_args__ = (Index("ix_concern_scope_reader", "reader", "concern_id"),)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id", ondelete="CASCADE"), primary_key=True)
    reader: Mapped[UUID] = mapped_column(primary_key=True)


class ConcernChange(Identified, Model):
    """What happened to a concern: what it said before and says now, by whom and why."""

    __tablename__ = "concern_change"
    __table_args__ = (Index("ix_concern_change_concern", "concern_id", "changed_at"),)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    kind: Mapped[str]  # a ConcernChangeKind
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(default="")
    source_kind: Mapped[str | None]  # the record that it was made from: a ConcernSource
    source_id: Mapped[UUID | None] = mapped_column(info=KEPT_BACK)  # which: who reads this may not read that
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    changed_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    changed_at: Mapped[datetime]


class ConcernDifference(Identified, Model):
    """Somebody looked at two concerns that look alike and says that they are not the same, until undone."""

    __tablename__ = "concern_difference"
    __table_args__ = (
        CheckConstraint("other_id <> concern_id", name="two_of_them"),
        CheckConstraint("(undone_at is null) = (undone_by is null)", name="undone_by_somebody"),
    )
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), index=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    said_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    said_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
