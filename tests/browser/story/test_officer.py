"""A police officer shares a concern: at a desk, on a phone, and without scripts."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.records.referrals.model import Referral, ReferralSource, ReferralSubject
from portal.vocabulary import ReferralState, SubjectKind
from tests.browser.story.conftest import Story, arrive, prove
from tests.cast import Cast

WHAT = "Ada and Ben were picked up outside the school by a man in a grey van."
SOURCE = "Quentina at the chip shop, in confidence"


@pytest.mark.parametrize(
    ("scripts", "phone"), [(True, False), (True, True), (False, False)], ids=["desk", "phone", "no scripts"]
)
def test_a_police_officer_shares_a_concern_and_keeps_the_draft_through_a_closed_browser(
    rows: Session, cast: Cast, story: Story, scripts: bool, phone: bool
) -> None:
    axe = scripts and not phone
    first = story.open(scripts=scripts, phone=phone)
    pick_organisation(first, scripts=scripts, axe=axe)
    prove(first, cast.officer)
    arrive(first, "Today", axe=axe)
    first.get_by_role("banner").get_by_role("link", name="Share a concern", exact=True).click()
    begin(first, axe=axe)
    say_who_and_what(first, axe=axe)
    arrive(first, "What you know", axe=axe)
    if scripts:
        with first.expect_response(lambda answer: answer.url.endswith("/save")):
            first.get_by_label("What happened?").fill(WHAT)
        expect(first.locator("[data-save-state]")).to_contain_text("Saved")
    else:
        first.get_by_label("What happened?").fill(WHAT)
        first.get_by_role("button", name="Save and come back later").click()
        arrive(first, "What we sent", axe=axe)
    draft = rows.scalars(select(Referral)).one()
    assert draft.state == ReferralState.DRAFT
    assert draft.answers["typed"]["happened"]["what_happened"] == [WHAT]

    again = story.open(scripts=scripts, phone=phone, kept=close_browser(first))
    come_back(again, f"/share/{draft.reference}/happened", axe=axe)
    prove(again, cast.officer)
    expect(again).to_have_url(f"{story.address}/share/{draft.reference}/happened")
    expect(again.get_by_label("What happened?")).to_have_value(WHAT)
    go_on(again)
    finish(again, axe=axe)
    check_sent(rows, cast, again.locator("#reference").inner_text())


def pick_organisation(page: Page, *, scripts: bool, axe: bool) -> None:
    page.goto("/sign-in")
    arrive(page, "Sign in", axe=axe)
    page.get_by_label("Find your organisation").fill("poli")
    if not scripts:
        page.get_by_role("button", name="Find").click()
    expect(page.locator("#organisations a")).to_have_count(1)
    page.locator("#organisations").get_by_role("link", name="Police", exact=True).click()


def begin(page: Page, *, axe: bool) -> None:
    arrive(page, "Share a concern", axe=axe)
    page.get_by_label("Not this minute, but something may happen in the next 24 hours").check()
    go_on(page)
    arrive(page, "Ring first", axe=axe)
    expect(page.get_by_text("Ring the police on 101, or 999")).to_be_visible()
    page.get_by_role("button", name="I have rung, or do not need to").click()


def say_who_and_what(page: Page, *, axe: bool) -> None:
    arrive(page, "What it is about", axe=axe)
    page.get_by_label("One or more children", exact=True).check()
    page.get_by_label("Child sexual exploitation", exact=True).check()
    go_on(page)
    arrive(page, "Which children is this about?", axe=axe)
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Fictional")
    page.get_by_role("button", name="Add another child").click()
    expect(page.locator("[data-item]")).to_have_count(2)
    page.locator("#children-1-given_name").fill("Ben")
    go_on(page)
    arrive(page, "People, places and things", axe=axe)
    page.get_by_role("button", name="Add a place").click()
    page.get_by_label("Name of the place").fill("The car wash")
    page.get_by_role("button", name="Add a vehicle").click()
    page.get_by_label("Registration", exact=True).first.fill("AB12")
    go_on(page)


def close_browser(page: Page) -> list[dict[str, object]]:
    """Close the window; gives what the device keeps: cookies that do not end with the browser."""
    kept = [dict(one) for one in page.context.cookies() if one["expires"] != -1]
    page.context.close()
    return kept


def come_back(page: Page, address: str, *, axe: bool) -> None:
    """Follow a link; the device knows the organisation."""
    page.goto(address)
    arrive(page, "Sign in", axe=axe)
    expect(page.get_by_role("heading", name="On this device last time")).to_be_visible()
    page.get_by_role("button", name="Police").click()


def finish(page: Page, *, axe: bool) -> None:
    arrive(page, "Who told you", axe=axe)
    page.get_by_label("Who or what told you?").fill(SOURCE)
    page.get_by_label("Yes", exact=True).first.check()
    go_on(page)
    arrive(page, "The family, and who else knows", axe=axe)
    page.get_by_label("No", exact=True).first.check()
    page.get_by_label("Why has the family not been told?").fill("It may put her in danger")
    go_on(page)
    arrive(page, "Check your answers", axe=axe)
    expect(page.get_by_role("heading", name="Child 2: Ben")).to_be_visible()
    page.get_by_role("button", name="Send to the hub").click()
    arrive(page, "Sent to the hub", axe=axe)
    for heading in ("When the hub will look at it", "What happens next", "If it cannot wait"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_text(SOURCE)).to_have_count(0)


def check_sent(rows: Session, cast: Cast, reference: str) -> None:
    """The form is with the hub, whole, with its source apart and its clock running."""
    rows.expire_all()
    sent = rows.scalars(select(Referral).filter_by(reference=reference)).one()
    assert (sent.state, sent.author_id) == (ReferralState.SENT, cast.officer.id)
    assert sent.what_happened == WHAT
    subjects = rows.scalars(select(ReferralSubject).filter_by(referral_id=sent.id)).all()
    assert {(one.kind, one.label) for one in subjects} == {
        (SubjectKind.CHILD, "Ada Fictional"),
        (SubjectKind.CHILD, "Ben"),
        (SubjectKind.PLACE, "The car wash"),
        (SubjectKind.VEHICLE, "AB12"),
    }
    assert rows.get_one(ReferralSource, sent.id).text == SOURCE
    clock = rows.scalars(select(Deadline).filter_by(referral_id=sent.id, kind=DeadlineKind.TRIAGE)).one()
    assert (clock.state, clock.owner_team_id) == (DeadlineState.OPEN, cast.hub_team.id)
    done = rows.scalars(select(AuditEvent.action).filter_by(actor_id=cast.officer.id)).all()
    assert done.count("session:open") == 2
    assert {"draft:start", "draft:save", "referral:acknowledge"} <= set(done)


def go_on(page: Page) -> None:
    page.locator("main").get_by_role("button", name="Continue", exact=True).last.click()
