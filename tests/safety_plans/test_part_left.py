"""A team leaves a case whose safety plan in force counts on it: the page asks, the lead and the hub hear."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import Untold
from portal.records.cases.involvements import end_involvement
from portal.records.cases.model import Case, Involvement
from portal.records.people.model import Team
from tests.assessments.conftest import case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import involve
from tests.safety_plans.steps import WORDS, WORKERS, Acting, begun, holds
from tests.told import heard, untold

COUNTS = "in force says what the police do, and nobody else of theirs works on the case"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


def of_team(rows: Session, case: Case, team: Team) -> Involvement:
    return rows.scalars(select(Involvement).filter_by(case_id=case.id, team_id=team.id, ended_at=None)).one()


def leaves(acting: Acting, cast: Cast, case: Case, gone: Involvement) -> None:
    with acting(cast.coordinator) as actor:
        end_involvement(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            involvement=db.session.get_one(Involvement, gone.id),
            reason="Their part is done",
        )


def test_where_nobody_else_of_the_sector_is_left_the_page_asks_and_the_lead_and_the_hub_hear(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    plan = begun(acting, cast.social_worker, case, {**WORDS, **WORKERS})
    holds(acting, cast.social_worker, case, plan)
    police = of_team(rows, case, cast.police_team)
    page = f"/cases/{case.reference}/network/{police.id}/end"
    for person in (cast.coordinator, cast.police_manager):
        said = client_for(person).soup(page).get_text(" ", strip=True)
        assert f"The safety plan {plan.reference} {COUNTS}" in said
        assert "Whoever leads the case is told that nobody is left for it" in said
    assert client_for(cast.stranger).get(page).status_code == 404
    assert untold(rows) == set()
    leaves(acting, cast, case, police)
    told = heard(rows, cast, "safety_plan_part_left")
    assert told == {"social_worker mail safety_plan_part_left", "news"}
    assert untold(rows) == {("safety_plan_police", "police", "nobody")}
    assert rows.scalars(select(Untold.subject_id)).all() == [plan.id]


def test_so_where_a_manager_takes_their_own_team_off_who_reads_nothing_of_it_afterwards(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    plan = begun(acting, cast.social_worker, case, {**WORDS, **WORKERS})
    holds(acting, cast.social_worker, case, plan)
    police = of_team(rows, case, cast.police_team)
    page = f"/cases/{case.reference}/network/{police.id}/end"
    assert client_for(cast.police_manager).submit(page, {"reason": "Done"}).status_code == 303
    assert "social_worker mail safety_plan_part_left" in heard(rows, cast, "safety_plan_part_left")
    assert client_for(cast.police_manager).get(f"/cases/{case.reference}").status_code == 404


def test_nobody_hears_where_another_team_of_the_sector_goes_on_or_the_plan_names_no_part_or_is_no_more(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    plan = begun(acting, cast.social_worker, case, {**WORDS, **WORKERS})
    health = of_team(rows, case, cast.health_team)
    police = of_team(rows, case, cast.police_team)
    address = f"/cases/{case.reference}/network"
    hub = client_for(cast.coordinator)
    assert COUNTS not in hub.soup(f"{address}/{police.id}/end").get_text(" ", strip=True), "not in force yet"
    holds(acting, cast.social_worker, case, plan)
    said = hub.soup(f"{address}/{health.id}/end").get_text(" ", strip=True)
    assert "and nobody else of theirs works on the case" not in said
    leaves(acting, cast, case, health)
    involve(rows, case, cast.police_other_team, by=cast.coordinator)
    rows.commit()
    assert COUNTS not in hub.soup(f"{address}/{police.id}/end").get_text(" ", strip=True)
    leaves(acting, cast, case, police)
    assert heard(rows, cast, "safety_plan_part_left") == set()
    assert untold(rows) == set()
