"""A desk that looks for a child asks before it acts, by a plan or an alert, while one of them says so."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.model import new_id
from portal.records.cases.alerts import end_alert
from portal.records.cases.model import Alert, Case
from portal.records.children.model import ChildLink
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.vocabulary import Desk
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.safety_plans.steps import WORDS, Acting, begun, holds
from tests.safety_plans.test_pages import ClientFor
from tests.safety_plans.test_while_missing import IF_MISSING, missing, warns
from tests.told import heard, page_words

NIGHT = datetime(2027, 11, 27, 2, 0, tzinfo=UTC)  # a Saturday
DESK = "police_other_team mail"
ASK = "Before you ring or visit anybody, ask what it says"
Ends = Callable[..., str]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The police work on it; the desk for missing people is another team of theirs, which does not."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    return case_of_three(rows, cast)


def alert_ends(acting: Acting, by: User, case: Case) -> str:
    """The alert that stands is taken off; what the page says of who was told."""
    with acting(by) as actor:
        alert = db.session.scalars(select(Alert).where(Alert.ended_at.is_(None))).one()
        of = db.session.get_one(Case, case.id)
        end_alert(actor=actor, case=of, alert=alert, reason="He moved away", version=alert.version)
        return page_words()


def plan_ends(acting: Acting, by: User, case: Case) -> str:
    """The plan is ended; what the page says of who was told."""
    with acting(by) as actor:
        plan = db.session.scalars(select(SafetyPlan)).one()
        of = db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=of, plan=plan, reason="Wrong", version=plan.version)
        return page_words()


def asks(client_for: ClientFor, cast: Cast, episode: MissingEpisode) -> bool:
    """Whether the page of the report says to the desk that they ask before they act."""
    return ASK in client_for(cast.neighbour).soup(f"/missing/{episode.reference}").get_text(" ", strip=True)


def over(rows: Session, cast: Cast) -> bool:
    return f"{DESK} missing_plan_over" in heard(rows, cast, "missing_plan_over")


def test_a_desk_that_was_told_to_ask_because_of_an_alert_hears_at_once_that_it_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    with time_machine.travel(NIGHT) as now:
        episode = missing(rows, cast, case)
        warns(acting, cast.social_worker, case)
        assert asks(client_for, cast, episode)
        now.shift(60)
        banner = alert_ends(acting, cast.social_worker, case)
        assert f"{cast.police_other_team.name} (was told before)" in banner
        assert over(rows, cast)
        assert not asks(client_for, cast, episode)
    told = {one.split()[0] for one in heard(rows, cast, "missing_plan_over")}
    assert not told & {"teacher", "stranger", "community_safety", "nurse"}


@pytest.mark.parametrize(("first", "then"), [(plan_ends, alert_ends), (alert_ends, plan_ends)])
def test_while_a_plan_or_an_alert_still_says_so_the_desk_goes_on_asking(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    client_for: ClientFor,
    first: Ends,
    then: Ends,
) -> None:
    with time_machine.travel(NIGHT) as now:
        episode = missing(rows, cast, case)
        holds(acting, cast.social_worker, case, begun(acting, cast.social_worker, case, WORDS | IF_MISSING))
        warns(acting, cast.social_worker, case)
        now.shift(60)
        first(acting, cast.social_worker, case)
        assert not over(rows, cast)
        assert asks(client_for, cast, episode)
        now.shift(60)
        then(acting, cast.social_worker, case)
        assert over(rows, cast)
        assert not asks(client_for, cast, episode)


@pytest.mark.parametrize("still", [True, False])
def test_of_an_alert_that_is_on_another_record_of_the_child_it_holds_too(
    rows: Session, cast: Cast, case: Case, acting: Acting, still: bool
) -> None:
    other = case_of_three(rows, cast)
    low, high = sorted((case.child_id, other.child_id))
    rows.add(
        ChildLink(
            id=new_id(),
            child_a=low,
            child_b=high,
            reason="x",
            linked_by=cast.coordinator.id,
            created_at=NIGHT,
        )
    )
    rows.commit()
    with time_machine.travel(NIGHT) as now:
        missing(rows, cast, other)
        if still:
            holds(
                acting,
                cast.social_worker,
                other,
                begun(acting, cast.social_worker, other, WORDS | IF_MISSING),
            )
        warns(acting, cast.social_worker, case)
        now.shift(60)
        alert_ends(acting, cast.social_worker, case)
        assert over(rows, cast) is not still
