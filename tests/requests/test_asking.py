"""Asking: one question for each team, each with its own clock, told once; on a sealed case people by name."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageChannel
from portal.pathway.calendar import add_working_days, at_local, end_of_day, subtract_working_days
from portal.records.cases.model import Case
from portal.records.disclosures.model import Disclosure
from portal.records.referrals.model import ReferralChild
from portal.records.requests.answering import give_more_time, withdraw
from portal.records.requests.model import InformationRequest
from portal.vocabulary import ReferralState, Role, Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.factories.people import make_user
from tests.factories.referrals import make_sent_referral, subjects_of
from tests.requests.conftest import Acting, asks, changes, questions
from tests.told import told


def test_each_team_has_a_question_of_its_own_with_its_own_clock(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    teams = [cast.health_team.id, cast.council_team.id, cast.school_team.id]
    asks(acting, cast.social_worker, case, teams=teams)
    asked = questions(rows)
    assert {one.asked_team_id for one in asked} == set(teams)
    assert {one.asked_agency_id for one in asked} == {cast.health.id, cast.council.id, cast.school.id}
    duties = rows.scalars(select(Deadline).where(Deadline.request_id.is_not(None))).all()
    assert {(one.owner_team_id, one.due_at) for one in duties} == {
        (one.asked_team_id, one.due_at) for one in asked
    }
    seen = rows.scalars(select(AuditEvent).where(AuditEvent.action == "request:ask")).all()
    assert {(one.child_id, one.case_id, one.details["team"]) for one in seen} == {
        (case.child_id, case.id, str(team)) for team in teams
    }
    assert not rows.scalar(select(func.count()).select_from(Disclosure))


def test_without_a_date_an_answer_is_due_within_what_policy_says(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.coordinator, case, cast.health_team)
    assert questions(rows)[0].due_at == end_of_day(add_working_days(clock.today(), 5))


def test_a_report_is_due_before_its_meeting(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    starts = clock.now() + timedelta(days=14)
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case], starts_at=starts
    )
    asks(acting, cast.chair, case, cast.health_team, meeting=meeting)
    asked = questions(rows)[0]
    two_days_before = end_of_day(subtract_working_days(clock.local(starts).date(), 2))
    assert (asked.meeting_id, asked.case_id, asked.due_at) == (meeting.id, case.id, two_days_before)


def test_a_report_for_a_meeting_that_is_nearer_than_that_is_due_when_it_starts(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    starts = clock.now() + timedelta(hours=20)
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case], starts_at=starts
    )
    asks(acting, cast.chair, case, cast.health_team, meeting=meeting)
    assert questions(rows)[0].due_at == starts


def test_a_report_is_never_due_after_its_meeting(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    starts = at_local(clock.today() + timedelta(days=14), time(14))
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case], starts_at=starts
    )
    day = clock.local(starts).date()
    with pytest.raises(DomainError, match="The meeting is on") as refused:
        asks(
            acting,
            cast.chair,
            case,
            cast.health_team,
            meeting=meeting,
            due_at=end_of_day(day + timedelta(days=1)),
        )
    assert refused.value.field == "due_on"
    asks(acting, cast.chair, case, cast.health_team, meeting=meeting, due_at=end_of_day(day))
    assert [one.due_at for one in questions(rows)] == [starts]


def test_the_team_is_told_once_at_its_duty_address_and_each_of_its_people_in_the_portal(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    second = make_user(rows, cast.health, "Nora Nurse", Role.PRACTITIONER, teams=(cast.health_team,))
    once = uuid4()
    for _ in range(2):
        asks(acting, cast.coordinator, case, cast.health_team, once=once)
    asked = questions(rows)
    assert len(asked) == 1
    found = told(rows, "asked")
    assert {(one.recipient_id, one.recipient_team_id, one.channel) for one in found} == {
        (None, cast.health_team.id, MessageChannel.MAIL),
        (cast.nurse.id, None, MessageChannel.PORTAL),
        (second.id, None, MessageChannel.PORTAL),
    }
    assert {(one.subject_kind, one.subject_id, one.reference, one.case_id) for one in found} == {
        ("information_request", asked[0].id, asked[0].reference, case.id)
    }


def test_when_asking_fails_no_question_and_no_message_is_left(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with pytest.raises(RuntimeError):
        asks(acting, cast.coordinator, case, cast.health_team, fails=RuntimeError())
    assert questions(rows) == []
    assert rows.scalar(select(func.count()).select_from(OutboxMessage)) == 0


@pytest.mark.parametrize("who", ["officer", "chair", "nurse"])
def test_whoever_does_not_lead_or_chair_does_not_ask(
    cast: Cast, case: Case, acting: Acting, who: str
) -> None:
    with pytest.raises((Forbidden, NoResultFound)):
        asks(acting, getattr(cast, who), case, cast.health_team)


def test_the_chair_of_a_meeting_asks_until_it_is_over(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])
    asks(acting, cast.chair, case, cast.health_team)
    meeting.state = "cancelled"
    rows.commit()
    with pytest.raises(Forbidden):
        asks(acting, cast.chair, case, cast.council_team)


def test_a_coordinator_asks_from_a_form_about_a_child_that_was_recognised_on_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    form = make_sent_referral(rows, cast.officer, state=ReferralState.IN_TRIAGE)
    with pytest.raises(DomainError, match="Say first who the child is"):
        asks(acting, cast.coordinator, case, cast.health_team, form=form)
    subject = subjects_of(rows, form)[0]
    rows.add(
        ReferralChild(
            subject_id=subject.id, referral_id=form.id, child_id=case.child_id, matched_at=clock.now()
        )
    )
    rows.commit()
    asks(acting, cast.coordinator, case, cast.health_team, form=form)
    assert [(one.referral_id, one.case_id) for one in questions(rows)] == [(form.id, None)]


@pytest.mark.parametrize(
    ("change", "words", "field"),
    [
        ({"question": " "}, "Write what you ask", "question"),
        ({"why": ""}, "Say why you ask", "why"),
        ({"question": "x" * 5_001}, "Shorten this by 1 characters", "question"),
        ({"due_at": datetime(2020, 1, 1, tzinfo=UTC)}, "in the future", "due_on"),
        ({"teams": []}, "at least one team", "teams"),
        ({"teams": [uuid4()]}, "teams that are in use", "teams"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    rows: Session, cast: Cast, case: Case, acting: Acting, change: dict[str, Any], words: str, field: str
) -> None:
    with pytest.raises(DomainError, match=words) as refused:
        asks(acting, cast.coordinator, case, cast.health_team, **change)
    assert refused.value.field == field
    assert questions(rows) == []


def seal(rows: Session, case: Case, cast: Cast) -> None:
    for person in (cast.coordinator, cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()


def test_on_a_sealed_case_people_are_asked_by_name_and_never_a_team(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    seal(rows, case, cast)
    with pytest.raises(DomainError, match="sealed"):
        asks(acting, cast.coordinator, case, cast.health_team)
    asks(acting, cast.coordinator, case, people=[cast.teacher.id])
    found = told(rows, "asked")
    assert [(one.recipient_id, one.channel) for one in found] == [(cast.teacher.id, MessageChannel.MAIL)]
    with asking(cast.teacher) as session:
        assert session.scalar(select(func.count()).select_from(InformationRequest)) == 1
        assert session.scalar(select(func.count()).select_from(Case)) == 0
    with asking(cast.nurse) as session:
        assert session.scalar(select(func.count()).select_from(InformationRequest)) == 0


def test_the_lead_professional_of_a_sealed_case_asks_only_those_named_on_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    seal(rows, case, cast)
    asks(acting, cast.social_worker, case, people=[cast.officer.id])
    with pytest.raises(DomainError, match="not named on this case"):
        asks(acting, cast.social_worker, case, people=[cast.teacher.id])


def test_withdrawing_ends_the_duty_and_what_the_team_sees(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    asks(acting, cast.social_worker, case, cast.health_team)
    request_id = questions(rows)[0].id
    with pytest.raises(DomainError, match="Say why"):
        changes(acting, cast.social_worker, request_id, withdraw, reason=" ")
    for reason in ("Asked the wrong team", "Asked the wrong team"):
        changes(acting, cast.social_worker, request_id, withdraw, reason=reason)
    with pytest.raises(DomainError, match="just withdrawn"):
        changes(acting, cast.social_worker, request_id, withdraw, reason="Again")
    asked = questions(rows)[0]
    assert asked.withdrawn_reason == "Asked the wrong team"
    duty = rows.scalars(select(Deadline).where(Deadline.request_id == request_id)).one()
    assert duty.state == DeadlineState.CANCELLED
    with asking(cast.nurse) as session:
        assert session.scalar(select(func.count()).select_from(InformationRequest)) == 0


def test_more_time_moves_the_date_and_keeps_the_first(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.social_worker, case, cast.health_team)
    asked = questions(rows)[0]
    first, later = asked.due_at, asked.due_at + timedelta(days=7)
    with pytest.raises(DomainError, match="later"):
        changes(acting, cast.social_worker, asked.id, give_more_time, due_at=first, reason="Half term")
    changes(acting, cast.coordinator, asked.id, give_more_time, due_at=later, reason="Half term")
    duty = rows.scalars(select(Deadline).where(Deadline.request_id == asked.id)).one()
    assert (duty.due_at, duty.original_due_at, duty.move_reason) == (later, first, "Half term")
    assert questions(rows)[0].due_at == later


def test_whoever_only_sees_a_question_neither_withdraws_it_nor_gives_time(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.social_worker, case, cast.health_team)
    request_id = questions(rows)[0].id
    for person in (cast.officer, cast.nurse):
        with pytest.raises(Forbidden):
            changes(acting, person, request_id, withdraw, reason="Not needed")
