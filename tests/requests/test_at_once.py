"""Two people, or one who presses twice, at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.requests import answering
from portal.records.requests.answering import answer
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import Role
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user
from tests.requests.conftest import QUESTION, Acting, asks, questions
from tests.requests.test_pages import boxes

Browser = Callable[[User | UUID | None], Client]
Post = tuple[Client, str, dict[str, Any]]


def at_once(*posts: Post) -> list[int]:
    """What each of some posts is answered with when all are sent at the same moment."""
    start = Barrier(len(posts))

    def send(post: Post) -> int:
        browser, address, said = post
        start.wait()
        return browser.submit(address, data=said).status_code

    with ThreadPoolExecutor(len(posts)) as pool:
        return sorted(pool.map(send, posts))


def answers(rows: Session) -> list[str]:
    rows.rollback()
    return list(rows.scalars(select(InformationAnswer.text)))


@pytest.fixture
def asked(rows: Session, cast: Cast, case: Case, acting: Acting) -> InformationRequest:
    asks(acting, cast.social_worker, case, cast.health_team)
    return questions(rows)[0]


@pytest.fixture
def second(rows: Session, cast: Cast) -> User:
    """A colleague of the nurse."""
    return make_user(rows, cast.health, "Nora Nurse", Role.PRACTITIONER, teams=(cast.health_team,))


def test_of_two_colleagues_one_answers_and_the_other_is_shown_it(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest, second: User
) -> None:
    address = f"/requests/{asked.reference}/answer"
    said = {"handling": "network", "seen": "0"}
    found = at_once(
        (client_for(cast.nurse), address, {**said, "text": "Seen in October."}),
        (client_for(second), address, {**said, "text": "A fracture in May."}),
    )
    assert found == [303, 409]
    assert len(answers(rows)) == 1


def test_nothing_held_twice_at_once_is_one_answer(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest, second: User
) -> None:
    address = f"/requests/{asked.reference}/nothing-held"
    found = at_once(*((client_for(one), address, {"seen": "0"}) for one in (cast.nurse, second)))
    assert found == [303, 303]
    assert answers(rows) == [""]


def test_pressing_twice_asks_once(rows: Session, cast: Cast, case: Case, client_for: Browser) -> None:
    said = {
        "teams": [str(cast.health_team.id), str(cast.council_team.id)],
        "once": str(uuid4()),
        **QUESTION,
        **boxes(clock.today() + timedelta(days=9)),
    }
    browsers = [client_for(cast.coordinator) for _ in range(3)]
    found = at_once(*((one, f"/requests/ask/case/{case.reference}", said) for one in browsers))
    assert found == [303] * 3
    assert len(questions(rows)) == 2


def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    address = f"/requests/{asked.reference}"
    found = at_once(
        (client_for(cast.nurse), f"{address}/answer", {"text": "Seen.", "handling": "network", "seen": "0"}),
        (client_for(cast.social_worker), f"{address}/withdraw", {"reason": "Wrong team"}),
    )
    assert found[0] == 303
    assert found[1] in {404, 422}, "told that it is over, or that it is answered"
    rows.rollback()
    left = rows.execute(select(InformationRequest.answered_at, InformationRequest.withdrawn_at)).one()
    assert sum(one is not None for one in left) == 1


def test_what_was_typed_is_given_back_when_it_is_withdrawn_in_the_very_moment_of_answering(
    rows: Session,
    cast: Cast,
    client_for: Browser,
    asked: InformationRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def withdraw_first(**said: Any) -> InformationAnswer:
        rows.get_one(InformationRequest, asked.id).withdrawn_at = clock.now()
        rows.commit()
        return answer(**said)

    monkeypatch.setattr(answering, "answer", withdraw_first)
    page = client_for(cast.nurse).submit(
        f"/requests/{asked.reference}/answer", data={"text": "Seen.", "handling": "network", "seen": "0"}
    )
    assert page.status_code == 404
    assert "This question is over" in page.text
    assert "Seen." in page.text
    assert answers(rows) == []
