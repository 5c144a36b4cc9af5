"""The sharing ledger: who was told what, about which children, on what basis, or why not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model


class Disclosure(Identified, Model):
    """One telling, or one refusal to tell. Its text is a row of its own."""

    __tablename__ = "disclosure"
    __table_args__ = (Index("ix_disclosure_receiver", "receiver_team_id", "confirmed_at"),)
    reference: Mapped[str] = mapped_column(unique=True)
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    giver_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
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
