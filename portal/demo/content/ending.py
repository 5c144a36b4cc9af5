"""How cases of the demonstration end: after a meeting, without one by two people, or handed over."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from portal import clock
from portal.access.principal import Principal
from portal.demo.content.acting import Described, Stage, person, reread
from portal.extensions import db
from portal.records.assessments.lifecycle import abandon_assessment, written_now
from portal.records.cases.model import Case
from portal.records.closing import hand_overs
from portal.records.closing.checks import closure_of
from portal.records.closing.ending import Ending, FollowUp, agree_to_end, end_case
from portal.records.closing.vocabulary import ClosureKind, HandOverKind
from portal.records.meetings import calling as meetings
from portal.records.meetings.attendance import Mark, Marking, hold
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes.meeting_decisions import record_decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.vocabulary import CaseState

_CALLED = timedelta(days=6)  # before the meeting
_BEFORE = timedelta(hours=3)  # what is written before the case ends
_LASTS = timedelta(hours=1)

_HANDED_OVER: Mapping[str, str] = {
    "must_know": "Adults gave lifts and money and then asked for something in return. They may come looking",
    "wishes": "“I want to start again where nobody knows me, and to keep my phone number.”",
    "level": "As at the last meeting here. New debts or new phones would be the first signs",
    "risks": "Evenings alone, and anybody who offers to pay what is owed. College makes it better",
    "actions": "A place at college is applied for. The police here carry on with the adults",
    "tell": "The college and the GP. Not the uncle, who told others where they live",
    "support": "The youth worker here rings every week until somebody is found there",
}


def end(stage: Stage, about: Described, case_id: UUID) -> None:
    """End a case as the files say, by its services."""
    kind, over, lead = ClosureKind(about["state"]), stage.ago(about["closed"]), about["lead"]
    if kind is ClosureKind.TRANSFERRED:
        with stage.acting(lead, over - _BEFORE) as actor:
            _hand_over(actor, reread(Case, case_id))
    if "chair" in about:
        _meet(stage, about, case_id, kind)
    with stage.acting(lead, over) as actor:
        case = reread(Case, case_id)
        end_case(actor=actor, case=case, ending=_ending(about, kind), version=case.version)
    if "second" in about:
        with stage.acting(about["second"], over + _LASTS) as actor:
            case = reread(Case, case_id)
            waiting = closure_of(case)
            if waiting is None:
                raise LookupError(f"Nobody asked that {case.reference} end")
            agree_to_end(actor=actor, case=case, closure=waiting)


def _meet(stage: Stage, about: Described, case_id: UUID, kind: ClosureKind) -> None:
    """The meeting that decided it."""
    over = stage.ago(about["closed"])
    starts_at = over - 2 * _LASTS
    with stage.acting(about["lead"], over - _CALLED) as actor:
        called = meetings.call_meeting(
            actor=actor,
            plan=meetings.Plan(
                kind="review",
                starts_at=starts_at,
                ends_at=starts_at + _LASTS,
                chair=person(about["chair"]),
                note_taker=person(about["lead"]),
                place="County Hall, room 4",
            ),
            cases=[reread(Case, case_id)],
        )
        meeting_id = called.id
    with stage.acting(about["chair"], starts_at + _LASTS) as actor:
        meeting, case = reread(Meeting, meeting_id), reread(Case, case_id)
        invited = db.session.query(Invitation).filter_by(meeting_id=meeting.id)
        marks = {
            one.id: Marking(seen=Mark.of(one), now=Mark(Attendance.PRESENT, "As planned")) for one in invited
        }
        hold(actor=actor, meeting=meeting, marks=marks, quorum_reason="They had sent what they know before")
        closes = kind is ClosureKind.CLOSED
        record_decision(
            actor=actor,
            meeting=meeting,
            case=case,
            text="Close the case" if closes else "Transfer the case to where the child lives now",
            reason=about.get("because") or about["reason"],
            outcome=MeetingOutcome.CLOSE if closes else MeetingOutcome.TRANSFER,
        )


def _ending(about: Described, kind: ClosureKind) -> Ending:
    transfers = kind is ClosureKind.TRANSFERRED
    found_nothing = about.get("level") == "none"
    reason = "moved" if transfers else "no_exploitation" if found_nothing else "risk_lower"
    away = FollowUp(name="Una Elsewhere", agency="Coastshire exploitation team", contact="01632 960077")
    return Ending(
        kind=kind,
        reason=reason,
        words=about.get("because") or about["reason"],
        follow_up=away if transfers else FollowUp(person=person(about["lead"])),
        minutes_reason="The chair has read them and approves them this week",
        reopen_if="Missing overnight, new debts or phones, or contact with the same people",
    )


def _hand_over(actor: Principal, case: Case) -> None:
    """Write the hand-over; an assessment that was begun is not completed any more."""
    begun = written_now(case)
    if begun is not None:
        abandon_assessment(
            actor=actor, case=case, assessment=begun, reason="They have moved away", version=begun.version
        )
    written = hand_overs.begin_hand_over(actor=actor, case=case, kind=HandOverKind.TRANSFER)
    words = hand_overs.HandOverWords(
        service="Coastshire, exploitation team",
        person="Una Elsewhere",
        contact="01632 960077",
        meets_on=clock.today() + timedelta(days=7),
        answers=_HANDED_OVER,
    )
    version = hand_overs.save_hand_over(
        actor=actor, case=case, hand_over=written, words=words, version=written.version
    )
    hand_overs.finalise_hand_over(actor=actor, case=case, hand_over=written, version=version)


def ends(about: Described) -> bool:
    """Whether the files say that a case ended."""
    return about.get("state") in {CaseState.CLOSED.value, CaseState.TRANSFERRED.value}
