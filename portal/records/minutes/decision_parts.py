"""Each agency's part in a decision: it agreed, it did not and said why, or it took no part."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.meetings.chairing import case_of, require_recording
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.rules import TOOK_PART
from portal.records.minutes.model import Decision, DecisionPart
from portal.records.minutes.vocabulary import Stance
from portal.records.minutes.writing import begin_minutes
from portal.services.errors import Conflict, DomainError, NotFound, Versions
from portal.services.versions import lock_row


@dataclass(frozen=True)
class Part:
    """What one agency's part was.

    Args:
        words: why it does not agree, or what it adds.
        escalation: where a dissent goes next.
    """

    stance: Stance | None = None
    words: str = ""
    escalation: str = ""

    @classmethod
    def of(cls, row: DecisionPart | None) -> "Part":
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

    seen: Part
    now: Part


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
        if one.now not in {one.seen, Part.of(kept.get(agency))}
    }
    if set(changed) - set(agencies_of(meeting=meeting)):
        raise NotFound("There is no such agency at this meeting")
    if faults := _faults(changed):
        raise BadParts(faults)
    met = {agency for agency in changed if Part.of(kept.get(agency)) != parts[agency].seen}
    if met:
        raise Conflict(
            "Somebody else said what some agencies’ part was. Look at both and save again",
            Versions(
                theirs={str(one): Part.of(kept.get(one)).label for one in met},
                mine={str(one): changed[one].label for one in met},
            ),
        )
    _write(actor, meeting, decision, kept, changed)


def everybody_agrees(*, actor: Principal, meeting: Meeting, decision: Decision) -> None:
    """Every agency that took part in the meeting agrees, unless something else was said of it already.

    Raises:
        as `say_parts`; DomainError also where nobody is marked as having taken part.
    """
    kept = _may_say(actor, meeting, decision)
    there = agencies_of(meeting=meeting, took_part=True)
    if not there:
        raise DomainError("Mark first who came: nobody is marked as having taken part")
    _write(actor, meeting, decision, kept, {one: Part(Stance.AGREES) for one in there if one not in kept})


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


def _faults(parts: Mapping[UUID, Part]) -> dict[UUID, str]:
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
    parts: Mapping[UUID, Part],
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
            subject_kind="decision",
            subject_id=decision.id,
            case_id=decision.case_id,
            meeting=str(meeting.id),
            dissents=sorted(str(one) for one, part in parts.items() if part.stance is Stance.DISSENTS),
        )
        begin_minutes(meeting=meeting)
