"""My work: what is due for me and my team, worst first; and the sheet for when the portal is down."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.people.model import Team, User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.referrals import make_sent_referral
from tests.statements import beside_the_context, noted

Browser = Callable[[User | None], Client]


def owe(
    rows: Session,
    case: Case,
    owner: User | Team,
    due_at: datetime,
    *,
    kind: DeadlineKind = DeadlineKind.REVIEW,
    first: datetime | None = None,
    about: InformationRequest | None = None,
) -> Deadline:
    deadline = Deadline(
        id=new_id(),
        kind=kind,
        subject_kind="information_request" if about else "cre_case",
        subject_id=about.id if about else case.id,
        case_id=None if about else case.id,
        request_id=about.id if about else None,
        owner_id=owner.id if isinstance(owner, User) else None,
        owner_team_id=owner.id if isinstance(owner, Team) else None,
        started_at=clock.now() - timedelta(days=30),
        due_at=due_at,
        original_due_at=first or due_at,
        state=DeadlineState.OPEN,
        source="set by a person",
        confirmed=True,
        policy_version="test",
    )
    rows.add(deadline)
    rows.commit()
    return deadline


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(
        rows, make_child(rows, "Amy", "Kowalski"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def lines(page: BeautifulSoup) -> list[str]:
    return [" ".join(row.get_text(" ", strip=True).split()) for row in page.select("#list-page tbody tr")]


def test_the_longest_overdue_stands_first_then_today_then_what_comes(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    now = clock.now()
    owe(rows, case, cast.officer, now + timedelta(days=9), first=now + timedelta(days=2))
    owe(rows, case, cast.officer, now - timedelta(hours=5), kind=DeadlineKind.MEETING)
    owe(rows, case, cast.police_team, now - timedelta(days=3, hours=1), kind=DeadlineKind.ASSESSMENT)
    found = lines(client_for(cast.officer).soup("/work"))
    assert ["Overdue by 3 days" in found[0], "Overdue by 5 hours" in found[1], "first due" in found[2]] == [
        True, True, True,
    ]  # fmt: skip
    assert "Amy Kowalski" in found[0]
    assert case.reference in found[0]
    assert "Duty team" in found[0]
    assert "Ola Officer" in found[1]


def test_mine_and_my_teams_are_two_lists(rows: Session, cast: Cast, client_for: Browser, case: Case) -> None:
    soon = clock.now() + timedelta(days=1)
    owe(rows, case, cast.officer, soon, kind=DeadlineKind.MEETING)
    owe(rows, case, cast.police_team, soon, kind=DeadlineKind.REVIEW)
    officer, colleague = client_for(cast.officer), client_for(cast.colleague)
    assert len(lines(officer.soup("/work"))) == 2
    assert ["Hold the meeting" in one for one in lines(officer.soup("/work?whose=mine"))] == [True]
    assert ["review meeting" in one for one in lines(officer.soup("/work?whose=team"))] == [True]
    assert ["review meeting" in one for one in lines(colleague.soup("/work"))] == [True]
    assert len(lines(officer.soup("/work?whose=nonsense"))) == 2


def test_nobody_sees_what_others_have_to_do(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    owe(rows, case, cast.officer, clock.now())
    owe(rows, case, cast.police_team, clock.now())
    for person in (cast.neighbour, cast.stranger, cast.nurse, cast.social_care_manager):
        for whose in ("all", "mine", "team", "people"):
            found = lines(client_for(person).soup(f"/work?whose={whose}"))
            assert not [one for one in found if "review" in one], f"{person.name} {whose}"
    for person in (cast.governance, cast.administrator):
        assert client_for(person).get("/work").status_code == 403


def test_a_manager_sees_what_the_people_of_the_agency_owe(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    owe(rows, case, cast.officer, clock.now() - timedelta(days=1))
    client = client_for(cast.police_manager)
    assert not [one for one in lines(client.soup("/work?whose=mine")) if "review" in one]
    found = lines(client.soup("/work?whose=people"))
    assert [one for one in found if "Ola Officer" in one]


def test_a_duty_on_a_case_that_was_sealed_since_names_nobody(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    owe(rows, case, cast.officer, clock.now())
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    page = client_for(cast.officer).soup("/work")
    assert "You do not see the record now" in page.get_text()
    assert "Kowalski" not in page.get_text()
    assert case.reference not in page.get_text()


def test_the_hub_finds_what_waits_for_triage(rows: Session, cast: Cast, client_for: Browser) -> None:
    form = make_sent_referral(rows, cast.officer)
    now = clock.now()
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.TRIAGE,
            subject_kind="referral",
            subject_id=form.id,
            referral_id=form.id,
            owner_agency_id=cast.hub.id,
            started_at=now,
            due_at=now + timedelta(hours=4),
            original_due_at=now + timedelta(hours=4),
            state=DeadlineState.OPEN,
            source="clocks.triage_red",
            confirmed=False,
            policy_version="test",
        )
    )
    rows.commit()
    page = client_for(cast.coordinator).soup("/work")
    assert form.reference in lines(page)[0]
    link = page.select_one("#list-page tbody a")
    assert link
    assert link["href"] == f"/triage/{form.reference}"


def test_the_list_goes_on_and_costs_the_same_however_long_it_is(
    app: Flask, rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    for days in range(60):
        owe(rows, case, cast.officer, clock.now() + timedelta(days=days))
    client = client_for(cast.officer)
    page = client.soup("/work")
    assert len(lines(page)) == 50
    link = page.select_one("#list-page a[rel=next]")
    assert link
    with noted(app) as sent:
        rest = client.soup(str(link["href"]))
    assert len(lines(rest)) == 10
    assert len(beside_the_context(sent)) <= 7, sent


def test_the_sheet_holds_duties_phones_and_contacts_and_is_on_record(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    cast.officer.phone = "01632 960055"
    owe(rows, case, cast.officer, clock.now() - timedelta(days=2))
    page = client_for(cast.police_manager).soup("/work/sheet").get_text(" ", strip=True)
    for words in (
        "Valid when printed", "OFFICIAL-SENSITIVE", "Amy Kowalski", case.reference, "01632 960055",
        "Overdue by 2 days", "Health trust", "duty@health-trust.example", "01632 960101",
    ):  # fmt: skip
        assert words in page, words
    printed = rows.query(AuditEvent).filter_by(action="work:print").one()
    assert printed.details["printed"] == [case.reference]


def test_the_sheet_leaves_out_what_is_sealed_and_names_nobody_who_is_restricted(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    """Also of a duty that hangs on the child and on no case."""
    now = clock.now()
    sealed, restricted, of_child = (
        make_child(rows, "Wrenna", "Quillsealed"),
        make_child(rows, "Nourah", "Quillheld"),
        make_child(rows, "Ashe", "Quillasked"),
    )
    held = {
        child.given_name: make_case(
            rows,
            child,
            lead=cast.social_care,
            opened_by=cast.coordinator,
            sensitivity=how,
        )
        for child, how in (
            (sealed, Sensitivity.SEALED),
            (restricted, Sensitivity.RESTRICTED),
            (of_child, Sensitivity.SEALED),
        )
    }
    for one in held.values():
        for person in (cast.social_care_manager, cast.social_worker):
            grant(rows, one, person, by=cast.coordinator)
    owe(rows, held["Wrenna"], cast.social_worker, now - timedelta(days=2))
    owe(rows, held["Nourah"], cast.social_worker, now - timedelta(days=2))
    owe(rows, case, cast.social_worker, now - timedelta(days=2))
    asked = ask(rows, of_child, cast.social_care_team, by=cast.officer)
    owe(rows, case, cast.social_care_team, now, kind=DeadlineKind.INFORMATION_REQUEST, about=asked)
    for address, shown in (("/work/sheet", False), ("/work?whose=people", True)):
        page = client_for(cast.social_care_manager).soup(address).get_text(" ", strip=True)
        assert "Amy Kowalski" in page
        for name in ("Quillsealed", "Quillheld", "Quillasked"):
            assert (name in page) is shown, (address, name)
        for hidden in (held["Wrenna"].reference, held["Ashe"].reference, asked.reference):
            assert shown or hidden not in page, (address, hidden)
    sheet = client_for(cast.social_care_manager).soup("/work/sheet").get_text(" ", strip=True)
    assert held["Nourah"].reference in sheet
    assert "What is sealed is left off it" in sheet
    for event in rows.query(AuditEvent).filter_by(action="work:print"):
        assert set(event.details["printed"]) == {case.reference, held["Nourah"].reference}


def test_a_managers_sheet_leaves_out_other_agencies_and_a_coordinators_has_all_that_is_overdue(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    owe(rows, case, cast.officer, clock.now() - timedelta(days=2))
    other = client_for(cast.social_care_manager).soup("/work/sheet").get_text(" ", strip=True)
    assert "Ola Officer" not in other
    hub = client_for(cast.coordinator).soup("/work/sheet").get_text(" ", strip=True)
    assert "Ola Officer" in hub
    for person in (cast.officer, cast.governance, cast.administrator):
        assert client_for(person).get("/work/sheet").status_code == 403


def test_duties_are_filtered_sorted_and_taken_as_a_file(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    now = clock.now()
    owe(rows, case, cast.officer, now - timedelta(days=2), kind=DeadlineKind.ALERT_REVIEW)
    owe(rows, case, cast.officer, now + timedelta(days=3))
    owe(rows, case, cast.officer, now + timedelta(days=30))
    client = client_for(cast.officer)
    assert len(lines(client.soup("/work?whose=mine"))) == 3
    (late,) = lines(client.soup("/work?whose=mine&when=overdue"))
    assert late.startswith("Review an alert")
    page = client.soup("/work?whose=mine&when=week&when=overdue&sort=-due")
    assert [one.split(" Amy")[0] for one in lines(page)] == ["Hold the review meeting", "Review an alert"]
    link = page.select_one("a[href*=csv]")
    assert link
    said = client.get(str(link["href"])).data.decode("utf-8-sig").splitlines()
    assert [one.split(",")[0] for one in said] == ["What", "Hold the review meeting", "Review an alert"]
    for other in (cast.neighbour, cast.stranger):
        assert not lines(client_for(other).soup("/work?whose=all&when=overdue"))
        assert case.reference not in client_for(other).get("/work/duties.csv?whose=mine").text
