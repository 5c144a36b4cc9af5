"""That a new edition of the policy holds is said to everybody until they say that they saw it, once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.records.people.model import PersonSetting, User
from tests.cast import Cast
from tests.client import Client
from tests.statements import noted

Browser = Callable[[User | None], Client]

SAYS = "A new edition of the policy holds"


def seen(rows: Session) -> dict[object, date | None]:
    """By person, the edition that they were told of."""
    rows.expire_all()
    return {one.user_id: one.edition_seen for one in rows.scalars(select(PersonSetting))}


def marks(client: Client) -> None:
    """They say that they saw it."""
    assert client.submit("/messages/edition/seen").status_code == 303


@pytest.mark.parametrize("who", ["officer", "coordinator", "governance", "administrator"])
def test_everybody_is_told_once_and_nobody_by_what_another_saw(
    rows: Session, cast: Cast, client_for: Browser, who: str
) -> None:
    edition = current_policy().edition
    person = getattr(cast, who)
    page = client_for(person).get("/messages").text
    assert SAYS in page
    assert edition.title in page
    assert edition.note in page
    assert SAYS in client_for(person).get("/messages").text, "a look alone takes nothing away"
    assert seen(rows) == {}
    marks(client_for(person))
    assert seen(rows) == {person.id: edition.effective_from}
    assert SAYS not in client_for(person).get("/messages").text
    assert SAYS in client_for(cast.nurse).get("/messages").text


def test_whoever_looks_at_what_changed_first_is_told_there(cast: Cast, client_for: Browser) -> None:
    client = client_for(cast.officer)
    assert SAYS in client.get("/changes").text
    marks(client)
    for address in ("/changes", "/messages"):
        assert SAYS not in client.get(address).text


@pytest.mark.parametrize(("days", "is_new"), [(-1, True), (0, False), (1, False)])
def test_an_edition_is_new_to_whoever_was_told_of_an_earlier_one_alone(
    rows: Session, cast: Cast, client_for: Browser, days: int, is_new: bool
) -> None:
    """A later one was shown by a machine whose day has begun already."""
    told_of = current_policy().edition.effective_from + timedelta(days=days)
    rows.add(PersonSetting(user_id=cast.officer.id, edition_seen=told_of, shortcuts=False))
    rows.commit()
    assert (SAYS in client_for(cast.officer).get("/messages").text) is is_new
    marks(client_for(cast.officer))
    kept = rows.get_one(PersonSetting, cast.officer.id, populate_existing=True)
    assert kept.shortcuts is False, "what they chose stays"
    assert kept.edition_seen == max(told_of, current_policy().edition.effective_from)


def test_a_part_of_the_page_does_not_say_it(cast: Cast, client_for: Browser) -> None:
    client = client_for(cast.officer)
    part = {"HX-Request": "true", "HX-Target": "div#list-page", "HX-Request-Type": "partial"}
    assert SAYS not in client.get("/messages", headers=part).text
    assert SAYS in client.get("/messages").text


def test_marked_twice_it_is_seen_once(rows: Session, cast: Cast, client_for: Browser) -> None:
    for _ in range(2):
        marks(client_for(cast.officer))
    assert list(seen(rows)) == [cast.officer.id]


def test_it_costs_one_statement_for_each_page_of_messages(
    app: Flask, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.officer)
    client.get("/messages")
    with noted(app) as asked:
        client.get("/messages")
    assert len([one for one in asked if "edition_seen" in one]) == 1
