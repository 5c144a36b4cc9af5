"""What the outcome of a meeting sets in motion on a case. Closing and handing over are steps of their own."""

from portal.access.principal import Principal
from portal.pathway.deadlines import due
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.facts import owner_of
from portal.records.cases.model import Case
from portal.records.linked_processes.effects import enquiry_decided, take_enquiry_back
from portal.records.meetings.model import Meeting
from portal.records.meetings.rules import MEETS
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.services.deadlines import cancel_deadlines, open_deadline, open_deadlines
from portal.vocabulary.deadlines import DeadlineKind

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


def undo_outcome(*, actor: Principal, case: Case, decision: Decision) -> None:
    """What this decision set in motion is no longer owed; what was owed before it is."""
    kind = _ASKS_FOR.get(MeetingOutcome(decision.outcome)) if decision.outcome else None
    take_enquiry_back(actor=actor, decision=decision)
    if kind is not None:
        cancel_deadlines(
            subject=case,
            kind=kind,
            reason=f"The decision {decision.reference} was changed",
            started_at=decision.recorded_at,
        )


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
