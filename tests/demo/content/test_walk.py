"""People of the demonstration follow links: each page answers, and each that shows a child is marked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from portal.access import pace
from portal.records.children.model import Child, ChildAlias
from portal.records.people.model import User
from portal.vocabulary import ROLES_THAT_SEE_CASES
from tests.client import Client
from tests.factories.people import open_session
from tests.walk.walking import WALKERS, follow, links

MOST_OF_A_KIND = 5  # pages of one route that a person opens
MARKING = "OFFICIAL-SENSITIVE"
#: Pages of which no walk may be without one, by the address as its route has it.
NEEDED = frozenset(
    {
        "/absences",
        "/cases/<reference>",
        "/children/<reference>",
        "/files/<reference>",
        "/meetings",
        "/meetings/<reference>",
        "/meetings/<reference>/versions",
        "/messages",
        "/minutes",
        "/minutes/<reference>",
        "/messages/life",
        "/preferences",
        "/requests",
        "/requests/<reference>",
        "/requests/week",
        "/work",
        "/work/sheet",
    }
)


@dataclass
class Walk:
    """What somebody met who followed every link, and no more than a few to pages of one kind."""

    pages: Counter[str] = field(default_factory=Counter)  # opened, by the address as its route has it
    broken: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    telling: list[str] = field(default_factory=list)
    showing: int = 0  # pages that showed a child


@pytest.fixture(scope="module")
def told_apart(loaded: Session) -> frozenset[str]:
    """Words by which a child could be known: family names and NHS numbers as they are stored and shown."""
    words: set[str] = set()
    for child in loaded.scalars(select(Child)):
        words.add(child.family_name)
        if child.nhs_number:
            words |= {
                child.nhs_number,
                f"{child.nhs_number[:3]} {child.nhs_number[3:6]} {child.nhs_number[6:]}",
            }
    words |= set(loaded.scalars(select(ChildAlias.name)))
    staff = " ".join(loaded.scalars(select(User.name)))
    return frozenset(word for word in words if len(word) > 3 and word not in staff)


@pytest.fixture(scope="module")
def walk_of(session_app: Flask, loaded: Session, told_apart: frozenset[str]) -> Callable[[str], Walk]:
    """The walk of somebody with a name, taken once."""

    @cache
    def take(name: str) -> Walk:
        client = session_app.test_client()
        assert isinstance(client, Client)
        person = loaded.scalars(select(User).where(User.name == name)).one()
        client.set_cookie(session_app.config["PORTAL_SESSION_COOKIE"], open_session(loaded, person.id))
        with pytest.MonkeyPatch.context() as unhurried:  # a walk opens in seconds what people open in hours
            unhurried.setattr(pace, "check", lambda *_: None)
            return walk(client, session_app, told_apart)

    return take


@pytest.mark.parametrize("name", WALKERS)
def test_every_page_answers_and_those_that_show_a_child_are_marked(
    loaded: Session, walk_of: Callable[[str], Walk], name: str
) -> None:
    found = walk_of(name)
    assert not found.broken, f"lead to pages that answer: {found.broken}"
    assert not found.unmarked, f"mark these pages (marking=True): {found.unmarked}"
    assert not found.telling, f"no name in an address: {found.telling}"
    roles = loaded.scalars(select(User.roles).where(User.name == name)).one()
    sees_children = bool(ROLES_THAT_SEE_CASES.intersection(roles))
    assert bool(found.showing) == sees_children, f"{found.showing} pages showed a child"
    assert len(found.pages) > 5, "the walk went nowhere"


def test_the_walks_lead_to_every_kind_of_page(walk_of: Callable[[str], Walk]) -> None:
    seen = {page for name in WALKERS for page in walk_of(name).pages}
    assert not NEEDED - seen


def walk(client: Client, app: Flask, told_apart: frozenset[str]) -> Walk:
    """Follow links from the home page."""
    found = Walk()

    def look(address: str) -> list[str] | None:
        response = client.get(address, follow_redirects=True)
        if response.status_code != 200:
            found.broken.append(f"{address}: {response.status_code}")
            return []
        if response.mimetype != "text/html":
            return None
        shown = [word for word in told_apart if word in response.text]
        found.showing += bool(shown)
        if shown and response.text.count(MARKING) < 2:
            found.unmarked.append(f"{address}: {shown[0]}")
        if any(word.lower().replace(" ", "%20") in address.lower() for word in told_apart):
            found.telling.append(address)
        return sorted(links(client.page_of(response), address))

    found.pages = follow(look, partial(route_of, app), most=MOST_OF_A_KIND)
    return found


def route_of(app: Flask, address: str) -> str:
    """The address as its route has it, so that pages of one kind are known for such."""
    try:
        rule, _ = app.url_map.bind("portal.example").match(urlsplit(address).path, return_rule=True)
    except HTTPException:
        return address
    return rule.rule
