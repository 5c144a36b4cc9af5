"""A case at a glance: what is due next and for whom, what is late, who works on it, plan and meetings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.policy import Policy
from portal.records.cases.presenter import Duty
from portal.records.meetings.presenter.words import CaseMeetings
from portal.records.safety_plans.presenter import Standing, standing
from portal.web.filters import day, moment


@dataclass(frozen=True)
class Met:
    """A meeting that is next or was last."""

    reference: str
    kind: str
    when: str


@dataclass(frozen=True)
class Glance:
    """What stands at the head of the page and the print of a case."""

    next_duty: Duty | None
    late: Sequence[Duty]
    agencies: Sequence[str]
    teams: int
    next_meeting: Met | None
    last_meeting: Met | None
    plan: str
    plan_late: int
    safety: Standing | None


def glance(case: Any, policy: Policy, *, owed: Sequence[Duty], network: Sequence[Any]) -> Glance:
    """Of the row of `portal.records.entries.reading.case_page.head`, what is owed and who works on it."""
    met = CaseMeetings.of(case)
    coming = next(iter(met.to_come), None)
    return Glance(
        next_duty=next((one for one in owed if not one.overdue), None),
        late=[one for one in owed if one.overdue],
        agencies=list(dict.fromkeys(one.agency for one in network)),
        teams=len(network),
        next_meeting=_met(coming, policy, moment) if coming else None,
        last_meeting=_met(met.last, policy, day) if met.last else None,
        plan=_actions(case.actions["open"]),
        plan_late=case.actions["overdue"],
        safety=standing(case.safety_plan) if case.safety_plan else None,
    )


def _met(meeting: Any, policy: Policy, when: Any) -> Met:
    return Met(meeting.reference, policy.meetings.kinds.label(meeting.kind), when(meeting.starts_at))


def _actions(number: int) -> str:
    if not number:
        return "No action to do"
    return f"{number} action{'' if number == 1 else 's'} to do"
