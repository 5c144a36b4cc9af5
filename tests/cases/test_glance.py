"""What the head of a case's page says: next, late, who, plan and meetings."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from portal.pages.case_frame import Glance, glance
from portal.policy import load
from portal.records.cases.presenter import Duty
from tests.policy.editing import SHIPPED

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = load(SHIPPED, on=NOON.date())


def duty(what: str, *, overdue: bool = False) -> Duty:
    return Duty(
        id=uuid4(),
        what=what,
        due_at=NOON,
        owner="County social care",
        owner_id=None,
        overdue=overdue,
        original=None,
        source=None,
        kind="meeting",
    )


def seen(*owed: Duty, meetings: tuple[dict[str, Any], ...] = (), **facts: Any) -> Glance:
    case = SimpleNamespace(
        **({"meetings": meetings, "actions": {"open": 0, "overdue": 0}, "safety_plan": None} | facts)
    )
    network = [SimpleNamespace(agency=name) for name in ("Social care", "Police", "Police")]
    return glance(case, POLICY, owed=owed, network=network)


def meeting(state: str, starts_at: datetime) -> dict[str, Any]:
    return {
        "reference": "MTG-0000-0001",
        "kind": "first",
        "state": state,
        "starts_at": starts_at.isoformat(),
        "chair_id": str(uuid4()),
    }


def test_what_is_due_next_is_not_what_is_late_already() -> None:
    found = seen(duty("Finish the risk assessment", overdue=True), duty("Hold the meeting"))
    assert found.next_duty is not None
    assert found.next_duty.what == "Hold the meeting"
    assert [one.what for one in found.late] == ["Finish the risk assessment"]


def test_an_agency_with_two_teams_is_named_once() -> None:
    found = seen()
    assert (list(found.agencies), found.teams) == (["Social care", "Police"], 3)


def test_the_last_meeting_and_the_next_stand_beside_each_other() -> None:
    found = seen(
        meetings=(meeting("held", NOON), meeting("booked", NOON.replace(month=12))),
    )
    assert found.last_meeting is not None
    assert found.next_meeting is not None
    assert (found.last_meeting.when, found.next_meeting.when) == (
        "20 November 2026",
        "20 December 2026 at 12:00pm",
    )


def test_the_plan_says_how_much_is_to_do_and_late() -> None:
    found = seen(actions={"open": 1, "overdue": 1})
    assert (found.plan, found.plan_late) == ("1 action to do", 1)
    assert seen().plan == "No action to do"
