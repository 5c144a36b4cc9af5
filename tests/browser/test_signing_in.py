"""Signing in at one's own organisation, in a browser: with scripts and without, at a desk and on a phone."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import DESKTOP, PHONE, Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.sign_in.portal import Portal
from tests.sign_in.providers import CODES, Providers, person

OpenAs = Callable[..., Page]


def own_menu(page: Page) -> Locator:
    """One's name in the head, behind which is what is one's own."""
    return page.locator(".app-menu > summary")


def sign_out(page: Page) -> None:
    """By the menu below one's name, which opens without a script."""
    own_menu(page).click()
    page.get_by_role("button", name="Sign out", exact=True).click()


@pytest.fixture
def site(app: Flask, live: str, portal: Portal, providers: Providers) -> Iterator[str]:
    """The portal at its live address, which the providers know."""
    known, address = providers.directory.client, app.config["PORTAL_ADDRESS"]
    app.config["PORTAL_ADDRESS"] = live
    providers.directory.client = replace(
        known,
        redirect_uris=tuple(f"{live}/sign-in/return/{code}" for code in CODES),
        post_logout_redirect_uris=(f"{live}/signed-out",),
        backchannel_logout_uris=(f"{live}/sign-in/back-channel/{{organisation}}",),
    )
    yield live
    providers.directory.client = known
    app.config["PORTAL_ADDRESS"] = address


def choose_person(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose who to sign in as")
    page.get_by_role("button").first.click()


@pytest.mark.parametrize(
    ("scripts", "phone"), [(True, False), (False, False), (True, True)], ids=["desk", "no scripts", "phone"]
)
def test_an_officer_finds_their_organisation_signs_in_and_out(
    visitors: Visitors, site: str, scripts: bool, phone: bool
) -> None:
    page = visitors.open(site, scripts=scripts, phone=phone)
    page.goto("/sign-in")
    page.get_by_label("Find your organisation").fill("poli")
    if scripts:
        expect(page.locator("#organisations a")).to_have_count(1)
        check_accessible(page)
    else:
        page.get_by_role("button", name="Find").click()
    page.locator("#organisations").get_by_role("link", name="Police").click()
    if scripts:
        check_accessible(page)
    choose_person(page)
    expect(own_menu(page)).to_have_text("Ola Officer")
    sign_out(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    if scripts:
        check_accessible(page)
    page.goto("/your-sign-ins")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("heading", name="On this device last time")).to_be_visible()


def test_a_deep_link_survives_signing_in_and_the_back_button_shows_nothing_afterwards(
    visitors: Visitors, site: str
) -> None:
    page = visitors.open(site)
    page.goto("/your-sign-ins")
    page.locator("#organisations").get_by_role("link", name="Police").click()
    choose_person(page)
    expect(page).to_have_url(f"{site}/your-sign-ins")
    expect(page.get_by_text("This one")).to_be_visible()
    check_accessible(page)
    sign_out(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.go_back()
    expect(page.get_by_text("This one")).to_have_count(0)


def test_signing_out_at_the_organisation_signs_out_here_too(
    visitors: Visitors, site: str, providers: Providers
) -> None:
    page = visitors.open(site)
    page.goto("/sign-in/police")
    choose_person(page)
    expect(own_menu(page)).to_have_text("Ola Officer")
    page.goto(f"{providers.issuer('police')}/sign-out")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.goto(f"{site}/your-sign-ins")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_out_leads_on_to_the_organisations_own_sign_out(visitors: Visitors, site: str) -> None:
    page = visitors.open(site)
    page.goto("/sign-in/police")
    choose_person(page)
    sign_out(page)
    page.get_by_role("button", name="Sign out of Police account").click()
    expect(page).to_have_url(f"{site}/signed-out")


def test_an_organisation_that_is_away_says_so(visitors: Visitors, site: str, providers: Providers) -> None:
    visitors.expect_complaints("503")
    providers.misbehave("police", down=True)
    page = visitors.open(site)
    page.goto("/sign-in")
    page.locator("#organisations").get_by_role("link", name="Police").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cannot be reached")
    check_accessible(page)


def test_somebody_uninvited_is_told_what_to_do(visitors: Visitors, site: str, providers: Providers) -> None:
    visitors.expect_complaints("403")
    providers.people("police", person("nobody"))
    page = visitors.open(site)
    page.goto("/sign-in/police")
    choose_person(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You do not have access")
    check_accessible(page)


def test_a_manager_invites_a_colleague_who_signs_in(
    visitors: Visitors, site: str, providers: Providers, open_as: OpenAs, cast: Cast, rows: Session
) -> None:
    providers.people("police", person("p-new", name="Newt Fictional"))
    manager = open_as(cast.police_manager)
    manager.goto("/administration/people")
    check_accessible(manager)
    manager.get_by_role("button", name="Invite somebody").click()
    manager.get_by_label("Full name").fill("Newt Fictional")
    manager.get_by_label("Work email address").fill("newt@police.example")
    manager.get_by_label("Duty team").check()
    manager.get_by_label("Practitioner").check()
    check_accessible(manager)
    manager.get_by_role("button", name="Make the link").click()
    check_accessible(manager)
    link = manager.locator("#link").inner_text()
    newcomer = visitors.open(site, phone=True)
    newcomer.goto(link)
    check_accessible(newcomer)
    newcomer.get_by_role("button", name="Sign in with Police account").click()
    choose_person(newcomer)
    expect(own_menu(newcomer)).to_have_text("Newt Fictional")


ADMINISTRATION = [
    "",
    "/people",
    "/people/invite/hub",
    "/role-changes",
    "/agencies",
    "/agencies/add",
    "/agencies/police",
    "/agencies/police/switch-off",
    "/agencies/police/sign-in",
    "/providers",
    "/providers/add",
    "/providers/police",
    "/policy",
]


def test_the_administration_pages_are_accessible(open_as: OpenAs, portal: Portal, cast: Cast) -> None:
    page = open_as(cast.administrator)
    person_pages = [f"/people/{cast.officer.id}{part}" for part in ("", "/details", "/roles", "/switch-off")]
    for address in [*ADMINISTRATION, *person_pages]:
        page.goto(f"/administration{address}")
        check_accessible(page)
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        check_width(page)
        page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
