"""What is decided, goes: the hub refers a child, the front door opens it and decides, the police read that.

The outbox is read at each step: what a page says was told is what stands there.
"""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails
from portal.records.triage.model import SocialCareReferral
from tests.browser.story.conftest import Story, arrive
from tests.cast import Cast
from tests.factories.referrals import make_sent_referral
from tests.told import heard
from tests.triage.conftest import SOURCE, answers

WHAT = "Ada is not safe at home tonight."
FRONT_DOOR = {
    "social_care_team mail social_care_referred",
    *(f"{who} portal social_care_referred" for who in ("social_worker", "social_care_manager", "chair")),
}


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form of the police officer's on one child."""
    child = ChildDetails(given_name="Ada", family_name="Fictional", age=14)
    return make_sent_referral(rows, cast.officer, children=[child], answers=answers(WHAT), source=SOURCE)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_referral_reaches_the_front_door_and_its_decision_reaches_the_sender(
    rows: Session, cast: Cast, story: Story, form: Referral, scripts: bool
) -> None:
    hub = story.sign_in(cast.coordinator, scripts=scripts)
    refer(hub, form, "Derbyshire County", axe=scripts)
    assert heard(rows, cast, "social_care_referred") == FRONT_DOOR
    hub.goto(f"/triage/{form.reference}")
    arrive(hub, form.reference, axe=scripts)
    expect(hub.get_by_text("Nobody there has opened it yet")).to_be_visible()

    front_door = story.sign_in(cast.social_worker, scripts=scripts)
    open_it(front_door, axe=scripts)
    assert rows.scalars(select(SocialCareReferral.opened_by)).one() == cast.social_worker.id
    hub.reload()
    expect(hub.get_by_text(f"Opened by {cast.social_worker.name}")).to_be_visible()
    assert heard(rows, cast, "social_care_decided") == set()

    decide_it(front_door, axe=scripts)
    assert heard(rows, cast, "social_care_decided") == {
        "coordinator mail social_care_decided",
        "officer mail feedback",
    }
    police = story.sign_in(cast.officer, scripts=scripts)
    police.goto(f"/sent/{form.reference}")
    arrive(police, "What was sent", axe=scripts)
    expect(police.get_by_text("has decided: Assess the child’s needs.")).to_be_visible()
    feed_back(hub, form, axe=scripts)
    assert heard(rows, cast, "form_fed_back") == {"officer mail feedback"}


def test_a_front_door_that_is_not_on_the_portal_is_printed_and_rung(
    rows: Session, cast: Cast, story: Story, form: Referral
) -> None:
    hub = story.sign_in(cast.coordinator)
    refer(hub, form, "Derby City", axe=True)
    expect(hub.get_by_text("Not told: children’s social care of Derby City")).to_be_visible()
    assert heard(rows, cast, "social_care_referred") == set()
    hub.goto(f"/triage/{form.reference}")
    expect(hub.get_by_text("they are not on the portal. Print it and ring them.")).to_be_visible()
    hub.get_by_role("link", name="Print it, and record your call").click()
    arrive(hub, "Has social care got it?")
    expect(hub.locator(".app-words")).to_contain_text(WHAT)
    hub.get_by_label("Reference that the front door gave").fill("FD 17")
    hub.get_by_role("button", name="Confirm").click()
    expect(hub.get_by_text(f"Confirmed: FD 17, recorded by {cast.coordinator.name}")).to_be_visible()


def refer(page: Page, form: Referral, authority: str, *, axe: bool) -> None:
    page.goto(f"/triage/{form.reference}/decide")
    arrive(page, "Decide", axe=axe)
    page.get_by_label("Refer to children’s social care").check()
    page.get_by_role("group", name="Whose social care?").get_by_label(authority).check()
    words = page.get_by_label("Words for the case")
    expect(words).to_have_value(WHAT)
    page.get_by_label("Why?", exact=True).fill("She needs protection tonight")
    arrive(page, "Decide", axe=axe)
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tell agencies")


def open_it(page: Page, *, axe: bool) -> None:
    page.goto("/social-care")
    page.get_by_role("link", name="Referrals from the hub").click()
    arrive(page, "Referrals from the hub", axe=axe)
    expect(page.get_by_role("cell", name="Not opened yet")).to_be_visible()
    page.get_by_role("row").nth(1).get_by_role("link").click()
    arrive(page, "What was told", axe=axe)
    expect(page.locator(".app-words").first).to_contain_text(WHAT)


def decide_it(page: Page, *, axe: bool) -> None:
    page.get_by_role("button", name="Say what you decide").click()
    arrive(page, "What social care decided", axe=axe)
    page.get_by_label("Assess the child’s needs").check()
    page.get_by_label("What should the sender of the information know?").fill(
        "A social worker visits tonight."
    )
    page.get_by_role("button", name="Record it").click()
    arrive(page, "What was told", axe=axe)
    expect(page.get_by_text("Assess the child’s needs").first).to_be_visible()
    told = page.get_by_text("Told by e-mail")
    expect(told).to_be_visible()
    expect(told).not_to_contain_text("Ola Officer")


def feed_back(page: Page, form: Referral, *, axe: bool) -> None:
    """The words for the sender start from what was decided and done."""
    page.goto(f"/triage/{form.reference}/feedback")
    arrive(page, "Tell the sender", axe=axe)
    expect(page.get_by_label("What should the sender know?")).to_contain_text(
        "A social worker visits tonight."
    )
    page.get_by_role("button", name="Send and finish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Triage")
