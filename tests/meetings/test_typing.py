"""What several type under one heading of a meeting, version by version."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError, NotFound
from portal.demo import postgres
from portal.model import new_id
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import MeetingDraft, MeetingPresence, Minute, MinutePage, MinuteVersion
from portal.records.minutes.typing import Sent, Taken, put_back, take_in
from portal.reminders.forgetting import forget_pages
from tests import database
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.meetings.days import Day, acted, make_day
from tests.meetings.typed import heading, says, sends


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


def test_what_two_write_under_one_heading_stays_both_and_every_version_is_kept_with_who_wrote_it(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "To plan.")
    both = sends(acting, cast.chair, day.meeting, item_id=item, typed="To decide.")
    assert both == Taken(2, "To plan.\nTo decide.")
    kept = rows.execute(
        select(
            MinuteVersion.number, MinuteVersion.text, MinuteVersion.saved_by, MinuteVersion.both_changed
        ).order_by(MinuteVersion.number)
    ).all()
    assert [tuple(one) for one in kept] == [
        (1, "To plan.", cast.coordinator.id, False),
        (2, "To plan.\nTo decide.", cast.chair.id, False),
    ]


def test_where_both_changed_the_same_words_both_paragraphs_stay_and_it_is_noted(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "Seen at home.")
    says(acting, cast.coordinator, day.meeting, item, "Seen at school.", 1)
    both = sends(acting, cast.chair, day.meeting, item_id=item, typed="Seen at work.", seen=1)
    assert both.text == "Seen at school.\nSeen at work."
    assert rows.scalars(select(Minute.both_changed)).one()


def test_what_a_page_sends_twice_or_late_counts_once_and_its_next_words_from_what_it_sent_last(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    """No answer came back to it: what it saw is still the empty box."""
    item, page = heading(rows, day.meeting, "Why we meet"), new_id()
    send = partial(sends, acting, cast.coordinator, day.meeting, item_id=item, page=page)
    assert send(typed="One", seq=1).text == "One"
    says(acting, cast.chair, day.meeting, item, "Two")
    assert send(typed="One more", seq=3).version == send(typed="One more", seq=3).version
    assert send(typed="One", seq=2).text == "One more\nTwo"
    assert send(typed="One more.", seq=4).text == "One more.\nTwo"


def test_a_page_is_of_whoever_opened_it_and_nobody_goes_on_with_that_of_another(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item, page = heading(rows, day.meeting, "Why we meet"), new_id()
    sends(acting, cast.coordinator, day.meeting, item_id=item, page=page, typed="One", seq=1)
    with pytest.raises(DBAPIError):
        sends(acting, cast.chair, day.meeting, item_id=item, page=page, typed="Two", seq=2)
    assert rows.scalars(select(Minute.text)).one() == "One"


def test_an_earlier_version_is_put_back_and_what_stood_there_stays_in_the_history(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "To plan")
    says(acting, cast.chair, day.meeting, item, "To decide", 1)
    with acting(cast.coordinator) as actor:
        assert put_back(actor=actor, meeting=acted(day.meeting), item_id=item, version=1) == Taken(
            3, "To plan"
        )
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="no such version"):
        put_back(actor=actor, meeting=acted(day.meeting), item_id=item, version=9)
    assert rows.scalars(select(MinuteVersion.text).order_by(MinuteVersion.number)).all() == [
        "To plan",
        "To decide",
        "To plan",
    ]


def test_of_several_headings_each_is_kept_or_refused_by_itself(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    why, known, plan = (
        heading(rows, day.meeting, words) for words in ("Why we meet", "What we know", "Plan")
    )
    says(acting, cast.coordinator, day.meeting, known, "Seen at the park.")
    gone, page = new_id(), new_id()
    with acting(cast.chair) as actor:
        typed = ((why, "To plan"), (known, "Not seen."), (gone, "x"), (plan, " "))
        sent = [Sent(item, page, 0, words) for item, words in typed]
        kept = take_in(actor=actor, meeting=acted(day.meeting), sent=sent)
    assert (kept[why], kept[plan]) == (Taken(1, "To plan"), Taken(0, ""))
    assert kept[known] == Taken(2, "Seen at the park.\nNot seen.")
    assert isinstance(kept[gone], NotFound)
    on_record = rows.scalars(select(Minute.text).order_by(Minute.text)).all()
    assert on_record == ["Seen at the park.\nNot seen.", "To plan"]


def test_what_pages_sent_is_forgotten_after_approval_or_when_left_and_who_was_there_after_minutes(
    server: postgres.Server, rows: Session, cast: Cast, day: Day
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    done = make_day(rows, cast)
    other = heading(rows, done.meeting, "Why we meet")
    stays = new_id()
    for page, of, on, ago in (
        (stays, day, item, timedelta(days=13)),
        (new_id(), day, item, timedelta(days=15)),
        (new_id(), done, other, timedelta(0)),
    ):
        at = {"page": page, "meeting_id": of.meeting.id, "user_id": cast.chair.id}
        sent = {"seen": 0, "seq": 1, "typed": "Words", "sent_at": clock.now() - ago}
        rows.add(MinutePage(item_id=on, **at, **sent))
    for page, ago in ((stays, timedelta(minutes=1)), (new_id(), timedelta(minutes=6))):
        at = {"page": page, "meeting_id": day.meeting.id, "user_id": cast.chair.id}
        rows.add(MeetingPresence(item_id=item, seen_at=clock.now() - ago, **at))
    for of, on in ((day, item), (done, other)):
        rows.add(
            MeetingDraft(
                id=new_id(),
                meeting_id=of.meeting.id,
                item_id=on,
                kind="decision",
                fields={"text": "Half typed"},
                made_at=clock.now(),
                saved_by=cast.chair.id,
                saved_at=clock.now(),
            )
        )
    rows.flush()
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        rows.execute(update(Meeting).filter_by(id=done.meeting.id).values(state=state))
    rows.commit()
    engine = create_engine(server.url("portal_worker", database.NAME))
    with engine.begin() as connection:
        assert forget_pages(connection) == 4
    engine.dispose()
    assert rows.scalars(select(MinutePage.page)).all() == [stays]
    assert rows.scalars(select(MeetingPresence.page)).all() == [stays]
    assert rows.scalars(select(MeetingDraft.meeting_id)).all() == [day.meeting.id]
