"""The conclusion: the assessor decides and says why; a fall takes two people, and the database insists."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.model import new_id
from portal.records.assessments.concluding import agree, end_screening, give_back, sign_off, suggestion_for
from portal.records.assessments.lifecycle import written_now
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, AssessmentState, SignAnswer
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import CaseState, RiskLevel
from portal.web.due_presenter import due_source
from tests.access.test_reach import Asking
from tests.assessments.conftest import (
    CURRENT,
    HARM,
    Acting,
    assessed,
    begin,
    concludes,
    fill_in,
    open_duties,
    put,
    writes,
)
from tests.cast import Cast

FRIDAY_BEFORE_CHRISTMAS = datetime(2026, 12, 18, 15, 0, tzinfo=UTC)


def now_is(rows: Session, case: Case) -> Case:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Case, case.id)


def second(acting: Acting, person: User, case: Case) -> None:
    """Somebody agrees to a lower level."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        waiting = written_now(record)
        assert waiting is not None
        agree(actor=actor, case=record, assessment=waiting, version=waiting.version)


def test_high_starts_the_clocks_that_policy_names_in_working_days_and_elapsed_hours(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, **HARM)
    with time_machine.travel(FRIDAY_BEFORE_CHRISTMAS, tick=False):
        concludes(acting, cast.social_worker, case, RiskLevel.HIGH)
        after = now_is(rows, case)
        assert (after.level, after.level_since, after.state) == (
            RiskLevel.HIGH,
            clock.today(),
            CaseState.MEETING_DUE,
        )
        duties = open_duties(rows, case)
    assert set(duties) == {
        DeadlineKind.ASSESSMENT,
        DeadlineKind.MEETING,
        DeadlineKind.STRATEGY,
        DeadlineKind.SIGN_OFF,
    }
    meeting = duties[DeadlineKind.MEETING]
    assert clock.local(meeting.due_at).date().isoformat() == "2026-12-29"  # over Christmas: five working days
    assert (meeting.source, meeting.confirmed) == ("levels.high.first_meeting_working_days", False)
    assert duties[DeadlineKind.STRATEGY].due_at.isoformat() == "2026-12-19T15:00:00+00:00"
    assert duties[DeadlineKind.SIGN_OFF].owner_id == cast.social_care_manager.id


def test_the_suggestion_and_the_signs_that_led_to_it_are_kept_with_the_level(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, **HARM)
    with acting(cast.social_worker):
        record = db.session.get_one(Case, case.id)
        assessment = db.session.get_one(RiskAssessment, found.id)
        assert suggestion_for(case=record, assessment=assessment).level is RiskLevel.HIGH
    with pytest.raises(DomainError, match="suggest high") as refused:
        concludes(acting, cast.social_worker, case, RiskLevel.MEDIUM, difference_reason=" ")
    assert refused.value.field == "difference_reason"
    concludes(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    rows.expire_all()
    kept = rows.get_one(RiskAssessment, found.id)
    assert (kept.level, kept.suggested_level, kept.suggested_rule) == ("medium", "high", "harm_now")
    assert kept.suggested_signs == ["made_to_carry"]
    assert kept.difference_reason


def test_where_nobody_looked_for_signs_nothing_is_suggested_and_no_difference_has_to_be_explained(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found)
    concludes(acting, cast.social_worker, case, RiskLevel.HIGH, difference_reason="")
    rows.expire_all()
    kept = rows.get_one(RiskAssessment, found.id)
    assert (kept.level, kept.suggested_level, kept.suggested_rule) == ("high", None, None)
    assert kept.difference_reason == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"s47_reason": ""}, "s47_reason"),
        ({"nrm_reason": ""}, "nrm_reason"),
        ({"types": ()}, "types"),
        ({"types": ("sadness",)}, "types"),
    ],
)
def test_a_conclusion_says_why(
    cast: Cast, case: Case, acting: Acting, change: dict[str, object], field: str
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found)
    with pytest.raises(DomainError) as refused:
        concludes(acting, cast.social_worker, case, RiskLevel.LOW, **change)
    assert refused.value.field == field


