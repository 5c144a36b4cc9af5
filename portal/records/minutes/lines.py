"""Decisions and actions in one line under a heading of a meeting: kept while they are typed, then added.

A line that is not added counts for nothing; it waits where it was typed, for whoever records the meeting.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found, outcome_of
from portal.changes.merging import merge
from portal.extensions import db
from portal.pathway.calendar import day_typed
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import AgendaItem, Meeting, MeetingCase
from portal.records.minutes.meeting_decisions import record_decision, withdraw_decision
from portal.records.minutes.meeting_outcomes import Wanted, give_at_meeting
from portal.records.minutes.model import Decision, MeetingDraft
from portal.records.minutes.vocabulary import LineKind
from portal.records.plans.action_changes import end_as_not_needed
from portal.records.plans.model import Action
from portal.records.plans.rules import External

#: What is typed in a line, in order; of an action all but the last are asked for.
FIELDS: Mapping[LineKind, tuple[str, ...]] = {
    LineKind.ACTION: ("what", "who", "by", "measure", "category", "outside"),
    LineKind.DECISION: ("text", "reason"),
}
#: What is chosen and not written: two choices are not brought together, the later one holds.
_CHOSEN = frozenset({"who", "category", "outcome", "effect"})
#: A code of policy `plans.targets`: an action of a line is about the child; another is given on its own page.
ABOUT_THE_CHILD = "child"
NO_DAY = "Enter a day, like 18 Dec, Friday or in two weeks. A day far ahead wants its year"
NO_NEXT_MEETING = "No next date is set yet. Set it, or enter a day"
TAKEN_BACK = "Taken back while the meeting was recorded"


@dataclass(frozen=True)
class SentLine:
    """What a page sends of one line.

    Args:
        line_id: made with the line; adding it twice adds it once.
        case_id: of the child that it is on; None for the whole meeting.
        fields: all that stands in it, by name.
        was: by name what the page may have read or sent of a field before, newest last.
    """

    line_id: UUID
    item_id: UUID
    kind: LineKind
    case_id: UUID | None
    fields: Mapping[str, str]
    was: Mapping[str, Sequence[str]]

    @property
    def is_begun(self) -> bool:
        """Whether somebody wrote in it. A choice alone is none: it may stand there from before."""
        return any(self.fields.get(name, "").strip() for name in FIELDS[self.kind] if name != "category")


def keep_line(*, actor: Principal, meeting: Meeting, sent: SentLine) -> MeetingDraft:
    """Keep what is typed in one line.

    Raises:
        as `keep_lines`, and what that gives back.
    """
    kept = keep_lines(actor=actor, meeting=meeting, sent=[sent])[sent.line_id]
    if isinstance(kept, DomainError):
        raise kept
    return kept


def keep_lines(
    *, actor: Principal, meeting: Meeting, sent: Collection[SentLine]
) -> dict[UUID, MeetingDraft | DomainError]:
    """Keep what is typed in lines, each by itself, each field together with what somebody else wrote in it.

    Returns:
        by line what is kept; or why it is not. `NotFound`: it is another meeting's, another heading's or on a
        child whose case the actor does not read. An action on no child is refused.

    Raises:
        Forbidden: the actor does not record the meeting.
        DomainError: its day is not there yet, or its minutes are approved.
    """
    chairing.require_recording(actor, meeting, "decision:record")
    places = _Places.held_fast(meeting, sent)
    kept = {one.line_id: outcome_of(_keep, actor, meeting, one, places) for one in sent}
    db.session.flush()
    return kept


def _keep(actor: Principal, meeting: Meeting, sent: SentLine, places: "_Places") -> MeetingDraft:
    draft = places.draft_for(sent)
    if draft is None:
        draft = MeetingDraft(
            id=sent.line_id,
            meeting_id=meeting.id,
            item_id=sent.item_id,
            case_id=sent.case_id,
            kind=sent.kind,
            fields={},
            made_at=clock.now(),
        )
        db.session.add(draft)
    elif draft.added_at is not None:  # it came late: what was added stands
        return draft
    kept = {name: str(value) for name, value in draft.fields.items()}
    now = {name: together(name, sent.fields, sent.was, kept.get(name, "")) for name in FIELDS[sent.kind]}
    if now != kept or draft.dropped_at is not None:
        draft.fields, draft.dropped_at = now, None
        draft.saved_by, draft.saved_at = actor.user_id, clock.now()
    return draft


def add_line(*, actor: Principal, meeting: Meeting, draft: MeetingDraft) -> Decision | Action:
    """Make the decision or the action of a line that is complete. Adding it again gives the same.

    Raises:
        Forbidden, NotFound: as `record_decision` and `give_at_meeting`.
        DomainError: something is missing; `field` is the name of the line's field.
    """
    case = chairing.case_of(meeting=meeting, case_id=draft.case_id) if draft.case_id else None
    fields = {name: str(value).strip() for name, value in draft.fields.items()}
    made: Decision | Action
    if draft.kind == LineKind.DECISION:
        made = record_decision(
            actor=actor,
            meeting=meeting,
            text=fields["text"],
            reason=fields["reason"],
            case=case,
            item_id=draft.item_id,
            once=draft.id,
        )
    else:
        made = _give(actor, meeting, or_not_found(case, "The meeting is not on this case"), draft, fields)
    if draft.added_at is None:
        draft.added_at, draft.record_id = clock.now(), made.id
        draft.saved_by, draft.saved_at = actor.user_id, draft.added_at
        db.session.flush()
    return made


def day_of(*, meeting: Meeting, case_id: UUID | None, typed: str) -> date | None:
    """The day that stands in a line; None for what is none."""
    return day_typed(typed, today=clock.today(), next_meeting=_next_on(meeting, case_id))


def take_back_line(*, actor: Principal, meeting: Meeting, line_id: UUID) -> MeetingDraft:
    """Take back what was added, or drop what is only typed. What was added stays on record, as taken back.

    Raises:
        Forbidden: the actor does not record the meeting, or may not change what it has become.
        NotFound: there is no such line.
        DomainError: it was changed or went on since: then it is changed on its own page.
    """
    chairing.require_recording(actor, meeting, "decision:record")
    wanted = select(MeetingDraft).where(MeetingDraft.id == line_id, MeetingDraft.meeting_id == meeting.id)
    draft = or_not_found(
        db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True)),
        "There is no such line",
    )
    if draft.dropped_at is not None:
        return draft
    if draft.record_id is not None and draft.kind == LineKind.DECISION:
        _take_decision_back(actor, meeting, draft.record_id)
    elif draft.record_id is not None:
        _take_action_back(actor, draft.record_id)
    draft.dropped_at = clock.now()
    draft.saved_by, draft.saved_at = actor.user_id, draft.dropped_at
    db.session.flush()
    return draft


def _give(
    actor: Principal, meeting: Meeting, case: Case, draft: MeetingDraft, fields: Mapping[str, str]
) -> Action:
    if not fields["what"]:
        raise DomainError("Write what is to be done", field="what")
    external = External.typed(fields.get("outside", ""))
    if not fields["who"]:
        raise DomainError("Choose who tells them" if external else "Choose who does it", field="who")
    on = day_of(meeting=meeting, case_id=case.id, typed=fields["by"])
    if on is None:
        is_next = fields["by"].lower() in {"next meeting", "the next meeting"}
        raise DomainError(NO_NEXT_MEETING if is_next else NO_DAY, field="by")
    wanted = Wanted(
        what=fields["what"],
        measure=fields["measure"],
        category=fields["category"],
        target=ABOUT_THE_CHILD,
        owner=fields["who"],
        external=external,
        due_on=on,
        once=draft.id,
    )
    try:
        return give_at_meeting(actor=actor, meeting=meeting, case=case, wanted=wanted)
    except DomainError as refused:
        raise DomainError(refused.message, field=_CALLED.get(refused.field or "", refused.field)) from refused


#: What the services call a field of a line.
_CALLED = {"owner": "who", "due_on": "by", "external_name": "outside", "external_role": "outside"}


def _take_decision_back(actor: Principal, meeting: Meeting, decision_id: UUID) -> None:
    decision = or_not_found(db.session.get(Decision, decision_id), "There is no such decision")
    if decision.withdrawn_at is None:
        withdraw_decision(
            actor=actor, meeting=meeting, decision=decision, reason=TAKEN_BACK, version=decision.version
        )


def _take_action_back(actor: Principal, action_id: UUID) -> None:
    action = or_not_found(db.session.get(Action, action_id), "There is no such action")
    end_as_not_needed(actor=actor, action=action, reason=TAKEN_BACK, version=action.version)


@dataclass(frozen=True)
class _Places:
    """Where the lines of one request stand, held until the end of the transaction."""

    items: Mapping[UUID, AgendaItem]
    cases: Collection[UUID]
    drafts: Mapping[UUID, MeetingDraft]

    @classmethod
    def held_fast(cls, meeting: Meeting, sent: Collection[SentLine]) -> "_Places":
        """Two who write under one heading take turns."""
        items = select(AgendaItem).where(
            AgendaItem.meeting_id == meeting.id, AgendaItem.id.in_([one.item_id for one in sent])
        )
        held = {item.id: item for item in db.session.scalars(items.order_by(AgendaItem.id).with_for_update())}
        drafts = select(MeetingDraft).where(MeetingDraft.id.in_([one.line_id for one in sent]))
        found = drafts.with_for_update().execution_options(populate_existing=True)
        return cls(
            held,
            {case.id for case in chairing.cases_of(meeting)},
            {draft.id: draft for draft in db.session.scalars(found)},
        )

    def draft_for(self, sent: SentLine) -> MeetingDraft | None:
        """What is kept of a line that may stand there; None for a new one."""
        item = or_not_found(self.items.get(sent.item_id), "There is no such heading on this agenda")
        if sent.case_id is not None and sent.case_id not in self.cases:
            raise NotFound("The meeting is not on this case")
        if sent.case_id is None and sent.kind is LineKind.ACTION:
            raise DomainError("An action is on one child", field="what")
        if item.case_id not in {None, sent.case_id}:
            raise NotFound("There is no such heading on this agenda")
        draft = self.drafts.get(sent.line_id)
        place = (sent.item_id, sent.kind, sent.case_id)
        if draft is not None and (draft.item_id, draft.kind, draft.case_id) != place:
            raise NotFound("There is no such line")
        return draft


def together(name: str, fields: Mapping[str, str], was: Mapping[str, Sequence[str]], kept: str) -> str:
    """What a field holds then. What the page sent before and had no answer to is its own, and counts once.

    Args:
        fields, was: what the page sends, and what it may have read or sent before, by name.
        kept: what stands there.
    """
    if name not in fields:
        return kept
    typed, before = " ".join(fields[name].split()), [" ".join(one.split()) for one in was.get(name, ())]
    if kept in {"", typed, *before}:
        return typed
    if typed == (before[0] if before else ""):
        return kept
    return typed if name in _CHOSEN else merge(_nearest(before, kept, but=typed), kept, typed).text


def _nearest(was: Iterable[str], kept: str, *, but: str) -> str:
    """What somebody else began from: of all that this page sent before, what is most like what they made.

    Not what it sends now: whether that came before is not known, and twice is better than not at all.
    """
    before = [one for one in was if one != but]
    return max(before, key=lambda one: SequenceMatcher(None, one, kept).ratio(), default="")


def _next_on(meeting: Meeting, case_id: UUID | None) -> date | None:
    if case_id is None:
        return None
    found = select(MeetingCase.next_on).where(
        MeetingCase.meeting_id == meeting.id, MeetingCase.case_id == case_id
    )
    return db.session.scalar(found)
