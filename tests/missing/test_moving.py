"""An episode is put on the right child: what follows it, who hears of it, and two who do so at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.lists import matches_waiting, open_match
from portal.records.missing.model import MissingEpisode, MissingMatch, MissingPrompt, MissingScope
from portal.records.missing.moving import answer_match, move_episode
from portal.records.missing.steps import change_episode
from portal.records.people.model import Team, User
from portal.records.return_interviews.model import ReturnInterview
from portal.vocabulary import Desk, Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.interviews import make_interview
from tests.factories.missing import make_episode, make_match, make_prompt
from tests.missing.conftest import Acting, reports, returns, withdraws
from tests.missing.conftest import said as facts_of_report
from tests.missing.test_pages import ClientFor
from tests.told import of_event

MAIL, BELL = "mail", "portal"
Moving = Callable[..., None]


@pytest.fixture
def wrong(rows: Session, case: Case) -> Child:
    """Whose the episode was thought to be: a child with a case, on which health works."""
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def right(rows: Session, cast: Cast) -> Child:
    """Whose it is: a child with another case, which community safety leads."""
    child = make_child(rows, "Sorrelby", "Thackeroy")
    lead = cast.community_safety
    case = make_case(rows, child, lead=cast.council, opened_by=cast.coordinator, lead_professional_id=lead.id)
    involve(rows, case, cast.council_team, by=cast.coordinator, worker=lead)
    return child


@pytest.fixture
def moving(acting: Acting) -> Moving:
    """A coordinator puts an episode on the record of a child."""

    def move(by: User, episode: MissingEpisode, to: Child, version: int | None = None) -> None:
        with acting(by) as actor:
            held = db.session.get_one(MissingEpisode, episode.id)
            move_episode(
                actor=actor,
                episode=held,
                reference=to.reference,
                words="Mixed up",
                version=version or held.version,
            )

    return move


def ended(rows: Session, child: Child, by: User, ago: int) -> MissingEpisode:
    """An episode so many days ago, which ended after some hours."""
    since = clock.now() - timedelta(days=ago)
    return make_episode(rows, child, by, since=since, returned_at=since + timedelta(hours=4))


def owed(rows: Session, episode: MissingEpisode) -> Deadline:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Deadline).filter_by(subject_id=episode.id, state="open")).one()


def hears(rows: Session, event: str) -> set[object]:
    """Who was told of an event by mail."""
    return {who for who, how, _ in of_event(rows, event, last_word=None) if how == MAIL}


def test_an_episode_goes_with_its_interview_and_the_counts_follow(
    rows: Session, cast: Cast, wrong: Child, right: Child, asking: Asking, client_for: ClientFor
) -> None:
    episodes = [ended(rows, wrong, cast.officer, ago) for ago in (1, 2, 3)]
    interview = make_interview(rows, episodes[:2], cast.social_worker, team_id=cast.social_care_team.id)
    page = f"/missing/{episodes[0].reference}"
    said = {"other": right.reference, "words": "Mixed up", "version": "1"}
    for person in (cast.nurse, cast.officer):
        assert client_for(person).submit(f"{page}/move", said).status_code in {403, 422}, person.name
    client = client_for(cast.coordinator)
    assert client.submit(f"{page}/move", said | {"other": "CH-2222-2222"}).status_code == 422
    assert client.submit(f"{page}/move", said | {"other": wrong.reference}).status_code == 422
    assert client.submit(f"{page}/move", said).status_code == 303
    rows.rollback()
    rows.expire_all()
    assert [rows.get_one(MissingEpisode, one.id).child_id for one in episodes] == [
        *(right.id, right.id),
        wrong.id,
    ]
    assert rows.get_one(ReturnInterview, interview.id).child_id == right.id
    for child, words in ((right, "2 in all"), (wrong, "1 in all")):
        assert words in client.soup(f"/children/{child.reference}/missing").get_text()
    for child, listed in ((right, True), (wrong, False)):
        lines = client.get(f"/children/{child.reference}/chronology").text
        assert (episodes[0].reference in lines) is listed
        interviews = client.get(f"/children/{child.reference}/return-interviews").text
        assert (interview.reference in interviews) is listed
    assert "Mixed up" in client.soup(page).get_text()
    assert (cast.community_safety.id, MAIL, "missing_moved") in of_event(
        rows, "missing_moved", last_word=None
    )
    with asking(cast.nurse) as session:
        assert session.get(MissingEpisode, episodes[0].id) is None, "whoever works with the wrong child alone"


def test_what_is_owed_goes_to_whoever_owes_it_for_the_right_child(
    rows: Session, cast: Cast, case: Case, wrong: Child, acting: Acting, moving: Moving
) -> None:
    right = make_child(rows, "Sorrelby", "Thackeroy")
    held = make_case(
        rows, right, lead=cast.police, opened_by=cast.coordinator, lead_professional_id=cast.officer.id
    )
    grant(rows, held, cast.coordinator, by=cast.coordinator)
    held.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    episode = reports(acting, cast.officer, child=wrong)
    returns(acting, cast.officer, episode)
    before = owed(rows, episode)
    assert (before.owner_team_id, before.child_id) == (cast.social_care_team.id, wrong.id)
    due = before.due_at
    moving(cast.coordinator, episode, right)
    after = owed(rows, episode)
    assert (after.owner_team_id, after.child_id, after.case_id) == (None, None, held.id)
    assert after.owner_id in {cast.officer.id, cast.coordinator.id}
    assert after.due_at == due, "the time runs from the return"
    moving(cast.coordinator, episode, wrong)
    assert owed(rows, episode).owner_team_id == cast.social_care_team.id


def test_what_repeated_episodes_ask_is_asked_of_the_child_whose_they_are(
    rows: Session, cast: Cast, wrong: Child, right: Child, moving: Moving
) -> None:
    there = [ended(rows, wrong, cast.officer, ago) for ago in (3, 2, 1)]
    make_prompt(rows, there)
    for ago in (8, 5):
        ended(rows, right, cast.officer, ago)
    moving(cast.coordinator, there[0], right)
    rows.rollback()
    rows.expire_all()
    asked = {one.child_id: one for one in rows.scalars(select(MissingPrompt))}
    assert asked[wrong.id].fell_away_at
    assert asked[right.id].fell_away_at is None
    assert len(asked[right.id].episode_ids) == 3
    assert hears(rows, "missing_repeated") >= {cast.community_safety.id}


def test_of_one_who_is_missing_now_the_right_people_hear_as_of_every_report_and_the_others_a_last_word(
    rows: Session,
    cast: Cast,
    wrong: Child,
    right: Child,
    acting: Acting,
    moving: Moving,
    client_for: ClientFor,
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    episode = reports(acting, cast.teacher, name=f"{wrong.given_name} {wrong.family_name}", dob=wrong.dob)
    assert cast.nurse.id in hears(rows, "missing_reported")
    assert cast.community_safety.id not in hears(rows, "missing_reported")
    moving(cast.coordinator, episode, right)
    now = of_event(rows, "missing_moved_now", last_word=None)
    assert (cast.community_safety.id, MAIL, "missing_reported") in now
    assert (cast.police_other_team.id, MAIL, "missing_another") in now, "whom they look for"
    away = of_event(rows, "missing_moved_away", last_word=True)
    assert (cast.nurse.id, MAIL, "missing_not_them") in away
    mails = rows.scalars(select(OutboxMessage).filter_by(kind="missing_not_them", channel=MAIL)).all()
    assert all(one.urgent for one in mails), "at any hour, as of the report"
    led = next(one.id for one in mails if one.recipient_id == cast.nurse.id)
    page = client_for(cast.nurse).get(f"/go/{led}", follow_redirects=True).text
    assert "It is another child: the one of whom you were told is not the one who was reported" in page
    assert right.family_name not in page
    assert cast.community_safety.id not in {who for who, _, _ in away}
    returns(acting, cast.officer, episode)
    heard = hears(rows, "missing_returned")
    assert cast.community_safety.id in heard
    assert cast.nurse.id not in heard, "it is not theirs any more"


def test_a_front_door_that_works_on_the_right_case_hears_of_the_report_once_and_then_whose_it_is(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting, moving: Moving
) -> None:
    door = rows.get_one(Team, cast.social_care_team.id)
    door.desks = [Desk.FRONT_DOOR]
    case = rows.scalars(select(Case).filter_by(child_id=right.id)).one()
    involve(rows, case, door, by=cast.coordinator, worker=cast.social_worker)
    rows.commit()
    episode = reports(acting, cast.teacher, name=f"{wrong.given_name} {wrong.family_name}", dob=wrong.dob)
    assert door.id in hears(rows, "missing_reported")
    moving(cast.coordinator, episode, right)
    now = of_event(rows, "missing_moved_now", last_word=None)
    for who in (door, cast.social_worker):
        assert {kind for one, _, kind in now if one == who.id} == {"missing_another"}
    assert (cast.community_safety.id, MAIL, "missing_reported") in now, (
        "who has not heard of it hears of a report"
    )
    assert (cast.social_worker.id, MAIL, "missing_another") in now


def test_what_is_added_afterwards_is_not_told_as_a_new_report(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting, moving: Moving
) -> None:
    episode = reports(acting, cast.teacher, name="Pellory Vantongue")
    moving(cast.coordinator, episode, right)
    reported = hears(rows, "missing_reported")
    assert cast.community_safety.id in hears(rows, "missing_moved_now") - reported
    adds(acting, cast.officer, episode, wearing="A red coat")
    assert hears(rows, "missing_reported") == reported
    returns(acting, cast.officer, episode)
    front_door = rows.get_one(Team, cast.social_care_team.id)
    front_door.desks = [Desk.FRONT_DOOR]
    rows.commit()
    adds(acting, cast.officer, episode, host_authority="derbyshire")
    assert hears(rows, "missing_reported") == reported, "nobody is missing now"
    assert front_door.id in hears(rows, "missing_returned")


def adds(acting: Acting, person: User, episode: MissingEpisode, **facts: object) -> None:
    """Add to what an episode says."""
    with acting(person) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        change_episode(
            actor=actor,
            episode=record,
            facts=facts_of_report(record.missing_since) | facts,
            version=record.version,
        )


def test_whoever_gets_it_back_hears_of_it_again(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting, moving: Moving
) -> None:
    episode = reports(acting, cast.social_worker, child=wrong)
    moving(cast.coordinator, episode, right)
    moving(cast.coordinator, episode, wrong)
    assert cast.nurse.id in hears(rows, "missing_moved_now")
    returns(acting, cast.officer, episode)
    heard = hears(rows, "missing_returned")
    assert cast.nurse.id in heard
    assert cast.community_safety.id not in heard


def test_two_who_move_it_at_once_or_change_it_meanwhile_are_shown_the_other(
    rows: Session, cast: Cast, wrong: Child, right: Child, moving: Moving, client_for: ClientFor
) -> None:
    episode = ended(rows, wrong, cast.officer, 1)
    third = make_child(rows, "Ossiwen", "Brackenthwaite")
    page, client = f"/missing/{episode.reference}/move", client_for(cast.second_coordinator)
    form = client.soup(page).find("input", {"name": "version"})
    assert form is not None
    moving(cast.coordinator, episode, right)
    sent = {"other": third.reference, "words": "The mother said so", "version": str(form["value"])}
    answer = client.submit(page, sent)
    assert answer.status_code == 409
    for said in (right.reference, third.reference, "Mixed up", "The mother said so"):
        assert said in answer.text
    with pytest.raises(Conflict):
        moving(cast.coordinator, episode, third, version=1)


def test_a_question_is_open_while_the_episode_is_where_it_was(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting, moving: Moving
) -> None:
    third = make_child(rows, "Ossiwen", "Brackenthwaite")
    episode = reports(acting, cast.social_worker, child=wrong)
    asked = make_match(rows, episode, right)
    make_match(rows, episode, third)
    with acting(cast.coordinator):
        assert len(matches_waiting()) == 2
    moving(cast.coordinator, episode, right)
    rows.expire_all()
    assert rows.get_one(MissingMatch, asked.id).same, "whoever moves it answers what was asked"
    with acting(cast.coordinator) as actor:
        assert matches_waiting() == []
        held = db.session.get_one(MissingEpisode, episode.id)
        with pytest.raises(DomainError, match="answered this already"):
            answer_match(actor=actor, episode=held, match_id=asked.id, same=False, words="x")
    moving(cast.coordinator, episode, wrong)
    withdraws(acting, cast.coordinator, episode)
    with acting(cast.coordinator):
        assert open_match(episode_id=episode.id) is None


@pytest.mark.parametrize("held", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_put_on_a_child_who_is_held_closely_it_is_gone_for_whoever_read_it_before(
    rows: Session,
    cast: Cast,
    right: Child,
    acting: Acting,
    moving: Moving,
    asking: Asking,
    client_for: ClientFor,
    held: Sensitivity,
) -> None:
    """The record that the report began has no other episode: nobody is left who would read one there."""
    episode = reports(acting, cast.teacher, name="Pellory Vantongue")
    page, listed = f"/missing/{episode.reference}", [cast.officer, cast.social_worker, cast.coordinator]
    before = [cast.community_safety, *listed]
    for person in listed:
        assert "Pellory Vantongue" in client_for(person).get("/missing").text, person.name
    case = rows.scalars(select(Case).filter_by(child_id=right.id)).one()
    for reader in (cast.second_coordinator, cast.community_safety):
        grant(rows, case, reader, by=cast.second_coordinator)
    rows.execute(update(Case).where(Case.id == case.id).values(sensitivity=int(held)))
    rows.commit()
    moving(cast.second_coordinator, episode, right)
    reads = {cast.second_coordinator, cast.community_safety, cast.teacher}
    if held is Sensitivity.RESTRICTED:
        reads.add(cast.coordinator)  # every coordinator reads a restricted case
    for person in {*before, *reads, cast.neighbour, cast.nurse, cast.colleague}:
        client = client_for(person)
        for address in ("/missing", "/", page):
            said = client.get(address).text
            assert ("Sorrelby" in said) <= (person in reads - {cast.teacher}), (person.name, address)
            assert ("Pellory" in said or episode.reference in said) <= (person in reads), (
                person.name,
                address,
            )
        with asking(person) as session:
            seen = session.get(MissingEpisode, episode.id)
            assert (seen is not None) is (person in reads), person.name
            matched = session.scalars(select(MissingMatch)).all()
            assert bool(matched) <= (person in reads - {cast.teacher}), person.name
    assert "Sorrelby" in client_for(cast.community_safety).get(page).text
    wrote = client_for(cast.teacher).get(page).text
    assert "Pellory Vantongue" in wrote, "whoever reported it reads what they wrote"
    assert right.reference not in wrote
    rows.rollback()
    whose = set(rows.scalars(select(MissingScope.child_id).filter_by(record_id=episode.id)))
    assert whose == {right.id}, "no reader of the former child is left"


def test_one_that_was_withdrawn_is_not_moved(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting, moving: Moving
) -> None:
    episode = reports(acting, cast.social_worker, child=wrong)
    withdraws(acting, cast.coordinator, episode)
    with pytest.raises(DomainError, match="withdrawn"):
        moving(cast.coordinator, episode, right)


def test_whoever_works_on_both_cases_moves_it_and_nobody_who_works_on_one(
    rows: Session, cast: Cast, wrong: Child, right: Child, client_for: ClientFor
) -> None:
    case = rows.scalars(select(Case).filter_by(child_id=right.id)).one()
    episode = ended(rows, wrong, cast.officer, 1)
    page = f"/missing/{episode.reference}/move"
    said = {"other": right.reference, "words": "Mixed up", "version": "1"}
    assert client_for(cast.nurse).submit(page, said).status_code == 422
    involve(rows, case, cast.health_team, by=cast.coordinator)
    assert client_for(cast.nurse).submit(page, said).status_code == 303
