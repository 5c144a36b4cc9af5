"""Confirming receipt of several tellings in one step."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.workspaces.test_workspaces import told

__all__ = ["told"]

ClientFor = Callable[[User | None], Client]


def test_all_that_are_ticked_are_confirmed_and_owed_no_more(
    rows: Session, cast: Cast, client_for: ClientFor, told: list[Disclosure]
) -> None:
    client = client_for(cast.nurse)
    boxes = [str(one["value"]) for one in client.soup("/told").select("input[name=chosen]")]
    mine = told[:2]  # the third is the council's
    assert set(boxes) == {one.reference for one in mine}
    assert client.submit("/told/confirm", {"chosen": boxes}).status_code == 303
    assert f"Confirmed: {len(mine)}" in client.soup("/told").get_text()
    rows.expire_all()
    assert [rows.get_one(Disclosure, one.id).confirmed_by for one in told] == [cast.nurse.id] * 2 + [None]
    owed = select(Deadline).where(Deadline.disclosure_id.in_([one.id for one in mine]))
    assert {one.state for one in rows.scalars(owed)} == {DeadlineState.DONE}


def test_what_a_colleague_confirmed_meanwhile_is_said(
    rows: Session, cast: Cast, client_for: ClientFor, told: list[Disclosure]
) -> None:
    client = client_for(cast.nurse)
    first = rows.get_one(Disclosure, told[0].id)
    first.confirmed_at, first.confirmed_by = clock.now(), cast.nurse.id
    rows.commit()
    answer = client.submit("/told/confirm", {"chosen": [one.reference for one in told]})
    assert answer.status_code == 422
    outcome = BeautifulSoup(answer.text, "html.parser").find("section", attrs={"aria-labelledby": "outcome"})
    assert outcome is not None
    assert f"{told[0].reference}: It was confirmed meanwhile" in outcome.get_text()
    assert f"{told[2].reference}: It is not there" in outcome.get_text()
    assert "Confirmed: 1. Not confirmed: 2" in outcome.get_text()


def test_nobody_confirms_for_others(
    rows: Session, cast: Cast, client_for: ClientFor, told: list[Disclosure]
) -> None:
    for person in (cast.stranger, cast.coordinator, cast.officer):
        answer = client_for(person).submit("/told/confirm", {"chosen": [told[0].reference]})
        assert answer.status_code in {403, 422}, person.name
    rows.expire_all()
    assert rows.get_one(Disclosure, told[0].id).confirmed_at is None
    assert client_for(cast.nurse).submit("/told/confirm", {}).status_code == 422
