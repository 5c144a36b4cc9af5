"""The level as a meeting decides it anew, who has to agree, what it asks for, and the next date."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.model import new_id
from portal.pathway.calendar import add_working_days
from portal.records.assessments.model import LevelDecision
from portal.records.cases.model import Case
from portal.records.meetings import attendance
from portal.records.meetings.attendance import Mark, Marking
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.minutes.meeting_levels import (
    agree_to_level,
    decide_in_meeting,
    refuse_level,
    take_level_back,
)
from portal.records.minutes.meeting_outcomes import set_next_date
from portal.records.minutes.model import LevelProposal
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.assessments import make_finalised
from tests.factories.meetings import make_meeting
from tests.meetings.days import Day, acted, make_day
from tests.meetings.test_recording import open_duties
from tests.meetings.test_recording_asides import Browser
from tests.told import heard

HIGH, MEDIUM, LOW, NONE = RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW, RiskLevel.NONE


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    """A review on a case at medium risk, whose last assessment is the chair’s neighbour’s."""
    return review_of(rows, cast)


def review_of(rows: Session, cast: Cast, level: RiskLevel = MEDIUM, kind: str = "review") -> Day:
    day = make_day(rows, cast, kind=kind)
    make_finalised(rows, day.case, cast.social_worker)
    case = rows.get_one(Case, day.case.id)
    case.level, case.level_since = level, clock.today()
    for state in ("in_assessment", "meeting_due", "plan_under_way"):
        case.state = state
        rows.flush()
    rows.commit()
    return day


def hold(acting: Acting, day: Day, who: User) -> None:
    with acting(who) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())


def comes_to(acting: Acting, who: User, day: Day, level: RiskLevel, reason: str = "As all said") -> None:
    with acting(who) as actor:
        case = db.session.get_one(Case, day.case.id)
        decide_in_meeting(actor=actor, meeting=acted(day.meeting), case=case, level=level, reason=reason)


def settles(acting: Acting, who: User, day: Day, *, accepts: bool = True, reason: str = "No change") -> None:
    with acting(who) as actor:
        case = db.session.get_one(Case, day.case.id)
        proposal = db.session.scalars(select(LevelProposal)).one()
        if accepts:
            agree_to_level(actor=actor, case=case, proposal=proposal)
        else:
            refuse_level(actor=actor, case=case, proposal=proposal, reason=reason)


def level(rows: Session, day: Day) -> str | None:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Case, day.case.id).level


def due_on(duty: Deadline) -> date:
    return clock.local(duty.due_at).date()


def test_a_higher_level_holds_at_once_and_names_the_meeting(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, HIGH)
    assert level(rows, day) == HIGH
    decision = rows.scalars(select(LevelDecision)).one()
    assert (decision.before, decision.meeting_id, decision.assessment_id) == (MEDIUM, day.meeting.id, None)
    assert (decision.decided_by, decision.second_id) == (cast.coordinator.id, None)
    duties = open_duties(rows, case_id=day.case.id)
    assert DeadlineKind.STRATEGY in duties, "a step up to high starts its clock"
    assert due_on(duties[DeadlineKind.REVIEW]) == add_working_days(clock.today(), 20)


def test_the_same_level_is_decided_too_and_changes_no_date(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    hold(acting, day, cast.coordinator)
    before = open_duties(rows, case_id=day.case.id)[DeadlineKind.REVIEW].id
    comes_to(acting, cast.coordinator, day, MEDIUM)
    assert rows.scalars(select(LevelDecision.level)).all() == [MEDIUM]
    assert open_duties(rows, case_id=day.case.id)[DeadlineKind.REVIEW].id == before


def test_a_lower_level_waits_for_the_chair_and_then_asks_for_its_own_review(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, LOW)
    assert level(rows, day) == MEDIUM
    duty = open_duties(rows, case_id=day.case.id)[DeadlineKind.LEVEL_SECOND]
    assert duty.owner_id == cast.chair.id
    assert due_on(duty) == add_working_days(clock.today(), 2)
    assert heard(rows, cast, "level_proposed") == {
        "chair mail agreement_asked",
        "social_care_manager mail agreement_asked",
    }
    settles(acting, cast.chair, day)
    assert heard(rows, cast, "level_settled") == {
        "coordinator mail agreement_answered",
        "social_care_manager portal level_waits_no_more",
        "social_worker portal case_news",
        "news",
    }
    assert level(rows, day) == LOW
    decision = rows.scalars(select(LevelDecision)).one()
    assert (decision.decided_by, decision.second_id) == (cast.coordinator.id, cast.chair.id)
    assert (decision.agency_id, decision.meeting_id) == (cast.hub.id, day.meeting.id)
    duties = open_duties(rows, case_id=day.case.id)
    assert DeadlineKind.LEVEL_SECOND not in duties
    assert due_on(duties[DeadlineKind.REVIEW]) == add_working_days(clock.today(), 60)


def test_where_the_chair_recorded_it_the_managers_of_the_lead_agency_are_asked(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    comes_to(acting, cast.chair, day, LOW)
    duty = open_duties(rows, case_id=day.case.id)[DeadlineKind.LEVEL_SECOND]
    assert (duty.owner_id, duty.owner_agency_id) == (None, cast.social_care.id)
    with pytest.raises(Forbidden, match="recorded this level"):
        settles(acting, cast.chair, day)
    settles(acting, cast.social_care_manager, day)
    assert level(rows, day) == LOW


@pytest.mark.parametrize("who", ["officer", "police_manager", "social_worker", "coordinator"])
def test_nobody_else_agrees(rows: Session, cast: Cast, day: Day, acting: Acting, who: str) -> None:
    comes_to(acting, cast.coordinator, day, LOW)
    with pytest.raises(Forbidden):
        settles(acting, getattr(cast, who), day)
    with pytest.raises(Forbidden):
        settles(acting, getattr(cast, who), day, accepts=False)
    assert level(rows, day) == MEDIUM


def test_whoever_assessed_last_is_no_second_person_in_the_portal_and_in_the_database(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = review_of(rows, cast)
    make_finalised(rows, day.case, cast.chair, finalised_at=clock.now() + timedelta(seconds=1))
    comes_to(acting, cast.coordinator, day, LOW)
    assert open_duties(rows, case_id=day.case.id)[DeadlineKind.LEVEL_SECOND].owner_id is None
    with pytest.raises(Forbidden, match="last risk assessment"):
        settles(acting, cast.chair, day)
    with acting(cast.chair), pytest.raises(DBAPIError, match="second person"):
        db.session.execute(
            update(LevelProposal).values(accepted=True, settled_by=cast.chair.id, settled_at=clock.now())
        )
    with acting(cast.chair), pytest.raises(DBAPIError, match="policy"):
        db.session.execute(insert(LevelDecision).values(_decision(day, cast, second_id=cast.chair.id)))
    back = {"taken_back": True, "accepted": False, "settled_at": clock.now()}
    for person in (cast.social_care_manager, cast.nurse):
        with acting(person), pytest.raises(DBAPIError, match="takes a level back"):
            db.session.execute(update(LevelProposal).values(settled_by=person.id, **back))


def test_the_database_lowers_no_level_in_a_meeting_without_a_second_person_or_in_anothers_name(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    with acting(cast.coordinator), pytest.raises(DBAPIError, match="two_people_lower"):
        db.session.execute(insert(LevelDecision).values(_decision(day, cast)))
    with acting(cast.coordinator), pytest.raises(DBAPIError, match="policy"):
        db.session.execute(insert(LevelDecision).values(_decision(day, cast, second_id=cast.chair.id)))
    with acting(cast.chair), pytest.raises(DBAPIError, match="policy"):
        db.session.execute(
            insert(LevelProposal).values(
                id=new_id(),
                meeting_id=day.meeting.id,
                case_id=day.case.id,
                before=MEDIUM,
                level=LOW,
                reason="R",
                settle_reason="",
                proposed_by=cast.coordinator.id,
                proposed_at=clock.now(),
            )
        )


def _decision(day: Day, cast: Cast, **facts: object) -> dict[str, object]:
    return {
        "id": new_id(),
        "case_id": day.case.id,
        "meeting_id": day.meeting.id,
        "before": MEDIUM,
        "level": LOW,
        "reason": "R",
        "decided_by": cast.coordinator.id,
        "agency_id": cast.hub.id,
        "decided_at": clock.now(),
        "second_at": clock.now(),
    } | facts


def test_a_refused_level_has_a_reason_and_leaves_the_case_as_it_is(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    comes_to(acting, cast.coordinator, day, LOW)
    with pytest.raises(DomainError, match="Say why"):
        settles(acting, cast.chair, day, accepts=False, reason=" ")
    settles(acting, cast.chair, day, accepts=False, reason="She is missing again")
    assert level(rows, day) == MEDIUM
    kept = rows.scalars(select(LevelProposal)).one()
    assert (kept.accepted, kept.settled_by, kept.settle_reason) == (
        False,
        cast.chair.id,
        "She is missing again",
    )
    assert not kept.taken_back, "a second person said no"
    assert DeadlineKind.LEVEL_SECOND not in open_duties(rows, case_id=day.case.id)
    with pytest.raises(DomainError, match="settled already"):
        settles(acting, cast.chair, day)


def test_while_a_lower_level_waits_no_other_is_decided_until_it_is_taken_back(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    comes_to(acting, cast.coordinator, day, LOW)
    with pytest.raises(DomainError, match="waits for a second person"):
        comes_to(acting, cast.chair, day, HIGH)
    with acting(cast.chair) as actor:
        take_level_back(
            actor=actor,
            meeting=acted(day.meeting),
            case=db.session.get_one(Case, day.case.id),
            proposal=db.session.scalars(select(LevelProposal)).one(),
            reason="Wrong child",
        )
    told = {
        *("coordinator mail level_taken_back", "social_worker portal case_news", "news"),
        "social_care_manager portal level_waits_no_more",
    }
    assert heard(rows, cast, "level_taken_back") == told
    assert heard(rows, cast, "level_settled") == set(), "no second person answered"
    kept = rows.scalars(select(LevelProposal)).one()
    assert (kept.taken_back, kept.accepted) == (True, False)
    comes_to(acting, cast.chair, day, HIGH)
    assert level(rows, day) == HIGH


@pytest.mark.parametrize(
    ("before", "reason", "words"), [(None, "As all said", "no level yet"), (LOW, "", "Say why")]
)
def test_a_meeting_gives_no_first_level_and_none_without_a_reason(
    rows: Session, cast: Cast, acting: Acting, before: RiskLevel | None, reason: str, words: str
) -> None:
    day = make_day(rows, cast, kind="review")
    rows.get_one(Case, day.case.id).level = before
    rows.commit()
    with pytest.raises(DomainError, match=words):
        comes_to(acting, cast.coordinator, day, HIGH, reason)


def test_a_level_decided_before_the_meeting_was_recorded_as_held_counts_for_its_review(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    comes_to(acting, cast.coordinator, day, HIGH)
    assert DeadlineKind.REVIEW not in open_duties(rows, case_id=day.case.id)
    hold(acting, day, cast.coordinator)
    review = open_duties(rows, case_id=day.case.id)[DeadlineKind.REVIEW]
    assert due_on(review) == add_working_days(clock.today(), 20)


def test_a_strategy_discussion_that_steps_up_brings_the_next_review_forward(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = review_of(rows, cast, LOW)
    hold(acting, day, cast.coordinator)
    other = make_day(rows, cast, kind="strategy", cases=[day.case])
    other.case = day.case
    comes_to(acting, cast.coordinator, other, HIGH)
    duties = open_duties(rows, case_id=day.case.id)
    assert due_on(duties[DeadlineKind.REVIEW]) == add_working_days(clock.today(), 20)
    assert DeadlineKind.STRATEGY not in duties, "it is that discussion"


def test_no_exploitation_found_ends_the_reviews_and_asks_how_the_case_ends(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = review_of(rows, cast, LOW)
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, NONE)
    settles(acting, cast.chair, day)
    duties = open_duties(rows, case_id=day.case.id)
    assert DeadlineKind.REVIEW not in duties
    assert DeadlineKind.CASE_END in duties


def sets(acting: Acting, who: User, day: Day, on: date, reason: str = "") -> None:
    with acting(who) as actor:
        case = db.session.get_one(Case, day.case.id)
        set_next_date(actor=actor, meeting=acted(day.meeting), case=case, on=on, reason=reason)


def test_an_earlier_next_date_is_when_the_review_is_due_and_the_first_date_stays_on_record(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    hold(acting, day, cast.coordinator)
    wanted = add_working_days(clock.today(), 7)
    sets(acting, cast.coordinator, day, wanted)
    review = open_duties(rows, case_id=day.case.id)[DeadlineKind.REVIEW]
    assert due_on(review) == wanted
    assert clock.local(review.original_due_at).date() == add_working_days(clock.today(), 30)
    assert rows.scalars(select(MeetingCase.next_on)).one() == wanted


def test_a_next_date_set_before_the_meeting_was_recorded_as_held_holds_afterwards(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    wanted = add_working_days(clock.today(), 7)
    sets(acting, cast.coordinator, day, wanted)
    hold(acting, day, cast.coordinator)
    assert due_on(open_duties(rows, case_id=day.case.id)[DeadlineKind.REVIEW]) == wanted


def test_a_later_next_date_takes_a_reason_that_stays_with_the_duty(
    rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    late = add_working_days(clock.today(), 40)
    with pytest.raises(DomainError, match="Record first"):
        sets(acting, cast.coordinator, day, late, "The chair is away")
    hold(acting, day, cast.coordinator)
    with pytest.raises(DomainError, match="Say why it is later") as refused:
        sets(acting, cast.coordinator, day, late)
    assert refused.value.field == "next_reason"
    sets(acting, cast.coordinator, day, late, "The chair is away")
    review = open_duties(rows, case_id=day.case.id)[DeadlineKind.REVIEW]
    assert (due_on(review), review.move_reason) == (late, "The chair is away")


def test_the_next_date_lies_after_the_meeting(rows: Session, cast: Cast, day: Day, acting: Acting) -> None:
    with pytest.raises(DomainError, match="after the meeting"):
        sets(acting, cast.coordinator, day, clock.local(day.meeting.starts_at).date())


@pytest.mark.parametrize("before_it_was_held", [True, False])
def test_where_no_review_is_owed_meeting_again_is(
    rows: Session, cast: Cast, acting: Acting, *, before_it_was_held: bool
) -> None:
    day = make_day(rows, cast, kind="professionals")
    wanted, later = (add_working_days(clock.today(), days) for days in (7, 9))
    for step in (True, False) if before_it_was_held else (False, True):
        if step:
            sets(acting, cast.coordinator, day, wanted)
        else:
            hold(acting, day, cast.coordinator)
    owed = open_duties(rows, case_id=day.case.id)[DeadlineKind.NEXT_MEETING]
    assert (due_on(owed), owed.owner_agency_id) == (wanted, cast.social_care.id)
    sets(acting, cast.coordinator, day, later)
    assert due_on(open_duties(rows, case_id=day.case.id)[DeadlineKind.NEXT_MEETING]) == later
    again = make_meeting(
        rows, cases=[day.case], chair=cast.chair, note_taker=cast.coordinator, kind="professionals",
        starts_at=clock.now() - timedelta(minutes=10),
    )  # fmt: skip
    with acting(cast.coordinator) as actor:
        invited = db.session.scalars(select(Invitation).where(Invitation.meeting_id == again.id)).all()
        marks = {one.id: Marking(seen=Mark(), now=Mark(Attendance.PRESENT)) for one in invited}
        attendance.hold(actor=actor, meeting=acted(again), marks=marks)
    assert DeadlineKind.NEXT_MEETING not in open_duties(rows, case_id=day.case.id), "it was met"


@time_machine.travel(
    datetime(2026, 11, 26, 11, tzinfo=UTC), tick=False
)  # no meeting is tomorrow in 20 minutes
def test_what_has_not_begun_decides_no_level_and_what_decided_one_took_place(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    day = make_day(rows, cast, kind="review", starts_at=clock.now() + timedelta(minutes=20))
    make_finalised(rows, day.case, cast.social_worker)
    rows.execute(update(Case).values(level="medium", level_since=clock.today()))
    rows.commit()
    with pytest.raises(DomainError, match="has not begun"):
        comes_to(acting, cast.coordinator, day, HIGH)
    place = f"/meetings/{day.meeting.reference}"
    assert "This meeting has not begun" in client_for(cast.coordinator).soup(f"{place}/record").get_text()
    rows.execute(update(Meeting).values(starts_at=clock.now() - timedelta(minutes=5)))
    rows.commit()
    comes_to(acting, cast.coordinator, day, HIGH)
    why = {"reason": "Nobody came", "version": str(rows.get_one(Meeting, day.meeting.id).version)}
    answer = client_for(cast.chair).submit(f"{place}/cancel", why)
    assert answer.status_code == 422
    assert "so it took place. Record it as held" in answer.get_data(as_text=True)
    rows.expire_all()
    assert rows.get_one(Meeting, day.meeting.id).state == MeetingState.BOOKED
