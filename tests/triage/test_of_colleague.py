"""A form that concerns a colleague of the sender: on the case the sender's agency does not read it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral
from portal.records.referrals.vocabulary import Channel
from portal.records.triage.decision_rules import Opening
from portal.records.triage.decisions import live_decisions, reopen
from portal.vocabulary import DecisionOutcome, Sensitivity, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve
from tests.factories.referrals import make_sent_referral
from tests.told import heard
from tests.triage.conftest import ADA, Acting, answers, decide, words_for
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import ADD, found, recognised_with_case

Browser = Callable[[User | None], Client]
WORDS = "A member of our staff drives her home alone."


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form of the police officer's that concerns a colleague."""
    said = answers(WORDS, concerns_colleague=True)
    return make_sent_referral(rows, cast.officer, children=[ADA], answers=said, concerns_colleague=True)


@pytest.fixture
def case(rows: Session, cast: Cast, acting: Acting, form: Referral) -> Case:
    """The child's case, on which the sender's agency works too."""
    made = recognised_with_case(rows, cast, acting, form)
    involve(rows, made, cast.police_team, by=cast.coordinator, worker=cast.colleague)
    rows.commit()
    return made


def entry_on(rows: Session, case: Case) -> ChronologyEntry:
    rows.rollback()
    return rows.scalars(select(ChronologyEntry).filter_by(case_id=case.id)).one()


def test_the_page_says_so_and_keeps_the_words_from_the_senders_agency_at_first(
    rows: Session, cast: Cast, case: Case, form: Referral, client_for: Browser
) -> None:
    address, hub = f"/triage/{form.reference}/decide", client_for(cast.coordinator)
    page = hub.soup(address)
    said = page.get_text(" ", strip=True)
    assert f"{cast.police.name} works on {case.reference}, and reads there" in said
    assert f"but nobody of {cast.police.name}" in said
    fields = fields_of(page, address) | {"outcomes": [ADD.value], "reason": "It is known there"}
    assert fields["handling"] == Handling.AGENCIES.value
    assert hub.submit(address, fields).status_code == 303
    entry = entry_on(rows, case)
    assert entry.handling == Handling.AGENCIES
    assert set(entry.listed_agencies) == {cast.social_care.id, cast.health.id}
    shown = f"/cases/{case.reference}/print"
    for reader in (cast.coordinator, cast.social_worker, cast.nurse):
        assert WORDS in client_for(reader).get(shown).text, reader.name
    for other in (cast.colleague, cast.police_manager):
        text = client_for(other).get(shown).text
        assert case.reference in text
        assert WORDS not in text, other.name
    for outside in (cast.stranger, cast.teacher):
        assert client_for(outside).get(shown).status_code == 404


@pytest.mark.parametrize("name", ["Tess who rang", ""])
def test_where_nobody_knows_which_agency_the_sender_is_of_the_hub_alone_reads_it_at_first(
    rows: Session, cast: Cast, case: Case, form: Referral, acting: Acting, client_for: Browser, name: str
) -> None:
    """It came by phone, and the hub typed it."""
    held = rows.get_one(Referral, form.id)
    held.channel, held.sender_name, held.sender_agency_id = Channel.PHONE, name, None
    held.author_id, held.author_agency_id = cast.second_coordinator.id, cast.hub.id
    rows.commit()
    address = f"/triage/{form.reference}/decide"
    page = client_for(cast.coordinator).soup(address)
    assert fields_of(page, address)["handling"] == Handling.OWN.value
    assert "but nobody of" not in page.get_text(" ", strip=True)
    assert "If the sender’s agency works on the case" in page.get_text(" ", strip=True)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form, WORDS), handling=Handling.AGENCIES)
    assert entry_on(rows, case).handling == Handling.OWN


def test_another_form_begins_with_everyone_working_on_the_case(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    other = make_sent_referral(rows, cast.officer, children=[ADA], answers=answers())
    address = f"/triage/{other.reference}/decide"
    page = client_for(cast.coordinator).soup(address)
    assert "concerns a colleague" not in page.get_text(" ", strip=True)
    assert fields_of(page, address)["handling"] == Handling.NETWORK.value


def test_nobody_of_the_senders_agency_hears_that_it_is_on_the_case_or_was_taken_back(
    rows: Session, cast: Cast, acting: Acting, case: Case, form: Referral
) -> None:
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form, WORDS), handling=Handling.AGENCIES)
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Another")
    for event in ("red_form_on_case", "red_form_reopened_on_case"):
        told = heard(rows, cast, event)
        assert any(one.startswith("nurse mail") for one in told), event
        assert any(one.startswith("social_worker mail") for one in told), event
        assert not any(one.startswith(("colleague", "police", "officer")) for one in told), told


def test_where_the_senders_agency_alone_works_on_the_case_the_hub_alone_reads_it(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    with acting(cast.coordinator) as actor:
        leads = Opening(
            lead_team=db.session.get_one(Team, cast.police_team.id), sensitivity=Sensitivity.NORMAL
        )
        made = decide(
            actor,
            form,
            DecisionOutcome.OPEN_CASE,
            opening=leads,
            words=words_for(form, WORDS),
            handling=Handling.AGENCIES,
        )
        (case,) = made.effects.cases.values()
        case_id = case.id
    entry = rows.scalars(select(ChronologyEntry).filter_by(case_id=case_id)).one()
    assert entry.handling == Handling.OWN
    assert entry.agency_id == cast.hub.id
