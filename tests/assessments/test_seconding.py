"""A lower level waits for a second person: who is told, whose duty it is by when, who hears the answer."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.assessments.concluding import agree, give_back
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.people.model import User
from portal.vocabulary import RiskLevel, Role, Sensitivity
from tests.assessments.conftest import Acting, assessed, concludes, open_duties
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.factories.people import make_user
from tests.told import look_at


@pytest.fixture
def waiting(acting: Acting, cast: Cast, case: Case) -> RiskAssessment:
    """A second assessment, which concludes that the level falls."""
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    return assessed(acting, cast.social_worker, case, RiskLevel.LOW)


def told(rows: Session, kind: str) -> set[UUID]:
    """Who was told something of a kind."""
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(kind=kind)))
    return {one.recipient_id for one in found if one.recipient_id}


def answers(acting: Acting, person: User, waiting: RiskAssessment, reason: str = "") -> None:
    """The second person agrees, or with a reason gives it back."""
    with acting(person) as actor:
        found = db.session.get_one(RiskAssessment, waiting.id)
        case = db.session.get_one(Case, found.case_id)
        if reason:
            give_back(actor=actor, case=case, assessment=found, reason=reason, version=found.version)
        else:
            agree(actor=actor, case=case, assessment=found, version=found.version)


def ended(rows: Session, kind: DeadlineKind) -> Sequence[str]:
    return rows.scalars(select(Deadline.state).where(Deadline.kind == kind)).all()


def test_everybody_who_may_agree_is_told_at_once_and_nobody_else(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    other = make_user(
        rows, cast.social_care, "Zdenka Kvapilova", Role.MANAGER, teams=(cast.social_care_team,)
    )
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    make_meeting(rows, cases=[case], chair=cast.social_worker, note_taker=cast.nurse)
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    assert told(rows, "agreement_asked") == {cast.social_care_manager.id, other.id, cast.chair.id}
    (about,) = set(
        rows.execute(
            select(OutboxSubject.subject_kind, OutboxSubject.case_id)
            .join(OutboxMessage, OutboxMessage.id == OutboxSubject.message_id)
            .where(OutboxMessage.kind == "agreement_asked")
        )
    )
    assert about == ("risk_assessment", case.id)


def test_it_is_a_duty_of_the_manager_of_the_team_with_a_date_of_the_policy(
    rows: Session, cast: Cast, case: Case, waiting: RiskAssessment
) -> None:
    duty = open_duties(rows, case)[DeadlineKind.LEVEL_SECOND]
    assert (duty.owner_id, duty.subject_id) == (cast.social_care_manager.id, waiting.id)
    assert (duty.source, duty.confirmed) == ("clocks.level_second", False)
    assert timedelta(0) < duty.due_at - duty.started_at < timedelta(days=6)


@pytest.mark.parametrize("reason", ["", "The school is not heard yet"])
def test_the_answer_ends_the_duty_and_the_assessor_hears(
    acting: Acting, rows: Session, cast: Cast, case: Case, waiting: RiskAssessment, reason: str
) -> None:
    answers(acting, cast.social_care_manager, waiting, reason)
    assert DeadlineKind.LEVEL_SECOND not in open_duties(rows, case)
    assert ended(rows, DeadlineKind.LEVEL_SECOND) == [DeadlineState.DONE]
    assert told(rows, "agreement_answered") == {cast.social_worker.id}


def test_whoever_agrees_is_named_also_where_a_meeting_has_lowered_the_level_meanwhile(
    acting: Acting, rows: Session, cast: Cast, case: Case, waiting: RiskAssessment
) -> None:
    rows.execute(update(Case).where(Case.id == case.id).values(level=RiskLevel.LOW))
    rows.commit()
    answers(acting, cast.social_care_manager, waiting)
    last = rows.scalars(select(LevelDecision).order_by(LevelDecision.number.desc())).first()
    assert last is not None
    assert (last.assessment_id, last.decided_by) == (waiting.id, cast.social_worker.id)
    assert last.second_id == cast.social_care_manager.id


def test_what_was_given_back_and_concluded_again_is_asked_again(
    acting: Acting, rows: Session, cast: Cast, case: Case, waiting: RiskAssessment
) -> None:
    answers(acting, cast.social_care_manager, waiting, "The school is not heard yet")
    concludes(acting, cast.social_worker, case, RiskLevel.LOW)
    assert DeadlineKind.LEVEL_SECOND in open_duties(rows, case)
    asked = select(OutboxMessage.id).where(OutboxMessage.kind == "agreement_asked")
    assert len(rows.scalars(asked).all()) == 2


def test_of_a_case_that_is_held_closely_only_those_who_read_it_by_name_are_told(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    named = make_user(
        rows, cast.social_care, "Jolana Kvapilova", Role.MANAGER, teams=(cast.social_care_team,)
    )
    for person in (cast.social_worker, cast.coordinator, named):
        grant(rows, case, person, by=cast.coordinator, kind=GrantKind.NAMED)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    assert told(rows, "agreement_asked") == {named.id}
    duties = open_duties(rows, case)
    assert {duties[kind].owner_id for kind in (DeadlineKind.LEVEL_SECOND, DeadlineKind.SIGN_OFF)} == {
        named.id
    }


def test_signing_off_is_owed_by_another_manager_than_the_one_who_wrote_it(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    other = make_user(
        rows, cast.social_care, "Zdenka Kvapilova", Role.MANAGER, teams=(cast.social_care_team,)
    )
    assessed(acting, cast.social_care_manager, case, RiskLevel.HIGH)
    assert open_duties(rows, case)[DeadlineKind.SIGN_OFF].owner_id == other.id


def test_the_message_and_the_duty_lead_to_the_assessment_for_whoever_reads_it_and_to_nothing_for_others(
    rows: Session, cast: Cast, waiting: RiskAssessment, client_for: Callable[[User], Client]
) -> None:
    (message_id,) = rows.scalars(select(OutboxMessage.id).where(OutboxMessage.kind == "agreement_asked"))
    address = f"/assessments/{waiting.reference}"
    manager, stranger = client_for(cast.social_care_manager), client_for(cast.stranger)
    assert manager.get(f"/go/{message_id}").headers["Location"].endswith(address)
    assert address in manager.get("/work").text
    assert address not in stranger.get(f"/go/{message_id}").headers.get("Location", "")
    assert address not in stranger.get("/work").text
