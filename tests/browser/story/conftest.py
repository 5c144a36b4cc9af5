"""The portal at a live address, at which everybody of the cast signs in at their own organisation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal.access.sign_in import directory
from portal.access.sign_in.discovery import secret_name
from portal.demo.provider import Organisation, Person
from portal.model import new_id
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider, User, UserIdentity
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.sign_in.providers import CLIENT_ID, CLIENT_SECRET, Providers


@dataclass
class Story:
    """Opens windows in which people sign in as they do at work."""

    visitors: Visitors
    address: str
    rows: Session

    def open(self, *, scripts: bool = True, phone: bool = False, kept: Sequence[Any] = ()) -> Page:
        """A window in which nobody is signed in; `kept` are the cookies that its device held."""
        page = self.visitors.open(self.address, scripts=scripts, phone=phone)
        page.context.add_cookies(list(kept))
        return page

    def sign_in(self, person: User, *, start: str = "", **window: Any) -> Page:
        """A window in which `person` signed in at their agency's own address, or on the way to `start`."""
        page = self.open(**window)
        agency = self.rows.get_one(Agency, person.agency_id)
        page.goto(start or f"/sign-in/{agency.code}")
        if start:
            page.locator("#organisations").get_by_role("link", name=agency.name, exact=True).click()
        prove(page, person)
        expect(page.locator(".app-menu > summary")).to_have_text(person.name)
        return page


def prove(page: Page, person: User) -> None:
    """Say at one's organisation who one is."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose who to sign in as")
    page.get_by_role("button", name=person.name).click()


def arrive(page: Page, heading: str, *, axe: bool = True) -> None:
    """The page is the one that is headed `heading`, is accessible and fits the screen.

    Args:
        axe: False where another run of the same journey asks axe already, or where scripts are off.
    """
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    if axe:
        check_accessible(page)
    else:
        check_width(page)


def everybody_came(page: Page) -> None:
    """Mark that everybody was there, and say who it was of each team that was invited without a name."""
    page.get_by_label("Everybody whom I have not marked was there").check()
    for team in page.get_by_label("More about Duty team").all():
        team.fill("Wanda Worker")


@pytest.fixture
def story(
    app: Flask, rows: Session, cast: Cast, live: str, providers: Providers, visitors: Visitors
) -> Iterator[Story]:
    """Every agency of the cast with a provider of its own, and every person known there."""
    known, address = providers.directory.client, app.config["PORTAL_ADDRESS"]
    app.config["PORTAL_ADDRESS"] = live
    with app.app_context():
        directory().forget()
    codes = _join(rows, providers)
    app.config["OIDC_SECRETS"] = {secret_name(code): CLIENT_SECRET for code in codes}
    providers.directory.client = replace(
        known,
        redirect_uris=tuple(f"{live}/sign-in/return/{code}" for code in codes),
        post_logout_redirect_uris=(f"{live}/signed-out",),
    )
    yield Story(visitors, live, rows)
    providers.directory.client = known
    app.config["PORTAL_ADDRESS"] = address


def _join(rows: Session, providers: Providers) -> list[str]:
    """Give each agency a provider at which its people are known; gives the codes."""
    people = rows.query(User).order_by(User.agency_id, User.name)
    codes = []
    for agency_id, members in groupby(people, key=lambda person: person.agency_id):
        agency = rows.get_one(Agency, agency_id)
        code = f"{agency.code}-at-work"  # the server keeps a key for each code that other tests made
        codes.append(code)
        provider = IdentityProvider(
            id=new_id(),
            code=code,
            name=f"{agency.name} account",
            issuer=providers.issuer(code),
            client_id=CLIENT_ID,
            secret_name=secret_name(code),
            required_acr=["https://refeds.org/profile/mfa"],
            required_amr=["mfa"],
            max_age=3600,
            active=True,
        )
        rows.add(provider)
        rows.flush()
        rows.add(AgencyProvider(agency_id=agency.id, provider_id=provider.id))
        known = list(members)
        rows.add_all(
            UserIdentity(user_id=one.id, issuer=provider.issuer, subject=str(one.id)) for one in known
        )
        staff = tuple(
            Person(subject=str(one.id), name=one.name, email=one.email, job="at work") for one in known
        )
        providers.directory.add([Organisation(code=code, name=agency.name, algorithm="ES256", people=staff)])
    rows.commit()
    return codes
