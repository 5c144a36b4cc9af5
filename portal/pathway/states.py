"""Which moves a referral, case, assessment, plan, action, meeting, message, file and panel item may make.

The database refuses the others by the same table.

``needs_reason`` marks a move that undoes or ends something, for which a person has to say why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from portal.messages.vocabulary import MessageState
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.meetings.vocabulary import MeetingState
from portal.records.panels.vocabulary import PanelItemState
from portal.records.plans.vocabulary import ActionState, PlanState
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary import CaseState, ReferralState

S = TypeVar(
    "S",
    ReferralState,
    CaseState,
    AssessmentState,
    SafetyPlanState,
    PlanState,
    ActionState,
    MeetingState,
    MessageState,
    AttachmentState,
    PanelItemState,
)


class IllegalMove(ValueError):
    """A record cannot go from where it stands to where somebody wants it."""


@dataclass(frozen=True)
class Move(Generic[S]):
    """A step from one state to another."""

    origin: S
    target: S
    needs_reason: bool = False


_R = ReferralState
_C = CaseState
_A = AssessmentState
_P = SafetyPlanState
_M = MeetingState
_O = MessageState
_L = PlanState
_X = ActionState
_I = PanelItemState

REFERRAL_MOVES: tuple[Move[ReferralState], ...] = (
    Move(_R.DRAFT, _R.SENT),
    Move(_R.SENT, _R.IN_TRIAGE),
    Move(_R.IN_TRIAGE, _R.SENT),
    Move(_R.IN_TRIAGE, _R.WAITING_FOR_SENDER),
    Move(_R.WAITING_FOR_SENDER, _R.IN_TRIAGE),
    Move(_R.IN_TRIAGE, _R.DECIDED),
    Move(_R.WAITING_FOR_SENDER, _R.DECIDED),
    Move(_R.DECIDED, _R.FED_BACK),
    Move(_R.DECIDED, _R.IN_TRIAGE, needs_reason=True),
    Move(_R.FED_BACK, _R.IN_TRIAGE, needs_reason=True),
)

CASE_MOVES: tuple[Move[CaseState], ...] = (
    Move(_C.AWAITING_ASSESSMENT, _C.IN_ASSESSMENT),
    Move(_C.IN_ASSESSMENT, _C.AWAITING_ASSESSMENT, needs_reason=True),
    Move(_C.IN_ASSESSMENT, _C.MEETING_DUE),
    Move(_C.MEETING_DUE, _C.PLAN_UNDER_WAY),
    Move(_C.PLAN_UNDER_WAY, _C.IN_ASSESSMENT),
    Move(_C.PLAN_UNDER_WAY, _C.MEETING_DUE),
    *(
        Move(origin, target, needs_reason=True)
        for origin in (_C.AWAITING_ASSESSMENT, _C.IN_ASSESSMENT, _C.MEETING_DUE, _C.PLAN_UNDER_WAY)
        for target in (_C.CLOSED, _C.TRANSFERRED)
    ),
    Move(_C.CLOSED, _C.AWAITING_ASSESSMENT, needs_reason=True),
    Move(_C.TRANSFERRED, _C.AWAITING_ASSESSMENT, needs_reason=True),
)

#: One that lowers the level waits for a second person, who finalises it or gives it back.
ASSESSMENT_MOVES: tuple[Move[AssessmentState], ...] = (
    Move(_A.DRAFT, _A.FINALISED),
    Move(_A.DRAFT, _A.WAITING),
    Move(_A.WAITING, _A.FINALISED),
    Move(_A.WAITING, _A.DRAFT, needs_reason=True),
    Move(_A.DRAFT, _A.ABANDONED, needs_reason=True),
)

#: One that a meeting ended may be renewed after it.
SAFETY_PLAN_MOVES: tuple[Move[SafetyPlanState], ...] = (
    Move(_P.DRAFT, _P.IN_FORCE),
    Move(_P.DRAFT, _P.ENDED, needs_reason=True),
    Move(_P.IN_FORCE, _P.ENDED, needs_reason=True),
    Move(_P.ENDED, _P.IN_FORCE, needs_reason=True),
)

MEETING_MOVES: tuple[Move[MeetingState], ...] = (
    Move(_M.DUE, _M.BOOKED),
    Move(_M.BOOKED, _M.HELD),
    Move(_M.HELD, _M.MINUTES_IN_DRAFT),
    Move(_M.MINUTES_IN_DRAFT, _M.APPROVED),
    Move(_M.APPROVED, _M.DISTRIBUTED),
    Move(_M.DUE, _M.CANCELLED, needs_reason=True),
    Move(_M.BOOKED, _M.CANCELLED, needs_reason=True),
)

PLAN_MOVES: tuple[Move[PlanState], ...] = (Move(_L.RUNNING, _L.ENDED),)

#: An action that is no longer owed stays so: what is needed after all is a new one.
ACTION_MOVES: tuple[Move[ActionState], ...] = (
    Move(_X.NOT_STARTED, _X.UNDER_WAY),
    Move(_X.BLOCKED, _X.UNDER_WAY),
    *(Move(origin, _X.BLOCKED, needs_reason=True) for origin in (_X.NOT_STARTED, _X.UNDER_WAY)),
    *(
        Move(origin, target, needs_reason=target is not _X.DONE)
        for origin in (_X.NOT_STARTED, _X.UNDER_WAY, _X.BLOCKED)
        for target in (_X.DONE, _X.NOT_NEEDED, _X.COVERED)
    ),
    Move(_X.DONE, _X.CONFIRMED),
)

#: An item that was not taken may be proposed again as another; one that was discussed stays. What a panel did
#: not come to waits for the next.
PANEL_ITEM_MOVES: tuple[Move[PanelItemState], ...] = (
    Move(_I.PROPOSED, _I.ON),
    Move(_I.PROPOSED, _I.DECLINED, needs_reason=True),
    Move(_I.ON, _I.DECLINED, needs_reason=True),
    Move(_I.ON, _I.DISCUSSED),
    Move(_I.ON, _I.PROPOSED),
)

#: A message is never taken back once a mail server has it. One that could not be sent may be tried again, and
#: an accepted one may come back as undeliverable. One whose recipient wants no e-mail is shown in the portal;
#: one that would be shown there and is held is taken back before it is.
MESSAGE_MOVES: tuple[Move[MessageState], ...] = (
    Move(_O.OWED, _O.QUEUED),
    Move(_O.OWED, _O.SHOWN),
    Move(_O.OWED, _O.CANCELLED, needs_reason=True),
    Move(_O.OWED, _O.DEAD),
    Move(_O.QUEUED, _O.OWED),
    Move(_O.QUEUED, _O.SHOWN),
    Move(_O.QUEUED, _O.ACCEPTED),
    Move(_O.QUEUED, _O.REFUSED),
    Move(_O.QUEUED, _O.CANCELLED, needs_reason=True),
    Move(_O.QUEUED, _O.DEAD),
    Move(_O.ACCEPTED, _O.REFUSED),
    Move(_O.DEAD, _O.OWED),
    Move(_O.SHOWN, _O.CANCELLED, needs_reason=True),
)

#: A file that waited for the scanner, or came before there was one, is checked when somebody opens it.
ATTACHMENT_MOVES: tuple[Move[AttachmentState], ...] = tuple(
    Move(origin, target)
    for origin in (AttachmentState.QUARANTINED, AttachmentState.NOT_SCANNED)
    for target in (AttachmentState.CLEAN, AttachmentState.REFUSED)
)

#: States in which an assessment is being written.
OPEN_ASSESSMENT_STATES = frozenset({_A.DRAFT, _A.WAITING})

#: States in which an action is still to be done.
OPEN_ACTION_STATES = frozenset({_X.NOT_STARTED, _X.UNDER_WAY, _X.BLOCKED})

#: States in which a case is open, and so has an open deadline with an owner.
OPEN_CASE_STATES = frozenset(CaseState) - {CaseState.CLOSED, CaseState.TRANSFERRED}

#: States of a meeting that people are still asked to come to.
COMING_MEETING_STATES = frozenset({_M.DUE, _M.BOOKED})

#: States in which a meeting is open: until its minutes are distributed, as long as its chair has reach.
OPEN_MEETING_STATES = frozenset(MeetingState) - {_M.DISTRIBUTED, _M.CANCELLED}

#: States in which the hub still has to decide on a referral.
UNDECIDED_REFERRAL_STATES = frozenset({_R.SENT, _R.IN_TRIAGE, _R.WAITING_FOR_SENDER})


#: Every table of moves, by what the database calls it.
MOVES: Mapping[str, tuple[Move[Any], ...]] = MappingProxyType(
    {
        "referral": REFERRAL_MOVES,
        "case": CASE_MOVES,
        "assessment": ASSESSMENT_MOVES,
        "safety_plan": SAFETY_PLAN_MOVES,
        "attachment": ATTACHMENT_MOVES,
        "meeting": MEETING_MOVES,
        "message": MESSAGE_MOVES,
        "plan": PLAN_MOVES,
        "action": ACTION_MOVES,
        "panel_item": PANEL_ITEM_MOVES,
    }
)

_BY_STATES = {
    (type(move.origin), move.origin, move.target): move for moves in MOVES.values() for move in moves
}


def check_transition(origin: S, target: S) -> Move[S]:
    """The move of a record between two of its states.

    :raises IllegalMove: there is none.
    """
    found: Move[S] | None = _BY_STATES.get((type(origin), origin, target))
    if found is None:
        raise IllegalMove(f"What is “{origin.label}” cannot become “{target.label}”.")
    return found
