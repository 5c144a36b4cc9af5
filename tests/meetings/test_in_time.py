"""A meeting before the next sending hour is told of at once, and who may read it too late is rung."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages import choices
from portal.messages.choices import Sending, Timing
from portal.messages.model import OutboxMessage
from portal.pathway.calendar import at_local
from portal.policy.telling import SendingHours
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Case
from portal.records.meetings import attendance, calling, changes, invitations, preparing
from portal.records.meetings.attendance import Mark
from portal.records.meetings.calling import Plan
from portal.records.meetings.invitations import Answer, Invitee
from portal.records.meetings.model import Invitation, Meeting, MeetingChange
from portal.records.meetings.vocabulary import Attendance, InvitationReply, MeetingState
from portal.records.people.model import Team, User
from tests.cast import Cast
from tests.client import Client
from tests.meetings.calls import make_called_case
from tests.meetings.days import Day, acted, make_day
from tests.meetings.test_day_pages import came
from tests.told import of_event, page_words

Acting = Callable[[User], AbstractContextManager[Principal]]
ClientFor = Callable[[User | None], Client]
TODAY_AT_2 = at_local(clock.today(), time(14))
SATURDAY_NIGHT = datetime(2027, 1, 9, 22, tzinfo=UTC)
MONDAY_AT_8 = datetime(2027, 1, 11, 8, tzinfo=UTC)
CARER = "Carla Quillcarrow"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("begins", "sent", "rung"),
    [
        (MONDAY_AT_8 + timedelta(hours=2), Sending(MONDAY_AT_8, urgent=False), False),
        (MONDAY_AT_8 + timedelta(hours=1), Sending(SATURDAY_NIGHT, urgent=True), False),
        (SATURDAY_NIGHT + timedelta(hours=2), Sending(SATURDAY_NIGHT, urgent=True), False),
        (SATURDAY_NIGHT + timedelta(hours=1), Sending(SATURDAY_NIGHT, urgent=True), True),
        (SATURDAY_NIGHT - timedelta(hours=1), Sending(MONDAY_AT_8, urgent=False), False),
    ],
)
def test_what_would_come_less_than_two_hours_before_goes_at_once(
    begins: datetime, sent: Sending, *, rung: bool
) -> None:
    with time_machine.travel(SATURDAY_NIGHT, tick=False):
        found = Timing(before=begins).sends(urgent=False)
    assert (found.at, found.urgent) == (sent.at, sent.urgent)
    assert found.needed_by == (begins if rung else None)


@pytest.fixture
def at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-mails that are not urgent go out in twelve hours."""

    def goes_out(_hours: SendingHours, moment: datetime, *, urgent: bool) -> datetime:
        return moment if urgent else moment + timedelta(hours=12)

    monkeypatch.setattr(choices, "goes_out", goes_out)


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    cast.chair.phone, cast.police_team.duty_phone, cast.coordinator.phone = "01632 960001", "01632 960002", ""
    rows.commit()
    return make_called_case(rows, cast)


def calls(acting: Acting, cast: Cast, case: Case, *, in_hours: float) -> str:
    """A meeting is called in the night; what the page says of telling."""
    start = clock.now() + timedelta(hours=in_hours)
    with acting(cast.social_worker) as actor:
        calling.call_meeting(
            actor=actor,
            plan=Plan(
                kind="first",
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                chair=db.session.get_one(User, cast.chair.id),
                note_taker=db.session.get_one(User, cast.coordinator.id),
                place="Room 1",
            ),
            cases=[db.session.get_one(Case, case.id)],
            invitees=[
                Invitee(role="police", team=db.session.get_one(Team, cast.police_team.id)),
                Invitee(role="carer", name=CARER),
            ],
        )
        return page_words()


def mails(rows: Session, event: str) -> list[OutboxMessage]:
    rows.rollback()
    found = select(OutboxMessage).filter_by(event=event, channel="mail")
    return list(rows.scalars(found))


