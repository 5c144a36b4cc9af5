"""People at work over https, in a browser that checks every certificate: each signs in at a real provider.

The steps of a form are those of the story that the browser tests tell (`tests/browser/story`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, Page, Playwright, Response, ViewportSize, expect, sync_playwright
from sqlalchemy import select

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import Agency, User
from portal.records.referrals.model import Referral
from portal.records.triage.model import TriageDecision
from portal.vocabulary import ReferralState
from tests.browser.story.conftest import arrive, prove
from tests.browser.story.test_coordinator import claim, settle
from tests.browser.story.test_officer import WHAT, begin, finish, go_on, pick_organisation, say_who_and_what
from tests.factories.referrals import make_sent_referral
from tests.rehearse.machine import Broken, program
from tests.rehearse.world import World

PATIENCE = 45_000  # milliseconds; a rehearsal may share its machine
_BAD = 400


@dataclass
class Forms:
    """What became of every form that a browser sent: by address, with the status of its answer."""

    sent: list[tuple[str, int]] = field(default_factory=list)

    def hear(self, response: Response) -> None:
        """Note the answer to a form."""
        request = response.request
        if (
            request.method == "POST"
            and request.resource_type == "document"
            and "/interaction/" not in request.url
        ):
            self.sent.append((request.url, response.status))

    @property
    def refused(self) -> list[tuple[str, int]]:
        """Those that were not taken."""
        return [one for one in self.sent if one[1] >= _BAD or not one[0].startswith("https://")]


@dataclass
class Office:
    """Opens windows of browsers on the portal."""

    browser: Browser
    address: str
    forms: Forms

    def open(self, *, scripts: bool = True, phone: bool = False) -> Page:
        """A window with a profile of its own."""
        size: ViewportSize = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = self.browser.new_context(
            base_url=self.address, java_script_enabled=scripts, viewport=size, ignore_https_errors=False
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("response", self.forms.hear)
        return page

    def sign_in(self, world: World, person: User, *, scripts: bool = True) -> Page:
        """Sign in from one's agency's own address."""
        page = self.open(scripts=scripts)
        with world.rows() as rows:
            agency = rows.get_one(Agency, person.agency_id)
        page.goto(f"/sign-in/{agency.code}")
        prove(page, person)
        expect(page.locator(".app-menu > summary")).to_have_text(person.name)
        return page


@contextmanager
def office(address: str, home: Path, forms: Forms) -> Iterator[Office]:
    """A browser of somebody whose home is `home`, with the certificates that they trust."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = _launch(playwright, home)
        try:
            yield Office(browser, address, forms)
        finally:
            browser.close()


def _launch(playwright: Playwright, home: Path) -> Browser:
    return playwright.chromium.launch(
        executable_path=program("chromium"),
        args=["--no-sandbox", "--disable-background-networking", "--no-proxy-server"],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
            "HOME": str(home),
        },
    )


def distrusts_without(address: str, home: Path) -> bool:
    """Whether a browser without our authority refuses the portal, which shows that the others check it."""
    with office(address, home, Forms()) as stranger:
        page = stranger.open()
        try:
            page.goto("/")
        except Exception as refused:
            return "ERR_CERT_AUTHORITY_INVALID" in str(refused)
    return False


def tell(world: World, desk: Office) -> None:
    """An officer shares a concern, the hub triages it, an agency adds what it knows; everybody signs out.

    Raises:
        Broken: something of it is not in the database as it was meant.
    """
    referral = _share(world, desk)
    case = _triage(world, desk, referral)
    _contribute(world, desk, case)


def _share(world: World, desk: Office) -> Referral:
    page = desk.open(scripts=False)
    pick_organisation(page, scripts=False, axe=False)
    prove(page, world.cast.officer)
    arrive(page, "Today", axe=False)
    page.get_by_role("banner").get_by_role("link", name="Share a concern", exact=True).click()
    begin(page, axe=False)
    say_who_and_what(page, axe=False)
    arrive(page, "What you know", axe=False)
    page.get_by_label("What happened?").fill(WHAT)
    here = page.url
    page.get_by_role("button", name="Save and come back later").click()
    arrive(page, "What we sent", axe=False)
    page.goto(here)
    expect(page.get_by_label("What happened?")).to_have_value(WHAT)
    go_on(page)
    finish(page, axe=False)
    reference = page.locator("#reference").inner_text()
    sign_out(page)
    with world.rows() as rows:
        sent = rows.scalars(select(Referral).filter_by(reference=reference)).one()
        _demand(sent.state == ReferralState.SENT, "the form is not with the hub")
        _demand(sent.what_happened == WHAT, "the form says something else than was typed")
    return sent


