"""The demonstration's data: everything that the portal can show is there, and nothing of it is real."""

import re
from collections import Counter

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.demo.content import acting
from portal.pathway.calendar import age_on, end_of_day, is_working_day
from portal.pathway.characters import read_nhs_number
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import Alert, Case, ChronologyEntry, Involvement
from portal.records.children.model import Child, ChildRecord, ChildStatus
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.vocabulary import ClosureGround
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.meetings.model import (
    Invitation,
    Meeting,
    MeetingCase,
    MeetingChange,
    MeetingHandout,
    MeetingPaper,
)
from portal.records.meetings.vocabulary import Attendance, InvitationReply, MeetingChangeKind, MeetingState
from portal.records.minutes.model import (
    ClosedMinute,
    Decision,
    DecisionPart,
    LevelProposal,
    MinutesCopy,
    MinutesCorrection,
    MinutesIssue,
)
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import Agency, SignInSession, User
from portal.records.plans.model import Action
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSeal
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.triage.model import IntelligenceReport, SocialCareReferral, TriageDecision
from portal.vocabulary import CaseState, DecisionOutcome, ReferralState, Role, Sector, Sensitivity

#: Names that many people bear: nobody in the demonstration may be taken for one of them.
COMMON = frozenset(
    {
        *("smith", "jones", "taylor", "brown", "williams", "wilson", "johnson", "davies", "patel", "wright"),
        *("walker", "white", "thompson", "hughes", "edwards", "green", "lewis", "wood", "harris", "jackson"),
        *("clarke", "hall", "khan", "turner", "hill", "cooper", "ward", "morris", "moore", "king", "watson"),
        *("baker", "harrison", "morgan", "allen", "scott", "ali", "young", "begum", "hussain", "ahmed"),
        *("singh", "kaur", "kowalski", "nowak", "nguyen", "tran", "popescu", "hassan", "murphy", "price"),
    }
)


def count(rows: Session, column: object) -> Counter[object]:
    return Counter(rows.scalars(select(column)))  # type: ignore[call-overload]  # any column will do


def test_there_are_sixty_cases_in_every_state_and_of_every_sensitivity(loaded: Session) -> None:
    states = count(loaded, Case.state)
    assert states.total() >= 60
    assert set(states) == set(CaseState)
    assert set(count(loaded, Case.sensitivity)) == set(Sensitivity)


def test_cases_end_by_a_meeting_by_two_people_and_by_a_hand_over_and_one_is_reopened(loaded: Session) -> None:
    assert set(count(loaded, CaseClosure.ground)) == set(ClosureGround)
    assert count(loaded, HandOver.finalised_at.is_not(None)) == {True: 3}
    assert loaded.scalars(select(CaseClosure).where(CaseClosure.reopened_at.is_not(None))).one()
    open_on_closed = select(Deadline.id).join(Case, Case.id == Deadline.case_id)
    # who has no account is still to be told, also of the end itself; an assessment is still to be signed off
    left = open_on_closed.where(
        Case.state.in_(["closed", "transferred"]),
        Deadline.state == "open",
        Deadline.kind.not_in(["by_hand", "sign_off"]),
    )
    assert loaded.scalars(left).all() == []


def test_some_cases_are_restricted_because_policy_names_their_type(loaded: Session) -> None:
    said = loaded.scalars(select(Case.sensitivity_reason).where(Case.sensitivity == Sensitivity.RESTRICTED))
    assert any("because of its type" in reason for reason in said)


def test_there_are_some_forty_forms_in_every_state_with_every_outcome(loaded: Session) -> None:
    states = count(loaded, Referral.state)
    assert states.total() == 42
    assert set(states) == set(ReferralState)
    assert set(count(loaded, TriageDecision.outcome)) == set(DecisionOutcome)
    assert {"portal", "phone", "email", "paper"} <= set(count(loaded, Referral.channel))


def test_every_sector_has_every_role_that_it_can_have(loaded: Session) -> None:
    people = loaded.execute(select(Agency.sector, User.roles).join(Agency, Agency.id == User.agency_id))
    found = {(Sector(sector), Role(role)) for sector, roles in people for role in roles}
    partners = {(sector, role) for sector in Sector for role in (Role.PRACTITIONER, Role.CHAIR, Role.MANAGER)}
    hub = {
        (Sector.HUB, role) for role in (Role.COORDINATOR, Role.MANAGER, Role.GOVERNANCE, Role.ADMINISTRATOR)
    }
    missing = {pair for pair in partners if pair[0] is not Sector.HUB} | hub
    assert not missing - found, f"Add to partnership.toml: {missing - found}"


def test_a_case_has_thirty_entries_and_three_children_have_names_that_sound_alike(loaded: Session) -> None:
    entries = loaded.scalars(
        select(func.count()).select_from(ChronologyEntry).group_by(ChronologyEntry.case_id)
    )
    assert max(entries) >= 30
    names = loaded.execute(select(Child.given_name, Child.family_name).where(Child.family_name.like("Quil%")))
    assert len(names.all()) >= 3


