"""A case whose lead professional reads it no more says so, and who is told in their place."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from portal.records.cases.model import Case, Involvement
from portal.records.people.model import Team, TeamMember, User
from portal.vocabulary import Role
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | None], Client]
SAYS = "do not read the case"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    rows.get_one(Team, cast.social_care_team.id).duty_phone = "01332 555555"
    rows.get_one(User, cast.social_care_manager.id).phone = "01332 666666"
    rows.get_one(User, cast.social_worker.id).phone = "01332 777777"
    rows.commit()
    return case_of_three(rows, cast)


def moved(rows: Session, who: User) -> None:
    rows.execute(delete(TeamMember).where(TeamMember.user_id == who.id))


def left(rows: Session, who: User) -> None:
    rows.get_one(User, who.id).active = False


def governs(rows: Session, who: User) -> None:
    rows.execute(
        text("update app_user set roles = :now where id = :id"), {"now": [Role.GOVERNANCE], "id": who.id}
    )


def lead(client: Client, case: Case) -> str:
    """What a case says of its lead."""
    rows = client.soup(f"/cases/{case.reference}").select(".app-facts > div")
    (found,) = [one for one in rows if one.get_text(" ").split()[0] == "Lead"]
    return " ".join(found.get_text(" ").split())


@pytest.mark.parametrize("happens", [moved, left, governs], ids=lambda one: one.__name__)
def test_whoever_reads_the_case_reads_who_is_told_in_the_place_of_its_lead(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, happens: Callable[[Session, User], None]
) -> None:
    assert SAYS not in lead(client_for(cast.nurse), case)
    happens(rows, cast.social_worker)
    rows.commit()
    instead = f"{cast.social_care_team.name}, 01332 555555; {cast.social_care_manager.name}, 01332 666666"
    for person in (cast.social_care_manager, cast.officer, cast.nurse, cast.coordinator):
        words = lead(client_for(person), case)
        assert f"They {SAYS}. In their place is told: {instead}" in words, person.name
        assert "01332 777777" not in words, "who reads nothing of it is not the one to ring"
    for person in (cast.stranger, cast.neighbour):
        assert client_for(person).get(f"/cases/{case.reference}").status_code == 404


def test_where_nobody_of_the_agency_reads_it_the_case_says_so(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    moved(rows, cast.social_worker)
    of_agency = update(Involvement).filter_by(case_id=case.id, agency_id=cast.social_care.id)
    rows.execute(of_agency.values(ended_at=text("statement_timestamp()"), ended_by=cast.coordinator.id))
    rows.commit()
    words = lead(client_for(cast.nurse), case)
    assert f"They {SAYS}, and nobody of {cast.social_care.name} does in their place" in words
