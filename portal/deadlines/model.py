"""Everything that must happen by a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.deadlines.vocabulary import DeadlineState
from portal.model import Identified, Model, index_where


class Deadline(Identified, Model):
    """A duty with an owner and a due time. The original due time never moves."""

    __tablename__ = "deadline"
    __table_args__ = (
        CheckConstraint(
            "owner_id is not null or owner_team_id is not null or owner_agency_id is not null",
            name="has_an_owner",
        ),
        CheckConstraint(
            "(case_id is not null)::int + (referral_id is not null)::int"
            " + (disclosure_id is not null)::int + (request_id is not null)::int"
            " + (meeting_id is not null)::int + (child_id is not null)::int"
            " + (concern_id is not null)::int + (directory_id is not null)::int >= 1",
            name="has_a_subject",
        ),
        index_where("ix_deadline_open", "due_at", where="state = 'open'"),
        index_where("ix_deadline_open_kind", "kind", "due_at", where="state = 'open'"),
        Index("ix_deadline_subject", "subject_kind", "subject_id"),
        # With what is asked beside the record, or the database would look for that through all that is open.
        Index("ix_deadline_case", "case_id", "state", "kind"),
        Index("ix_deadline_referral", "referral_id", "state", "kind"),
        Index("ix_deadline_of_team", "owner_team_id", "state", "due_at", "id"),
        Index("ix_deadline_of_person", "owner_id", "state", "due_at", "id"),
        Index("ix_deadline_of_agency", "owner_agency_id", "state", "due_at", "id"),
        index_where(
            *("ix_deadline_left", "owned_for_id", "state", "due_at", "id"),
            where="owned_for_id IS NOT NULL",
        ),
    )
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"))
    disclosure_id: Mapped[UUID | None] = mapped_column(ForeignKey("disclosure.id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("information_request.id"), index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"), index=True)
    concern_id: Mapped[UUID | None] = mapped_column(ForeignKey("concern.id"), index=True)
    directory_id: Mapped[UUID | None] = mapped_column(ForeignKey("directory_entry.id"), index=True)
    given_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))  # kept by a trigger
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    # By a trigger, once they work for another agency: the one for which they own it, and see it as its owner.
    owned_for_id: Mapped[UUID | None]
    owner_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    owner_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    original_due_at: Mapped[datetime]
    state: Mapped[str]
    ended_at: Mapped[datetime | None]
    late_reason: Mapped[str | None]
    move_reason: Mapped[str | None]
    move_code: Mapped[str | None]  # a code of policy cases.due_date_reasons, where somebody chose one
    source: Mapped[str]  # the policy key that the number comes from
    confirmed: Mapped[bool]
    policy_version: Mapped[str]


class DeadlineChange(Identified, Model):
    """A due time before and after somebody moved it. A trigger keeps it, so that none is forgotten."""

    __tablename__ = "deadline_change"
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"), index=True)
    before: Mapped[datetime]
    after: Mapped[datetime]
    code: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    changed_at: Mapped[datetime]


def is_owned_for(agency_id: UUID) -> ColumnElement[bool]:
    """Of what somebody of an agency owns, whether it is for that and for none that they left."""
    return or_(Deadline.owned_for_id.is_(None), Deadline.owned_for_id == agency_id)


def is_owed() -> ColumnElement[bool]:
    """Open, and its clock runs: a duty that begins later is on nobody's list until then."""
    return and_(Deadline.state == DeadlineState.OPEN, Deadline.started_at <= clock.now())
