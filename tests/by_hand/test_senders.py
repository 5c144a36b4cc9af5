"""What the hub says of a form whose sender has no account: that they were told once somebody recorded it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.by_hand.keeping import record_telling
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import Telling
from portal.records.by_hand.vocabulary import Way
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails, PlaceDetails
from portal.records.referrals.sending import send_referral
from portal.records.referrals.vocabulary import Channel
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.feedback import give_feedback, send_message, suggested_text
from portal.records.triage.reading.counts import counts
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, ReferralState
from tests.by_hand.steps import CALLER, Acting, acting, entered, now
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import make_draft, make_sent_referral
from tests.told import heard, page_words, to_tell
from tests.triage.conftest import answers, decide

__all__ = ["acting"]

ClientFor = Callable[[User], Client]
UNTOLD = "/triage?state=decided"
READY = "Decided, words for the sender ready, not told yet"
ADVICE = "Ask every guest for a passport."


def text(client: Client, address: str) -> str:
    return " ".join(client.soup(address).get_text(" ").split())


def answered(rows: Session, cast: Cast, acting: Acting) -> Referral:
    """A form of a caller on which the hub has written what it decided."""
    form = entered(rows, cast, state=ReferralState.DECIDED)
    with acting(cast.coordinator) as actor:
        give_feedback(actor=actor, referral=db.session.get_one(Referral, form.id), text=ADVICE)
    rows.rollback()
    return form


def telling(rows: Session) -> ToldByHand:
    rows.rollback()
    return rows.scalars(select(ToldByHand).filter_by(event="form_fed_back", dropped_at=None)).one()


def test_nobody_has_told_a_sender_without_account_until_somebody_records_that_they_did(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = answered(rows, cast, acting)
    hub, place = client_for(cast.second_coordinator), f"/triage/{form.reference}"
    page = text(hub, place)
    assert "Words for the sender written" in page
    assert READY in page
    assert "Sender told" not in page
    assert "was told by hand" not in page
    with acting(cast.coordinator) as actor:
        said = Telling(told_on=clock.today(), way=Way.PHONE, told_by="Quillon Rangthem")
        record_telling(actor=actor, told=now(telling(rows)), said=said, version=1)
    page = text(hub, place)
    assert "Decided, sender told by hand" in page
    assert f"{CALLER} was told by hand" in page
    assert "by phone, by Quillon Rangthem" in page
    assert client_for(cast.stranger).get(place).status_code == 403


def test_it_is_among_those_whose_sender_is_not_told_yet_until_then(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = answered(rows, cast, acting)
    told = answered_by_account(rows, cast, acting)
    hub = client_for(cast.second_coordinator)
    page = text(hub, UNTOLD)
    assert form.reference in page
    assert READY.lower() in page.lower()
    assert "to tell the sender" in page
    assert told.reference not in page, "whoever has an account was told"
    assert "Sender not told yet 1" in page
    rows.rollback()
    with acting(cast.coordinator) as actor:
        said = Telling(told_on=clock.today(), way=Way.PHONE, told_by="Quillon Rangthem")
        record_telling(actor=actor, told=now(telling(rows)), said=said, version=1)
        assert counts().feedback == 0
    assert form.reference not in text(hub, UNTOLD)


def answered_by_account(rows: Session, cast: Cast, acting: Acting) -> Referral:
    form = entered(rows, cast, state=ReferralState.DECIDED, name="", author=cast.officer)
    with acting(cast.coordinator) as actor:
        give_feedback(actor=actor, referral=db.session.get_one(Referral, form.id), text="Thank you")
    rows.rollback()
    return form


def test_the_duty_holds_the_words_to_be_said_for_whoever_may_read_them(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    answered(rows, cast, acting)
    place = f"/told-by-hand/{telling(rows).reference}"
    for step in (place, f"{place}/told"):
        assert ADVICE in text(client_for(cast.coordinator), step)
    for stranger in (cast.stranger, cast.officer):
        assert client_for(stranger).get(place).status_code == 404


def test_what_the_hub_asks_a_sender_without_account_stands_on_the_duty_too(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = entered(rows, cast)
    for words in ("Which door was it?", "Which colour was it?"):
        with acting(cast.coordinator) as actor:
            found = find_referral(actor=actor, reference=form.reference)
            send_message(actor=actor, referral=found, text=words, asks_reply=False)
    rows.rollback()
    pages = [
        text(client_for(cast.coordinator), f"/told-by-hand/{one.reference}")
        for one in rows.scalars(select(ToldByHand).order_by(ToldByHand.created_at))
    ]
    assert ["door" in one for one in pages] == [True, False]
    assert ["colour" in one for one in pages] == [False, True]


def test_one_call_says_that_the_form_arrived_and_what_became_of_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    draft = make_draft(rows, cast.coordinator)
    said = answers(channel=Channel.PHONE, sender_name=CALLER, sender_contact="01632 960333")
    with acting(cast.coordinator) as actor:
        send_referral(actor=actor, reference=draft.reference, answers=said, details=[], version=draft.version)
    rows.rollback()
    form = rows.scalars(select(Referral)).one()
    with acting(cast.second_coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADVICE)
        referral = find_referral(actor=actor, reference=form.reference)
        give_feedback(actor=actor, referral=referral, text=ADVICE)
    assert to_tell(rows, "form_arrived") == {(CALLER, cast.coordinator.id, "superseded")}
    assert to_tell(rows, "form_fed_back") == {(CALLER, cast.second_coordinator.id, "open")}


def test_words_of_a_decision_that_is_taken_back_are_not_to_be_said_any_more(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = entered(rows, cast)
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADVICE)
        referral = find_referral(actor=actor, reference=form.reference)
        give_feedback(actor=actor, referral=referral, text=ADVICE)
    old = telling(rows).reference
    with acting(cast.second_coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference, hold=True)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    assert to_tell(rows, "form_fed_back") == {(CALLER, cast.coordinator.id, "cancelled")}
    page = text(client_for(cast.coordinator), f"/told-by-hand/{old}")
    assert "No longer to be told: the hub took its decision back" in page


def fed_back(acting: Acting, cast: Cast, form: Referral) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADVICE)
        referral = find_referral(actor=actor, reference=form.reference)
        give_feedback(actor=actor, referral=referral, text=ADVICE)


def taken_back(acting: Acting, cast: Cast, form: Referral) -> str:
    with acting(cast.second_coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference, hold=True)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
        return page_words()


def says_so(rows: Session, acting: Acting, person: User, event: str) -> None:
    rows.rollback()
    owed = select(ToldByHand.id).filter_by(event=event, told_on=None, dropped_at=None)
    with acting(person) as actor:
        told = db.session.get_one(ToldByHand, rows.scalars(owed).one())
        said = Telling(told_on=clock.today(), way=Way.PHONE, told_by="Quillon Rangthem")
        record_telling(actor=actor, told=told, said=said, version=told.version)


def test_a_sender_who_was_told_by_hand_is_owed_that_the_decision_was_taken_back(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = entered(rows, cast)
    fed_back(acting, cast, form)
    says_so(rows, acting, cast.coordinator, "form_fed_back")
    assert CALLER in taken_back(acting, cast, form), "the page says whom to tell"
    owed = {(CALLER, cast.second_coordinator.id, "open")}
    assert to_tell(rows, "form_reopened") == owed
    assert heard(rows, cast, "form_reopened") == set(), "whoever typed it in is not its sender"
    to_say = select(ToldByHand.reference).filter_by(event="form_reopened")
    place = f"/told-by-hand/{rows.scalars(to_say).one()}"
    assert "A decision on a form was taken back" in text(client_for(cast.second_coordinator), place)
    for stranger in (cast.stranger, cast.officer):
        assert client_for(stranger).get(place).status_code == 404
    fed_back(acting, cast, form)
    assert {state for *_, state in to_tell(rows, "form_reopened")} == {"superseded"}, "one call says both"


@pytest.mark.parametrize("knows", [True, False])
def test_they_are_owed_it_as_long_as_the_last_that_they_heard_is_the_decision(
    rows: Session, cast: Cast, acting: Acting, *, knows: bool
) -> None:
    form = entered(rows, cast)
    fed_back(acting, cast, form)
    says_so(rows, acting, cast.coordinator, "form_fed_back")
    taken_back(acting, cast, form)
    if knows:
        says_so(rows, acting, cast.second_coordinator, "form_reopened")
    fed_back(acting, cast, form)
    taken_back(acting, cast, form)
    states = sorted(state for *_, state in to_tell(rows, "form_reopened"))
    assert states == (["done"] if knows else ["open", "superseded"])


@pytest.mark.parametrize("with_child", [True, False])
def test_advice_to_a_business_does_not_speak_of_supporting_a_child(
    rows: Session, cast: Cast, acting: Acting, with_child: bool
) -> None:
    child = [ChildDetails(given_name="Ada", family_name="Fictional", age=14)] if with_child else []
    place = [PlaceDetails(name="Example Inn", district="high_peak")]
    forms = {
        "hotel": make_sent_referral(
            rows, cast.coordinator, children=child, others=place, sender_name=CALLER, sender_contact="01632"
        ),
        "nurse": make_sent_referral(rows, cast.nurse, children=child, others=place),
        "officer": make_sent_referral(rows, cast.officer, children=child, others=place),
    }
    with acting(cast.coordinator) as actor:
        found = {
            who: suggested_text(
                referral=find_referral(actor=actor, reference=form.reference),
                outcomes=[DecisionOutcome.ADVICE],
            )
            for who, form in forms.items()
        }
    speaks = {who for who, words in found.items() if "go on supporting the child" in words}
    assert speaks == ({"nurse"} if with_child else set())
    assert all("advice" in words for words in found.values())
