"""Recording processes of other services, and what they do to the child’s status and to the case."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.calendar import end_of_day
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildStatus
from portal.records.linked_processes.beginning import running
from portal.records.linked_processes.effects import restart_clocks
from portal.records.linked_processes.model import LinkedNote, LinkedProcess
from portal.records.linked_processes.outcomes import end, not_needed, take_back
from portal.records.linked_processes.steps import add_note, hand_over, open_steps, set_reference
from portal.records.meetings.model import Meeting
from portal.records.minutes.vocabulary import MeetingOutcome
from tests.cast import Cast
from tests.linked_processes.conftest import Acting, begins, clocks, does, owed, takes
from tests.meetings.days import make_day
from tests.meetings.test_recording import changes, decides
from tests.meetings.test_recording_levels import hold
from tests.told import of_event


def statuses(rows: Session, case: Case) -> list[ChildStatus]:
    rows.rollback()
    return list(rows.scalars(select(ChildStatus).where(ChildStatus.child_id == case.child_id)))


def test_a_process_runs_beside_the_case_and_changes_neither_its_level_nor_its_duties(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    before = (case.state, case.level, case.version)
    duties = rows.scalars(select(Deadline.id).where(Deadline.case_id == case.id)).all()
    process = begins(acting, cast.social_worker, case, "section_47", words="After the visit")
    rows.expire_all()
    assert (case.state, case.level, case.version) == before
    (duty,) = clocks(rows, process)
    assert duty.id not in duties
    assert (duty.kind, duty.owner_id, duty.case_id) == ("linked_step", cast.social_worker.id, case.id)
    assert duty.source == "linked_processes.section_47.complete.0"
    assert owed(rows, process) == {"complete": duty.original_due_at}
    trail = rows.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == process.id)).all()
    assert trail == ["linked:begin"]


def test_a_plan_writes_the_child_s_status_brings_its_core_group_and_ends_with_both(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begins(acting, cast.social_worker, case, "child_protection")
    (status,) = statuses(rows, case)
    assert (status.status, status.ends_on) == ("cp", None)
    assert status.starts_on == clock.local(plan.started_at).date()
    group = rows.scalar(select(LinkedProcess).where(LinkedProcess.kind == "core_group"))
    assert group is not None
    assert group.came_from_id == plan.id
    takes(acting, cast.social_worker, group, "meet")
    assert list(owed(rows, group)) == ["meet"]  # the next one
    does(acting, cast.social_worker, plan, end, outcome="ended", words="", ended_at=clock.now())
    (status,) = statuses(rows, case)
    assert status.ends_on == clock.today()
    rows.expire_all()
    assert {one.state for one in rows.scalars(select(LinkedProcess))} == {"ended"}
    assert owed(rows, plan) == owed(rows, group) == {}
    assert [one.state for one in clocks(rows, group)] == [DeadlineState.DONE, DeadlineState.CANCELLED]


def test_being_looked_after_says_on_what_ground(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with pytest.raises(DomainError) as refused:
        begins(acting, cast.social_worker, case, "looked_after")
    assert refused.value.field == "status"
    begins(acting, cast.social_worker, case, "looked_after", status="looked_after_s20")
    assert [one.status for one in statuses(rows, case)] == ["looked_after_s20"]


def test_a_status_that_social_care_has_said_already_is_not_said_twice(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    rows.add(ChildStatus(child_id=case.child_id, status="cin", agency_id=cast.social_care.id))
    rows.commit()
    begins(acting, cast.social_worker, case, "child_in_need")
    assert len(statuses(rows, case)) == 1


def test_somebody_else_records_the_process_without_speaking_for_social_care(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.coordinator, case, "child_protection")
    assert statuses(rows, case) == []
    assert process.owner_id == cast.social_worker.id


@pytest.mark.parametrize("who", ["officer", "nurse"])
def test_who_neither_keeps_a_process_nor_answers_for_the_case_records_none(
    cast: Cast, case: Case, acting: Acting, who: str
) -> None:
    with pytest.raises(Forbidden):
        begins(acting, getattr(cast, who), case, "child_protection")


def test_one_of_a_kind_runs_at_a_time_and_sending_it_twice_records_it_once(
    cast: Cast, case: Case, acting: Acting
) -> None:
    begins(acting, cast.social_worker, case, "nrm")
    with pytest.raises(DomainError, match="runs already"):
        begins(acting, cast.officer, case, "nrm")


def test_a_step_that_was_late_says_why_and_the_due_time_stays(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    long_ago = clock.now() - timedelta(days=60)
    process = begins(acting, cast.social_worker, case, "section_47", started_at=long_ago)
    due_at = owed(rows, process)["complete"]
    with pytest.raises(DomainError) as refused:
        takes(acting, cast.social_worker, process, "complete", outcome="conference")
    assert refused.value.field == "late_reason"
    takes(acting, cast.social_worker, process, "complete", outcome="conference", late_reason="capacity")
    (duty,) = clocks(rows, process)
    assert (duty.original_due_at, duty.due_at, duty.late_reason) == (due_at, due_at, "Not enough people")
    assert rows.get_one(LinkedProcess, process.id).outcome == "conference"


def test_what_was_done_in_time_and_recorded_later_was_in_time(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    long_ago = clock.now() - timedelta(days=60)
    process = begins(acting, cast.social_worker, case, "section_47", started_at=long_ago)
    takes(
        acting,
        cast.social_worker,
        process,
        "complete",
        outcome="not_substantiated",
        done_at=long_ago + timedelta(days=9),
    )
    (duty,) = clocks(rows, process)
    assert duty.late_reason is None


def test_a_step_cannot_be_taken_before_the_start_or_in_the_future(
    cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.social_worker, case, "nrm")
    for moment in (clock.now() + timedelta(hours=1), process.started_at - timedelta(days=2)):
        with pytest.raises(DomainError) as refused:
            takes(acting, cast.social_worker, process, "reasonable_grounds", done_at=moment)
        assert refused.value.field == "done_on"


def test_the_second_decision_is_asked_about_once_the_first_has_come(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.officer, case, "nrm", their_reference="NRM 4711")
    assert list(owed(rows, process)) == ["reasonable_grounds"]
    decided = clock.now()
    takes(acting, cast.social_worker, process, "reasonable_grounds", done_at=decided, answer="positive")
    day = clock.local(decided).date() + timedelta(days=60)
    assert owed(rows, process) == {"conclusive_grounds": end_of_day(day)}


def test_where_there_are_no_reasonable_grounds_the_process_ends_and_nothing_more_is_asked_for(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.officer, case, "nrm", their_reference="NRM 4711")
    with pytest.raises(DomainError) as refused:
        takes(acting, cast.officer, process, "reasonable_grounds", words="Negative decision")
    assert refused.value.field == "answer"
    takes(acting, cast.officer, process, "reasonable_grounds", answer="negative", words="Not believed")
    found = rows.get_one(LinkedProcess, process.id, populate_existing=True)
    assert (found.state, found.outcome) == ("ended", "no_reasonable_grounds")
    assert owed(rows, process) == {}
    assert [one.state for one in clocks(rows, process)] == [DeadlineState.DONE]
    assert (cast.social_worker.id, "portal", "process_news") in of_event(rows, "process_ended")


def test_a_strategy_discussion_meets_the_duty_of_the_case_to_hold_one(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with acting(cast.social_worker):
        record = db.session.get_one(Case, case.id)
        open_deadline(kind=DeadlineKind.STRATEGY, subject=record, owner=Owner(user_id=cast.social_worker.id))
    process = begins(
        acting, cast.social_worker, case, "strategy_discussion", started_at=clock.now() - timedelta(hours=2)
    )
    takes(acting, cast.social_worker, process, "held", outcome="section_47", words="Police and health")
    rows.rollback()
    (duty,) = rows.scalars(select(Deadline).where(Deadline.kind == DeadlineKind.STRATEGY))
    assert duty.state == DeadlineState.DONE


def test_a_meeting_that_decides_on_an_enquiry_begins_it_and_takes_it_back_with_the_decision(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    decision = decides(acting, cast.coordinator, day.meeting, MeetingOutcome.SECTION_47)
    (process,) = rows.scalars(select(LinkedProcess))
    assert (process.kind, process.meeting_id, process.decision_id) == (
        "section_47",
        day.meeting.id,
        decision.id,
    )
    assert process.started_at <= decision.recorded_at
    assert list(owed(rows, process)) == ["complete"]
    changes(acting, cast.chair, day.meeting, decision, "Go on", MeetingOutcome.CONTINUE)
    rows.expire_all()
    assert rows.get_one(LinkedProcess, process.id).state == "mistaken"
    assert owed(rows, process) == {}
    assert rows.scalar(select(LinkedNote.words).where(LinkedNote.kind == "mistaken"))


@pytest.mark.parametrize("decided_first", [True, False])
def test_a_strategy_meeting_is_the_strategy_discussion(
    rows: Session, cast: Cast, acting: Acting, *, decided_first: bool
) -> None:
    day = make_day(rows, cast, kind="strategy")
    if decided_first:
        decides(acting, cast.coordinator, day.meeting, MeetingOutcome.SECTION_47)
    hold(acting, day, cast.coordinator)
    if not decided_first:
        decides(acting, cast.coordinator, day.meeting, MeetingOutcome.SECTION_47)
    found = {one.kind: one for one in rows.scalars(select(LinkedProcess))}
    discussion, enquiry = found["strategy_discussion"], found["section_47"]
    assert (discussion.state, discussion.outcome) == ("ended", "section_47")
    assert owed(rows, discussion) == {}
    assert enquiry.state == "running"
    held_at = rows.get_one(Meeting, day.meeting.id).held_at
    assert held_at is not None
    assert enquiry.started_at <= held_at


def test_other_people_s_notes_and_owners_stay_in_the_history(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.social_worker, case, "nrm")
    with acting(cast.nurse) as actor:
        add_note(actor=actor, process=db.session.get_one(LinkedProcess, process.id), words="She agrees")
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(LinkedProcess, process.id)
        officer = db.session.merge(cast.officer)
        hand_over(actor=actor, process=record, owner=officer, reason="They wrote it", version=record.version)
    (duty,) = clocks(rows, process)
    assert duty.owner_id == cast.officer.id
    does(acting, cast.officer, process, set_reference, reference="NRM 4711")
    notes = rows.scalars(select(LinkedNote.kind).order_by(LinkedNote.written_at)).all()
    assert notes == ["begun", "note", "owner", "reference"]


def test_the_second_of_two_who_record_a_step_is_told(cast: Cast, case: Case, acting: Acting) -> None:
    process = begins(acting, cast.social_worker, case, "nrm")
    does(acting, cast.social_worker, process, set_reference, reference="NRM 4711")
    with acting(cast.officer) as actor:
        record = db.session.get_one(LinkedProcess, process.id)
        with pytest.raises(Conflict):
            set_reference(actor=actor, process=record, reference="NRM 1", version=1)


def test_what_is_not_needed_is_neither_in_time_nor_late(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.social_worker, case, "forced_marriage")
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(LinkedProcess, process.id)
        step = open_steps(record)[0]
        with pytest.raises(DomainError, match="Say why"):
            not_needed(actor=actor, process=record, step=step, reason=" ", version=record.version)
        not_needed(actor=actor, process=record, step=step, reason="She is abroad", version=record.version)
    assert [one.state for one in clocks(rows, process)] == [DeadlineState.CANCELLED, DeadlineState.OPEN]


def test_what_was_recorded_by_mistake_stays_to_be_read_and_owes_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.social_worker, case, "child_protection")
    does(acting, cast.social_worker, process, take_back, reason="Another child’s")
    assert {one.state for one in rows.scalars(select(LinkedProcess))} == {"mistaken"}
    assert owed(rows, process) == {}
    (status,) = statuses(rows, case)
    assert status.ends_on is not None


def test_ages_are_the_policy_s(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    with pytest.raises(DomainError, match="aged 18 or over"):
        begins(acting, cast.social_worker, case, "varm")
    child = rows.get_one(Child, case.child_id)
    child.dob = clock.today() - timedelta(days=19 * 366)
    rows.commit()
    begins(acting, cast.social_worker, case, "varm")
    with pytest.raises(DomainError, match="under 18"):
        begins(acting, cast.nurse, case, "fgm_report")


def test_a_closed_case_owes_nothing_and_what_ran_is_owed_again_when_it_is_reopened(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.social_worker, case, "nrm")
    for duty in clocks(rows, process):
        duty.state, duty.ended_at = DeadlineState.CANCELLED, clock.now()
    rows.commit()
    with acting(cast.social_worker):
        record = db.session.get_one(Case, case.id)
        instead = Owner(user_id=cast.social_worker.id)
        restart_clocks(case=record, policy=current_policy(), instead=instead)
        assert running(case_id=case.id, kind="nrm") is not None
    again = clocks(rows, process)[-1]
    assert again.state == DeadlineState.OPEN
    assert again.due_at == owed(rows, process)["reasonable_grounds"]
    takes(acting, cast.social_worker, process, "reasonable_grounds", answer="positive")
