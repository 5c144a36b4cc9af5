"""Whoever owns an action knows the child’s name, the action and what their own agency wrote; nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.cases.model import Case
from portal.records.people.model import TeamMember, User
from portal.records.plans.action_changes import hand_over, move_date
from portal.records.plans.action_steps import mark_done
from portal.records.plans.model import Action
from portal.vocabulary import Sensitivity
from tests.access.gaining import Asking, Gains, beyond_a_colleague
from tests.cast import Cast
from tests.factories.cases import add_alert, add_entry, grant
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_note
from tests.plans.conftest import Acting, gives, steps

#: Of a child and its case, what an action lets its owner read: the identity, the action, its clock.
REACH = {"child": 1, "child_scope": 1, "action": 1, "deadline": 1}


@pytest.fixture
def action(rows: Session, cast: Cast, case: Case, acting: Acting) -> Action:
    """The council owns one of two actions on a case with a bit of everything."""
    add_entry(rows, case, cast.officer, "Seen with a man of 26.")
    add_alert(rows, case, cast.officer)
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])
    other = gives(acting, cast.social_worker, case, cast.nurse, meeting=meeting)
    make_note(rows, other, cast.nurse)
    found = gives(acting, cast.social_worker, case, cast.council_team, meeting=meeting)
    make_note(rows, found, cast.officer)
    make_note(rows, found, cast.officer, "own")
    return found


@pytest.fixture
def gains(rows: Session, cast: Cast, asking: Asking) -> Gains:
    """How many rows of each table somebody sees beyond a colleague in another team of their agency."""
    return beyond_a_colleague(rows, cast, asking)


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_the_owner_reads_identity_and_action_and_nothing_of_the_case(
    rows: Session, cast: Cast, case: Case, action: Action, gains: Gains, sensitivity: Sensitivity
) -> None:
    case.sensitivity = int(sensitivity)
    rows.commit()
    assert gains(cast.community_safety) == REACH


def test_the_owner_reads_what_their_own_agency_wrote_and_its_history(
    rows: Session, cast: Cast, acting: Acting, action: Action, gains: Gains
) -> None:
    make_note(rows, action, cast.community_safety)
    later = action.due_on + timedelta(days=3)
    steps(acting, cast.social_worker, action, move_date, due_on=later, reason="Half term")
    assert gains(cast.community_safety) == {**REACH, "action_note": 1, "action_step": 1, "deadline_change": 1}


def end_by_another_owner(rows: Session, cast: Cast, case: Case, acting: Acting, action: Action) -> None:
    steps(acting, cast.social_worker, action, hand_over, owner=cast.nurse, reason="Not theirs")


def end_by_time(rows: Session, cast: Cast, case: Case, acting: Acting, action: Action) -> None:
    later = action.due_on + timedelta(days=3)
    steps(acting, cast.social_worker, action, move_date, due_on=later, reason="Half term")
    steps(acting, cast.community_safety, action, mark_done, words="Done")
    rows.get_one(Action, action.id).reach_until = clock.now() - timedelta(seconds=1)
    rows.commit()


def end_by_sealing(rows: Session, cast: Cast, case: Case, acting: Acting, action: Action) -> None:
    for person in (cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()


def end_by_leaving(rows: Session, cast: Cast, case: Case, acting: Acting, action: Action) -> None:
    rows.execute(delete(TeamMember).where(TeamMember.user_id == cast.community_safety.id))
    rows.commit()


@pytest.mark.parametrize("end", [end_by_another_owner, end_by_time, end_by_sealing, end_by_leaving])
def test_when_it_is_over_nothing_is_left(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    action: Action,
    gains: Gains,
    asking: Asking,
    end: Callable[..., None],
) -> None:
    end(rows, cast, case, acting, action)
    assert gains(cast.community_safety).keys() <= {"deadline", "deadline_change"}, "that they owed something"
    with asking(cast.community_safety) as session:
        reasons = session.scalars(select(Deadline.move_reason).where(Deadline.subject_id == action.id))
        assert set(reasons) <= {None, f"Moved on action {action.reference}"}, "nobody’s words about the case"


def test_somebody_who_moves_to_another_agency_leaves_their_action_behind(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    action = gives(acting, cast.social_worker, case, cast.community_safety)
    rows.get_one(User, cast.community_safety.id).agency_id = cast.other_council.id
    rows.commit()
    with asking(cast.community_safety) as session:
        assert session.get(Action, action.id) is None
        assert session.scalar(select(func.count()).select_from(text("child"))) == 0


@pytest.mark.parametrize("who", ["stranger", "teacher", "governance", "administrator", "neighbour"])
def test_nobody_else_sees_an_action(cast: Cast, asking: Asking, action: Action, who: str) -> None:
    with asking(getattr(cast, who)) as session:
        assert session.get(Action, action.id) is None
