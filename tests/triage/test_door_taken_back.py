"""The hub withdraws a referral to a front door: who counted on what was decided there hears and reads so."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.disclosures.facts import front_door_has
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.vocabulary import Channel
from portal.records.triage import social_care
from portal.records.triage.feedback import withdraw_told
from portal.records.triage.model import SocialCareReferral
from portal.vocabulary import DecisionOutcome
from tests.cast import Cast
from tests.client import Client
from tests.told import heard, to_tell
from tests.triage.conftest import Acting, decide, words_for
from tests.triage.test_telling import ADD, recognised_with_case

Browser = Callable[[User | None], Client]
REFER = DecisionOutcome.SOCIAL_CARE_REFERRAL


@pytest.fixture
def case(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Case:
    """The case of the child on the form, whom the county’s front door was referred."""
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(
            actor, form, ADD, REFER, about=[1], authority="derbyshire", words=words_for(form, "Needs help.")
        )
    return case


def withdraws(rows: Session, cast: Cast, acting: Acting) -> Disclosure:
    """The hub takes back what it told the front door."""
    told = rows.scalars(select(Disclosure)).one()
    with acting(cast.coordinator) as actor:
        mine = db.session.get_one(Disclosure, told.id)
        withdraw_told(actor=actor, disclosure=mine, reason="It is Posy who is meant")
    return told


def test_a_decided_referral_that_is_withdrawn_is_told_and_shown_to_whoever_counted_on_it(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    told = rows.scalars(select(Disclosure)).one()
    with acting(cast.social_care_manager) as actor:
        mine = db.session.get_one(Disclosure, told.id)
        social_care.answer(actor=actor, disclosure=mine, outcome="assessment", words="We visit at noon.")
    page = f"/triage/{form.reference}/told/{told.reference}/withdraw"
    warns = client_for(cast.coordinator).soup(page).get_text(" ", strip=True)
    assert "has decided: Assess the child’s needs. It was decided" in warns
    withdraws(rows, cast, acting)
    assert heard(rows, cast, "social_care_taken_back") == {
        "officer mail feedback_taken_back",
        "social_worker mail social_care_taken_back",
    }
    assert "took this referral back" in client_for(cast.officer).get(f"/sent/{form.reference}").text
    hub = client_for(cast.coordinator).soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert "the hub took it back," in hub
    assert "Decided: Assess the child’s needs" in hub
    on_case = client_for(cast.nurse).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert "The hub took this referral back on" in on_case
    of_door = select(OutboxMessage).filter_by(
        event="social_care_referred", recipient_id=cast.social_care_manager.id
    )
    message = rows.scalars(of_door).one()
    shown = client_for(cast.social_care_manager).soup(f"/go/{message.id}").get_text(" ", strip=True)
    for decided in ("Assess the child’s needs", "We visit at noon."):
        assert decided in shown, decided
    assert "Needs help" not in shown
    for other in (cast.stranger, cast.nurse):
        assert client_for(other).get(f"/go/{message.id}").status_code == 404
    urgent = select(OutboxMessage.urgent).filter_by(event="disclosure_withdrawn")
    assert any(rows.scalars(urgent)), "they were told at any hour"


def test_one_that_nobody_decided_goes_back_and_nobody_has_to_ring_or_decide_any_more(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    page = client_for(cast.coordinator).soup(
        f"/triage/{form.reference}/told/{rows.scalars(select(Disclosure.reference)).one()}/withdraw"
    )
    assert "has decided" not in page.get_text()
    withdraws(rows, cast, acting)
    assert heard(rows, cast, "social_care_taken_back") == set()
    assert rows.scalars(select(SocialCareReferral.withdrawn_at)).one() is not None
    kinds = (DeadlineKind.SOCIAL_CARE, DeadlineKind.SOCIAL_CARE_DECISION)
    of_it = select(Deadline.state).where(Deadline.kind.in_(kinds))
    assert set(rows.scalars(of_it)) == {"cancelled"}


def test_a_sender_without_account_is_owed_it_and_nothing_is_said_where_another_team_has_it_still(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    held = rows.get_one(Referral, form.id)
    held.channel, held.sender_name, held.sender_contact = Channel.PHONE, "Ruth who rang", "01632 960111"
    rows.commit()
    told = rows.scalars(select(Disclosure)).one()
    with acting(cast.social_care_manager) as actor:
        mine = db.session.get_one(Disclosure, told.id)
        social_care.answer(actor=actor, disclosure=mine, outcome="assessment", words="We visit at noon.")
        made = db.session.get_one(SocialCareReferral, mine.social_care_referral_id)
        assert not front_door_has(referral_id=made.id, but=mine.id)
        assert front_door_has(referral_id=made.id)
    withdraws(rows, cast, acting)
    assert "officer mail feedback_taken_back" not in heard(rows, cast, "social_care_taken_back")
    owed = to_tell(rows, "social_care_taken_back")
    assert owed == {("Ruth who rang", cast.coordinator.id, "open")}
