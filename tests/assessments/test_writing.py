"""Several agencies write in one assessment: each under its own name, and nobody over another."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError
from portal.extensions import db
from portal.records.assessments.lifecycle import abandon_assessment, latest, start_assessment
from portal.records.assessments.model import AssessmentAnswer, RiskAssessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, AssessmentState, SignAnswer
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import CaseState, RiskLevel
from tests.access.test_reach import Asking
from tests.assessments.conftest import CURRENT, Acting, assessed, begin, put, writes
from tests.cast import Cast

OWN = Given(words="“They said I owe them”")


def test_a_case_goes_into_assessment_once_and_is_assessed_by_one_assessment(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    first = begin(acting, cast.social_worker, case)
    assert begin(acting, cast.coordinator, case).id == first.id
    rows.refresh(case)
    assert case.state == CaseState.IN_ASSESSMENT
    assert rows.scalar(select(func.count()).select_from(RiskAssessment)) == 1


@pytest.mark.parametrize("who", ["officer", "nurse", "police_manager"])
def test_an_agency_that_does_not_lead_begins_none(cast: Cast, case: Case, acting: Acting, who: str) -> None:
    with pytest.raises(Forbidden, match="lead agency"):
        begin(acting, getattr(cast, who), case)


def test_each_answer_is_kept_under_its_authors_name(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    assert writes(acting, cast.social_worker, found, "violence", made_to_carry=CURRENT) == 1
    assert (
        writes(acting, cast.officer, found, "violence", seen=1, made_to_carry=CURRENT, arrested=CURRENT) == 2
    )
    kept = rows.execute(
        select(AssessmentAnswer.item, AssessmentAnswer.agency_id, AssessmentAnswer.number).order_by(
            AssessmentAnswer.number
        )
    ).all()
    assert kept == [("made_to_carry", cast.social_care.id, 1), ("arrested", cast.police.id, 2)]


def test_two_people_in_one_section_lose_nothing_where_they_wrote_different_answers(
    cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, found, "violence", made_to_carry=CURRENT)
    assert (
        writes(acting, cast.officer, found, "violence", seen=0, arrested=CURRENT, made_to_carry=Given()) == 2
    )
    with acting(cast.nurse):
        assert latest(found.id, "violence") == {"made_to_carry": CURRENT, "arrested": CURRENT}


def test_the_second_of_two_people_in_one_answer_is_shown_both(cast: Cast, case: Case, acting: Acting) -> None:
    found = begin(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, found, "voice", own_words=OWN)
    mine = Given(words="“I am fine”")
    with pytest.raises(Conflict) as met:
        writes(acting, cast.nurse, found, "voice", seen=0, own_words=mine, wishes=mine)
    assert met.value.versions.theirs == {"own_words": OWN}
    assert met.value.versions.mine == {"own_words": mine}
    with acting(cast.nurse):
        assert latest(found.id, "voice") == {"own_words": OWN}, "nothing of the second saving was kept"
    assert writes(acting, cast.nurse, found, "voice", seen=1, own_words=mine) == 2


def test_two_people_who_say_the_same_do_not_meet(cast: Cast, case: Case, acting: Acting) -> None:
    found = begin(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, found, "voice", own_words=OWN)
    assert writes(acting, cast.nurse, found, "voice", seen=0, own_words=OWN) == 1


def test_an_answer_can_be_taken_back_and_stays_to_be_read(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, found, "voice", own_words=OWN)
    writes(acting, cast.social_worker, found, "voice", seen=1, own_words=Given())
    kept = rows.scalars(select(AssessmentAnswer.words).order_by(AssessmentAnswer.number)).all()
    assert kept == [OWN.words, ""]


@pytest.mark.parametrize("who", ["stranger", "neighbour", "community_safety", "governance"])
def test_nobody_without_full_reach_reads_or_writes_one(
    cast: Cast, case: Case, acting: Acting, asking: Asking, who: str
) -> None:
    found = begin(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, found, "voice", own_words=OWN)
    with asking(getattr(cast, who)) as session:
        assert session.scalars(select(RiskAssessment)).all() == []
        assert session.scalars(select(AssessmentAnswer)).all() == []


def test_nobody_writes_in_the_name_of_another_or_changes_what_was_saved(
    cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    found = begin(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, found, "voice", own_words=OWN)
    with asking(cast.officer) as session:
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(update(AssessmentAnswer).values(words="Mine"))
        forged = _answer(found, cast.social_worker)
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            put(session, forged)


def test_a_finalised_assessment_stands_also_against_the_application(
    cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    with pytest.raises(DomainError, match="no longer being written"):
        writes(acting, cast.social_worker, found, "voice", seen=1, own_words=OWN)
    with asking(cast.social_worker) as session:
        with pytest.raises(DBAPIError, match="stands as it is"), session.begin_nested():
            session.execute(update(RiskAssessment).values(level_reason="Another"))
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            put(session, _answer(found, cast.social_worker))


def test_one_that_is_not_completed_says_why_and_the_case_waits_for_assessment_again(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    with acting(cast.social_worker) as actor:
        with pytest.raises(DomainError, match="Say why"):
            abandons(actor, case, found, "")
        abandons(actor, case, found, "The family moved away")
    rows.expire_all()
    assert rows.get_one(RiskAssessment, found.id).state == AssessmentState.ABANDONED
    assert rows.get_one(Case, case.id).state == CaseState.AWAITING_ASSESSMENT


def test_a_trigger_that_the_policy_does_not_know_begins_none(cast: Cast, case: Case, acting: Acting) -> None:
    with acting(cast.social_worker) as actor, pytest.raises(DomainError, match="why the assessment is made"):
        start_assessment(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            kind=AssessmentKind.FULL,
            trigger="boredom",
        )


def abandons(actor: Principal, case: Case, found: RiskAssessment, reason: str) -> None:
    record = db.session.get_one(RiskAssessment, found.id)
    abandon_assessment(
        actor=actor,
        case=db.session.get_one(Case, case.id),
        assessment=record,
        reason=reason,
        version=record.version,
    )


def _answer(assessment: RiskAssessment, author: User) -> AssessmentAnswer:
    return AssessmentAnswer(
        assessment_id=assessment.id,
        section="voice",
        item="wishes",
        number=9,
        answer=SignAnswer.NO,
        author_id=author.id,
        agency_id=author.agency_id,
        saved_at=assessment.started_at,
    )
