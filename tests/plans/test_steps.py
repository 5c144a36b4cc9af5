"""How an action goes: its owner says so, a second person confirms it, and nothing that was said is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.pathway.calendar import end_of_day
from portal.records.cases.involvements import current_involvement, end_involvement
from portal.records.cases.model import Case
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.plans.action_changes import end_as_covered, end_as_not_needed, hand_over, move_date
from portal.records.plans.action_steps import add_note, block, confirm, give_effect, mark_done, start
from portal.records.plans.model import Action, ActionNote, ActionStep
from portal.records.plans.vocabulary import ActionState
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.plans.conftest import Acting, gives, steps


@pytest.fixture
def action(cast: Cast, case: Case, acting: Acting) -> Action:
    """The lead professional gave the community safety officer, who does not read the case, an action."""
    return gives(acting, cast.social_worker, case, cast.community_safety)


def as_it_is(rows: Session, action: Action) -> Action:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Action, action.id)


def duty_of(rows: Session, action: Action) -> Deadline:
    return rows.scalars(select(Deadline).where(Deadline.subject_id == action.id)).one()


def told(rows: Session, kind: str = "action_news") -> set[object]:
    found = select(OutboxMessage.recipient_id).where(OutboxMessage.kind == kind)
    return set(rows.scalars(found))


def test_an_owner_who_does_not_read_the_case_carries_it_through(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    owner = cast.community_safety
    steps(acting, owner, action, start)
    steps(acting, owner, action, block, why="The site is closed until Monday")
    assert as_it_is(rows, action).blocked_reason == "The site is closed until Monday"
    steps(acting, owner, action, start)
    steps(acting, owner, action, mark_done, words="Walked the site with the police")
    found = as_it_is(rows, action)
    assert (found.state, found.done_by, found.blocked_reason) == (ActionState.DONE, owner.id, None)
    assert duty_of(rows, action).state == DeadlineState.DONE
    kinds = list(rows.scalars(select(ActionStep.kind).order_by(ActionStep.made_at, ActionStep.id)))
    assert kinds == ["started", "blocked", "unblocked", "done"]


def test_those_who_answer_for_the_case_hear_that_it_is_blocked_or_done(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.nurse, cases=[case], state=MeetingState.HELD
    )
    action = gives(acting, cast.nurse, case, cast.community_safety, meeting=meeting)
    steps(acting, cast.community_safety, action, block, why="Nobody answers")
    assert told(rows) == {cast.nurse.id, cast.chair.id, cast.social_worker.id}


@pytest.mark.parametrize("who", ["social_worker", "coordinator", "officer"])
def test_nobody_but_its_owner_says_that_it_is_done(
    cast: Cast, acting: Acting, action: Action, who: str
) -> None:
    with pytest.raises(Forbidden, match="Only whoever owns"):
        steps(acting, getattr(cast, who), action, mark_done, words="Done")


def test_a_member_of_the_team_that_owns_it_does_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.social_worker, case, cast.police_team)
    steps(acting, cast.colleague, action, mark_done, words="Done on Friday")
    assert as_it_is(rows, action).done_by == cast.colleague.id


def test_the_lead_professional_confirms_what_no_meeting_gave_and_says_what_came_of_it(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    steps(acting, cast.community_safety, action, mark_done, words="Done")
    steps(acting, cast.social_worker, action, confirm, effect="helped")
    found = as_it_is(rows, action)
    assert (found.state, found.confirmed_by, found.effect) == ("confirmed", cast.social_worker.id, "helped")
    assert cast.community_safety.id in told(rows)


def test_whoever_did_it_does_not_confirm_it(cast: Cast, case: Case, acting: Acting) -> None:
    action = gives(acting, cast.coordinator, case, cast.social_worker)
    steps(acting, cast.social_worker, action, mark_done, words="Done")
    with pytest.raises(Forbidden, match="A second person"):
        steps(acting, cast.social_worker, action, confirm)


def test_what_a_meeting_gave_its_chair_or_that_of_an_open_meeting_confirms(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    first = make_meeting(rows, chair=cast.chair, note_taker=cast.nurse, cases=[case], state=MeetingState.HELD)
    action = gives(acting, cast.nurse, case, cast.officer, meeting=first)
    steps(acting, cast.officer, action, mark_done, words="Done")
    for person in (cast.social_worker, cast.coordinator, cast.nurse):
        with pytest.raises(Forbidden, match="The chair"):
            steps(acting, person, action, confirm)
    make_meeting(rows, chair=cast.social_care_manager, note_taker=cast.nurse, cases=[case])
    steps(acting, cast.social_care_manager, action, confirm)
    assert as_it_is(rows, action).state == ActionState.CONFIRMED


def test_what_the_chair_did_the_lead_professional_confirms(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.nurse, cases=[case], state=MeetingState.HELD
    )
    action = gives(acting, cast.nurse, case, cast.chair, meeting=meeting)
    steps(acting, cast.chair, action, mark_done, words="Done")
    with pytest.raises(Forbidden, match="A second person"):
        steps(acting, cast.chair, action, confirm)
    steps(acting, cast.social_worker, action, confirm)
    assert as_it_is(rows, action).state == ActionState.CONFIRMED


def test_the_effect_can_be_said_anew_and_the_first_word_stays(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    owner = cast.community_safety
    with pytest.raises(DomainError, match="once it is done"):
        steps(acting, owner, action, give_effect, effect="helped")
    steps(acting, owner, action, mark_done, words="Done")
    steps(acting, owner, action, give_effect, effect="helped")
    steps(acting, cast.social_worker, action, give_effect, effect="worse", words="They moved to the park")
    said = rows.execute(select(ActionStep.before, ActionStep.after).where(ActionStep.kind == "effect")).all()
    assert [tuple(one) for one in said] == [("", "helped"), ("helped", "worse")]


def test_saying_that_it_is_done_twice_changes_nothing(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    for _ in range(2):
        steps(acting, cast.community_safety, action, mark_done, words="Done")
    assert rows.query(ActionStep).filter_by(kind="done").count() == 1


def test_a_step_on_what_somebody_changed_meanwhile_is_shown_both(
    cast: Cast, acting: Acting, action: Action
) -> None:
    steps(acting, cast.community_safety, action, start)
    with pytest.raises(Conflict) as refused:
        steps(acting, cast.community_safety, action, mark_done, words="Done", version=1)
    assert refused.value.versions.theirs == {"State": "Under way"}


def test_the_date_moves_with_a_reason_and_the_first_date_stays(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    later = action.due_on + timedelta(days=7)
    with pytest.raises(DomainError, match="Say why"):
        steps(acting, cast.social_worker, action, move_date, due_on=later, reason=" ")
    steps(acting, cast.social_worker, action, move_date, due_on=later, reason="The site is closed")
    duty = duty_of(rows, action)
    assert duty.due_at == end_of_day(later)
    assert duty.original_due_at == end_of_day(action.due_on)
    step = rows.scalars(select(ActionStep)).one()
    assert (step.before, step.after) == (action.due_on.isoformat(), later.isoformat())
    assert told(rows) == {cast.community_safety.id}


def test_another_owner_is_told_and_owes_it_from_then_on(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    steps(acting, cast.social_worker, action, hand_over, owner=cast.nurse, reason="She knows the family")
    duty = duty_of(rows, action)
    assert duty.owner_id == cast.nurse.id
    assert cast.nurse.id in told(rows, "action_given")
    assert cast.community_safety.id in told(rows, "no_longer_yours")
    step = rows.scalars(select(ActionStep)).one()
    assert (step.before, step.after) == (cast.community_safety.name, cast.nurse.name)


def test_an_agency_gives_its_action_to_its_own_people_only(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.social_worker, case, cast.officer)
    with pytest.raises(Forbidden, match="your own agency"):
        steps(acting, cast.colleague, action, hand_over, owner=cast.nurse, reason="On leave")
    steps(acting, cast.colleague, action, hand_over, owner=cast.colleague, reason="On leave")
    assert as_it_is(rows, action).owner_id == cast.colleague.id


@pytest.mark.parametrize(
    ("step", "said", "state"),
    [
        (end_as_not_needed, {"reason": "The place was closed"}, "not_needed"),
        (end_as_covered, {"by": "Child protection plan"}, "covered"),
    ],
)
def test_what_is_not_owed_any_more_is_neither_met_nor_late(
    rows: Session,
    cast: Cast,
    acting: Acting,
    action: Action,
    step: Callable[..., None],
    said: dict[str, Any],
    state: str,
) -> None:
    with pytest.raises(Forbidden):
        steps(acting, cast.community_safety, action, step, **said)
    steps(acting, cast.social_worker, action, step, **said)
    assert as_it_is(rows, action).state == state
    assert duty_of(rows, action).state == DeadlineState.CANCELLED
    with pytest.raises(DomainError, match="cannot become"):
        steps(acting, cast.community_safety, action, mark_done, words="Done")


def test_a_note_carries_the_handling_that_its_agency_chose(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.social_worker, case, cast.officer)
    for _ in range(2):
        with acting(cast.officer) as actor:
            add_note(
                actor=actor,
                action=db.session.get_one(Action, action.id),
                text="Spoke to the manager",
                handling=Handling.AGENCIES,
                listed=[cast.social_care.id],
            )
    note = rows.scalars(select(ActionNote)).one()
    assert (note.handling, note.listed_agencies) == ("agencies", [cast.social_care.id])


def test_whoever_only_owns_it_lists_no_agencies_of_a_case_that_they_do_not_read(
    cast: Cast, acting: Acting, action: Action
) -> None:
    with acting(cast.community_safety) as actor, pytest.raises(DomainError):
        add_note(
            actor=actor,
            action=db.session.get_one(Action, action.id),
            text="Seen",
            handling=Handling.AGENCIES,
            listed=[cast.police.id],
        )


def test_a_team_with_an_action_to_do_stays_on_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    action = gives(acting, cast.social_worker, case, cast.colleague)

    def ends() -> None:
        with acting(cast.coordinator) as actor:
            record = db.session.get_one(Case, case.id)
            there = current_involvement(record, cast.police_team.id)
            assert there is not None
            end_involvement(actor=actor, case=record, involvement=there, reason="Their part is over")

    with pytest.raises(DomainError, match=f"do action {action.reference}"):
        ends()
    steps(acting, cast.colleague, action, mark_done, words="Done")
    ends()


def test_sealing_a_case_gives_what_others_own_to_a_named_person(
    rows: Session, cast: Cast, case: Case, acting: Acting, action: Action
) -> None:
    theirs = gives(acting, cast.social_worker, case, cast.social_worker)
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        raise_sensitivity(
            actor=actor,
            case=record,
            to=Sensitivity.SEALED,
            reason="A relative works here",
            named=[db.session.get_one(User, cast.social_worker.id)],
            version=record.version,
        )
    assert as_it_is(rows, action).owner_id == cast.social_worker.id
    assert as_it_is(rows, theirs).version == 1
    assert duty_of(rows, action).owner_id == cast.social_worker.id


def test_reach_ends_ten_working_days_after_it_is_done(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    assert action.reach_until is None
    steps(acting, cast.community_safety, action, mark_done, words="Done")
    until = as_it_is(rows, action).reach_until
    assert until is not None
    assert timedelta(days=9) < until - clock.now() < timedelta(days=25)
