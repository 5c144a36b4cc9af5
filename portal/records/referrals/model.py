"""The information form (the Operation Liberty type) from draft to feedback."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, Stamped, Versioned, index_where


class Referral(Identified, Referenced, Stamped, Versioned, Model):
    """One information form. `answers` is the form as typed; the columns are what triage works with."""

    __tablename__ = "referral"
    __table_args__ = (
        Index("ix_referral_queue", "state", "triage_due_at"),
        index_where(
            "ix_referral_waiting",
            "colour",
            "triage_due_at",
            "id",
            where="state in ('in_triage', 'sent', 'waiting_for_sender')",
        ),
    )
    state: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    author_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    author_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime]
    # from here on filled when it is sent
    channel: Mapped[str | None]
    sender_name: Mapped[str | None]  # of a form that came by phone, e-mail or paper
    sender_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    sender_contact: Mapped[str | None]
    received_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    kind: Mapped[str | None]
    immediate_danger: Mapped[bool | None]
    concerns_colleague: Mapped[bool] = mapped_column(default=False)
    district: Mapped[str | None]
    types: Mapped[list[str]] = mapped_column(default=list)
    what_happened: Mapped[str | None]
    event_from: Mapped[date | None]
    event_to: Mapped[date | None]
    colour: Mapped[str | None]
    triage_due_at: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    claimed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    from_case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"))
    policy_version: Mapped[str]


class ReferralNotice(Model):
    """That a referral or an unsent draft exists, without content. Kept by a trigger."""

    __tablename__ = "referral_notice"
    __table_args__ = (
        Index("ix_referral_notice_reference", "reference"),
        index_where("ix_referral_notice_drafts", "saved_at", where="state = 'draft'"),
        index_where("ix_referral_notice_passed_on", "referral_id", where="passed_on"),
    )
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[str]
    state: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    author_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    saved_at: Mapped[datetime]
    passed_on: Mapped[bool] = mapped_column(default=False)


class ReferralSubject(Identified, Model):
    """A child, person, place, vehicle, phone or online account on the form, each decided on its own."""

    __tablename__ = "referral_subject"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]
    details: Mapped[dict[str, Any]]


class ReferralChild(Model):
    """The known child that a subject was found to be. The hub's knowledge: the sender does not see it."""

    __tablename__ = "referral_child"
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("referral_subject.id"), primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    matched_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))  # nobody: by the database
    matched_at: Mapped[datetime]


class ReferralSeal(Model):
    """A referral handed to the people of a sealed case. Kept by triggers; only they see this row."""

    __tablename__ = "referral_seal"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(
        ForeignKey("cre_case.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ReferralSource(Model):
    """Who or what told the sender: for its author and the coordinators only, copied nowhere."""

    __tablename__ = "referral_source"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    at_risk_if_revealed: Mapped[bool | None]


class ReferralColour(Identified, Model):
    """Each triage colour a referral has had, and why."""

    __tablename__ = "referral_colour"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    colour: Mapped[str]
    reason: Mapped[str]
    by_policy: Mapped[bool]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    set_at: Mapped[datetime]


class ReferralHandover(Identified, Model):
    """Who has held a referral: each claim and each hand-over."""

    __tablename__ = "referral_handover"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    from_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    to_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class ReferralPresence(Model):
    """Being looked at by."""

    __tablename__ = "referral_presence"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    seen_at: Mapped[datetime]


class ReferralMessage(Identified, Model):
    """A message between hub and sender, on the referral."""

    __tablename__ = "referral_message"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    from_hub: Mapped[bool]
    text: Mapped[str]
    sent_at: Mapped[datetime]
    asks_reply: Mapped[bool] = mapped_column(default=False)


class ReferralReading(Model):
    """When a person last read a referral: what came after it is new to them."""

    __tablename__ = "referral_reading"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    read_at: Mapped[datetime]


class Feedback(Identified, Model):
    """What became of it, in words for the sender."""

    __tablename__ = "feedback"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    text: Mapped[str]
    given_at: Mapped[datetime]


class DraftOpening(Identified, Model):
    """A manager opened, once and with a reason, the unsent draft of someone who left."""

    __tablename__ = "draft_opening"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), unique=True)
    manager_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
