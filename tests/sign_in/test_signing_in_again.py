"""Whoever changes how people sign in has signed in a short while ago, or does so again."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.access.guard import PROVED_TO_LOOK, PROVED_TO_SEND, rule_of
from portal.records.people.model import SignInSession, User
from tests.cast import Cast
from tests.sign_in.portal import Portal
from tests.sign_in.providers import Providers

#: What changes who can sign in, or how; a route that comes to it belongs here.
ASKED = {
    *("admin.add_provider", "admin.change_provider", "admin.switch_provider_on", "admin.switch_provider_off"),
    *("admin.agency_providers", "admin.invite", "admin.invite_again", "admin.switch_on", "admin.release"),
    *("admin.details", "admin.roles", "admin.confirm_role_change"),
}


def _signed_in(rows: Session, *, seconds_ago: int) -> None:
    then = func.statement_timestamp() - timedelta(seconds=seconds_ago)
    rows.execute(update(SignInSession).values(opened_at=then))
    rows.commit()


@pytest.fixture
def manager(portal: Portal, cast: Cast, rows: Session) -> User:
    """An officer who manages people of their agency, signed in by the provider of the police."""
    officer = rows.get_one(User, cast.officer.id)
    officer.roles = [*officer.roles, "manager"]
    rows.commit()
    portal.sign_in("police", "p-1")
    return officer


def test_every_route_that_changes_how_people_sign_in_asks(app: Flask) -> None:
    asking = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (found := rule_of(app, rule.endpoint)) and found.proved
    }
    assert asking == ASKED


def test_a_page_opens_within_a_quarter_of_an_hour_and_leads_to_the_provider_afterwards(
    portal: Portal, manager: User, cast: Cast, rows: Session
) -> None:
    page = f"/administration/people/{cast.colleague.id}/details"
    _signed_in(rows, seconds_ago=PROVED_TO_LOOK - 30)
    assert portal.browser.get(page).status_code == 200
    _signed_in(rows, seconds_ago=PROVED_TO_LOOK + 30)
    sent_away = portal.browser.get(page)
    assert sent_away.status_code == 303
    asking = portal.browser.soup(sent_away.headers["Location"])
    (link,) = [str(a["href"]) for a in asking.select("main a.govuk-button")]
    left = portal.browser.get(link)
    query = parse_qs(urlsplit(left.headers["Location"]).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    back = portal.follow(link, "police", "p-1")
    assert urlsplit(back.headers["Location"]).path == page, "and back to where they were going"
    assert portal.browser.get(page).status_code == 200


def test_a_form_may_take_longer_than_a_page(portal: Portal, manager: User, cast: Cast, rows: Session) -> None:
    page = f"/administration/people/{cast.colleague.id}/details"
    _signed_in(rows, seconds_ago=PROVED_TO_SEND - 30)
    assert portal.browser.submit(page, {"name": ""}).status_code == 422, "it is looked at"
    _signed_in(rows, seconds_ago=PROVED_TO_SEND + 30)
    sent_away = portal.browser.submit(page, {"name": "Somebody Else", "email": "else@example.org"})
    assert urlsplit(sent_away.headers["Location"]).path == "/sign-in-again"
    rows.expire_all()
    assert rows.get_one(User, cast.colleague.id).email == cast.colleague.email


def test_a_button_leads_back_to_the_page_that_it_stands_on(
    portal: Portal, manager: User, cast: Cast, rows: Session
) -> None:
    _signed_in(rows, seconds_ago=PROVED_TO_SEND + 30)
    sent_away = portal.browser.submit(f"/administration/people/{cast.colleague.id}/release")
    asking = portal.browser.soup(sent_away.headers["Location"])
    (link,) = [str(a["href"]) for a in asking.select("main a.govuk-button")]
    back = portal.follow(link, "police", "p-1")
    assert urlsplit(back.headers["Location"]).path == f"/administration/people/{cast.colleague.id}"


def test_a_provider_that_did_not_ask_again_is_not_believed(
    portal: Portal, providers: Providers, manager: User, rows: Session
) -> None:
    held = rows.scalar(select(func.extract("epoch", func.statement_timestamp())))
    providers.misbehave("police", claims={"auth_time": int(float(held or 0)) - 1800})
    portal.follow("/sign-in/police", "police", "p-1")
    assert portal.last.status_code == 303, "half an hour is recent enough for signing in"
    portal.follow("/sign-in/police/at/police?again=yes", "police", "p-1")
    assert (portal.last.status_code, portal.why()) == (403, "stale")


def test_nobody_is_asked_who_may_not_do_it(portal: Portal, cast: Cast, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    _signed_in(rows, seconds_ago=PROVED_TO_LOOK + 30)
    assert portal.browser.get(f"/administration/people/{cast.colleague.id}/details").status_code == 403
