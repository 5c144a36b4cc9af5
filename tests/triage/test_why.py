"""Why a case is opened stands on it for everybody: it is looked through as the words for it are."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.changes.errors import DomainError
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails, PersonDetails, VehicleDetails
from portal.records.referrals.third_party_check import NamesOthers
from portal.records.triage.decision_rules import NamesIntelligence
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import ADA, SOURCE, Acting, answers, decide, opening, words_for
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import ADD, GRADED, recognised_with_case

Browser = Callable[[User | None], Client]
OPEN, KEEP = DecisionOutcome.OPEN_CASE, DecisionOutcome.INTELLIGENCE_ONLY
KESTUTIS = ChildDetails(given_name="Kęstutis", family_name="Quarrel", age=15, phone="07700 900877")


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form on two children, a person with a nickname and a phone, and a vehicle."""
    man = PersonDetails(
        given_name="Zorblin", family_name="Fenwick", other_names="Drago", phone="07700 900301"
    )
    return make_sent_referral(
        rows,
        cast.officer,
        children=[ADA, KESTUTIS],
        others=[man, VehicleDetails(registration="QX26 ZZY")],
        answers=answers(),
        source=SOURCE,
    )


@pytest.mark.parametrize("why", ["Kestutis and Ada together", "They share 07700900877"])
def test_why_a_case_is_opened_names_no_other_child_unless_somebody_says_that_it_was_read(
    rows: Session, cast: Cast, acting: Acting, form: Referral, why: str
) -> None:
    said: dict[str, Any] = {"about": [1], "reason": why}
    with acting(cast.coordinator) as actor, pytest.raises(NamesOthers) as refused:
        decide(actor, form, OPEN, opening=opening(cast), words=words_for(form), **said)
    assert refused.value.field == "reason"
    rows.rollback()
    assert not rows.scalars(select(Case)).all()
    with acting(cast.coordinator) as actor:
        decide(actor, form, OPEN, opening=opening(cast), words=words_for(form), read=True, **said)


def test_why_a_case_is_opened_names_no_source(cast: Cast, acting: Acting, form: Referral) -> None:
    said: dict[str, Any] = {"about": [1], "reason": SOURCE, "read": True}
    with acting(cast.coordinator) as actor, pytest.raises(DomainError) as refused:
        decide(actor, form, OPEN, opening=opening(cast), words=words_for(form), **said)
    assert refused.value.field == "reason"


def test_why_words_go_onto_a_case_that_is_open_stays_with_the_hub_and_may_name_them(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: Browser
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, about=[1], words=words_for(form), reason="Ada was with Kestutis")
    shown = client_for(cast.nurse).get(f"/cases/{case.reference}/print").text
    assert "car at Example Park" in shown
    assert "Kestutis" not in shown


def test_the_page_says_who_reads_it_and_asks_below_it(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    address, hub = f"/triage/{form.reference}/decide", client_for(cast.coordinator)
    page = hub.soup(address)
    assert "everybody who ever works on it reads this" in page.get_text(" ", strip=True)
    fields = fields_of(page, address) | {"about": ["1"], "outcomes": [OPEN.value], "reason": "With Kestutis"}
    fields |= {"lead_team": str(cast.social_care_team.id)}
    again = hub.submit(address, fields)
    assert again.status_code == 422
    assert "“Kestutis”" in again.text
    assert 0 < again.text.index('name="reason"') < again.text.index('name="read"')
    assert hub.submit(address, fields | {"read": "y"}).status_code == 303


@pytest.mark.parametrize(
    ("words", "by"),
    [
        ("Drago gives her parcels.", "Zorblin Fenwick (“Drago”)"),
        ("Zorblin gives her parcels.", "Zorblin Fenwick (“Zorblin”)"),
        ("She rings 07700900301.", "Zorblin Fenwick (“07700900301”)"),
        ("She gets into qx26zzy.", "QX26 ZZY"),
    ],
)
def test_what_is_intelligence_only_is_found_by_nickname_phone_and_plate(
    rows: Session, cast: Cast, acting: Acting, form: Referral, words: str, by: str
) -> None:
    recognised_with_case(rows, cast, acting, form)
    kept: dict[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": GRADED}
    with acting(cast.coordinator) as actor:
        decide(actor, form, KEEP, about=[3, 4], **kept)
    with acting(cast.coordinator) as actor, pytest.raises(NamesIntelligence) as refused:
        decide(actor, form, ADD, about=[1], words=words_for(form, words))
    assert (refused.value.words, refused.value.field) == ((by,), "words_1")
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, about=[1], words=words_for(form, words), read=True)


def test_a_name_that_the_child_bears_too_and_a_part_of_a_word_are_not_refused(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    uncle = PersonDetails(given_name="Zorblin", family_name="Fictional", other_names="Dan")
    form = make_sent_referral(rows, cast.officer, children=[ADA], others=[uncle], answers=answers())
    recognised_with_case(rows, cast, acting, form)
    kept: dict[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": GRADED}
    with acting(cast.coordinator) as actor:
        decide(actor, form, KEEP, about=[2], **kept)
        decide(actor, form, ADD, about=[1], words=words_for(form, "Ada Fictional is in danger now."))
