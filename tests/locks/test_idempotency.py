"""A form that is sent twice is done once, and the second sending is answered as the first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.form_tokens import KEY
from portal.access.model import AuditEvent
from portal.changes.model import IdempotencyKey
from portal.demo import postgres
from portal.records.cases.model import Case
from portal.records.orders.model import OrderStep
from portal.records.people.model import StaffInvite, User
from portal.reminders.forgetting import forget_answered
from portal.web import date_boxes
from tests import database
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import make_concern
from tests.factories.orders import make_order
from tests.locks.together import at_once

ClientFor = Callable[[User | None], Client]
DONE = 303


def broken(key: str = "a-page", **changes: Any) -> dict[str, Any]:
    """That an order was broken: a form without anything else that would keep it from being doubled."""
    day = date_boxes.posted("on", clock.today())
    return {**day, "words": "Seen at her school", KEY: key, **changes}


def order_at(rows: Session, cast: Cast) -> str:
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    return f"/orders/{make_order(rows, man, cast.officer).reference}/broken"


def times(rows: Session) -> int:
    rows.rollback()
    return rows.scalar(select(func.count()).select_from(OrderStep).where(OrderStep.kind == "breached")) or 0


def test_a_button_that_is_pressed_twice_is_pressed_once(
    app: Flask, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at = order_at(rows, cast)
    one, other = client_for(cast.officer), client_for(cast.officer)
    answers = at_once(app, lambda: one.submit(at, broken()), lambda: other.submit(at, broken()))
    assert [(a.status_code, a.headers["Location"]) for a in answers] == [
        (DONE, answers[0].headers["Location"])
    ] * 2
    assert times(rows) == 1
    for client, answer in zip((one, other), answers, strict=True):
        assert client.soup(answer.headers["Location"]).select_one(".govuk-notification-banner"), (
            "says it is done"
        )


def test_what_is_sent_again_after_a_while_is_answered_as_before(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    first, again = (client.submit(at, broken()) for _ in range(2))
    assert (again.status_code, again.headers["Location"]) == (DONE, first.headers["Location"])
    assert times(rows) == 1


def test_the_same_words_are_the_same_however_their_lines_end(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    for end in ("\r\n", "\n", "\r"):
        assert client.submit(at, broken(words=f"Seen at her school{end}Rang her")).status_code == DONE
    assert times(rows) == 1, "a page that carries what was typed sends it with lines that end otherwise"


def test_other_words_from_the_same_page_are_another_request(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    for words in ("Seen at her school", "Rang her"):
        assert client.submit(at, broken(words=words)).status_code == DONE
    assert times(rows) == 2, "two tabs that share a page lose nothing"


def test_the_same_words_from_another_page_are_another_request(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    for key in ("a-page", "another-page"):
        assert client.submit(at, broken(key)).status_code == DONE
    assert times(rows) == 2


def test_a_form_that_was_refused_may_be_sent_again_as_it_is(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    late = broken(**date_boxes.posted("on", clock.today() + timedelta(days=9)))
    assert [client.submit(at, late).status_code for _ in range(2)] == [422, 422]
    assert not rows.scalars(select(IdempotencyKey)).all(), "nothing came of it, so nothing is remembered"
    assert client.submit(at, broken()).status_code == DONE


def test_nobody_is_answered_with_what_somebody_else_was_told(
    rows: Session, cast: Cast, client_for: ClientFor, asking: Asking
) -> None:
    at = order_at(rows, cast)
    for person in (cast.officer, cast.colleague):
        assert client_for(person).submit(at, broken()).status_code == DONE
    assert times(rows) == 2
    for who, sees in (
        (cast.officer, 1),
        (cast.colleague, 1),
        (cast.nurse, 0),
        (cast.coordinator, 0),
        (None, 0),
    ):
        with asking(who) as session:
            assert len(session.scalars(select(IdempotencyKey)).all()) == sees


def test_what_is_kept_of_a_form_is_no_word_of_it(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client_for(cast.officer).submit(order_at(rows, cast), broken(words="Seen with Wanda Quillfeather"))
    kept = rows.scalars(select(IdempotencyKey)).one()
    assert "Quillfeather" not in f"{kept.key}{kept.answer}"
    assert set(kept.answer or {}) == {"to", "same_page", "said"}


def test_every_form_of_a_page_carries_a_key_and_every_page_another(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    pages = [client.soup(f"/cases/{case.reference}") for _ in range(2)]
    keys = [{str(box["value"]) for box in page.select(f"input[name={KEY}]")} for page in pages]
    assert all(len(found) == 1 for found in keys)
    assert keys[0] != keys[1]
    for form in _forms(pages[0]):
        assert form.select_one(f"input[name={KEY}]"), f"give the form {form.get('action')} its key"


def test_the_worker_forgets_after_a_day(
    server: postgres.Server, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    client.submit(at, broken())
    client.submit(at, broken("another-page"))
    old = rows.scalars(select(IdempotencyKey)).first()
    assert old is not None
    old.made_at = clock.now() - timedelta(days=1, minutes=1)
    rows.commit()
    engine = create_engine(server.url("portal_worker", database.NAME))
    with engine.begin() as connection:
        assert forget_answered(connection) == 1
        assert connection.scalar(text("select count(made_at) from idempotency_key")) == 1
    engine.dispose()


def test_what_saves_itself_leaves_no_key(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client_for(cast.nurse).submit(
        f"/cases/{case.reference}/entries/draft",
        {"text": "Begun", "version": "0", KEY: "a-page"},
        headers={"X-Autosave": "1"},
    )
    assert not rows.scalars(select(IdempotencyKey)).all()


def test_what_was_done_once_is_on_the_trail_once(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    at, client = order_at(rows, cast), client_for(cast.officer)
    for _ in range(2):
        client.submit(at, broken())
    assert len(rows.scalars(select(AuditEvent).where(AuditEvent.action == "order:breached")).all()) == 1


def test_a_link_that_is_shown_once_is_shown_again_to_who_sends_the_same_form(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client, other = client_for(cast.administrator), client_for(cast.administrator)
    at, sent = f"/administration/people/{cast.nurse.id}/invite-again", {KEY: "a-page"}
    shown = []
    for browser in (client, other):
        answer = browser.submit(at, sent)
        assert answer.status_code == DONE
        shown.append(_link(browser.soup(answer.headers["Location"])))
    assert shown[0] == shown[1]
    assert len(rows.scalars(select(StaffInvite)).all()) == 1
    assert not _link(client.soup(answer.headers["Location"])), "it is shown once"
    assert _link(client.soup(client.submit(at, {KEY: "another"}).headers["Location"])) not in {"", *shown}


def test_a_link_is_kept_so_that_only_the_form_opens_it(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.administrator)
    answer = client.submit(f"/administration/people/{cast.nurse.id}/invite-again", {KEY: "a-page"})
    secret = _link(client.soup(answer.headers["Location"])).rsplit("/", 1)[1]
    kept = rows.scalars(select(IdempotencyKey)).one()
    assert secret not in str(kept.answer)
    assert "a-page" not in f"{kept.key} {kept.answer}"


def test_somebody_is_invited_once_by_a_form_that_is_sent_twice(
    app: Flask, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    sent = {
        "name": "Newt Fictional",
        "email": "newt@police.example",
        "job_title": "Detective",
        "roles": ["practitioner"],
        KEY: "a-page",
    }
    at = "/administration/people/invite/police"
    one, other = client_for(cast.police_manager), client_for(cast.police_manager)
    answers = at_once(app, lambda: one.submit(at, sent), lambda: other.submit(at, sent))
    links = {_link(c.soup(a.headers["Location"])) for c, a in zip((one, other), answers, strict=True)}
    assert len(links) == 1
    assert links != {""}
    assert rows.scalar(select(func.count()).where(User.name == "Newt Fictional")) == 1
    assert len(rows.scalars(select(StaffInvite)).all()) == 1


def _link(page: BeautifulSoup) -> str:
    found = page.find(string=lambda text: "/invitation/" in str(text))
    return str(found).strip() if found else ""


def _forms(page: BeautifulSoup) -> list[Any]:
    return page.find_all("form", method="post")
