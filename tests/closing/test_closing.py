"""A case ends as a meeting decided, or by two people where nobody ever met; nothing is left behind unseen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import Child
from portal.records.closing.ending import FollowUp, agree_to_end, end_case
from portal.records.closing.model import CaseClosure
from portal.records.closing.vocabulary import ClosureGround, ClosureKind
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.vocabulary import CaseState, RiskLevel, Sensitivity
from tests.access.test_reach import Asking, seen
from tests.assessments.conftest import assessed, begin, open_duties
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import (
    Acting,
    agrees,
    asked,
    closed,
    decided,
    ending,
    ends,
    now_is,
    refuses,
    steps_down,
)
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.closing import make_hand_over
from tests.factories.meetings import make_meeting
from tests.told import told


def closure(rows: Session, case: Case) -> CaseClosure:
    return rows.scalars(select(CaseClosure).filter_by(case_id=case.id)).one()


def test_a_case_is_closed_as_its_last_meeting_decided_with_who_follows_up_and_what_would_reopen_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decision = decided(rows, cast, case, MeetingOutcome.CLOSE)
    ends(acting, cast.social_worker, case)
    after = now_is(rows, case)
    assert (after.state, after.closed_at is not None) == (CaseState.CLOSED, True)
    kept = closure(rows, case)
    assert (kept.ground, kept.decision_id, kept.asked_by) == (
        ClosureGround.MEETING,
        decision.id,
        cast.social_worker.id,
    )
    assert (kept.follow_up_name, kept.second_id) == ("Hew Helper", None)
    assert kept.reopen_if
    assert kept.policy_version


def test_a_case_ends_before_its_minutes_are_approved_only_with_a_reason_which_stays_to_be_read(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decision = decided(rows, cast, case, MeetingOutcome.CLOSE)
    meeting = rows.get_one(Meeting, decision.meeting_id)
    with pytest.raises(DomainError, match=f"minutes of {meeting.reference} are not approved") as refused:
        ends(acting, cast.social_worker, case, ending(minutes_reason=""))
    assert refused.value.field == "minutes_reason"
    ends(acting, cast.social_worker, case)
    assert closure(rows, case).minutes_reason
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert "Why before the minutes were approved The chair has read them" in page


def test_where_the_minutes_are_approved_nothing_is_asked_about_them(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decision = decided(rows, cast, case, MeetingOutcome.CLOSE)
    for state in (MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        rows.get_one(Meeting, decision.meeting_id).state = state
        rows.commit()
    ends(acting, cast.social_worker, case, ending(minutes_reason=""))
    assert closure(rows, case).minutes_reason == ""


def test_what_was_still_owed_is_no_longer_needed_and_nothing_counts_as_met(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    since = now_is(rows, case).closed_at
    ended = rows.scalars(select(Deadline).where(Deadline.case_id == case.id, Deadline.ended_at >= since))
    states = {one.kind: (one.state, one.move_reason) for one in ended}
    assert set(states) == {DeadlineKind.MEETING, DeadlineKind.ASSESSMENT}
    assert set(states.values()) == {(DeadlineState.CANCELLED, "The case was closed")}
    assert DeadlineKind.SIGN_OFF in open_duties(rows, case), "a manager still answers for the level"


def test_other_agencies_are_told_read_it_for_some_days_and_then_no_more_while_the_lead_and_the_hub_keep_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    closed(rows, cast, acting, case)
    people = {one.recipient_id for one in told(rows, "case_ended")}
    teams = {one.recipient_team_id for one in told(rows, "case_ended")}
    assert {cast.officer.id, cast.nurse.id} <= people
    assert {cast.police_team.id, cast.health_team.id, cast.social_care_team.id} <= teams
    assert cast.social_worker.id not in people, "whoever did it knows"
    for who in (cast.nurse, cast.social_worker, cast.coordinator):
        assert seen(asking, who, Case) == 1
    work = rows.scalars(select(Involvement).filter_by(case_id=case.id)).all()
    assert {one.agency_id for one in work if one.ended_at is None} == {cast.social_care.id}
    left = next(one for one in work if one.agency_id == cast.health.id)
    assert left.ended_at is not None
    assert timedelta(days=9) < left.ended_at - clock.now() < timedelta(days=19), "ten working days"
    left.ended_at = clock.now()
    rows.commit()
    assert seen(asking, cast.nurse, Case) == 0
    assert seen(asking, cast.social_worker, Case) == 1


def test_a_meeting_that_goes_on_or_none_at_all_closes_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    with pytest.raises(DomainError, match="A meeting has to"):
        ends(acting, cast.social_worker, case)
    decided(rows, cast, case, MeetingOutcome.CLOSE, held_at=clock.now() - timedelta(days=3))
    decided(rows, cast, case, MeetingOutcome.CONTINUE)
    with pytest.raises(DomainError, match="A meeting has to"):
        ends(acting, cast.social_worker, case)
    assert now_is(rows, case).state != CaseState.CLOSED


def test_an_assessment_older_than_policy_says_does_not_close_a_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    now = clock.now()
    with time_machine.travel(now - timedelta(days=44)):
        assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    with pytest.raises(DomainError, match="too old"):
        ends(acting, cast.social_worker, case)
    with time_machine.travel(now - timedelta(days=3)):
        ends(acting, cast.social_worker, case)
    assert now_is(rows, case).state == CaseState.CLOSED, "within six weeks"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "moved"}, "reason"),
        ({"reason": "boredom"}, "reason"),
        ({"words": " "}, "words"),
        ({"follow_up": FollowUp()}, "follow_up"),
        ({"follow_up": FollowUp(name="Hew Helper")}, "follow_up_agency"),
        ({"reopen_if": ""}, "reopen_if"),
    ],
)
def test_whoever_ends_a_case_says_everything(
    rows: Session, cast: Cast, case: Case, acting: Acting, change: dict[str, Any], field: str
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    with pytest.raises(DomainError) as refused:
        ends(acting, cast.social_worker, case, ending(**change))
    assert refused.value.field == field


@pytest.mark.parametrize("what", ["question", "meeting", "assessment"])
def test_what_is_under_way_on_a_case_is_dealt_with_first(
    rows: Session, cast: Cast, case: Case, acting: Acting, what: str
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    if what == "question":
        ask(rows, rows.get_one(Child, case.child_id), cast.health_team, by=cast.coordinator, case=case)
    elif what == "meeting":
        make_meeting(rows, chair=cast.chair, note_taker=cast.officer, cases=[case])
    else:
        begin(acting, cast.social_worker, case)
    said = {"question": "not answered", "meeting": "still to come", "assessment": "being written"}
    with pytest.raises(DomainError, match=said[what]):
        ends(acting, cast.social_worker, case)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("social_worker", True),
        ("coordinator", True),
        ("chair", True),
        ("officer", False),
        ("nurse", False),
        ("police_manager", False),
        ("social_care_manager", False),
    ],
)
def test_who_closes_a_case(
    rows: Session, cast: Cast, case: Case, acting: Acting, who: str, may: bool
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    if may:
        ends(acting, getattr(cast, who), case)
    else:
        with pytest.raises(Forbidden):
            ends(acting, getattr(cast, who), case)
    assert (now_is(rows, case).state == CaseState.CLOSED) is may


def test_the_second_of_two_people_is_told_of_the_first(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(Case, case.id)
        with pytest.raises(Conflict):
            end_case(actor=actor, case=record, ending=ending(), version=record.version - 1)


def test_where_nothing_was_found_and_nobody_met_the_assessor_asks_and_a_second_person_agrees(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    assert now_is(rows, case).state == CaseState.IN_ASSESSMENT, "nothing ends by itself"
    assert DeadlineKind.CASE_END in open_duties(rows, case)
    assert {one.recipient_id for one in told(rows, "case_end_asked")} == {cast.social_care_manager.id}
    agrees(acting, cast.social_care_manager, case)
    assert now_is(rows, case).state == CaseState.CLOSED
    kept = closure(rows, case)
    assert (kept.ground, kept.second_id) == (ClosureGround.NO_EXPLOITATION, cast.social_care_manager.id)
    duty = rows.scalars(select(Deadline).filter_by(case_id=case.id, kind=DeadlineKind.CASE_END)).one()
    assert duty.state == DeadlineState.DONE, "the decision that was owed is made"


@pytest.mark.parametrize("who", ["social_worker", "coordinator", "officer", "police_manager"])
def test_nobody_else_is_the_second_person(
    rows: Session, cast: Cast, case: Case, acting: Acting, who: str
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    with pytest.raises(Forbidden):
        agrees(acting, getattr(cast, who), case)
    assert now_is(rows, case).state == CaseState.IN_ASSESSMENT


def test_only_whoever_assessed_asks_that_it_end_without_a_meeting(
    cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    with pytest.raises(Forbidden, match="whoever assessed"):
        ends(acting, cast.coordinator, case, ending(reason="no_exploitation"))


def test_a_case_that_ever_had_a_level_or_a_meeting_takes_a_meeting_to_end(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    steps_down(acting, cast, case, RiskLevel.NONE)
    with pytest.raises(DomainError, match="A meeting has to"):
        ends(acting, cast.social_worker, case)


def test_a_meeting_held_after_it_was_asked_keeps_the_second_person_from_ending_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    decided(rows, cast, case, MeetingOutcome.CONTINUE)
    with pytest.raises(DomainError, match="A meeting decides"):
        agrees(acting, cast.social_care_manager, case)


def test_of_two_who_answer_at_once_the_second_is_told_that_nothing_waits(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    with acting(cast.social_care_manager) as actor:
        record = db.session.get_one(Case, case.id)
        waiting = asked(record)
        meanwhile = closure(rows, case)  # the asker takes it back
        meanwhile.withdrawn_at, meanwhile.withdrawn_by = clock.now(), cast.social_worker.id
        rows.commit()
        with pytest.raises(DomainError, match="Nobody asks any more"):
            agree_to_end(actor=actor, case=record, closure=waiting)


def test_the_second_person_says_no_and_the_case_goes_on(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    with pytest.raises(DomainError, match="Say why"):
        refuses(acting, cast.social_care_manager, case, " ")
    refuses(acting, cast.social_care_manager, case)
    assert now_is(rows, case).state == CaseState.IN_ASSESSMENT
    assert closure(rows, case).withdrawn_reason == "Ask health first"
    assert DeadlineKind.CASE_END in open_duties(rows, case)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    agrees(acting, cast.social_care_manager, case)
    assert now_is(rows, case).state == CaseState.CLOSED


def test_a_transfer_takes_a_meeting_or_a_second_person_and_always_a_hand_over(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    decided(rows, cast, case, MeetingOutcome.TRANSFER)
    with pytest.raises(DomainError, match="hand-over"):
        ends(acting, cast.social_worker, case, ending(ClosureKind.TRANSFERRED))
    handed = make_hand_over(rows, case, cast.social_worker)
    ends(acting, cast.social_worker, case, ending(ClosureKind.TRANSFERRED))
    assert now_is(rows, case).state == CaseState.TRANSFERRED
    kept = closure(rows, case)
    assert (kept.ground, kept.hand_over_id) == (ClosureGround.MEETING, handed.id)


def test_a_child_who_moved_before_any_meeting_is_transferred_by_two_people(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_hand_over(rows, case, cast.social_worker)
    ends(acting, cast.coordinator, case, ending(ClosureKind.TRANSFERRED))
    assert now_is(rows, case).state == CaseState.AWAITING_ASSESSMENT
    with pytest.raises(Forbidden):
        agrees(acting, cast.second_coordinator, case)
    agrees(acting, cast.social_care_manager, case)
    assert now_is(rows, case).state == CaseState.TRANSFERRED
    assert closure(rows, case).ground == ClosureGround.MOVED


def test_on_a_sealed_case_those_who_read_it_alone_are_told_and_its_own_keep_it(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    for person in (cast.social_worker, cast.coordinator, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    ends(acting, cast.coordinator, case)
    found = told(rows, "case_ended")
    runs_its_meeting = {cast.chair.id, cast.officer.id}
    named_on_it = {cast.social_worker.id, cast.nurse.id}
    assert {one.recipient_id for one in found} == named_on_it | runs_its_meeting
    assert {one.recipient_team_id for one in found} == {None}
    grants = rows.scalars(select(AccessGrant).filter_by(case_id=case.id, kind="named"))
    named = {one.user_id: one.ends_at for one in grants}
    assert named[cast.nurse.id] is not None
    assert named[cast.social_worker.id] is None
    assert named[cast.coordinator.id] is None


def test_on_a_closed_case_nothing_new_is_begun(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    closed(rows, cast, acting, case)
    with pytest.raises(Conflict, match="This case was closed on"):
        ends(acting, cast.social_worker, case, ending(words="Said otherwise"))
    with pytest.raises(DomainError, match="Reopen it first"):
        begin(acting, cast.social_worker, case)
