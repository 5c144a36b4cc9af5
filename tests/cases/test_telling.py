"""Who hears that a duty of a case moved or went to somebody else, of who leads it, and of its alerts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.changes import Owner, hand_deadlines_over
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.records.cases.alerts import change_due_date
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import RiskLevel, Sensitivity
from tests.assessments.conftest import Acting, assessed, case_of_three, open_duties
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.told import heard


@pytest.fixture
def case(rows: Session, cast: Cast, acting: Acting) -> Case:
    """A case of medium risk: a first meeting is owed."""
    made = case_of_three(rows, cast)
    assessed(acting, cast.social_worker, made, RiskLevel.MEDIUM)
    rows.execute(update(Deadline).values(owner_id=cast.social_worker.id, owner_team_id=None))
    rows.commit()
    return made


def moves(rows: Session, acting: Acting, who: User, case: Case, on: date) -> None:
    duty = open_duties(rows, case)[DeadlineKind.MEETING]
    with acting(who) as actor:
        change_due_date(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            deadline=db.session.get_one(Deadline, duty.id),
            on=on,
            code="capacity",
            reason="Two chairs are ill",
            seen=duty.due_at,
        )


def test_whoever_owes_it_hears_that_a_date_was_moved_and_who_manages_or_chairs_in_the_morning(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    moves(rows, acting, cast.coordinator, case, clock.today() + timedelta(days=60))
    assert heard(rows, cast, "date_moved") == {
        "social_worker mail date_moved",
        "social_care_manager digest date_moved",
        "chair digest date_moved",
    }
    assert heard(rows, cast, "due_date_changed") == {"news"}


def test_a_date_that_comes_nearer_is_no_news_for_the_manager_nor_for_whoever_moved_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    moves(rows, acting, cast.social_worker, case, clock.today() + timedelta(days=1))
    assert heard(rows, cast, "date_moved") == set()


def test_on_a_closely_held_case_whoever_does_not_read_it_hears_nothing_of_the_date(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    for person in (cast.social_worker, cast.chair):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.RESTRICTED)))
    rows.commit()
    moves(rows, acting, cast.coordinator, case, clock.today() + timedelta(days=1))
    assert heard(rows, cast, "date_moved") == {
        "social_worker mail date_moved",
        "chair digest date_moved",
    }


def test_whoever_had_a_duty_hears_that_it_went_to_somebody_else(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        hand_deadlines_over(
            actor=actor,
            subject=db.session.get_one(Case, case.id),
            kind=DeadlineKind.MEETING,
            owner=Owner(user_id=cast.social_care_manager.id),
        )
    assert heard(rows, cast, "duty_handed_over") == {"social_worker portal no_longer_yours"}
