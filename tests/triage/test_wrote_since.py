"""A decided form to which its sender writes again comes back to the hub: on a list, and as a duty."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralMessage
from portal.records.referrals.sending import reply_to_hub
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.feedback import WROTE_MEANWHILE, give_feedback, read_again, send_message
from portal.records.triage.presenter.queue import WROTE
from portal.vocabulary import DecisionOutcome, ReferralState
from tests.cast import Cast
from tests.client import Client
from tests.told import heard
from tests.triage.conftest import Acting, decide
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import found

Browser = Callable[[User | None], Client]
LIST = "/triage?wrote=since_decided"


@pytest.fixture
def decided(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Referral:
    """A form on which nothing more is to be done, as its sender knows."""
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.NO_FURTHER_ACTION)
        give_feedback(actor=actor, referral=found(actor, form), text="Thank you.")
    return form


def writes(cast: Cast, acting: Acting, form: Referral, text: str = "His name is Zorbo.") -> None:
    with acting(cast.officer) as actor:
        reply_to_hub(actor=actor, referral=db.session.get_one(Referral, form.id), text=text)


def last_of(rows: Session) -> UUID:
    """What the sender wrote last."""
    written = select(ReferralMessage.id).filter_by(from_hub=False).order_by(ReferralMessage.sent_at.desc())
    return rows.scalars(written).all()[0]


def owed(rows: Session) -> list[Deadline]:
    rows.rollback()
    return list(rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.SENDER_WROTE)))


def states(rows: Session) -> list[str]:
    return [one.state for one in owed(rows)]


def test_it_stands_on_the_list_and_is_a_duty_of_whoever_triaged_it_until_they_say_that_they_read_it(
    rows: Session, cast: Cast, decided: Referral, acting: Acting, client_for: Browser
) -> None:
    hub, name = client_for(cast.coordinator), decided.reference
    before = hub.soup("/triage")
    assert "written since" not in before.get_text(" ", strip=True)
    assert name not in hub.soup(LIST).get_text(" ", strip=True)
    for text in ("His name is Zorbo.", "He drives a van."):
        writes(cast, acting, decided, text)
    (duty,) = owed(rows)
    assert (duty.owner_id, duty.state) == (cast.coordinator.id, "open"), "once, however much is written"
    assert "The sender of 1 decided form has written since." in hub.soup("/triage").get_text(" ", strip=True)
    row = hub.soup(LIST).select_one("tr:has(.app-reference)")
    assert row is not None
    assert name in row.get_text()
    assert WROTE in row.get_text()
    assert "to read it" in row.get_text()
    work = hub.soup("/work").get_text(" ", strip=True)
    assert name in work
    assert "has written since this form was decided" in hub.soup(f"/triage/{name}").get_text(" ", strip=True)
    seen = fields_of(hub.soup(f"/triage/{name}"), f"/triage/{name}/read-again")
    assert hub.submit(f"/triage/{name}/read-again", seen).status_code == 303
    assert states(rows) == ["done"]
    assert name not in hub.soup(LIST).get_text(" ", strip=True)
    hub.submit(f"/triage/{name}/read-again")
    assert "It was read meanwhile" in hub.soup(f"/triage/{name}").get_text(" ", strip=True)
    writes(cast, acting, decided, "And a dog.")
    assert sorted(states(rows)) == ["done", "open"], "what is written later is another duty"


def test_only_the_hub_reads_the_list_and_ends_the_duty(
    rows: Session, cast: Cast, decided: Referral, acting: Acting, client_for: Browser
) -> None:
    writes(cast, acting, decided)
    for other in (cast.officer, cast.police_manager, cast.stranger):
        client = client_for(other)
        assert client.get(LIST).status_code == 403
        assert client.submit(f"/triage/{decided.reference}/read-again").status_code in {403, 404}
        assert decided.reference not in client.soup("/work").get_text(" ", strip=True)
    assert states(rows) == ["open"]


@pytest.mark.parametrize("how", ["answered", "reopened"])
def test_answering_or_reopening_ends_it(
    rows: Session, cast: Cast, decided: Referral, acting: Acting, how: str
) -> None:
    writes(cast, acting, decided)
    with acting(cast.second_coordinator) as actor:
        form = found(actor, decided)
        if how == "answered":
            send_message(
                actor=actor, referral=form, text="We look for him.", asks_reply=False, seen=last_of(rows)
            )
        else:
            reopen(actor=actor, referral=form, decisions=live_decisions(referral=form), reason="A name")
    assert states(rows) == ["done" if how == "answered" else "cancelled"]


@pytest.mark.parametrize("step", ["read-again", "messages"])
def test_what_came_after_the_page_was_opened_is_still_to_be_read(
    rows: Session, cast: Cast, decided: Referral, acting: Acting, client_for: Browser, step: str
) -> None:
    writes(cast, acting, decided)
    hub, page = client_for(cast.coordinator), f"/triage/{decided.reference}"
    typed = fields_of(hub.soup(page), f"{page}/{step}") | {"text": "We look for him."}
    writes(cast, acting, decided, "He has her now, in the van.")
    assert hub.submit(f"{page}/{step}", typed).status_code == 303
    assert states(rows) == ["open"]
    words = hub.soup(page).get_text(" ", strip=True)
    assert WROTE_MEANWHILE in words
    assert "He has her now, in the van." in words
    assert ("We look for him." in words) is (step == "messages"), "an answer is sent all the same"
    assert hub.submit(f"{page}/{step}", fields_of(hub.soup(page), f"{page}/{step}") | {"text": "We come."})
    assert states(rows) == ["done"]
    assert WROTE_MEANWHILE not in hub.soup(page).get_text(" ", strip=True)


def test_what_is_written_on_a_form_that_waits_is_no_duty_of_its_own(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    writes(cast, acting, form)
    assert states(rows) == []
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="meanwhile"):
        read_again(actor=actor, referral=found(actor, form), seen=None)


def without_role(rows: Session, cast: Cast) -> None:
    cast.coordinator.roles = ["practitioner"]
    rows.merge(cast.coordinator)


def nobody_had_it(rows: Session, _cast: Cast) -> None:
    for one in rows.scalars(select(Referral)):
        one.claimed_by = None


@pytest.mark.parametrize("then", [without_role, nobody_had_it])
def test_where_whoever_had_it_triages_no_more_the_hub_owes_it(
    rows: Session, cast: Cast, decided: Referral, acting: Acting, then: Callable[[Session, Cast], Any]
) -> None:
    then(rows, cast)
    rows.commit()
    writes(cast, acting, decided)
    (duty,) = owed(rows)
    assert (duty.owner_id, duty.owner_team_id) == (None, cast.hub_team.id)


@pytest.mark.parametrize(("colour", "hours"), [("red", 4), ("green", 24)])
def test_it_is_due_as_a_form_of_its_colour_is_triaged(
    rows: Session, cast: Cast, decided: Referral, acting: Acting, colour: str, hours: int
) -> None:
    rows.get_one(Referral, decided.id).colour = colour
    rows.commit()
    writes(cast, acting, decided)
    (duty,) = owed(rows)
    assert duty.source == f"clocks.triage_{colour}"
    assert (duty.due_at - clock.now() <= timedelta(hours=hours)) is (colour == "red")
    assert rows.get_one(Referral, decided.id).state == ReferralState.FED_BACK
    assert {one for one in heard(rows, cast, "form_sender_wrote") if "coordinator mail" in one}
