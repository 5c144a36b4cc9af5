"""Whoever works with a child on one record reads the same on a linked one, or that there is more."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team
from portal.vocabulary import Desk, Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting
from tests.missing.test_pages import ClientFor
from tests.missing.test_worked_on import linked
from tests.safety_plans.steps import WORDS, begun, holds
from tests.told import heard

UNSHOWN = "a linked record, which is not shown to you"
MORE = "There is more on a linked record of the child, which is not shown to you"


@pytest.fixture
def other(rows: Session, cast: Cast, case: Case) -> Child:
    """A second record of the child, without a case."""
    found = make_child(rows, "Adda", "Fictionall")
    linked(rows, cast, found, rows.get_one(Child, case.child_id))
    return found


@pytest.fixture
def running(rows: Session, cast: Cast, other: Child) -> MissingEpisode:
    """An episode that runs there: the police read it, and health who work with the child do not."""
    return make_episode(rows, other, cast.officer, team=cast.police_team)


def test_counts_are_of_both_records_for_whoever_reads_both_and_say_of_more_to_whoever_does_not(
    rows: Session, cast: Cast, case: Case, running: MissingEpisode, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    since = clock.now() - timedelta(days=3)
    make_episode(rows, child, cast.officer, since=since, returned_at=since + timedelta(hours=2))
    police, nurse = client_for(cast.officer), client_for(cast.nurse)
    place = f"/cases/{case.reference}"
    assert "2 times, 2 in the last 30 days, 1 on linked records" in police.soup(place).get_text()
    assert UNSHOWN not in police.soup(place).get_text()
    words = nurse.soup(place).get_text()
    assert "1 time, 1 in the last 30 days; more on a linked record, which is not shown to you" in words
    place = f"/children/{child.reference}/missing"
    assert "2 in all" in police.soup(place).get_text()
    assert MORE not in police.soup(place).get_text()
    words = nurse.soup(place).get_text()
    assert "1 in all" in words
    assert MORE in words
    listed = police.soup("/missing").get_text()
    assert "2 times in 30 days, as far as you see: 1 of them on linked records" in listed
    place = f"/children/{child.reference}/chronology"
    assert "Not back yet, recorded on a linked record" in police.soup(place).get_text()
    assert "Not back yet, recorded on a linked record" not in nurse.soup(place).get_text()


def test_of_a_record_that_is_held_more_closely_nothing_says_that_there_is_more(
    rows: Session,
    cast: Cast,
    case: Case,
    other: Child,
    running: MissingEpisode,
    client_for: ClientFor,
    asking: Asking,
) -> None:
    child = rows.get_one(Child, case.child_id)
    make_episode(rows, child, cast.officer)
    held = make_case(rows, other, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, held, cast.coordinator, by=cast.coordinator)
    held.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for page in (f"/cases/{case.reference}", f"/children/{child.reference}/missing"):
        for person in (cast.nurse, cast.officer, cast.second_coordinator):
            assert "not shown to you" not in client_for(person).soup(page).get_text(), (page, person.name)
    for person in (cast.nurse, cast.officer, cast.stranger, cast.community_safety):
        with asking(person) as session:
            for one in (child.id, other.id, uuid4()):
                assert other.id not in set(session.scalar(select(func.ctx.read_as_same(one))) or ()) - {one}
                assert session.scalar(select(func.ctx.missing_unshown(one))) is False


def test_who_works_with_neither_learns_of_no_link(
    rows: Session, cast: Cast, case: Case, other: Child, running: MissingEpisode, asking: Asking
) -> None:
    for person in (cast.stranger, cast.community_safety, cast.teacher, cast.governance):
        with asking(person) as session:
            for one in (case.child_id, other.id):
                assert session.scalar(select(func.ctx.read_as_same(one))) == []
                assert session.scalar(select(func.ctx.missing_unshown(one))) is False
            assert session.scalars(select(func.ctx.missing_by_link())).all() == []
    with asking(cast.nurse) as session:
        assert session.scalars(select(func.ctx.missing_by_link())).all() == [case.child_id]


def test_the_safety_plan_stands_on_the_episode_and_the_desk_hears_of_it(
    rows: Session, cast: Cast, case: Case, running: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    plan = begun(acting, cast.social_worker, case, WORDS | {"missing_enquiries": "Try the boathouse first"})
    holds(acting, cast.social_worker, case, plan)
    assert "police_other_team mail missing_planned" in heard(rows, cast, "missing_planned")
    page = f"/missing/{running.reference}"
    for person in (cast.social_worker, cast.officer):
        assert "Try the boathouse first" in client_for(person).soup(page).get_text(), person.name
    assert "boathouse" not in client_for(cast.neighbour).soup(page).get_text()
