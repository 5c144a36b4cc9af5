"""Whoever works for another agency sees no duty that they owned for the former one, until they are back."""

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.access.permissions import permitted
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.by_hand.keeping import recording_facts
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Case
from portal.records.people.model import Agency, TeamMember, User
from tests.access.test_reach import Asking
from tests.cases.conftest import Acting, acting
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.by_hand import make_told
from tests.missing.conftest import case

__all__ = ["acting", "case"]


def moves(rows: Session, person: User, to: Agency) -> None:
    """They are of no team of the former agency any more."""
    rows.execute(update(User).where(User.id == person.id).values(agency_id=to.id))
    rows.query(TeamMember).filter_by(user_id=person.id).delete()
    rows.commit()


def sees(asking: Asking, person: User, told: ToldByHand) -> tuple[int, int]:
    """How much of the duty, and of whom it is to tell."""
    with asking(person) as session:
        duty = select(func.count()).select_from(Deadline).where(Deadline.subject_id == told.id)
        whom = select(func.count()).select_from(ToldByHand).where(ToldByHand.id == told.id)
        return session.scalar(duty) or 0, session.scalar(whom) or 0


@pytest.mark.parametrize("way", ["", "phone"])
def test_whoever_moves_sees_no_duty_of_theirs_and_their_manager_goes_on_seeing_it(
    rows: Session, cast: Cast, case: Case, asking: Asking, way: str
) -> None:
    told = make_told(rows, cast.officer, way=way, case_id=case.id)
    assert sees(asking, cast.officer, told) == (1, 1)
    moves(rows, cast.officer, cast.school)
    assert sees(asking, cast.officer, told) == (0, 0)
    for person in (cast.police_manager, cast.colleague, cast.social_worker):
        assert sees(asking, person, told) == (1, 1), person.name
    for person in (cast.stranger, cast.teacher, cast.governance):
        assert sees(asking, person, told) == (0, 0), person.name
    moves(rows, cast.officer, cast.police)
    assert sees(asking, cast.officer, told) == (1, 1), "they are back"


@pytest.mark.parametrize("sees_it_there", [True, False])
def test_it_is_on_the_list_of_the_former_agencys_manager_and_on_no_list_of_the_new_one(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting, *, sees_it_there: bool
) -> None:
    told = make_told(rows, cast.officer, case_id=case.id)
    moves(rows, cast.officer, cast.health if sees_it_there else cast.council)
    if sees_it_there:  # they are on the case for the other agency
        rows.add(TeamMember(team_id=cast.health_team.id, user_id=cast.officer.id))
    rows.get_one(User, cast.nurse.id).roles = ["manager"]
    rows.commit()

    def lists(person: User, whose: str) -> bool:
        found = client_for(person).soup(f"/work?whose={whose}").select("#list-page tbody tr")
        return any("Ola Officer" in row.get_text() for row in found)

    assert lists(cast.police_manager, "people")
    for person in (cast.nurse, cast.stranger, cast.colleague):
        assert not lists(person, "people"), person.name
    assert not lists(cast.officer, "mine")
    with acting(cast.officer) as actor:
        found = db.session.get(ToldByHand, told.id)
        assert (found is not None) is sees_it_there
        assert found is None or not permitted(actor, "by_hand:record", recording_facts(actor, found))


def test_those_for_whom_they_had_to_tell_of_an_action_record_it_and_nobody_where_they_are_now(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    told = make_told(rows, cast.officer, case_id=case.id)
    rows.execute(update(ToldByHand).values(agency_id=cast.school.id, subject_kind="action"))  # which gave it
    moves(rows, cast.officer, cast.health)

    def may(person: User) -> bool:
        with acting(person) as actor:
            found = db.session.get_one(ToldByHand, told.id)
            return permitted(actor, "by_hand:record", recording_facts(actor, found))

    assert [may(one) for one in (cast.police_manager, cast.colleague, cast.nurse)] == [True, True, False]


def test_nor_may_they_change_it_or_say_for_which_agency_they_own_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    told = make_told(rows, cast.officer, case_id=case.id)
    moves(rows, cast.officer, cast.school)
    with asking(cast.officer) as session:
        for table in ("deadline set state = 'done'", "told_by_hand set version = 2"):
            assert session.execute(text(f"update {table} returning 1")).all() == [], table
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text("update deadline set owned_for_id = null"))
    assert rows.get_one(ToldByHand, told.id).version == 1


def test_what_is_given_to_them_anew_is_theirs_for_the_agency_where_they_are(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    told = make_told(rows, cast.colleague, case_id=case.id)
    moves(rows, cast.officer, cast.school)
    duty = rows.query(Deadline).filter_by(subject_id=told.id).one()
    duty.owner_id = cast.officer.id
    rows.commit()
    assert sees(asking, cast.officer, told) == (1, 1)
    moves(rows, cast.officer, cast.police)
    assert sees(asking, cast.officer, told) == (0, 0), "it is the school's"


def test_a_reminder_of_it_goes_to_them_no_more(rows: Session, cast: Cast, case: Case) -> None:
    told = make_told(rows, cast.officer, case_id=case.id)
    reaches = text("select ctx.reaches_by_hand(ctx.readers_of(:person), :told)")

    def goes_to(person: User) -> bool:
        rows.rollback()
        rows.execute(text("set local role portal_scope"))
        return bool(rows.scalar(reaches, {"person": person.id, "told": told_id}))

    told_id = told.id
    rows.execute(update(ToldByHand).values(agency_id=cast.school.id))  # of which they were not then
    rows.commit()
    people = [rows.get_one(User, one.id) for one in (cast.officer, cast.colleague, cast.stranger)]
    assert [goes_to(one) for one in people] == [True, True, False]
    rows.rollback()
    moves(rows, cast.officer, cast.health)
    assert [goes_to(one) for one in people] == [False, True, False]


def test_the_page_of_the_person_says_to_an_administrator_what_is_left(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    make_told(rows, cast.officer, case_id=case.id)
    moves(rows, cast.officer, cast.school)
    page = client_for(cast.administrator).get(f"/administration/people/{cast.officer.id}").text
    assert "Other duties with their name on them: 1" in page
    assert case.reference not in page
