"""What a panel says, decides and asks for on an item, and what every step on a panel asks first.

Chair and note-taker write it; it follows the child or concern. First comes which panel it is, who runs it,
and what keeps an item from it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import insert_once, lock, lock_row
from portal.extensions import db
from portal.messages.telling import About, Unseen, Whom, by_ground, tell
from portal.messages.vocabulary import Event, Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.meetings.chairing import RECORDED_STATES, refuse_before_its_day, require_recording
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.writing import begin_minutes
from portal.records.panels.model import PanelAction, PanelDecision, PanelItem, PanelMinute
from portal.records.panels.policy import Panels
from portal.records.panels.vocabulary import DECIDED, DECISION_TAKEN_BACK
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action
from portal.vocabulary import Use


def is_panel(meeting: Any) -> bool:
    """Whether a meeting is the panel of a district."""
    return meeting.district is not None and meeting.kind == current_policy().of(Panels).kind


def require_panel(meeting: Meeting) -> None:
    """Go on only with the panel of a district.

    Raises:
        NotFound: it is another meeting.
    """
    if not is_panel(meeting):
        raise NotFound("There is no such panel")


def require_not_over(meeting: Meeting) -> None:
    """Go on only while something can still come before a panel.

    Raises:
        DomainError: its minutes are approved, or it was cancelled.
    """
    state = MeetingState(meeting.state)
    if state not in RECORDED_STATES:
        raise DomainError(f"This panel is over: {state.label.lower()}")


def panel_facts(actor: Principal, meeting: Any) -> Facts:
    """What decides verbs on a panel, or on none that the actor sees."""
    return Facts(
        runs_meeting=meeting is not None and actor.user_id in {meeting.chair_id, meeting.note_taker_id}
    )


def held_back(*, child_id: UUID | None, concern_id: UUID | None) -> str:
    """What keeps a child or concern from a panel: `sealed`, `word` (of whoever leads it), or nothing.

    Raises:
        NotFound: the actor may not propose it; whoever only knows who a child is learns nothing more.
    """
    found: str | None = db.session.scalar(select(func.ctx.held_back(child_id, concern_id)))
    if found is None:
        raise NotFound("There is nothing here to propose")
    return found


def held_fast(item: PanelItem) -> PanelItem:
    """The item until the end of the transaction: two who decide on it take turns."""
    lock_row(item)
    return item


def about_item(item: PanelItem) -> About:
    """What a message about an item points at."""
    return About(kind="panel_item", id=item.id, reference=item.reference, case_id=item.case_id)


def hear_of(item_id: UUID) -> dict[Ground, Whom]:
    """Who follows what becomes of an item, for whoever reaches it or records at its panel."""
    asked = text("select * from ctx.hear_of_item(:item)")
    return by_ground(db.session.execute(asked, {"item": item_id}))


#: Who leads a case of the child that whoever tells does not read, the database tells.
UNSEEN = Unseen("panel_item")


def record(action: str, item: PanelItem, **details: Any) -> None:
    """A row in the trail."""
    audit.record(action, item, of_case=item, **details)


def save_minute(*, actor: Principal, meeting: Meeting, item_id: UUID, text: str, version: int) -> int:
    """Keep what was said of an item.

    Args:
        version: that of the minute which the page was opened with; 0 for none.

    Returns:
        the version that it has now; 0 while there is none.

    Raises:
        Forbidden: the actor neither chairs the panel nor takes its notes.
        NotFound: the panel has no such item that they may write on.
        Conflict: somebody else wrote meanwhile; carries both.
        DomainError: its day is not there yet, or its minutes are approved.
    """
    require_panel(meeting)
    require_recording(actor, meeting, "panel:record")
    require_recorded_here(meeting=meeting, item_id=item_id)
    words = text.replace("\r\n", "\n").strip()
    _refuse_held(item_id, {"text": words})
    minute = db.session.get(PanelMinute, item_id)
    if minute is None and not words:
        return 0
    if minute is None:
        first = PanelMinute(item_id=item_id, meeting_id=meeting.id, text=words, version=1)
        first.saved_by, first.saved_at = actor.user_id, clock.now()
        minute = insert_once(first)
        if minute is first:
            _record("panel:record", item_id)
    label = "What was said"
    if lock(
        minute,
        version,
        lambda now: {label: now.text},
        same=lambda now: now.text == words,
        mine={label: words},
    ):
        if minute.saved_by != actor.user_id:
            _record("panel:record", item_id)
        minute.text, minute.version = words, minute.version + 1
        minute.saved_by, minute.saved_at = actor.user_id, clock.now()
    db.session.flush()
    begin_minutes(meeting=meeting)
    return int(minute.version)


def decide(
    *, actor: Principal, meeting: Meeting, item_id: UUID, text: str, reason: str, once: UUID | None = None
) -> PanelDecision:
    """Record what the panel decided on an item and why. Who proposed it and the lead professional are told.

    Args:
        once: made when the page was made, so that sending it twice records it once.

    Raises:
        as `save_minute`; a coordinator may too, who reaches the item.
    """
    require_panel(meeting)
    require_recording(actor, meeting, "panel:decide")
    require_recorded_here(meeting=meeting, item_id=item_id)
    decision_id = uuid5(once, f"{actor.user_id}:{item_id}") if once else new_id()
    text = require_text(text, "Say what was decided", field="text")
    reason = require_text(reason, "Say why", field="reason")
    _refuse_held(item_id, {"text": text, "reason": reason})
    decision = PanelDecision(
        id=decision_id,
        reference=new_reference(Prefix.DECISION),
        item_id=item_id,
        meeting_id=meeting.id,
        text=text,
        reason=reason,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    if (kept := insert_once(decision)) is not decision:
        return kept
    _record("panel:decide", item_id)
    begin_minutes(meeting=meeting)
    _tell(actor, DECIDED, decision)
    return decision


def _refuse_held(item_id: UUID, texts: Mapping[str, str]) -> None:
    """Chair and note-taker read what is written here and may not read the case. Whoever does not reach the
    item knows no held words of it either.
    """
    item = db.session.get(PanelItem, item_id)
    if item is not None and item.child_id is not None:
        check_no_restricted_quotes(texts=texts, child_ids=[item.child_id], use=Use.CITE)


def take_back(*, actor: Principal, meeting: Meeting, decision: PanelDecision, reason: str) -> None:
    """Take a decision back that was recorded by mistake. It stays to be read, with the reason.

    Raises:
        as `decide`.
    """
    require_panel(meeting)
    require_recording(actor, meeting, "panel:decide")
    if decision.meeting_id != meeting.id:
        raise NotFound("There is no such decision")
    reason = require_text(reason, "Say why it is taken back", field="reason")
    lock_row(decision)
    if decision.withdrawn_at is not None:
        raise DomainError("This decision was taken back")
    decision.withdrawn_by, decision.withdrawn_at = actor.user_id, clock.now()
    decision.withdrawn_reason = reason
    db.session.flush()
    _record("panel:take_back", decision.item_id)
    _tell(actor, DECISION_TAKEN_BACK, decision)


def require_recorded_here(*, meeting: Meeting, item_id: UUID) -> None:
    """Go on only with an item of this panel that the person who asks writes on, or reaches.

    Raises:
        NotFound: there is none.
    """
    reached = select(PanelItem.id).where(PanelItem.id == item_id, PanelItem.meeting_id == meeting.id)
    if not db.session.scalar(select(func.ctx.is_recorded_of_item(item_id, meeting.id))) or not (
        db.session.scalar(select(func.ctx.records_item(item_id))) or db.session.scalar(reached)
    ):
        raise NotFound("There is no such item on this panel")


def _record(action: str, item_id: UUID) -> None:
    """A row in the trail that says which child, whom its writer may not reach."""
    row = db.session.execute(
        text(
            "select case_id, child_id from panel_item where id = :id"
            " union select case_id, child_id from ctx.my_panel_papers() where item_id = :id limit 1"
        ),
        {"id": item_id},
    ).one_or_none()
    audit.record(
        action,
        subject_kind="panel_item",
        subject_id=item_id,
        case_id=row.case_id if row else None,
        child_id=row.child_id if row else None,
    )


def _tell(actor: Principal, event: Event, decision: PanelDecision) -> None:
    about = About(kind="panel_item", id=decision.item_id, reference=decision.reference)
    once = f"{event.code}:{decision.id}"
    tell(actor=actor, event=event, about=about, given=hear_of(decision.item_id), once=once, unseen=UNSEEN)


def give_under_item(
    *,
    actor: Principal,
    meeting: Meeting,
    item: PanelItem,
    on: Case | Concern,
    decision_id: UUID | None = None,
    **said: Any,
) -> Action:
    """Give an action on the case or the concern that an item is on; its owner is told at once.

    Whoever gives it reads the case or the concern: a chair who does not leaves it to the coordinator or the
    lead professional, who are told what was decided. Whoever else runs the panel may give it to anybody.

    Args:
        said: what the action is, as `give_action` takes it.

    Raises:
        as `give_action`; NotFound also where the item is not on that; DomainError before the panel’s day.
    """
    require_panel(meeting)
    if item.meeting_id != meeting.id or on.id not in {item.case_id, item.concern_id}:
        raise NotFound("This item is not on that panel")
    refuse_before_its_day(meeting)
    action = give_action(
        actor=actor,
        case=on if isinstance(on, Case) else None,
        concern=on if isinstance(on, Concern) else None,
        at_panel=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
        **said,
    )
    keep(item=item, action=action, decision_id=decision_id)
    return action


def keep(*, item: PanelItem, action: Action, decision_id: UUID | None = None) -> None:
    """Keep that an action was asked for under an item; it is given by its own service."""
    if db.session.get(PanelAction, action.id) is not None:
        return  # a form that was sent twice
    db.session.add(PanelAction(action_id=action.id, item_id=item.id, decision_id=decision_id))
    db.session.flush()
    record("panel:give_action", item, given=str(action.id))
