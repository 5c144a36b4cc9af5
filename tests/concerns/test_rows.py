"""What the database itself refuses to have written of what is of concern, whatever Python lets through."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.concerns.model import (
    Concern,
    ConcernChange,
    ConcernDifference,
    ConcernKey,
    ConcernLink,
    ConcernNote,
    ConcernRelease,
)
from portal.records.people.model import User
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.factories.concerns import link, make_concern, release


@pytest.fixture
def person(rows: Session, cast: Cast) -> Concern:
    """A person whom the school recorded and owns, and health may see."""
    found = make_concern(rows, cast.teacher, kind="person", name="Zed Grubb", keys=["who:grubb zed"])
    release(rows, found, cast.health, cast.teacher)
    return found


def refused(asking: Asking, who: User, statement: Any, match: str | None = None) -> None:
    with asking(who) as session, pytest.raises(DBAPIError, match=match):
        session.execute(statement)


def known(who: User) -> dict[str, Any]:
    return {"police_status": "suspect", "police_status_by": who.id, "police_status_at": clock.now()}


def test_only_police_say_how_they_know_a_person(cast: Cast, person: Concern, asking: Asking) -> None:
    for who in (cast.teacher, cast.coordinator, cast.nurse):
        refused(asking, who, update(Concern).values(known(who)), "only police")
    refused(asking, cast.officer, update(Concern).values(known(cast.neighbour)), "only police")
    with asking(cast.officer) as session:
        assert changed(session, update(Concern).values(known(cast.officer))) == 1
    place = {"kind": "place"}
    refused(asking, cast.teacher, update(Concern).values(place), "permission denied")


def test_only_police_and_coordinators_grade(cast: Cast, person: Concern, asking: Asking) -> None:
    graded = update(Concern).values(source_grade="1")
    for who in (cast.teacher, cast.nurse):
        refused(asking, who, graded, "grade")
    for who in (cast.officer, cast.coordinator):
        with asking(who) as session:
            assert changed(session, graded) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sensitivity": 1},
        {"review_on": clock.today()},
        {"name": "Another"},
        {"details": {"age": "9"}},
        {"do_not_approach": True},
        {"dwelling": False, "district": "derby"},
    ],
)
def test_whoever_only_sees_it_changes_nothing(
    cast: Cast, person: Concern, asking: Asking, change: dict[str, Any]
) -> None:
    for who in (cast.nurse, cast.officer):
        refused(asking, who, update(Concern).values(change), "concern")


def test_nobody_takes_it_over_or_ends_it_for_another(cast: Cast, person: Concern, asking: Asking) -> None:
    refused(asking, cast.nurse, update(Concern).values(owner_agency_id=cast.health.id), "who holds it")
    ended = {"ended_at": clock.now(), "ended_by": cast.teacher.id, "ended_reason": "x"}
    refused(asking, cast.coordinator, update(Concern).values(ended), "themselves")
    with asking(cast.teacher) as session:
        assert changed(session, update(Concern).values(ended)) == 1
    team = update(Concern).values(owner_team_id=cast.police_team.id)
    refused(asking, cast.teacher, team, "belongs to the agency")


def _concern(who: User, **facts: Any) -> Any:
    values: dict[str, Any] = {
        "id": new_id(),
        "reference": "CON-TEST-0001",
        "kind": "person",
        "name": "N",
        "description": "",
        "details": {},
        "owner_agency_id": who.agency_id,
        "created_by": who.id,
        "created_agency_id": who.agency_id,
        "created_at": clock.now(),
        "review_on": clock.today(),
        "sensitivity": 0,
        "dwelling": False,
        "do_not_approach": False,
        "version": 1,
        "policy_version": "test",
    } | facts
    return insert(Concern).values(values)


def test_nobody_records_one_as_another_or_with_what_they_may_not_say(cast: Cast, asking: Asking) -> None:
    with asking(cast.nurse) as session:
        session.execute(_concern(cast.nurse))
    for who, facts in (
        (cast.nurse, {"created_by": cast.teacher.id}),
        (cast.nurse, {"owner_agency_id": cast.school.id}),
        (cast.nurse, {"owner_team_id": cast.police_team.id}),
        (cast.officer, {"police_status": "suspect"}),
        (cast.nurse, {"source_grade": "1"}),
        (cast.governance, {}),
        (cast.administrator, {}),
    ):
        refused(asking, who, _concern(who, **facts))


def test_only_its_owner_lets_others_see_it(cast: Cast, person: Concern, asking: Asking) -> None:
    for who, by in (
        (cast.nurse, cast.nurse),
        (cast.coordinator, cast.coordinator),
        (cast.teacher, cast.nurse),
    ):
        values = {
            "id": new_id(),
            "concern_id": person.id,
            "agency_id": cast.council.id,
            "reason": "x",
            "released_by": by.id,
            "released_at": clock.now(),
        }
        refused(asking, who, insert(ConcernRelease).values(values))
    taken = update(ConcernRelease).values(withdrawn_at=clock.now(), withdrawn_by=cast.nurse.id)
    with asking(cast.nurse) as session:
        assert changed(session, taken) == 0
    refused(asking, cast.teacher, taken)


def test_a_link_takes_both_ends_and_is_one_s_own(
    rows: Session, cast: Cast, case: Case, person: Concern, asking: Asking
) -> None:
    hidden = make_concern(rows, cast.officer, sensitivity=1, owner_team_id=cast.police_team.id)
    values: dict[str, Any] = {
        "concern_id": person.id,
        "role": "harmed_by",
        "words": "",
        "handling": "network",
        "listed_agencies": [],
        "created_at": clock.now(),
    }

    def linked(who: User, **ends: Any) -> Any:
        whose = {"id": new_id(), "author_id": who.id, "agency_id": who.agency_id}
        return insert(ConcernLink).values(values | whose | ends)

    with asking(cast.nurse) as session:
        session.execute(linked(cast.nurse, child_id=case.child_id))
    refused(asking, cast.nurse, linked(cast.nurse, child_id=make_child(rows).id))
    refused(asking, cast.neighbour, linked(cast.neighbour, child_id=case.child_id))
    refused(asking, cast.nurse, linked(cast.nurse, other_id=hidden.id))
    refused(asking, cast.nurse, linked(cast.nurse, child_id=case.child_id, author_id=cast.officer.id))
    refused(asking, cast.social_worker, linked(cast.social_worker, child_id=case.child_id))


def test_a_link_is_ended_by_whoever_made_it_or_owns_an_end(
    rows: Session, cast: Cast, person: Concern, asking: Asking
) -> None:
    place = make_concern(rows, cast.nurse)
    link(rows, person, place, cast.officer)
    ended = update(ConcernLink).values(ended_at=clock.now(), ended_reason="x")
    refused(asking, cast.officer, ended.values(ended_by=cast.nurse.id))
    with asking(cast.officer) as session:
        assert changed(session, ended.values(ended_by=cast.officer.id)) == 1
    refused(asking, cast.officer, update(ConcernLink).values(role="x"), "permission denied")


def test_what_was_said_of_it_stands_and_is_said_in_one_s_own_name(
    cast: Cast, person: Concern, asking: Asking
) -> None:
    change = {
        "id": new_id(),
        "concern_id": person.id,
        "kind": "changed",
        "before": {},
        "after": {},
        "reason": "",
        "changed_by": cast.teacher.id,
        "changed_agency_id": cast.school.id,
        "changed_at": clock.now(),
    }
    refused(asking, cast.nurse, insert(ConcernChange).values(change))
    refused(asking, cast.social_worker, insert(ConcernChange).values(change))
    for table in ("concern_change", "concern_note", "concern_key"):
        statement = text(f"update {table} set concern_id = concern_id")  # noqa: S608 - names of ours
        refused(asking, cast.teacher, statement, "permission denied")
    note = {
        "id": new_id(),
        "concern_id": person.id,
        "author_id": cast.officer.id,
        "agency_id": cast.police.id,
        "text": "x",
        "handling": "network",
        "listed_agencies": [],
        "created_at": clock.now(),
    }
    refused(asking, cast.nurse, insert(ConcernNote).values(note))
    with asking(cast.nurse) as session:
        assert session.execute(delete(ConcernKey)).rowcount == 0  # type: ignore[attr-defined]  # of a delete
    refused(asking, cast.nurse, insert(ConcernKey).values(concern_id=person.id, key="tel:1"))


def test_two_are_told_apart_by_whoever_sees_both(
    rows: Session, cast: Cast, person: Concern, asking: Asking
) -> None:
    place = make_concern(rows, cast.officer)
    said = {
        "id": new_id(),
        "concern_id": person.id,
        "other_id": place.id,
        "reason": "",
        "said_at": clock.now(),
    }
    own = {"said_by": cast.nurse.id, "agency_id": cast.health.id}
    refused(asking, cast.nurse, insert(ConcernDifference).values(said | own))
    with asking(cast.officer) as session:
        session.execute(
            insert(ConcernDifference).values(said | {"said_by": cast.officer.id, "agency_id": cast.police.id})
        )
