"""What is of concern in a browser: recorded without scripts, its network on a phone, and axe on each page."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import check_width, faults_of
from tests.cast import Cast
from tests.factories.concerns import add_note, link, make_concern, release

LONG = "The Old Zubrowka Amusement Arcade and Snooker Hall behind the Canal Basin, Upper Nether-under-Lyne"


def test_a_car_is_recorded_and_stands_in_the_network(
    open_as: Callable[..., Page], rows: Session, cast: Cast
) -> None:
    case = case_of_three(rows, cast)
    place = _around_the_child(rows, cast, case)
    car = _record_without_scripts(open_as(cast.officer, scripts=False), rows, place)
    _look_at_every_page(open_as(cast.officer), open_as(cast.officer, phone=True), case, place, car)


def _around_the_child(rows: Session, cast: Cast, case: Case) -> Concern:
    child = rows.get_one(Child, case.child_id)
    place = make_concern(rows, cast.officer, name=LONG, district="erewash", risk="high", keys=["code:DE11AA"])
    person = make_concern(
        rows, cast.officer, kind="person", name="Zed Grubb", do_not_approach=True, keys=["who:grubb zed"]
    )
    known = make_concern(
        rows, cast.teacher, kind="vehicle", name="Silver", keys=["reg:ZZ12ZZZ", "half:ZZ12", "half:ZZZ"]
    )
    link(rows, place, child, cast.officer, role="seen_there", words="On three Fridays")
    link(rows, person, child, cast.officer, role="harmed_by", handling="own")
    link(rows, person, place, cast.officer, role="seen_at")
    link(rows, known, person, cast.officer, role="belongs_to")
    add_note(rows, place, cast.officer, text="The lights on the steps are broken")
    release(rows, place, cast.health, cast.officer)
    return place


def _record_without_scripts(page: Page, rows: Session, place: Concern) -> Concern:
    page.goto("/police")
    page.get_by_role("link", name="Places and people", exact=True).click()
    page.get_by_role("link", name="Record one", exact=True).click()
    page.get_by_role("link", name="Vehicle").click()
    page.get_by_label("Registration").fill("zz12")
    page.get_by_label("Colour").fill("Silver")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="This may be known already")).to_be_visible()
    expect(page.get_by_text("A part of the registration fits")).to_be_visible()
    page.get_by_role("button", name="Record another one").click()
    expect(page.get_by_text("The record was made", exact=True)).to_be_visible()
    page.get_by_role("link", name="Link it to a child or another").click()
    page.get_by_label("A child, place, person").press_sequentially(place.reference)  # found while one types
    page.keyboard.press("Enter")
    page.get_by_label("How do they belong together?").select_option("seen_at")
    page.get_by_role("button", name="Link them").click()
    expect(page.get_by_role("link", name=LONG, exact=True)).to_be_visible()
    rows.rollback()
    return rows.scalars(select(Concern).where(Concern.name == "Silver, ZZ12")).one()


def _look_at_every_page(page: Page, phone: Page, case: Case, place: Concern, car: Concern) -> None:
    one = f"/concerns/{place.reference}"
    for address in (
        *("/concerns", "/concerns/new", "/concerns/new/person", one, f"{one}/network", f"{one}/change"),
        *(f"{one}/links/find", f"{one}/release", f"{one}/history", f"/concerns/{car.reference}"),
        *(f"/cases/{case.reference}/network", "/police/people"),
    ):
        page.goto(address)
        assert not faults_of(page), address
    for address in ("/concerns", one, f"{one}/network", f"/cases/{case.reference}/network"):
        phone.goto(address)
        check_width(phone)
    expect(phone.get_by_role("img", name="What belongs together")).to_be_visible()
