"""When a case may end: what has to be dealt with first, and on what ground it can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import clock
from portal.access.permissions import Facts
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.states import COMING_MEETING_STATES, OPEN_ACTION_STATES
from portal.policy import current_policy
from portal.records.assessments.lifecycle import directing_facts, written_now
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.cases.model import Case
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import ClosureKind, HandOverKind
from portal.records.meetings.chairing import HELD_STATES
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision, LevelProposal
from portal.records.minutes.vocabulary import OVERTAKEN, MeetingOutcome
from portal.records.missing.facts import episode_now
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.records.plans.model import Action
from portal.records.requests.model import InformationRequest
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary import RiskLevel

#: The outcome of a meeting that ends a case in each way.
OUTCOME_FOR = {
    ClosureKind.CLOSED: MeetingOutcome.CLOSE,
    ClosureKind.TRANSFERRED: MeetingOutcome.TRANSFER,
}


@dataclass(frozen=True)
class Standing:
    """Where a case stands on its way to an end, for the page and for the services alike.

    Attributes:
        decision: the outcome of the last meeting on the case, if it ends the case.
        unapproved: the reference of that meeting, while nobody has approved its minutes.
        assessment: the last one that was finalised.
        in_time: whether that is no older than policy `closing.assessment_within`.
        never_found: no exploitation was ever found, and nobody ever met.
        hand_over: the last hand-over to another area that was finalised.
        in_the_way: what has to be dealt with first, as sentences.
        actions: those that are open, for each of which somebody says what becomes of it.
        undone: what nobody did yet, as sentences, each with when it came up: somebody says why the case ends
            all the same.
        level: the level now; None where none was set.
        refused: a lower level that a second person did not agree to since then, else one that somebody else
            than who recorded it took back; None where there is none.
    """

    decision: Decision | None
    unapproved: str
    assessment: RiskAssessment | None
    in_time: bool
    never_found: bool
    hand_over: HandOver | None
    in_the_way: tuple[str, ...]
    undone: Mapping[str, datetime]
    actions: Sequence[Action]
    level: RiskLevel | None
    refused: LevelProposal | None

    @property
    def still_at(self) -> RiskLevel | None:
        """The level, where it contradicts that the risk is lower; else None."""
        return self.level if self.level in {RiskLevel.HIGH, RiskLevel.MEDIUM} else None

    @property
    def unsigned(self) -> str:
        """The reference of the last assessment, while no manager has said whether they sign it off."""
        last = self.assessment
        if last is None or last.needs_full or last.signed_off_at is not None or last.refused_at is not None:
            return ""
        return last.reference


def standing(case: Case) -> Standing:
    """What there is to end a case on, and what stands against it."""
    assessment, decision = last_assessment(case), _last_outcome(case)
    return Standing(
        decision=decision,
        unapproved=_unapproved(decision),
        assessment=assessment,
        in_time=assessment is not None and _in_time(case, assessment),
        never_found=case.level == RiskLevel.NONE and not _was_found(case) and not _was_met(case),
        hand_over=last_hand_over(case, HandOverKind.TRANSFER),
        in_the_way=in_the_way(case),
        undone=_undone(case),
        actions=open_actions(case),
        level=RiskLevel(case.level) if case.level else None,
        refused=_refused_level(case),
    )


def close_facts(actor: Principal, case: Case) -> Facts:
    """What decides whether somebody may close a case: who leads it, chairs on it, or assessed it."""
    last = last_assessment(case)
    assessed = last is not None and actor.user_id in {last.assessor_id, last.concluded_by}
    return directing_facts(actor, case, owner=assessed)


def last_assessment(case: Case) -> RiskAssessment | None:
    """The last assessment of a case that was finalised."""
    wanted = select(RiskAssessment).filter_by(case_id=case.id, state=AssessmentState.FINALISED)
    return db.session.scalar(wanted.order_by(RiskAssessment.finalised_at.desc()).limit(1))


def last_hand_over(case: Case, kind: HandOverKind) -> HandOver | None:
    """The last hand-over of a kind that was finalised."""
    return db.session.scalar(
        select(HandOver)
        .where(HandOver.case_id == case.id, HandOver.kind == kind, HandOver.finalised_at.is_not(None))
        .order_by(HandOver.finalised_at.desc())
        .limit(1)
    )


def open_actions(case: Case) -> Sequence[Action]:
    """The actions on a case that are still owed."""
    return db.session.scalars(
        select(Action)
        .where(Action.case_id == case.id, Action.state.in_(OPEN_ACTION_STATES))
        .order_by(Action.due_on, Action.id)
    ).all()


def closure_of(case: Case) -> CaseClosure | None:
    """What is said about the end of a case: it has ended, or somebody asks that it end."""
    wanted = select(CaseClosure).filter_by(case_id=case.id, withdrawn_at=None, reopened_at=None)
    return db.session.scalar(wanted)


def in_the_way(case: Case) -> tuple[str, ...]:
    """What has to be dealt with before a case ends, so that nothing is left behind unseen."""
    found = []
    if written_now(case) is not None:
        found.append("A risk assessment is being written. Complete it, or end it with the reason")
    waiting = _count(select(LevelProposal.id).filter_by(case_id=case.id, settled_at=None))
    if waiting:
        found.append("A level that a meeting came to waits for a second person")
    wanted = select(InformationRequest.id).filter_by(case_id=case.id, answered_at=None, withdrawn_at=None)
    asked = _count(wanted)
    if asked:
        which = "1 question is" if asked == 1 else f"{asked} questions are"
        found.append(f"{which} not answered yet. Wait for the answer, or withdraw what was asked")
    meetings = _count(
        select(Meeting.id)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(MeetingCase.case_id == case.id, Meeting.state.in_(COMING_MEETING_STATES))
    )
    if meetings:
        which = "1 meeting is" if meetings == 1 else f"{meetings} meetings are"
        found.append(f"{which} still to come. Record what was held, or cancel what is not needed")
    if _count(
        select(SafetyPlan.id).where(SafetyPlan.case_id == case.id, SafetyPlan.state != SafetyPlanState.ENDED)
    ):
        found.append("A safety plan is in force or being written. End it, and say what takes its place")
    return tuple(found)


def _undone(case: Case) -> Mapping[str, datetime]:
    """A strategy discussion that is due and was not held, and that the child is missing."""
    found = {}
    due = select(func.min(Deadline.due_at).label("by"), func.max(Deadline.started_at).label("since"))
    of_case = due.filter_by(kind=DeadlineKind.STRATEGY, case_id=case.id, state=DeadlineState.OPEN)
    if (discussion := db.session.execute(of_case).one()).by is not None:
        by = clock.local(discussion.by)
        found[f"A strategy discussion is due by {by.day} {by:%B %Y} and was not held"] = discussion.since
    if (episode := episode_now(case.child_id)) is not None:
        found[f"The child is missing now ({episode.reference})"] = _known_since(episode)
    return found


def _known_since(episode: MissingEpisode) -> datetime:
    """When a report was recorded, or came to the child of whom it is, where it was another’s before."""
    moved = select(func.max(MissingMatch.answered_at)).filter_by(
        episode_id=episode.id, other_id=episode.child_id, same=True
    )
    return db.session.scalar(moved) or episode.recorded_at


def _refused_level(case: Case) -> LevelProposal | None:
    """The last lower level that a second person did not agree to since the level was set; else that somebody
    took back who had not recorded it.
    """
    since = select(func.max(LevelDecision.decided_at)).where(LevelDecision.case_id == case.id)
    return db.session.scalar(
        select(LevelProposal)
        .where(
            LevelProposal.case_id == case.id,
            LevelProposal.accepted.is_(False),
            LevelProposal.settled_by != LevelProposal.proposed_by,
            LevelProposal.settled_at >= since.scalar_subquery(),
            LevelProposal.settle_reason.not_like(f"{OVERTAKEN}%"),
        )
        .order_by(LevelProposal.taken_back, LevelProposal.settled_at.desc())
        .limit(1)
    )


def _count(wanted: Select[UUID]) -> int:
    return db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def _in_time(case: Case, assessment: RiskAssessment) -> bool:
    within = current_policy(case.authority).of(Closing).assessment_within
    finalised = clock.local(assessment.finalised_at or clock.now()).date()
    return clock.today() <= last_day(within, finalised)


def _last_outcome(case: Case) -> Decision | None:
    """What the last meeting held on the case came to, if that ends it and was not acted on before."""
    last = db.session.scalar(
        select(Decision)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .where(
            Decision.case_id == case.id,
            Decision.outcome.is_not(None),
            Decision.withdrawn_at.is_(None),
            Meeting.state.in_(HELD_STATES),
        )
        .order_by(Meeting.held_at.desc())
        .limit(1)
    )
    if last is None or last.outcome not in OUTCOME_FOR.values():
        return None
    used = select(CaseClosure.id).filter_by(decision_id=last.id, withdrawn_at=None)
    return None if db.session.scalar(used) else last


def _unapproved(decision: Decision | None) -> str:
    if decision is None:
        return ""
    meeting = db.session.get_one(Meeting, decision.meeting_id)
    approved = {MeetingState.APPROVED, MeetingState.DISTRIBUTED}
    return "" if meeting.state in approved else meeting.reference


def _was_found(case: Case) -> bool:
    other = select(LevelDecision.id).where(
        LevelDecision.case_id == case.id, LevelDecision.level != RiskLevel.NONE
    )
    return db.session.scalar(other.limit(1)) is not None


def _was_met(case: Case) -> bool:
    held = (
        select(Meeting.id)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(MeetingCase.case_id == case.id, Meeting.state.in_(HELD_STATES))
    )
    return db.session.scalar(held.limit(1)) is not None
