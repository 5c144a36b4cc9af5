"""The sharing ledger: who was told what, on what basis, or why not; and what somebody took out as a file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, index_where


class TakenCopy(Identified, Model):
    """One file that one person took, for one case; a pack on three children leaves three rows.

    The rows of one file share its reference, which is printed on every page of a document that we make.
    """

    __tablename__ = "taken_copy"
    __table_args__ = (
        Index(
            "uq_taken_copy_reference", "reference", "case_id", unique=True, postgresql_nulls_not_distinct=True
        ),
        Index("ix_taken_copy_taken", "taken_at", "id"),
        Index("ix_taken_copy_subject", "subject_reference"),
    )
    reference: Mapped[str]
    kind: Mapped[str]  # a CopyKind
    subject_id: Mapped[UUID]  # the record, or the meeting of a pack
    subject_reference: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    taken_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    taken_at: Mapped[datetime]
    digest: Mapped[str]  # SHA-256 of the file, so that a copy that turns up can be told
    size: Mapped[int]  # bytes


class Disclosure(Identified, Referenced, Model):
    """One telling, or one refusal to tell. Its text is a row of its own."""

    __tablename__ = "disclosure"
    __table_args__ = (
        Index("ix_disclosure_receiver", "receiver_team_id", "confirmed_at"),
        Index("ix_disclosure_newest", "decided_at", "id"),
        index_where(
            "ix_disclosure_unconfirmed",
            "colour",
            where="confirmed_at is null and withdrawn_at is null and decision <> 'refuse'",
        ),
        index_where(
            "ix_disclosure_front_door",
            *("receiver_agency_id", "decided_at", "id"),
            where="social_care_referral_id is not null and withdrawn_at is null",
        ),
    )
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    giver_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    # a team or a worker came to work on the case: told for as long as they know that there is one
    of_joining: Mapped[bool] = mapped_column(default=False, server_default=false())
    social_care_referral_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("social_care_referral.id"), index=True
    )
    receiver_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    receiver_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    decision: Mapped[str]
    purpose: Mapped[str]
    basis: Mapped[str]
    conditions: Mapped[str | None]
    reason: Mapped[str]
    colour: Mapped[str]
    family_told: Mapped[bool | None]
    family_reason: Mapped[str | None]
    decided_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    was_opened: Mapped[bool] = mapped_column(default=False)  # what was given was: no button


class DisclosureText(Model):
    """What was said, frozen. Governance sees the disclosure but not this."""

    __tablename__ = "disclosure_text"
    disclosure_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure.id"), primary_key=True)
    text: Mapped[str]


class DisclosureChild(Model):
    """A child that a disclosure covers."""

    __tablename__ = "disclosure_child"
    disclosure_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure.id"), primary_key=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), primary_key=True, index=True)