def waits(message: OutboxMessage) -> bool:
    assert message.next_try_at
    return message.next_try_at > clock.now()


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize(("in_hours", "now"), [(8, True), (100, False)])
def test_an_invitation_to_a_meeting_before_the_next_sending_hour_goes_at_once(
    rows: Session, cast: Cast, acting: Acting, case: Case, *, in_hours: int, now: bool
) -> None:
    words = calls(acting, cast, case, in_hours=in_hours)
    assert "Ring:" not in words
    sent = mails(rows, "meeting_invited")
    assert {one.recipient_id or one.recipient_team_id for one in sent} >= {cast.chair.id, cast.police_team.id}
    assert {(waits(one), one.urgent) for one in sent} == {(not now, now)}


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize(
    ("duty_phone", "said"),
    [("01632 960003", "01632 960003, duty phone of {team}"), ("", "no number is known here")],
)
def test_whoever_calls_a_meeting_within_the_hour_is_told_whom_to_ring_and_at_which_number(
    rows: Session, cast: Cast, acting: Acting, case: Case, duty_phone: str, said: str
) -> None:
    team = rows.get_one(Team, cast.hub_team.id)
    team.duty_phone, rows.get_one(User, cast.coordinator.id).phone = duty_phone, ""
    rows.commit()
    words = calls(acting, cast, case, in_hours=1)
    assert "Whoever gets the e-mail may not read it before" in words
    assert "Chas Chair (01632 960001)" in words
    assert f"{cast.police_team.name} and {cast.officer.name} (01632 960002)" in words
    assert f"{cast.coordinator.name} ({said.format(team=team.name)})" in words, "has no phone"
    assert f"{cast.social_worker.name} (" not in words.partition("Ring:")[2], "nobody rings themselves"
    assert {waits(one) for one in mails(rows, "meeting_invited")} == {False}


def duty_of(rows: Session) -> Deadline:
    rows.rollback()
    return rows.scalars(select(Deadline).filter_by(kind="by_hand", state="open")).one()


@pytest.mark.parametrize("in_hours", [8, 1000])
def test_whoever_has_no_account_is_to_be_told_before_the_meeting(
    rows: Session, cast: Cast, acting: Acting, case: Case, in_hours: int
) -> None:
    calls(acting, cast, case, in_hours=in_hours)
    meeting, duty = rows.scalars(select(Meeting)).one(), duty_of(rows)
    assert (duty.due_at == meeting.starts_at) is (in_hours == 8)
    assert duty.due_at <= meeting.starts_at
    assert duty.source == "clocks.by_hand", "it keeps its reminders"


