"""What the database itself refuses to have written of return interviews, whatever Python lets through."""

from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.model import ReturnAttempt, ReturnInterview, ReturnInterviewEpisode
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.interviews import make_attempt, make_interview, make_return


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case of the child who is back."""
    return case_of_three(rows, cast)


@pytest.fixture
def interview(rows: Session, cast: Cast, case: Case) -> ReturnInterview:
    """Begun by social care on one return; somebody tried to reach the child."""
    child = rows.get_one(Child, case.child_id)
    back = make_return(rows, child, cast.officer, recorded_team_id=cast.police_team.id)
    found = make_interview(rows, [back], cast.social_worker, team_id=cast.social_care_team.id)
    make_attempt(rows, found, cast.social_worker)
    return found


def begun(child_id: Any, by: Any, **said: Any) -> Any:
    """An interview that somebody begins past the portal."""
    values = {
        "id": new_id(),
        "reference": f"RHI-{new_id()}",
        "child_id": child_id,
        "agency_id": by.agency_id,
        "opened_by": by.id,
        "opened_at": clock.now(),
        "answers": {},
        "shared": {},
        "version": 1,
        "policy_version": "test",
    }
    return insert(ReturnInterview).inline().values(**(values | said))


@pytest.mark.parametrize(
    "said", [{"opened_by": "another"}, {"agency_id": "another"}, {"team_id": "another"}, {"offered": "yes"}]
)
def test_nobody_begins_one_in_the_name_of_another_or_half_way(
    cast: Cast, case: Case, interview: ReturnInterview, asking: Asking, said: dict[str, Any]
) -> None:
    others = {"opened_by": cast.chair.id, "agency_id": cast.police.id, "team_id": cast.police_team.id}
    found = {column: others.get(column, value) for column, value in said.items()}
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(begun(case.child_id, cast.social_worker, **found))


@pytest.mark.parametrize("who", ["stranger", "community_safety"])
def test_nobody_begins_one_with_a_child_of_whose_return_they_do_not_hear(
    cast: Cast, case: Case, interview: ReturnInterview, asking: Asking, who: str
) -> None:
    person = getattr(cast, who)
    with asking(person) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(begun(case.child_id, person))


def test_it_covers_returns_of_its_own_child_that_ended(
    rows: Session, cast: Cast, case: Case, interview: ReturnInterview, asking: Asking
) -> None:
    child = rows.get_one(Child, case.child_id)
    missing = make_return(rows, child, cast.officer)
    missing.returned_at = None
    rows.commit()
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(
            insert(ReturnInterviewEpisode).values(
                interview_id=interview.id, episode_id=missing.id, child_id=child.id
            )
        )


def test_an_attempt_is_made_in_one_s_own_name_and_not_after_it_is_completed(
    rows: Session, cast: Cast, interview: ReturnInterview, asking: Asking
) -> None:
    def tried(by: Any) -> Any:
        return (
            insert(ReturnAttempt)
            .inline()
            .values(
                id=new_id(),
                interview_id=interview.id,
                child_id=interview.child_id,
                at=clock.now(),
                way="phone",
                words="x",
                made_by=by.id,
                agency_id=cast.social_care.id,
                written_at=clock.now(),
            )
        )

    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(tried(cast.chair))
    interview.offered, interview.completed_at = "no", clock.now()
    interview.completed_by = cast.social_worker.id
    rows.commit()
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(tried(cast.social_worker))


@pytest.mark.parametrize(
    "column", ["child_id", "agency_id", "team_id", "opened_by", "opened_at", "reference", "policy_version"]
)
def test_with_whom_and_by_whom_it_was_begun_stands(
    cast: Cast, interview: ReturnInterview, asking: Asking, column: str
) -> None:
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update return_interview set {column} = {column}"))  # noqa: S608 - columns of ours


@pytest.mark.parametrize("table", ["return_change", "return_attempt", "return_interview_episode"])
def test_what_was_tried_and_said_before_is_only_added_to(
    cast: Cast, interview: ReturnInterview, asking: Asking, table: str
) -> None:
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update {table} set child_id = child_id"))  # noqa: S608 - tables of ours
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"delete from {table}"))  # noqa: S608 - tables of ours


def test_nobody_completes_one_in_the_name_of_another_or_before_it_was_held_or_declined(
    cast: Cast, interview: ReturnInterview, asking: Asking
) -> None:
    completed = {"completed_at": clock.now(), "completed_by": cast.social_worker.id}
    with asking(cast.chair) as session, pytest.raises(DBAPIError, match="in the name of another"):
        session.execute(update(ReturnInterview).values(offered="no", **completed))
    for said in ({}, {"offered": "yes"}, {"offered": "yes", "accepted": True}):
        with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="held, declined"):
            session.execute(update(ReturnInterview).values(**said, **completed))


@pytest.mark.parametrize("who", ["stranger", "community_safety", "governance", "administrator"])
def test_whoever_does_not_read_it_changes_nothing_of_it(
    rows: Session, cast: Cast, interview: ReturnInterview, asking: Asking, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        assert changed(session, update(ReturnInterview).values(answers={"where": "x"})) == 0
    rows.rollback()
    assert rows.scalars(select(ReturnInterview.answers)).one() == {}
    assert rows.scalars(select(MissingEpisode.withdrawn_at)).one() is None
