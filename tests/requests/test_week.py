"""The list to look children up with: what is on it, in which order, and what it leaves on record."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.requests.answering import answer_nothing_held, withdraw
from portal.records.requests.model import InformationRequest
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.requests.conftest import QUESTION, Acting, asks, changes

Browser = Callable[[User | UUID | None], Client]
WEEK = timedelta(days=7)


def ask_about(
    rows: Session,
    cast: Cast,
    family: str,
    *,
    due: timedelta | None = None,
    asked: timedelta = WEEK,
) -> InformationRequest:
    """The health team was asked so long ago about a child; due so far from now, or today."""
    child = make_child(rows, "Bo", family, nhs_number=None)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    found = InformationRequest(
        id=new_id(),
        reference=new_reference(Prefix.REQUEST),
        case_id=case.id,
        child_id=child.id,
        asked_agency_id=cast.health.id,
        asked_team_id=cast.health_team.id,
        asked_by=cast.coordinator.id,
        asked_at=clock.now() - asked,
        due_at=end_of_day(clock.today()) if due is None else clock.now() + due,
        **QUESTION,
    )
    rows.add(found)
    rows.commit()
    return found


def listed(client_for: Browser, person: User) -> list[str]:
    """The children on somebody's list, in its order, by family name."""
    page = client_for(person).soup("/requests/week")
    return [row.get_text(" ", strip=True).partition(",")[0] for row in page.select("tbody th")]


def test_it_holds_what_is_overdue_due_by_sunday_or_asked_this_week_by_name(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    ask_about(rows, cast, "Zunder", due=-WEEK, asked=2 * WEEK)
    ask_about(rows, cast, "Marsh")
    ask_about(rows, cast, "Lyddington", due=2 * WEEK, asked=timedelta())
    ask_about(rows, cast, "Latimerston", due=2 * WEEK, asked=2 * WEEK)
    assert listed(client_for, cast.nurse) == ["Lyddington", "Marsh", "Zunder"]


def test_what_is_answered_or_withdrawn_is_not_on_it(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    changes(acting, cast.nurse, ask_about(rows, cast, "Answerby").id, answer_nothing_held)
    gone = ask_about(rows, cast, "Withdrawnley")
    changes(acting, cast.coordinator, gone.id, withdraw, reason="Wrong team")
    assert listed(client_for, cast.nurse) == []
    assert "Nothing is asked of you this week" in client_for(cast.nurse).get("/requests/week").text


def test_it_is_of_ones_own_teams_alone(
    rows: Session, cast: Cast, acting: Acting, case: Case, client_for: Browser
) -> None:
    asks(acting, cast.coordinator, case, cast.council_team)
    assert listed(client_for, cast.community_safety) == ["Fictional"]
    for person in (cast.nurse, cast.stranger, cast.officer, cast.coordinator):
        assert listed(client_for, person) == []


def test_each_child_on_it_is_on_record_as_let_out_on_paper(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    children = {ask_about(rows, cast, family).child_id for family in ("Marsh", "Zunder")}
    page = client_for(cast.nurse).get("/requests/week")
    assert page.text.count("OFFICIAL-SENSITIVE") >= 2
    left = rows.scalars(
        select(AuditEvent.child_id).where(
            AuditEvent.action == "request:print", AuditEvent.actor_id == cast.nurse.id
        )
    )
    assert {one for one in left if one} == children


def test_a_number_that_is_not_known_is_said_and_has_no_button(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    ask_about(rows, cast, "Marsh")
    page = client_for(cast.nurse).soup("/requests/week")
    assert "Not recorded" in page.get_text()
    assert not page.select("[data-copy]")
