"""A form on a child whose case is closed: recorded there, or reopening it; whoever led hears of it."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.triage.model import TriageDecision
from portal.vocabulary import CaseState, DecisionOutcome, RiskLevel
from tests.assessments.conftest import assessed, case_of_three
from tests.cast import Cast
from tests.closing.conftest import decided, ends, now_is
from tests.factories.referrals import subjects_of
from tests.told import told
from tests.triage.conftest import Acting, decide, opening, words_for


@pytest.fixture
def case(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Case:
    """The closed case of the child on the form, who was recognised."""
    made = case_of_three(rows, cast)
    assessed(acting, cast.social_worker, made, RiskLevel.LOW)
    decided(rows, cast, made, MeetingOutcome.CLOSE)
    ends(acting, cast.social_worker, made)
    child = now_is(rows, made).child_id
    rows.add(
        ReferralChild(
            subject_id=subjects_of(rows, form)[0].id,
            referral_id=form.id,
            child_id=child,
            matched_at=clock.now(),
        )
    )
    rows.commit()
    return made


def decides(acting: Acting, cast: Cast, form: Referral, outcome: DecisionOutcome) -> None:
    with acting(cast.coordinator) as actor:
        words = words_for(form, "Was seen in a car with adults")
        decide(actor, form, outcome, about=[1], words=words, opening=opening(cast))


def heard(rows: Session) -> set[object]:
    return {one.recipient_id for one in told(rows, "closed_case_news")}


def test_it_is_recorded_on_the_closed_case_which_stays_closed_and_whoever_led_hears_of_it(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    decides(acting, cast, form, DecisionOutcome.RECORD_ON_CLOSED)
    assert now_is(rows, case).state == CaseState.CLOSED
    assert rows.scalars(select(ChronologyEntry.text)).one() == "Was seen in a car with adults"
    assert heard(rows) == {cast.social_worker.id}
    assert rows.scalars(select(TriageDecision.case_id)).one() == case.id


def test_or_the_case_is_reopened_and_whoever_led_hears_so_by_one_message(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    decides(acting, cast, form, DecisionOutcome.REOPEN_CASE)
    assert now_is(rows, case).state == CaseState.AWAITING_ASSESSMENT
    assert rows.scalar(select(func.count()).select_from(ChronologyEntry)) == 1
    rows.rollback()
    theirs = select(OutboxMessage.kind, OutboxMessage.event).filter_by(recipient_id=cast.social_worker.id)
    assert {tuple(one) for one in rows.execute(theirs)} == {
        ("case_reopened", "case_reopened"),
        ("no_longer_yours", "by_hand_moot"),  # to tell somebody outside that it ended
    }


def test_a_lead_who_has_left_is_replaced_by_their_team(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting
) -> None:
    rows.get_one(User, cast.social_worker.id).active = False
    rows.commit()
    decides(acting, cast, form, DecisionOutcome.RECORD_ON_CLOSED)
    teams = {one.recipient_team_id for one in told(rows, "closed_case_news")}
    assert cast.social_care_team.id in teams
    assert now_is(rows, case).state == CaseState.CLOSED


@pytest.mark.parametrize("outcome", [DecisionOutcome.OPEN_CASE, DecisionOutcome.ADD_TO_CASE])
def test_no_second_case_is_opened_beside_one_that_is_closed(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, outcome: DecisionOutcome
) -> None:
    with pytest.raises(DomainError, match=case.reference):
        decides(acting, cast, form, outcome)
    assert rows.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.parametrize("outcome", [DecisionOutcome.RECORD_ON_CLOSED, DecisionOutcome.REOPEN_CASE])
def test_without_a_closed_case_there_is_nothing_to_record_on_or_to_reopen(
    rows: Session, cast: Cast, form: Referral, acting: Acting, outcome: DecisionOutcome
) -> None:
    open_one = case_of_three(rows, cast)
    rows.add(
        ReferralChild(
            subject_id=subjects_of(rows, form)[0].id,
            referral_id=form.id,
            child_id=rows.get_one(Child, open_one.child_id).id,
            matched_at=clock.now(),
        )
    )
    rows.commit()
    with pytest.raises(DomainError, match="is open"):
        decides(acting, cast, form, outcome)
