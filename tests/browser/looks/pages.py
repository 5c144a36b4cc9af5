"""The pages of the demonstration: of each template one, and somebody who may open it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from portal.access import pace
from portal.records.people.model import User
from portal.web import page as pages
from tests.client import Client
from tests.factories.people import open_session
from tests.walk.walking import WALKERS, follow, links

#: By this template many steps are shown, each with a form of its own: every address of it counts as a page.
STEP = "layouts/step.html"
MOST_OF_A_KIND = 2
#: Who is not signed in.
NOBODY = ""
#: What is pressed before the walk, so that links lead to what comes after it.
_FIRST = (("Cora Inglewood", "/triage/next"),)
#: Pages that no link on a page leads to, by who opens them.
_ALSO = {
    NOBODY: ("/", "/sign-in", "/signed-out"),
    "Wanda Pennywhistle": ("/downloads", "/search"),
}


@dataclass(frozen=True)
class Shown:
    """A page that somebody was led to, and by which template it was shown."""

    template: str
    person: str
    address: str

    @property
    def name(self) -> str:
        """What the page is called by in a test, and its picture by its file."""
        step = urlsplit(self.address).path.rsplit("/", 1)[-1] if self.template == STEP else ""
        return self.template.removesuffix(".html").replace("/", "-") + (f"-{step}" if step else "")


def found(app: Flask, rows: Session, people: Sequence[str] = (NOBODY, *WALKERS)) -> list[Shown]:
    """Of each template, and each step, the longest page that links led one of `people` to."""
    longest: dict[tuple[str, str], tuple[int, Shown]] = {}
    with unhurried(), _templates() as shown_by:
        for person, address in _FIRST:
            signed_in(app, rows, person).submit(address)
        for person in people:
            client = signed_in(app, rows, person)

            def look(address: str, person: str = person, client: Client = client) -> list[str] | None:
                shown_by.clear()
                answer = client.get(address)
                if answer.location:
                    return [answer.location]
                if answer.status_code != 200:
                    return []
                if answer.mimetype != "text/html":
                    return None
                if shown_by:
                    one = Shown(shown_by[-1], person, address)
                    key = (one.template, _route(app, address) if one.template == STEP else "")
                    longest[key] = max(
                        longest.get(key, (0, one)), (len(answer.data), one), key=lambda each: each[0]
                    )
                return links(client.page_of(answer), address)

            follow(look, partial(_route, app), most=MOST_OF_A_KIND)
            for address in _ALSO.get(person, ()):
                look(address)
    return sorted((one for _, one in longest.values()), key=lambda one: (one.person, one.template))


def signed_in(app: Flask, rows: Session, person: str) -> Client:
    """A client of somebody who is signed in all day."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.check_pages = False
    if person != NOBODY:
        client.set_cookie(app.config["PORTAL_SESSION_COOKIE"], token_of(rows, person))
    return client


def token_of(rows: Session, person: str) -> str:
    """What signs somebody of the demonstration in."""
    return open_session(rows, rows.scalars(select(User.id).where(User.name == person)).one(), idle=43_200)


@contextmanager
def unhurried() -> Iterator[None]:
    """Who looks at every page is not asked to wait: they open in minutes what people open in days."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(pace, "check", lambda *_: None)
        yield


@contextmanager
def _templates() -> Iterator[list[str]]:
    """The templates by which pages were shown, in their order."""
    shown: list[str] = []
    show = pages._page

    def noted(template: str, context: dict[str, Any]) -> str:
        shown.append(template)
        return show(template, context)

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(pages, "_page", noted)
        yield shown


def _route(app: Flask, address: str) -> str:
    try:
        rule, _ = app.url_map.bind("portal.example").match(urlsplit(address).path, return_rule=True)
    except HTTPException:
        return address
    part = urlsplit(address).path.rsplit("/", 1)[-1] if rule.rule.endswith("<step>") else ""
    return rule.rule + part
