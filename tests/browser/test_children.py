"""A child, search, workspaces and what was told, in a browser: axe, phone, keyboard, no scripts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child, ChildStatus
from portal.records.disclosures.model import Disclosure
from portal.vocabulary import TriageColour
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import involve, make_case
from tests.factories.children import ask, known_child, propose, say, tell

PICTURES = os.environ.get("PICTURES")  # a folder: pictures of the pages are kept there, to be looked at


@dataclass(frozen=True)
class World:
    child: Child
    case: Case
    told: Disclosure

    def pages(self) -> dict[str, str]:
        child = f"/children/{self.child.reference}"
        return {
            "workspace": "/police",
            "told": "/told",
            "telling": f"/told/{self.told.reference}",
            "ledger": f"/told/ledger/{self.case.reference}",
            "child": child,
            "identity": f"{child}/identity",
            "record": f"{child}/record",
            "address": f"{child}/address/add",
            "carer": f"{child}/carer/add",
            "status": f"{child}/statuses/add",
            "number": f"{child}/numbers/add",
            "name": f"{child}/names/add",
            "search": "/search",
        }


@pytest.fixture
def world(rows: Session, cast: Cast) -> World:
    child = known_child(
        rows, "Katarzyna", "Inventska", by=cast.officer, aliases=("Mouse",), dob=date(2011, 3, 12),
        nhs_number="9434765919",
    )  # fmt: skip
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator, level="high",
        lead_professional_id=cast.social_worker.id,
    )  # fmt: skip
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, child, cast.officer, "1 Invented Street\nMadeup", postcode="DE1 2FS", code="home")
    say(rows, child, cast.officer, "9 Hidden Lane", do_not_disclose=True)
    say(rows, child, cast.nurse, "01632 960001", kind="phone", code="own")
    say(rows, child, cast.social_worker, "Made-up Academy", kind="school", code="part")
    rows.add(
        ChildStatus(
            id=new_id(),
            child_id=child.id,
            status="cp",
            starts_on=date(2026, 1, 7),
            agency_id=cast.social_care.id,
        )
    )
    rows.add(
        Alert(
            id=new_id(),
            case_id=case.id,
            kind="no_family_contact",
            text="Her uncle reads her phone.",
            owner_id=cast.social_worker.id,
            review_on=clock.today(),
        )
    )
    rows.commit()
    told = tell(
        rows,
        child,
        cast.police_team,
        by=cast.coordinator,
        colour=TriageColour.RED,
        case=case,
        conditions="Do not tell the child’s family",
    )
    tell(rows, child, cast.police_team, by=cast.coordinator)
    ask(
        rows, child, cast.police_team, by=cast.coordinator, case=case, question="Has she been seen this week?"
    )
    return World(child, case, told)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_axe_finds_nothing_on_any_of_these_pages(
    open_as: Callable[..., Page], cast: Cast, world: World
) -> None:
    page = open_as(cast.officer)
    for name, address in world.pages().items():
        page.goto(address)
        picture(page, f"{name}-desktop")
        check_accessible(page)


def test_none_of_these_pages_has_to_be_scrolled_sideways_on_a_phone(
    open_as: Callable[..., Page], cast: Cast, world: World
) -> None:
    page = open_as(cast.officer, phone=True)
    for name, address in world.pages().items():
        page.goto(address)
        picture(page, f"{name}-phone")
        check_width(page)
    page.goto(world.pages()["child"])
    check_accessible(page)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_the_pages_of_other_people(
    open_as: Callable[..., Page], rows: Session, cast: Cast, world: World, phone: bool
) -> None:
    tell(rows, world.child, cast.school_team, by=cast.coordinator)
    proposal = propose(rows, world.child, by=cast.officer)
    child = world.pages()["child"]
    for name, person, address in (
        ("social-care", cast.social_care_manager, "/social-care?whose=agency"),
        ("health", cast.nurse, "/health"),
        ("council", cast.community_safety, "/council"),
        ("school", cast.teacher, "/home"),
        ("identity-only", cast.teacher, child),
        ("decide", cast.social_worker, f"{child}/corrections/{proposal}"),
        ("link", cast.coordinator, f"{child}/links/add"),
        ("governance", cast.governance, "/told"),
        ("governance-telling", cast.governance, f"/told/{world.told.reference}"),
        ("administrator", cast.administrator, "/home"),
    ):
        page = open_as(person, phone=phone)
        page.goto(address)
        picture(page, f"{name}-{'phone' if phone else 'desktop'}")
        check_accessible(page)
        page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_searches_and_reads_the_child(
    open_as: Callable[..., Page], cast: Cast, world: World, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/search")
    page.get_by_label("Name, date of birth").fill("kasia inventsky")
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("cell", name="A name that Kasia is a form of")).to_be_visible()
    assert "kasia" not in page.url.lower(), "no name stands in an address"
    if scripts:
        picture(page, "results-desktop")
        check_accessible(page)
    page.get_by_role("link", name="Katarzyna Inventska").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Katarzyna Inventska")


def test_a_search_works_by_keyboard_alone_and_says_what_is_missing(
    open_as: Callable[..., Page], visitors: Visitors, cast: Cast, world: World
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.officer)
    page.goto("/search")
    page.get_by_label("Name, date of birth").focus()
    page.keyboard.type("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Name, date of birth")).to_have_value("k")
    page.get_by_label("Name, date of birth").fill("inv")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Katarzyna Inventska")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_receipt_is_confirmed_by_one_click_on_the_workspace(
    open_as: Callable[..., Page], cast: Cast, world: World, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/police")
    listed = page.locator("#told-list")
    expect(listed.get_by_role("link", name=world.told.reference)).to_be_visible()
    listed.get_by_role("button", name=f"Confirm receipt of {world.told.reference}").click()
    expect(page.locator("#told-list").get_by_role("link", name=world.told.reference)).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_nurse_adds_a_school_and_holds_an_address_back(
    open_as: Callable[..., Page], visitors: Visitors, cast: Cast, world: World, scripts: bool
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.nurse, scripts=scripts)
    page.goto(world.pages()["child"])
    expect(page.get_by_text("9 Hidden Lane")).to_have_count(0)
    page.get_by_role("link", name="Add a school, college or workplace").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("School, college or workplace").fill("Other Academy")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Other Academy").first).to_be_visible()
    line = page.get_by_role("listitem").filter(has_text="1 Invented Street")
    line.get_by_text("Do not disclose this").click()
    line.get_by_role("button", name="Hold it back").click()
    expect(page.get_by_role("listitem").filter(has_text="1 Invented Street")).to_contain_text(
        "Do not disclose"
    )


def test_what_must_not_be_disclosed_does_not_print(
    open_as: Callable[..., Page], cast: Cast, world: World
) -> None:
    page = open_as(cast.officer)
    page.goto(world.pages()["child"])
    expect(page.get_by_text("9 Hidden Lane").first).to_be_visible()
    page.emulate_media(media="print")
    picture(page, "child-print")
    expect(page.get_by_text("9 Hidden Lane").first).to_be_hidden()
    expect(page.get_by_text("1 Invented Street").first).to_be_visible()