def test_a_sign_of_harm_within_three_months_says_what_was_seen(
    cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found)
    seen = writes(
        acting, cast.social_worker, found, "violence", made_to_carry=Given(answer=SignAnswer.CURRENT)
    )
    with pytest.raises(DomainError, match="What was seen of “Was found with drugs"):
        concludes(acting, cast.social_worker, case, RiskLevel.HIGH)
    writes(acting, cast.social_worker, found, "violence", seen=seen, made_to_carry=CURRENT)
    concludes(acting, cast.social_worker, case, RiskLevel.HIGH)


def test_an_assessment_without_the_childs_voice_is_not_concluded(
    cast: Cast, case: Case, acting: Acting
) -> None:
    begin(acting, cast.social_worker, case)
    with pytest.raises(DomainError, match="What the child says is happening"):
        concludes(acting, cast.social_worker, case, RiskLevel.LOW)


@pytest.mark.parametrize("who", ["officer", "nurse", "coordinator", "social_care_manager"])
def test_others_who_write_in_it_do_not_conclude_it(cast: Cast, case: Case, acting: Acting, who: str) -> None:
    begin(acting, cast.social_worker, case)
    with pytest.raises(Forbidden, match="assessor or the lead professional"):
        concludes(acting, getattr(cast, who), case, RiskLevel.LOW)


