"""The day of a meeting and what follows: who came, what was said and decided, its minutes, who gets them."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.demo.content import acting
from portal.demo.content.acting import PreparingStep, person
from portal.extensions import db
from portal.records.meetings import attendance, external_copies
from portal.records.meetings import external_copies as handouts
from portal.records.meetings.attendance import Mark, Marking
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.model import AgendaItem, Invitation
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes import copies, family_version, meeting_decisions
from portal.records.minutes import issues as minutes_issues
from portal.records.minutes.copies import invitations_with_accounts, open_copies
from portal.records.minutes.meeting_decisions import (
    AgencyPart,
    Saying,
    everybody_agrees,
    record_decision,
    say_parts,
)
from portal.records.minutes.meeting_levels import decide_in_meeting
from portal.records.minutes.meeting_outcomes import Wanted, give_at_meeting, set_next_date
from portal.records.minutes.model import FamilyPassage, MinutesCorrection, MinutesIssue
from portal.records.minutes.reading.issues import offered
from portal.records.minutes.typing import write_minute
from portal.records.minutes.vocabulary import MeetingOutcome, MinutesKind, Stance
from portal.records.minutes.writing import name_reader, open_closed_part
from portal.vocabulary import RiskLevel


def _walk_in(step: PreparingStep) -> None:
    who = step.said.get("person")
    external_copies.add_walk_in(
        **step.at,
        role=step.said["role"],
        person=person(who) if who else None,
        outside=step.said.get("name", ""),
    )


def _hold(step: PreparingStep) -> None:
    """Everybody was there, but for those of whom the files say something else."""
    said = {
        person(one["who"]).id: Mark(Attendance(one["as"]), one.get("note", "")) for one in step.said["marks"]
    }
    invited = db.session.query(Invitation).filter_by(meeting_id=step.meeting.id)
    there, for_team = Mark(Attendance.PRESENT), Mark(Attendance.PRESENT, "Whoever was on duty")

    def mark(one: Invitation) -> Mark:
        return said.get(one.user_id, there) if one.user_id else for_team if one.team_id else there

    attendance.hold(
        **step.at,
        marks={one.id: Marking(seen=Mark.of(one), now=mark(one)) for one in invited},
        quorum_reason=step.said.get("reason", ""),
    )


def _hand_out(step: PreparingStep) -> None:
    handouts.hand_out(
        **step.at,
        invitation=step.of_outsider(),
        case_ids=[one.id for one in cases_of(step.meeting)],
        what=step.said["what"],
        way=step.said["way"],
        on=clock.today(),
    )


def _record(step: PreparingStep) -> None:
    """What the note-taker writes on one child: what was said and decided, the level, the next date."""
    said, meeting, actor = step.said, step.meeting, step.actor
    on = step.at | {"case": step.case}
    for words in said["minutes"]:
        item_id = _heading(step, words["heading"])
        write_minute(actor=actor, meeting=meeting, item_id=item_id, text=words["text"].strip())
    decided = said["decision"]
    decision = record_decision(
        **on, text=decided["text"], reason=decided["reason"], outcome=MeetingOutcome(decided["outcome"])
    )
    for one in decided.get("dissents", ()):
        no = AgencyPart(Stance.DISSENTS, one["why"], one.get("next", ""))
        parts = {person(one["who"]).agency_id: Saying(AgencyPart(), no)}
        say_parts(actor=actor, meeting=meeting, decision=decision, parts=parts)
    everybody_agrees(actor=actor, meeting=meeting, decision=decision)
    for one in decided.get("actions", ()):
        wanted = Wanted(
            what=one["what"],
            measure=one["measure"],
            category=one["category"],
            target=one.get("target", "child"),
            owner=f"person:{person(one['who']).id}",
            due_on=acting.day_and_time(one["by"], step.now).date(),
        )
        give_at_meeting(**on, wanted=wanted, decision=decision)
    decide_in_meeting(**on, level=RiskLevel(said["level"]), reason=said["level_reason"])
    set_next_date(**on, on=acting.day_and_time(said["next"], step.now).date())
    closed = open_closed_part(**on, heading=said["closed"]["heading"], text=said["closed"]["text"])
    for name in said["closed"]["readers"]:
        name_reader(actor=actor, meeting=meeting, closed=closed, person=person(name))


def _heading(step: PreparingStep, words: str) -> UUID:
    found = select(AgendaItem.id).where(AgendaItem.meeting_id == step.meeting.id, AgendaItem.heading == words)
    return db.session.scalars(found).one()


def _minute(step: PreparingStep) -> None:
    item_id = _heading(step, step.said["heading"])
    write_minute(**step.at, item_id=item_id, text=step.said["text"].strip())


def _decide(step: PreparingStep) -> None:
    outcome = step.said.get("outcome")
    meeting_decisions.record_decision(
        **step.at,
        case=cases_of(step.meeting)[0],
        text=step.said["text"],
        reason=step.said["reason"],
        outcome=MeetingOutcome(outcome) if outcome else None,
    )


def _correct(step: PreparingStep) -> None:
    issue = _newest(step, MinutesKind.DRAFT)
    open_copies(actor=step.actor, issue=issue)
    copies.ask(actor=step.actor, issue=issue, text=step.said["text"])


def _answer(step: PreparingStep) -> None:
    asked = select(MinutesCorrection).where(
        MinutesCorrection.meeting_id == step.meeting.id, MinutesCorrection.settled_at.is_(None)
    )
    copies.settle(
        **step.at,
        correction_id=db.session.scalars(asked).one().id,
        taken=step.said["taken"],
        answer=step.said.get("text", ""),
    )


def _for_family(step: PreparingStep) -> None:
    """The chair chooses the passages that hold these words, confirms each and makes the version."""
    (case,) = cases_of(step.meeting)
    places = [
        one.place
        for one in offered(meeting=step.meeting, case_id=case.id)
        if any(words in one.text for words in step.said["words"])
    ]
    family_version.choose(**step.at, case_id=case.id, places=places)
    chosen = db.session.scalars(select(FamilyPassage.id).where(FamilyPassage.meeting_id == step.meeting.id))
    family_version.confirm(**step.at, case_id=case.id, passage_ids=chosen.all())
    family_version.make(**step.at, case=case)


def _distribute(step: PreparingStep) -> None:
    invited = invitations_with_accounts(step.meeting)
    minutes_issues.distribute(
        **step.at,
        invitation_ids=[one.id for one in invited],
        teams=[
            (case.id, team.id) for case in cases_of(step.meeting) for team in minutes_issues.teams_on(case)
        ],
    )


def _newest(step: PreparingStep, kind: MinutesKind) -> MinutesIssue:
    return minutes_issues.issues_of(meeting=step.meeting, kind=kind)[0]


STEPS: Mapping[str, Callable[[PreparingStep], object]] = {
    "walk in": _walk_in,
    "hold": _hold,
    "record": _record,
    "hand out": _hand_out,
    "minute": _minute,
    "decide": _decide,
    "send a draft": lambda step: minutes_issues.circulate(**step.at),
    "correct": _correct,
    "answer": _answer,
    "approve": lambda step: minutes_issues.approve(**step.at),
    "for the family": _for_family,
    "distribute": _distribute,
    "read": lambda step: open_copies(actor=step.actor, issue=_newest(step, MinutesKind.PROFESSIONAL)),
}
