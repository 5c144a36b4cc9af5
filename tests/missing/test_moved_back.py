"""An episode was put on another child, and back: what it took from that record goes again, nobody is said to
have said it, and who may not know the child reads neither its name nor its date of birth meanwhile.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.missing.model import MissingChange, MissingEpisode
from portal.records.missing.moving import answer_match, move_episode
from portal.records.missing.steps import change_episode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.interviews import make_interview, make_return
from tests.factories.missing import make_match
from tests.missing.conftest import Acting, reports, returns
from tests.missing.conftest import said as facts_of_report
from tests.missing.test_pages import ClientFor

NAME = "Ossiwen Brackenthwaite"
NOBODY_SAID: dict[str, Any] = {"responsible_authority": None, "host_authority": None}


@pytest.fixture
def known(rows: Session, case: Case) -> Child:
    """A child with a case, on which social care, the police and health work; its record says whose it is."""
    record = rows.get_one(ChildRecord, case.child_id)
    record.responsible_authority = record.host_authority = "derbyshire"
    rows.commit()
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def other(rows: Session, cast: Cast) -> Child:
    """A child whose authority nobody knows, with a case that community safety leads."""
    child = make_child(rows, "Sorrelby", "Thackeroy")
    lead = cast.community_safety
    case = make_case(rows, child, lead=cast.council, opened_by=cast.coordinator, lead_professional_id=lead.id)
    involve(rows, case, cast.council_team, by=cast.coordinator, worker=lead)
    return child


def put_on(acting: Acting, by: User, episode: MissingEpisode, child: Child) -> None:
    """Somebody puts an episode on the record of a child."""
    with acting(by) as actor:
        moves(actor, episode, child)


def moves(actor: Principal, episode: MissingEpisode, child: Child) -> None:
    held = db.session.get_one(MissingEpisode, episode.id)
    move_episode(actor=actor, episode=held, reference=child.reference, words="Mixed up", version=held.version)


def called(child: Child) -> str:
    return f"{child.given_name} {child.family_name}"


def authorities(rows: Session, episode: MissingEpisode) -> tuple[str | None, str | None]:
    rows.rollback()
    rows.expire_all()
    now = rows.get_one(MissingEpisode, episode.id)
    return now.responsible_authority, now.host_authority


def changed(rows: Session, episode: MissingEpisode) -> list[MissingChange]:
    return list(rows.scalars(select(MissingChange).filter_by(episode_id=episode.id)))


def test_whose_a_child_is_by_its_record_goes_again_with_the_record(
    rows: Session, cast: Cast, known: Child, other: Child, acting: Acting, client_for: ClientFor
) -> None:
    episode = reports(acting, cast.officer, name=called(other), dob=other.dob, **NOBODY_SAID)
    put_on(acting, cast.coordinator, episode, known)
    assert authorities(rows, episode) == ("derbyshire", "derbyshire"), "of the record where it is"
    page = f"/missing/{episode.reference}"
    for person in (cast.officer, cast.coordinator):
        assert "Added" not in client_for(person).soup(page).get_text(), "nobody said whose the child is"
    put_on(acting, cast.coordinator, episode, other)
    assert authorities(rows, episode) == (None, None)
    assert changed(rows, episode) == []
    returns(acting, cast.officer, episode)
    owed = select(Deadline).filter_by(subject_id=episode.id, state="open", kind="return_interview")
    assert rows.scalars(owed).one().owner_agency_id != cast.social_care.id, "it is not theirs"


def test_so_it_goes_where_the_report_took_it_from_the_record_that_was_chosen(
    rows: Session, cast: Cast, known: Child, other: Child, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.officer):
        episode = reports(acting, person, child=known, **NOBODY_SAID)
        assert authorities(rows, episode) == ("derbyshire", "derbyshire")
        put_on(acting, cast.coordinator, episode, other)
        assert authorities(rows, episode) == (None, None), person.name
        put_on(acting, cast.coordinator, episode, known)
        assert authorities(rows, episode) == ("derbyshire", "derbyshire")
        returns(acting, cast.officer, episode)


def test_what_somebody_said_stays_with_the_episode_and_is_in_its_history(
    rows: Session, cast: Cast, known: Child, other: Child, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, name=called(other), dob=other.dob, **NOBODY_SAID)
    put_on(acting, cast.coordinator, episode, known)
    says(acting, cast.officer, episode, responsible_authority="derby", host_authority="derbyshire")
    assert [one.changed_by for one in changed(rows, episode)] == [cast.officer.id]
    assert changed(rows, episode)[0].after == {"responsible_authority": "derby"}
    put_on(acting, cast.coordinator, episode, other)
    assert authorities(rows, episode) == ("derby", None), "what was left to the record alone goes with it"


def says(acting: Acting, person: User, episode: MissingEpisode, **facts: object) -> None:
    with acting(person) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        said = facts_of_report(record.missing_since) | facts
        change_episode(actor=actor, episode=record, facts=said, version=record.version)


def test_who_may_not_know_whose_it_was_reads_neither_the_name_nor_the_birth_that_were_reported(
    rows: Session, cast: Cast, known: Child, other: Child, acting: Acting, client_for: ClientFor
) -> None:
    episode = reports(acting, cast.community_safety, child=other, **NOBODY_SAID)
    put_on(acting, cast.coordinator, episode, known)
    page = f"/missing/{episode.reference}"
    for person in (cast.nurse, cast.social_worker):
        text = client_for(person).soup(page).get_text()
        assert known.family_name in text, person.name
        for said in (other.given_name, other.family_name, "Reported as"):
            assert said not in text, (person.name, said)
    for person in (cast.coordinator, cast.officer):
        text = client_for(person).soup(page).get_text()
        assert f"Reported as {called(other)}" in text, person.name
    rows.rollback()
    case = rows.scalars(select(Case).filter_by(child_id=other.id)).one()
    involve(rows, case, cast.health_team, by=cast.coordinator)
    assert "Reported as" in client_for(cast.nurse).soup(page).get_text(), "who works with both children"


def test_a_child_whose_record_says_another_spelling_is_reported_as_it_was(
    rows: Session, cast: Cast, known: Child, acting: Acting, client_for: ClientFor
) -> None:
    """An episode that was on no other record says of nobody else."""
    name = f"{known.family_name} {known.given_name}"
    episode = reports(acting, cast.officer, name=name, dob=known.dob)
    assert "Reported as" in client_for(cast.nurse).soup(f"/missing/{episode.reference}").get_text()


def test_a_front_door_reads_of_the_very_child_who_was_reported_that_it_was_put_right(
    rows: Session, cast: Cast, known: Child, other: Child, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.commit()
    third = make_child(rows, "Ossiwen", "Brackenthwaite")
    episode = reports(acting, cast.officer, name=called(other), dob=other.dob, **NOBODY_SAID)
    page, door = f"/missing/{episode.reference}", cast.social_worker
    put_on(acting, cast.coordinator, episode, third)
    assert "Who the child is now thought to be is not shown to you" in client_for(door).get(page).text
    put_on(acting, cast.coordinator, episode, other)
    text = client_for(door).get(page).text
    assert "That was put right since: it is the child who was reported" in text
    assert "is not shown to you" not in text


@pytest.mark.parametrize("misspelt", [True, False])
def test_so_it_does_where_it_was_known_by_another_record_or_reported_as_it_is_called(
    rows: Session,
    cast: Cast,
    known: Child,
    other: Child,
    acting: Acting,
    client_for: ClientFor,
    misspelt: bool,
) -> None:
    """The hub says that the child of the record that the report began is one who was known."""
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.commit()
    name, born = ("Osiwen Brackenthwait", date(2012, 9, 3)) if misspelt else (NAME, date(2012, 3, 9))
    episode = reports(acting, cast.officer, name=name, dob=born, **NOBODY_SAID)
    page, door = f"/missing/{episode.reference}", client_for(cast.social_worker)
    child = make_child(rows, *NAME.split(), dob=date(2012, 3, 9))
    if misspelt:
        asked = make_match(rows, episode, child)
        with acting(cast.coordinator) as actor:
            held = db.session.get_one(MissingEpisode, episode.id)
            answer_match(actor=actor, episode=held, match_id=asked.id, same=True, words="The mother said so")
    else:
        put_on(acting, cast.coordinator, episode, other)
        assert "is not shown to you" in door.get(page).text
        put_on(acting, cast.coordinator, episode, child)
    text = door.get(page).text
    assert "it is the child who was reported" in text
    assert "is not shown to you" not in text


def test_so_it_is_of_an_episode_that_goes_over_with_another_by_the_interview_that_covers_both(
    rows: Session, cast: Cast, known: Child, other: Child, acting: Acting, client_for: ClientFor
) -> None:
    both = [
        make_return(rows, other, cast.officer, returned_at=clock.now() - timedelta(hours=hours))
        for hours in (30, 6)
    ]
    make_interview(rows, both, cast.social_worker, team_id=cast.social_care_team.id)
    put_on(acting, cast.coordinator, both[0], known)
    for one in both:
        page = f"/missing/{one.reference}"
        text = client_for(cast.nurse).soup(page).get_text()
        assert known.family_name in text
        assert other.family_name not in text, one.reference
        assert f"Reported as {called(other)}" in client_for(cast.officer).soup(page).get_text()
