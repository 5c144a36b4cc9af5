"""District panels with what is on them, written straight into the tables; the triggers do what they do."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Invitation, Meeting
from portal.records.panels.model import (
    PanelDecision,
    PanelItem,
    PanelMinute,
    PanelPapers,
    PanelShare,
    PanelSummary,
)
from portal.records.panels.vocabulary import PanelItemKind, PanelItemState
from portal.records.people.model import User


def make_item(
    rows: Session,
    *,
    by: User,
    meeting: Meeting | None = None,
    case: Case | None = None,
    child: Child | None = None,
    concern: Concern | None = None,
    state: PanelItemState | None = None,
    place: int | None = 1,
    **facts: Any,
) -> PanelItem:
    """An item that is proposed, or with a meeting on its agenda."""
    kind = PanelItemKind.CASE if case else PanelItemKind.CHILD if child else PanelItemKind.CONCERN
    child_id = case.child_id if case else child.id if child else None
    item = PanelItem(
        id=new_id(),
        reference=new_reference(Prefix.PANEL_ITEM),
        district=meeting.district if meeting else facts.pop("district", "amber_valley"),
        meeting_id=meeting.id if meeting else None,
        place=place if meeting else None,
        kind=facts.pop("kind", kind),
        case_id=case.id if case else None,
        child_id=child_id,
        concern_id=concern.id if concern else None,
        why=facts.pop("why", "Quillwhy"),
        proposed_by=by.id,
        proposed_agency_id=by.agency_id,
        proposed_at=clock.now(),
        state=state or (PanelItemState.ON if meeting else PanelItemState.PROPOSED),
        policy_version="test",
        **facts,
    )
    rows.add(item)
    rows.commit()
    return item


def make_summary(
    rows: Session,
    item: PanelItem,
    *,
    by: User,
    read_by: User | None = None,
    heading: str = "Quillheading",
    text: str = "Quillsummary",
    number: int = 1,
) -> PanelSummary:
    """A summary that waits, or that a coordinator has read."""
    summary = PanelSummary(
        id=new_id(),
        item_id=item.id,
        reference=item.reference,
        number=number,
        about="A child",
        heading=heading,
        text=text,
        asks="Quillasks",
        written_by=by.id,
        written_agency_id=by.agency_id,
        written_at=clock.now(),
        read_by=read_by.id if read_by else None,
        read_at=clock.now() if read_by else None,
    )
    rows.add(summary)
    rows.commit()
    return summary


def send_out(
    rows: Session, meeting: Meeting, items: Iterable[PanelItem], invited: Iterable[Invitation], *, by: User
) -> None:
    """The papers are out, and these items are shared with these invited."""
    if rows.get(PanelPapers, meeting.id) is None:
        rows.add(PanelPapers(meeting_id=meeting.id, sent_by=by.id, sent_at=clock.now()))
    for item in items:
        for invitation in invited:
            rows.add(
                PanelShare(
                    id=new_id(),
                    item_id=item.id,
                    invitation_id=invitation.id,
                    shared_by=by.id,
                    shared_at=clock.now(),
                )
            )
    rows.commit()


def make_said(rows: Session, item: PanelItem, *, by: User, text: str = "Quillsaid") -> PanelMinute:
    """What the panel said of an item."""
    assert item.meeting_id is not None, "put the item on a panel first"
    minute = PanelMinute(
        item_id=item.id, meeting_id=item.meeting_id, text=text, saved_by=by.id, saved_at=clock.now()
    )
    rows.add(minute)
    rows.commit()
    return minute


def make_panel_decision(
    rows: Session, item: PanelItem, *, by: User, text: str = "Quilldecided"
) -> PanelDecision:
    """What the panel decided on an item."""
    assert item.meeting_id is not None, "put the item on a panel first"
    decision = PanelDecision(
        id=new_id(),
        reference=new_reference(Prefix.DECISION),
        item_id=item.id,
        meeting_id=item.meeting_id,
        text=text,
        reason="Quillbecause",
        recorded_by=by.id,
        recorded_at=clock.now(),
    )
    rows.add(decision)
    rows.commit()
    return decision
