"""How far each case has come. Assessing, meeting, planning and closing get services of their own later;
until then their outcome is written here as the lead professional, through the same row rules and triggers.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.demo.content.acting import Stage, reread
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.models import Case, Deadline
from portal.pathway.calendar import add_working_days, end_of_day, subtract_working_days
from portal.pathway.states import OPEN_CASE_STATES, case_move
from portal.services.deadlines import Owner, open_deadline, open_deadlines
from portal.vocabulary import CaseState, DeadlineKind, DeadlineState, Sensitivity

_WAY = (
    CaseState.AWAITING_ASSESSMENT,
    CaseState.IN_ASSESSMENT,
    CaseState.MEETING_DUE,
    CaseState.PLAN_UNDER_WAY,
)
_STARTED = timedelta(days=2)  # after the case was opened
_ASSESSED = timedelta(days=9)
_MET = timedelta(days=19)
_EVERY = 9  # cases, of which one has an assessment that is late


def bring_along(stage: Stage, about: Described, case_id: UUID, number: int) -> None:
    """Move a case to where it stands now.

    Args:
        number: spreads the dates of the next assessment.
    """
    target = CaseState(about.get("state", CaseState.AWAITING_ASSESSMENT))
    opened = stage.ago(about["opened"])
    last = target if target in OPEN_CASE_STATES else CaseState(about.get("from", CaseState.PLAN_UNDER_WAY))
    reached = _WAY[1 : _WAY.index(last) + 1]
    for state, after in zip(reached, (_STARTED, _ASSESSED, _MET), strict=False):
        with stage.acting(about["lead"], min(opened + after, stage.now)):
            case = reread(Case, case_id)
            if state is CaseState.MEETING_DUE:
                _assess(case, about["level"], _next_assessment(stage.now, number))
            _move(case, state)
    if target not in OPEN_CASE_STATES:
        with stage.acting(about["lead"], stage.ago(about["closed"])):
            _close(reread(Case, case_id), target)


def _assess(case: Case, level: str, again: datetime) -> None:
    case.level, case.level_since = level, clock.today()
    sealed = case.sensitivity == Sensitivity.SEALED
    owed = open_deadlines(subject=case, kind=DeadlineKind.ASSESSMENT)
    open_deadline(
        kind=DeadlineKind.ASSESSMENT,
        subject=case,
        owner=Owner(user_id=case.lead_professional_id, agency_id=None if sealed else case.lead_agency_id),
        due_at=again,
    )
    for deadline in owed:
        deadline.state, deadline.ended_at = DeadlineState.DONE, clock.now()
    db.session.flush()


def _next_assessment(now: datetime, number: int) -> datetime:
    """Most of them in the weeks to come, one in nine overdue; like every time that policy counts in days, at
    the end of a working day.
    """
    today = clock.local(now).date()
    is_late = number % _EVERY == _EVERY // 2
    day = subtract_working_days(today, 2) if is_late else add_working_days(today, 2 + number * 11 % 33)
    return end_of_day(day)


def _move(case: Case, state: CaseState) -> None:
    case_move(CaseState(case.state), state)
    before, case.state = case.state, state
    case.version += 1
    db.session.flush()
    audit.record(
        "case:move",
        subject_kind="case",
        subject_id=case.id,
        child_id=case.child_id,
        case_id=case.id,
        before=before,
        after=state.value,
    )


def _close(case: Case, state: CaseState) -> None:
    case.closed_at = clock.now()
    _move(case, state)
    for deadline in db.session.scalars(select(Deadline).filter_by(case_id=case.id, state=DeadlineState.OPEN)):
        deadline.state, deadline.ended_at = DeadlineState.CANCELLED, clock.now()
        deadline.move_reason = f"The case is {state.label.lower()}"
    db.session.flush()
