"""Files that were added to a record: seen as that record is, and kept apart from their content."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, index_where


class Attachment(Identified, Referenced, Model):
    """What is known of a file. It is never changed; whoever withdraws it hides it, with a reason."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint(
            "(holder = 'referral') = (referral_id is not null)"
            " and (holder = 'answer') = (answer_id is not null)"
            " and (holder = 'entry') = (entry_id is not null)"
            " and (holder = 'meeting') = (meeting_id is not null)"
            " and (holder = 'episode') = (episode_id is not null)"
            " and holder in ('referral', 'answer', 'entry', 'meeting', 'episode')",
            name="hangs_on_one_record",
        ),
        CheckConstraint(
            "(removed_at is null) = (removed_by is null) and (removed_at is null) = (removed_reason is null)",
            name="withdrawn_by_somebody_for_a_reason",
        ),
        CheckConstraint("not shows_source or holder = 'referral'", name="source_of_a_form"),
        CheckConstraint("left_out >= 0 and (left_out = 0 or kind = 'email')", name="left_out_of_an_email"),
        index_where("ix_attachment_part_of_id", "part_of_id", where="part_of_id IS NOT NULL"),
        index_where("ix_attachment_referral_id", "referral_id", where="referral_id IS NOT NULL"),
        index_where("ix_attachment_answer_id", "answer_id", where="answer_id IS NOT NULL"),
        index_where("ix_attachment_entry_id", "entry_id", where="entry_id IS NOT NULL"),
        index_where("ix_attachment_meeting_id", "meeting_id", where="meeting_id IS NOT NULL"),
        index_where("ix_attachment_episode_id", "episode_id", where="episode_id IS NOT NULL"),
        index_where("ix_attachment_case_id", "case_id", where="case_id IS NOT NULL"),
    )
    holder: Mapped[str]  # a AttachmentHolder
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"))
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("information_answer.id"))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("chronology_entry.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"))
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("missing_episode.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"))  # of a meeting: on one child
    part_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"))
    left_out: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # files of an e-mail not taken
    shows_source: Mapped[bool] = mapped_column(default=False)  # for the author and coordinators only
    name: Mapped[str]  # as its owner called it: shown on pages, never in an address or a header
    kind: Mapped[str]  # a FileKind, by what is in it
    size: Mapped[int]  # bytes, as it is kept
    digest: Mapped[str]  # SHA-256 of the file as it was sent, in hexadecimal digits
    state: Mapped[str]  # a AttachmentState
    checked_at: Mapped[datetime | None]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    added_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    removed_reason: Mapped[str | None]


class AttachmentContent(Model):
    """The bytes of a file, as it is kept. A file that was refused has none."""

    __tablename__ = "attachment_content"
    attachment_id: Mapped[UUID] = mapped_column(
        ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
