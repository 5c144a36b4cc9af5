"""Something is recorded once, by anybody who practises, and what it said before stays."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.pathway.calendar import end_of_day
from portal.records.concerns.holding import (
    grade_concern,
    hand_over,
    hold,
    release,
    set_police_status,
    withdraw_release,
)
from portal.records.concerns.keeping import change_concern, end_concern, reopen_concern, review_concern
from portal.records.concerns.model import Concern, ConcernChange, ConcernKey, ConcernRelease
from portal.records.concerns.rules import Described, lookup_keys
from portal.records.intelligence.grading import Grades
from portal.records.people.model import TeamMember
from tests.cast import Cast
from tests.concerns.conftest import Acting, acts, records

SOON = clock.today() + timedelta(days=60)


def test_it_belongs_to_the_agency_of_whoever_records_it_and_is_reviewed(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    made = records(acting, cast.teacher, review_on=SOON)
    found = rows.get_one(Concern, made.id)
    assert (found.owner_agency_id, found.owner_team_id) == (cast.school.id, cast.school_team.id)
    duty = rows.scalars(select(Deadline).where(Deadline.concern_id == made.id)).one()
    assert (duty.kind, duty.owner_team_id, duty.due_at) == (
        "concern_review",
        cast.school_team.id,
        end_of_day(SOON),
    )
    kept = rows.scalars(select(ConcernChange).where(ConcernChange.concern_id == made.id)).one()
    assert (kept.kind, kept.after["name"]) == ("recorded", "Zubrowka Arcade")


def test_a_page_that_is_sent_twice_records_it_once(rows: Session, cast: Cast, acting: Acting) -> None:
    once = uuid4()
    first, second = (records(acting, cast.teacher, once=once) for _ in range(2))
    assert first.id == second.id
    assert len(rows.scalars(select(Concern)).all()) == 1


def test_a_place_where_somebody_lives_is_known_by_its_sort(rows: Session, cast: Cast, acting: Acting) -> None:
    home = records(acting, cast.officer, details={"place_kind": "placement"}, district="derby")
    shop = records(acting, cast.officer, details={"place_kind": "shop"}, district="derby")
    assert (home.dwelling, shop.dwelling, shop.authority) == (True, False, "derby")


def test_a_thing_without_a_name_is_called_by_what_tells_it_apart(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    car = records(
        acting, cast.officer, "vehicle", name="", details={"registration": "zz12 zzz", "colour": "Silver"}
    )
    assert car.name == "Silver, ZZ12 ZZZ"
    keys = set(rows.scalars(select(ConcernKey.key).where(ConcernKey.concern_id == car.id)))
    assert lookup_keys(keys) == {"reg:ZZ12ZZZ", "part:ZZ12", "part:ZZZ"}


def test_nothing_is_not_recorded(cast: Cast, acting: Acting) -> None:
    with pytest.raises(DomainError, match="Write what you know"):
        records(acting, cast.teacher, name=" ")


@pytest.mark.parametrize(
    "said",
    [
        {"review_on": clock.today() - timedelta(days=1)},
        {"review_on": clock.today() + timedelta(days=800)},
        {"risk": "enormous"},
        {"district": "atlantis"},
        {"first_on": clock.today(), "last_on": clock.today() - timedelta(days=1)},
        {"description": "x" * 5_001},
    ],
)
def test_what_makes_no_sense_is_refused(cast: Cast, acting: Acting, said: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        records(acting, cast.teacher, **said)


def test_what_it_said_before_stays(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher, details={"postcode": "DE1 1AA"}, review_on=SOON)
    said = Described(name="Zubrowka Arcade", details={"postcode": "DE1 1AB"})
    acts(acting, cast.teacher, made, change_concern, said=said, reason="The postcode was wrong")
    now = rows.get_one(Concern, made.id)
    assert (now.details["postcode"], now.review_on, now.version) == ("DE1 1AB", SOON, 2)
    last = rows.scalars(select(ConcernChange).order_by(ConcernChange.changed_at.desc()).limit(1)).one()
    assert (last.before["details"]["postcode"], last.reason) == ("DE1 1AA", "The postcode was wrong")
    keys = set(rows.scalars(select(ConcernKey.key)))
    assert lookup_keys(keys) == {"name:zubrowka arcade", "code:DE11AB"}


def test_others_add_a_note_and_do_not_change_what_it_says(cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher)
    with pytest.raises(Forbidden):
        acts(acting, cast.officer, made, change_concern, said=Described(name="X"), reason="")


def test_the_second_of_two_who_change_it_sees_both(cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher)
    acts(acting, cast.teacher, made, change_concern, said=Described(name="Arcade"), reason="")
    with pytest.raises(Conflict):
        acts(acting, cast.teacher, made, change_concern, said=Described(name="B"), reason="", version=1)


def test_only_police_say_how_they_know_a_person(rows: Session, cast: Cast, acting: Acting) -> None:
    person = records(acting, cast.teacher, "person", name="Zed Grubb")
    for other in (cast.teacher, cast.coordinator):
        with pytest.raises(Forbidden, match="Only police"):
            acts(acting, other, person, set_police_status, status="suspect", reason="R")
    acts(acting, cast.neighbour, person, set_police_status, status="suspect", reason="Under investigation")
    now = rows.get_one(Concern, person.id)
    assert (now.police_status, now.police_status_by) == ("suspect", cast.neighbour.id)
    place = records(acting, cast.officer)
    with pytest.raises(DomainError, match="Only of a person"):
        acts(acting, cast.officer, place, set_police_status, status="suspect", reason="R")


def test_police_and_the_hub_grade_it_and_nobody_else(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher)
    grades = Grades(source_grade="2", information_grade="C", handling_code="C")
    with pytest.raises(Forbidden):
        acts(acting, cast.teacher, made, grade_concern, grades=grades, reason="Ask first")
    with pytest.raises(DomainError, match="State the conditions"):
        acts(acting, cast.coordinator, made, grade_concern, grades=grades)
    acts(acting, cast.officer, made, grade_concern, grades=grades, reason="Ask first")
    assert rows.get_one(Concern, made.id).handling_code == "C"


def test_a_review_says_what_was_found_and_opens_the_next(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher)
    acts(acting, cast.teacher, made, review_concern, words="Still closed", review_on=SOON, risk="low")
    states = {one.state: one.due_at for one in rows.scalars(select(Deadline))}
    assert states.keys() == {"done", "open"}
    assert states["open"] == end_of_day(SOON)
    with pytest.raises(Forbidden):
        acts(acting, cast.officer, made, review_concern, words="X", review_on=SOON, risk=None)


def test_what_ends_is_owed_no_more_and_can_be_opened_again(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher)
    acts(acting, cast.teacher, made, end_concern, reason="The arcade closed down")
    assert rows.scalars(select(Deadline.state)).all() == ["cancelled"]
    with pytest.raises(DomainError, match="no longer of concern"):
        acts(acting, cast.teacher, made, change_concern, said=Described(name="B"), reason="")
    acts(acting, cast.coordinator, made, reopen_concern, reason="It opened again", review_on=SOON)
    assert rows.get_one(Concern, made.id).ended_at is None


def test_only_its_owner_lets_another_agency_see_it(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.teacher)
    for other in (cast.officer, cast.coordinator):
        with pytest.raises(Forbidden):
            acts(acting, other, made, release, agency_id=cast.health.id, reason="R")
    acts(acting, cast.teacher, made, release, agency_id=cast.health.id, reason="They treat children")
    given = rows.scalars(select(ConcernRelease)).one()
    with pytest.raises(NotFound):
        acts(acting, cast.teacher, made, withdraw_release, release_id=uuid4())
    acts(acting, cast.teacher, made, withdraw_release, release_id=given.id)
    with pytest.raises(NotFound):
        acts(acting, cast.teacher, made, withdraw_release, release_id=given.id)


def test_whoever_gives_it_away_may_not_see_it_afterwards(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.coordinator, "person", name="Zed Grubb")
    acts(acting, cast.coordinator, made, hold, restricted=True, reason="An investigation runs")
    acts(acting, cast.coordinator, made, hand_over, team=cast.police_team, reason="They know him")
    now = rows.get_one(Concern, made.id)
    assert (now.owner_agency_id, now.owner_team_id) == (cast.police.id, cast.police_team.id)
    duty = rows.scalars(select(Deadline).where(Deadline.state == "open")).one()
    assert duty.owner_team_id == cast.police_team.id


def test_an_owner_that_is_not_its_recorder_can_give_it_away_while_held_closely(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    made = records(acting, cast.teacher, "person", name="Zed Grubb")
    acts(acting, cast.teacher, made, hand_over, team=cast.health_team, reason="They know him")
    acts(acting, cast.nurse, made, hold, restricted=True, reason="An investigation runs")
    acts(acting, cast.nurse, made, hand_over, team=cast.police_team, reason="They know him")
    assert rows.get_one(Concern, made.id).owner_agency_id == cast.police.id


def test_whoever_is_in_no_team_does_not_hold_anything_so_closely_that_they_do_not_see_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    rows.query(TeamMember).filter_by(user_id=cast.teacher.id).delete()
    rows.commit()
    with pytest.raises(DomainError, match="no team"):
        records(acting, cast.teacher, restricted=True)
    assert records(acting, cast.teacher).owner_team_id is None
