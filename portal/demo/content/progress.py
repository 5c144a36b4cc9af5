"""How far each case has come. It is assessed and ends as its people would; planning gets services of its own
later, and until then its outcome is written here as the lead professional.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal import clock
from portal.access import audit
from portal.demo.content import assessing, ending
from portal.demo.content.acting import Stage, reread
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.pathway.calendar import add_working_days, subtract_working_days
from portal.pathway.states import OPEN_CASE_STATES, case_move
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.services.deadlines import finish_deadlines
from portal.vocabulary import CaseState
from portal.vocabulary.deadlines import DeadlineKind

_WAY = (
    CaseState.AWAITING_ASSESSMENT,
    CaseState.IN_ASSESSMENT,
    CaseState.MEETING_DUE,
    CaseState.PLAN_UNDER_WAY,
)
_STARTED = timedelta(days=2)  # after the case was opened
_ASSESSED = timedelta(days=9)
_MET = timedelta(days=8)  # after it was assessed
_LAST_LOOK = timedelta(days=10)  # before a case ended
_EVERY = 9  # cases, of which one has an assessment that is late


def bring_along(stage: Stage, about: Described, case_id: UUID, number: int) -> None:
    """Move a case to where it stands now.

    Args:
        number: spreads the dates of the next assessment.
    """
    target = CaseState(about.get("state", CaseState.AWAITING_ASSESSMENT))
    last = target if target in OPEN_CASE_STATES else CaseState(about.get("from", CaseState.PLAN_UNDER_WAY))
    reached = set(_WAY[1 : _WAY.index(last) + 1])
    opened, lead = stage.ago(about["opened"]), about["lead"]
    over = stage.now if target in OPEN_CASE_STATES else stage.ago(about["closed"])
    if CaseState.IN_ASSESSMENT in reached:
        with stage.acting(lead, min(opened + _STARTED, over)) as actor:
            assessing.begin(actor, reread(Case, case_id))
    if CaseState.MEETING_DUE in reached:
        spread = over - _LAST_LOOK if ending.ends(about) else _assessed(stage.now, about["level"], number)
        at = min(max(opened + _ASSESSED, spread), over)
        with stage.acting(lead, at) as actor:
            assessing.conclude(actor, reread(Case, case_id), about["level"])
        if CaseState.PLAN_UNDER_WAY in reached and not ending.ends(about):
            with stage.acting(lead, min(at + _MET, over)):
                _meet(reread(Case, case_id))
    if ending.ends(about):
        ending.end(stage, about, case_id)


def _assessed(now: datetime, level: str, number: int) -> datetime:
    """When the last assessment was finalised, so that most of the next ones fall due in the weeks to come and
    one in nine is overdue.
    """
    today = clock.local(now).date()
    is_late = number % _EVERY == _EVERY // 2
    day = subtract_working_days(today, 2) if is_late else add_working_days(today, 2 + number * 11 % 33)
    days = current_policy().levels.levels[level].assessment_max_days or 0
    return now + (day - today) - timedelta(days=days)


def _meet(case: Case) -> None:
    """The meeting was held and made a plan."""
    for kind in (DeadlineKind.MEETING, DeadlineKind.STRATEGY):
        finish_deadlines(subject=case, kind=kind)
    if case.state == CaseState.MEETING_DUE:
        _move(case, CaseState.PLAN_UNDER_WAY)


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