def test_a_lower_level_waits_for_a_second_person_and_changes_nothing_until_then(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    second_one = assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert now_is(rows, case).level == RiskLevel.HIGH
    assert rows.get_one(RiskAssessment, second_one.id).state == AssessmentState.WAITING
    second(acting, cast.social_care_manager, case)
    assert now_is(rows, case).level == RiskLevel.MEDIUM
    decision = rows.scalars(select(LevelDecision).order_by(LevelDecision.decided_at.desc())).first()
    assert decision is not None
    assert (decision.before, decision.level) == ("high", "medium")
    assert (decision.decided_by, decision.second_id) == (cast.social_worker.id, cast.social_care_manager.id)


@pytest.mark.parametrize("who", ["social_worker", "coordinator", "officer", "police_manager", "chair"])
def test_nobody_else_is_the_second_person(
    rows: Session, cast: Cast, case: Case, acting: Acting, who: str
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    with pytest.raises((Forbidden, AssertionError, DBAPIError)):
        second(acting, getattr(cast, who), case)
    assert now_is(rows, case).level == RiskLevel.HIGH


def test_the_second_person_gives_it_back_with_a_reason_and_the_assessor_writes_on(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    with acting(cast.social_care_manager) as actor:
        record = db.session.get_one(Case, case.id)
        waiting = db.session.get_one(RiskAssessment, found.id)
        with pytest.raises(DomainError, match="looked at again"):
            give_back(actor=actor, case=record, assessment=waiting, reason=" ", version=waiting.version)
        give_back(actor=actor, case=record, assessment=waiting, reason="Ask health", version=waiting.version)
    rows.expire_all()
    back = rows.get_one(RiskAssessment, found.id)
    assert (back.state, back.returned_reason) == (AssessmentState.DRAFT, "Ask health")
    concludes(acting, cast.social_worker, case, RiskLevel.HIGH)
    assert now_is(rows, case).level == RiskLevel.HIGH


def test_the_database_refuses_a_level_without_its_decision_and_a_lower_one_without_two_people(
    cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    lower = {
        "case_id": case.id,
        "before": "high",
        "level": "low",
        "reason": "R",
        "decided_by": cast.social_worker.id,
        "agency_id": cast.social_care.id,
        "decided_at": clock.now(),
    }
    with asking(cast.social_worker) as session:
        with pytest.raises(DBAPIError, match="only as it was decided"), session.begin_nested():
            session.execute(update(Case).values(level="low"))
        with pytest.raises(DBAPIError, match=r"two_people_lower|row-level security"), session.begin_nested():
            put(session, LevelDecision(id=new_id(), **lower))
        forged = lower | {"second_id": cast.social_care_manager.id, "second_at": clock.now()}
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            put(session, LevelDecision(id=new_id(), **forged))
        alone = lower | {"second_id": cast.social_worker.id, "second_at": clock.now()}
        with pytest.raises(DBAPIError, match=r"row-level security|two_people"), session.begin_nested():
            put(session, LevelDecision(id=new_id(), **alone))
    with asking(cast.officer) as session:
        mine = lower | {"second_id": cast.officer.id, "second_at": clock.now()}
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            put(session, LevelDecision(id=new_id(), **mine))


def test_a_newer_assessment_takes_over_an_unmet_meeting_by_the_earlier_date(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=UTC), tick=False):
        assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    with time_machine.travel(datetime(2026, 12, 3, 9, tzinfo=UTC), tick=False):
        assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
        due = clock.local(open_duties(rows, case)[DeadlineKind.MEETING].due_at).date()
        assert due.isoformat() == "2026-12-15", "ten working days from the first, not from the second"
    with time_machine.travel(datetime(2026, 12, 4, 9, tzinfo=UTC), tick=False):
        assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
        due = clock.local(open_duties(rows, case)[DeadlineKind.MEETING].due_at).date()
        assert due.isoformat() == "2026-12-11", "five working days are earlier"
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False):
        assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
        owed = open_duties(rows, case)[DeadlineKind.MEETING]
        assert clock.local(owed.due_at).date().isoformat() == "2026-12-11", "an earlier date stands"
        says = due_source(owed, case.authority)
        assert says.number == "5 working days from the assessment, for the level high", (
            "by what it was reckoned"
        )
        assert owed.started_at == datetime(2026, 12, 4, 9, tzinfo=UTC)
    states = rows.scalars(
        select(Deadline.state).where(Deadline.kind == DeadlineKind.MEETING).order_by(Deadline.started_at)
    ).all()
    assert sorted(states) == [DeadlineState.OPEN, *[DeadlineState.SUPERSEDED] * 3]


def test_none_ends_nothing_by_itself_and_asks_for_a_decision(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    assert now_is(rows, case).state == CaseState.IN_ASSESSMENT
    assert set(open_duties(rows, case)) == {DeadlineKind.CASE_END, DeadlineKind.SIGN_OFF}


def test_a_screening_that_asks_for_more_leaves_the_time_of_the_assessment_running(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    before = open_duties(rows, case)[DeadlineKind.ASSESSMENT].due_at
    found = begin(acting, cast.social_worker, case, AssessmentKind.SCREENING)
    fill_in(acting, cast.social_worker, found)
    with acting(cast.social_worker) as actor:
        assessment = db.session.get_one(RiskAssessment, found.id)
        end_screening(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            assessment=assessment,
            needs_full=True,
            reason="Several signs",
            version=assessment.version,
        )
    assert now_is(rows, case).level is None
    assert open_duties(rows, case)[DeadlineKind.ASSESSMENT].due_at == before
    assert begin(acting, cast.social_worker, case).id != found.id


def test_signing_off_is_for_another_manager_of_the_lead_agency_and_moves_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    meeting = open_duties(rows, case)[DeadlineKind.MEETING].due_at
    for who in (cast.police_manager, cast.social_worker, cast.coordinator):
        with acting(who) as actor, pytest.raises(Forbidden):
            sign_off(
                actor=actor,
                case=db.session.get_one(Case, case.id),
                assessment=db.session.get_one(RiskAssessment, found.id),
                note="",
                version=rows.get_one(RiskAssessment, found.id).version,
            )
    with acting(cast.social_care_manager) as actor:
        sign_off(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            assessment=db.session.get_one(RiskAssessment, found.id),
            note="Read",
            version=rows.get_one(RiskAssessment, found.id).version,
        )
    duties = open_duties(rows, case)
    assert DeadlineKind.SIGN_OFF not in duties
    assert duties[DeadlineKind.MEETING].due_at == meeting
    assert rows.get_one(RiskAssessment, found.id).signed_off_by == cast.social_care_manager.id


def test_a_conclusion_on_an_older_copy_is_refused_with_what_stands_now(
    cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    with acting(cast.social_care_manager) as actor:
        record = db.session.get_one(Case, case.id)
        waiting = written_now(record)
        assert waiting is not None
        with pytest.raises(Conflict):
            agree(actor=actor, case=record, assessment=waiting, version=waiting.version - 1)
