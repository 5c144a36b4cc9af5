"""Words for a case name the persons, places and things that are decided with the child, and no others."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import PersonDetails, PhoneDetails
from portal.records.triage.decision_rules import NamesIntelligence
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import ASK_BEFORE_USE, ASK_FIRST
from portal.vocabulary import DecisionOutcome
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.told import heard
from tests.triage.conftest import ADA, Acting, answers, decide
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import ADD, GRADED, found, recognised_with_case

Browser = Callable[[User | None], Client]
MAN, PHONE = "Person of concern: Zorblin Quentrell", "Phone number: 07700 900301, used by A man"


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form on a child, a person and a phone."""
    others = [
        PersonDetails(given_name="Zorblin", family_name="Quentrell"),
        PhoneDetails(number="07700 900301", used_by="A man"),
    ]
    return make_sent_referral(rows, cast.officer, children=[ADA], others=others, answers=answers())


def entries_on(rows: Session, case: Case) -> list[str]:
    rows.rollback()
    wanted = select(ChronologyEntry.text).filter_by(case_id=case.id).order_by(ChronologyEntry.id)
    return list(rows.scalars(wanted))


def test_the_words_begin_with_what_is_ticked_and_not_with_what_is_decided_already(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: Browser
) -> None:
    address = f"/triage/{form.reference}/decide"
    hub = client_for(cast.coordinator)

    def starts(about: str = "") -> str:
        return str(fields_of(hub.soup(f"{address}{about}"), address)["words_1"])

    assert MAN in starts()
    assert PHONE in starts()
    assert MAN not in starts("?about=1")
    assert PHONE not in starts("?about=1")
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, about=[3], case_reference=case.reference)
    assert MAN in starts()
    assert PHONE not in starts()
    page = hub.soup(address).select_one("#not-ticked")
    assert page is not None
    assert PHONE in page.get_text()


def test_what_is_unticked_goes_out_of_the_words_for_the_child(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: Browser
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    address, hub = f"/triage/{form.reference}/decide", client_for(cast.coordinator)
    page = hub.soup(address)
    assert "What you do not tick is not for the case" in page.get_text()
    fields = fields_of(page, address) | {"about": ["1", "3"], "outcomes": [ADD.value], "reason": "New"}
    assert MAN in fields["words_1"]
    assert hub.submit(address, fields).status_code == 303
    (text,) = entries_on(rows, case)
    assert text == f"{answers().what_happened}\n\n{PHONE}"


def test_a_decision_on_a_thing_that_is_taken_back_is_marked_in_the_words_for_the_child_too(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: Browser
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    child = rows.scalars(select(ReferralSubject).filter_by(referral_id=form.id, position=1)).one().id
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, about=[3], case_reference=case.reference)
        decide(actor, form, ADD, about=[1, 2], words={child: f"Seen with a man.\n{MAN}\nRing 07700900301."})

    def takes_back(position: int) -> None:
        with acting(cast.coordinator) as actor:
            referral = found(actor, form)
            on = rows.scalars(select(ReferralSubject.id).filter_by(referral_id=form.id, position=position))
            (wanted,) = on.all()
            wrong = [one for one in live_decisions(referral=referral) if one.subject_id == wanted]
            reopen(actor=actor, referral=referral, decisions=wrong, reason="Of somebody else")

    assert "name the same person" in client_for(cast.coordinator).get(f"/triage/{form.reference}/reopen").text
    takes_back(3)
    page = f"/cases/{case.reference}/print"
    said = client_for(cast.nurse).soup(page).get_text(" ", strip=True)
    assert "07700 900301, named here, back on" in said
    assert ASK_BEFORE_USE in said
    assert sum(ASK_FIRST in one for one in entries_on(rows, case)) == 1, "its own words, as before"
    assert "Zorblin Quentrell, named here" not in said
    takes_back(2)
    said = client_for(cast.nurse).soup(page).get_text(" ", strip=True)
    assert "decision on Zorblin Quentrell, named here, back on" in said, "it has no words of its own"
    assert "07700 900301, named here, back on" in said
    assert client_for(cast.stranger).get(page).status_code == 404
    assert client_for(cast.teacher).get(page).status_code == 404


@pytest.mark.parametrize("outcome", [ADD, DecisionOutcome.SOCIAL_CARE_REFERRAL])
def test_what_is_kept_as_intelligence_only_is_not_named_ungraded_without_somebody_saying_so(
    rows: Session, cast: Cast, acting: Acting, form: Referral, outcome: DecisionOutcome
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    child = rows.scalars(select(ReferralSubject).filter_by(referral_id=form.id, position=1)).one().id
    kept: dict[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": GRADED}
    said: dict[str, Any] = {"about": [1], "authority": "derbyshire"}
    said |= {"words": {child: "She was seen with ZORBLIN  Quentrell and rings 07700 900301."}}
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, about=[2], **kept)
    with acting(cast.coordinator) as actor, pytest.raises(NamesIntelligence) as refused:
        decide(actor, form, outcome, **said)
    assert (refused.value.words, refused.value.field) == (("Zorblin Quentrell",), "words_1")
    assert not entries_on(rows, case)
    with acting(cast.coordinator) as actor:
        decide(actor, form, outcome, **said, read=True)


def test_the_page_asks_about_it_with_a_tick(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: Browser
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    kept: dict[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": GRADED}
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, about=[2], **kept)
    address, hub = f"/triage/{form.reference}/decide", client_for(cast.coordinator)
    fields = fields_of(hub.soup(address), address) | {
        "about": ["1"],
        "outcomes": [ADD.value],
        "reason": "New",
    }
    assert MAN not in fields["words_1"]
    refused = hub.submit(address, fields | {"words_1": f"Seen.\n{MAN}, at her school"})
    assert refused.status_code == 422
    assert "Take out what is intelligence only: Zorblin Quentrell" in refused.text
    assert hub.page_of(refused).select_one("input[name=read]")
    assert not entries_on(rows, case)


def test_whoever_works_on_a_case_whose_words_name_what_a_red_form_put_on_another_hears_that_it_was_taken_back(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    recognised_with_case(rows, cast, acting, form)
    another = make_case(rows, make_child(rows), lead=cast.council, opened_by=cast.coordinator)
    child = rows.scalars(select(ReferralSubject).filter_by(referral_id=form.id, position=1)).one().id
    form.colour = "red"
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, about=[3], case_reference=another.reference)
        decide(actor, form, ADD, about=[1, 2], words={child: f"Seen with a man.\n{MAN}\nRing 07700900301."})
        referral = found(actor, form)
        thing = rows.scalars(select(ReferralSubject.id).filter_by(referral_id=form.id, position=3)).one()
        wrong = [one for one in live_decisions(referral=referral) if one.subject_id == thing]
        reopen(actor=actor, referral=referral, decisions=wrong, reason="Of somebody else")
    told = heard(rows, cast, "entry_corrected_now")
    assert {"social_worker mail entry_corrected_now", "nurse mail entry_corrected_now"} <= told
