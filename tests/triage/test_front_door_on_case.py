"""A case says that its child was referred to social care, what came of that, and when a discussion is due."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.disclosures.model import Disclosure
from portal.records.entries.reading import case_page
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage import social_care
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.vocabulary import DecisionOutcome, RiskLevel, Sensitivity
from tests.assessments.conftest import assessed
from tests.cast import Cast
from tests.client import Client
from tests.told import heard, page_words
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


def taken_back(cast: Cast, form: Referral, acting: Acting) -> str:
    """The hub takes its referral back; what the next page says of telling."""
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        wrong = [one for one in live_decisions(referral=referral) if one.outcome == REFER][:1]
        reopen(actor=actor, referral=referral, decisions=wrong, reason="Another child")
        return page_words()


def test_a_discussion_is_owed_no_more_once_the_hub_takes_its_referral_back(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    answers(rows, cast, acting, "strategy_discussion")
    words = taken_back(cast, form, acting)
    (duty,) = owed(rows)
    assert (duty.state, duty.move_reason) == ("cancelled", "The hub took its referral to social care back")
    assert heard(rows, cast, "strategy_over") == {"social_worker mail strategy_over"}
    assert cast.social_worker.name not in words, "whoever takes it back need not know of the case"
    (message,) = rows.scalars(select(OutboxMessage.id).filter_by(event="strategy_over"))
    page = client_for(cast.social_worker).get(f"/go/{message}")
    assert page.headers["Location"].endswith(f"/cases/{case.reference}")
    for other in (cast.stranger, cast.teacher, cast.nurse):
        assert client_for(other).get(f"/go/{message}").status_code == 404, other.name


def test_where_the_agency_that_leads_owed_it_its_managers_hear_so(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    rows.get_one(Case, case.id).lead_professional_id = None
    rows.commit()
    answers(rows, cast, acting, "strategy_discussion")
    taken_back(cast, form, acting)
    assert heard(rows, cast, "strategy_over") == {"social_care_manager mail strategy_over"}


def another_stands(rows: Session) -> None:
    """Social care decided the same of the same child when the hub referred it a second time."""
    made = rows.scalars(select(SocialCareReferral)).one()
    before, other = {}, new_id()
    for one in (rows.get_one(TriageDecision, made.decision_id), made):
        before[type(one)] = {column.key: getattr(one, column.key) for column in type(one).__table__.columns}
    rows.add(TriageDecision(**before[TriageDecision] | {"id": other}))
    rows.flush()
    rows.add(SocialCareReferral(**before[SocialCareReferral] | {"id": new_id(), "decision_id": other}))
    rows.commit()


@pytest.mark.parametrize("because", ["high", "nothing else", "another front door"])
def test_it_stays_where_the_case_owes_one_for_what_was_found_since_or_owes_nothing_else(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, because: str
) -> None:
    answers(rows, cast, acting, "strategy_discussion")
    if because == "high":
        assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
        assert len(owed(rows)) == 1, "a discussion is owed once"
    elif because == "another front door":
        another_stands(rows)
    else:
        others = (Deadline.case_id == case.id, Deadline.kind != DeadlineKind.STRATEGY)
        rows.execute(update(Deadline).where(*others).values(state="done", ended_at=clock.now()))
        rows.commit()
    taken_back(cast, form, acting)
    assert [one.state for one in owed(rows)] == ["open"]
    assert heard(rows, cast, "strategy_over") == set()


def test_what_a_front_door_off_the_portal_decided_is_not_withdrawn(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        said = words_for(form, "Needs help.")
        decide(actor, form, REFER, about=[1], authority="derby", words=said)
        made = db.session.scalars(select(SocialCareReferral)).one()
        referral = found(actor, form)
        social_care.record_answer(
            actor=actor, referral=referral, made=made, outcome="assessment", words="They visit"
        )
    taken_back(cast, form, acting)
    rows.rollback()
    assert rows.scalars(select(SocialCareReferral)).one().withdrawn_at is None


def test_a_front_door_hears_that_its_own_referral_was_taken_back_and_of_no_other_on_the_form(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    told = rows.scalars(select(Disclosure)).one()
    with acting(cast.social_care_manager) as actor:
        mine = db.session.get_one(Disclosure, told.id)
        social_care.note_opened(actor=actor, disclosure=mine)
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        other = [one for one in live_decisions(referral=referral) if one.outcome == ADD]
        reopen(actor=actor, referral=referral, decisions=other, reason="Another child")
    assert heard(rows, cast, "form_reopened_after_telling") == set()
    taken_back(cast, form, acting)
    assert any("mail told_changed" in one for one in heard(rows, cast, "form_reopened_after_telling"))
