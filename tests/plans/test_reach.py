"""Whoever owns an action knows the child’s name, the action and what their own agency wrote; nothing else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.models import Action, Case, Deadline, TeamMember, User
from portal.models.base import Model
from portal.services.action_changes import hand_over, move_date
from portal.services.action_steps import mark_done
from portal.vocabulary import Role, Sensitivity
from tests.cast import Cast
from tests.factories.cases import add_alert, add_entry, grant
from tests.factories.meetings import make_meeting
from tests.factories.people import make_team, make_user
from tests.factories.plans import make_note
from tests.plans.conftest import Acting, gives, steps

Asking = Callable[[User | None], AbstractContextManager[Session]]
Gains = Callable[[User], dict[str, int]]
#: Of a child and its case, what an action lets its owner read: the identity, the action, its clock.
REACH = {"child": 1, "child_scope": 1, "action": 1, "deadline": 1}
#: What they were told and did stays their own, with the reference alone.
OWN = {"outbox_message", "outbox_subject", "audit_event"}


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
    team = make_team(rows, cast.council, "Another team")
    other = make_user(rows, cast.council, "Noah Neighbour", Role.PRACTITIONER, teams=(team,))

    def seen_by(person: User) -> dict[str, int]:
        with asking(person) as session:
            readable = session.scalars(
                text(
                    "select relname from pg_class where relkind = 'r' and has_table_privilege(oid, 'select')"
                )
            ).all()
            tables = [one for one in Model.metadata.sorted_tables if one.name in readable]
            assert len(tables) > 40, "the tables that hold anything about anybody"
            return {one.name: session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}

    def beyond(person: User) -> dict[str, int]:
        theirs, others = seen_by(person), seen_by(other)
        more = {name: count - others[name] for name, count in theirs.items()}
        return {name: count for name, count in more.items() if count > 0 and name not in OWN}

    return beyond


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
