"""A form is taken from a page of the portal and from nowhere else, over https and as browsers send it."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import settings
from portal import create_app
from portal.access import form_tokens
from portal.access.guard import rule_of
from portal.access.model import AuditEvent
from portal.access.sign_in import attempt
from portal.demo import postgres
from portal.extensions import db
from portal.records.people.model import User
from tests import database
from tests.access.addresses import address, unknown
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import open_session

HERE = "https://portal.example.org"
PAGE, SENDS = "/your-sign-ins", "/your-sign-ins/end-others"
TOKEN = re.compile('name="csrf_token" value="([^"]+)"')

#: As browsers of today send a form: under "no-referrer", which pages had, and under "same-origin".
CHROMIUM = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Origin": HERE,
    "Referer": f"{HERE}{PAGE}",
}

TAKEN = {
    "a page of ours": CHROMIUM,
    "a page of ours without a referrer": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    "nobody's page": {"Sec-Fetch-Site": "none"},
    "a page of ours, older browser": {"Origin": HERE},
    "a page of ours, in capitals and with the port": {"Origin": "HTTPS://Portal.Example.org:443"},
    "a browser that says nothing": {},
}
REFUSED = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
    "another site that hides itself": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "a neighbouring host": {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"},
    "another site that claims our origin": {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
    "a word that no browser says": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "another site, older browser": {"Origin": "https://elsewhere.example"},
    "a neighbouring host, older browser": {"Origin": "https://other.example.org"},
    "our host without TLS": {"Origin": "http://portal.example.org"},
    "our host at another port": {"Origin": f"{HERE}:8443"},
    "our name within another": {"Origin": f"{HERE}.elsewhere.example"},
    "a hidden page, older browser": {"Origin": "null"},
    "no address": {"Origin": "https://[portal"},
}


@pytest.fixture(scope="module")
def served(server: postgres.Server) -> Iterator[Flask]:
    """The portal with the settings of production, seen through a proxy that ends TLS."""
    environment = {
        "SECRET_KEY": "for tests only, and long enough to be one",
        "SEARCH_HASH_KEY": "what searches are compared by in tests",
        "DATABASE_URL": server.url("portal_app", database.NAME),
        "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", database.NAME),
        "PORTAL_ADDRESS": HERE,
        "TRUSTED_PROXIES": "1",
    }
    app = create_app(settings.from_environment(environment) | {"TESTING": True})
    assert app.config["PORTAL_MODE"] == "production"
    app.test_client_class = Client
    yield app
    attempt.dispose(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def browser_of(served: Flask, app: Flask, rows: Session) -> Callable[[User], "Browser"]:
    return lambda person: Browser(served, open_session(rows, person.id))


class Browser:
    """Somebody signed in, behind the proxy."""

    def __init__(self, served: Flask, token: str) -> None:
        client = served.test_client()
        assert isinstance(client, Client)
        self.client = client
        self.client.set_cookie("__Host-portal", token, domain="portal.example.org", secure=True)

    def get(self, address: str) -> tuple[int, str]:
        answer = self.client.get(address, **self._through_proxy({}))
        return answer.status_code, answer.text

    def token(self) -> str:
        """The form token of this sign-in, as it stands on a page."""
        status, page = self.get(PAGE)
        found = TOKEN.search(page)
        assert found, f"no form on {PAGE}, which answered {status}"
        return found[1]

    def send(
        self, address: str, headers: dict[str, str], token: str | None, **fields: str
    ) -> tuple[int, str]:
        data = fields | ({"csrf_token": token} if token else {})
        answer = self.client.post(address, data=data, **self._through_proxy(headers))
        return answer.status_code, answer.text

    def is_signed_in(self) -> bool:
        return self.get(PAGE)[0] == 200

    def _through_proxy(self, headers: dict[str, str]) -> dict[str, object]:
        seen = {
            "X-Forwarded-For": "192.0.2.7",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "portal.example.org",
        }
        return {"base_url": HERE, "headers": seen | headers}


@pytest.mark.parametrize("sent_from", TAKEN)
def test_a_form_with_its_token_is_taken_from_here(
    browser_of: Callable[[User], Browser], cast: Cast, sent_from: str
) -> None:
    desk, phone = browser_of(cast.officer), browser_of(cast.officer)
    assert desk.send(SENDS, TAKEN[sent_from], desk.token())[0] == 303
    assert not phone.is_signed_in(), "what was asked for was done"


@pytest.mark.parametrize("sent_from", REFUSED)
def test_a_form_from_elsewhere_is_refused_though_its_token_is_good(
    browser_of: Callable[[User], Browser], cast: Cast, rows: Session, sent_from: str
) -> None:
    desk, phone = browser_of(cast.officer), browser_of(cast.officer)
    status, page = desk.send(SENDS, REFUSED[sent_from], desk.token())
    assert status == 403
    assert "sent by another site" in page
    assert phone.is_signed_in()
    noted = rows.scalars(select(AuditEvent).where(AuditEvent.action == "access:refused")).all()
    assert [(one.actor_id, one.address) for one in noted] == [(cast.officer.id, SENDS)]


@pytest.mark.parametrize("sent_from", TAKEN)
@pytest.mark.parametrize("token", ["", "made-up", "of a colleague", "of an earlier sign-in"])
def test_a_form_from_here_needs_the_token_of_this_sign_in(
    browser_of: Callable[[User], Browser], cast: Cast, sent_from: str, token: str
) -> None:
    desk, phone = browser_of(cast.officer), browser_of(cast.officer)
    desk.token()
    tokens = {"of a colleague": browser_of(cast.colleague).token, "of an earlier sign-in": phone.token}
    sent = tokens[token]() if token in tokens else token
    assert desk.send(SENDS, TAKEN[sent_from], sent)[0] == 400
    assert phone.is_signed_in()


def test_signing_out_signs_out_and_what_was_sent_before_cannot_be_replayed(
    browser_of: Callable[[User], Browser], cast: Cast, rows: Session
) -> None:
    desk = browser_of(cast.officer)
    token, cookies = desk.token(), dict(desk.client._cookies or {})
    assert desk.send("/sign-out", CHROMIUM, token)[0] == 303
    assert not desk.is_signed_in()
    desk.client._cookies = cookies
    assert desk.send(SENDS, CHROMIUM, token)[0] == 401, "the session itself is over"
    rows.rollback()
    assert not rows.scalar(text("select count(*) from ctx.session where revoked_at is null"))


def test_a_page_of_ours_signs_out_however_old_its_token_is(
    browser_of: Callable[[User], Browser], cast: Cast
) -> None:
    desk = browser_of(cast.officer)
    desk.token()
    assert desk.send("/sign-out", {}, "old")[0] == 400, "a browser that does not say where it was sent from"
    assert desk.send("/sign-out", REFUSED["a neighbouring host"], desk.token())[0] == 403
    assert desk.is_signed_in()
    assert desk.send("/sign-out", CHROMIUM, "old")[0] == 303
    assert not desk.is_signed_in()


def test_every_address_that_takes_a_form_refuses_other_sites(
    browser_of: Callable[[User], Browser], served: Flask, cast: Cast
) -> None:
    desk = browser_of(cast.officer)
    token, nowhere, reached = desk.token(), unknown(), 0
    for rule in served.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            assert method == "POST", f"{rule.endpoint} takes {method}: forms and the tests send POST"
            if rule.endpoint in form_tokens.SENT_BY_SERVERS:
                declared = rule_of(served, rule.endpoint)
                assert declared
                assert declared.permission is None, "servers are not signed in"
                continue
            status, page = desk.send(address(served, rule, nowhere), REFUSED["a neighbouring host"], token)
            assert status == 403, f"{rule.endpoint} answered {status}"
            assert "sent by another site" in page
            reached += 1
    assert reached > 200
