"""What a meeting decides and why, and each agency's part in it.

On each child one decision says how the case goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound, Versions, require_text
from portal.changes.versions import count_change, insert_once, lock, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.facts import managers_of
from portal.records.cases.model import Case
from portal.records.meetings.agenda import find_item
from portal.records.meetings.chairing import case_of, find_on, require_recording
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.meetings.rules import TOOK_PART
from portal.records.meetings.telling import about_meeting
from portal.records.minutes.meeting_outcomes import follow_outcome, undo_outcome
from portal.records.minutes.model import Decision, DecisionPart
from portal.records.minutes.vocabulary import DECIDED, DECISION_WITHDRAWN, DISSENT, MeetingOutcome, Stance
from portal.records.minutes.writing import begin_minutes


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
    tell(actor=actor, event=DECIDED, about=about_meeting(meeting, case))
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
    count_change(decision)
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
    reason = require_text(reason, "Say why it is taken back", field="reason")
    had = undo_outcome(actor=actor, case=case, decision=decision) if case is not None else NOBODY
    decision.withdrawn_at, decision.withdrawn_reason = clock.now(), reason
    count_change(decision)
    _record("decision:withdraw", decision, case)
    given, about = {Ground.OWNER: had}, about_meeting(meeting, case)
    tell(actor=actor, event=DECISION_WITHDRAWN, about=about, given=given, once=str(decision.id))


def find_decision(*, meeting: Meeting, decision_id: UUID) -> Decision:
    """A decision of this meeting that the person who asks may read.

    Raises:
        NotFound: it is another's, or not theirs to read.
    """
    return find_on(Decision, meeting, decision_id, "There is no such decision")


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
    wanted = select(MeetingCase.case_id).filter_by(meeting_id=meeting.id, case_id=case.id)
    db.session.execute(wanted.with_for_update())


def _record(action: str, decision: Decision, case: Case | None, **details: Any) -> None:
    audit.record(action, decision, case=case, meeting=str(decision.meeting_id), **details)


@dataclass(frozen=True)
class AgencyPart:
    """What one agency's part was.

    Args:
        words: why it does not agree, or what it adds.
        escalation: where a dissent goes next.
    """

    stance: Stance | None = None
    words: str = ""
    escalation: str = ""

    @classmethod
    def of(cls, row: DecisionPart | None) -> "AgencyPart":
        """What is on record."""
        return cls(Stance(row.stance), row.words, row.escalation) if row else cls()

    @property
    def label(self) -> str:
        """The part as both versions are shown."""
        said = self.stance.label if self.stance else "Not said"
        return ": ".join(one for one in (said, self.words, self.escalation) if one)


@dataclass(frozen=True)
class Saying:
    """One agency's part as it was shown and as it comes back."""

    seen: AgencyPart
    now: AgencyPart


class BadParts(DomainError):
    """Some of the parts cannot stand; `faults` says by agency what is wrong."""

    def __init__(self, faults: Mapping[UUID, str]) -> None:
        super().__init__("More has to be said about the part of some agencies")
        self.faults = faults


