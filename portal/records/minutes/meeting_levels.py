"""A level that a meeting decides anew. A higher one holds at once; a lower one waits for a second person."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import count_change, insert_now, lock_row
from portal.deadlines.changes import (
    Owner,
    finish_deadlines,
    hand_deadlines_over,
    open_deadline,
    open_deadlines,
)
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import heard_of, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.assessments.levels import (
    decide_level,
    follow_level_of_meeting,
    level_of,
)
from portal.records.assessments.lifecycle import directing_facts
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.assessments.rules import lowers
from portal.records.assessments.second_person import managers_of_lead
from portal.records.assessments.vocabulary import (
    LEVEL_OVERTAKEN,
    LEVEL_PROPOSED,
    LEVEL_SETTLED,
    LEVEL_TAKEN_BACK,
)
from portal.records.cases.facts import about_case, owner_of
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, require_recording
from portal.records.meetings.model import Meeting
from portal.records.minutes.copies import about_issue, last_issue
from portal.records.minutes.meeting_outcomes import follow_next_date
from portal.records.minutes.model import LevelProposal
from portal.records.minutes.vocabulary import GIVEN, LEVEL_ANSWERED, OVERTAKEN, MinutesKind
from portal.records.minutes.writing import begin_minutes
from portal.records.people.model import User
from portal.vocabulary import RiskLevel, Sensitivity


def decide_in_meeting(
    *, actor: Principal, meeting: Meeting, case: Case, level: RiskLevel, reason: str
) -> LevelDecision | LevelProposal:
    """Record the level that a meeting comes to on a child. One that is not lower holds at once.

    Returns:
        the decision, or for a lower level what now waits for a second person.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case.
        DomainError: there is no reason, the case has no level yet or is closed, a lower one waits already, or
            the meeting is not being recorded.
    """
    require_recording(actor, meeting, "level:propose")
    case_of(meeting=meeting, case_id=case.id)
    before = level_of(case)
    stands = why_no_level(
        state=case.state,
        level=before,
        waits=waiting(case=case) is not None,
        begun=meeting.starts_at <= clock.now(),
    )
    if stands:
        raise DomainError(stands, field="level")
    reason = require_text(reason, "Say why this is the level", field="level_reason")
    begin_minutes(meeting=meeting)
    if before is not None and lowers(before, level):
        return _propose(actor, meeting, case, level, reason)
    decision = decide_level(actor=actor, case=case, level=level, reason=reason, meeting=meeting)
    _follow(actor, meeting, case, before, level)
    return decision


def why_no_level(*, state: str, level: str | None, waits: bool, begun: bool) -> str:
    """Why a meeting can decide no level on a case now; empty where it can.

    Args:
        state: of the case.
        level: that it has; None where it was never assessed.
        waits: whether a lower level waits for a second person.
        begun: whether the meeting has; a level holds at once, and people are told of it.
    """
    if not begun:
        return "This meeting has not begun. If it began earlier, say so first on the page of who comes"
    if state not in OPEN_CASE_STATES:
        return "This case is closed"
    if level is None:
        return "This case has no level yet. A risk assessment gives it the first"
    if waits:
        return "A lower level waits for a second person. It is taken or refused before another is decided"
    return ""


def agree_to_level(*, actor: Principal, case: Case, proposal: LevelProposal) -> LevelDecision:
    """Agree, as the second person, to the lower level that a meeting came to: it holds from now on.

    Raises:
        Forbidden: the actor recorded it or wrote the last assessment, or is neither a manager of the lead
            agency nor chairs.
        NotFound: it is on another case.
        DomainError: it is settled, the level has changed meanwhile, or the case has ended.
    """
    _may_settle(actor, case, proposal)
    before = level_of(case)
    if case.state not in OPEN_CASE_STATES:
        raise DomainError("This case has ended. Refuse the level, so that it is settled")
    if before != proposal.before:
        raise DomainError("The level has changed meanwhile. Refuse this one, so that it can be decided anew")
    level = RiskLevel(proposal.level)
    meeting = db.session.get_one(Meeting, proposal.meeting_id)
    decision = decide_level(
        actor=actor,
        case=case,
        level=level,
        reason=proposal.reason,
        meeting=meeting,
        recorded_by=db.session.get_one(User, proposal.proposed_by),
    )
    _settle(actor, case, proposal, accepted=True)
    _follow(actor, meeting, case, before, level)
    return decision


def refuse_level(*, actor: Principal, case: Case, proposal: LevelProposal, reason: str) -> None:
    """Say no, as the second person, to a lower level: the case keeps the one that it has.

    Raises:
        as `agree_to_level`; DomainError also where no reason was given.
    """
    _may_settle(actor, case, proposal)
    _refuse(actor, case, proposal, reason)


def take_level_back(
    *, actor: Principal, meeting: Meeting, case: Case, proposal: LevelProposal, reason: str
) -> None:
    """Take back a lower level that was recorded by mistake, before a second person settles it.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: it is on another case, or of another meeting.
        DomainError: it is settled, or no reason was given.
    """
    require_recording(actor, meeting, "level:propose")
    if proposal.meeting_id != meeting.id:
        raise NotFound("No level of this meeting waits for a second person")
    _open(case, proposal)
    _refuse(actor, case, proposal, reason, taken_back=True)


def settle_overtaken(*, actor: Principal, case: Case, reference: str) -> None:
    """A risk assessment has changed the level: nothing is left to agree to of a lower one that waits. Whoever
    recorded it and whoever was asked hears.
    """
    proposal = waiting(case=case)
    if proposal is not None:
        _open(case, proposal)
        _refuse(actor, case, proposal, f"{OVERTAKEN}: {reference}")


def waiting(*, case: Case) -> LevelProposal | None:
    """The lower level of a case that waits for a second person."""
    return db.session.scalar(select(LevelProposal).filter_by(case_id=case.id, settled_at=None))


def why_not_second(*, person_id: UUID, case: Case, proposal: LevelProposal) -> str:
    """Why somebody is not the second person, whatever their role; empty if they can be."""
    if person_id == proposal.proposed_by:
        return "You recorded this level. A second person has to agree."
    if person_id in _assessors(case):
        return "You wrote the last risk assessment. A second person has to agree."
    return ""


def _propose(actor: Principal, meeting: Meeting, case: Case, level: RiskLevel, reason: str) -> LevelProposal:
    proposal = LevelProposal(
        meeting_id=meeting.id,
        case_id=case.id,
        before=case.level,
        level=level,
        reason=reason,
        proposed_by=actor.user_id,
        proposed_at=clock.now(),
    )
    insert_now(proposal)
    open_deadline(kind=DeadlineKind.LEVEL_SECOND, subject=proposal, owner=_second(actor, meeting, case))
    _ask(actor, case, proposal, [*managers_of_lead(case), meeting.chair_id], once=str(proposal.id))
    _record("level:propose", case, proposal, level=level.value)
    return proposal


def pass_on_levels(*, actor: Principal, meeting: Meeting, cases: Iterable[Case]) -> None:
    """A meeting is over, and with it the say of its chair: a lower level that still waits for a second person
    waits for the managers of the agency that leads, who are asked anew.
    """
    for case in cases:
        proposal = waiting(case=case)
        if proposal is None or not _is_the_chairs(meeting, proposal):
            continue
        able = managers_of_lead(case)
        owner = _without_chair(case)
        if case.sensitivity != Sensitivity.SEALED and (may := _able(case, proposal, able)):
            owner = Owner(user_id=may[0])
        duty = DeadlineKind.LEVEL_SECOND
        hand_deadlines_over(actor=actor, subject=proposal, kind=duty, owner=owner, told=True)
        _ask(actor, case, proposal, able, once=f"{proposal.id}:over")


def _is_the_chairs(meeting: Meeting, proposal: LevelProposal) -> bool:
    duties = open_deadlines(subject=proposal, kind=DeadlineKind.LEVEL_SECOND)
    return proposal.meeting_id == meeting.id and meeting.chair_id in {one.owner_id for one in duties}


def _ask(
    actor: Principal, case: Case, proposal: LevelProposal, people: Iterable[UUID | None], *, once: str
) -> None:
    given = {Ground.SECOND: to_people(*_able(case, proposal, people))}
    tell(actor=actor, event=LEVEL_PROPOSED, about=about_case(case), given=given, once=once)


def _able(case: Case, proposal: LevelProposal, people: Iterable[UUID | None]) -> list[UUID]:
    return [one for one in people if one and not why_not_second(person_id=one, case=case, proposal=proposal)]


def _second(actor: Principal, meeting: Meeting, case: Case) -> Owner:
    """Who is asked: the chair; else the managers of the agency that leads. Of a sealed case only its people
    may learn of a duty.
    """
    if meeting.chair_id not in {actor.user_id, *_assessors(case)}:
        return Owner(user_id=meeting.chair_id)
    return _without_chair(case)


def _without_chair(case: Case) -> Owner:
    return owner_of(case) if case.sensitivity == Sensitivity.SEALED else Owner(agency_id=case.lead_agency_id)


def _assessors(case: Case) -> set[UUID | None]:
    """Who wrote and who concluded the last finalised assessment; the database asks the same."""
    last = db.session.execute(
        select(RiskAssessment.assessor_id, RiskAssessment.concluded_by)
        .where(RiskAssessment.case_id == case.id, RiskAssessment.finalised_at.is_not(None))
        .order_by(RiskAssessment.finalised_at.desc(), RiskAssessment.id.desc())
        .limit(1)
    ).one_or_none()
    return {last.assessor_id, last.concluded_by} if last else set()


def _may_settle(actor: Principal, case: Case, proposal: LevelProposal) -> None:
    require(actor, "level:settle", directing_facts(actor, case))
    if why := why_not_second(person_id=actor.user_id, case=case, proposal=proposal):
        raise Forbidden(why)
    _open(case, proposal)


def _open(case: Case, proposal: LevelProposal) -> None:
    if proposal.case_id != case.id:
        raise NotFound("No level of this case waits for a second person")
    lock_row(case)  # first, as an assessment does that settles it
    lock_row(proposal)
    if proposal.settled_at is not None:
        raise DomainError("What became of this level is settled already")


def _refuse(
    actor: Principal, case: Case, proposal: LevelProposal, reason: str, *, taken_back: bool = False
) -> None:
    reason = require_text(reason, "Say why", field="reason")
    proposal.taken_back = taken_back
    _settle(actor, case, proposal, accepted=False, reason=reason)


def _settle(
    actor: Principal, case: Case, proposal: LevelProposal, *, accepted: bool, reason: str = ""
) -> None:
    proposal.settled_by, proposal.settled_at = actor.user_id, clock.now()
    proposal.accepted, proposal.settle_reason = accepted, reason
    db.session.flush()
    finish_deadlines(subject=proposal, kind=DeadlineKind.LEVEL_SECOND)
    _record("level:settle", case, proposal, accepted=str(accepted).lower())
    about = about_case(case)
    given = {
        Ground.ASKER: to_people(proposal.proposed_by),
        Ground.SECOND: heard_of(LEVEL_PROPOSED, about=about, once=str(proposal.id)),
    }
    event = LEVEL_TAKEN_BACK if proposal.taken_back else LEVEL_SETTLED
    if reason.startswith(OVERTAKEN):
        event = LEVEL_OVERTAKEN
    tell(actor=actor, event=event, about=about, given=given, once=str(proposal.id))
    _tell_who_holds_minutes(actor, proposal)


def _tell_who_holds_minutes(actor: Principal, proposal: LevelProposal) -> None:
    """Whoever was given minutes that say that a lower level waits hears that it does no more."""
    meeting = db.session.get(Meeting, proposal.meeting_id)
    if meeting is None:
        return
    issue = last_issue(meeting=meeting, case_id=proposal.case_id, kind=MinutesKind.PROFESSIONAL)
    if issue is not None and proposal.proposed_at <= issue.made_at:
        about = about_issue(issue)
        given = {Ground.HEARD_BEFORE: heard_of(GIVEN, about=about)}
        tell(actor=actor, event=LEVEL_ANSWERED, about=about, given=given, once=str(proposal.id))


def _follow(
    actor: Principal, meeting: Meeting, case: Case, before: RiskLevel | None, level: RiskLevel
) -> None:
    if before is level:
        return
    follow_level_of_meeting(actor=actor, case=case, meeting=meeting, before=before, level=level)
    follow_next_date(actor=actor, meeting=meeting, case=case)
    count_change(case)


def _record(action: str, case: Case, proposal: LevelProposal, **details: Any) -> None:
    audit.record(action, proposal, case=case, meeting=str(proposal.meeting_id), **details)
