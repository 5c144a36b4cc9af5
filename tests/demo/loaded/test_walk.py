"""People of the demonstration follow links: each page answers, and each that shows a child is marked."""

from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Child, ChildAlias, User
from portal.vocabulary import ROLES_THAT_SEE_CASES
from tests.client import Client
from tests.factories.people import open_session

MOST_PAGES = 150
MARKING = "OFFICIAL-SENSITIVE"
WALKERS = (
    "Cora Inglewood",
    "Ola Brackenbury",
    "Mina Fernsby",
    "Wanda Pennywhistle",
    "Nell Foxglove",
    "Cam Dewberry",
    "Zeb Lanternfield",
    "Gwen Oakapple",
    "Ada Winterbell",
)


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


@pytest.mark.parametrize("name", WALKERS)
def test_every_page_answers_and_those_that_show_a_child_are_marked(
    session_app: Flask, loaded: Session, told_apart: frozenset[str], name: str
) -> None:
    client = session_app.test_client()
    assert isinstance(client, Client)
    person = loaded.scalars(select(User).where(User.name == name)).one()
    client.set_cookie(session_app.config["PORTAL_SESSION_COOKIE"], open_session(loaded, person.id))
    waiting, asked = deque(["/home"]), {"/home"}
    unmarked, broken, telling, showing = [], [], [], 0
    while waiting:
        address = waiting.popleft()
        response = client.get(address, follow_redirects=True)
        if response.status_code != 200:
            broken.append(f"{address}: {response.status_code}")
            continue
        shown = [word for word in told_apart if word in response.text]
        showing += bool(shown)
        if shown and response.text.count(MARKING) < 2:
            unmarked.append(f"{address}: {shown[0]}")
        if any(word.lower().replace(" ", "%20") in address.lower() for word in told_apart):
            telling.append(address)
        if len(asked) < MOST_PAGES:
            for found in links(response.text, address) - asked:
                asked.add(found)
                waiting.append(found)
    assert not broken, f"lead to pages that answer: {broken}"
    assert not unmarked, f"mark these pages (marking=True): {unmarked}"
    assert not telling, f"no name in an address: {telling}"
    sees_children = bool(ROLES_THAT_SEE_CASES.intersection(person.roles))
    assert bool(showing) == sees_children, f"{showing} pages showed a child"
    assert len(asked) > 5, "the walk went nowhere"


def links(page: str, address: str) -> set[str]:
    """Addresses within the portal that a page leads to by a link."""
    found = set()
    for link in BeautifulSoup(page, "html.parser").select("a[href]"):
        parts = urlsplit(urljoin(address, str(link["href"])))
        if not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("/static"):
            found.add(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return found