def test_the_ages_that_need_a_reason_are_there(loaded: Session) -> None:
    today = clock.today()
    bases = {
        (age_on(dob, today), basis)
        for dob, basis in loaded.execute(
            select(Child.dob, ChildRecord.eligibility_basis).join(
                ChildRecord, ChildRecord.child_id == Child.id
            )
        )
        if dob
    }
    assert {(22, "send"), (23, "care_experienced"), (30, "other")} <= bases


def test_a_child_on_a_protection_plan_has_an_open_case_as_well(loaded: Session) -> None:
    both = select(Case.id).join(ChildStatus, ChildStatus.child_id == Case.child_id)
    open_states = Case.state.in_(OPEN_CASE_STATES)
    assert loaded.scalars(both.where(ChildStatus.status == "cp", open_states)).first()


def test_entries_and_alerts_are_of_every_kind(loaded: Session, session_app: Flask) -> None:
    assert set(count(loaded, ChronologyEntry.handling)) == set(Handling)
    assert set(count(loaded, ChronologyEntry.family_safe)) == set(FamilySafe)
    assert loaded.scalars(select(ChronologyEntry).where(ChronologyEntry.corrects_id.is_not(None))).first()
    offered = {term.code for term in current_policy().cases.alerts.offered}
    assert set(count(loaded, Alert.kind)) == offered


def test_the_hub_has_what_it_must_not_overlook(loaded: Session) -> None:
    now = clock.now()
    red = select(Referral).where(Referral.colour == "red", Referral.triage_due_at < now)
    assert loaded.scalars(red.where(Referral.state == ReferralState.SENT)).first(), "a red form is overdue"
    told = select(Disclosure).where(Disclosure.colour == "red", Disclosure.confirmed_at.is_(None))
    assert loaded.scalars(told).first(), "a red telling is not confirmed"
    front_door = select(SocialCareReferral).where(SocialCareReferral.confirmed_at.is_(None))
    assert loaded.scalars(front_door).first(), "a referral to social care is not confirmed"
    assert loaded.scalars(select(IntelligenceReport)).first(), "something is graded"
    assert set(count(loaded, Disclosure.decision)) == set(SharingDecision)


def test_a_form_is_with_the_people_of_a_sealed_case(loaded: Session) -> None:
    sealed = select(Case.sensitivity).join(ReferralSeal, ReferralSeal.case_id == Case.id)
    assert loaded.scalars(sealed).all() == [Sensitivity.SEALED]


def test_somebody_who_left_has_a_draft_that_was_never_sent(loaded: Session) -> None:
    left = select(ReferralNotice).join(User, User.id == ReferralNotice.author_id)
    assert loaded.scalars(left.where(~User.active, ReferralNotice.state == ReferralState.DRAFT)).one()


def test_questions_wait_are_late_answered_withdrawn_and_given_time(loaded: Session) -> None:
    now, asked = clock.now(), select(InformationRequest)
    waits = asked.where(InformationRequest.answered_at.is_(None), InformationRequest.withdrawn_at.is_(None))
    assert loaded.scalars(waits.where(InformationRequest.due_at < now)).first(), "one is late"
    assert loaded.scalars(asked.where(InformationRequest.withdrawn_at.is_not(None))).first()
    assert loaded.scalars(asked.where(InformationRequest.referral_id.is_not(None))).first(), "from a form"
    assert set(count(loaded, InformationAnswer.nothing_held)) == {True, False}
    assert set(count(loaded, InformationAnswer.handling)) == set(Handling)
    moved = select(Deadline).where(
        Deadline.request_id.is_not(None), Deadline.due_at > Deadline.original_due_at
    )
    assert loaded.scalars(moved).first(), "one has more time"


def test_meetings_are_coming_up_today_held_moved_cancelled_and_on_a_district(loaded: Session) -> None:
    states = set(count(loaded, Meeting.state))
    assert {MeetingState.BOOKED, MeetingState.MINUTES_IN_DRAFT, MeetingState.CANCELLED} <= states
    kinds = count(loaded, MeetingChange.kind)
    assert kinds[MeetingChangeKind.MOVED] == kinds[MeetingChangeKind.CANCELLED] == 1
    assert max(count(loaded, MeetingCase.meeting_id).values()) == 2, "siblings share one"
    assert loaded.scalars(select(Meeting).where(Meeting.district.is_not(None))).first()
    booked = loaded.scalars(select(Meeting.starts_at).where(Meeting.state == MeetingState.BOOKED)).all()
    assert clock.today() in {clock.local(at).date() for at in booked}
    assert max(booked) > clock.now() + acting.DAY


def test_minutes_are_in_draft_with_a_correction_approved_and_distributed_with_a_version_for_the_family(
    loaded: Session,
) -> None:
    after = {MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED, MeetingState.DISTRIBUTED}
    assert after <= set(count(loaded, Meeting.state))
    assert set(count(loaded, MinutesIssue.kind)) == set(MinutesKind)
    assert {one is None for one in loaded.scalars(select(MinutesCorrection.taken))} == {True, False}
    opened = loaded.scalars(select(MinutesCopy.opened_at)).all()
    assert {one is None for one in opened} == {True, False}