@pytest.mark.usefixtures("at_night")
def test_who_would_have_come_in_vain_hears_before_the_meeting_was_to_begin(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    calls(acting, cast, case, in_hours=8)
    meeting = rows.scalars(select(Meeting)).one()
    was, later = meeting.starts_at, clock.now() + timedelta(days=9)
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        said: dict[str, Any] = {
            "reason": "Nobody can come",
            "version": record.version,
            "ends_at": later + timedelta(hours=1),
        }
        changes.move_meeting(actor=actor, meeting=record, starts_at=later, **said)
    assert {(waits(one), one.urgent) for one in mails(rows, "meeting_changed")} == {(False, True)}
    assert duty_of(rows).due_at == was


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize("step", ["cancelled", "uninvited", "answered"])
def test_that_it_does_not_take_place_or_somebody_does_not_come_is_told_before_it_begins(
    rows: Session, cast: Cast, acting: Acting, case: Case, step: str
) -> None:
    calls(acting, cast, case, in_hours=8)
    meeting = rows.scalars(select(Meeting)).one()
    police = rows.scalars(select(Invitation).filter_by(meeting_id=meeting.id, role="police")).one()
    with acting(cast.officer if step == "answered" else cast.coordinator) as actor:
        record, invited = db.session.get_one(Meeting, meeting.id), db.session.get_one(Invitation, police.id)
        if step == "cancelled":
            changes.cancel_meeting(actor=actor, meeting=record, reason="Ill", version=record.version)
        elif step == "uninvited":
            invitations.withdraw_invitation(
                actor=actor, meeting=record, invitation=invited, reason="Not needed"
            )
        else:
            answer = Answer(reply=InvitationReply.APOLOGIES, reason="Ill", version=invited.version)
            invitations.reply(actor=actor, meeting=record, invitation=invited, answer=answer)
    assert {(waits(one), one.urgent) for one in mails(rows, f"meeting_{step}")} == {(False, True)}
    if step == "cancelled":
        assert {(waits(one), one.urgent) for one in mails(rows, "meeting_called_off")} <= {(False, True)}
    assert of_event(rows, f"meeting_{step}")


def _answers(acting: Acting, invited: Invitation, by: User, reply: InvitationReply, **said: Any) -> str:
    """Somebody answers an invitation; what the page says of telling."""
    with acting(by) as actor:
        found = db.session.get_one(Invitation, invited.id)
        answer = Answer(reply=reply, version=found.version, **said)
        invitations.reply(
            actor=actor,
            meeting=db.session.get_one(Meeting, found.meeting_id),
            invitation=found,
            answer=answer,
        )
        return page_words()


@pytest.mark.parametrize("outside", [True, False])
def test_whom_to_tell_by_hand_that_it_is_cancelled_is_said_by_name_and_only_where_there_is_somebody(
    rows: Session, cast: Cast, acting: Acting, case: Case, client_for: ClientFor, *, outside: bool
) -> None:
    calls(acting, cast, case, in_hours=100)
    meeting = rows.scalars(select(Meeting)).one()
    if not outside:
        with acting(cast.social_worker) as actor:
            record = db.session.get_one(Meeting, meeting.id)
            carer = db.session.scalars(select(Invitation).filter_by(role="carer")).one()
            invitations.withdraw(actor=actor, meeting=record, invitation=carer, reason="Not yet")
    page, browser = f"/meetings/{meeting.reference}", client_for(cast.chair)
    sent = {"reason": "Ill", "version": str(meeting.version)}
    assert browser.submit(f"{page}/cancel", sent).status_code == 303
    shown = browser.soup(page).select(".govuk-notification-banner")
    words = " ".join(one.get_text(" ", strip=True) for one in shown)
    assert "Cancelled" in words
    assert (CARER in words, "without an account" in words) == (outside, False)


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize(("minutes", "now"), [(70, True), (130, False)])
def test_who_comes_instead_or_not_is_told_at_once_while_the_meeting_runs_and_not_after_its_end(
    rows: Session, cast: Cast, acting: Acting, case: Case, *, minutes: int, now: bool
) -> None:
    calls(acting, cast, case, in_hours=1)
    cast.police_manager.phone = "01632 960003"
    rows.commit()
    police = rows.scalars(select(Invitation).filter_by(role="police")).one()
    before = {one.id for one in mails(rows, "meeting_invited")}
    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
        words = _answers(acting, police, cast.officer, InvitationReply.DEPUTY, deputy=cast.police_manager)
        invited = [one for one in mails(rows, "meeting_invited") if one.id not in before]
        answered = mails(rows, "meeting_answered")
        assert [one.recipient_id for one in invited] == [cast.police_manager.id]
        assert {(waits(one), one.urgent) for one in (*invited, *answered)} == {(not now, now)}
        assert ("(01632 960003)" in words) is now
        if now:
            begun = _answers(acting, police, cast.officer, InvitationReply.APOLOGIES, reason="Called out")
            assert "Chas Chair (01632 960001)" in begun
            assert {waits(one) for one in mails(rows, "meeting_answered")} == {False}


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize(("in_hours", "now"), [(8, True), (400, False)])
def test_a_report_that_is_asked_for_a_meeting_before_the_next_sending_hour_is_asked_at_once(
    rows: Session, cast: Cast, acting: Acting, case: Case, *, in_hours: int, now: bool
) -> None:
    calls(acting, cast, case, in_hours=in_hours)
    meeting = rows.scalars(select(Meeting)).one()
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        report = preparing.Report("What do you know?", "It is the first")
        preparing.ask_for_reports(actor=actor, meeting=record, report=report)
        words = page_words()
    sent = mails(rows, "question_asked")
    assert {(waits(one), one.urgent) for one in sent} == {(not now, now)}
    assert cast.police_team.id in {one.recipient_team_id for one in sent}
    assert "Ring:" not in words


@pytest.mark.usefixtures("at_night")
def test_whom_a_report_is_asked_of_within_the_hour_is_to_be_rung(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    calls(acting, cast, case, in_hours=1)
    with acting(cast.coordinator) as actor:
        record = db.session.scalars(select(Meeting)).one()
        report = preparing.Report("What do you know?", "It is the first")
        preparing.ask_for_reports(actor=actor, meeting=record, report=report)
        assert f"Ring: {cast.police_team.name} and {cast.officer.name} (01632 960002)" in page_words()


def at_three(rows: Session, cast: Cast) -> Day:
    """A meeting that is to begin at three, seen at two."""
    return make_day(rows, cast, starts_at=TODAY_AT_2 + timedelta(hours=1))


def test_what_has_not_begun_is_not_recorded_as_held(rows: Session, cast: Cast, acting: Acting) -> None:
    with time_machine.travel(TODAY_AT_2, tick=False):
        day = at_three(rows, cast)
        with pytest.raises(DomainError, match="has not begun") as refused, acting(cast.chair) as actor:
            attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
        assert refused.value.field == "began"
        for began, why in ((time(14, 1), "past"), (time(15), "past")):
            with pytest.raises(DomainError, match=why), acting(cast.chair) as actor:
                attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks(), began=began)
    rows.refresh(day.meeting)
    assert (day.meeting.state, day.meeting.held_at) == (MeetingState.BOOKED, None)
    assert not rows.scalars(select(MeetingChange)).all()


def test_what_began_before_its_time_is_put_right_and_held(rows: Session, cast: Cast, acting: Acting) -> None:
    with time_machine.travel(TODAY_AT_2, tick=False):
        day = at_three(rows, cast)
        with acting(cast.chair) as actor:
            attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks(), began=time(13, 30))
    rows.refresh(day.meeting)
    assert (day.meeting.state, day.meeting.held_at) == (MeetingState.HELD, TODAY_AT_2)
    assert day.meeting.starts_at == TODAY_AT_2 - timedelta(minutes=30)
    assert day.meeting.ends_at == TODAY_AT_2, "no meeting ends after it was recorded as held"
    (change,) = rows.scalars(select(MeetingChange)).all()
    assert (change.kind, change.reason) == ("moved", "It began earlier than planned")
    assert not of_event(rows, "meeting_changed"), "nobody is asked again"


