"""Whoever has no account is for somebody to tell: each row of the policy through its service."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.telling import Outsider, outside, tell
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case
from portal.records.closing.ending import FollowUp
from portal.records.closing.hand_overs import (
    HandOverWords,
    begin_hand_over,
    finalise_hand_over,
    save_hand_over,
)
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import ENDED, HandOverKind
from portal.records.meetings import changes, invitations
from portal.records.meetings.calling import Plan, call_meeting
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.model import Invitation, Meeting
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.sending import send_referral
from portal.records.referrals.vocabulary import Channel
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.records.triage.feedback import give_feedback, send_message
from portal.records.triage.working import find_referral
from portal.vocabulary import ReferralState, RiskLevel, Urgency
from tests.assessments.conftest import assessed, case_of_three
from tests.by_hand.steps import CALLER, Acting, entered
from tests.cast import Cast
from tests.closing.conftest import agrees, ending, ends
from tests.factories.cases import add_alert
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.referrals import make_draft
from tests.meetings.calls import make_called_case
from tests.safety_plans.steps import begun, holds
from tests.safety_plans.test_safety_plans import met
from tests.told import of_event, page_words, to_tell
from tests.triage.conftest import answers

CARER = "Carla Quillcarrow"


@pytest.mark.parametrize(
    ("urgency", "event"), [(Urgency.LATER, "form_arrived"), (Urgency.IMMEDIATE, "red_form_arrived")]
)
def test_of_a_form_entered_for_a_caller_the_coordinator_has_to_tell_them_that_it_arrived(
    rows: Session, cast: Cast, acting: Acting, urgency: Urgency, event: str
) -> None:
    draft = make_draft(rows, cast.coordinator)
    said = answers(urgency=urgency, channel=Channel.PHONE, sender_name=CALLER, sender_contact="01632 960333")
    with acting(cast.coordinator) as actor:
        send_referral(actor=actor, reference=draft.reference, answers=said, details=[], version=draft.version)
    assert to_tell(rows, event) == {(CALLER, cast.coordinator.id, "open")}


@pytest.mark.parametrize(("asks", "event"), [(True, "form_hub_asked"), (False, "form_hub_wrote")])
def test_what_the_hub_writes_to_a_sender_without_account_it_tells_them_itself(
    rows: Session, cast: Cast, acting: Acting, asks: bool, event: str
) -> None:
    form = entered(rows, cast)
    for _ in range(2):
        with acting(cast.second_coordinator) as actor:
            found = find_referral(actor=actor, reference=form.reference)
            send_message(
                actor=actor, referral=found, text="When was that?", asks_reply=asks, message_id=form.id
            )
    assert to_tell(rows, event) == {(CALLER, cast.second_coordinator.id, "open")}
    assert of_event(rows, event) == set(), "no message says that the sender was told"


def test_feedback_to_a_sender_without_account_is_told_by_hand_and_the_page_says_that_they_are_not_told(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form = entered(rows, cast, state=ReferralState.DECIDED)
    with acting(cast.second_coordinator) as actor:
        give_feedback(actor=actor, referral=db.session.get_one(Referral, form.id), text="Thank you")
        said = page_words()
    assert to_tell(rows, "form_fed_back") == {(CALLER, cast.second_coordinator.id, "open")}
    assert f"Not told yet – tell them yourself: {CALLER}" in said
    assert f"It is about: what became of a form is said to its sender ({form.reference})." in said
    assert "Told " not in said


def test_feedback_to_a_sender_with_account_is_no_duty_of_anybody(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form = entered(rows, cast, state=ReferralState.DECIDED, name="", author=cast.officer)
    with acting(cast.coordinator) as actor:
        give_feedback(actor=actor, referral=db.session.get_one(Referral, form.id), text="Thank you")
    assert to_tell(rows, "form_fed_back") == set()
    assert of_event(rows, "form_fed_back") == {(cast.officer.id, "mail", "feedback")}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


def test_who_follows_up_without_account_is_told_by_whoever_ends_the_case_after_which_it_is_still_owed(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    follow_up = FollowUp(name="Fenella Gladwrack", agency="Youth club", contact="01632 960444")
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation", follow_up=follow_up))
    assert to_tell(rows, "case_ended") == set(), "it has not ended"
    agrees(acting, cast.social_care_manager, case)
    owes = cast.social_care_manager.id
    assert to_tell(rows, "case_ended") == {("Fenella Gladwrack (Youth club)", owes, "open")}


def test_the_service_that_takes_over_is_told_by_whoever_finalises_the_hand_over(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    with acting(cast.coordinator) as actor:
        record, rules = db.session.get_one(Case, case.id), current_policy().of(Closing)
        made = begin_hand_over(actor=actor, case=record, kind=HandOverKind.TRANSITION)
        words = HandOverWords(
            service="Adult services",
            person="Olwen Brindlemarsh",
            contact="01632 960222",
            meets_on=clock.today() + timedelta(days=3),
            answers={one.code: "As agreed" for one in rules.sections_of(HandOverKind.TRANSITION)},
        )
        version = save_hand_over(actor=actor, case=record, hand_over=made, words=words, version=made.version)
        finalise_hand_over(actor=actor, case=record, hand_over=made, version=version)
    who = "Olwen Brindlemarsh (Adult services)"
    assert to_tell(rows, "hand_over_finalised") == {(who, cast.coordinator.id, "open")}


@pytest.fixture
def meeting(rows: Session, cast: Cast) -> Meeting:
    """A meeting to which a carer comes who has no account."""
    made = make_meeting(
        rows,
        cases=[make_called_case(rows, cast)],
        chair=cast.chair,
        note_taker=cast.coordinator,
        place="Room 1",
    )
    make_invitation(rows, made, outside=CARER, by=cast.chair, role="carer")
    return made


def changes_it(acting: Acting, who: User, meeting: Meeting, change: Any, **said: Any) -> None:
    with acting(who) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        change(actor=actor, meeting=record, version=record.version, **said)


def moves(acting: Acting, who: User, meeting: Meeting, days: int) -> None:
    start = clock.now() + timedelta(days=days)
    end = start + timedelta(hours=1)
    changes_it(
        acting, who, meeting, changes.move_meeting, starts_at=start, ends_at=end, reason="The room is taken"
    )


def test_whoever_is_invited_without_account_is_told_by_whoever_called_the_meeting(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case, start = make_called_case(rows, cast), clock.now() + timedelta(days=9)
    with acting(cast.coordinator) as actor:
        call_meeting(
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
            invitees=[Invitee(role="carer", name=CARER)],
        )
    assert to_tell(rows, "meeting_invited") == {(CARER, cast.coordinator.id, "open")}


def test_of_a_meeting_that_moves_twice_only_the_newest_time_is_to_be_told(
    rows: Session, cast: Cast, acting: Acting, meeting: Meeting
) -> None:
    moves(acting, cast.chair, meeting, 12)
    moves(acting, cast.coordinator, meeting, 14)
    assert to_tell(rows, "meeting_changed") == {
        (CARER, cast.chair.id, "superseded"),
        (CARER, cast.coordinator.id, "open"),
    }


def test_another_chair_is_told_by_hand_to_whoever_has_no_account(
    rows: Session, cast: Cast, acting: Acting, meeting: Meeting
) -> None:
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        changes.change_chair(
            actor=actor,
            meeting=record,
            person=db.session.get_one(User, cast.second_coordinator.id),
            reason="On leave",
            version=record.version,
        )
    assert to_tell(rows, "meeting_changed") == {(CARER, cast.coordinator.id, "open")}


def test_that_a_meeting_is_cancelled_is_told_by_hand_and_nobody_need_be_told_that_it_moved(
    rows: Session, cast: Cast, acting: Acting, meeting: Meeting
) -> None:
    moves(acting, cast.chair, meeting, 12)
    changes_it(acting, cast.chair, meeting, changes.cancel_meeting, reason="The child moved away")
    assert to_tell(rows, "meeting_cancelled") == {(CARER, cast.chair.id, "open")}
    assert to_tell(rows, "meeting_changed") == {(CARER, cast.chair.id, "superseded")}


def test_that_an_invitation_is_withdrawn_is_told_by_hand_to_whoever_had_it(
    rows: Session, cast: Cast, acting: Acting, meeting: Meeting
) -> None:
    held = rows.scalars(select(Invitation.id).filter_by(external_name=CARER)).one()
    with acting(cast.chair) as actor:
        invitations.withdraw(
            actor=actor,
            meeting=db.session.get_one(Meeting, meeting.id),
            invitation=db.session.get_one(Invitation, held),
            reason="Not this time",
        )
    assert to_tell(rows, "meeting_uninvited") == {(CARER, cast.chair.id, "open")}
    assert rows.scalars(select(OutboxMessage.id).filter_by(event="meeting_uninvited")).all() == []


FAMILY = {"The child", "The parent or carer"}


def ends_plan(acting: Acting, cast: Cast, case: Case) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    with acting(cast.social_worker) as actor:
        found, record = db.session.get_one(SafetyPlan, plan.id), db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=record, plan=found, reason="Safe now", version=found.version)


def test_the_child_and_the_carer_are_told_by_hand_that_their_safety_plan_ended(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    ends_plan(acting, cast, case)
    assert to_tell(rows, "safety_plan_ended") == {(one, cast.social_worker.id, "open") for one in FAMILY}


def test_while_nothing_may_reach_the_family_nobody_is_asked_to_tell_them(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    add_alert(rows, case, cast.coordinator)
    ends_plan(acting, cast, case)
    assert to_tell(rows, "safety_plan_ended") == set()


def test_so_they_are_where_a_meeting_ended_it(rows: Session, cast: Cast, acting: Acting, case: Case) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    met(rows, cast, case, acting, ends=plan, by=cast.community_safety)
    told = {name for name, _, state in to_tell(rows, "safety_plan_ended_by_meeting") if state == "open"}
    assert told == FAMILY


def test_the_same_person_written_in_two_ways_is_owed_one_telling_of_the_same(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    names = ("Una Quillcarrow, of Coastshire", "una  quillcarrow of Coastshire ", "Una Quillcarrow of Derby")
    for given in (names, names[1:]):
        with acting(cast.social_worker) as actor:
            tell(
                actor=actor,
                event=ENDED,
                about=about_case(db.session.get_one(Case, case.id)),
                given={Ground.OUTSIDE: outside(*(Outsider(one) for one in given))},
            )
            words = page_words()
    found = {name for name, _, _ in to_tell(rows, "case_ended")}
    assert len(found) == 2, "of Coastshire, and somebody of Derby"
    assert "Una Quillcarrow of Derby" in found
    assert "no account" not in words, "nothing new is owed"
