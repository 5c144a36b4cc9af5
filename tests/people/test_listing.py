"""The list of people whose access somebody looks after, as they ask for it."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal.model import new_id
from portal.queries import listing
from portal.records.people.model import User, UserIdentity
from portal.vocabulary import Role
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user
from tests.statements import beside_the_context, noted

ClientFor = Callable[[User], Client]
PEOPLE = "/administration/people"


@pytest.fixture
def staff(rows: Session, cast: Cast) -> list[str]:
    """Three more of the police, by name: one who signs in, one invited, one switched off."""
    on, _, off = (
        make_user(rows, cast.police, f"Zw {name}", Role.CHAIR) for name in ("Aldrup", "Brunk", "Mirzen")
    )
    rows.add(UserIdentity(id=new_id(), user_id=on.id, issuer="https://police.example", subject="aldrup"))
    off.active = False
    rows.commit()
    return ["Zw Aldrup", "Zw Brunk", "Zw Mirzen"]


def shown(page: BeautifulSoup) -> list[str]:
    names = [one.get_text(strip=True) for one in page.select("#list-page tbody th a")]
    return [one for one in names if one.startswith("Zw ")]


def test_people_are_filtered_by_access_role_and_agency_and_sorted(
    cast: Cast, staff: list[str], client_for: ClientFor
) -> None:
    client = client_for(cast.administrator)
    for query, found in {
        "": staff,
        "access=on": staff[:1],
        "access=invited": staff[1:2],
        "access=off": staff[2:],
        "role=chair": staff,
        "role=governance": [],
        f"agency={cast.police.code}&access=on&access=off": [staff[0], staff[2]],
        f"agency={cast.health.code}": [],
        "sort=-name": staff[::-1],
        "sort=-access": [staff[2], staff[0], staff[1]],
        "access=nonsense&agency=nonsense": staff,
    }.items():
        assert shown(client.soup(f"{PEOPLE}?{query}")) == found, query


def test_a_manager_is_shown_their_own_people_and_nobody_else_any(
    cast: Cast, staff: list[str], client_for: ClientFor
) -> None:
    own = client_for(cast.police_manager).soup(PEOPLE)
    assert shown(own) == staff
    assert not own.select("[name=agency]"), "nobody is asked for the agency that is their own"
    other = client_for(cast.social_care_manager)
    for query in ("", "access=on", f"agency={cast.police.code}", "sort=access"):
        assert not shown(other.soup(f"{PEOPLE}?{query}")), query
    for person in (cast.officer, cast.stranger, cast.governance):
        assert client_for(person).get(PEOPLE).status_code == 403


def test_pages_follow_each_other_without_a_name_in_an_address_in_few_statements(
    app: Flask, cast: Cast, staff: list[str], client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(cast.administrator)
    client.get(PEOPLE)
    with noted(app) as sent:
        client.get(f"{PEOPLE}?access=on")
    assert len(beside_the_context(sent)) <= 8
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 2})
    page = client.soup(f"{PEOPLE}?role=chair&sort=-name")
    found = shown(page)
    after = page.select_one("a[rel=next]")
    assert after
    assert "mirzen" not in str(after["href"]).lower()
    while after:
        page = client.soup(str(after["href"]))
        found += shown(page)
        after = page.select_one("a[rel=next]")
    assert found == staff[::-1]
    assert client.submit(f"{PEOPLE}/find", {"name": " "}).location == f"{PEOPLE}?view=all"
