"""The shared case: one child's CRE case, who works on it, and who therefore may see it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Ended, Identified, Model, Referenced, Stamped, Versioned, index_where


class Case(Identified, Referenced, Versioned, Model):
    """The shared case of one child: its state, its level, how closely it is held and who leads it."""

    __tablename__ = "cre_case"
    audited_as = "case"
    __table_args__ = (
        index_where("uq_cre_case_open_child", "child_id", where="state NOT IN ('closed', 'transferred')"),
        index_where("ix_cre_case_sealed", "id", where="sensitivity = 2"),
        index_where(
            "ix_cre_case_district", "district", "level", where="state NOT IN ('closed', 'transferred')"
        ),
        CheckConstraint("sensitivity between 0 and 2", name="sensitivity_known"),
    )
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    state: Mapped[str]
    sensitivity: Mapped[int] = mapped_column(SmallInteger, default=0)
    sensitivity_reason: Mapped[str] = mapped_column(default="")
    level: Mapped[str | None]
    level_since: Mapped[date | None]
    types: Mapped[list[str]] = mapped_column(default=list)
    contexts: Mapped[list[str]] = mapped_column(default=list)
    authority: Mapped[str | None]
    district: Mapped[str | None]
    lead_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    lead_professional_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]  # kept by a trigger on deadline
    policy_version: Mapped[str]


class CaseNotice(Referenced, Model):
    """That a case exists, and whom to ask. Kept by a trigger on the case."""

    __tablename__ = "case_notice"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id", ondelete="CASCADE"), primary_key=True)
    sensitivity: Mapped[int] = mapped_column(SmallInteger)
    lead_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))


class Involvement(Identified, Ended, Model):
    """A team working on a case, from–until. Gives reach to the team and to its agency's managers."""

    __tablename__ = "involvement"
    __table_args__ = (
        CheckConstraint("ended_at is null or ended_at >= started_at", name="ends_after_start"),
        Index("ix_involvement_case", "case_id"),
        Index("ix_involvement_team", "team_id"),
        index_where("uq_involvement_open", "case_id", "team_id", where="ended_at IS NULL"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    reason: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    end_reason: Mapped[str | None]


class AccessGrant(Identified, Model):
    """A person on a case by name: named, meeting, emergency access, subject-access review."""

    __tablename__ = "access_grant"
    audited_as = "grant"
    __table_args__ = (Index("ix_access_grant_case", "case_id"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    kind: Mapped[str]
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)  # kind `meeting`


class SensitivityChange(Identified, Model):
    """How closely a case is held, from when and why; lowering waits for a second person."""

    __tablename__ = "sensitivity_change"
    __table_args__ = (CheckConstraint("confirmed_by <> asked_by or after > before", name="two_people_lower"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    before: Mapped[int] = mapped_column(SmallInteger)
    after: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Alert(Identified, Ended, Stamped, Versioned, Model):
    """What everyone must know before they act; has an owner and a review date."""

    __tablename__ = "alert"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    review_on: Mapped[date]
    child_told: Mapped[bool | None]
    told_reason: Mapped[str | None]
    end_reason: Mapped[str | None]
    # Statements of the child that are not disclosed while it stands, as the policy was when it was set.
    holds_back: Mapped[list[str]] = mapped_column(default=list)


class ChronologyEntry(Identified, Authored, Stamped, Versioned, Model):
    """A contribution, with the handling its author's agency chose. A correction is a further entry."""

    __tablename__ = "chronology_entry"
    audited_as = "entry"
    __table_args__ = (
        Index("ix_chronology_entry_case", "case_id", "happened_at", "id"),
        Index("ix_chronology_entry_author", "case_id", "author_id", "happened_at"),
        index_where("ix_chronology_entry_corrects", "corrects_id", where="corrects_id IS NOT NULL"),
        index_where(
            "ix_chronology_entry_health",
            "case_id",
            "happened_at",
            "id",
            where="kind IN ('health_summary', 'attendance', 'missed_appointment', 'worry')",
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    kind: Mapped[str]
    text: Mapped[str]
    happened_at: Mapped[datetime]
    handling: Mapped[str]
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    family_safe: Mapped[str]
    critical_moment: Mapped[str | None]  # in words; with `moment`, a code of policy contributions.moments
    moment: Mapped[str | None]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("chronology_entry.id"))
    correction_reason: Mapped[str | None]
    sender: Mapped[str] = mapped_column(default="")  # whose words they are, of an information form
    disclosure_id: Mapped[UUID | None] = mapped_column(ForeignKey("disclosure.id"))
    conditions: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what a sector says in fields, by kind


class EntryDraft(Versioned, Model):
    """What somebody has begun to add to a case: one draft a person and case, seen by nobody else."""

    __tablename__ = "entry_draft"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class CaseScope(Model):
    """Who reaches a case: 1 notice, 2 full. Kept by triggers in the same transaction; policies read it."""

    __tablename__ = "case_scope"
    __table_args__ = (
        index_where(
            "ix_case_scope_queue",
            "reader",
            "rank",
            "due",
            "case_id",
            where="sees = 2",
            postgresql_include=["until"],
        ),
        index_where("ix_case_scope_notice", "reader", "case_id", where="sees = 1"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id", ondelete="CASCADE"), primary_key=True)
    reader: Mapped[UUID] = mapped_column(primary_key=True)
    sees: Mapped[int] = mapped_column(SmallInteger)
    until: Mapped[datetime]
    rank: Mapped[int] = mapped_column(SmallInteger)
    due: Mapped[datetime]
