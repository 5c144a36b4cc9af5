"""What a page says after an answer to an invitation, and of invitations that nobody answered."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.meetings.invitations import Answer, reply
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_invitation
from tests.factories.people import make_user
from tests.meetings.days import Day, make_day
from tests.meetings.test_changing import moving
from tests.meetings.test_in_time import calls, case
from tests.told import of_event
from tests.triage.test_pages import fields_of

__all__ = ["case"]

ClientFor = Callable[[User | None], Client]
Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast, starts_at=clock.now() + timedelta(days=3))


def test_whoever_says_that_they_come_is_not_named_as_told_nor_invited(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    client, place = client_for(cast.community_safety), f"/invitations/{day.council.reference}"
    assert client.submit(place, data={"reply": "coming"}).status_code == 303
    page = client.soup(place)
    assert "Your answer is in: coming" in page.get_text()
    assert "Told" not in page.get_text()
    assert of_event(rows, "meeting_invited") == set(), "by their own answer"
    assert of_event(rows, "meeting_for_calendar") == {(cast.community_safety.id, "mail", "for_calendar")}, (
        "the entry for their own calendar goes out all the same"
    )


def test_whoever_was_invited_by_name_with_the_team_hears_nothing_of_their_own_answer(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    calls(acting, cast, case, in_hours=100)
    before = of_event(rows, "meeting_invited")
    assert (cast.officer.id, "mail", "invited") in before
    police = rows.scalars(select(Invitation).filter_by(role="police")).one()
    with acting(cast.officer) as actor:
        invited = db.session.get_one(Invitation, police.id)
        answer = Answer(reply=InvitationReply.COMING, version=invited.version)
        meeting = db.session.get_one(Meeting, invited.meeting_id)
        reply(actor=actor, meeting=meeting, invitation=invited, answer=answer)
    assert of_event(rows, "meeting_invited") == before
    theirs = rows.query(OutboxMessage).filter_by(event="meeting_invited", recipient_id=cast.officer.id)
    assert theirs.count() == 1
    assert of_event(rows, "meeting_for_calendar") == set()


def test_who_in_fact_hears_of_an_answer_is_named(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    client, place = client_for(cast.nurse), f"/invitations/{day.health.reference}"
    assert client.submit(place, data={"reply": "apologies", "reason": "Ill"}).status_code == 303
    page = client.soup(place).get_text(" ")
    assert {one[0] for one in of_event(rows, "meeting_answered")} == {cast.chair.id}
    assert f"{cast.chair.name} (chairs" in page
    assert f"{cast.nurse.name} (" not in page


def test_of_a_meeting_that_is_past_it_is_not_said_that_a_reply_is_still_to_come(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    ahead = make_day(rows, cast, starts_at=clock.now() + timedelta(days=3))
    past = make_day(rows, cast, starts_at=clock.now() - timedelta(days=2))
    nurse, chair = client_for(cast.nurse), client_for(cast.chair)
    listed = nurse.soup("/meetings?show=lately").select_one("#list-page tbody")
    assert listed
    assert "No reply was given" in listed.get_text()
    assert "No reply yet" not in listed.get_text()
    assert "No reply yet" in nurse.soup("/meetings").get_text()
    for day, says, not_said in (
        (past, "No reply was given", "No reply yet"),
        (ahead, "No reply yet", "No reply was given"),
    ):
        for client, place in (
            (nurse, f"/invitations/{day.health.reference}"),
            (chair, f"/meetings/{day.meeting.reference}"),
        ):
            page = client.soup(place).get_text()
            assert says in page, place
            assert not_said not in page, place
        page = chair.soup(f"/meetings/{day.meeting.reference}").get_text()
        assert ("say whether you come" in page) is (day is ahead)
    for step in ("record", "attendance"):
        page = chair.soup(f"/meetings/{past.meeting.reference}/{step}").get_text()
        assert "No reply was given" in page, step
        assert "No reply yet" not in page, step


@pytest.mark.parametrize("withdrawn", [True, False])
def test_nobody_comes_by_two_invitations(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor, withdrawn: bool
) -> None:
    council = client_for(cast.community_safety)
    own = make_invitation(rows, day.meeting, person=cast.community_safety, by=cast.chair)
    rows.commit()
    team = f"/invitations/{day.council.reference}"
    refused = council.submit(team, data={"reply": "coming"})
    assert refused.status_code == 422
    assert "You come by another invitation" in refused.text
    change = {"withdrawn_at": clock.now()} if withdrawn else {"reply": InvitationReply.APOLOGIES}
    rows.execute(update(Invitation).where(Invitation.id == own.id).values(change))
    rows.commit()
    assert council.submit(team, data={"reply": "coming"}).status_code == 303
    if not withdrawn:
        return
    chair = client_for(cast.chair)
    sent = {"people-0-email": cast.community_safety.email, "people-0-role": own.role}
    twice = chair.submit(f"/meetings/{day.meeting.reference}/invite", sent)
    assert (twice.status_code, "They are invited already" in twice.text) == (422, True)


def test_a_colleague_who_comes_already_is_no_deputy_and_of_others_nobody_learns_it(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    make_invitation(rows, day.meeting, person=cast.police_manager, by=cast.chair)
    rows.commit()
    with acting(cast.officer) as actor:
        meeting = db.session.get_one(Meeting, day.meeting.id)
        mine = db.session.get_one(Invitation, day.police.id)
        deputy = db.session.get_one(User, cast.police_manager.id)
        answer = Answer(reply=InvitationReply.DEPUTY, deputy=deputy, version=mine.version)
        with pytest.raises(DomainError, match="They come already by another invitation"):
            reply(actor=actor, meeting=meeting, invitation=mine, answer=answer)
    known = func.ctx.comes_already(day.meeting.id, cast.police_manager.id, day.police.id)
    for other in (cast.stranger, cast.community_safety):
        with acting(other):
            assert not db.session.scalar(select(known)), other.name


def test_an_answer_to_the_time_before_it_was_moved_is_none_to_the_new_one(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    client, place = client_for(cast.community_safety), f"/invitations/{day.council.reference}"
    before = fields_of(client.soup(place), place) | {"reply": "coming"}
    hub, move = client_for(cast.chair), f"/meetings/{day.meeting.reference}/move"
    assert hub.submit(move, fields_of(hub.soup(move), move) | moving(day.meeting)).status_code == 303
    answer = client.submit(place, before)
    assert answer.status_code == 409
    page = client.page_of(answer)
    words = " ".join(page.get_text(" ").split())
    assert "The meeting or your part in it changed while you were choosing" in words
    assert "The meeting begins" in words
    rows.rollback()
    assert rows.get_one(Invitation, day.council.id, populate_existing=True).reply == InvitationReply.WAITING
    again = fields_of(page, place) | {"reply": "coming"}
    assert client.submit(place, again).status_code == 303
    assert rows.get_one(Invitation, day.council.id, populate_existing=True).reply == InvitationReply.COMING


def test_whoever_comes_as_the_deputy_reads_so_and_whoever_asked_them_that_one_comes(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    """On Today, and in the list of meetings."""
    deputy = make_user(rows, cast.health, "Hettie Health", teams=(cast.health_team,))
    own = rows.get_one(Invitation, day.health.id)
    own.reply, own.comes_id = InvitationReply.DEPUTY, deputy.id
    rows.commit()
    for person, says in (
        (deputy, "You come in the place of somebody else"),
        (cast.nurse, "A deputy comes in your place"),
    ):
        client = client_for(person)
        for page in (client.get("/home").location, "/meetings"):
            assert says in client.soup(page).get_text(), f"{person.name}, {page}"
