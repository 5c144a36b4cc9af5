"""What is owed and told for whoever leads a case, where they do not read it any more."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.records.cases.model import Case
from portal.records.people.model import TeamMember, User
from tests.assessments.conftest import case_of_three
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.entries.test_telling import adds
from tests.factories.people import make_team
from tests.told import of_event


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case whose lead was moved to a team that does not work on it."""
    made, team = case_of_three(rows, cast), make_team(rows, cast.social_care, "A team of the north")
    rows.execute(update(TeamMember).filter_by(user_id=cast.social_worker.id).values(team_id=team.id))
    rows.commit()
    return made


def test_a_critical_moment_is_looked_at_by_the_team_that_leads_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    adds(acting, cast.nurse, case, critical_moment="Sent home for a week", moment="exclusion")
    rows.rollback()
    owed = rows.scalars(select(Deadline).filter_by(kind="moment_review")).one()
    assert (owed.owner_id, owed.owner_team_id) == (None, cast.social_care_team.id)


def test_what_is_news_to_whoever_leads_is_so_to_them_and_nobody_else_there(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    adds(acting, cast.nurse, case)
    told = {who for who, *_ in of_event(rows, "entry_added")}
    assert cast.social_care_manager.id in told
    assert cast.chair.id in told, "of the team that works on the case"
    assert not {cast.social_worker.id, cast.stranger.id, cast.nurse.id, cast.officer.id} & told


def test_a_lead_who_reads_the_case_owes_it_themselves(rows: Session, cast: Cast, acting: Acting) -> None:
    adds(acting, cast.nurse, case_of_three(rows, cast), critical_moment="Sent home", moment="exclusion")
    rows.rollback()
    owed = rows.scalars(select(Deadline).filter_by(kind="moment_review")).one()
    assert rows.get_one(User, owed.owner_id) is cast.social_worker
