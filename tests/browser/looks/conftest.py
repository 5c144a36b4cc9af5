"""The demonstration, loaded once for whoever looks at its pages in a browser."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.demo import seed
from tests import database
from tests.browser.conftest import Visitors, serving
from tests.browser.looks import pages
from tests.demo.addresses import set_addresses


@pytest.fixture(scope="package")
def demonstration(session_app: Flask, owner: Engine) -> Iterator[Session]:
    """Its rows, as the owner of the tables."""
    with pytest.MonkeyPatch.context() as changed, database.owner_session(owner) as rows:
        set_addresses(changed)
        seed.load(rows, session_app)
        yield rows
    database.empty(owner)


@pytest.fixture(scope="package")
def at(session_app: Flask, demonstration: Session) -> Iterator[str]:
    """Where it is served, to people who are not asked to wait."""
    with pages.unhurried(), serving(session_app) as address:
        yield address


@pytest.fixture
def window_of(
    session_app: Flask, demonstration: Session, visitors: Visitors, at: str
) -> Callable[[str], Page]:
    """``window_of(name)``: a window in which somebody of the demonstration is signed in."""

    @cache
    def open_window(person: str) -> Page:
        page = visitors.open(at)
        if person == pages.NOBODY:
            return page
        name = session_app.config["PORTAL_SESSION_COOKIE"]
        page.context.add_cookies([{"name": name, "value": pages.token_of(demonstration, person), "url": at}])
        return page

    return open_window