def test_who_did_not_come_to_what_began_before_its_time_hears_of_it_and_is_asked_nothing(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    with time_machine.travel(TODAY_AT_2, tick=False):
        day = at_three(rows, cast)
        marks = day.marks(
            police=Attendance.ABSENT, council=Mark(Attendance.APOLOGIES, "On leave"), carer=Attendance.ABSENT
        )
        why = "The police were to come at three"
        with acting(cast.chair) as actor:
            attendance.hold(
                actor=actor, meeting=acted(day.meeting), marks=marks, began=time(13, 30), quorum_reason=why
            )
        told = of_event(rows, "meeting_changed")
        people = rows.scalars(select(User).where(User.id.in_([to for to, _, _ in told]))).all()
        assert {one.agency_id for one in people} == {cast.police.id}, "who works on the case there"
        assert {to for to, _, _ in told} - {one.id for one in people} == {cast.police_team.id}
        carer = rows.scalars(
            select(ToldByHand).where(ToldByHand.name == CARER, ToldByHand.dropped_at.is_(None))
        )
        assert [one.told_on for one in carer] == [None], "somebody has to tell them"
        page = client_for(cast.officer).soup(f"/invitations/{day.police.reference}").get_text()
    assert "This meeting is over, so there is nothing to answer" in page
    assert "answer again" not in page


@pytest.mark.parametrize(
    ("ended", "now", "why"),
    [
        (time(14, 30), time(14, 30), ""),
        (time(15, 45), time(15, 45), ""),
        (None, time(15), ""),
        (time(16, 1), None, "past"),
        (time(14), None, "began later"),
    ],
)
def test_when_it_ended_is_as_planned_unless_somebody_says_otherwise_and_never_to_come(
    rows: Session, cast: Cast, acting: Acting, ended: time | None, now: time | None, why: str
) -> None:
    with time_machine.travel(TODAY_AT_2 + timedelta(hours=2), tick=False):
        day = make_day(rows, cast, starts_at=TODAY_AT_2)
        rows.get_one(Meeting, day.meeting.id).ends_at = TODAY_AT_2 + timedelta(hours=1)
        rows.commit()
        if why:
            with pytest.raises(DomainError, match=why) as refused, acting(cast.chair) as actor:
                attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks(), ended=ended)
            assert refused.value.field == "ended"
            return
        with acting(cast.chair) as actor:
            attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks(), ended=ended)
    rows.refresh(day.meeting)
    assert clock.local(day.meeting.ends_at).time() == now
    assert day.meeting.held_at == day.meeting.ends_at


def test_the_page_of_who_comes_asks_when_it_began(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    with time_machine.travel(TODAY_AT_2, tick=False):
        day = at_three(rows, cast)
        chair, place = client_for(cast.chair), f"/meetings/{day.meeting.reference}/attendance"
        assert "This meeting is to begin at 3:00pm." in chair.soup(place).get_text()
        said = {**came(day), "action": "hold"}
        refused = chair.submit(place, data=said)
        assert refused.status_code == 422
        assert "it was not held yet" in refused.get_data(as_text=True)
        assert chair.submit(place, data=said | {"began": "13:45", "ended": "14:20"}).status_code == 422
        assert chair.submit(place, data=said | {"began": "13:45", "ended": "13:55"}).status_code == 303
    rows.refresh(day.meeting)
    assert day.meeting.state == MeetingState.HELD
    assert clock.local(day.meeting.ends_at).time() == time(13, 55)
