"""Intelligence, orders and the lists of the police in a browser: without scripts, by keyboard, on a phone."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.orders.model import ConcernOrder
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import check_accessible, faults_of
from tests.cast import Cast
from tests.factories.concerns import link, make_concern

WORDS = "Zilpahwynd waits by the canal lock on Fridays."
LONG = "Quorbin Vantlee-Oyelowo-Brandybuck-Featherstonehaugh of the Lower Tile Works Yard"


def test_intelligence_is_added_held_back_on_paper_and_released(
    open_as: Callable[..., Page], rows: Session, cast: Cast
) -> None:
    case = case_of_three(rows, cast)
    entry = _add_without_scripts(open_as(cast.officer, scripts=False), rows, case)
    _read_and_print(open_as(cast.nurse, phone=True), case)
    _release_by_keyboard(open_as(cast.officer), case, entry)


def _add_without_scripts(page: Page, rows: Session, case: Case) -> ChronologyEntry:
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Add intelligence").click()
    page.get_by_label("Day", exact=True).fill("1")
    page.get_by_label("Month", exact=True).fill("2")
    page.get_by_label("Year", exact=True).fill("2026")
    page.get_by_label("What is known?").fill(WORDS)
    page.get_by_label("Who or what did it come from?").fill("Ottilorne at the arcade")
    page.get_by_label("2: Untested").check()
    page.get_by_label("C: Known indirectly").check()
    page.get_by_label("C: Lawful sharing permitted with conditions").check()
    page.get_by_label("For reading in the portal only").check()
    page.locator("[name=handling][value=network]").check()
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_text("The intelligence was added to the case", exact=True)).to_be_visible()
    rows.rollback()
    return rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == WORDS)).one()


def _read_and_print(page: Page, case: Case) -> None:
    page.goto(f"/cases/{case.reference}")
    check_accessible(page)
    expect(page.get_by_text(WORDS)).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text(WORDS)).to_be_hidden()
    expect(page.get_by_text("Held back by Police. Ask Police.")).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Intelligence").first.click()
    page.get_by_role("link", name="Grading and conditions").click()
    expect(page.get_by_role("heading", name="Intelligence 2CC")).to_be_visible()
    check_accessible(page)


def _release_by_keyboard(page: Page, case: Case, entry: ChronologyEntry) -> None:
    place = f"/cases/{case.reference}"
    for address in ("/police/intelligence", f"{place}/intelligence/new", f"{place}/entries/{entry.id}/grade"):
        page.goto(address)
        assert not faults_of(page), address
    page.goto("/police")
    page.get_by_role("link", name="Intelligence to release").press("Enter")
    page.get_by_role("link", name="Ada Fictional").press("Enter")
    page.get_by_role("button", name="Release it").press("Enter")
    why = page.get_by_label("Why can it be released?")
    expect(why).to_be_visible()
    check_accessible(page)
    why.fill("The arrests were made")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Released. Its conditions have ended")).to_be_visible()
    check_accessible(page)


def test_an_order_is_recorded_served_moved_and_ended(
    open_as: Callable[..., Page], rows: Session, cast: Cast
) -> None:
    case = case_of_three(rows, cast)
    man = make_concern(rows, cast.officer, kind="person", name=LONG, do_not_approach=True)
    link(rows, man, rows.get_one(Child, case.child_id), cast.officer)
    order = _record_without_scripts(open_as(cast.officer, scripts=False), rows, man)
    _keep(open_as(cast.officer, phone=True), order)


def _record_without_scripts(page: Page, rows: Session, man: Concern) -> ConcernOrder:
    page.goto(f"/concerns/{man.reference}")
    page.get_by_role("link", name="Record an order or notice").click()
    page.get_by_label("What sort of order or notice is it?").select_option("child_abduction_warning")
    last = clock.today() + timedelta(days=60)
    for name, value in (("starts_on", clock.today()), ("expires_on", last)):
        for part in ("day", "month", "year"):
            page.locator(f"[name={name}-{part}]").fill(str(getattr(value, part)))
    page.get_by_label("What does it forbid or ask for?").fill("Not to be in a car with her")
    page.get_by_label("Ada Fictional").check()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("The order or notice was recorded", exact=True).first).to_be_visible()
    rows.rollback()
    return rows.scalars(select(ConcernOrder)).one()


def _keep(page: Page, order: ConcernOrder) -> None:
    place = f"/orders/{order.reference}"
    for address in ("/orders", place, *(f"{place}/{step}" for step in ("serve", "broken", "move", "end"))):
        page.goto(address)
        assert not faults_of(page), address
        check_accessible(page)
    page.goto(f"{place}/serve")
    for part in ("day", "month", "year"):
        page.locator(f"[name=on-{part}]").fill(str(getattr(clock.today(), part)))
    page.get_by_label("Who served it, and how?").fill("By hand at the station")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("By hand at the station").first).to_be_visible()
    expect(page.get_by_text("In force")).to_be_visible()
