"""`python -m tests.browser.looks.screenshots OUT`: what each page looks like, at both widths, to look at.

It loads the demonstration on a server of its own and follows its links. With `--readme` it takes the first
screen of the five pages alone that README.md shows, smaller. All names are invented for the demonstration.
"""

import argparse
import logging
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from portal import create_app
from portal.demo import seed
from tests import database
from tests.browser.conftest import serving
from tests.browser.looks import pages
from tests.browser.looks.pages import Shown
from tests.client import Client
from tests.demo.addresses import set_addresses
from tests.walk.walking import WALKERS

WIDTHS = (1280, 390)
#: What README.md shows, by the template of each.
README = (
    "workspace/today.html",
    "cases/show.html",
    "hub/queue.html",
    "children/chronology.html",
    "work/team.html",
)
_SMALLER = 0.6


def main(arguments: list[str]) -> int:
    """Take them. Returns the status for the shell."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.looks.screenshots", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--readme", action="store_true", help="only those that README.md shows")
    parser.add_argument(
        "--as", dest="people", action="append", choices=WALKERS, help="one of the people; without it all"
    )
    said = parser.parse_args(arguments)
    said.out.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("No Chromium on this machine", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        set_addresses(stack.enter_context(pytest.MonkeyPatch.context()))
        server = stack.enter_context(database.running_server(folder / "database"))
        app = create_app(database.configuration(server))
        app.test_client_class = Client
        rows = stack.enter_context(database.owner_session(database.owner_engine(server)))
        seed.load(rows, app)
        logging.disable(logging.WARNING)
        stack.enter_context(pages.unhurried())
        at = stack.enter_context(serving(app))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = pages.found(app, rows, said.people or (pages.NOBODY, *WALKERS))
        for person in dict.fromkeys(one.person for one in shown):
            cookie = {
                "name": app.config["PORTAL_SESSION_COOKIE"],
                "value": pages.token_of(rows, person) if person else "",
                "url": at,
            }
            theirs = [one for one in shown if one.person == person]
            (_small if said.readme else _whole)(browser, at, cookie, theirs, said.out)
        browser.close()
    return 0


def _whole(browser: Browser, at: str, cookie: dict[str, str], shown: list[Shown], out: Path) -> None:
    """Each page as high as it is, at both widths."""
    for width in WIDTHS:
        page = _window(browser, at, cookie, width)
        for one in shown:
            page.goto(one.address)
            page.screenshot(path=out / f"{one.name}-{width}.png", full_page=True)
        page.context.close()


def _small(browser: Browser, at: str, cookie: dict[str, str], shown: list[Shown], out: Path) -> None:
    """The first screen of those pages that README.md shows."""
    page = _window(browser, at, cookie, WIDTHS[0], _SMALLER)
    for one in shown:
        if one.template in README:
            page.goto(one.address)
            page.evaluate("document.querySelector('#year')?.scrollIntoView()")
            page.screenshot(path=out / f"{one.name}.png")
    page.context.close()


def _window(browser: Browser, at: str, cookie: dict[str, str], width: int, scale: float = 1) -> Page:
    context = browser.new_context(
        base_url=at, viewport={"width": width, "height": 900}, device_scale_factor=scale
    )
    if cookie["value"]:
        context.add_cookies([cookie])  # type: ignore[list-item]  # plain dictionaries do
    return context.new_page()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
