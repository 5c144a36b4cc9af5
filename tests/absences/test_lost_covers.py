"""Whoever covers a case of a colleague who is away leaves, or reads it no more: nobody covers it."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import AbsenceCover
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people import keeping
from portal.records.people.model import Team, User
from portal.vocabulary import RiskLevel, Sensitivity
from tests.absences.test_telling import covers, enters
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.factories.people import make_team
from tests.told import of_event, page_words

MAIL, BELL = "mail", "portal"
NOBODY = "Nobody covers the case: whoever was to does not read it any more"

each = pytest.mark.parametrize(("high", "event"), [(False, "cover_lost"), (True, "cover_lost_now")])


@pytest.fixture
def case(rows: Session, cast: Cast, acting: Acting) -> Case:
    """A case whose lead is away, and which a colleague of another profession covers."""
    made = case_of_three(rows, cast)
    covers(
        acting, enters(acting, cast.social_worker, cast.social_worker), cast.social_worker, cast.chair, made
    )
    return made


def leaves(acting: Acting, cast: Cast, who: User) -> str:
    with acting(cast.administrator) as actor:
        keeping.switch_off(actor=actor, user_id=who.id, reason="Left", later=True)
        return page_words()


def at_high(rows: Session, case: Case, high: bool) -> None:
    rows.get_one(Case, case.id).level = RiskLevel.HIGH if high else RiskLevel.LOW
    rows.commit()


def told(rows: Session, event: str) -> set[tuple[object, str]]:
    return {(who, how) for who, how, _ in of_event(rows, event)}


@each
def test_whoever_manages_and_whoever_is_away_hear_at_once_that_nobody_covers_a_case_that_must_not_wait(
    rows: Session, cast: Cast, case: Case, acting: Acting, high: bool, event: str
) -> None:
    at_high(rows, case, high)
    words = leaves(acting, cast, cast.chair)
    assert told(rows, event) == {(cast.social_care_manager.id, MAIL), (cast.social_worker.id, BELL)}
    assert told(rows, "cover_lost" if high else "cover_lost_now") == set()
    assert case.reference not in words
    assert cast.social_worker.name not in words


def test_so_it_is_told_while_the_child_is_missing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    at_high(rows, case, False)
    make_episode(rows, rows.get_one(Child, case.child_id), cast.officer)
    leaves(acting, cast, cast.chair)
    assert (cast.social_care_manager.id, MAIL) in told(rows, "cover_lost_now")


def test_pages_say_that_nobody_covers_it_and_somebody_else_may(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    """The case, for a colleague and for other agencies; the days of whoever is away; the team."""
    leaves(acting, cast, cast.chair)
    for person in (cast.officer, cast.nurse, cast.social_care_manager, cast.coordinator):
        words = " ".join(client_for(person).soup(f"/cases/{case.reference}").get_text(" ").split())
        assert NOBODY in words, person.name
        assert "covers the case," not in words
    assert client_for(cast.stranger).get(f"/cases/{case.reference}").status_code == 404
    cover = rows.scalars(select(AbsenceCover)).one()
    manager = client_for(cast.social_care_manager)
    page = manager.soup(f"/absences/{cover.absence_id}").get_text(" ")
    assert f"Nobody: {cast.chair.name} was to, and does not read it any more" in page
    assert "no cover" in manager.soup("/work/team").get_text(" ")
    answer = manager.submit(
        f"/absences/{cover.absence_id}",
        {"case": str(case.id), "deputy": str(cast.social_care_manager.id)},
    )
    assert answer.status_code == 303
    rows.expire_all()
    assert rows.scalars(select(AbsenceCover.deputy_id)).one() == cast.social_care_manager.id


@each
def test_of_somebody_who_works_on_the_case_whoever_leads_it_hears_too(
    rows: Session, cast: Cast, acting: Acting, high: bool, event: str
) -> None:
    """Moved to another team of the agency, which does not work on the case."""
    made = case_of_three(rows, cast)
    at_high(rows, made, high)
    covers(acting, enters(acting, cast.officer, cast.officer), cast.officer, cast.colleague, made)
    elsewhere = make_team(rows, cast.police, "Traffic")
    with acting(cast.administrator) as actor:
        person = db.session.get_one(User, cast.colleague.id)
        keeping.change_details(
            actor=actor,
            user_id=person.id,
            name=person.name,
            email=person.email,
            job_title=person.job_title,
            phone=person.phone,
            team_ids=[elsewhere.id],
            version=person.version,
            later=True,
        )
    found = told(rows, event)
    assert {(cast.social_worker.id, MAIL), (cast.officer.id, BELL), (cast.police_manager.id, MAIL)} == found


@each
def test_where_no_manager_reads_it_the_hub_hears(
    rows: Session, cast: Cast, case: Case, acting: Acting, high: bool, event: str
) -> None:
    at_high(rows, case, high)
    rows.get_one(User, cast.social_care_manager.id).active = False
    rows.execute(update(Team).filter_by(id=cast.social_care_team.id).values(manager_id=None))
    rows.commit()
    leaves(acting, cast, cast.chair)
    assert (cast.hub_team.id, MAIL) in told(rows, event)


@each
def test_of_a_sealed_case_whoever_is_named_there_hears(
    rows: Session, cast: Cast, acting: Acting, high: bool, event: str
) -> None:
    made = case_of_three(rows, cast)
    at_high(rows, made, high)
    for one in (cast.social_worker, cast.chair, cast.nurse):
        grant(rows, made, one, by=cast.coordinator)
    rows.get_one(Case, made.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    covers(
        acting, enters(acting, cast.social_worker, cast.social_worker), cast.social_worker, cast.chair, made
    )
    leaves(acting, cast, cast.chair)
    assert told(rows, event) == {(cast.nurse.id, MAIL), (cast.social_worker.id, MAIL)}


def test_whoever_still_reads_what_they_cover_goes_on_covering_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    leaves(acting, cast, cast.nurse)
    assert told(rows, "cover_lost") == told(rows, "cover_lost_now") == set()
