"""A record that is started from a form says how the child is reached, as words of whoever sent that."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildStatement
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.grading import Grading
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails, PersonDetails
from portal.records.triage import child_match
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome
from portal.web.filters import day
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import Acting, answers, decide, opening, words_for

Browser = Callable[[User | None], Client]
MERE = ChildDetails(
    given_name="Merewen",
    family_name="Quillfeather",
    age=14,
    address="7 Weir Row\nRipley",
    postcode="de5 3zz",
    phone="07700 900555",
    school="Highfern Lane School",
    carer="Aunt Wilmaris",
)
GRADED = Grading(
    source_grade="2", information_grade="C", handling_code="P", conditions="", text="They were seen"
)
ALL = ["1.address", "1.phone", "1.school", "1.carer"]


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form of the police officer's that says where and how the child is reached."""
    text = "Merewen got into a car."
    return make_sent_referral(rows, cast.officer, children=[MERE], answers=answers(text), source="Jo said so")


def stated(rows: Session) -> dict[str, tuple[str, str | None, str]]:
    rows.expire_all()
    return {one.kind: (one.value, one.postcode, one.sender) for one in rows.scalars(select(ChildStatement))}


def opens(acting: Acting, cast: Cast, form: Referral, **setting: Any) -> None:
    with acting(cast.coordinator) as actor:
        said: dict[str, Any] = {"opening": opening(cast), "words": words_for(form)}
        decide(actor, form, DecisionOutcome.OPEN_CASE, about=[1], **(said | setting))


def test_what_is_ticked_goes_over_as_the_senders_words_and_whoever_leads_the_case_reads_it(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: Browser
) -> None:
    hub, page = client_for(cast.coordinator), f"/triage/{form.reference}/children/1/new"
    offered = hub.soup(page).select("[name=takes]")
    assert [one["value"] for one in offered] == ALL
    assert not any(one.has_attr("checked") for one in offered), "nobody decided yet who may read it"
    assert hub.submit(page, {"takes": ALL[:3]}).status_code == 303
    sender = "Ola Officer, Police"
    assert stated(rows) == {
        "address": ("7 Weir Row\nRipley", "DE5 3ZZ", sender),
        "phone": ("07700 900555", None, sender),
        "school": ("Highfern Lane School", None, sender),
    }, "what is not ticked stays on the form"
    opens(acting, cast, form)
    case = rows.scalars(select(Case)).one()
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    child = f"/children/{rows.get_one(Child, case.child_id).reference}"
    source = f"{sender}, by an information form of {day(clock.today())}; added by Hub (Cora Coordinator)"
    for person in (cast.social_worker, cast.nurse):
        shown = client_for(person).soup(child).get_text(" ", strip=True)
        assert "07700 900555" in shown, person.name
        assert shown.count(" ".join(source.split())) == 3, person.name
        assert "Wilmaris" not in shown
        assert "Jo said so" not in shown, "the source stays apart"
    for person in (cast.stranger, cast.teacher):
        assert client_for(person).get(child).status_code == 404


