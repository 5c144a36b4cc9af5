"""Every page below a sector’s address is closed to people of other sectors, as page and as fragment."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | None], Client]

#: Whose address it is: the first part of it, and the person of the cast who works there.
HOUSES = {
    "police": "officer",
    "social-care": "social_worker",
    "health": "nurse",
    "council": "community_safety",
    "triage": "coordinator",
}
#: Values of an address that name nothing, by what it takes.
_NOTHING: dict[str, Any] = {"UUIDConverter": uuid4(), "IntegerConverter": 77}
FRAGMENTS: tuple[dict[str, str], ...] = (
    {},
    {"HX-Request": "true", "HX-Target": "main#main-content"},
    {"HX-Request": "true"},
)


def pages_of(app: Flask, house: str) -> list[str]:
    """Every address below a house that can be read; what it asks for is something that there is not."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.split("/")[1] == house and "GET" in (rule.methods or set())
    ]
    return sorted({_address(rule) for rule in rules})


def _address(rule: Rule) -> str:
    values = {
        name: _NOTHING.get(type(converter).__name__, "CRE-0000-0000")
        for name, converter in rule._converters.items()
    }
    adapter = rule.map.bind("localhost") if rule.map else None
    assert adapter is not None
    return str(adapter.build(rule.endpoint, values))


@pytest.mark.parametrize("house", HOUSES)
def test_a_house_is_closed_to_everybody_of_another(
    app: Flask, cast: Cast, client_for: ClientFor, house: str
) -> None:
    pages = pages_of(app, house)
    assert pages, "this sector has no address of its own any more: correct the list"
    for other, name in HOUSES.items():
        client = client_for(getattr(cast, name))
        for page in pages:
            for headers in FRAGMENTS:
                status = client.get(page, headers=headers).status_code
                if other == house:
                    sent_on = {303} if page.endswith("/arrived") and not headers else set[int]()
                    assert status in {200, 404} | sent_on, (page, headers, status)
                else:
                    assert status == 403, (f"{name} at {page}", headers, status)
    for name in ("teacher", "governance", "administrator"):
        for page in pages:
            assert client_for(getattr(cast, name)).get(page).status_code == 403, (name, page)
    for page in pages:
        for headers in FRAGMENTS:
            assert client_for(None).get(page, headers=headers).status_code in {302, 303, 401}, page
