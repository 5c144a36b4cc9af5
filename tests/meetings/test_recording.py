"""What was said at a meeting, heading by heading, and what it decided."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.calendar import add_working_days
from portal.records.meetings import agenda, attendance
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.meeting_decisions import change_decision, record_decision, withdraw_decision
from portal.records.minutes.model import Decision, Minute
from portal.records.minutes.typing import write_minute
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.meetings.days import Day, acted, make_day
from tests.meetings.typed import heading, says


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


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
        agenda.remove_item(actor=actor, meeting=acted(day.meeting), item_id=item)


def test_what_came_up_is_added_to_the_agenda_while_the_minutes_are_written(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast, state=MeetingState.MINUTES_IN_DRAFT)
    with acting(cast.coordinator) as actor:
        agenda.add_item(actor=actor, meeting=acted(day.meeting), heading="What the school rang about")
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
