"""Whoever is named for a closed part of minutes finds it from their home and the case; nobody else does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.policy import current_policy
from portal.records.cases.model import AccessGrant, Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import ClosedMinute, ClosedReader
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.minutes import make_closed_minute
from tests.meetings.days import Day, make_day
from tests.meetings.recorded import make_recorded
from tests.meetings.test_recording_asides import let_read
from tests.told import of_event

Browser = Callable[[User | None], Client]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast, kind="review")


def home(client: Client) -> str:
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200
    return str(answer.text)


def test_a_named_reader_finds_a_closed_part_from_their_home_once_a_meeting_and_nobody_else_does(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    parts = [make_closed_minute(rows, day.meeting, f"On Friday {n}", case=day.case) for n in range(2)]
    for part in parts:
        let_read(rows, part, cast.nurse)
    way = f"/meetings/{day.meeting.reference}/closed"
    nurse = client_for(cast.nurse)
    assert home(nurse).count(f'href="{way}"') == 1
    assert "On Friday" not in home(nurse), "not even its heading"
    assert len(nurse.soup(way).select("main a[href*='/closed/']")) == 2
    for other in (cast.social_worker, cast.officer, cast.stranger, cast.social_care_manager):
        assert "losed part" not in home(client_for(other)), other.name
    for part in parts:
        rows.delete(rows.get_one(ClosedReader, (part.id, cast.nurse.id)))
    rows.commit()
    assert "losed part" not in home(nurse), "they are named no more"


def test_it_is_found_from_the_case_by_whoever_may_read_it_alone(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    part = make_closed_minute(rows, day.meeting, "On Friday", case=day.case)
    let_read(rows, part, cast.nurse)
    place = f"/cases/{rows.get_one(Case, day.case.id).reference}/meetings"
    way = f"/meetings/{day.meeting.reference}/closed"
    for who in (cast.nurse, cast.chair):
        page = client_for(who).soup(place)
        assert page.select_one(f"a[href='{way}']"), who.name
        assert "On Friday" not in page.get_text()
    for other in (cast.social_worker, cast.officer):
        assert "losed part" not in client_for(other).get(place).text, other.name


def offered(browser: Client, address: str) -> set[str]:
    options = browser.soup(address).select("select[name=person] option")
    return {str(one["value"]) for one in options if one["value"]}


def test_who_is_invited_by_team_works_on_the_case_or_leads_it_can_be_named(
    rows: Session, client_for: Browser, cast: Cast
) -> None:
    day = make_day(rows, cast)
    chair = client_for(cast.chair)
    sent = chair.submit(f"/meetings/{day.meeting.reference}/closed/new", {"heading": "H", "text": "T"})
    closed = rows.scalars(select(ClosedMinute)).one()
    assert closed.case_id == day.case.id, "a meeting on one child has it about that child"
    own = sent.headers["Location"]
    may = {cast.officer.id, cast.colleague.id, cast.nurse.id, cast.community_safety.id, cast.social_worker.id}
    assert offered(chair, own) >= {str(one) for one in may}
    for one in (cast.stranger, cast.neighbour, cast.teacher):
        assert str(one.id) not in offered(chair, own)
        assert chair.submit(f"{own}/readers", {"person": str(one.id)}).status_code == 422
    for one in (cast.officer, cast.social_worker):
        assert chair.submit(f"{own}/readers", {"person": str(one.id)}).status_code == 303
        assert client_for(one).get(own).status_code == 200
    assert client_for(cast.colleague).get(own).status_code == 404, "who may be named is not named yet"


def test_of_a_part_on_a_whole_meeting_whoever_reads_one_child_alone_cannot_be_named(
    rows: Session, client_for: Browser, cast: Cast
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.health, opened_by=cast.coordinator)
    day = make_day(rows, cast)
    rows.add(MeetingCase(meeting_id=day.meeting.id, case_id=other.id, child_id=other.child_id))
    rows.commit()
    part = make_closed_minute(rows, day.meeting, "Both", case=None)
    own, chair = f"/meetings/{day.meeting.reference}/closed/{part.id}", client_for(cast.chair)
    assert str(cast.social_worker.id) not in offered(chair, own)
    involve(rows, other, cast.social_care_team, by=cast.coordinator)
    rows.commit()
    assert str(cast.social_worker.id) in offered(chair, own), "the lead professional reads both"


def test_where_nobody_is_left_to_be_named_the_page_says_so(
    rows: Session, client_for: Browser, cast: Cast
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    begun = clock.now() - timedelta(minutes=30)
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator, starts_at=begun)
    part = make_closed_minute(rows, meeting, "Alone", case=case)
    page = client_for(cast.chair).soup(f"/meetings/{meeting.reference}/closed/{part.id}")
    assert not page.select("select[name=person]")
    assert "There is nobody else to name" in page.text


def approve(rows: Session, meeting: Meeting, *states: MeetingState) -> None:
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED, *states):
        rows.execute(update(Meeting).where(Meeting.id == meeting.id).values(state=state))
    rows.commit()


def test_readers_are_named_and_taken_off_once_the_minutes_are_approved_and_the_text_stands(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    part = make_closed_minute(rows, day.meeting, "On Friday", case=day.case)
    own, chair = f"/meetings/{day.meeting.reference}/closed/{part.id}", client_for(cast.chair)
    let_read(rows, part, cast.nurse)
    approve(rows, day.meeting)
    page = chair.soup(own)
    assert "what it says stands; who reads it can still be changed" in page.get_text()
    assert f"named by {cast.coordinator.name}" in page.get_text()
    assert not page.select("textarea[name=text]")
    assert chair.submit(f"{own}/readers", {"person": str(cast.officer.id)}).status_code == 303
    assert client_for(cast.officer).get(own).status_code == 200
    assert "can still be changed" not in client_for(cast.officer).get(own).text
    step = f"{own}/readers/{cast.nurse.id}/remove"
    taken_off = client_for(cast.coordinator).submit(step, {"reason": "They left the team"})
    assert taken_off.status_code == 303, "the note-taker may too"
    assert client_for(cast.nurse).get(own).status_code == 404
    for other in (cast.officer, cast.social_worker, cast.stranger):
        refused = client_for(other).submit(f"{own}/readers", {"person": str(cast.nurse.id)})
        assert refused.status_code in {403, 404}, other.name
    assert of_event(rows, "minutes_reader_named") == {(cast.officer.id, "mail", "minutes_for_you")}
    off = of_event(rows, "minutes_reader_taken_off", last_word=True)
    assert off == {(cast.nurse.id, "portal", "minutes_no_longer_yours")}


def test_why_somebody_was_taken_off_is_asked_kept_and_shown_to_whoever_reads_the_list_alone(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    part = make_closed_minute(rows, day.meeting, "On Friday", case=day.case)
    own, chair = f"/meetings/{day.meeting.reference}/closed/{part.id}", client_for(cast.chair)
    let_read(rows, part, cast.nurse, cast.officer)
    step, why = f"{own}/readers/{cast.nurse.id}/remove", "They left the team at Quillham"
    assert step in {str(one["href"]) for one in chair.soup(own).select("a[href]")}
    assert cast.nurse.name in chair.soup(step).get_text()
    assert chair.submit(step, {"reason": " "}).status_code == 422
    for other in (cast.officer, cast.nurse, cast.social_worker, cast.stranger):
        assert client_for(other).get(step).status_code in {403, 404}, other.name
        assert client_for(other).submit(step, {"reason": why}).status_code in {403, 404}, other.name
    assert client_for(cast.nurse).get(own).status_code == 200, "nobody was taken off yet"
    assert chair.submit(step, {"reason": why}).status_code == 303
    for reader in (cast.chair, cast.coordinator, cast.officer):
        said = " ".join(client_for(reader).soup(own).get_text(" ").split())
        assert cast.nurse.name in said
        assert f"taken off by {cast.chair.name}" in said
        assert why in said
    for other in (cast.nurse, cast.social_worker, cast.stranger):
        answer = client_for(other).get(own, follow_redirects=True)
        assert why not in answer.text, other.name
    late = client_for(cast.coordinator).submit(step, {"reason": "They moved to Zedbury"})
    assert late.status_code == 422
    assert "Somebody has taken them off already" in late.text
    assert "They moved to Zedbury" in late.text, "what was typed stays"
    never = step.replace(str(cast.nurse.id), str(cast.stranger.id))
    assert chair.get(never).status_code == 404, "they were never named"
    line = current_policy().reminders.kinds["minutes_no_longer_yours"].line
    assert "Ask whoever chaired the meeting why" in line
    message = rows.scalars(select(OutboxMessage).filter_by(kind="minutes_no_longer_yours")).one()
    nurse = client_for(cast.nurse)
    opened = nurse.get(f"/go/{message.id}", follow_redirects=True)
    assert why not in opened.text
    assert "no longer read it. Ask whoever chaired the meeting why" in opened.text, "the page says what ended"
    assert "no longer read it. Ask whoever chaired the meeting why" in nurse.get("/messages").text


def test_the_chair_is_told_before_approving_what_stays_open_of_a_closed_part(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    held = make_recorded(rows, cast)
    way = f"/meetings/{held.meeting.reference}/versions/approve"
    assert "Who reads it can still be changed" in client_for(cast.chair).get(way).text
    rows.delete(rows.scalars(select(ClosedMinute)).one())
    rows.commit()
    assert "losed part" not in client_for(cast.chair).get(way).text


def test_whoever_no_longer_sees_the_meeting_is_not_named_and_who_reads_no_case_names_nobody(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    part = make_closed_minute(rows, day.meeting, "On Friday", case=day.case)
    own, notes = f"/meetings/{day.meeting.reference}/closed/{part.id}", client_for(cast.coordinator)
    assert str(cast.community_safety.id) in offered(notes, own), "invited by their team"
    day.meeting.reach_until = clock.now() - timedelta(hours=1)
    rows.commit()
    approve(rows, day.meeting, MeetingState.DISTRIBUTED)
    assert str(cast.officer.id) in offered(notes, own), "reads the case"
    assert str(cast.community_safety.id) not in offered(notes, own), "the time of the invited is over"
    refused = notes.submit(f"{own}/readers", {"person": str(cast.community_safety.id)})
    assert refused.status_code == 422
    rows.execute(update(AccessGrant).where(AccessGrant.user_id == cast.chair.id).values(ends_at=clock.now()))
    rows.execute(update(Case).where(Case.id == day.case.id).values(sensitivity=Sensitivity.RESTRICTED))
    rows.commit()
    sent = client_for(cast.chair).submit(f"{own}/readers", {"person": str(cast.officer.id)})
    assert sent.status_code in {403, 404}
