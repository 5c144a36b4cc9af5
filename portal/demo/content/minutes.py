"""What follows a meeting: its minutes, a draft that goes round, corrections, approval, who receives them."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from portal.demo.content.preparing import PreparingStep
from portal.extensions import db
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.model import AgendaItem
from portal.records.minutes import copies, family_version, meeting_decisions
from portal.records.minutes import issues as minutes_issues
from portal.records.minutes.copies import invitations_with_accounts, open_copies
from portal.records.minutes.model import FamilyPassage, MinutesCorrection, MinutesIssue
from portal.records.minutes.reading.issues import offered
from portal.records.minutes.vocabulary import MeetingOutcome, MinutesKind
from portal.records.minutes.writing import save_minute


def _minute(step: PreparingStep) -> None:
    item = db.session.scalars(
        select(AgendaItem).where(
            AgendaItem.meeting_id == step.meeting.id, AgendaItem.heading == step.said["heading"]
        )
    ).one()
    save_minute(**step.at, item_id=item.id, text=step.said["text"].strip(), version=0)


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
    invited = invitations_with_accounts(step.meeting, by_name=False)
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