def _triage(world: World, desk: Office, referral: Referral) -> Case:
    page = desk.sign_in(world, world.cast.coordinator)
    page.goto("/triage")
    claim(page, referral, axe=False)
    match = page.locator(".app-candidate").filter(has_text=world.known.reference)
    match.get_by_role("button", name="This is the child").click()
    expect(page.get_by_role("button", name="This is somebody else than Adah Fictional")).to_be_visible()
    page.get_by_role("link", name="Decide about Ada Fictional").click()
    arrive(page, "Decide", axe=False)
    page.get_by_label("Open a case").check()
    page.get_by_label("Which team leads?").select_option(label="County social care: Duty team")
    page.get_by_label("Normal", exact=True).check()
    page.get_by_label("Words for the case of Ada Fictional").fill("Ada was picked up outside the school.")
    page.get_by_label("Why?", exact=True).fill("At risk, and nobody works with her yet")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    for subject, outcome in (
        ("Ben", "Give advice"),
        ("The car wash", "No further action"),
        ("AB12", "No further action"),
    ):
        settle(page, referral, subject, outcome, "The school looks after it", axe=False)
    page.goto(f"/triage/{referral.reference}/feedback")
    with_words(page)
    sign_out(page)
    with world.rows() as rows:
        found = rows.get_one(Referral, referral.id)
        _demand(found.state == ReferralState.FED_BACK, f"the form is {found.state}")
        _demand(
            len(rows.scalars(select(TriageDecision).filter_by(referral_id=referral.id)).all()) == 4,
            "decisions",
        )
        return rows.scalars(select(Case).filter_by(child_id=world.known.id)).one()


def with_words(page: Page) -> None:
    """Tell whoever sent the form."""
    arrive(page, "Tell the sender", axe=False)
    page.get_by_label("What should the sender know?").fill("Thank you. Social care leads from here.")
    page.get_by_role("button", name="Send and finish").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def _contribute(world: World, desk: Office, case: Case) -> None:
    words = "She told the school nurse that she is frightened."
    page = desk.sign_in(world, world.cast.social_worker)
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Add what I know").click()
    arrive(page, "Add what I know", axe=False)
    page.get_by_label("What kind of information is it?").select_option(label="New information")
    today = clock.today()
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("What does your agency know?").fill(words)
    page.get_by_label("Only my agency").check()
    page.get_by_label("No, do not share it with the family").check()
    page.get_by_role("button", name="Add to the case").click()
    expect(page.locator(".app-latest__item").filter(has_text=words)).to_be_visible()
    sign_out(page)
    with world.rows() as rows:
        found = rows.scalars(select(ChronologyEntry).filter_by(case_id=case.id, text=words)).all()
        _demand(len(found) == 1, "the entry is not on the case once")


def sign_out(page: Page) -> None:
    """Sign out, and see that one is: the page that was open asks for signing in.

    Raises:
        Broken: the person is still signed in.
    """
    before = page.url
    page.locator(".app-menu > summary").click()
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    arrive(page, "signed out", axe=False)
    page.goto("/home")
    _demand("/sign-in" in page.url, f"signed out on {before}, and /home still opens")
    page.context.close()


def meet_the_proxy(desk: Office) -> None:
    """With no web node left, the proxy's own page is ours, has its style, and says whom to ring.

    Raises:
        Broken: it is another page.
    """
    page = desk.open()
    answer = page.goto("/home")
    _demand(
        answer and answer.status == 502, f"without a web node the proxy answered {answer and answer.status}"
    )
    arrive(page, "The portal is not available", axe=False)
    expect(page.get_by_text("999").first).to_be_visible()
    font = page.get_by_role("heading", level=1).evaluate("one => getComputedStyle(one).fontWeight")
    _demand(int(font) >= 700, "the page of the proxy has no style")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/502.png")
        phone = desk.open(phone=True, scripts=False)
        phone.goto("/home")
        phone.screenshot(path=f"{folder}/502-phone.png")


def race(world: World, desk: Office) -> None:
    """Two coordinators press the same button at the same moment, each in a browser.

    Raises:
        Broken: both have it, nobody has it, or somebody got an error.
    """
    with world.rows() as rows:
        form = make_sent_referral(rows, world.cast.officer)
    people = (world.cast.coordinator, world.cast.second_coordinator)
    pages = [desk.sign_in(world, person) for person in people]
    for page in pages:
        page.goto(f"/triage/{form.reference}")
        expect(page.get_by_role("button", name=f"Claim {form.reference}")).to_be_visible()
    sent = len(desk.forms.sent)
    at = cast("float", pages[0].evaluate("Date.now()")) + 1500
    press = """([name, at]) => { const button = [...document.querySelectorAll('button')]
      .find((one) => one.textContent.trim().startsWith(name));
      setTimeout(() => button.click(), at - Date.now()); }"""
    for page in pages:
        page.evaluate(press, ["Claim", at])
    for page in pages:
        page.wait_for_timeout(2500)
        page.wait_for_load_state()
    answers = [status for _, status in desk.forms.sent[sent:]]
    for page in pages:
        page.context.close()
    _demand(len(answers) == len(pages), f"{len(answers)} answers came to two browsers")
    _demand(max(answers) < 500, f"answers were {answers}")
    with world.rows() as rows:
        found = rows.get_one(Referral, form.id)
        _demand(found.claimed_by in {one.id for one in people}, "nobody has the form that both claimed")


def _demand(so: object, otherwise: str) -> None:
    if not so:
        raise Broken(otherwise)


def statuses(forms: Forms) -> dict[int, int]:
    """How many forms were answered with which status."""
    found: dict[int, Any] = {}
    for _, status in forms.sent:
        found[status] = found.get(status, 0) + 1
    return found
