"""Whoever is second sees both sides, loses nothing that was typed, and is done when they send again."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField

from portal import clock
from portal.changes.errors import Conflict, NotFound, Versions
from portal.changes.versions import insert_once, lock, lock_row
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case, EntryDraft
from portal.records.concerns import holding
from portal.records.concerns.model import Concern
from portal.records.orders import keeping as orders
from portal.records.orders.model import ConcernOrder
from portal.records.people.model import User
from portal.web import date_boxes
from portal.web.conflict import differences, in_words, settle
from portal.web.fields import Choice, Select
from portal.web.idempotency import attempt
from tests.cases.conftest import Acting
from tests.cases.pages import part, words
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import make_concern
from tests.factories.orders import make_order
from tests.locks.test_races import hidden
from tests.locks.together import at_once

ClientFor = Callable[[User | None], Client]
DONE, SHOWN, BUSY = 303, 409, 423
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def man(rows: Session, cast: Cast) -> Concern:
    return make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee", risk="high")


def _in_words(case: Case) -> dict[str, Any]:
    return {"District": case.district}


class Choosing(Form):
    colour = Select("Which colour?", choices=[Choice("red", "As red as can be")])
    version = HiddenField(default="0")


def test_a_form_goes_on_from_what_is_shown_and_the_sides_are_in_words() -> None:
    form = Choosing(MultiDict({"colour": "red", "version": "3"}))
    clash = Conflict("Look", Versions({"colour": "", "Day": None}, {"colour": "red", "Day": None}, 7))
    assert [(one.label, one.theirs, one.mine) for one in settle(clash, [form]) or ()] == [
        ("Which colour?", "Nothing", "As red as can be")
    ]
    assert (form.version.data, form.colour.data) == ("7", "red")


def test_a_form_that_was_not_sent_keeps_the_version_that_it_shows() -> None:
    form = Choosing(data={"version": "3"})
    settle(Conflict("Look", Versions({}, {}, 7)), [form])
    assert form.version.data == "3"


def test_where_both_say_the_same_it_is_shown_all_the_same() -> None:
    (one,) = differences(Conflict("Look", Versions({"State": "Ended"}, {"State": "Ended"})))
    assert (one.theirs, one.mine) == ("Ended", "Ended")


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "Nothing"), ("", "Nothing"), (True, "Yes"), (False, "No"), (["b", ""], "b, Nothing")],
)
def test_a_side_is_said_as_people_say_it(value: Any, said: str) -> None:
    assert in_words(value) == said
    day = clock.today()
    assert in_words(day) == f"{day.day} {day:%B %Y}"


def test_what_is_recorded_of_something_is_compared_in_the_words_of_its_form(
    rows: Session, cast: Cast, client_for: ClientFor, man: Concern
) -> None:
    client, at = client_for(cast.officer), f"/concerns/{man.reference}/change"
    said = {"name": "Quorbin Vantlee", "description": "Tall", "risk": "low", "reason": "Seen", "version": "1"}
    assert client.submit(at, said).status_code == DONE
    answer = client.submit(at, said | {"description": "Short", "risk": "high"})
    assert answer.status_code == SHOWN
    page = client.page_of(answer)
    shown = words(page, ".app-clash")
    for label in ("What do they look like", "How dangerous is it for children?"):
        assert label in shown
    assert "Tall" in shown
    assert "Short" in shown
    assert "risk" not in shown
    assert words(page, "textarea[name=description]") == "Short", "what was typed is still in its box"
    again = said | {"description": "Short", "version": hidden(client, answer, "version")}
    assert client.submit(at, again).status_code == DONE
    rows.expire_all()
    assert (man.description, man.version) == ("Short", 3)


def test_an_order_that_somebody_moved_can_still_be_served(
    rows: Session, cast: Cast, client_for: ClientFor, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer, served_on=None, served_words="")
    client, at = client_for(cast.officer), f"/orders/{order.reference}"
    until = date_boxes.posted("until", clock.today() + timedelta(days=20))
    assert client.submit(f"{at}/move", {**until, "words": "The court", "version": "1"}).status_code == DONE
    served = {**date_boxes.posted("on", clock.today()), "words": "At his door", "version": "1"}
    answer = client.submit(f"{at}/serve", served)
    assert answer.status_code == SHOWN
    assert "At his door" in answer.text
    again = served | {"version": hidden(client, answer, "version")}
    assert client.submit(f"{at}/serve", again).status_code == DONE


def test_a_button_without_a_page_of_its_own_is_sent_again_from_the_page_that_says_so(
    cast: Cast, client_for: ClientFor, man: Concern, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def meets_another(**_said: Any) -> None:
        told.append(str(request.form["version"]))
        if told == ["1"]:
            raise Conflict("Somebody was first", Versions({"Owner": "CRE team"}, {"Owner": "Youth team"}, 7))

    monkeypatch.setattr(holding, "withdraw_release", meets_another)
    client, at = client_for(cast.officer), f"/concerns/{man.reference}/releases/{new_id()}/withdraw"
    answer = client.submit(at, {"version": "1"}, headers=OURS)
    assert answer.status_code == SHOWN
    page = client.page_of(answer)
    for said in ("Somebody was first", "CRE team", "Youth team"):
        assert said in words(page)
    form = part(page, "main form")
    typed = {str(box["name"]): str(box.get("value", "")) for box in form.select("input[name]")}
    assert client.submit(str(form["action"]), typed, headers=OURS).status_code == DONE
    assert told == ["1", "7"], "sent again, it has seen what is shown"


def test_a_change_of_what_nobody_locked_is_refused_and_not_overwritten(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with acting(cast.coordinator):
        mine = db.session.get_one(Case, case.id)
        rows.execute(update(Case).where(Case.id == case.id).values(sensitivity_reason="erewash", version=2))
        rows.commit()
        with pytest.raises(Conflict):
            _overwrite(mine)
        assert mine.sensitivity_reason == "erewash", "the page shows what it says now"
    assert rows.scalars(select(Case.sensitivity_reason)).one() == "erewash"


def _overwrite(case: Case) -> None:
    """As a service would that forgot the lock."""
    with attempt():
        case.sensitivity_reason = "amber_valley"
        case.version += 1


def test_a_lock_reads_anew_and_says_what_is_refused_first(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    class Over(Exception):
        pass

    def over(_case: Case) -> None:
        raise Over

    with acting(cast.coordinator):
        mine = db.session.get_one(Case, case.id)
        rows.execute(update(Case).where(Case.id == case.id).values(district="erewash", version=2))
        rows.commit()
        with pytest.raises(Conflict) as both:
            lock(mine, 1, _in_words, mine={"District": "amber_valley"})
        assert both.value.versions == Versions({"District": "erewash"}, {"District": "amber_valley"}, 2)
        with pytest.raises(Over):
            lock(mine, 1, _in_words, first=over)
        assert lock(mine, 1, _in_words, same=lambda now: now.district == "erewash") is False
        assert lock(mine, 2, _in_words) is True


def test_a_record_that_is_gone_is_not_there_and_no_fault(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    client_for(cast.nurse).submit(
        f"/cases/{case.reference}/entries/draft", {"text": "Begun"}, headers={"X-Autosave": "1"}
    )
    with acting(cast.nurse):
        mine = db.session.get_one(EntryDraft, (case.id, cast.nurse.id))
        rows.execute(delete(EntryDraft))
        rows.commit()
        with pytest.raises(NotFound, match="no longer here"):
            lock_row(mine)


def test_a_fault_that_is_no_repetition_stays_one(
    rows: Session, cast: Cast, acting: Acting, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer)
    with acting(cast.officer):
        same = db.session.get_one(ConcernOrder, order.id)
        assert insert_once(same) is same


@pytest.mark.lock_timeouts
def test_of_two_that_wait_for_each_other_one_is_told_and_can_send_again(
    app: Flask,
    rows: Session,
    cast: Cast,
    client_for: ClientFor,
    man: Concern,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two that lock two rows the other way round, which no service does: the database lets one of them go."""
    both = [make_order(rows, man, cast.officer) for _ in range(2)]
    ids = [one.id for one in both]
    real = orders.say_broken
    tried: list[Any] = []

    def crosswise(*, order: ConcernOrder, **said: Any) -> None:
        first = len(tried) < 2
        tried.append(order.id)
        lock_row(order)
        if first:
            arrived.wait(5)
            (other,) = (one for one in ids if one != order.id)
            lock_row(db.session.get_one(ConcernOrder, other))
        real(order=order, **said)

    arrived = threading.Barrier(2)
    monkeypatch.setattr(orders, "say_broken", crosswise)
    typed = {**date_boxes.posted("on", clock.today()), "words": "Seen with her at the gate of her school"}
    clients = [client_for(cast.officer) for _ in both]
    answers = at_once(
        app,
        *(
            partial(client.submit, f"/orders/{order.reference}/broken", typed, headers=OURS)
            for client, order in zip(clients, both, strict=True)
        ),
    )
    assert sorted(one.status_code for one in answers) == [DONE, BUSY]
    place = next(n for n, one in enumerate(answers) if one.status_code == BUSY)
    page = clients[place].page_of(answers[place])
    assert "Somebody else is working on the same records" in words(page)
    assert "Seen with her at the gate of her school" in words(page), "what was typed is not lost"
    form = part(page, "main form")
    again = {str(box["name"]): str(box.get("value", "")) for box in form.select("input[name]")}
    assert clients[place].submit(str(form["action"]), again, headers=OURS).status_code == DONE
