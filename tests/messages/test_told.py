"""The bell, the list of what one was told, and the link that stands in every e-mail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.children import ask, tell
from tests.factories.referrals import make_draft, make_sent_referral
from tests.factories.telling import was_told
from tests.statements import beside_the_context, noted
from tests.triage.test_pages import fields_of

Browser = Callable[[User | None], Client]
FRAGMENT = {"HX-Request": "true", "HX-Target": "div#list-page", "HX-Request-Type": "partial"}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(
        rows, make_child(rows, "Amy", "Kowalski"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    return case


@pytest.fixture
def asked(rows: Session, cast: Cast, case: Case) -> InformationRequest:
    child = rows.get_one(type(make_child(rows)), case.child_id)
    return ask(rows, child, cast.council_team, by=cast.social_worker, question="What do you hold?", case=case)


def bell(client: Client, address: str = "/messages") -> str:
    found = client.soup(address).select_one("#bell")
    assert found, "give every page of somebody who is signed in the bell"
    return found.get_text(" ", strip=True)


def tell_of(rows: Session, to: User, asked: InformationRequest, **facts: object) -> OutboxMessage:
    return was_told(
        rows, to, subject=("information_request", asked.id), reference=asked.reference, case_id=asked.case_id,
        **facts,  # type: ignore[arg-type] # as the factory takes them
    )  # fmt: skip


def test_the_bell_counts_what_i_have_not_read_and_stops_at_99(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.officer)
    assert bell(client, "/cases") == "Messages"
    for _ in range(2):
        was_told(rows, cast.officer)
    was_told(rows, cast.officer, state=MessageState.CANCELLED)
    was_told(rows, cast.officer, read_at=clock.now())
    was_told(rows, cast.colleague)
    assert bell(client, "/cases") == "Messages 2 not read"
    assert bell(client_for(cast.coordinator), "/triage") == "Messages", "whoever watches has not been told"
    for _ in range(100):
        was_told(rows, cast.officer)
    assert bell(client, "/cases") == "Messages 99+ not read"


def test_a_visitor_and_somebody_without_a_role_have_no_bell(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    assert client_for(None).soup("/").select_one("#bell") is None
    cast.officer.roles = []
    rows.commit()
    assert client_for(cast.officer).soup("/guidance").select_one("#bell") is None


def test_the_list_names_whom_a_message_is_about_the_newest_first(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    old = clock.now() - timedelta(days=1)
    was_told(rows, cast.community_safety, kind="meeting_reply", at=old, read_at=old)
    tell_of(rows, cast.community_safety, asked)
    items = client_for(cast.community_safety).soup("/messages").select(".app-messages__item")
    words = [" ".join(item.get_text(" ", strip=True).split()) for item in items]
    assert f"You are asked for information, about Amy Kowalski, {asked.reference}" in words[0]
    assert words[0].startswith("New ")
    assert not words[1].startswith("New ")


def test_where_reach_has_ended_only_the_reference_stands_there(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    message = tell_of(rows, cast.community_safety, asked)
    asked.answered_at = asked.reach_until = clock.now()
    rows.commit()
    client = client_for(cast.community_safety)
    line = client.soup("/messages").select_one(".app-messages__item")
    assert line
    page = line.get_text(" ", strip=True)
    assert asked.reference in page
    assert "Kowalski" not in page
    assert "What it is about is not shown here" in page
    says = current_policy().reminders.kinds[message.kind].line
    assert says in page, "what to do is said also to whoever does not see what it is about"
    assert [one["href"] for one in line.select("a")] == [f"/go/{message.id}"], "who to call about it"
    assert line.select("button"), "it is marked as read there"
    opened = client.get(f"/go/{message.id}")
    assert opened.status_code == 200
    assert "You do not see this now" in opened.text
    assert says in " ".join(opened.text.split())
    assert "Kowalski" not in opened.text


def test_a_case_that_was_sealed_since_is_named_no_more(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    was_told(
        rows, cast.social_worker, kind="shared", subject=("cre_case", case.id), reference=case.reference,
        case_id=case.id,
    )  # fmt: skip
    client = client_for(cast.social_worker)
    assert "Amy Kowalski" in client.soup("/messages").get_text()
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert "Amy Kowalski" not in client.soup("/messages").get_text()


def test_whoever_sees_only_that_a_case_exists_finds_its_reference_and_no_name(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    message = was_told(
        rows, cast.social_worker, kind="access_answered", subject=("access_request", new_id()),
        reference=case.reference, case_id=case.id,
    )  # fmt: skip
    client = client_for(cast.social_worker)
    line = client.soup("/messages").select_one(".app-messages__item")
    assert line
    assert case.reference in line.get_text()
    assert "Kowalski" not in line.get_text()
    assert line.select_one(f'a[href="/go/{message.id}"]')
    opened = client.get(f"/go/{message.id}")
    assert opened.location == f"/cases/{case.reference}"
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    sealed = client.soup("/messages").select_one(".app-messages__item")
    assert sealed
    assert [one["href"] for one in sealed.select("a")] == [f"/go/{message.id}"], "who to call about it"
    assert client.get(f"/go/{message.id}").status_code == 200, "it says that it is not seen now"


def test_a_manager_is_led_from_an_unsent_form_of_the_team_to_where_it_is_listed(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    draft = make_draft(rows, cast.officer)
    message = was_told(
        rows, cast.police_manager, kind="unsent_draft_of_team", subject=("referral", draft.id),
        reference=draft.reference,
    )  # fmt: skip
    client = client_for(cast.police_manager)
    line = client.soup("/messages").select_one(".app-messages__item")
    assert line
    assert "do not see" not in line.get_text()
    assert client.get(f"/go/{message.id}").location == "/sent"


def test_what_was_read_can_be_left_out(rows: Session, cast: Cast, client_for: Browser) -> None:
    client = client_for(cast.officer)
    assert "Nothing yet" in client.soup("/messages").get_text()
    was_told(rows, cast.officer, kind="feedback", read_at=clock.now())
    assert "Nothing fits these filters" in client.soup("/messages?show=unread").get_text()
    was_told(rows, cast.officer, kind="shared")
    assert len(client.soup("/messages").select(".app-messages__item")) == 2
    unread = client.soup("/messages?show=unread").select(".app-messages__item")
    assert ["A case was shared with you" in one.get_text() for one in unread] == [True]
    assert len(client.soup("/messages?show=nonsense").select(".app-messages__item")) == 2


def test_one_is_marked_as_read_and_then_all(rows: Session, cast: Cast, client_for: Browser) -> None:
    first, _ = was_told(rows, cast.officer), was_told(rows, cast.officer)
    client = client_for(cast.officer)
    assert client.submit(f"/messages/{first.id}/read").status_code == 303
    assert bell(client) == "Messages 1 not read"
    rows.refresh(first)
    when = first.read_at
    client.submit(f"/messages/{first.id}/read")
    rows.refresh(first)
    assert first.read_at == when, "it was read when it was first read"
    open_page = fields_of(client.soup("/messages"), "/messages/read")
    later = was_told(rows, cast.officer, at=clock.now())
    fragment = client.submit("/messages/read", open_page, headers=FRAGMENT)
    assert fragment.status_code == 200
    assert "hx-swap-oob" in fragment.text, "the number in the header goes down with it"
    assert bell(client) == "Messages 1 not read"
    rows.refresh(later)
    assert later.read_at is None, "it came while the page was open, and was on no page"
    client.submit("/messages/read")
    assert "Nothing was marked" in client.get("/messages").text
    assert bell(client) == "Messages 1 not read"
    client.submit("/messages/read", fields_of(client.soup("/messages"), "/messages/read"))
    assert bell(client) == "Messages"


def test_the_list_goes_on_by_its_last_message(rows: Session, cast: Cast, client_for: Browser) -> None:
    start = clock.now()
    for number in range(35):
        was_told(rows, cast.officer, reference=f"REQ-{number:02}", at=start + timedelta(seconds=number))
    client = client_for(cast.officer)
    page = client.soup("/messages")
    assert len(page.select(".app-messages__item")) == 30
    assert "REQ-34" in page.get_text()
    link = page.select_one("a[rel=next]")
    assert link
    rest = client.soup(str(link["href"]))
    assert len(rest.select(".app-messages__item")) == 5
    assert "REQ-00" in rest.get_text()
    assert client.get("/messages?after=nonsense").status_code == 400
    stranger = client_for(cast.stranger).soup(str(link["href"]))
    assert not stranger.select(".app-messages__item")


def test_the_link_of_an_e_mail_marks_it_read_and_leads_to_the_record(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    message = was_told(
        rows, cast.social_worker, kind="shared", subject=("cre_case", case.id), reference=case.reference,
        case_id=case.id,
    )  # fmt: skip
    client = client_for(cast.social_worker)
    for _ in range(2):
        answer = client.get(f"/go/{message.id}")
        assert (answer.status_code, answer.location) == (303, f"/cases/{case.reference}")
    rows.refresh(message)
    assert message.read_at is not None
    looked = rows.query(AuditEvent).filter_by(action="message:open", subject_id=message.id)
    assert looked.count() == 2


def test_somebody_elses_message_and_one_that_does_not_exist_are_not_found(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    message = tell_of(rows, cast.community_safety, asked)
    for person in (
        cast.officer, cast.stranger, cast.coordinator, cast.police_manager, cast.governance,
        cast.administrator,
    ):  # fmt: skip
        client = client_for(person)
        for place in (f"/go/{message.id}", f"/go/{new_id()}"):
            assert client.get(place).status_code == 404, f"{person.name} {place}"
        assert client.submit(f"/messages/{message.id}/read").status_code == 404
    rows.refresh(message)
    assert message.read_at is None


def test_whoever_is_signed_out_comes_back_to_the_link_after_signing_in(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    message = was_told(rows, cast.officer)
    answer = client_for(None).get(f"/go/{message.id}")
    assert answer.status_code == 303
    assert "/sign-in?next=" in answer.location
    rows.refresh(message)
    assert message.read_at is None


def test_what_a_team_was_told_opens_for_its_people_and_their_own_line_is_read(
    rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    about = {"subject": ("information_request", asked.id), "reference": asked.reference}
    to_team = was_told(rows, cast.council_team, **about)  # type: ignore[arg-type] # as the factory takes them
    own = was_told(rows, cast.community_safety, **about)  # type: ignore[arg-type] # as the factory takes them
    client = client_for(cast.community_safety)
    assert client.get(f"/go/{to_team.id}").status_code in {200, 303}
    rows.refresh(own)
    assert own.read_at is not None
    assert client_for(cast.officer).get(f"/go/{to_team.id}").status_code == 404


def test_what_the_hub_was_told_at_its_duty_address_opens_for_its_coordinators(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    form = make_sent_referral(rows, cast.officer)
    to_hub = was_told(rows, cast.hub_team, subject=("referral", form.id), reference=form.reference)
    for person in (cast.coordinator, cast.second_coordinator):
        answer = client_for(person).get(f"/go/{to_hub.id}")
        assert (answer.status_code, form.reference in answer.location) == (303, True)
    elsewhere = was_told(rows, cast.council_team, subject=("referral", form.id), reference=form.reference)
    assert client_for(cast.coordinator).get(f"/go/{elsewhere.id}").status_code == 404


def test_a_message_that_was_handed_on_says_from_whom(rows: Session, cast: Cast, client_for: Browser) -> None:
    was_told(rows, cast.colleague, handed_from_id=cast.officer.id, handed_reason="away")
    page = client_for(cast.colleague).soup("/messages").get_text(" ", strip=True)
    assert "Meant first for Ola Officer: away on that day" in page


def test_what_i_was_told_in_another_agency_stays_there(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    message = was_told(rows, cast.officer)
    cast.officer.agency_id = cast.health.id
    rows.commit()
    client = client_for(cast.officer)
    assert bell(client) == "Messages"
    assert client.get(f"/go/{message.id}").status_code == 404


def test_a_telling_leads_to_its_own_page(rows: Session, cast: Cast, client_for: Browser, case: Case) -> None:
    child = rows.get_one(type(make_child(rows)), case.child_id)
    told = tell(rows, child, cast.police_team, by=cast.coordinator)
    message = was_told(
        rows, cast.officer, kind="told", subject=("disclosure", told.id), reference=told.reference
    )
    client = client_for(cast.officer)
    assert "about Amy Kowalski" in client.soup("/messages").get_text()
    assert client.get(f"/go/{message.id}").location == f"/told/{told.reference}"


def test_the_bell_costs_one_statement_and_a_fragment_none(
    app: Flask, rows: Session, cast: Cast, client_for: Browser, asked: InformationRequest
) -> None:
    for _ in range(12):
        tell_of(rows, cast.community_safety, asked)
    client = client_for(cast.community_safety)
    client.soup("/messages")
    with noted(app) as page:
        client.soup("/messages")
    asked_for = beside_the_context(page)
    # One asks for the edition of the policy, one for views that somebody saved, one how many there are.
    assert len(asked_for) <= 6, asked_for
    with noted(app) as fragment:
        client.get("/cases", headers={"HX-Request": "true", "HX-Target": "div#case-list"})
    assert not [one for one in fragment if "outbox_message" in one], fragment
