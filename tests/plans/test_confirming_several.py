"""Confirming several actions in one step: each by itself, in the version that was seen, by whoever may."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.plans.action_steps import mark_done
from portal.records.plans.model import Action
from tests.cast import Cast
from tests.client import Client
from tests.factories.plans import make_action
from tests.plans.conftest import Acting, steps

ClientFor = Callable[[User | None], Client]
PAGE = "/actions/confirm"


@pytest.fixture
def done(rows: Session, cast: Cast, case: Case, acting: Acting) -> list[Action]:
    """Three that the police have done for the lead professional to confirm."""
    made = [make_action(rows, case, cast.officer, cast.social_worker, what=f"Visit {n}") for n in range(3)]
    for one in made:
        steps(acting, cast.officer, one, mark_done, words="We went there")
    return made


def _codes(client: Client) -> dict[str, str]:
    """What the boxes say, by the reference."""
    found = [str(box["value"]) for box in client.soup(PAGE).select("input[name=chosen]")]
    return {code.partition(".")[0]: code for code in found}


def _states(rows: Session, done: list[Action]) -> list[str]:
    rows.rollback()
    rows.expire_all()
    return [rows.get_one(Action, one.id).state for one in done]


def test_those_that_are_ticked_are_confirmed_and_the_others_wait(
    rows: Session, cast: Cast, client_for: ClientFor, done: list[Action]
) -> None:
    client = client_for(cast.social_worker)
    codes = _codes(client)
    assert set(codes) == {one.reference for one in done}
    answer = client.submit(PAGE, {"chosen": [codes[one.reference] for one in done[:2]]})
    assert answer.status_code == 303
    assert "Confirmed: 2" in client.soup(PAGE).get_text()
    assert _states(rows, done) == ["confirmed", "confirmed", "done"]
    assert rows.get_one(Action, done[0].id).confirmed_by == cast.social_worker.id


def test_one_that_changed_meanwhile_is_named_and_the_others_are_confirmed(
    rows: Session, cast: Cast, client_for: ClientFor, done: list[Action], acting: Acting
) -> None:
    client = client_for(cast.social_worker)
    codes = _codes(client)
    rows.get_one(Action, done[1].id).version += 1
    rows.commit()
    answer = client.submit(PAGE, {"chosen": list(codes.values())})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    outcome = page.find("section", attrs={"aria-labelledby": "outcome"})
    assert outcome is not None
    assert "Confirmed: 2. Not confirmed: 1" in outcome.get_text()
    assert [one.get_text().partition(":")[0] for one in outcome.find_all("li")] == [done[1].reference]
    assert _states(rows, done) == ["confirmed", "done", "confirmed"]
    assert set(_codes(client)) == {done[1].reference}


def test_nobody_confirms_what_is_not_theirs_to_confirm(
    rows: Session, cast: Cast, client_for: ClientFor, done: list[Action]
) -> None:
    codes = [f"{one.reference}.{rows.get_one(Action, one.id).version}" for one in done]
    for person in (cast.officer, cast.nurse, cast.stranger, cast.teacher):
        client = client_for(person)
        assert not _codes(client), person.name
        answer = client.submit(PAGE, {"chosen": codes})
        assert answer.status_code == 422, person.name
        assert "Confirmed: 0. Not confirmed: 3" in answer.text
        reads = person in {cast.officer, cast.nurse}
        assert ("It is not there" in answer.text) is not reads, person.name
    assert _states(rows, done) == ["done"] * 3


def test_nothing_ticked_is_said_and_nonsense_does_no_harm(
    rows: Session, cast: Cast, client_for: ClientFor, done: list[Action]
) -> None:
    client = client_for(cast.social_worker)
    nothing = client.submit(PAGE, {})
    assert nothing.status_code == 422
    assert BeautifulSoup(nothing.text, "html.parser").select_one("a[href='#chosen']") is not None
    strange = client.submit(PAGE, {"chosen": ["", ".", "ACT-0000-0000.x", "'; drop table action; --"]})
    assert strange.status_code == 422
    assert _states(rows, done) == ["done"] * 3
