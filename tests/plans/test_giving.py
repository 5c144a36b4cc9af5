"""An action says what, who, until when and how we will know; whoever owns it hears of it at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.pathway.calendar import end_of_day
from portal.records.cases.model import Case
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.plans.model import Action, Plan
from portal.records.plans.vocabulary import ActionState
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.plans.conftest import Acting, gives


def test_an_action_is_owed_by_its_owner_until_the_day_that_was_set(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    day = clock.today() + timedelta(days=9)
    action = gives(acting, cast.social_worker, case, cast.officer, due_on=day)
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == action.id)).one()
    assert (duty.kind, duty.case_id, duty.owner_id) == ("action", case.id, cast.officer.id)
    assert duty.due_at == duty.original_due_at == end_of_day(day)
    assert action.state == ActionState.NOT_STARTED


def test_the_owner_is_told_at_once_without_a_word_of_what_it_is(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.social_worker, case, cast.community_safety)
    told = rows.execute(
        select(OutboxMessage.recipient_id, OutboxMessage.kind, OutboxSubject.reference).join(
            OutboxSubject, OutboxSubject.message_id == OutboxMessage.id
        )
    ).all()
    assert [tuple(one) for one in told] == [(cast.community_safety.id, "action_given", action.reference)]


def test_a_team_is_told_at_its_duty_address_and_its_people_in_the_portal(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.social_worker, case, cast.council_team)
    told = {(one.recipient_team_id or one.recipient_id, one.channel) for one in rows.query(OutboxMessage)}
    assert told == {(cast.council_team.id, "mail"), (cast.community_safety.id, "portal")}


def test_actions_belong_to_the_one_plan_that_runs(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    first = gives(acting, cast.social_worker, case, cast.officer)
    second = gives(acting, cast.coordinator, case, cast.nurse)
    assert first.plan_id == second.plan_id
    assert rows.scalar(select(func.count()).select_from(Plan)) == 1


def test_a_page_that_is_sent_twice_gives_the_action_once(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    once = uuid4()
    for _ in range(2):
        gives(acting, cast.social_worker, case, cast.officer, once=once)
    assert rows.scalar(select(func.count()).select_from(Action)) == 1
    assert rows.scalar(select(func.count()).select_from(OutboxMessage)) == 1


def test_whoever_works_on_the_case_takes_an_action_on_for_their_own_agency_only(
    cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.officer, case, cast.colleague)
    with pytest.raises(Forbidden, match="for their own agency"):
        gives(acting, cast.officer, case, cast.nurse)


def test_the_note_taker_of_an_open_meeting_gives_actions_for_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.nurse, cases=[case], state=MeetingState.HELD
    )
    action = gives(acting, cast.nurse, case, cast.officer, meeting=meeting)
    assert action.meeting_id == meeting.id
    with pytest.raises(Forbidden):
        gives(acting, cast.nurse, case, cast.officer)


def test_a_meeting_on_another_case_gives_nothing_here(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    other = case_of_three(rows, cast)
    meeting = make_meeting(
        rows, chair=cast.social_worker, note_taker=cast.nurse, cases=[other], state=MeetingState.HELD
    )
    with pytest.raises(NotFound):
        gives(acting, cast.social_worker, case, cast.officer, meeting=meeting)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": " "}, "what"),
        ({"measure": ""}, "measure"),
        ({"category": "punish"}, "category"),
        ({"target": "cat"}, "target"),
        ({"due_on": clock.today() - timedelta(days=1)}, "due_on"),
    ],
)
def test_what_is_missing_is_named(
    cast: Cast, case: Case, acting: Acting, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        gives(acting, cast.social_worker, case, cast.officer, **changes)
    assert refused.value.field == field


@pytest.mark.parametrize("who", ["governance", "administrator"])
def test_nobody_owns_an_action_whose_role_sees_no_case(
    cast: Cast, case: Case, acting: Acting, who: str
) -> None:
    owner: User = getattr(cast, who)
    with pytest.raises(DomainError, match="cannot own an action"):
        gives(acting, cast.social_worker, case, owner)


def test_on_a_sealed_case_only_the_named_own_actions(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    rows.commit()
    gives(acting, cast.social_worker, case, cast.nurse)
    for owner in (cast.officer, cast.health_team):
        with pytest.raises(DomainError, match="This case is sealed"):
            gives(acting, cast.social_worker, case, owner)


def test_nothing_is_given_on_a_closed_case(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    case.state, case.closed_at = "closed", clock.now()
    rows.commit()
    with pytest.raises(DomainError, match="closed"):
        gives(acting, cast.social_worker, case, cast.officer)
