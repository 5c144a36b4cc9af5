"""Whoever signs in and has no role is told so on every page, and what to do about it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.records.people.model import User
from portal.vocabulary import Role
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user

Browser = Callable[[User | None], Client]
NO_ROLE = "You have no role in the portal yet"


@pytest.mark.parametrize("roles", [(), (Role.COORDINATOR,)], ids=["none", "one of the hub alone"])
def test_a_person_without_a_role_reads_who_gives_one_and_whom_to_ring(
    rows: Session, cast: Cast, client_for: Browser, roles: tuple[Role, ...]
) -> None:
    person = make_user(rows, cast.health, "Nova Newcome", *roles, teams=(cast.health_team,))
    person.roles = [one.value for one in roles]
    rows.commit()
    for address in ("/home", "/cases", "/work", "/messages"):
        answer = client_for(person).get(address)
        page = client_for(person).page_of(answer).get_text(" ", strip=True)
        assert answer.status_code == 403, address
        assert NO_ROLE in page
        assert f"You are signed in as Nova Newcome, {cast.health.name}." in page
        assert "An administrator gives roles" in page
        assert "If it cannot wait, ring" in page
        assert "999" in page
        assert "Sign out" in page
    person.roles = [Role.PRACTITIONER.value]
    rows.commit()
    assert client_for(person).get("/cases").status_code == 200


def test_whoever_has_one_reads_of_a_page_that_is_not_theirs_why(cast: Cast, client_for: Browser) -> None:
    for person, address in ((cast.nurse, "/administration"), (cast.administrator, "/cases")):
        answer = client_for(person).get(address)
        assert answer.status_code == 403
        assert NO_ROLE not in answer.text
        assert "You cannot do that" in answer.text
