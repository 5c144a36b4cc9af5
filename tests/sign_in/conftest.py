"""Providers that run once for all tests of sign-in and behave again before each of them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.access.sign_in import directory
from portal.access.sign_in.discovery import secret_name
from portal.model import new_id
from portal.records.people.model import AgencyProvider, IdentityProvider, UserIdentity
from tests.cast import Cast
from tests.client import Client
from tests.sign_in.portal import Portal
from tests.sign_in.providers import CLIENT_ID, CLIENT_SECRET, Providers, organisations, running_providers


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Providers]:
    with running_providers() as providers:
        yield providers


@pytest.fixture
def providers(provider_server: Providers) -> Providers:
    provider_server.app.state.faults.clear()
    provider_server.directory.add(organisations())
    return provider_server


@pytest.fixture
def portal(app: Flask, rows: Session, cast: Cast, providers: Providers) -> Portal:
    """The portal, whose police, social care and health sign in at a provider each."""
    with app.app_context():
        directory().forget()
    served = {"police": cast.police, "city-social-care": cast.social_care, "health": cast.health}
    app.config["OIDC_SECRETS"] = {secret_name(code): CLIENT_SECRET for code in served}
    people = {
        "police": (cast.officer, "p-1"),
        "city-social-care": (cast.social_worker, "s-1"),
        "health": (cast.nurse, "h-1"),
    }
    cast.health.code, cast.social_care.code = "health", "city-social-care"
    for code, agency in served.items():
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
        rows.add_all([agency, provider])
        rows.flush()
        rows.add(AgencyProvider(agency_id=agency.id, provider_id=provider.id))
        user, subject = people[code]
        rows.add(UserIdentity(user_id=user.id, issuer=provider.issuer, subject=subject))
    rows.commit()
    browser = app.test_client()
    assert isinstance(browser, Client)
    return Portal(browser, providers, rows)