def say_parts(
    *, actor: Principal, meeting: Meeting, decision: Decision, parts: Mapping[UUID, Saying]
) -> None:
    """Record the part of agencies of the meeting. What somebody else said meanwhile stands where it was not
    touched here.

    Args:
        parts: by agency.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: an agency is not of this meeting, or the decision is another's.
        BadParts: a dissent says no reason, or what was said would be taken back.
        Conflict: two people said different things of one agency.
        DomainError: the decision was taken back, or the meeting is not being recorded.
    """
    kept = _may_say(actor, meeting, decision)
    changed = {
        agency: one.now
        for agency, one in parts.items()
        if one.now not in {one.seen, AgencyPart.of(kept.get(agency))}
    }
    if set(changed) - set(agencies_of(meeting=meeting)):
        raise NotFound("There is no such agency at this meeting")
    if faults := _faults(changed):
        raise BadParts(faults)
    met = {agency for agency in changed if AgencyPart.of(kept.get(agency)) != parts[agency].seen}
    if met:
        raise Conflict(
            "Somebody else said what some agencies’ part was. Look at both and save again",
            Versions(
                theirs={str(one): AgencyPart.of(kept.get(one)).label for one in met},
                mine={str(one): changed[one].label for one in met},
            ),
        )
    _write(actor, meeting, decision, kept, changed)
    about = About("meeting", meeting.id, meeting.reference, decision.case_id)
    for agency in (one for one, part in changed.items() if part.stance is Stance.DISSENTS):
        given, once = {Ground.MANAGER: to_people(*managers_of(agency))}, f"{decision.id}:{agency}"
        tell(actor=actor, event=DISSENT, about=about, given=given, once=once)


def everybody_agrees(*, actor: Principal, meeting: Meeting, decision: Decision) -> None:
    """Every agency that took part in the meeting agrees, unless something else was said of it already.

    Raises:
        as `say_parts`; DomainError also where nobody is marked as having taken part.
    """
    kept = _may_say(actor, meeting, decision)
    there = agencies_of(meeting=meeting, took_part=True)
    if not there:
        raise DomainError("Say first who came: nobody is recorded yet as having taken part")
    agreeing = {one: AgencyPart(Stance.AGREES) for one in there if one not in kept}
    _write(actor, meeting, decision, kept, agreeing)


def agencies_of(*, meeting: Meeting, took_part: bool = False) -> list[UUID]:
    """The agencies that are invited to a meeting, or that took part in it by what is marked."""
    found = select(Invitation.agency_id).where(
        Invitation.meeting_id == meeting.id,
        Invitation.withdrawn_at.is_(None),
        Invitation.agency_id.is_not(None),
    )
    if took_part:
        found = found.where(Invitation.attendance.in_(sorted(TOOK_PART)))
    return [one for one in db.session.scalars(found.distinct()) if one is not None]


def _may_say(actor: Principal, meeting: Meeting, decision: Decision) -> dict[UUID, DecisionPart]:
    """What is said of each agency, held until the end of the transaction."""
    require_recording(actor, meeting, "decision:record")
    if decision.meeting_id != meeting.id:
        raise NotFound("There is no such decision")
    lock_row(decision)
    if decision.withdrawn_at is not None:
        raise DomainError("This decision was taken back")
    if decision.case_id:
        case_of(meeting=meeting, case_id=decision.case_id)
    found = select(DecisionPart).where(DecisionPart.decision_id == decision.id)
    return {one.agency_id: one for one in db.session.scalars(found.execution_options(populate_existing=True))}


def _faults(parts: Mapping[UUID, AgencyPart]) -> dict[UUID, str]:
    faults = {}
    for agency, part in parts.items():
        if part.stance is None:
            faults[agency] = "choose what its part was"
        elif part.stance is Stance.DISSENTS and not part.words.strip():
            faults[agency] = "say why it does not agree"
    return faults


def _write(
    actor: Principal,
    meeting: Meeting,
    decision: Decision,
    kept: Mapping[UUID, DecisionPart],
    parts: Mapping[UUID, AgencyPart],
) -> None:
    for agency, part in parts.items():
        row = kept.get(agency) or DecisionPart(decision_id=decision.id, agency_id=agency)
        row.stance = part.stance or Stance.NO_PART
        row.words, row.escalation = part.words.strip(), part.escalation.strip()
        row.saved_by, row.saved_at = actor.user_id, clock.now()
        db.session.add(row)
    db.session.flush()
    if parts:
        audit.record(
            "decision:parts",
            decision,
            case_id=decision.case_id,
            meeting=str(meeting.id),
            dissents=sorted(str(one) for one, part in parts.items() if part.stance is Stance.DISSENTS),
        )
        begin_minutes(meeting=meeting)
