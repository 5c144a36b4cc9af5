"""Critical moments: what became of the risk assessment after each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Model


class MomentReview(Model):
    """That the risk assessment was looked at after a critical moment: a new one was finalised, or nothing
    changes, because. A trigger writes the first; somebody says the second.
    """

    __tablename__ = "moment_review"
    __table_args__ = (
        CheckConstraint("assessment_id is not null or words <> ''", name="says_why_nothing_changes"),
    )
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("chronology_entry.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_assessment.id"), index=True)
    words: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    reviewed_at: Mapped[datetime]
