"""The district panel: what comes before it, what its members read of it, and what it says and decides.

An item follows its child or concern. Of that, members read one summary that a coordinator has read, and what
was shared with whom stands in a row of its own with its line on the sharing ledger.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, Saved, Versioned, Withdrawn


class PanelItem(Identified, Referenced, Versioned, Model):
    """Something that comes, or is to come, before the panel of a district. Why is for those who reach it."""

    __tablename__ = "panel_item"
    __table_args__ = (
        CheckConstraint(
            "case kind when 'concern' then concern_id is not null and child_id is null"
            " when 'child' then child_id is not null and concern_id is null"
            " else case_id is not null and child_id is not null and concern_id is null end",
            name="is_about_one_thing",
        ),
        CheckConstraint("case_id is null or child_id is not null", name="case_of_a_child"),
        CheckConstraint(
            "state not in ('on', 'discussed') or (meeting_id is not null and place is not null)",
            name="on_a_panel",
        ),
        CheckConstraint("state <> 'declined' or decided_reason <> ''", name="declined_for_a_reason"),
        Index("uq_panel_item_place", "meeting_id", "place", unique=True),
        Index("ix_panel_item_district", "district", "state"),
    )
    district: Mapped[str]
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"))
    place: Mapped[int | None]  # its number on the agenda
    kind: Mapped[str]  # a PanelItemKind
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"), index=True)
    concern_id: Mapped[UUID | None] = mapped_column(ForeignKey("concern.id"), index=True)
    why: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    proposed_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    proposed_at: Mapped[datetime]
    state: Mapped[str]  # a PanelItemState
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    decided_reason: Mapped[str] = mapped_column(default="")
    word: Mapped[str] = mapped_column(default="")  # of whoever leads what is closely held
    word_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    word_at: Mapped[datetime | None]
    policy_version: Mapped[str]


class PanelSummary(Identified, Model):
    """What the panel is to read about an item, as it was written; a later one stands beside it.

    Members read the latest that a coordinator has read, and no other row about the item: what they need to
    know of it stands here.
    """

    __tablename__ = "panel_summary"
    __table_args__ = (
        Index("uq_panel_summary_number", "item_id", "number", unique=True),
        CheckConstraint("read_at is null or returned_at is null", name="released_or_given_back"),
    )
    item_id: Mapped[UUID] = mapped_column(ForeignKey("panel_item.id"))
    reference: Mapped[str]  # of the item
    number: Mapped[int]
    about: Mapped[str]  # what sort of thing it is about: the kind of the item, or of its concern
    heading: Mapped[str]
    text: Mapped[str]
    asks: Mapped[str] = mapped_column(default="")  # what the panel is asked to do
    written_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    written_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    written_at: Mapped[datetime]
    returned_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    returned_at: Mapped[datetime | None]
    returned_words: Mapped[str] = mapped_column(default="")
    read_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    read_at: Mapped[datetime | None]


class PanelPapers(Model):
    """The papers of a panel went out: from now on its members read the summaries."""

    __tablename__ = "panel_papers"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    sent_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    sent_at: Mapped[datetime]


class PanelShare(Identified, Model):
    """An item was shared with somebody invited, on this line of the ledger; without it they read nothing."""

    __tablename__ = "panel_share"
    __table_args__ = (Index("uq_panel_share_once", "item_id", "invitation_id", unique=True),)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("panel_item.id"))
    invitation_id: Mapped[UUID] = mapped_column(ForeignKey("invitation.id"), index=True)
    disclosure_id: Mapped[UUID | None] = mapped_column(ForeignKey("disclosure.id"))  # none to oneself
    shared_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    shared_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class PanelMinute(Saved, Versioned, Model):
    """What was said of an item. Chair and note-taker write it; it follows the child or concern."""

    __tablename__ = "panel_minute"
    item_id: Mapped[UUID] = mapped_column(ForeignKey("panel_item.id"), primary_key=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    text: Mapped[str]


class PanelDecision(Identified, Referenced, Withdrawn, Model):
    """What the panel decided on an item and why. It stands: one recorded by mistake is taken back."""

    __tablename__ = "panel_decision"
    __table_args__ = (
        CheckConstraint("(withdrawn_at is null) = (withdrawn_reason = '')", name="withdrawn_for_a_reason"),
    )
    item_id: Mapped[UUID] = mapped_column(ForeignKey("panel_item.id"), index=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    text: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    withdrawn_reason: Mapped[str] = mapped_column(default="")


class PanelAction(Model):
    """An action, on the plan of a case or on a concern, that the panel asked for under an item."""

    __tablename__ = "panel_action"
    action_id: Mapped[UUID] = mapped_column(ForeignKey("action.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("panel_item.id"), index=True)
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("panel_decision.id"))
