"""Whoever covers a case of a colleague who is away leaves, or reads it no more: nobody covers it."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import AbsenceCover, OutboxMessage, OutboxSubject
from portal.messages.telling import About
from portal.messages.told import HIDDEN
from portal.records.cases.grants import end_grant, tell_each_lost_cover
from portal.records.cases.involvements import current_involvement, end_involvement
from portal.records.cases.model import Case, Involvement
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.children.model import Child
from portal.records.people import keeping
from portal.records.people.model import Team, TeamMember, User
from portal.vocabulary import RiskLevel, Sensitivity
from tests.absences.test_telling import covers, enters
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant, involve
from tests.factories.missing import make_episode
from tests.factories.people import make_team
from tests.told import of_event, page_words

MAIL, BELL = "mail", "portal"
NOBODY = "Nobody covers the case: whoever was to is away too, or does not read it any more"

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


@each
def test_of_a_team_that_is_taken_off_the_deputy_hears_that_a_cover_ended(
    rows: Session, cast: Cast, acting: Acting, high: bool, event: str
) -> None:
    """And those hear who heard if the deputy had left."""
    made = case_of_three(rows, cast)
    at_high(rows, made, high)
    ends = involve(rows, made, cast.police_other_team, by=cast.coordinator, worker=cast.neighbour).id
    rows.commit()
    covers(acting, enters(acting, cast.officer, cast.officer), cast.officer, cast.neighbour, made)
    with acting(cast.coordinator) as actor:
        end_involvement(
            actor=actor,
            case=db.session.get_one(Case, made.id),
            involvement=db.session.get_one(Involvement, ends),
            reason="Done",
        )
    found = of_event(rows, event, last_word=None)
    assert found == {
        (cast.social_worker.id, MAIL, event),
        (cast.police_manager.id, MAIL, event),
        (cast.officer.id, BELL, "cover_lost"),
        (cast.neighbour.id, BELL, "cover_no_longer"),
    }


def seals(acting: Acting, cast: Cast, case: Case, *named: User) -> None:
    with acting(cast.coordinator) as actor:
        found = db.session.get_one(Case, case.id)
        raise_sensitivity(
            actor=actor,
            case=found,
            to=Sensitivity.SEALED,
            reason="Threats",
            named=[db.session.get_one(User, one.id) for one in named],
            version=found.version,
        )


def test_of_a_case_that_is_sealed_whoever_reads_on_hears_and_the_deputy_that_a_cover_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    seals(acting, cast, case, cast.social_worker, cast.nurse)
    found = of_event(rows, "cover_lost", last_word=None)
    assert found == {
        (cast.social_worker.id, MAIL, "cover_lost"),
        (cast.nurse.id, MAIL, "cover_lost"),
        (cast.chair.id, BELL, "cover_no_longer"),
    }
    of_deputy = select(OutboxSubject.reference, OutboxSubject.case_id).join(
        OutboxMessage, OutboxMessage.id == OutboxSubject.message_id
    )
    assert rows.execute(of_deputy.where(OutboxMessage.kind == "cover_no_longer")).one() == (None, None)


def test_whoever_lost_sight_of_it_with_their_deputy_hears_the_same_and_nobody_looks_for_another(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    made = case_of_three(rows, cast)
    covers(acting, enters(acting, cast.officer, cast.officer), cast.officer, cast.colleague, made)
    seals(acting, cast, made, cast.social_worker)
    found = of_event(rows, "cover_lost", last_word=None) | of_event(rows, "cover_lost_now", last_word=None)
    assert found == {(one.id, BELL, "cover_no_longer") for one in (cast.officer, cast.colleague)}


def test_a_named_deputy_who_is_taken_off_covers_it_no_more(rows: Session, cast: Cast, acting: Acting) -> None:
    made = case_of_three(rows, cast)
    taken = grant(rows, made, cast.chair, by=cast.coordinator).id
    for one in (cast.social_worker, cast.coordinator):
        grant(rows, made, one, by=cast.coordinator)
    rows.get_one(Case, made.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    covers(
        acting, enters(acting, cast.social_worker, cast.social_worker), cast.social_worker, cast.chair, made
    )
    with acting(cast.coordinator) as actor:
        end_grant(actor=actor, case=db.session.get_one(Case, made.id), grant_id=taken)
    found = of_event(rows, "cover_lost", last_word=None)
    assert (cast.chair.id, BELL, "cover_no_longer") in found
    assert (cast.social_worker.id, BELL, "cover_lost") in found


def test_where_nobody_covers_a_case_the_page_says_nothing_of_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    made = case_of_three(rows, cast)
    with acting(cast.coordinator) as actor:
        found = db.session.get_one(Case, made.id)
        team = current_involvement(found, cast.police_team.id)
        assert team is not None
        end_involvement(actor=actor, case=found, involvement=team, reason="Done")
        assert HIDDEN not in page_words()
    assert of_event(rows, "cover_lost", last_word=None) == set()


def test_nobody_else_can_have_it_told(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    """Somebody who does not read the case, and has taken nothing off it."""
    rows.execute(delete(TeamMember).where(TeamMember.user_id == cast.chair.id))
    rows.commit()
    with acting(cast.stranger) as actor:
        asks = {"case": str(case.id), "deputies": [str(cast.chair.id)]}
        tell_each_lost_cover(actor=actor, about=About("cre_case", case.id), asks=asks)
    assert of_event(rows, "cover_lost", last_word=None) == set()
