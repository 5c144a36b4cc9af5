"""Places of a council, whoever watches them, what is done there and the directory in a browser."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from portal.records.concerns.model import Concern
from tests.browser.conftest import check_width, faults_of
from tests.cast import Cast
from tests.factories.concerns import make_concern
from tests.factories.places import make_contact, watch
from tests.factories.plans import make_action

LONG = "The Old Zubrowka Amusement Arcade and Snooker Hall behind the Canal Basin, Upper Nether-under-Lyne"


def test_the_council_watches_a_place_acts_on_it_and_keeps_its_contact(
    open_as: Callable[..., Page], rows: Session, cast: Cast
) -> None:
    place = _places(rows, cast)
    page = open_as(cast.community_safety, scripts=False)
    page.goto("/council")
    page.get_by_role("link", name="Places in your districts").click()
    page.get_by_role("link", name="Nobody agreed yet").click()
    page.get_by_role("button", name="Name somebody").click()
    page.get_by_label("Who are they?").fill("Door staff of the snooker hall")
    page.get_by_label("What are they to the place?").select_option("security")
    page.get_by_label("What could they see or do?").fill("Ask for age at the door")
    page.get_by_label("Agreed").check()
    page.get_by_role("button", name="Name them").click()
    expect(page.get_by_role("heading", name="Door staff of the snooker hall")).to_be_visible()
    page.get_by_role("button", name="Give an action").click()
    page.get_by_label("What is to be done?").fill("Read the licence and visit on a Friday")
    page.get_by_label("Who does it?").select_option(label="Cam Safety, Borough council")
    page.get_by_label("How will we know that it worked?").fill("Nobody under age is in the hall")
    page.get_by_label("Licensing visit or review").check()
    page.get_by_role("button", name="Give the action").click()
    expect(page.get_by_text("You gave the action", exact=True)).to_be_visible()
    _look_at_every_page(open_as(cast.community_safety), open_as(cast.community_safety, phone=True), place)


def _places(rows: Session, cast: Cast) -> Concern:
    cast.council.districts = ["erewash", "high_peak"]
    rows.commit()
    place = make_concern(
        rows, cast.officer, name=LONG, district="erewash", authority="derbyshire", risk="high"
    )
    watch(rows, place, cast.community_safety)
    late = make_concern(rows, cast.officer, name="Yarnton Steps", district="high_peak")
    make_action(rows, late, cast.council_team, cast.officer, due_on=clock.today() - timedelta(days=2))
    contact = make_contact(cast.community_safety, name="Quenby Tarrant", phone="01632 960321")
    contact.checked_on = clock.today() - timedelta(days=400)
    rows.add(contact)
    rows.commit()
    return place


def _look_at_every_page(desktop: Page, phone: Page, place: Concern) -> None:
    found = {}
    for address in (
        "/council/places",
        f"/concerns/{place.reference}/watching",
        f"/concerns/{place.reference}/watching/new",
        f"/concerns/{place.reference}/known/new",
        f"/concerns/{place.reference}/actions/new",
        "/actions/places-and-people?whose=all",
        "/directory",
        "/directory/new",
        "/guidance/meetings",
    ):
        desktop.goto(address)
        found[address] = faults_of(desktop)
        phone.goto(address)
        check_width(phone)
    assert not any(found.values()), {address: faults for address, faults in found.items() if faults}
