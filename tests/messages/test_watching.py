"""The page of every message's life, and the addresses that came back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.messages.vocabulary import MessageState
from portal.queries import listing
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.factories.telling import beat, suspend, was_told
from tests.statements import beside_the_context, noted

Browser = Callable[[User | None], Client]
LIFE = "/messages/life"


def listed(client: Client, address: str = LIFE) -> str:
    found = client.soup(address).select_one("#list-page")
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


def test_where_none_is_late_the_page_says_so_and_where_those_stand_that_wait(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    later = clock.now() + timedelta(days=1)
    was_told(rows, cast.officer, state=MessageState.OWED, not_before=later, next_try_at=later)
    page = client_for(cast.coordinator).soup(LIFE).get_text(" ", strip=True)
    assert "No message is late. Those that wait for their time are under “Owed”." in page
    assert "Ola Officer" in listed(client_for(cast.coordinator), f"{LIFE}?state=owed")


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


def rows_of(client: Client, **asked: str) -> list[str]:
    found = client.soup(f"{LIFE}?{urlencode(asked)}").select("#list-page tbody tr")
    return [" ".join(row.get_text(" ", strip=True).split()) for row in found]


@pytest.mark.parametrize("state", MessageState)
def test_each_state_is_a_list_of_its_own(
    rows: Session, cast: Cast, client_for: Browser, state: MessageState
) -> None:
    for one in MessageState:
        was_told(rows, cast.officer, state=one)
    found = rows_of(client_for(cast.coordinator), state=state.value)
    assert [state.label in one for one in found] == [True]


def test_those_that_could_not_be_sent_stand_above_all_others(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    assert "Nobody was told anything yet" in listed(client)
    for minutes, state in ((9, MessageState.DEAD), (1, MessageState.ACCEPTED)):
        was_told(rows, cast.officer, state=state, at=clock.now() - timedelta(minutes=minutes))
    found = rows_of(client)
    assert ["Could not be sent" in one for one in found] == [True, False, True], "above, and in its place"
    assert "Try again" in found[0]
    for number in range(20):
        was_told(rows, cast.nurse, state=MessageState.DEAD, outcome=f"451 {number}")
    assert "See all that could not be sent" in listed(client)


def test_messages_are_found_by_kind_and_by_team_and_its_people(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    was_told(rows, cast.officer, kind="shared")
    was_told(rows, cast.police_team, kind="told")
    was_told(rows, cast.nurse, kind="shared")
    client = client_for(cast.coordinator)
    assert len(rows_of(client, kind="shared")) == 2
    of_team = rows_of(client, team=str(cast.police_team.id))
    assert ["Duty team" in of_team[0], "Ola Officer" in of_team[1], len(of_team)] == [True, True, 2]
    assert len(rows_of(client, kind="shared", team=str(cast.police_team.id))) == 1
    assert len(rows_of(client, kind="nonsense", team="nonsense", state="nonsense")) == 3
    assert "Nothing fits these filters" in listed(client, f"{LIFE}?kind=digest")


def test_a_manager_chooses_among_the_teams_of_their_agency_and_finds_nobody_elses(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    was_told(rows, cast.nurse)
    client = client_for(cast.police_manager)
    offered = {str(one["value"]) for one in client.soup(LIFE).select("input[name=team]")}
    assert str(cast.police_team.id) in offered
    assert str(cast.health_team.id) not in offered
    assert not rows_of(client, team=str(cast.health_team.id))


def test_messages_about_a_record_are_found_by_its_reference_by_whoever_sees_it(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    case = make_case(rows, make_child(rows, "Amy"), lead=cast.social_care, opened_by=cast.coordinator)
    form = make_sent_referral(rows, cast.officer)
    of_case: dict[str, Any] = {
        "subject": ("cre_case", case.id),
        "reference": case.reference,
        "case_id": case.id,
    }
    of_form: dict[str, Any] = {"subject": ("referral", form.id), "reference": form.reference}
    for about in (of_case, of_form):
        was_told(rows, cast.officer, **about)
        was_told(rows, cast.nurse, **about)
    was_told(rows, cast.officer)
    hub, police = client_for(cast.coordinator), client_for(cast.police_manager)
    for reference in (case.reference, form.reference, form.reference.lower().replace("-", " ")):
        assert len(rows_of(hub, reference=reference)) == 2, reference
    assert not rows_of(police, reference=case.reference), "the police do not work on the case"
    assert len(rows_of(police, reference=form.reference)) == 1, "their manager reads what the team sent"
    assert not rows_of(client_for(cast.social_care_manager), reference=form.reference)
    assert "That is no reference" in listed(hub, f"{LIFE}?reference=Amy")
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert not rows_of(hub, reference=case.reference), "a coordinator who is not named on it learns nothing"
    assert case.reference not in listed(hub)


def test_the_page_names_no_child(rows: Session, cast: Cast, client_for: Browser) -> None:
    case = make_case(rows, make_child(rows, "Amy", "Kowalski"), lead=cast.police, opened_by=cast.coordinator)
    was_told(
        rows, cast.officer, subject=("cre_case", case.id), reference=case.reference, case_id=case.id,
        state=MessageState.DEAD,
    )  # fmt: skip
    for person in (cast.coordinator, cast.police_manager):
        assert "Kowalski" not in client_for(person).soup(LIFE).get_text(), person.name


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"state": "owed", "ahead": 60}, "To be sent"),
        ({"state": "owed", "attempts": 3, "outcome": "451 busy", "ahead": 5}, "said 451 busy Next try"),
        ({"state": "owed"}, "Waits to be sent since"),
        ({"state": "queued"}, "A worker is sending it now"),
        ({"state": "accepted", "attempts": 2}, "Accepted by the mail server at attempt 2"),
        ({"state": "refused", "outcome": "5.1.1"}, "Refused for good: the mail server said 5.1.1"),
        ({"state": "cancelled", "outcome": "answered"}, "Cancelled: the question was answered"),
        ({"state": "cancelled", "outcome": "no_reach"}, "Cancelled: nobody in the agency may see"),
        ({"state": "dead", "attempts": 9, "outcome": "gave_up"}, "9 times Could not be sent: the mail"),
        ({"state": "dead", "outcome": "nobody_to_tell"}, "Could not be sent: there is nobody who may see it"),
        ({"state": "shown"}, "the person wants no e-mail of this kind"),
        ({"state": "shown", "channel": "portal"}, "Shown in the portal"),
        ({"handed_reason": "away"}, "Meant first for a team: away on that day"),
        ({"read_at": clock.now()}, "Read in the portal"),
    ],
)  # fmt: skip
def test_the_steps_of_a_message_are_told_in_words(
    rows: Session, cast: Cast, client_for: Browser, columns: dict[str, Any], said: str
) -> None:
    columns = dict(columns)
    state = MessageState(columns.pop("state", "accepted"))
    ahead = timedelta(minutes=columns.pop("ahead", 0))
    settled = None if state in {MessageState.OWED, MessageState.QUEUED} else clock.now()
    was_told(rows, cast.officer, state=state, settled_at=settled, next_try_at=clock.now() + ahead, **columns)
    assert said in rows_of(client_for(cast.coordinator), state=state.value)[0]


def test_the_list_goes_on_and_costs_the_same_however_long_it_is(
    app: Flask, rows: Session, cast: Cast, client_for: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 30})
    start = clock.now() - timedelta(days=3)
    for number in range(35):
        was_told(rows, cast.officer, state=MessageState.DEAD, at=start + timedelta(minutes=number))
    client = client_for(cast.coordinator)
    link = client.soup(f"{LIFE}?state=dead").select_one("a[rel=next]")
    assert link
    with noted(app) as sent:
        rest = client.soup(str(link["href"]))
    assert len(rest.select("#list-page tbody tr")) == 5
    assert len(beside_the_context(sent)) <= 8, sent
    with noted(app) as sent:
        client.soup(LIFE)
    assert len(beside_the_context(sent)) <= 8, sent


def test_it_is_counted_sorted_and_filtered_by_several_answers(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    for minutes, person, state in (
        (3, cast.officer, MessageState.DEAD),
        (2, cast.nurse, MessageState.REFUSED),
        (1, cast.colleague, MessageState.ACCEPTED),
    ):
        was_told(rows, person, state=state, at=clock.now() - timedelta(minutes=minutes))
    hub, police = client_for(cast.coordinator), client_for(cast.police_manager)

    def tabs(client: Client) -> list[str]:
        found = client.soup(LIFE).select("nav[aria-label=Views] a")
        return [" ".join(one.get_text(" ").split()) for one in found]

    assert tabs(hub)[:3] == ["All 3", "Could not be sent 1", "Refused by the mail server 1"]
    assert tabs(police)[:3] == ["All 2", "Could not be sent 1", "Refused by the mail server 0"]
    both = hub.soup(f"{LIFE}?state=dead&state=refused&sort=-newest")
    names = [one.get_text() for one in both.select("#list-page td[data-label=To]")]
    assert [one.split()[0] for one in names] == ["Ola", "Nell"]
    (head,) = both.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Written, and what became of it", "ascending")
    assert hub.submit(f"{LIFE}?state=dead", {"name": "To see to"}).status_code == 303
    assert "To see to" in tabs(hub)
    assert "To see to" not in tabs(client_for(cast.second_coordinator))


def test_whoever_has_one_tried_again_stays_in_what_they_asked_for(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    form = make_sent_referral(rows, cast.officer)
    about: dict[str, Any] = {"subject": ("referral", form.id), "reference": form.reference}
    was_told(rows, cast.officer, state=MessageState.DEAD, **about)
    was_told(rows, cast.nurse, state=MessageState.ACCEPTED, **about)
    client, asked = client_for(cast.coordinator), f"{LIFE}?reference={form.reference}&state=dead"
    page = client.soup(asked)
    (kept,) = page.select("#filter-form input[name=reference]")
    assert kept["value"] == form.reference
    (again,) = page.select("form[action*=retry]")
    assert client.submit(str(again["action"])).location == asked
    assert "Nothing fits these filters" in listed(client, asked)


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
    assert "No message is late" in client.soup(LIFE).get_text()
    beat(rows, ago=timedelta(minutes=6))
    assert "Reminders have stopped" in client.soup(LIFE).get_text()
    was_told(rows, cast.officer, state=MessageState.OWED, at=clock.now() - timedelta(hours=3))
    assert "A message has waited to be sent since" in client.soup(LIFE).get_text()
