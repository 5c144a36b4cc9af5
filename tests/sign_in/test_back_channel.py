"""A provider can end the sessions that it opened, and nobody else can in its name."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.demo.provider.tokens import BACKCHANNEL_EVENT, BEHAVES, Faults, logout_claims, sign
from portal.records.people.model import SignInSession
from tests.sign_in.portal import Portal
from tests.sign_in.providers import CLIENT_ID, Providers


def order(providers: Providers, code: str = "police", faults: Faults = BEHAVES, **changes: Any) -> str:
    """A logout token of an organisation's provider."""
    claims = logout_claims(issuer=providers.issuer(code), audience=CLIENT_ID, subject="p-1", session=None)
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    organisation = providers.directory.organisations[code]
    key = providers.app.state.key(organisation)
    return sign(claims, key=key, organisation=organisation, faults=faults, typ="logout+jwt")


def send(portal: Portal, token: str, code: str = "police") -> int:
    """Post it as a provider would: without any cookie or form token."""
    provider = portal.browser.application.test_client()
    return provider.post(f"/sign-in/back-channel/{code}", data={"logout_token": token}).status_code


def is_signed_in(portal: Portal) -> bool:
    return portal.browser.get("/your-sign-ins").status_code == 200


@pytest.fixture
def signed_in(portal: Portal, rows: Session) -> Portal:
    portal.sign_in("police", "p-1")
    rows.execute(text("update ctx.session set opened_at = opened_at - interval '1 minute'"))
    rows.commit()
    return portal


def test_an_order_for_the_person_ends_their_sessions(signed_in: Portal, providers: Providers) -> None:
    assert send(signed_in, order(providers)) == 200
    assert not is_signed_in(signed_in)


def test_an_order_for_one_session_ends_that_one(
    signed_in: Portal, providers: Providers, rows: Session
) -> None:
    sid = rows.scalar(select(SignInSession.provider_session))
    assert send(signed_in, order(providers, sub=None, sid="of another browser")) == 200
    assert is_signed_in(signed_in)
    assert send(signed_in, order(providers, sub=None, sid=sid)) == 200
    assert not is_signed_in(signed_in)


def test_an_order_of_another_provider_ends_nothing_here(signed_in: Portal, providers: Providers) -> None:
    assert send(signed_in, order(providers, "health"), "health") == 200
    assert is_signed_in(signed_in)


REFUSED = {
    "another issuer": {"iss": "https://other.example"},
    "another audience": {"aud": "another-portal"},
    "several audiences": {"aud": [CLIENT_ID, "another-portal"]},
    "a nonce": {"nonce": "x"},
    "no event": {"events": None},
    "another event": {"events": {"https://other.example/event": {}}},
    "events that are no object": {"events": "x"},
    "an event that is no object": {"events": {BACKCHANNEL_EVENT: "x"}},
    "neither person nor session": {"sub": None},
    "no identifier": {"jti": None},
    "no time": {"iat": None},
    "a time long ago": {"iat": 1_000_000_000},
    "a time to come": {"iat": 4_000_000_000},
    "an end that has passed": {"exp": 1_000_000_000},
    "a person that is no text": {"sub": ["p-1"]},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
def test_an_order_with_something_wrong_is_refused(
    signed_in: Portal, providers: Providers, changes: dict[str, Any]
) -> None:
    assert send(signed_in, order(providers, **changes)) == 400
    assert is_signed_in(signed_in)


@pytest.mark.parametrize(
    "faults", [Faults(algorithm="none"), Faults(algorithm="HS256"), Faults(signs_with_stranger_key=True)]
)
def test_an_order_that_the_provider_did_not_sign_is_refused(
    signed_in: Portal, providers: Providers, faults: Faults
) -> None:
    assert send(signed_in, order(providers, faults=faults)) == 400
    assert is_signed_in(signed_in)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_an_order_that_is_no_token_is_refused(signed_in: Portal, token: str) -> None:
    assert send(signed_in, token) == 400


def test_an_id_token_is_no_order(signed_in: Portal, providers: Providers) -> None:
    now = int(clock.now().timestamp())
    assert send(signed_in, order(providers, events=None, nonce="n", auth_time=now)) == 400


def test_an_order_that_is_sent_again_ends_nothing_opened_since(portal: Portal, providers: Providers) -> None:
    kept = order(providers)
    assert send(portal, kept) == 200
    portal.sign_in("police", "p-1")
    assert send(portal, kept) == 400
    assert is_signed_in(portal)