def test_of_a_form_for_a_colleague_nothing_is_offered_before_it_is_decided_who_reads_it(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    rows.get_one(Referral, form.id).concerns_colleague = True
    rows.commit()
    page = f"/triage/{form.reference}/children/1/new"
    assert not client_for(cast.coordinator).soup(page).select("[name=takes]")
    assert client_for(cast.coordinator).submit(page, {"takes": ALL}).status_code == 303
    assert stated(rows) == {}


def test_so_it_does_where_the_decision_to_open_a_case_starts_the_record(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: Browser
) -> None:
    page = f"/triage/{form.reference}/decide"
    ticked = client_for(cast.coordinator).soup(page).select("[name=takes][checked]")
    assert [one["value"] for one in ticked] == ALL
    opens(acting, cast, form, takes=ALL)
    assert set(stated(rows)) == {"address", "phone", "school", "carer"}
    assert "takes" not in client_for(cast.coordinator).get(page).text, "the child has a record now"


@pytest.mark.parametrize("bound", [{"handling": Handling.OWN}, {"nature": InformationNature.INTELLIGENCE}])
def test_nothing_goes_over_of_intelligence_or_of_what_the_hub_alone_reads(
    rows: Session, cast: Cast, form: Referral, acting: Acting, bound: dict[str, Any]
) -> None:
    given = {"grading": GRADED} if "nature" in bound else {}
    opens(acting, cast, form, takes=ALL, **bound, **given)
    assert stated(rows) == {}


@pytest.mark.parametrize(
    "said",
    [
        {"carer": "Her friend Quentina told me in confidence"},
        {"address": "With Zephyrine Oakhanger"},
        {"carer": "Ngorro Vasylenk, her uncle"},
    ],
)
def test_what_names_the_source_another_child_or_what_is_intelligence_only_does_not_go_over(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser, said: dict[str, Any]
) -> None:
    one = ChildDetails(given_name="Merewen", family_name="Quillfeather", age=14, **said)
    other = ChildDetails(given_name="Zephyrine", family_name="Oakhanger", age=12)
    man = PersonDetails(given_name="Ngorro", family_name="Vasylenk")
    facts: dict[str, Any] = {
        "answers": answers("Seen"),
        "source": "Her friend Quentina told me in confidence",
    }
    form = make_sent_referral(rows, cast.officer, children=[one, other], others=[man], **facts)
    with acting(cast.coordinator) as actor:
        graded: dict[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": GRADED}
        decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, about=[3], **graded)
    page, hub = f"/triage/{form.reference}/children/1/new", client_for(cast.coordinator)
    (box,) = hub.soup(page).select("[name=takes]")
    refused = hub.submit(page, {"takes": box["value"]})
    assert refused.status_code == 422
    assert "Untick “" in refused.text
    assert not rows.scalars(select(Child)).all(), "nothing is written"
    assert hub.submit(page, {}).status_code == 303
    assert stated(rows) == {}


def test_of_a_form_about_a_colleague_nobody_is_named_and_what_an_alert_holds_back_is_held_back(
    rows: Session, cast: Cast, acting: Acting, monkeypatch: pytest.MonkeyPatch, client_for: Browser
) -> None:
    facts = answers("Merewen was seen", concerns_colleague=True)
    form = make_sent_referral(rows, cast.officer, children=[MERE], answers=facts, concerns_colleague=True)
    monkeypatch.setattr(child_match, "must_hold_back", lambda **of: of["kind"] == "phone")
    opens(acting, cast, form, takes=ALL[:2])
    held = {one.kind: one.do_not_disclose for one in rows.scalars(select(ChildStatement))}
    assert held == {"address": False, "phone": True}
    case = rows.scalars(select(Case)).one()
    shown = client_for(cast.social_worker).soup(f"/children/{rows.get_one(Child, case.child_id).reference}")
    text = " ".join(shown.get_text(" ", strip=True).split())
    assert "By an information form of" in text
    assert cast.officer.name not in text
    assert "900555" not in text, "the hub alone reads it"


@pytest.mark.parametrize("typed", ["somewhere in DE5", "DE5 3ZZ"])
def test_a_postcode_without_an_address_goes_over_as_it_was_written(
    rows: Session, cast: Cast, acting: Acting, typed: str
) -> None:
    one = ChildDetails(given_name="Merewen", family_name="Quillfeather", age=14, postcode=typed)
    form = make_sent_referral(rows, cast.officer, children=[one], answers=answers("Merewen was seen"))
    opens(acting, cast, form, takes=ALL)
    assert stated(rows)["address"][0] == typed


def test_what_does_not_fit_is_no_code(rows: Session, cast: Cast, form: Referral, acting: Acting) -> None:
    opens(acting, cast, form, takes=["2.address", "1.worker"])
    assert stated(rows) == {}
