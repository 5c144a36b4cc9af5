"""What somebody could try past the services: the database holds a case and its end together."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.vocabulary import CaseState, RiskLevel
from tests.access.test_reach import Asking
from tests.assessments.conftest import assessed, put
from tests.cast import Cast
from tests.closing.conftest import Acting, closed, decided, ending, ends, reopens
from tests.factories.cases import involve, make_case, make_child
from tests.factories.closing import ask_to_end, decide, make_hand_over
from tests.factories.meetings import make_meeting

NO_MEETING = "last meeting on it decided"


def closure_of(case: Case, by: User, **changes: Any) -> CaseClosure:
    values: dict[str, Any] = {
        "kind": "closed",
        "ground": "meeting",
        "reason": "risk_lower",
        "words": "W",
        "follow_up_name": "N",
        "reopen_if": "R",
        "left_over": {},
        "asked_at": clock.now(),
        "closed_at": clock.now(),
        "policy_version": "test",
    }
    return CaseClosure(id=new_id(), case_id=case.id, asked_by=by.id, **(values | changes))


@pytest.mark.parametrize("state", ["closed", "transferred"])
def test_a_case_does_not_end_without_saying_so(cast: Cast, case: Case, asking: Asking, state: str) -> None:
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="only as it was decided"):
        session.execute(update(Case).values(state=state))


def test_a_case_does_not_end_on_what_no_meeting_decided(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    goes_on = decided(rows, cast, case, MeetingOutcome.CONTINUE)
    other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, other, cast.social_care_team, by=cast.coordinator)
    elsewhere = decided(rows, cast, other, MeetingOutcome.CLOSE)
    ahead = make_meeting(rows, chair=cast.chair, note_taker=cast.officer, cases=[case])
    not_held = decide(rows, case, ahead, MeetingOutcome.CLOSE)
    withdrawn = decided(rows, cast, case, MeetingOutcome.CLOSE, withdrawn_at=clock.now())
    for decision in (goes_on, elsewhere, not_held, withdrawn):
        said = closure_of(
            case,
            cast.social_worker,
            decision_id=decision.id,
            meeting_id=decision.meeting_id,
            assessment_id=found.id,
        )
        with (
            asking(cast.social_worker) as session,
            pytest.raises(DBAPIError, match=NO_MEETING),
        ):
            put(session, said)


def test_a_decision_that_a_later_meeting_overtook_ends_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    earlier = clock.now() - timedelta(days=9)
    old = decided(rows, cast, case, MeetingOutcome.CLOSE, held_at=earlier)
    decided(rows, cast, case, MeetingOutcome.STEP_UP)
    said = closure_of(
        case, cast.social_worker, decision_id=old.id, meeting_id=old.meeting_id, assessment_id=found.id
    )
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match=NO_MEETING):
        put(session, said)


def test_nobody_ends_a_case_alone_where_nobody_met(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    alone: dict[str, Any] = {"ground": "no_exploitation", "assessment_id": found.id}
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match=r"row-level|by two people"):
        put(session, closure_of(case, cast.social_worker, **alone))
    forged = alone | {"second_id": cast.social_care_manager.id, "second_at": clock.now()}
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="row-level"):
        put(session, closure_of(case, cast.social_worker, **forged))
    for_another = alone | {"closed_at": None}
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="row-level"):
        put(session, closure_of(case, cast.social_worker, **for_another))


@pytest.mark.parametrize("who", ["social_worker", "coordinator", "officer", "police_manager"])
def test_only_a_second_person_who_may_agrees(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, who: str
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    person, now = getattr(cast, who), clock.now()
    agreed = update(CaseClosure).values(second_id=person.id, second_at=now, closed_at=now)
    with asking(person) as session, pytest.raises(DBAPIError, match=r"second person|two people"):
        session.execute(agreed)


def test_a_manager_who_assessed_is_no_second_person_also_where_another_asked(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    rows.query(RiskAssessment).update({"concluded_by": cast.social_care_manager.id})
    rows.commit()
    now = clock.now()
    agreed = update(CaseClosure).values(second_id=cast.social_care_manager.id, second_at=now, closed_at=now)
    with asking(cast.social_care_manager) as session, pytest.raises(DBAPIError, match="by two people"):
        session.execute(agreed)


def test_what_was_found_once_is_not_closed_by_two_people(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    ask_to_end(rows, case, cast.social_worker)
    now = clock.now()
    agreed = update(CaseClosure).values(second_id=cast.social_care_manager.id, second_at=now, closed_at=now)
    with asking(cast.social_care_manager) as session, pytest.raises(DBAPIError, match="no exploitation"):
        session.execute(agreed)


def test_what_says_that_a_case_ended_does_not_stand_beside_an_open_case(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decision = decided(rows, cast, case, MeetingOutcome.CLOSE)
    said = closure_of(
        case,
        cast.social_worker,
        decision_id=decision.id,
        meeting_id=decision.meeting_id,
        assessment_id=found.id,
    )
    with asking(cast.social_worker) as session:
        put(session, said)
        with pytest.raises(DBAPIError, match="that was closed is closed"):
            session.execute(text("set constraints all immediate"))


def test_a_case_that_ended_is_reopened_only_by_saying_why(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    closed(rows, cast, acting, case)
    opened = update(Case).values(state=CaseState.AWAITING_ASSESSMENT)
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="whoever says why"):
        session.execute(opened)
    now = clock.now()
    forged = update(CaseClosure).values(reopened_by=cast.social_worker.id, reopened_at=now, reopen_reason="R")
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="in the name of another"):
        session.execute(forged)
    mine = update(CaseClosure).values(reopened_by=cast.coordinator.id, reopened_at=now, reopen_reason="R")
    with asking(cast.coordinator) as session:
        session.execute(mine)
        with pytest.raises(DBAPIError, match="that was reopened is open"):
            session.execute(text("set constraints all immediate"))


@pytest.mark.parametrize("column", ["words", "reopen_if", "follow_up_name", "left_over", "asked_by"])
def test_how_a_case_ended_stands_as_it_was_said(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, column: str
) -> None:
    closed(rows, cast, acting, case)
    value = {"left_over": {}, "asked_by": cast.coordinator.id}.get(column, "Otherwise")
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(CaseClosure).values({column: value}))
    changed = update(CaseClosure).values(closed_at=clock.now() - timedelta(days=400))
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="stands as it was said"):
        session.execute(changed)


def test_a_reopening_is_said_once(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    closed(rows, cast, acting, case)
    reopens(acting, cast.coordinator, case)
    again = update(CaseClosure).values(reopen_reason="Otherwise")
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="stands as it was said"):
        session.execute(again)


def test_a_hand_over_stands_once_it_is_finalised_and_is_its_case_s_own(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    make_hand_over(rows, case, cast.social_worker)
    with asking(cast.social_worker) as session:
        others = update(HandOver).values(person="Somebody else", saved_by=cast.social_worker.id)
        assert session.scalars(others.returning(HandOver.id)).all() == []
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(update(HandOver).values(kind="transition"))


@pytest.mark.parametrize("who", ["stranger", "neighbour", "governance", "administrator"])
def test_nobody_without_reach_sees_how_a_case_ended_or_what_is_handed_over(
    rows: Session, cast: Cast, case: Case, asking: Asking, who: str
) -> None:
    ask_to_end(rows, case, cast.social_worker)
    make_hand_over(rows, case, cast.social_worker)
    for model in (CaseClosure, HandOver):
        counted = select(func.count()).select_from(model)
        with asking(cast.nurse) as session:
            assert session.scalar(counted) == 1
        with asking(getattr(cast, who)) as session:
            assert session.scalar(counted) == 0
