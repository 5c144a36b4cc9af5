"""Chromium, and live servers for it: the gallery, and the portal over the test database.

Where there is no browser the tests are skipped with the reason; with CI=true that is a failure.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.records.people.model import User
from tests.components.app import build
from tests.factories.people import open_session
from tests.sign_in.conftest import portal, provider_server, providers

__all__ = ["portal", "provider_server", "providers"]  # fixtures that these tests use too

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 740}
PATIENCE = 10_000  # milliseconds that a page may take before a test gives up

#: What axe tries: WCAG 2.2 A and AA and best practice; the size of targets it would leave out by itself.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _executable() -> str:
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    reason = "No Chromium on this machine: install it, or name it in CHROMIUM, to run the browser tests"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = _executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


#: The browser reused a connection that the small test server was just closing, and asks again by itself.
CONNECTION_LOST = ("net::ERR_SOCKET_NOT_CONNECTED", "net::ERR_CONNECTION_RESET", "net::ERR_NETWORK_CHANGED")


@dataclass
class Visitors:
    """Opens browser windows, and keeps what their consoles complain about."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def open(self, base_url: str, *, scripts: bool = True, phone: bool = False, **options: Any) -> Page:
        """A new window with a profile of its own."""
        context = self.browse(base_url, scripts=scripts, phone=phone, **options)
        page = context.new_page()
        self.listen(page)
        return page

    def browse(
        self, base_url: str, *, scripts: bool = True, phone: bool = False, **options: Any
    ) -> BrowserContext:
        """A new profile, as yet without a window."""
        context = self.browser.new_context(
            base_url=base_url,
            java_script_enabled=scripts,
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # plain dictionaries do
            has_touch=phone,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        return context

    def listen(self, page: Page) -> None:
        """Keep what the console of a window complains about."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def expect_complaints(self, *parts: str) -> None:
        """Complaints that hold one of these are part of the test, such as a request that fails on purpose."""
        self.expected += parts

    def unexpected(self) -> list[str]:
        accepted = (*self.expected, *CONNECTION_LOST)
        return [one for one in self.complaints if not any(part in one for part in accepted)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def visitors(chromium: Browser) -> Iterator[Visitors]:
    """Windows for one test; a complaint of a console, such as a breach of the security policy, fails it."""
    found = Visitors(chromium)
    yield found
    for context in found.contexts:
        context.close()
    assert not found.unexpected(), f"the browser complained: {found.unexpected()}"


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The app on a free port of this machine; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def gallery() -> Flask:
    return build()


@pytest.fixture(scope="session")
def gallery_url(gallery: Flask) -> Iterator[str]:
    """Every component, without a database."""
    with serving(gallery) as address:
        yield address


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The portal over the test database; emptied after the test."""
    with serving(app) as address:
        yield address


@pytest.fixture
def open_as(visitors: Visitors, live: str, app: Flask, rows: Session) -> Callable[..., Page]:
    """``open_as(user)``: a window in which that person is signed in; nobody for None.

    Takes ``scripts=False`` and ``phone=True`` as well.
    """

    def open_window(person: User | None, **options: Any) -> Page:
        page = visitors.open(live, **options)
        if person is not None:
            token = open_session(rows, person.id)
            name = app.config["PORTAL_SESSION_COOKIE"]
            page.context.add_cookies([{"name": name, "value": token, "url": live}])
        return page

    return open_window


def faults_of(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, each with the element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def check_accessible(page: Page) -> None:
    """Fail when axe finds anything, or the page has to be scrolled sideways."""
    faults = faults_of(page)
    assert not faults, f"{page.url} is not accessible: {faults}"
    check_width(page)


def check_width(page: Page) -> None:
    """Fail when the page has to be scrolled sideways."""
    too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not too_wide, f"{page.url} has to be scrolled sideways"
