"""What the database itself refuses to have written of plans and actions, whatever Python lets through."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.states import ACTION_MOVES
from portal.records.cases.model import Case
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.plans.model import Action, Plan
from portal.records.plans.vocabulary import ActionState
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_action, make_note, make_step

DONE: dict[str, Any] = {
    "state": "done",
    "done_at": clock.now(),
    "reach_until": clock.now() + timedelta(days=9),
    "done_words": "Done",
}


@pytest.fixture
def action(rows: Session, cast: Cast, case: Case) -> Action:
    """One that the community safety officer, who does not read the case, has to do."""
    return make_action(rows, case, cast.community_safety, cast.social_worker)


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": clock.today() + timedelta(days=90)},
        {"covered_by": "x"},
        {"state": "not_needed", "reach_until": clock.now()},
        {"state": "covered", "reach_until": clock.now()},
    ],
)
def test_an_owner_says_how_it_goes_and_nothing_else(
    cast: Cast, action: Action, asking: Asking, change: dict[str, Any]
) -> None:
    with asking(cast.community_safety) as session:
        assert changed(session, update(Action).values(state="under_way")) == 1
        with pytest.raises(DBAPIError, match="whose an action is"):
            session.execute(update(Action).values(change))


def test_an_owner_hands_it_to_nobody(cast: Cast, action: Action, asking: Asking) -> None:
    with asking(cast.community_safety) as session, pytest.raises(DBAPIError):
        session.execute(
            update(Action).values(owner_id=cast.stranger.id, owner_agency_id=cast.other_council.id)
        )


@pytest.mark.parametrize(
    "column", ["what", "measure", "case_id", "child_id", "plan_id", "given_by", "reference"]
)
def test_what_was_given_stands(cast: Cast, action: Action, asking: Asking, column: str) -> None:
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update action set {column} = {column}"))  # noqa: S608 - columns of ours


def test_whoever_does_not_own_it_does_not_say_that_it_is_done(
    cast: Cast, action: Action, asking: Asking
) -> None:
    for done_by in (cast.social_worker.id, cast.community_safety.id):
        with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="whoever owns an action"):
            session.execute(update(Action).values(done_by=done_by, **DONE))


def test_what_was_done_stands_and_reach_is_never_lengthened(
    cast: Cast, action: Action, asking: Asking
) -> None:
    with asking(cast.community_safety) as session:
        done = update(Action).values(done_by=cast.community_safety.id, **DONE)
        assert changed(session, done) == 1
        for change in ({"done_words": "x"}, {"reach_until": clock.now() + timedelta(days=90)}):
            with pytest.raises(DBAPIError, match="stands as it is"), session.begin_nested():
                session.execute(update(Action).values(change))


def test_only_the_listed_moves_are_made(rows: Session, cast: Cast, case: Case) -> None:
    listed = {(move.origin, move.target) for move in ACTION_MOVES}
    for before in ActionState:
        action = make_action(rows, case, cast.officer, cast.social_worker, **_in(before, cast))
        made = {before}
        for after in ActionState:
            change = update(Action).where(Action.id == action.id).values(**_in(after, cast))
            tried = rows.begin_nested()
            with suppress(DBAPIError):
                rows.execute(change)
                made.add(after)
            tried.rollback()
        assert made == {before} | {after for origin, after in listed if origin is before}, before


def _in(state: ActionState, cast: Cast) -> dict[str, Any]:
    """The columns of an action in some state."""
    over = state not in {ActionState.NOT_STARTED, ActionState.UNDER_WAY, ActionState.BLOCKED}
    done = state in {ActionState.DONE, ActionState.CONFIRMED}
    confirmed = state is ActionState.CONFIRMED
    return {
        "state": state.value,
        "reach_until": clock.now() if over else None,
        "done_at": clock.now() if done else None,
        "done_by": cast.officer.id if done else None,
        "confirmed_at": clock.now() if confirmed else None,
        "confirmed_by": cast.social_worker.id if confirmed else None,
    }


@pytest.mark.parametrize("who", ["social_worker", "coordinator", "nurse", "officer"])
def test_nobody_but_a_chair_confirms_what_a_meeting_gave(
    rows: Session, cast: Cast, case: Case, asking: Asking, who: str
) -> None:
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.nurse, cases=[case], state=MeetingState.HELD
    )
    make_action(rows, case, cast.officer, cast.nurse, meeting_id=meeting.id, **_in(ActionState.DONE, cast))
    person: User = getattr(cast, who)
    change = update(Action).values(state="confirmed", confirmed_by=person.id, confirmed_at=clock.now())
    with asking(person) as session, pytest.raises(DBAPIError):
        session.execute(change)
    with asking(cast.chair) as session:
        assert changed(session, change.values(confirmed_by=cast.chair.id)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"given_by": "officer"},
        {"state": "done"},
        {"plan": "other"},
        {"child": "other"},
        {"meeting": "other"},
        {"owner": "agency"},
        {"decision": "other"},
    ],
)
def test_an_action_is_given_on_its_own_case_in_ones_own_name(
    rows: Session, cast: Cast, case: Case, asking: Asking, change: dict[str, str]
) -> None:
    other = case_of_three(rows, cast)
    theirs = make_action(rows, other, cast.officer, cast.social_worker)
    mine = make_action(rows, case, cast.officer, cast.social_worker)
    meeting = make_meeting(rows, chair=cast.social_worker, note_taker=cast.nurse, cases=[other])
    wrong: dict[str, dict[str, Any]] = {
        "given_by": {"given_by": cast.officer.id},
        "state": _in(ActionState.DONE, cast),
        "plan": {"plan_id": theirs.plan_id},
        "child": {"child_id": other.child_id},
        "meeting": {"meeting_id": meeting.id},
        "owner": {"owner_agency_id": cast.health.id},
        "decision": {"decision_id": new_id()},
    }
    values = {
        name: getattr(mine, name)
        for name in ("case_id", "child_id", "plan_id", "category", "what", "measure", "target", "owner_id")
    } | {
        "owner_agency_id": mine.owner_agency_id,
        "priority": "normal",
        "due_on": mine.due_on,
        "given_by": cast.social_worker.id,
        "given_agency_id": cast.social_care.id,
        "given_at": clock.now(),
        "policy_version": "test",
        "state": "not_started",
    }
    with asking(cast.social_worker) as session:
        session.add(Action(id=new_id(), reference="ACT-0000-0001", **values))
        session.flush()
        session.add(Action(id=new_id(), reference="ACT-0000-0002", **(values | wrong[next(iter(change))])))
        with pytest.raises(DBAPIError):
            session.flush()


def test_on_a_sealed_case_nobody_owns_an_action_who_is_not_named(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    for person in (cast.social_worker, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    make_action(rows, case, cast.social_worker, cast.social_worker)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="sealed case"):
        session.execute(update(Action).values(owner_id=cast.officer.id, owner_agency_id=cast.police.id))


def test_history_and_notes_are_added_in_ones_own_name_and_never_changed(
    rows: Session, cast: Cast, action: Action, asking: Asking
) -> None:
    make_note(rows, action, cast.community_safety)
    for made in (make_step(action, cast.officer), make_step(action, cast.social_worker)):
        with asking(cast.community_safety) as session:
            session.add(made)
            with pytest.raises(DBAPIError):
                session.flush()
    for table in ("action_step", "action_note", "plan_text"):
        with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(f"update {table} set case_id = case_id"))  # noqa: S608 - tables of ours


@pytest.mark.parametrize("who", ["stranger", "neighbour", "governance", "community_safety"])
def test_whoever_does_not_read_the_case_changes_no_plan(
    cast: Cast, action: Action, asking: Asking, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        assert changed(session, update(Plan).values(state="ended", ended_at=clock.now())) == 0
