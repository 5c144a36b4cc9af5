"""The workspace of health: summaries, what was found lately, actions, and one case as health sees it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.pages.workspaces import tasks as workspace_tasks
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from portal.vocabulary import Role
from tests.access.test_reach import Asking
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.pages import words
from tests.cases.test_page import BUDGET, ClientFor
from tests.cast import Cast
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.people import make_user
from tests.factories.plans import make_action
from tests.statements import beside_the_context

PAGES = ("/health/summaries", "/health/found", "/health/actions")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that health works on."""
    return case_of_three(rows, cast)


def found(
    rows: Session, case: Case, by: User, kind: str, words: str, *, days: int = 3, **facts: Any
) -> ChronologyEntry:
    """What somebody of health added, some days ago."""
    details = facts.pop("details", {})
    entry = add_entry(rows, case, by, words, **facts)
    entry.kind, entry.details, entry.happened_at = kind, details, clock.now() - timedelta(days=days)
    rows.commit()
    return entry


def waiting(acting: Acting, person: User) -> dict[str, int]:
    """How much waits in each task that counts."""
    with acting(person) as actor:
        return {
            one.endpoint: one.waiting
            for one in workspace_tasks.offered(person=actor)
            if one.waiting is not None
        }


def test_a_case_without_a_summary_waits_until_there_is_one_and_again_when_it_is_old(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    client = client_for(cast.nurse)
    page = words(client.soup("/health/summaries"))
    assert case.reference in page
    assert "None yet" in page
    assert waiting(acting, cast.nurse)["health.summaries"] == 1
    summary = found(rows, case, cast.nurse, "health_summary", "Sleeps badly")
    assert case.reference not in words(client.soup("/health/summaries"))
    assert waiting(acting, cast.nurse)["health.summaries"] == 0
    summary.happened_at = clock.now() - timedelta(days=100)
    rows.commit()
    page = words(client.soup("/health/summaries"))
    assert case.reference in page
    assert cast.nurse.name in page
    assert waiting(acting, cast.nurse)["health.summaries"] == 1


def test_what_was_found_lately_is_listed_and_missed_ones_wait_to_be_followed_up(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    found(rows, case, cast.nurse, "attendance", "Quillburn", details={"where": "emergency"})
    missed = found(
        rows,
        case,
        cast.nurse,
        "missed_appointment",
        "Quillmissed",
        details={"service": "Dentist", "followed_up": "no"},
    )
    found(rows, case, cast.nurse, "worry", "Quillworry", details={"about": ["fear"]})
    found(rows, case, cast.nurse, "worry", "Quillold", days=200)
    found(rows, case, cast.officer, "police", "Quillpolice")
    client = client_for(cast.nurse)
    every = words(client.soup("/health/found"))
    assert [one for one in ("Quillburn", "Quillmissed", "Quillworry") if one in every] == [
        *("Quillburn", "Quillmissed", "Quillworry"),
    ]
    assert "Quillold" not in every
    assert "Quillpolice" not in every
    assert "Emergency department" in every
    only = words(client.soup("/health/found?kind=worry"))
    assert "Quillworry" in only
    assert "Quillburn" not in only
    assert waiting(acting, cast.nurse)["health.found"] == 1
    client.submit(
        f"/cases/{case.reference}/entries/{missed.id}/correct",
        {
            "text": "Quillmissed",
            "reason": "Rang the mother",
            "detail_service": "Dentist",
            "detail_followed_up": "yes",
        },
    )
    assert waiting(acting, cast.nurse)["health.found"] == 0
    assert "Not followed up" not in words(client.soup("/health/found"))


def test_the_page_of_a_case_brings_together_what_health_needs(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str]
) -> None:
    found(rows, case, cast.nurse, "health_summary", "Quillsummary", details={"mind": "crisis"})
    found(rows, case, cast.nurse, "health_summary", "Quillearlier", days=40)
    found(rows, case, cast.nurse, "attendance", "Quillburn", details={"where": "emergency"})
    found(rows, case, cast.nurse, "worry", "Quillworry", handling=Handling.OWN)
    found(rows, case, cast.officer, "police", "Quillpolice")
    make_action(rows, case, cast.nurse, cast.chair, what="Quillaction")
    make_action(rows, case, cast.officer, cast.chair, what="Quillothers")
    child = rows.get_one(Child, case.child_id)
    ask(rows, child, cast.health_team, by=cast.officer, question="Quillasked", case=case)
    client = client_for(cast.nurse)
    statements.clear()
    page = words(client.soup(f"/health/cases/{case.reference}"))
    assert len(beside_the_context(statements)) <= BUDGET, beside_the_context(statements)
    for word in ("Quillsummary", "In crisis", "Quillburn", "Quillworry", "Quillaction", "Quillasked"):
        assert word in page, word
    for word in ("Quillearlier", "Quillpolice", "Quillothers"):
        assert word not in page, word
    assert "1 attendance, 0 appointments missed, 1 worry" in page


def test_counts_are_those_of_the_rows_that_one_may_see(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    other = make_user(rows, cast.health, "Quentin Quillnurse", Role.MANAGER, teams=(cast.health_team,))
    for days in range(1, 120, 7):
        found(rows, case, cast.nurse, ("attendance", "missed_appointment", "worry")[days % 3], "x", days=days)
    found(rows, case, cast.officer, "attendance", "hidden", handling=Handling.OWN)
    with asking(other) as session:
        since = text("cast(:day as timestamp) at time zone 'Europe/London'")
        rows_seen = session.execute(
            select(ChronologyEntry.kind, func.count())
            .where(
                ChronologyEntry.case_id == case.id,
                ChronologyEntry.happened_at >= since.bindparams(day=clock.today() - timedelta(days=90)),
            )
            .group_by(ChronologyEntry.kind)
        ).all()
        again = {row[0]: row[1] for row in rows_seen}
    page = words(client_for(other).soup(f"/health/cases/{case.reference}"))
    attended, missed, worried = (again[one] for one in ("attendance", "missed_appointment", "worry"))
    assert f"{attended} attendances, {missed} appointments missed, {worried} worries" in page


def test_lists_reach_no_further_than_the_reader(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    away = make_case(
        rows,
        make_child(rows, "Zebulon", "Quillaway"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        authority="derbyshire",
    )
    involve(rows, away, cast.police_team, by=cast.coordinator)
    found(rows, away, cast.officer, "worry", "Quillfar")
    make_action(rows, away, cast.officer, cast.chair, what="Quilltask")
    client = client_for(cast.nurse)
    for address in PAGES:
        page = words(client.soup(address))
        assert "Quillaway" not in page
        assert away.reference not in page
    assert client.get(f"/health/cases/{away.reference}").status_code == 404
    assert waiting(acting, cast.nurse)["health.summaries"] == 1


@pytest.mark.parametrize(
    "who", ["officer", "social_worker", "community_safety", "teacher", "coordinator", "governance"]
)
def test_the_workspace_is_closed_to_other_sectors_page_by_page_and_fragment_by_fragment(
    cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    client = client_for(getattr(cast, who))
    fragment = {"HX-Request": "true", "HX-Target": "main#main-content", "HX-Request-Type": "partial"}
    for address in (*PAGES, f"/health/cases/{case.reference}"):
        assert client.get(address).status_code == 403, address
        assert client.get(address, headers=fragment).status_code == 403, address


def test_a_list_costs_a_fixed_number_of_statements_and_pages_hold_each_once(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str]
) -> None:
    for number in range(60):
        found(rows, case, cast.nurse, "worry", f"Worry{number:02}x", days=7)
    client = client_for(cast.nurse)
    for address in PAGES:
        statements.clear()
        client.soup(address)
        assert len(beside_the_context(statements)) <= BUDGET, address
    first = client.soup("/health/found")
    older = first.select_one("a[rel=next]")
    assert older is not None
    second = client.soup(str(older["href"]))
    shown = [one.get_text() for page in (first, second) for one in page.select(".app-item p.app-words")]
    assert len(shown) == len(set(shown)) == 60


def test_other_sectors_have_their_own_list_and_forms_for_each_case(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str]
) -> None:
    involve(rows, case, cast.council_team, by=cast.coordinator, worker=cast.community_safety)
    found(rows, case, cast.community_safety, "asb", "Quillstairs", details={"what": "report"})
    found(rows, case, cast.nurse, "worry", "Quillworry")
    client = client_for(cast.community_safety)
    assert "Anti-social behaviour, early help and licensing" in words(client.soup("/council"))
    for address in ("/contributions", "/contributions?kind=asb", "/contributions?kind=worry"):
        statements.clear()
        page = words(client.soup(address))
        assert len(beside_the_context(statements)) <= BUDGET, address
        assert "Quillstairs" in page
        assert "Quillworry" not in page
    choose = client.soup("/contributions/new")
    ways = [str(one["href"]) for one in choose.select("main li a")]
    assert [way.rpartition("kind=")[2] for way in ways] == ["asb", "early_help", "licensing", "disruption"]
    assert client.get(ways[0]).status_code == 200
    nobody = client_for(cast.stranger)
    for address in ("/contributions", "/contributions/new"):
        assert "Quillstairs" not in words(nobody.soup(address))
        assert case.reference not in words(nobody.soup(address))
    assert client_for(cast.governance).get("/contributions").status_code == 403
