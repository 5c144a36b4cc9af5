"""What it costs to sign in at one's own organisation: leaving for it, and coming back."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from uuid import UUID

from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.access.sign_in import directory
from portal.access.sign_in.discovery import secret_name
from portal.model import new_id
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider, User, UserIdentity
from tests.bench.walk import Page, Walk
from tests.client import Client
from tests.sign_in.portal import Portal
from tests.sign_in.providers import CLIENT_ID, CLIENT_SECRET, Providers, organisations, running_providers

#: As the providers of the tests call an organisation and somebody who works there.
CODE, SUBJECT = "police", "p-1"
TIMES = 5


def signing_in(walk: Walk, app: Flask, rows: Session, officer: UUID) -> Iterator[Page]:
    """Sign somebody in some times, at a provider in this process.

    Args:
        rows: of the owner; who signs in where is written, for this provider's address.
        officer: of an agency that the world made.
    """
    browser = Client(app, app.response_class)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the provider says what it was asked
    with running_providers() as providers:
        providers.directory.add(organisations())
        agency = _offered(rows, providers, officer)
        app.config["OIDC_SECRETS"] = {secret_name(CODE): CLIENT_SECRET}
        with app.app_context():
            directory().forget()
        portal = Portal(browser, providers, rows)
        for number in range(TIMES + 1):  # the first asks the provider who it is
            back = portal.go_to_provider(agency, SUBJECT, provider=CODE)
            cost, answer = walk.timed("officer", back, partial(browser.get, back))
            assert answer.status_code == 303, f"signing in answered {answer.status_code}: {portal.why()}"
            if number:
                yield replace(cost, route="sign in", address="/sign-in/return")


def _offered(rows: Session, providers: Providers, officer: UUID) -> str:
    """Let the officer sign in at the provider; gives the code of their agency."""
    old = select(IdentityProvider.id).where(IdentityProvider.code == CODE)
    rows.execute(delete(AgencyProvider).where(AgencyProvider.provider_id.in_(old)))
    rows.execute(delete(IdentityProvider).where(IdentityProvider.code == CODE))
    rows.execute(delete(UserIdentity).where(UserIdentity.user_id == officer))
    provider = IdentityProvider(
        id=new_id(),
        code=CODE,
        name="For measuring",
        issuer=providers.issuer(CODE),
        client_id=CLIENT_ID,
        secret_name=secret_name(CODE),
        required_acr=["https://refeds.org/profile/mfa"],
        required_amr=["mfa"],
        max_age=3600,
        active=True,
    )
    rows.add(provider)
    rows.flush()
    agency_id, code = rows.execute(
        select(Agency.id, Agency.code).join(User, User.agency_id == Agency.id).where(User.id == officer)
    ).one()
    rows.add(AgencyProvider(agency_id=agency_id, provider_id=provider.id))
    rows.add(UserIdentity(user_id=officer, issuer=provider.issuer, subject=SUBJECT))
    rows.commit()
    return str(code)
