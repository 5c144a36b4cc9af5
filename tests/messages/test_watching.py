"""The page of every message's life, the preferences, and what the health page says."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.models import AuditEvent, Case, MessagePreference, User
from portal.policy import current_policy
from portal.reminders.pulse import EXPECTED
from portal.vocabulary import MessageState
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.telling import beat, suspend, was_told
from tests.statements import beside_the_context, noted

Browser = Callable[[User | None], Client]
LIFE = "/messages/life"


def listed(client: Client, address: str = LIFE) -> str:
    found = client.soup(address).select_one("#life-list")
    assert found
    return " ".join(found.get_text(" ", strip=True).split())


def test_coordinators_see_every_message_and_managers_those_to_their_own_people(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    for person in (cast.officer, cast.nurse):
        was_told(rows, person, state=MessageState.DEAD, attempts=7, outcome="451 try again later")
    was_told(rows, cast.police_team, state=MessageState.DEAD)
    hub, police = listed(client_for(cast.coordinator)), listed(client_for(cast.police_manager))
    assert "Ola Officer" in hub
    assert "Nell Nurse" in hub
    assert "451 try again later" in hub
    assert "Ola Officer" in police
    assert "Duty team" in police
    assert "Nell Nurse" not in police
    assert "Officer" not in listed(client_for(cast.social_care_manager))
    for person in (cast.officer, cast.chair, cast.governance, cast.administrator, cast.stranger):
        assert client_for(person).get(LIFE).status_code == 403, person.name


def test_a_manager_who_was_told_elsewhere_does_not_watch_over_that(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    was_told(rows, cast.police_manager, state=MessageState.DEAD)
    cast.police_manager.agency_id = cast.health.id
    rows.commit()
    assert "Mina Manager" not in listed(client_for(cast.police_manager), f"{LIFE}?state=all")


def test_what_a_message_is_about_stands_there_only_for_those_who_see_it(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    case: Case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    was_told(
        rows, cast.officer, subject=("cre_case", case.id), reference=case.reference, case_id=case.id,
        state=MessageState.DEAD,
    )  # fmt: skip
    assert case.reference in listed(client_for(cast.coordinator))
    manager = listed(client_for(cast.police_manager))
    assert "Ola Officer" in manager
    assert case.reference not in manager


@pytest.mark.parametrize("state", MessageState)
def test_each_state_is_a_list_of_its_own(
    rows: Session, cast: Cast, client_for: Browser, state: MessageState
) -> None:
    for one in MessageState:
        was_told(rows, cast.officer, state=one)
    client = client_for(cast.coordinator)
    page = client.soup(f"{LIFE}?state={state.value}")
    assert len(page.select("#life-list tbody tr")) == 1
    assert state.label in page.select("#life-list tbody tr")[0].get_text()
    assert len(client.soup(f"{LIFE}?state=all").select("#life-list tbody tr")) == len(MessageState)


def test_the_list_goes_on_and_costs_the_same_however_long_it_is(
    app: Flask, rows: Session, cast: Cast, client_for: Browser
) -> None:
    start = clock.now() - timedelta(days=3)
    for number in range(55):
        was_told(rows, cast.officer, state=MessageState.DEAD, at=start + timedelta(minutes=number))
    client = client_for(cast.coordinator)
    link = client.soup(LIFE).select_one("a[rel=next]")
    assert link
    with noted(app) as sent:
        rest = client.soup(str(link["href"]))
    assert len(rest.select("#life-list tbody tr")) == 5
    assert len(beside_the_context(sent)) <= 5, sent


def test_a_coordinator_has_a_dead_one_tried_again_and_nobody_else(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    message = was_told(rows, cast.officer, state=MessageState.DEAD, attempts=9, outcome="timed out")
    for person in (cast.officer, cast.police_manager, cast.administrator, cast.governance):
        assert client_for(person).submit(f"/messages/{message.id}/retry").status_code == 403
    client = client_for(cast.coordinator)
    assert client.submit(f"/messages/{message.id}/retry").status_code == 303
    rows.refresh(message)
    assert (message.state, message.attempts) == (MessageState.OWED, 0)
    assert rows.query(AuditEvent).filter_by(action="message:retry").count() == 1
    client.submit(f"/messages/{message.id}/retry")
    assert "no longer one that could not be sent" in client.soup(LIFE).get_text()


def test_an_address_is_used_again_by_its_own_manager_a_coordinator_or_an_administrator(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    for person in (cast.police_manager, cast.coordinator, cast.administrator):
        suspended = suspend(rows, cast.officer)
        client = client_for(person)
        assert cast.officer.email in client.soup("/messages/addresses").get_text()
        for other, status in ((cast.social_care_manager, 404), (cast.officer, 403), (cast.governance, 403)):
            answer = client_for(other).submit(f"/messages/addresses/{suspended.id}/lift")
            assert answer.status_code == status, other.name
        assert client.submit(f"/messages/addresses/{suspended.id}/lift").status_code == 303
        rows.refresh(suspended)
        assert suspended.lifted_by == person.id
        client.soup("/messages/addresses")  # where it says so, once
        assert cast.officer.email not in client.soup("/messages/addresses").get_text()


def test_the_page_says_when_reminders_last_ran_and_warns_when_they_stopped(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    assert "last ran never" in client.soup(LIFE).get_text()
    beat(rows)
    assert "Reminders last ran on" in client.soup(LIFE).get_text()
    assert "No message waits" in client.soup(LIFE).get_text()
    beat(rows, ago=timedelta(minutes=6))
    assert "Reminders have stopped" in client.soup(LIFE).get_text()
    was_told(rows, cast.officer, state=MessageState.OWED, at=clock.now() - timedelta(hours=3))
    assert "A message has waited to be sent since" in client.soup(LIFE).get_text()


def test_every_kind_is_explained_and_statutory_ones_cannot_be_switched_off(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.officer)
    page = client.soup("/preferences")
    words = page.get_text(" ", strip=True)
    for kind in current_policy().reminders.kinds.offered:
        assert kind.hint in words or kind.code == "digest", kind.code
    offered = {box["value"] for box in page.select("input[name=kinds]")}
    assert offered == {k.code for k in current_policy().reminders.kinds.offered if not k.statutory} - {
        "digest"
    }
    assert page.select("input[name=kinds][value=feedback][checked]"), "what nobody chose is sent"
    answer = client.submit("/preferences", {"kinds": sorted(offered - {"feedback"}), "digest": "no"})
    assert answer.status_code == 303
    chosen = {row.kind: row.by_mail for row in rows.query(MessagePreference)}
    assert chosen == {"feedback": False, "digest": False}
    page = client.soup("/preferences")
    assert not page.select("input[name=kinds][value=feedback][checked]")
    client.submit("/preferences", {"kinds": sorted(offered), "digest": "yes"})
    rows.expire_all()
    assert {row.by_mail for row in rows.query(MessagePreference)} == {True}


def test_a_statutory_kind_that_is_posted_all_the_same_is_refused(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    answer = client_for(cast.officer).submit("/preferences", {"kinds": ["asked"], "digest": "yes"})
    assert answer.status_code == 422
    assert rows.query(MessagePreference).count() == 0


def health(client: Client, address: str = "/healthz") -> tuple[int, dict[str, str]]:
    answer = client.get(address)
    return answer.status_code, answer.get_json()


def test_the_health_page_fails_when_the_worker_stops_or_messages_wait(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(None)
    assert health(client)[0] == 503, "a worker that never ran"
    beat(rows)
    assert health(client) == (
        200, {"status": "ok", "database": "ok", "worker": "ok", "messages": "ok", "mail": "not configured"},
    )  # fmt: skip
    beat(rows, ago=timedelta(minutes=6))
    status, said = health(client)
    assert (status, said["worker"], said["status"]) == (503, "stopped", "failing")
    beat(rows)
    waiting = was_told(rows, cast.officer, state=MessageState.OWED, at=clock.now() - timedelta(hours=2))
    status, said = health(client)
    assert (status, said["messages"]) == (503, "waiting too long")
    waiting.state = MessageState.CANCELLED
    rows.commit()
    assert health(client)[0] == 200


@pytest.mark.parametrize("tick", EXPECTED)
def test_each_tick_has_to_run(rows: Session, client_for: Browser, tick: str) -> None:
    beat(rows, without=tick)
    assert health(client_for(None))[0] == 503


def test_the_load_balancer_asks_only_for_the_process_and_the_database(
    app: Flask, client_for: Browser
) -> None:
    assert health(client_for(None), "/healthz/web") == (200, {"database": "ok"})


def test_a_message_that_is_not_due_yet_does_not_wait(rows: Session, cast: Cast, client_for: Browser) -> None:
    beat(rows)
    was_told(rows, cast.officer, state=MessageState.OWED, at=clock.now() + timedelta(hours=12))
    assert health(client_for(None))[0] == 200
