"""A front door reads what the form says to find the child by, but for what must not be disclosed."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.disclosures.model import Disclosure, DisclosureText
from portal.records.intelligence.grading import Grading, may_name_source
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import PersonDetails
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert
from tests.factories.referrals import make_sent_referral
from tests.intelligence.test_typed_again import bind
from tests.triage.conftest import ADA, Acting, answers, decide, words_for
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import recognised_with_case

Browser = Callable[[User | None], Client]
GRADED: Mapping[str, Any] = {
    "nature": InformationNature.INTELLIGENCE,
    "grading": Grading(source_grade="2", information_grade="C", handling_code="P", text="She was seen"),
}
HELD_WORDS = "which a man from the harbour pays for every Friday"
REFER = DecisionOutcome.SOCIAL_CARE_REFERRAL
PLOVER = {
    "given_name": "Ada",
    "family_name": "Fictional",
    "gender": "girl",
    "address": "9 Plover Rise",
    "postcode": "DE1 0AA",
    "school": "Thistle Hill",
}


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    return make_sent_referral(rows, cast.officer, children=[PLOVER])


@pytest.fixture
def case(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Case:
    return recognised_with_case(rows, cast, acting, form)


def refers(cast: Cast, form: Referral, acting: Acting, authority: str = "derbyshire") -> None:
    with acting(cast.coordinator) as actor:
        words = words_for(form, "Needs help.")
        decide(actor, form, REFER, about=[1], authority=authority, words=words)


def test_the_front_door_reads_where_the_child_is_found_and_nobody_else_does(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    refers(cast, form, acting)
    told = rows.scalars(select(Disclosure.reference)).one()
    shown = client_for(cast.social_worker).soup(f"/told/{told}").get_text(" ", strip=True)
    for words in (
        "Gender: Girl or woman",
        "Address: 9 Plover Rise, DE1 0AA",
        "School, college or work: Thistle Hill",
    ):
        assert words in shown, words
    assert cast.officer.name not in shown
    for other in (cast.nurse, cast.stranger):
        assert client_for(other).get(f"/told/{told}").status_code == 404


def test_what_an_alert_says_not_to_disclose_is_not_passed_on_and_that_it_is_left_out_is_said(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    alert = add_alert(rows, case, cast.social_worker)
    alert.kind, alert.holds_back = "do_not_disclose_address", ["address", "phone", "school"]
    rows.commit()
    refers(cast, form, acting)
    told = rows.scalars(select(Disclosure.reference)).one()
    shown = client_for(cast.social_worker).soup(f"/told/{told}").get_text(" ", strip=True)
    assert "Plover" not in shown
    assert "Address: on the form, and not passed on here. Ask the hub" in shown


def test_what_is_printed_for_a_front_door_that_is_not_on_the_portal_says_it_too(
    cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    refers(cast, form, acting, "derby")
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}")
    address = next(str(one["href"]) for one in page.select("a") if "Print it" in one.text)
    assert "9 Plover Rise, DE1 0AA" in client_for(cast.coordinator).soup(address).get_text()


@pytest.mark.parametrize(
    "phone",
    [
        "07700 900123, of Quentina who told me in confidence",
        "07700 900123, of the neighbour Quentina",
        "07700 900123, of Zephyrine Oakhanger",
        "07700 900123, of Ngorro Vasylenk",
        "07700 900123, " + HELD_WORDS,
    ],
    ids=["source", "name of the source", "other child", "intelligence", "restricted"],
)
def test_what_says_something_of_the_source_or_of_others_is_left_out_and_whoever_refers_reads_that(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser, phone: str
) -> None:
    form = make_sent_referral(
        rows,
        cast.officer,
        children=[PLOVER | {"phone": phone}, {"given_name": "Zephyrine", "family_name": "Oakhanger"}],
        others=[PersonDetails(given_name="Ngorro", family_name="Vasylenk")],
        source="Quentina who told me in confidence",
    )
    case = recognised_with_case(rows, cast, acting, form)
    bind(rows, case, cast.officer, HELD_WORDS)
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, about=[3], **GRADED)
    page, hub = f"/triage/{form.reference}/decide", client_for(cast.coordinator)
    sent = fields_of(hub.soup(page), page) | {"about": "1", "words_1": "Needs help."}
    sent |= {"outcomes": REFER.value, "reason": "At risk", "authority": "derbyshire"}
    done = hub.submit(page, sent, follow_redirects=True).get_data(as_text=True)
    assert "Not passed on to social care, of Ada Fictional: phone number. Ring them about it" in done
    told = rows.scalars(select(DisclosureText.text)).one()
    assert "900123" not in told
    assert "Phone number: on the form, and not passed on here. Ask the hub" in told
    assert "Address: 9 Plover Rise, DE1 0AA" in told


def test_of_what_is_graded_nothing_is_passed_on_but_that_it_is_there(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        words = words_for(form, "Needs help.")
        decide(actor, form, REFER, about=[1], authority="derbyshire", words=words, **GRADED)
    told = rows.scalars(select(DisclosureText.text)).one()
    for left_out in ("Plover", "Thistle", "Girl"):
        assert left_out not in told
    assert "Address: on the form, and not passed on here. Ask the hub" in told


def test_the_deciding_page_says_that_a_referral_passes_on_what_is_not_ticked(
    cast: Cast, form: Referral, client_for: Browser
) -> None:
    shown = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide").get_text(" ", strip=True)
    assert "stays on the form, but for what a referral to social care passes on" in shown
    assert "they read gender, address, school and phone as the form has them, ticked or not" in shown


@pytest.mark.parametrize(
    ("source", "said", "names"),
    [
        ("Özlem who told me", "with Özlem, 4 Mill Row", True),
        ("Her aunt Łucja, by phone", "c/o łucja", True),
        ("A teacher at The Meadows School in Derby", "4 Meadows Rise, Derby", True),
        ("A teacher in Derby", "12 The Lane, Derby, near the school", False),
        ("The caretaker of the school", "12 The Lane", False),
    ],
)
def test_a_name_in_the_source_box_is_found_in_any_script_and_a_town_is_none(
    rows: Session, cast: Cast, acting: Acting, source: str, said: str, names: bool
) -> None:
    form = make_sent_referral(rows, cast.officer, children=[ADA], answers=answers("Seen"), source=source)
    with acting(cast.coordinator):
        assert may_name_source(said, db.session.get_one(Referral, form.id)) is names
