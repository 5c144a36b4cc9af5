"""Reopening a case: its workers come back, what ended is listed, and who counted on the end hears."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import CASE_REOPENED
from portal.records.cases.model import Case, Involvement
from portal.records.closing.ending import FollowUp
from portal.records.people.model import Team, User
from portal.vocabulary import RiskLevel
from tests.assessments.conftest import assessed
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import Acting, agrees, closed, ending, ends, reopens
from tests.told import heard, to_tell

SignIn = Callable[[User | None], Client]


def brought(cast: Cast, acting: Acting, *teams: Team) -> list[Team]:
    with acting(cast.coordinator):
        found = [db.session.get_one(Team, one.id) for one in teams]
        for one in found:
            db.session.expunge(one)
    return found


def named(rows: Session, case: Case, team: Team) -> list[object]:
    rows.rollback()
    now = select(Involvement.worker_id).filter_by(case_id=case.id, team_id=team.id, ended_at=None)
    return list(rows.scalars(now))


def test_whoever_worked_on_it_for_a_team_that_is_brought_back_works_on_it_again(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    closed(rows, cast, acting, case)
    reopens(acting, cast.coordinator, case, teams=brought(cast, acting, cast.health_team, cast.police_team))
    assert named(rows, case, cast.health_team) == [cast.nurse.id]
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert "which is back, and nobody is now" not in page
    assert client_for(cast.stranger).get(f"/cases/{case.reference}").status_code == 404


def test_who_cannot_come_back_is_listed_so_that_somebody_is_named(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    closed(rows, cast, acting, case)
    rows.execute(update(User).where(User.id == cast.nurse.id).values(active=False))
    rows.commit()
    reopens(acting, cast.coordinator, case, teams=brought(cast, acting, cast.health_team))
    assert named(rows, case, cast.health_team) == [None]
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert f"Nell Nurse was named for {cast.health_team.name}, which is back, and nobody is now" in page


def test_a_discussion_that_was_due_when_the_case_ended_is_listed_until_somebody_owes_it_again(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    with acting(cast.coordinator):
        record, owner = db.session.get_one(Case, case.id), Owner(user_id=cast.social_worker.id)
        due = clock.now() + timedelta(days=1)
        open_deadline(kind=DeadlineKind.STRATEGY, subject=record, owner=owner, due_at=due)
    closed(rows, cast, acting, case)
    reopens(acting, cast.coordinator, case)

    def says() -> bool:
        page = client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
        return f"{DeadlineKind.STRATEGY.label}: was due by" in page

    assert says()
    with acting(cast.coordinator):
        record = db.session.get_one(Case, case.id)
        open_deadline(kind=DeadlineKind.STRATEGY, subject=record, owner=owner, due_at=due)
    assert not says()


def test_who_carries_something_on_after_the_case_and_who_was_told_of_its_end_by_hand_hear_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    follow_up = FollowUp(person=rows.get_one(User, cast.teacher.id))
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation", follow_up=follow_up))
    agrees(acting, cast.social_care_manager, case)
    reopens(acting, cast.coordinator, case)
    assert "teacher mail follow_up_reopened" in heard(rows, cast, "case_reopened")
    assert to_tell(rows, "case_reopened") == set(), "nobody was told by hand that it ended"
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    agrees(acting, cast.social_care_manager, case)
    said = {"told_on": clock.today(), "way": "phone", "told_by": "Cora Coordinator"}
    by = {"recorded_by": cast.coordinator.id, "recorded_at": clock.now()}
    rows.execute(update(ToldByHand).values(**said, **by))
    rows.commit()
    reopens(acting, cast.coordinator, case)
    who = "Hew Helper (School)"
    assert to_tell(rows, "case_reopened") == {(who, cast.coordinator.id, "open")}


def test_nobody_need_tell_any_more_that_it_ended_once_it_is_open_again(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    assert {state for *_, state in to_tell(rows, "case_ended")} == {"open"}
    reopens(acting, cast.coordinator, case)
    assert {state for *_, state in to_tell(rows, "case_ended")} == {"cancelled"}
    assert rows.scalars(select(ToldByHand.dropped_reason)).all() == [CASE_REOPENED]
    assert to_tell(rows, "case_reopened") == set()
