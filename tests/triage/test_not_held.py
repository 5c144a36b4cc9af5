"""A case ends before a strategy discussion that a front door decided: who counted on it hears so."""

from collections.abc import Callable

import pytest
from sqlalchemy import cast as cast_as
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.deadlines.changes import finish_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.closing.ending import end_case
from portal.records.disclosures.model import Disclosure
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage import social_care
from portal.records.triage.model import SocialCareReferral
from portal.records.triage.presenter import discussions
from portal.vocabulary import DecisionOutcome, RiskLevel, Sensitivity
from tests.assessments.conftest import assessed
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import decided, ending, ends
from tests.factories.cases import grant
from tests.told import heard, page_words
from tests.triage.conftest import Acting, decide, words_for
from tests.triage.test_telling import ADD, recognised_with_case

Browser = Callable[[User | None], Client]
NOT_HELD = "The discussion was not held, and nobody owes it in the portal since"


@pytest.fixture
def case(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Case:
    """The case of the child on the form: the county’s front door decided that a discussion is held."""
    case = recognised_with_case(rows, cast, acting, form)
    refer = DecisionOutcome.SOCIAL_CARE_REFERRAL
    with acting(cast.coordinator) as actor:
        decide(
            actor, form, ADD, refer, about=[1], authority="derbyshire", words=words_for(form, "Needs help.")
        )
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    told = rows.scalars(select(Disclosure)).one()
    with acting(cast.social_care_manager) as actor:
        mine = db.session.get_one(Disclosure, told.id)
        social_care.answer(actor=actor, disclosure=mine, outcome="strategy_discussion", words="")
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    return case


def test_the_front_door_the_sender_and_the_hub_hear_that_it_was_not_held_and_read_so(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    told = rows.scalars(select(Disclosure)).one()
    pages = {
        cast.social_care_manager: f"/told/{told.reference}",
        cast.coordinator: f"/triage/{form.reference}",
        cast.officer: f"/sent/{form.reference}",
    }
    for person, page in pages.items():
        assert "he discussion was" not in client_for(person).soup(page).get_text(), page
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(Case, case.id)
        end_case(actor=actor, case=record, ending=ending(), version=record.version)
        page = page_words()
    for hidden in (form.reference, told.reference):
        assert hidden not in page
    hears = heard(rows, cast, "strategy_not_held")
    assert {"hub_team mail strategy_not_held", "officer mail feedback"} <= hears
    assert "social_care_team mail strategy_not_held_door" in hears
    of = select(OutboxMessage.kind, OutboxMessage.recipient_id).filter_by(event="strategy_not_held")
    assert cast.social_worker.id not in {who for _, who in rows.execute(of)}, "who ended it knows"
    for person, page in pages.items():
        shown = client_for(person).soup(page).get_text(" ", strip=True)
        assert NOT_HELD.lower() in shown.lower(), page
        if person is not cast.coordinator:
            assert case.reference not in shown, page
    assert client_for(cast.stranger).get(f"/told/{told.reference}").status_code == 404


def test_of_a_sealed_case_only_the_coordinator_named_on_it_hears_and_nobody_else_reads_it(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.second_coordinator):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    ends(acting, cast.social_worker, case)
    assert heard(rows, cast, "strategy_not_held") == {"second_coordinator mail strategy_not_held"}
    for person in (cast.social_care_manager, cast.coordinator, cast.nurse, cast.stranger):
        with acting(person):
            assert discussions(referral_id=form.id) == [], person.name


def test_one_that_was_held_is_said_to_be_and_nobody_is_told(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    with acting(cast.social_worker):
        finish_deadlines(subject=db.session.get_one(Case, case.id), kind=DeadlineKind.STRATEGY)
    ends(acting, cast.social_worker, case)
    assert heard(rows, cast, "strategy_not_held") == set()
    told = rows.scalars(select(Disclosure)).one()
    for person, page in (
        (cast.social_care_manager, f"/told/{told.reference}"),
        (cast.coordinator, f"/triage/{form.reference}"),
    ):
        assert "The discussion was held" in client_for(person).soup(page).get_text(), page


def test_whoever_does_not_read_the_case_tells_nobody_of_it(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    ends(acting, cast.social_worker, case)
    made = rows.scalars(select(SocialCareReferral)).one()
    before = rows.scalar(select(func.count()).select_from(OutboxMessage))
    said = {"case": str(case.id), "door": {}, "sender": {}}
    with acting(cast.stranger):
        db.session.execute(select(func.ctx.tell_strategy_not_held(cast_as(said, JSONB))))
        assert db.session.execute(select(func.ctx.strategies_of(made.referral_id))).all() == []
    rows.rollback()
    assert rows.scalar(select(func.count()).select_from(OutboxMessage)) == before
