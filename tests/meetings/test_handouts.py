"""What is handed to people without an account is on record, child by child."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError, NotFound
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.external_copies import hand_out
from portal.records.meetings.model import Invitation, MeetingHandout
from portal.records.meetings.vocabulary import MeetingState
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import add_alert, make_case, make_child
from tests.factories.meetings import make_invitation
from tests.meetings.days import Day, acted, make_day


@pytest.fixture
def sibling(rows: Session, cast: Cast) -> Case:
    return make_case(
        rows, make_child(rows, "Bea", "Otherwise"), lead=cast.social_care, opened_by=cast.coordinator
    )


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


def hand(
    acting: Acting, cast: Cast, day: Day, *cases: Case, to: Invitation | None = None, **other: Any
) -> None:
    with acting(cast.chair) as actor:
        said: dict[str, Any] = {"what": "The safety plan", "way": "in_person", "on": clock.today()}
        hand_out(
            actor=actor,
            meeting=acted(day.meeting),
            invitation=db.session.get_one(Invitation, (to or day.carer).id),
            case_ids=[one.id for one in cases],
            **(said | other),
        )


def handed(rows: Session) -> list[MeetingHandout]:
    rows.rollback()
    rows.expire_all()
    return rows.query(MeetingHandout).all()


def test_who_handed_what_to_whom_and_how_is_on_record(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    hand(acting, cast, day, day.case)
    (one,) = handed(rows)
    assert (one.what, one.way, one.handed_by) == ("The safety plan", "in_person", cast.chair.id)
    assert (one.invitation_id, one.case_id) == (day.carer.id, day.case.id)
    row = rows.query(AuditEvent).filter_by(action="meeting:hand_out").one()
    assert (row.case_id, row.child_id) == (day.case.id, day.case.child_id)


def test_a_paper_about_two_children_is_a_record_of_each(
    rows: Session, acting: Acting, cast: Cast, sibling: Case, day: Day
) -> None:
    both = make_day(rows, cast, cases=[day.case, sibling])
    hand(acting, cast, both, day.case, sibling)
    assert {one.case_id for one in handed(rows)} == {day.case.id, sibling.id}


def test_the_same_form_twice_is_one_record_and_another_paper_is_another(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    hand(acting, cast, day, day.case)
    hand(acting, cast, day, day.case)
    assert len(handed(rows)) == 1
    hand(acting, cast, day, day.case, what="The letter from school")
    assert len(handed(rows)) == 2


def test_it_is_said_which_child_it_is_about_and_only_of_this_meeting(
    rows: Session, acting: Acting, cast: Cast, sibling: Case, day: Day
) -> None:
    with pytest.raises(DomainError, match="whom it is about"):
        hand(acting, cast, day)
    with pytest.raises(NotFound):
        hand(acting, cast, day, sibling)
    assert not handed(rows)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"what": "  "}, "what"),
        ({"way": "pigeon"}, "way"),
        ({"on": date(2126, 1, 1)}, "on"),
    ],
)
def test_what_how_and_when_have_to_be_said(
    acting: Acting, cast: Cast, day: Day, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        hand(acting, cast, day, day.case, **wrong)
    assert refused.value.field == field


def test_somebody_with_an_account_reads_it_in_the_portal(acting: Acting, cast: Cast, day: Day) -> None:
    with pytest.raises(DomainError, match="have an account"):
        hand(acting, cast, day, day.case, to=day.health)


def test_nothing_is_handed_to_the_family_while_an_alert_stands_and_an_advocate_still_gets_it(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    add_alert(rows, day.case, cast.social_worker)
    advocate = make_invitation(rows, day.meeting, outside="Ada Quilladvent", role="advocate", by=cast.chair)
    with pytest.raises(DomainError, match="nothing is handed"):
        hand(acting, cast, day, day.case)
    hand(acting, cast, day, day.case, to=advocate)
    assert [one.invitation_id for one in handed(rows)] == [advocate.id]


def test_whoever_does_not_run_the_meeting_puts_nothing_on_record(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.colleague) as actor, pytest.raises(Forbidden):
        hand_out(
            actor=actor,
            meeting=acted(day.meeting),
            invitation=db.session.get_one(Invitation, day.carer.id),
            case_ids=[day.case.id],
            what="x",
            way="post",
            on=clock.today(),
        )


def test_nothing_is_handed_out_for_a_meeting_that_was_cancelled(
    rows: Session, acting: Acting, cast: Cast
) -> None:
    day = make_day(rows, cast, state=MeetingState.CANCELLED, starts_at=clock.now() + timedelta(days=1))
    with pytest.raises(DomainError, match="cancelled"):
        hand(acting, cast, day, day.case)