def test_a_review_came_to_a_lower_level_that_waits_and_one_agency_did_not_agree(loaded: Session) -> None:
    waits = loaded.scalars(select(LevelProposal).where(LevelProposal.settled_at.is_(None))).one()
    stances = loaded.scalars(
        select(DecisionPart.stance)
        .join(Decision, Decision.id == DecisionPart.decision_id)
        .where(Decision.meeting_id == waits.meeting_id)
    ).all()
    assert sorted(set(stances)) == ["agrees", "dissents"]
    assert loaded.scalars(select(ClosedMinute.meeting_id)).all() == [waits.meeting_id]
    assert loaded.scalars(select(Action.id).where(Action.meeting_id == waits.meeting_id)).all()


def test_every_answer_to_an_invitation_and_most_ways_of_taking_part_are_there(loaded: Session) -> None:
    assert set(count(loaded, Invitation.reply)) == set(InvitationReply)
    shown = {Attendance.PRESENT, Attendance.PART, Attendance.APOLOGIES, Attendance.ABSENT}
    assert shown <= set(count(loaded, Invitation.attendance))
    walked_in = loaded.scalars(select(Invitation.user_id).where(Invitation.walk_in)).all()
    assert {bool(person) for person in walked_in} == {True, False}, "with an account, and without one"


def test_papers_reports_and_handouts_are_there_and_others_are_awaited(loaded: Session) -> None:
    papers = loaded.scalars(select(MeetingPaper)).all()
    assert {bool(one.received_at) for one in papers} == {True, False}
    asked = select(InformationRequest.answered_at).where(InformationRequest.meeting_id.is_not(None))
    assert {answered is None for answered in loaded.scalars(asked)} == {True, False}
    assert len(set(count(loaded, MeetingHandout.way))) == 2


def test_a_team_has_left_a_case(loaded: Session) -> None:
    assert loaded.scalars(select(Involvement).where(Involvement.ended_at.is_not(None))).first()


def test_every_open_case_owes_something_to_somebody(loaded: Session) -> None:
    owed = select(Deadline.case_id).where(Deadline.state == DeadlineState.OPEN, Deadline.case_id.is_not(None))
    without = select(Case.reference).where(Case.state.in_(OPEN_CASE_STATES), Case.id.not_in(owed))
    assert not loaded.scalars(without).all()


def test_what_is_counted_in_days_is_due_at_the_end_of_one(loaded: Session) -> None:
    assessments = select(Deadline.due_at).where(Deadline.kind == DeadlineKind.ASSESSMENT)
    for due in loaded.scalars(assessments):
        assert due == end_of_day(clock.local(due).date())
        assert is_working_day(clock.local(due).date())


def test_reach_is_what_the_database_would_work_out_again(loaded: Session) -> None:
    loaded.execute(text("set local role portal_scope"))
    drift = loaded.execute(text("select ctx.scope_drift()")).scalar_one()
    loaded.rollback()
    assert drift == 0


def test_everything_was_done_by_its_people_in_the_past(loaded: Session) -> None:
    opened = loaded.execute(
        select(AuditEvent.at, User.roles)
        .join(User, User.id == AuditEvent.actor_id)
        .where(AuditEvent.action == "case:open")
    ).all()
    assert len(opened) >= 60
    assert all(Role.COORDINATOR in roles for _, roles in opened)
    assert min(at for at, _ in opened) < clock.now() - acting.DAY * 90
    assert max(loaded.scalars(select(AuditEvent.at))) <= clock.now()


def test_nobody_is_left_signed_in(loaded: Session) -> None:
    ended = loaded.scalars(select(SignInSession.revoked_at).where(SignInSession.device == "Demonstration"))
    assert set(map(bool, ended)) == {True}


def test_names_numbers_and_places_are_invented(loaded: Session) -> None:
    people = [
        *(f"{child.given_name} {child.family_name}" for child in loaded.scalars(select(Child))),
        *loaded.scalars(select(User.name)),
    ]
    real = {name for name in people if COMMON & set(re.split(r"[\s\-]", name.lower()))}
    assert not real, f"These could be somebody: {real}"
    for number in filter(None, loaded.scalars(select(Child.nhs_number))):
        assert read_nhs_number(number).startswith("999"), "the range for tests"


def test_texts_hold_no_telephone_or_postcode_that_could_be_real() -> None:
    for path in sorted(acting.DATA.rglob("*.toml")):
        words = path.read_text("utf-8")
        phones = re.findall(r"\b0\d{4} ?\d{6}\b", words)
        assert all(re.match(r"01632 960|07700 900", phone) for phone in phones), f"{path.name}: {phones}"
        postcodes = re.findall(r"\b[A-Z]{1,2}\d{1,2} \d[A-Z]{2}\b", words)
        assert all(code.startswith("ZZ") for code in postcodes), f"{path.name}: {postcodes}"
