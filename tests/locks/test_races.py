"""Two people at once, on what was found to lose one of them: each takes a turn, and the second is told."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.records.cases.model import Case, ChronologyEntry, EntryDraft, SensitivityChange
from portal.records.entries.vocabulary import Handling
from portal.records.orders.model import ConcernOrder
from portal.records.people.model import User
from portal.records.places.model import DirectoryEntry, Guardian
from portal.records.referrals.model import ReferralMessage
from portal.vocabulary import Sensitivity
from portal.web import date_boxes
from tests.cases.pages import words
from tests.cast import Cast
from tests.client import Client
from tests.entries.test_entries import typed as entry_typed
from tests.factories.cases import add_alert
from tests.factories.concerns import make_concern
from tests.factories.orders import make_order
from tests.factories.referrals import make_sent_referral
from tests.locks.together import at_once
from tests.orders.test_orders import typed as order_typed
from tests.places.test_directory import CONTACT
from tests.places.test_places import NAMED

ClientFor = Callable[[User | None], Client]
DONE, SHOWN, REFUSED = 303, 409, 422


def hidden(client: Client, answer: TestResponse, name: str) -> str:
    """What a hidden field of the form on a page says."""
    found = client.page_of(answer).select_one(f"main form input[name={name}]")
    assert found is not None, f"the page has no {name}"
    return str(found["value"])


def statuses(answers: Any) -> list[int]:
    return sorted(one.status_code for one in answers)


def test_of_two_who_change_the_lead_the_second_is_shown_the_first_and_can_go_on(
    app: Flask, rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    first, second = client_for(cast.coordinator), client_for(cast.second_coordinator)
    wanted = {first: (cast.police_team, cast.officer), second: (cast.health_team, cast.nurse)}

    def send(client: Client, version: str = "1") -> TestResponse:
        team, person = wanted[client]
        return client.submit(
            f"/cases/{case.reference}/lead?team={team.id}",
            {"professional": str(person.id), "reason": f"By {person.name}", "version": version},
        )

    answers = dict(zip((first, second), at_once(app, lambda: send(first), lambda: send(second)), strict=True))
    assert statuses(answers.values()) == [DONE, SHOWN]
    (won,) = (client for client, answer in answers.items() if answer.status_code == DONE)
    (lost,) = (client for client in answers if client is not won)
    rows.expire_all()
    assert (case.lead_professional_id, case.version) == (wanted[won][1].id, 2)
    page = lost.page_of(answers[lost]).get_text(" ", strip=True)
    for said in ("Somebody else changed this first", wanted[won][1].name, wanted[lost][1].name):
        assert said in page
    assert f"By {wanted[lost][1].name}" in answers[lost].text, "what was typed is still in its box"
    assert send(lost, hidden(lost, answers[lost], "version")).status_code == DONE
    rows.expire_all()
    assert (case.lead_professional_id, case.version) == (wanted[lost][1].id, 3)


def test_two_reviews_of_an_alert_leave_one_open_deadline(
    app: Flask, rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    alert = add_alert(rows, case, cast.social_worker)
    at = f"/cases/{case.reference}/alerts/{alert.id}/review"

    def send(client: Client, days: int) -> TestResponse:
        day = date_boxes.posted("review_on", clock.today() + timedelta(days=days))
        return client.submit(at, {**day, "owner": str(cast.social_worker.id), "version": "1"})

    one, other = client_for(cast.coordinator), client_for(cast.social_worker)
    answers = at_once(app, lambda: send(one, 5), lambda: send(other, 6))
    assert statuses(answers) == [DONE, SHOWN]
    rows.expire_all()
    duties = rows.scalars(select(Deadline).where(Deadline.subject_id == alert.id)).all()
    assert [one.state for one in duties] == [DeadlineState.OPEN]


@pytest.mark.parametrize("saved_before", [True, False])
def test_what_another_tab_saves_while_an_entry_is_sent_is_kept(
    app: Flask, rows: Session, cast: Cast, case: Case, client_for: ClientFor, saved_before: bool
) -> None:
    sends, types, at = client_for(cast.nurse), client_for(cast.nurse), f"/cases/{case.reference}/entries"
    seen = "0"
    if saved_before:
        begun = types.submit(
            f"{at}/draft", entry_typed(text="Begun", version="0"), headers={"X-Autosave": "1"}
        )
        seen = begun.headers["X-Version"]

    def autosave() -> TestResponse:
        said = entry_typed(text="Wrote this in the other tab", version=seen)
        return types.submit(f"{at}/draft", said, headers={"X-Autosave": "1"})

    sent, saved = at_once(
        app, lambda: sends.submit(f"{at}/new", entry_typed(text="Sent this", version=seen)), autosave
    )
    assert (sent.status_code, saved.status_code) == (DONE, 204)
    assert rows.scalars(select(ChronologyEntry.text)).all() == ["Sent this"]
    assert [one["text"] for one in rows.scalars(select(EntryDraft.answers))] == [
        "Wrote this in the other tab"
    ]


def test_whoever_sends_is_told_of_other_words_that_are_kept(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, at = client_for(cast.nurse), f"/cases/{case.reference}/entries"
    client.submit(f"{at}/draft", entry_typed(text="In another tab", version="0"), headers={"X-Autosave": "1"})
    assert client.submit(f"{at}/new", entry_typed(text="Sent this", version="0")).status_code == DONE
    assert "They are kept as your draft" in client.soup(f"/cases/{case.reference}").get_text()
    assert rows.scalars(select(EntryDraft.author_id)).one() == cast.nurse.id


def test_a_draft_goes_with_the_entry_that_holds_its_words(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, at = client_for(cast.nurse), f"/cases/{case.reference}/entries"
    client.submit(f"{at}/draft", entry_typed(text="Sent", version="0"), headers={"X-Autosave": "1"})
    client.submit(f"{at}/new", entry_typed(text="Sent this", version="0"))
    assert not rows.scalars(select(EntryDraft)).all()


def test_the_same_entry_from_two_pages_at_once_is_one(
    app: Flask, rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    one, other = client_for(cast.nurse), client_for(cast.nurse)
    at = f"/cases/{case.reference}/entries/new"
    answers = at_once(app, lambda: one.submit(at, entry_typed()), lambda: other.submit(at, entry_typed()))
    assert statuses(answers) == [DONE, DONE]
    assert len(rows.scalars(select(ChronologyEntry)).all()) == 1


def test_a_lowering_that_is_agreed_and_taken_back_at_once_comes_to_one_of_both(
    app: Flask, rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    asks, agrees = client_for(cast.coordinator), client_for(cast.second_coordinator)
    asks.submit(
        f"/cases/{case.reference}/sensitivity",
        {"to": str(int(Sensitivity.NORMAL)), "reason": "It is over", "version": "1"},
    )
    waiting = rows.scalars(select(SensitivityChange)).one()
    at = f"/cases/{case.reference}/sensitivity/{waiting.id}"
    answers = at_once(app, lambda: agrees.submit(f"{at}/agree"), lambda: asks.submit(f"{at}/keep"))
    assert statuses(answers) == [DONE, 404]
    rows.expire_all()
    agreed = answers[0].status_code == DONE
    assert (waiting.confirmed_at is not None, waiting.withdrawn_at is not None) == (agreed, not agreed)
    assert case.sensitivity == (Sensitivity.NORMAL if agreed else Sensitivity.RESTRICTED)


def test_holding_closely_does_not_turn_round_when_somebody_was_first(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    man = make_concern(
        rows, cast.officer, kind="person", name="Quorbin Vantlee", owner_team_id=cast.police_team.id
    )
    first, second, at = client_for(cast.officer), client_for(cast.officer), f"/concerns/{man.reference}/hold"
    pages = [one.get(at) for one in (first, second)]
    typed = [
        {
            "words": "An investigation runs",
            "version": hidden(one, page, "version"),
            "restricted": hidden(one, page, "restricted"),
        }
        for one, page in zip((first, second), pages, strict=True)
    ]
    assert first.submit(at, typed[0]).status_code == DONE
    answer = second.submit(at, typed[1])
    assert answer.status_code == SHOWN
    assert "Hold it closely" in words(second.page_of(answer), "h1")
    again = typed[1] | {name: hidden(second, answer, name) for name in ("version", "restricted")}
    answer = second.submit(at, again)
    assert answer.status_code == REFUSED
    assert "It is held like this already" in answer.text
    rows.expire_all()
    assert man.sensitivity == 1, "sent again it does not do the opposite"


def test_one_that_is_recorded_twice_at_once_from_one_page_is_one(
    app: Flask, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    """Without a key, as by two tabs that share a page: the record's own identifier serves."""
    cast.council.districts = ["erewash", "high_peak"]
    rows.commit()
    place = make_concern(rows, cast.officer, district="erewash", authority="derbyshire")
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    form = make_sent_referral(rows, cast.teacher)
    once = {"once": str(uuid4())}
    sent: list[tuple[User, str, dict[str, Any], type[Any]]] = [
        (cast.officer, f"/concerns/{man.reference}/orders/new", order_typed() | once, ConcernOrder),
        (cast.community_safety, "/directory/new", CONTACT | once, DirectoryEntry),
        (cast.community_safety, f"/concerns/{place.reference}/watching/new", NAMED | once, Guardian),
        (
            cast.coordinator,
            f"/triage/{form.reference}/messages",
            {"text": "Which school?"} | once,
            ReferralMessage,
        ),
    ]
    for person, at, typed, table in sent:
        answers = at_once(app, *(partial(client_for(person).submit, at, typed) for _ in range(2)))
        assert statuses(answers) == [DONE, DONE], at
        assert len(rows.scalars(select(table)).all()) == 1, at


def test_whoever_is_second_to_what_has_ended_is_told_so_and_keeps_the_words(
    app: Flask, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    """The database lets nobody change an order that has ended, so the second cannot even take it."""
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    order = make_order(rows, man, cast.officer)
    at = f"/orders/{order.reference}"
    today = date_boxes.posted("on", clock.today())
    until = date_boxes.posted("until", clock.today() + timedelta(days=20))
    ends, moves = client_for(cast.officer), client_for(cast.officer)
    assert ends.submit(f"{at}/end", {**today, "outcome": "charged", "version": "1"}).status_code == DONE
    answer = moves.submit(f"{at}/move", {**until, "words": "The court said so", "version": "1"})
    assert answer.status_code == REFUSED
    assert "This has ended already" in answer.text
    assert "The court said so" in answer.text


def test_an_entry_for_named_agencies_is_not_taken_for_another(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, at = client_for(cast.nurse), f"/cases/{case.reference}/entries/new"
    for handling in (Handling.NETWORK, Handling.OWN):
        assert client.submit(at, entry_typed(handling=handling)).status_code == DONE
    assert len(rows.scalars(select(ChronologyEntry)).all()) == 2
