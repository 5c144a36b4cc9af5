"""A case from which meetings are called, and what somebody types to call one."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from bs4 import BeautifulSoup
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.records.cases.model import Case
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

SINCE = date(2026, 11, 2)


def make_called_case(rows: Session, cast: Cast, given: str = "Ada", **facts: Any) -> Case:
    """A case of social care at high risk, led by the social worker; police and health work on it."""
    case = make_case(
        rows,
        make_child(rows, given),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        authority="derbyshire",
        district="high_peak",
        **{"lead_professional_id": cast.social_worker.id, "level": "high", "level_since": SINCE, **facts},
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    return case


def owe_meeting(rows: Session, case: Case, day: date) -> None:
    """The case owes a meeting by a day, and none is booked."""
    due = end_of_day(day)
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.MEETING,
            subject_kind="cre_case",
            subject_id=case.id,
            case_id=case.id,
            owner_id=case.lead_professional_id,
            started_at=due - timedelta(days=14),
            due_at=due,
            original_due_at=due,
            state=DeadlineState.OPEN,
            source="levels.high",
            confirmed=False,
            policy_version="test",
        )
    )
    rows.commit()


def read(answer: TestResponse) -> BeautifulSoup:
    """The page of an answer."""
    return BeautifulSoup(answer.text, "html.parser")


def value(page: BeautifulSoup, selector: str) -> str:
    """What a box, or the chosen line of a list, holds."""
    found = page.select_one(selector)
    assert found is not None, f"the page has no {selector}"
    return str(found.get("value", ""))


def in_days(number: int) -> date:
    """A day from today on."""
    return clock.today() + timedelta(days=number)


def typed(cast: Cast, **others: Any) -> dict[str, Any]:
    """What the social worker sends: everybody who works on the case is invited, and reports are asked for."""
    return {
        "kind": "first",
        **posted("day", others.pop("day", in_days(9))),
        "starts": "14:30",
        "ends": "4pm",
        "place": "Room 1",
        "chair": str(cast.chair.id),
        "note_taker": str(cast.coordinator.id),
        "teams": [str(one.id) for one in (cast.police_team, cast.health_team)],
        "papers": ["assessment", "chronology", "plan"],
        "reports": "yes",
        "question": "What do you know?",
        "why": "To plan",
        "once": str(uuid4()),
        "people-0-email": "",
        "outsiders-0-name": "",
    } | others
