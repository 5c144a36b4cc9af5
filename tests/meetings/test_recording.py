"""What was said at a meeting, heading by heading, and what it decided."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.demo import postgres
from portal.extensions import db
from portal.model import new_id
from portal.pathway.calendar import add_working_days
from portal.records.meetings import attendance, preparing
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.meeting_decisions import change_decision, record_decision, withdraw_decision
from portal.records.minutes.model import Decision, MeetingPresence, Minute, MinutePage, MinuteVersion
from portal.records.minutes.typing import Sent, Taken, put_back, take_in, write_minute
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.reminders.forgetting import forget_pages
from tests import database
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.meetings.days import Day, acted, make_day


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


def heading(rows: Session, meeting: Meeting, words: str, case_id: UUID | None = None) -> UUID:
    """A heading on the agenda."""
    item = AgendaItem(id=new_id(), meeting_id=meeting.id, case_id=case_id, position=1, heading=words)
    rows.add(item)
    rows.commit()
    return item.id


def sends(acting: Acting, who: User, meeting: Meeting, **sent: Any) -> Taken:
    """What one page sends of one box."""
    with acting(who) as actor:
        unless: dict[str, Any] = {"page": new_id(), "seen": 0}
        one = Sent(**unless | sent)
        taken = take_in(actor=actor, meeting=acted(meeting), sent=[one])[one.item_id]
    if isinstance(taken, DomainError):
        raise taken
    return taken


def says(acting: Acting, who: User, meeting: Meeting, item: UUID, text: str, seen: int = 0) -> int:
    return sends(acting, who, meeting, item_id=item, typed=text, seen=seen).version


def decides(acting: Acting, who: User, meeting: Meeting, outcome: MeetingOutcome | None = None) -> Decision:
    """Somebody records a decision on the only child of a meeting."""
    with acting(who) as actor:
        found = acted(meeting)
        decision = record_decision(
            actor=actor,
            meeting=found,
            case=cases_of(found)[0],
            text="Meet her at school",
            reason="She asked for it",
            outcome=outcome,
        )
        db.session.expunge(decision)
    return decision


def changes(
    acting: Acting,
    who: User,
    meeting: Meeting,
    decision: Decision,
    text: str,
    outcome: MeetingOutcome | None = None,
    version: int = 1,
) -> None:
    with acting(who) as actor:
        change_decision(
            actor=actor,
            meeting=acted(meeting),
            decision=db.session.get_one(Decision, decision.id),
            text=text,
            reason="She asked for it",
            outcome=outcome,
            version=version,
        )


def open_duties(rows: Session, **of: UUID) -> dict[str, Deadline]:
    rows.rollback()
    rows.expire_all()
    found = select(Deadline).where(Deadline.state == DeadlineState.OPEN).filter_by(**of)
    return {one.kind: one for one in rows.scalars(found)}


def test_what_is_said_is_kept_under_its_heading_with_who_wrote_last(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "What each agency knows", day.case.id)
    assert says(acting, cast.coordinator, day.meeting, item, "Seen at\r\nthe park ") == 1
    assert says(acting, cast.chair, day.meeting, item, "Seen at\nthe park, twice", 1) == 2
    kept = rows.scalars(select(Minute)).one()
    assert (kept.text, kept.saved_by, kept.case_id) == (
        "Seen at\nthe park, twice",
        cast.chair.id,
        day.case.id,
    )


def test_the_same_words_twice_are_one_saving_and_no_words_are_none(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    assert says(acting, cast.coordinator, day.meeting, item, " ") == 0
    assert says(acting, cast.coordinator, day.meeting, item, "To plan") == 1
    assert says(acting, cast.coordinator, day.meeting, item, "To plan ") == 1


def test_what_two_write_under_one_heading_stays_both_and_every_version_is_kept_with_who_wrote_it(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "To plan.")
    both = sends(acting, cast.chair, day.meeting, item_id=item, typed="To decide.")
    assert both == Taken(2, "To plan.\nTo decide.")
    kept = rows.execute(
        select(
            MinuteVersion.version, MinuteVersion.text, MinuteVersion.saved_by, MinuteVersion.both_changed
        ).order_by(MinuteVersion.version)
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
    with acting(cast.coordinator) as actor, pytest.raises(NotFound):
        put_back(actor=actor, meeting=acted(day.meeting), item_id=item, version=9)
    assert rows.scalars(select(MinuteVersion.text).order_by(MinuteVersion.version)).all() == [
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


def test_the_first_words_after_a_meeting_was_held_put_its_minutes_in_draft(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    with acting(cast.coordinator) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    assert rows.get_one(Meeting, day.meeting.id).state == MeetingState.HELD
    says(acting, cast.coordinator, day.meeting, item, "To plan together")
    assert rows.get_one(Meeting, day.meeting.id).state == MeetingState.MINUTES_IN_DRAFT


def test_what_was_written_while_the_meeting_went_on_is_a_draft_once_it_was_held(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "To plan")
    assert rows.get_one(Meeting, day.meeting.id).state == MeetingState.BOOKED
    with acting(cast.coordinator) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    assert rows.get_one(Meeting, day.meeting.id).state == MeetingState.MINUTES_IN_DRAFT


def test_from_when_it_was_held_the_draft_and_the_minutes_are_owed_by_name(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    duties = open_duties(rows, meeting_id=day.meeting.id)
    draft, minutes = duties[DeadlineKind.MINUTES_DRAFT], duties[DeadlineKind.MINUTES]
    assert (draft.owner_id, minutes.owner_id) == (cast.coordinator.id, cast.chair.id)
    assert [clock.local(one.due_at).date() for one in (draft, minutes)] == [
        add_working_days(clock.today(), 5),
        add_working_days(clock.today(), 10),
    ]
    assert {draft.source, minutes.source} == {"clocks.minutes_draft", "clocks.minutes"}


@pytest.mark.parametrize(
    ("state", "days", "words"),
    [
        (MeetingState.BOOKED, 2, "from that day on"),
        (MeetingState.CANCELLED, 0, "cancelled"),
        (MeetingState.APPROVED, 0, "approved"),
    ],
)
def test_a_meeting_is_recorded_from_its_day_until_its_minutes_are_approved(
    rows: Session, cast: Cast, acting: Acting, state: MeetingState, days: int, words: str
) -> None:
    day = make_day(rows, cast, state=state, starts_at=clock.now() + timedelta(days=days))
    item = heading(rows, day.meeting, "Why we meet")
    with pytest.raises(DomainError, match=words):
        says(acting, cast.coordinator, day.meeting, item, "To plan")
    with pytest.raises(DomainError, match=words):
        decides(acting, cast.coordinator, day.meeting)


@pytest.mark.parametrize("who", ["officer", "nurse", "community_safety", "stranger"])
def test_whoever_does_not_run_a_meeting_writes_none_of_it(
    rows: Session, cast: Cast, day: Day, acting: Acting, who: str
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    for attempt in (
        lambda actor, found: write_minute(actor=actor, meeting=found, item_id=item, text="x"),
        lambda actor, found: record_decision(actor=actor, meeting=found, text="x", reason="x"),
    ):
        with acting(getattr(cast, who)) as actor, pytest.raises(Forbidden):
            attempt(actor, day.meeting)


def test_a_heading_of_another_meeting_takes_no_words_of_this_one(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    other = heading(rows, make_day(rows, cast).meeting, "Why we meet")
    with pytest.raises(NotFound):
        says(acting, cast.coordinator, day.meeting, other, "To plan")


def test_a_heading_under_which_something_stands_stays_on_the_agenda(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "To plan")
    with acting(cast.chair) as actor, pytest.raises(DomainError, match="stays on the agenda"):
        preparing.remove_item(actor=actor, meeting=acted(day.meeting), item_id=item)


def test_what_came_up_is_added_to_the_agenda_while_the_minutes_are_written(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast, state=MeetingState.MINUTES_IN_DRAFT)
    with acting(cast.coordinator) as actor:
        preparing.add_item(actor=actor, meeting=acted(day.meeting), heading="What the school rang about")
    assert rows.scalars(select(AgendaItem.heading)).all() == ["What the school rang about"]


def test_a_decision_has_a_reason_and_a_child_has_one_outcome(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    decides(acting, cast.coordinator, day.meeting)
    decides(acting, cast.chair, day.meeting, MeetingOutcome.CONTINUE)
    with pytest.raises(DomainError, match="decided already") as refused:
        decides(acting, cast.coordinator, day.meeting, MeetingOutcome.CLOSE)
    assert refused.value.field == "outcome"
    with acting(cast.chair) as actor, pytest.raises(DomainError, match="Say why"):
        record_decision(actor=actor, meeting=acted(day.meeting), text="Go on", reason=" ")
    with acting(cast.chair) as actor, pytest.raises(DomainError, match="on one child"):
        record_decision(
            actor=actor,
            meeting=acted(day.meeting),
            text="Go on",
            reason="Well",
            outcome=MeetingOutcome.CLOSE,
        )


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (MeetingOutcome.SECTION_47, DeadlineKind.STRATEGY),
        (MeetingOutcome.HIGH_RISK_GROUP, DeadlineKind.HIGH_RISK_GROUP),
    ],
)
def test_an_outcome_starts_the_clock_of_what_it_asks_for_and_stops_it_when_it_was_a_mistake(
    rows: Session, cast: Cast, day: Day, acting: Acting, outcome: MeetingOutcome, kind: DeadlineKind
) -> None:
    decision = decides(acting, cast.coordinator, day.meeting, outcome)
    duty = open_duties(rows, case_id=day.case.id)[kind]
    assert duty.owner_id or duty.owner_team_id or duty.owner_agency_id
    assert duty.started_at == decision.recorded_at
    changes(acting, cast.chair, day.meeting, decision, "Go on", MeetingOutcome.CONTINUE)
    assert kind not in open_duties(rows, case_id=day.case.id)


def test_a_strategy_discussion_that_comes_to_a_section_47_enquiry_owes_no_second_one(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast, kind="strategy")
    decides(acting, cast.coordinator, day.meeting, MeetingOutcome.SECTION_47)
    assert DeadlineKind.STRATEGY not in open_duties(rows, case_id=day.case.id)


def test_a_decision_is_taken_back_with_a_reason_and_gives_its_outcome_free(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    decision = decides(acting, cast.coordinator, day.meeting, MeetingOutcome.SECTION_47)
    with acting(cast.chair) as actor:
        found, kept = acted(day.meeting), db.session.get_one(Decision, decision.id)
        with pytest.raises(DomainError, match="Say why"):
            withdraw_decision(actor=actor, meeting=found, decision=kept, reason="", version=1)
        withdraw_decision(actor=actor, meeting=found, decision=kept, reason="Typed twice", version=1)
    assert DeadlineKind.STRATEGY not in open_duties(rows, case_id=day.case.id)
    decides(acting, cast.coordinator, day.meeting, MeetingOutcome.CONTINUE)
    with pytest.raises(DomainError, match="taken back"):
        changes(acting, cast.chair, day.meeting, decision, "Go on", version=2)


def test_the_second_of_two_who_change_a_decision_is_shown_both(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    decision = decides(acting, cast.coordinator, day.meeting)
    changes(acting, cast.chair, day.meeting, decision, "Meet at home")
    with pytest.raises(Conflict) as both:
        changes(acting, cast.coordinator, day.meeting, decision, "Meet in town")
    assert both.value.versions.theirs["Decision"] == "Meet at home"
    assert both.value.versions.mine["Decision"] == "Meet in town"


def test_the_database_keeps_an_approved_record_and_takes_nothing_in_anothers_name(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    item = heading(rows, day.meeting, "Why we meet")
    says(acting, cast.coordinator, day.meeting, item, "To plan")
    with acting(cast.coordinator), pytest.raises(DBAPIError, match="policy"):
        db.session.execute(update(Minute).values(text="Else", saved_by=cast.chair.id))
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        rows.execute(update(Meeting).where(Meeting.id == day.meeting.id).values(state=state))
    rows.commit()
    with acting(cast.coordinator), pytest.raises(DBAPIError, match="stands from approval on"):
        db.session.execute(update(Minute).values(text="Else", saved_by=cast.coordinator.id))


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
    rows.flush()
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        rows.execute(update(Meeting).filter_by(id=done.meeting.id).values(state=state))
    rows.commit()
    engine = create_engine(server.url("portal_worker", database.NAME))
    with engine.begin() as connection:
        assert forget_pages(connection) == 3
    engine.dispose()
    assert rows.scalars(select(MinutePage.page)).all() == [stays]
    assert rows.scalars(select(MeetingPresence.page)).all() == [stays]
