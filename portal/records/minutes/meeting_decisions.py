"""What a meeting decides and why; on each child one decision says how the case goes on."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.meetings.agendas import find_item
from portal.records.meetings.chairing import case_of, require_recording
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.minutes.meeting_outcomes import follow_outcome, undo_outcome
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.minutes.writing import begin_minutes
from portal.services.errors import DomainError, NotFound
from portal.services.versions import insert_once, lock


@dataclass(frozen=True)
class _Said:
    text: str
    reason: str
    outcome: MeetingOutcome | None

    @classmethod
    def of(cls, text: str, reason: str, outcome: MeetingOutcome | None) -> "_Said":
        return cls(text.strip(), reason.strip(), outcome)

    @property
    def words(self) -> dict[str, str]:
        return {"Decision": self.text, "Reason": self.reason, "Outcome": _label(self.outcome)}


def record_decision(
    *,
    actor: Principal,
    meeting: Meeting,
    text: str,
    reason: str,
    case: Case | None = None,
    item_id: UUID | None = None,
    outcome: MeetingOutcome | None = None,
    once: UUID | None = None,
) -> Decision:
    """Record what a meeting decided, on one child or on none. An outcome starts what it asks for.

    Args:
        item_id: the heading under which it was decided.
        once: made when the page was made, so that sending it twice records it once.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case, or has no such heading.
        DomainError: the decision or its reason is missing, an outcome is there already or is on no child, or
            the meeting is not being recorded.
    """
    require_recording(actor, meeting, "decision:record")
    if case is not None:
        case_of(meeting=meeting, case_id=case.id)
    if item_id is not None:
        item = find_item(meeting=meeting, item_id=item_id)
        if item.case_id not in {None, case.id if case else None}:
            raise NotFound("There is no such heading on this agenda")
    decision_id = uuid5(once, str(meeting.id)) if once else new_id()
    said = _Said.of(text, reason, outcome)
    _take_turns(meeting, case)
    if (recorded_before := db.session.get(Decision, decision_id)) is not None:
        return recorded_before
    _check(meeting, case, said)
    decision = Decision(
        id=decision_id,
        reference=new_reference(Prefix.DECISION),
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        item_id=item_id,
        text=said.text,
        reason=said.reason,
        outcome=outcome,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    if (kept := insert_once(decision)) is not decision:
        return kept
    _record("decision:record", decision, case, outcome=outcome.value if outcome else "")
    if case is not None and outcome is not None:
        follow_outcome(actor=actor, meeting=meeting, case=case, decision=decision)
    begin_minutes(meeting=meeting)
    return decision


def change_decision(
    *,
    actor: Principal,
    meeting: Meeting,
    decision: Decision,
    text: str,
    reason: str,
    outcome: MeetingOutcome | None,
    version: int,
) -> None:
    """Put a decision in other words, or another outcome, while the meeting is being recorded.

    Raises:
        as `record_decision`; Conflict: somebody changed it meanwhile; carries both.
    """
    case = _standing(actor, meeting, decision)
    said = _Said.of(text, reason, outcome)
    _take_turns(meeting, case)
    lock(decision, version, in_words, first=_refuse_withdrawn, mine=said.words)
    _check(meeting, case, said, but=decision)
    before = decision.outcome
    if case is not None and before != outcome:
        undo_outcome(actor=actor, case=case, decision=decision)
    decision.text, decision.reason, decision.outcome = said.text, said.reason, outcome
    decision.version += 1
    db.session.flush()
    if case is not None and outcome is not None and before != outcome:
        follow_outcome(actor=actor, meeting=meeting, case=case, decision=decision)
    _record("decision:change", decision, case, before=before or "", outcome=outcome.value if outcome else "")


def withdraw_decision(
    *, actor: Principal, meeting: Meeting, decision: Decision, reason: str, version: int
) -> None:
    """Take back what was recorded by mistake. It stays to be read, with the reason.

    Raises:
        as `change_decision`.
    """
    case = _standing(actor, meeting, decision)
    _take_turns(meeting, case)
    lock(decision, version, in_words, first=_refuse_withdrawn, mine={"Decision": "Taken back"})
    if not reason.strip():
        raise DomainError("Say why it is taken back", field="reason")
    if case is not None:
        undo_outcome(actor=actor, case=case, decision=decision)
    decision.withdrawn_at, decision.withdrawn_reason = clock.now(), reason.strip()
    decision.version += 1
    db.session.flush()
    _record("decision:withdraw", decision, case)


def find_decision(*, meeting: Meeting, decision_id: UUID) -> Decision:
    """A decision of this meeting that the person who asks may read.

    Raises:
        NotFound: it is another's, or not theirs to read.
    """
    found = db.session.scalar(
        select(Decision).where(Decision.id == decision_id, Decision.meeting_id == meeting.id)
    )
    if found is None:
        raise NotFound("There is no such decision")
    return found


def outcome_of(*, meeting: Meeting, case: Case) -> Decision | None:
    """The decision of a meeting that says how a case goes on."""
    return db.session.scalar(
        select(Decision).where(
            Decision.meeting_id == meeting.id,
            Decision.case_id == case.id,
            Decision.outcome.is_not(None),
            Decision.withdrawn_at.is_(None),
        )
    )


def in_words(decision: Decision) -> dict[str, str]:
    """A decision as both versions are shown."""
    outcome = MeetingOutcome(decision.outcome) if decision.outcome else None
    return _Said(decision.text, decision.reason, outcome).words


def _label(outcome: MeetingOutcome | None) -> str:
    return outcome.label if outcome else "None"


def _standing(actor: Principal, meeting: Meeting, decision: Decision) -> Case | None:
    """The child's case of a decision that can still be changed."""
    require_recording(actor, meeting, "decision:record")
    if decision.meeting_id != meeting.id:
        raise NotFound("There is no such decision")
    return case_of(meeting=meeting, case_id=decision.case_id) if decision.case_id else None


def _refuse_withdrawn(decision: Decision) -> None:
    if decision.withdrawn_at is not None:
        raise DomainError("This decision was taken back")


def _check(meeting: Meeting, case: Case | None, said: _Said, but: Decision | None = None) -> None:
    if not said.text:
        raise DomainError("Say what was decided", field="text")
    if not said.reason:
        raise DomainError("Say why", field="reason")
    if said.outcome is None:
        return
    if case is None:
        raise DomainError("How a case goes on is decided on one child", field="outcome")
    before = outcome_of(meeting=meeting, case=case)
    if before is not None and before is not but:
        raise DomainError(
            "How this case goes on is decided already. Change that decision, or leave the outcome out",
            field="outcome",
        )


def _take_turns(meeting: Meeting, case: Case | None) -> None:
    """One decision on a child after the other: of two outcomes the second is refused in words."""
    if case is None:
        return
    db.session.execute(
        select(MeetingCase.case_id)
        .where(MeetingCase.meeting_id == meeting.id, MeetingCase.case_id == case.id)
        .with_for_update()
    )


def _record(action: str, decision: Decision, case: Case | None, **details: Any) -> None:
    audit.record(
        action,
        subject_kind="decision",
        subject_id=decision.id,
        case_id=case.id if case else None,
        child_id=case.child_id if case else None,
        meeting=str(decision.meeting_id),
        **details,
    )
