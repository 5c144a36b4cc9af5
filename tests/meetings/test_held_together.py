"""That a meeting was held is recorded with all that is typed on the page, or not at all."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.meetings.days import CAME, Day
from tests.meetings.test_recording_pages import Browser, day, place, typed, words

__all__ = ["day"]


def holds(browser: Client, day: Day, *, days: int) -> Any:
    """Everybody came, and the meeting decides to go on, with the next after so many days."""
    child = str(day.case.id)
    came = {f"{one.id}-note": CAME for one in (day.police, day.council)}
    said = {f"d-{child}-text": "Meet her at school", f"d-{child}-outcome": "continue"}
    said |= {f"d-{child}-reason": "She asked for it"}
    again = posted(f"d-{child}-next_on", clock.today() + timedelta(days=days))
    data: dict[str, Any] = typed(browser.get(place(day)), words="To plan")
    return browser.submit(place(day), {**data, **came, **said, **again, "rest": "y", "action": "hold"})


def test_what_cannot_be_kept_keeps_the_meeting_from_being_held_and_nobody_is_told(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    messages = len(rows.scalars(select(OutboxMessage)).all())
    refused = holds(browser, day, days=300)  # later than the level allows, and nobody says why
    assert refused.status_code == 422
    assert "The meeting is not recorded as held yet" in refused.text
    assert "Meet her at school" in refused.text, "what was typed stays"
    rows.rollback()
    rows.expire_all()
    meeting = rows.get_one(Meeting, day.meeting.id)
    assert (meeting.state, meeting.held_at) == (MeetingState.BOOKED, None)
    assert rows.get_one(Invitation, day.police.id).attendance is None
    assert not rows.scalars(select(Decision)).all()
    assert len(rows.scalars(select(OutboxMessage)).all()) == messages
    assert words(rows)["Why we meet"] == "To plan", "words under a heading are kept by themselves"
    assert "Told" not in browser.soup(place(day)).get_text()
    assert holds(browser, day, days=20).status_code == 303
    rows.rollback()
    rows.expire_all()
    assert rows.get_one(Meeting, day.meeting.id).held_at is not None
    assert rows.get_one(Invitation, day.police.id).attendance == "present"
    assert [one.text for one in rows.scalars(select(Decision))] == ["Meet her at school"]


def test_why_it_is_held_without_somebody_is_kept_with_the_rest_before_it_is_held(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser, why = client_for(cast.coordinator), "Zorblin was called away"
    data: dict[str, Any] = typed(browser.get(place(day)), words="To plan")
    assert browser.submit(place(day), {**data, "quorum_reason": why, "action": "save"}).status_code == 303
    rows.rollback()
    rows.expire_all()
    assert rows.get_one(Meeting, day.meeting.id).quorum_reason == why
    box = browser.soup(place(day)).select_one("textarea[name=quorum_reason]")
    assert box is not None
    assert box.get_text().strip() == why


def test_no_reason_for_holding_it_without_somebody_stands_where_all_came_after_all(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    data: dict[str, Any] = typed(browser.get(place(day)), words="To plan")
    browser.submit(place(day), {**data, "quorum_reason": "Zorblin was called away", "action": "save"})
    assert holds(browser, day, days=20).status_code == 303
    rows.rollback()
    rows.expire_all()
    meeting = rows.get_one(Meeting, day.meeting.id)
    assert meeting.held_at is not None
    assert meeting.quorum_reason is None


def test_where_a_mark_is_refused_the_page_does_not_say_that_nobody_was_marked(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser, child = client_for(cast.coordinator), str(day.case.id)
    data: dict[str, Any] = typed(browser.get(place(day)), words="To plan")
    said = {f"d-{child}-text": "Meet her", f"d-{child}-outcome": "continue", f"d-{child}-reason": "She asked"}
    said |= {f"{day.police.id}-attendance": "apologies", f"d-{child}-everybody": "y", "rest": "y"}
    refused = browser.submit(place(day), {**data, **said, "action": "save"})
    assert refused.status_code == 422
    assert "nobody is marked as having taken part" not in refused.text
    assert "Say first who came: nobody is recorded yet as having taken part" in refused.text
