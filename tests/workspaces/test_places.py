"""No link is lost: what the homes, the navigation and the page of a case led to is still a click away."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child

Browser = Callable[[User | None], Client]

#: Each page that the navigation and the homes led to, and where one finds it now, by who looks.
LED_TO: dict[str, dict[str, tuple[str, ...]]] = {
    "/home": {
        "social_worker": (
            *("/work", "/social-care", "/cases", "/missing", "/meetings", "/concerns", "/guidance"),
            *("/share", "/sent", "/told", "/requests", "/minutes", "/actions", "/changes", "/absences"),
            *("/missing/report", "/concerns/new", "/messages", "/your-sign-ins"),
            *("/social-care/return-interviews", "/social-care/safety-plans", "/social-care/turning-18"),
            *("/social-care/assessments-to-finalise", "/social-care/assessments-to-sign-off"),
            *("/social-care/processes", "/directory", "/panels", "/contributions"),
        ),
        "officer": ("/police", "/police/intelligence", "/police/people", "/orders", "/panels", "/work"),
        "nurse": ("/health", "/health/summaries", "/health/found", "/health/actions"),
        "community_safety": ("/council", "/council/places", "/orders"),
        "coordinator": ("/triage", "/missing", "/work?whose=hub", "/cases", "/concerns"),
        "social_care_manager": ("/work/team", "/work/sheet"),
        "governance": ("/told", "/guidance"),
        "administrator": ("/administration", "/guidance"),
    },
    "/work/team": {"social_care_manager": ("/administration/people", "/absences", "/work/sheet")},
}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    made = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, made, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    return made


def links(client: Client, address: str) -> set[str]:
    page = client.soup(client.get(address, follow_redirects=True).request.path)
    return {str(one["href"]) for one in page.select("a[href]")}


@pytest.mark.parametrize(("address", "who"), [(a, w) for a, people in LED_TO.items() for w in people])
def test_what_the_homes_led_to_is_a_click_away(
    cast: Cast, client_for: Browser, address: str, who: str
) -> None:
    found = links(client_for(getattr(cast, who)), address)
    missing = [
        wanted
        for wanted in LED_TO[address][who]
        if not any(one == wanted or one.startswith((f"{wanted}?", f"{wanted}/")) for one in found)
    ]
    assert not missing, sorted(found)


#: What the page of a case led to, by endpoint, and the part on which one finds it now.
PARTS = {
    "": ("entries/new", "print", "ask"),
    "/manage": ("alerts/new", "due-dates", "end", "hand-over", "chronology.pdf", "sensitivity"),
    "/sharing": ("told",),
}


def test_what_the_page_of_a_case_led_to_stands_in_its_parts(
    app: Flask, cast: Cast, client_for: Browser, case: Case
) -> None:
    client = client_for(cast.social_worker)
    for part, wanted in PARTS.items():
        found = links(client, f"/cases/{case.reference}{part}")
        for one in wanted:
            assert any(one in link for link in found), (part, one, sorted(found))
