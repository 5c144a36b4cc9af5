"""A case says that its child was referred to social care, what came of that, and when a discussion is due."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.disclosures.model import Disclosure
from portal.records.entries.reading import case_page
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage import social_care
from portal.records.triage.decisions import live_decisions, reopen
from portal.vocabulary import DecisionOutcome, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.triage.conftest import Acting, decide, words_for
from tests.triage.test_telling import ADD, found, recognised_with_case

REFER = DecisionOutcome.SOCIAL_CARE_REFERRAL
Browser = Callable[[User | None], Client]
SAID = "Referred to social care"


@pytest.fixture
def case(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Case:
    """The case of the child on the form, onto which it was put, and who was referred to the county."""
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(
            actor, form, ADD, REFER, about=[1], authority="derbyshire", words=words_for(form, "Needs help.")
        )
    return case


def answers(rows: Session, cast: Cast, acting: Acting, outcome: str) -> None:
    told = rows.scalars(select(Disclosure)).one()
    with acting(cast.social_care_manager) as actor:
        mine = db.session.get_one(Disclosure, told.id)
        social_care.answer(actor=actor, disclosure=mine, outcome=outcome, words="We meet at Zorbo’s.")


def owed(rows: Session) -> list[Deadline]:
    rows.rollback()
    return list(rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.STRATEGY)))


def test_whoever_reads_the_case_reads_that_and_what_was_decided_with_its_day(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    home, nurse, day = f"/cases/{case.reference}", client_for(cast.nurse), clock.today()
    today = f"{day.day} {day:%B %Y}"
    for page in (home, f"{home}/print"):
        shown = nurse.soup(page).get_text(" ", strip=True)
        assert f"{SAID} Derbyshire County on {today}: not decided yet" in shown, page
    answers(rows, cast, acting, "strategy_discussion")
    for page in (home, f"{home}/print"):
        shown = nurse.soup(page).get_text(" ", strip=True)
        assert (
            f"{SAID} Derbyshire County on {today}: Hold a strategy discussion, decided on {today}" in shown
        ), page
        assert "Zorbo" not in shown, "its words are for the sender"
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        wrong = [one for one in live_decisions(referral=referral) if one.outcome == REFER]
        reopen(actor=actor, referral=referral, decisions=wrong, reason="Another child")
    assert f"The hub took this referral back on {today}" in nurse.soup(home).get_text(" ", strip=True)


def test_nobody_else_reads_it_and_of_a_sealed_case_none_who_is_not_named(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Browser
) -> None:
    for other in (cast.stranger, cast.teacher):
        assert client_for(other).get(f"/cases/{case.reference}").status_code == 404
        with acting(other):
            assert case_page.head(reference=case.reference) is None
            asked = select(func.ctx.front_doors_of_case(case.id))
            assert db.session.scalars(asked).all() == [], other.name
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.nurse):
        assert db.session.scalars(select(func.ctx.front_doors_of_case(case.id))).all() == []


def test_a_discussion_that_social_care_decides_is_due_on_the_case_once_and_they_do_not_learn_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Browser
) -> None:
    assert owed(rows) == []
    answers(rows, cast, acting, "strategy_discussion")
    (duty,) = owed(rows)
    assert (duty.case_id, duty.source) == (case.id, "clocks.strategy")
    assert duty.due_at - duty.started_at == timedelta(hours=24)
    assert duty.owner_id == case.lead_professional_id or duty.owner_agency_id == case.lead_agency_id
    page = client_for(cast.nurse).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert "Hold the strategy discussion" in page
    with acting(cast.stranger):
        assert db.session.scalars(select(Deadline).filter_by(kind=DeadlineKind.STRATEGY)).all() == []
    assert rows.scalars(select(OutboxMessage).filter_by(event="social_care_decided")).first() is not None


def test_any_other_decision_opens_none(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    answers(rows, cast, acting, "assessment")
    assert owed(rows) == []


def test_only_whoever_decides_opens_it(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    answers(rows, cast, acting, "strategy_discussion")
    made = rows.scalars(select(Disclosure.social_care_referral_id)).one()
    for other in (cast.social_care_manager, cast.nurse, cast.stranger):
        with acting(other):
            asked = func.ctx.owe_strategy(made, clock.now(), "clocks.strategy", False, "2026-11-01")
            db.session.execute(select(asked))
        assert len(owed(rows)) == 1, "it is owed already, or is not theirs to open"
