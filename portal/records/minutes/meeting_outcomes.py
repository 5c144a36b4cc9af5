"""What a meeting sets in motion on a case: its outcome, actions, and when to meet again."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.deadlines.changes import (
    cancel_deadlines,
    move_deadline,
    open_deadline,
    open_deadlines,
    supersede_deadlines,
)
from portal.deadlines.model import Deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, to_people, to_teams
from portal.pathway.calendar import end_of_day
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.assessments.levels import review_due
from portal.records.cases.facts import owner_of
from portal.records.cases.model import Case
from portal.records.linked_processes.effects import enquiry_decided, take_enquiry_back
from portal.records.meetings.chairing import HELD_STATES, case_of, require_recording
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.rules import MEETS
from portal.records.meetings.telling import tell_on_cases
from portal.records.meetings.vocabulary import NEXT_DATE_SET, MeetingState
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.minutes.writing import begin_minutes
from portal.records.people.model import Team, User
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action
from portal.records.plans.rules import NO_EXTERNAL, External

#: The meeting that an outcome asks for.
_ASKS_FOR = {
    MeetingOutcome.SECTION_47: DeadlineKind.STRATEGY,
    MeetingOutcome.HIGH_RISK_GROUP: DeadlineKind.HIGH_RISK_GROUP,
}
_GROUP = "high_risk_group"  # a code of policy levels.groups


def follow_outcome(*, actor: Principal, meeting: Meeting, case: Case, decision: Decision) -> None:
    """Start what an outcome asks for, unless it is owed already or this very meeting was it.

    A Section 47 enquiry runs from the meeting and asks for a strategy discussion; the High Risk Management
    Group meets within the time of policy `levels.groups`.
    """
    if decision.outcome == MeetingOutcome.SECTION_47 and case.state in OPEN_CASE_STATES:
        enquiry_decided(actor=actor, meeting=meeting, case=case, decision=decision)
    kind = _ASKS_FOR.get(MeetingOutcome(decision.outcome)) if decision.outcome else None
    if kind is None or MEETS.get(meeting.kind) is kind or case.state not in OPEN_CASE_STATES:
        return
    if open_deadlines(subject=case, kind=kind):
        return
    if kind is DeadlineKind.HIGH_RISK_GROUP:
        _owe_group(case, decision)
    else:
        open_deadline(kind=kind, subject=case, owner=owner_of(case), started_at=decision.recorded_at)


def undo_outcome(*, actor: Principal, case: Case, decision: Decision) -> Whom:
    """What this decision set in motion is no longer owed; what was owed before it is.

    Returns:
        whose duty is gone.
    """
    kind = _ASKS_FOR.get(MeetingOutcome(decision.outcome)) if decision.outcome else None
    take_enquiry_back(actor=actor, decision=decision)
    if kind is None:
        return NOBODY
    gone = [one for one in open_deadlines(subject=case, kind=kind) if one.started_at == decision.recorded_at]
    if gone:
        cancel_deadlines(
            subject=case,
            kind=kind,
            reason=f"The decision {decision.reference} was changed",
            started_at=decision.recorded_at,
        )
    return to_people(*(one.owner_id for one in gone)) | to_teams(*(one.owner_team_id for one in gone))


def _owe_group(case: Case, decision: Decision) -> None:
    policy = current_policy(case.authority)
    group = policy.levels.groups[_GROUP]
    if group.within is None:
        return
    open_deadline(
        kind=DeadlineKind.HIGH_RISK_GROUP,
        subject=case,
        owner=owner_of(case),
        started_at=decision.recorded_at,
        due_at=due(group.within, decision.recorded_at),
        source=f"levels.groups.{_GROUP}",
        confirmed=group.within.confirmed,
        policy=policy,
    )


SET_BY_A_MEETING = "The meeting set its next date"
BY_THE_REVIEW = "The review is due on that date"


def set_next_date(*, actor: Principal, meeting: Meeting, case: Case, on: date, reason: str = "") -> None:
    """Set the next date on a child. The review is then due on it.

    Args:
        reason: why it is later than the level's interval (policy `levels`), where it is.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case.
        DomainError: it does not lie after the meeting, it is later than the policy says and nobody said why,
            or the meeting is not being recorded.
    """
    require_recording(actor, meeting, "minutes:write")
    case_of(meeting=meeting, case_id=case.id)
    if on <= clock.local(meeting.starts_at).date():
        raise DomainError("Enter a day after the meeting", field="next_on")
    latest = latest_date(meeting=meeting, case=case)
    if latest is not None and on > latest:
        _check_later(meeting, latest, reason)
    row = _on(meeting, case)
    if row.next_on != on:
        row.next_on = on
        db.session.flush()
        audit.record("meeting:next_date", meeting, case=case, on=on.isoformat())
        tell_on_cases(actor=actor, meeting=meeting, event=NEXT_DATE_SET, case_id=case.id)
    reviews = _reviews(meeting, case)
    for review in reviews:
        _move(actor, review, on, reason.strip() or SET_BY_A_MEETING)
    if not reviews:
        _owe_next(actor, meeting, case, on)
    begin_minutes(meeting=meeting)


def follow_next_date(*, actor: Principal, meeting: Meeting, case: Case) -> None:
    """The review that was just counted from a meeting is due on the next date, where that is earlier. Where
    none is owed, because of its kind or for want of a level, meeting again is owed by itself.
    """
    wanted, reviews = _on(meeting, case).next_on, _reviews(meeting, case)
    for review in reviews:
        if wanted is not None and wanted < clock.local(review.due_at).date():
            _move(actor, review, wanted, SET_BY_A_MEETING)
    if reviews:
        supersede_deadlines(subject=case, kind=DeadlineKind.NEXT_MEETING, reason=BY_THE_REVIEW)
    elif wanted is not None:
        _owe_next(actor, meeting, case, wanted)


def _owe_next(actor: Principal, meeting: Meeting, case: Case, on: date) -> None:
    """Before a meeting was held nothing is owed by it."""
    if MeetingState(meeting.state) not in HELD_STATES or case.state not in OPEN_CASE_STATES:
        return
    owed = open_deadlines(subject=case, kind=DeadlineKind.NEXT_MEETING)
    for one in owed:
        _move(actor, one, on, SET_BY_A_MEETING)
    if not owed:
        kind, since = DeadlineKind.NEXT_MEETING, meeting.held_at
        open_deadline(kind=kind, subject=case, owner=owner_of(case), started_at=since, due_at=end_of_day(on))


def latest_date(*, meeting: Meeting, case: Case) -> date | None:
    """The last day on which the level wants the next meeting; None where it asks for none."""
    for review in _reviews(meeting, case):
        return clock.local(review.original_due_at).date()
    due = review_due(case=case, held_at=meeting.held_at or meeting.starts_at)
    return clock.local(due).date() if due else None


def _check_later(meeting: Meeting, latest: date, reason: str) -> None:
    require_text(
        reason,
        f"The level asks for the next meeting by {latest.day} {latest:%B %Y}. Say why it is later",
        field="next_reason",
    )
    if MeetingState(meeting.state) not in HELD_STATES:
        raise DomainError(
            "Record first that the meeting was held: the review is counted from it, and can then be later",
            field="next_on",
        )


def _reviews(meeting: Meeting, case: Case) -> list[Deadline]:
    """The review that runs from this meeting: before it was held, the open one is the one that it meets."""
    if MeetingState(meeting.state) not in HELD_STATES:
        return []
    return open_deadlines(subject=case, kind=DeadlineKind.REVIEW)


def _move(actor: Principal, review: Deadline, on: date, reason: str) -> None:
    due: datetime = end_of_day(on)
    if review.due_at != due:
        move_deadline(actor=actor, deadline=review, due_at=due, reason=reason)


def _on(meeting: Meeting, case: Case) -> MeetingCase:
    return db.session.scalars(select(MeetingCase).filter_by(meeting_id=meeting.id, case_id=case.id)).one()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who does what by when.

    Args:
        owner: `person:` or `team:` and the identifier of whoever does it.
        external, once: as for `give_action`.
    """

    what: str
    measure: str
    category: str
    target: str
    owner: str
    due_on: date | None
    external: External = NO_EXTERNAL
    once: UUID | None = None


def give_at_meeting(
    *, actor: Principal, meeting: Meeting, case: Case, wanted: Wanted, decision: Decision | None = None
) -> Action:
    """Give an action on a child while the meeting is recorded; whoever owns it is told at once.

    Raises:
        as `give_action`; DomainError also where the day or the owner is missing.
    """
    require_recording(actor, meeting, "decision:record")
    case_of(meeting=meeting, case_id=case.id)
    if wanted.due_on is None:
        raise DomainError("Enter the day by which it is done", field="due_on")
    return give_action(
        actor=actor,
        case=case,
        what=wanted.what,
        measure=wanted.measure,
        category=wanted.category,
        target=wanted.target,
        owner=_owner(wanted.owner),
        external=wanted.external,
        due_on=wanted.due_on,
        meeting=meeting,
        decision=decision.id if decision else None,
        once=wanted.once,
    )


def _owner(key: str) -> User | Team:
    kind, _, named = key.partition(":")
    found: User | Team | None = None
    if named:
        found = db.session.get(User, UUID(named)) if kind == "person" else db.session.get(Team, UUID(named))
    if found is None:
        raise DomainError("Choose who does it", field="owner")
    return found
