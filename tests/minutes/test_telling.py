"""Who is told of minutes and decisions: the rows of the policy, and nobody more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxMessage
from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes import copies, issues, meeting_decisions, writing
from portal.records.minutes.meeting_decisions import AgencyPart, Saying
from portal.records.minutes.meeting_outcomes import set_next_date
from portal.records.minutes.model import ClosedMinute, Decision, MinutesCorrection, MinutesIssue
from portal.records.minutes.vocabulary import MeetingOutcome, MinutesKind, Stance
from portal.records.people.model import User
from portal.reminders.claims import Send
from portal.vocabulary import Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, grant
from tests.factories.meetings import make_invitation
from tests.factories.minutes import take_part
from tests.meetings.days import acted
from tests.meetings.recorded import TO_DO, Recorded, make_recorded
from tests.minutes.test_family_version import AUNT, choose, confirm, make, standing
from tests.reminders.travel import judged
from tests.told import heard, of_event, page_words, to_tell

ClientFor = Callable[[User], Client]
MAIL, BELL = "mail", "portal"
GROUP = MeetingOutcome.HIGH_RISK_GROUP


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def circulates(acting: Acting, cast: Cast, held: Recorded) -> None:
    with acting(cast.coordinator) as actor:
        issues.circulate(actor=actor, meeting=acted(held.meeting))


def approves(acting: Acting, cast: Cast, held: Recorded, *, leave_open: bool = False) -> None:
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(held.meeting), leave_open=leave_open)


def asks(rows: Session, acting: Acting, who: User) -> str:
    """Somebody asks for a correction; what their page says of it."""
    draft = rows.scalars(select(MinutesIssue.id).where(MinutesIssue.kind == MinutesKind.DRAFT)).one()
    with acting(who) as actor:
        copies.ask(actor=actor, issue=db.session.get_one(MinutesIssue, draft), text="It was Monday")
        return page_words()


def test_a_draft_is_sent_by_e_mail_to_those_who_took_part_or_sent_apologies(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    circulates(acting, cast, held)
    assert of_event(rows, "minutes_draft_sent") == {
        (cast.chair.id, MAIL, "minutes_draft"),
        (cast.nurse.id, MAIL, "minutes_draft"),
        (cast.council_team.id, MAIL, "minutes_draft"),
        (cast.community_safety.id, BELL, "minutes_draft"),
    }


def test_of_minutes_a_team_elsewhere_hears_by_e_mail_and_one_that_works_on_the_case_in_the_portal(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    approves(acting, cast, held)
    with acting(cast.chair) as actor:
        teams = [(held.case.id, cast.health_team.id)]
        issues.distribute(
            actor=actor, meeting=acted(held.meeting), invitation_ids=[held.council.id], teams=teams
        )
    assert of_event(rows, "minutes_copy_given") == {
        (cast.council_team.id, MAIL, "minutes_given"),
        (cast.community_safety.id, BELL, "minutes_given"),
        (cast.nurse.id, BELL, "minutes_given"),
    }
    assert heard(rows, cast, "minutes_distributed") == {"news"}


def test_a_team_that_took_part_and_works_on_the_case_gets_the_draft(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    take_part(rows, held.day.police)
    circulates(acting, cast, held)
    assert (cast.police_team.id, MAIL, "minutes_draft") in of_event(rows, "minutes_draft_sent")


def test_whoever_wrote_the_minutes_hears_of_a_correction_and_whoever_asked_of_the_answer(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    circulates(acting, cast, held)
    words = asks(rows, acting, cast.community_safety)
    assert "(chairs the meeting or made its minutes)" in words, "the note-taker chairs nothing"
    assert of_event(rows, "minutes_correction_asked") == {
        (cast.chair.id, MAIL, "minutes_correction"),
        (cast.coordinator.id, MAIL, "minutes_correction"),
    }
    correction = rows.scalars(select(MinutesCorrection.id)).one()
    with acting(cast.chair) as actor:
        copies.settle(
            actor=actor, meeting=acted(held.meeting), correction_id=correction, taken=True, answer=""
        )
    assert of_event(rows, "minutes_correction_answered") == {
        (cast.community_safety.id, MAIL, "minutes_answered")
    }


def test_where_none_of_them_may_see_it_any_more_whoever_leads_the_case_hears_of_a_correction(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    circulates(acting, cast, held)
    for who in (cast.chair, cast.coordinator):
        rows.get_one(User, who.id).active = False
    rows.commit()
    asks(rows, acting, cast.community_safety)
    assert of_event(rows, "minutes_correction_asked") == {
        (cast.social_worker.id, MAIL, "minutes_correction_left")
    }


def test_where_nobody_leads_the_case_either_the_hub_hears_of_a_correction(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    circulates(acting, cast, held)
    rows.get_one(Case, held.case.id).lead_professional_id = None
    for who in (cast.chair, cast.coordinator):
        rows.get_one(User, who.id).active = False
    rows.commit()
    asks(rows, acting, cast.community_safety)
    assert (cast.hub_team.id, MAIL, "minutes_correction_left") in of_event(rows, "minutes_correction_asked")


def test_the_lead_professional_hands_over_the_version_for_the_family(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    choose(acting, cast.coordinator, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    approves(acting, cast, held)
    make(acting, cast.chair, held)
    assert of_event(rows, "minutes_family_version") == {(cast.social_worker.id, MAIL, "given")}
    assert to_tell(rows, "minutes_family_version") == {("Ada, the child", cast.social_worker.id, "open")}


def test_the_chair_hears_that_passages_wait_until_they_are_confirmed_or_taken_out(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    told = {(cast.chair.id, "digest", "family_chosen")}
    choose(acting, cast.coordinator, held, AUNT)
    assert of_event(rows, "minutes_family_chosen") == told
    choose(acting, cast.coordinator, held, AUNT, TO_DO)
    of_chair = select(OutboxMessage).filter_by(kind="family_chosen")
    assert len(rows.scalars(of_chair).all()) == 1, "not again while they wait"
    confirm(acting, cast.chair, held, standing(rows))
    (message,) = rows.scalars(of_chair).all()
    assert message.read_at is not None, "the morning message does not ask for what is done"
    choose(acting, cast.coordinator, held)
    assert not standing(rows)
    choose(acting, cast.chair, held, AUNT)
    assert of_event(rows, "minutes_family_chosen") == told, "the chair knows what they chose themselves"


def test_a_decision_is_news_and_whoever_had_a_duty_by_one_that_is_withdrawn_hears_of_it(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    rows.get_one(Decision, held.decision.id).outcome = None
    rows.commit()
    with acting(cast.chair) as actor:
        meeting, record = acted(held.meeting), db.session.get_one(Case, held.case.id)
        said: dict[str, Any] = {
            "text": "Mapping first",
            "reason": "Three boys",
            "case": record,
            "outcome": GROUP,
        }
        made = meeting_decisions.record_decision(actor=actor, meeting=meeting, **said).id
    assert heard(rows, cast, "meeting_decided") == {"news"}
    theirs = update(Deadline).where(Deadline.kind == DeadlineKind.HIGH_RISK_GROUP)
    rows.execute(theirs.values(owner_id=cast.officer.id, owner_team_id=None, owner_agency_id=None))
    rows.commit()
    with acting(cast.chair) as actor:
        decision = db.session.get_one(Decision, made)
        meeting_decisions.withdraw_decision(
            actor=actor, meeting=acted(held.meeting), decision=decision, reason="Said twice", version=1
        )
    assert heard(rows, cast, "meeting_decision_withdrawn") == {"news", "officer portal no_longer_yours"}


def test_a_correction_that_is_left_open_is_told_in_the_portal(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    circulates(acting, cast, held)
    asks(rows, acting, cast.community_safety)
    approves(acting, cast, held, leave_open=True)
    assert of_event(rows, "minutes_correction_left") == {(cast.community_safety.id, BELL, "minutes_answered")}


def test_whoever_is_named_for_a_closed_part_alone_hears_of_it_and_that_it_ended(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    closed = rows.scalars(select(ClosedMinute.id)).one()
    for step in ("name", "unname"):
        with acting(cast.chair) as actor:
            meeting, part = acted(held.meeting), db.session.get_one(ClosedMinute, closed)
            if step == "name":
                person = db.session.get_one(User, cast.nurse.id)
                writing.name_reader(actor=actor, meeting=meeting, closed=part, person=person)
            else:
                nurse, why = cast.nurse.id, "They left the case"
                writing.unname_reader(actor=actor, meeting=meeting, closed=part, user_id=nurse, reason=why)
    assert of_event(rows, "minutes_reader_named") == {(cast.nurse.id, MAIL, "minutes_for_you")}
    found = of_event(rows, "minutes_reader_taken_off", last_word=True)
    assert found == {(cast.nurse.id, BELL, "minutes_no_longer_yours")}


def test_whoever_is_named_for_a_closed_part_hears_that_it_was_changed_and_nobody_else(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    closed = rows.scalars(select(ClosedMinute.id)).one()
    with acting(cast.chair) as actor:
        meeting, part = acted(held.meeting), db.session.get_one(ClosedMinute, closed)
        person = db.session.get_one(User, cast.nurse.id)
        writing.name_reader(actor=actor, meeting=meeting, closed=part, person=person)
        heading, version = part.heading, part.version
        writing.write_closed_part(
            actor=actor, meeting=meeting, closed=part, heading=heading, text="On Saturday", version=version
        )
        assert cast.nurse.name in page_words()
    found = of_event(rows, "minutes_closed_changed")
    assert (cast.nurse.id, MAIL, "minutes_for_you_changed") in found
    others = found - {(cast.nurse.id, MAIL, "minutes_for_you_changed")}
    assert others == {(held.meeting.note_taker_id, BELL, "minutes_for_you_changed")}


def test_what_is_told_of_a_meeting_that_is_over_goes_out(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, app: Flask
) -> None:
    closed = rows.scalars(select(ClosedMinute.id)).one()
    with acting(cast.chair) as actor:
        meeting, part = acted(held.meeting), db.session.get_one(ClosedMinute, closed)
        person = db.session.get_one(User, cast.nurse.id)
        writing.name_reader(actor=actor, meeting=meeting, closed=part, person=person)
        dissents(actor, meeting, db.session.get_one(Decision, held.decision.id), cast)
    worker = create_engine(app.config["DATABASE_WORKER_URL"])
    assert {one.kind: type(is_to) for one, is_to in judged(worker, clock.now())} == {
        "minutes_for_you": Send,
        "dissent": Send,
    }
    worker.dispose()


def dissents(actor: Principal, meeting: Meeting, decision: Decision, cast: Cast) -> None:
    """The police do not agree with a decision."""
    part = AgencyPart(Stance.DISSENTS, "The risk is higher")
    parts = {cast.police.id: Saying(AgencyPart(), part)}
    meeting_decisions.say_parts(actor=actor, meeting=meeting, decision=decision, parts=parts)


def test_a_dissent_is_told_to_the_managers_of_the_agency_that_does_not_agree(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    decision = held.decision.id
    with acting(cast.chair) as actor:
        found = db.session.get_one(Decision, decision)
        dissents(actor, db.session.get_one(Meeting, held.meeting.id), found, cast)
    assert of_event(rows, "meeting_dissent") == {(cast.police_manager.id, MAIL, "dissent")}


def test_on_a_sealed_case_a_draft_goes_to_people_by_name_alone(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    for who in (cast.social_worker, cast.chair, cast.coordinator):
        grant(rows, held.case, who, by=cast.coordinator)
    held.case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    circulates(acting, cast, held)
    assert of_event(rows, "minutes_draft_sent") == {
        (cast.chair.id, MAIL, "minutes_draft"),
        (cast.nurse.id, MAIL, "minutes_draft"),
    }


def outsider(rows: Session, cast: Cast, held: Recorded, name: str, **came: Any) -> Invitation:
    """Somebody without an account who was invited as a carer."""
    return make_invitation(rows, held.meeting, outside=name, by=cast.chair, role="carer", **came)


def test_of_a_draft_the_chair_tells_those_without_an_account_whom_they_choose_and_nobody_else(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    came: dict[str, Any] = {"attendance": Attendance.PRESENT}
    mother = make_invitation(
        rows, held.meeting, outside="Carla Quillcarrow", by=cast.chair, role="carer", **came
    )
    outsider(rows, cast, held, "Ada Quillcarrow", **came)
    absent = outsider(rows, cast, held, "Third Quillcarrow")
    rows.commit()
    with acting(cast.coordinator) as actor:
        with pytest.raises(DomainError, match="Choose from those who took part"):
            issues.circulate(actor=actor, meeting=acted(held.meeting), by_hand=[absent.id])
        issues.circulate(actor=actor, meeting=acted(held.meeting), by_hand=[mother.id])
        words = page_words()
    assert to_tell(rows, "minutes_draft_sent") == {("Carla Quillcarrow", cast.coordinator.id, "open")}
    assert "Carla Quillcarrow" in words


def test_the_family_is_told_of_no_draft_while_an_alert_stands_against_it(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    came: dict[str, Any] = {"attendance": Attendance.PRESENT}
    mother = make_invitation(
        rows, held.meeting, outside="Carla Quillcarrow", by=cast.chair, role="carer", **came
    )
    add_alert(rows, held.case, cast.coordinator)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="stands on a case"):
        issues.circulate(actor=actor, meeting=acted(held.meeting), by_hand=[mother.id])
    assert to_tell(rows, "minutes_draft_sent") == set()


def test_the_next_date_is_news_on_the_case_and_said_once(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    on = clock.today() + timedelta(days=20)
    for day in (on, on, on - timedelta(days=1)):
        with acting(cast.chair) as actor:
            set_next_date(
                actor=actor, meeting=acted(held.meeting), case=db.session.get_one(Case, held.case.id), on=day
            )
    assert heard(rows, cast, "meeting_next_date_set") == {"news"}
    lines = rows.scalars(select(CaseNews).filter_by(event="meeting_next_date_set")).all()
    assert [one.case_id for one in lines] == [held.case.id] * 2, "once for each day that was set"
