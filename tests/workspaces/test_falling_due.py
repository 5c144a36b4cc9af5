"""What falls due on the cases that social care leads: each list has its duties and leads to them, is filtered
and sorted, in pages, and of those cases alone that one reads.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.queries import gathered
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import TeamMember, User
from portal.vocabulary import Sector, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_finalised
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import new_agency, new_team, new_user
from tests.factories.safety_plans import make_safety_plan
from tests.meetings.calls import make_called_case
from tests.statements import beside_the_context

ClientFor = Callable[[User | None], Client]

LISTS = {
    "assessments-to-finalise": (DeadlineKind.ASSESSMENT,),
    "assessments-to-sign-off": (DeadlineKind.SIGN_OFF,),
    "safety-plans": (DeadlineKind.SAFETY_PLAN,),
    "turning-18": (DeadlineKind.TRANSITION_PROMPT, DeadlineKind.TRANSITION_PLAN),
}


def owe(
    rows: Session,
    case: Case,
    kind: DeadlineKind,
    *,
    days: int,
    subject: tuple[str, UUID] | None = None,
    **owner: Any,
) -> None:
    """What is owed on a case in so many days."""
    of, subject_id = subject or ("cre_case", case.id)
    due = clock.now() + timedelta(days=days)
    rows.add(
        Deadline(
            id=new_id(),
            kind=kind,
            subject_kind=of,
            subject_id=subject_id,
            case_id=case.id,
            started_at=due - timedelta(days=9),
            due_at=due,
            original_due_at=due,
            state=DeadlineState.OPEN,
            source="test",
            confirmed=False,
            policy_version="test",
            **owner,
        )
    )


@pytest.mark.parametrize("place", LISTS)
def test_a_list_names_what_is_due_and_leads_there(
    rows: Session, cast: Cast, client_for: ClientFor, statements: list[str], place: str
) -> None:
    case = make_called_case(rows, cast)
    child = rows.get_one(Child, case.child_id)
    child.dob = date(clock.today().year - 17, 1, 15)
    finalised = make_finalised(rows, case, cast.social_worker)
    plan = make_safety_plan(rows, case, cast.social_worker)
    plan.state, plan.in_force_at = "in_force", clock.now()
    plan.valid_from, plan.valid_until = clock.today(), clock.today() + timedelta(days=3)
    other = make_called_case(rows, cast, "Ben")
    other.lead_agency_id = cast.health.id
    rows.commit()
    for n, found in enumerate((case, other)):
        for kind in LISTS[place]:
            subject = ("risk_assessment", finalised.id) if kind is DeadlineKind.SIGN_OFF else None
            owe(rows, found, kind, days=1 + n, owner_team_id=cast.social_care_team.id, subject=subject)
    rows.commit()
    owed = rows.query(Deadline).filter_by(case_id=case.id, state=DeadlineState.OPEN)
    number = owed.filter(Deadline.kind.in_(LISTS[place])).count()
    client = client_for(cast.social_worker)
    client.soup(f"/social-care/{place}")
    statements.clear()
    page = client.soup(f"/social-care/{place}")
    assert len(beside_the_context(statements)) <= 8
    listed = page.select("table tbody tr")
    assert len(listed) == number >= len(LISTS[place]), "the cases that other agencies lead are not among them"
    assert all(case.reference in line.get_text() for line in listed)
    assert other.reference not in page.get_text()
    for link in page.select("table a[href]"):
        assert client.get(str(link["href"])).status_code == 200, link["href"]
    waits = page_of_tasks(client, f"/social-care/{place}")
    assert f"{number} waiting" in waits


def page_of_tasks(client: Client, address: str) -> str:
    """What the workspace says beside the link to a list."""
    link = client.soup("/social-care").find("a", href=address)
    assert link is not None
    assert link.parent is not None
    return link.parent.get_text(" ", strip=True)


def listed(page: BeautifulSoup) -> list[str]:
    """The family names of a list, in its order."""
    return [one.get_text().split()[-1] for one in page.select("#list-page tbody th a")]


#: By family name: what is owed when, the level, and in which year each was born. Who owes it, in this order.
THREE = {"Copplestone": (-2, None, 2010), "Aldermoor": (3, "low", 2009), "Brackwater": (20, "high", 2011)}


@pytest.fixture
def three(rows: Session, cast: Cast, request: pytest.FixtureRequest) -> str:
    """Three children on whose cases one thing is owed each: the list on which they stand."""
    place: str = request.param
    owners: tuple[dict[str, Any], ...] = (
        {"owner_id": cast.social_worker.id},
        {"owner_team_id": cast.social_care_team.id},
        {"owner_id": cast.social_care_manager.id},
    )
    for (family, (days, level, born)), owner in zip(THREE.items(), owners, strict=True):
        case = child_on_case(rows, cast, family, level=level, dob=date(born, 5, 4))
        owe(rows, case, LISTS[place][0], days=days, **owner)
    rows.commit()
    return f"/social-care/{place}"


def child_on_case(rows: Session, cast: Cast, family: str, *, dob: date, **facts: Any) -> Case:
    """A child on whose case social care works, which leads it, and nothing is owed."""
    child = make_child(rows, "Tansy", family, dob=dob)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator, **facts)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    for duty in rows.query(Deadline).filter_by(case_id=case.id):
        duty.state = DeadlineState.DONE
    return case


EACH = pytest.mark.parametrize("three", LISTS, indirect=True)


@EACH
def test_each_list_is_filtered_and_sorted(cast: Cast, three: str, client_for: ClientFor) -> None:
    client = client_for(cast.social_worker)
    for query, found in (
        ("", "Copplestone Aldermoor Brackwater"),
        ("sort=-due", "Brackwater Aldermoor Copplestone"),
        ("sort=child", "Aldermoor Brackwater Copplestone"),
        ("when=overdue", "Copplestone"),
        ("when=week", "Aldermoor"),
        ("when=week&when=overdue", "Copplestone Aldermoor"),
        ("owes=you", "Copplestone"),
        ("owes=team", "Aldermoor"),
        ("owes=others", "Brackwater"),
        ("owes=others&when=overdue", ""),
    ):
        page = client.soup(f"{three}?{query}")
        assert listed(page) == found.split(), query
        assert bool(found) is not ("Nothing fits these filters" in page.get_text())
    (head,) = client.soup(f"{three}?sort=-child").select("#list-page th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Child", "descending")
    tabs = [" ".join(one.get_text(" ").split()) for one in client.soup(three).select("nav a")]
    assert {"All 3", "Overdue 1", "In the next 7 days 1"} <= set(tabs)


@pytest.mark.parametrize("three", ["assessments-to-finalise", "assessments-to-sign-off"], indirect=True)
def test_assessments_are_filtered_and_sorted_by_the_level(
    cast: Cast, three: str, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    assert listed(client.soup(f"{three}?sort=level")) == ["Brackwater", "Aldermoor", "Copplestone"]
    assert listed(client.soup(f"{three}?level=low&level=not_assessed")) == ["Copplestone", "Aldermoor"]


@pytest.mark.parametrize("three", ["turning-18"], indirect=True)
def test_young_people_are_sorted_by_when_they_turn_18(cast: Cast, three: str, client_for: ClientFor) -> None:
    client = client_for(cast.social_worker)
    page = client.soup(f"{three}?sort=adult")
    assert listed(page) == ["Aldermoor", "Copplestone", "Brackwater"]
    assert page.select("th[aria-sort]")[0].get_text() == "Turns 18"
    assert len(listed(client.soup(f"{three}?what=transition_prompt"))) == 3
    assert listed(client.soup(f"{three}?what=transition_plan")) == []


@EACH
def test_pages_go_on_after_the_last_row(
    cast: Cast, three: str, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered.find_first, "__kwdefaults__", {"limit": 1})
    client = client_for(cast.social_worker)
    for query in ("", "?sort=child", "?sort=-due"):
        page, seen = client.soup(three + query), []
        while True:
            seen += listed(page)
            more = page.find("a", rel="next")
            if more is None:
                break
            assert not [one for one in THREE if one in str(more["href"])]
            page = client.soup(str(more["href"]))
        assert sorted(seen) == sorted(THREE), query


@EACH
def test_a_colleague_sees_the_same_and_nobody_of_another_agency_does(
    rows: Session, cast: Cast, three: str, client_for: ClientFor
) -> None:
    city = new_agency("City social care", Sector.SOCIAL_CARE, authority="derby")
    team, worker, colleague = (
        new_team(city),
        new_user(city, "Cyra City"),
        new_user(cast.social_care, "Lee Ague"),
    )
    for step in (
        (city, worker, colleague),
        (team,),
        (
            TeamMember(team_id=team.id, user_id=worker.id),
            TeamMember(team_id=cast.social_care_team.id, user_id=colleague.id),
        ),
    ):
        rows.add_all(step)
        rows.flush()
    case = child_on_case(rows, cast, "Sealwharf", dob=date(2009, 5, 4))
    place = three.rpartition("/")[2]
    owe(rows, case, LISTS[place][0], days=1, owner_id=cast.social_care_manager.id)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert listed(client_for(colleague).soup(three)) == list(THREE)
    assert "All 3" in " ".join(client_for(colleague).soup(three).get_text(" ").split())
    for query in ("", "?sort=child", "?when=overdue", "?owes=others"):
        page = client_for(worker).soup(three + query)
        assert listed(page) == []
        assert not [one for one in (*THREE, "Sealwharf") if one in page.get_text()]
        for person in (cast.officer, cast.nurse, cast.coordinator, cast.stranger, cast.governance):
            assert client_for(person).get(three + query).status_code == 403, person.name
    (empty,) = client_for(worker).soup(three).select(".app-empty")
    assert "stands here" in empty.get_text()


@EACH
def test_a_view_is_saved_for_whoever_saved_it_alone(cast: Cast, three: str, client_for: ClientFor) -> None:
    client = client_for(cast.social_worker)
    assert client.submit(f"{three}?when=overdue", {"name": "To see to first"}).status_code == 303
    assert "To see to first" in client.soup(three).get_text()
    assert "To see to first" not in client_for(cast.social_care_manager).soup(three).get_text()
