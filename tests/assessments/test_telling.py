"""Who hears of a risk assessment and of the level of a case."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import Untold
from portal.records.assessments.concluding import agree, sign_off
from portal.records.assessments.lifecycle import abandon_assessment
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, Involvement
from portal.records.people.model import User
from portal.vocabulary import RiskLevel, Sensitivity
from tests.assessments.conftest import Acting, assessed, begin
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.told import heard, untold

TEAMS = ("social_care_team", "police_team", "health_team")
BY_MAIL = ("officer", "nurse", "social_care_manager", *TEAMS)
IN_PORTAL = ("chair", "police_manager", "colleague", "coordinator", "second_coordinator")
RAISED = {f"{one} mail level_raised" for one in BY_MAIL} | {f"{one} portal level_raised" for one in IN_PORTAL}


def test_whoever_works_on_the_case_hears_that_an_assessment_was_begun_and_its_lead_that_it_was_given_up(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_care_manager, case)
    assert heard(rows, cast, "assessment_begun") == {
        f"{one} portal assessment_begun" for one in ("social_worker", "officer", "nurse")
    }
    with acting(cast.social_care_manager) as actor:
        now = db.session.get_one(RiskAssessment, found.id)
        record = db.session.get_one(Case, case.id)
        abandon_assessment(actor=actor, case=record, assessment=now, reason="Moved", version=now.version)
    assert heard(rows, cast, "assessment_abandoned") == {"social_worker portal case_news", "news"}


def test_everybody_on_the_case_its_managers_and_the_hub_hear_that_the_level_rose(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert heard(rows, cast, "level_raised") == RAISED | {"news"}
    assert heard(rows, cast, "level_high") == set()
    assert rows.scalars(select(Untold)).all() == []


def test_whoever_chairs_a_meeting_on_the_case_hears_it_by_e_mail(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert "chair mail level_raised" in heard(rows, cast, "level_raised")


def test_where_health_is_not_on_a_case_of_high_risk_the_hub_has_to_bring_it_on(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gone = update(Involvement).where(Involvement.team_id == cast.health_team.id)
    rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assert untold(rows) == {("level_high", "health", "nobody")}
    assert "nurse mail level_raised" not in heard(rows, cast, "level_raised")


def test_where_neither_police_nor_social_care_are_on_a_case_of_high_risk_the_hub_has_that_too(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gone = update(Involvement).where(Involvement.team_id != cast.health_team.id)
    rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
    rows.commit()
    assessed(acting, cast.coordinator, case, RiskLevel.HIGH)
    assert untold(rows) == {("level_high", "police", "nobody"), ("level_high", "social_care", "nobody")}


def test_of_a_sealed_case_only_those_who_read_it_hear_of_its_level(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.officer, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.SEALED)))
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assert heard(rows, cast, "level_raised") == {
        "officer mail level_raised",
        "nurse mail level_raised",
        "news",
    }
    assert rows.scalars(select(Untold)).all() == []


def test_that_a_level_fell_waits_for_the_morning_but_for_whoever_leads(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    waiting = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    assert heard(rows, cast, "assessment_second_asked") == {"social_care_manager mail agreement_asked"}
    manager: User = cast.social_care_manager
    with acting(manager) as actor:
        found = db.session.get_one(RiskAssessment, waiting.id)
        record = db.session.get_one(Case, case.id)
        agree(actor=actor, case=record, assessment=found, version=found.version)
        sign_off(actor=actor, case=record, assessment=found, note="")
    assert heard(rows, cast, "assessment_second_answered") == {"social_worker mail agreement_answered"}
    in_portal = ("officer", "nurse", "chair", "police_manager", "colleague")
    assert heard(rows, cast, "level_lowered") == {
        "social_worker mail level_changed",
        *(f"{one} portal level_changed" for one in in_portal),
        "news",
    }
    assert heard(rows, cast, "assessment_signed_off") == {"news"}


@pytest.mark.parametrize("level", [RiskLevel.NONE])
def test_no_level_found_at_first_is_no_rise(
    rows: Session, cast: Cast, case: Case, acting: Acting, level: RiskLevel
) -> None:
    assessed(acting, cast.social_worker, case, level)
    assert heard(rows, cast, "level_raised") == set()


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_whoever_prepares_the_panel_of_the_district_hears_in_the_morning_of_a_high_level(
    rows: Session, cast: Cast, case: Case, acting: Acting, sensitivity: Sensitivity
) -> None:
    held = rows.get_one(Case, case.id)
    held.district, held.sensitivity = "amber_valley", int(sensitivity)
    for person in (cast.social_worker, cast.officer, cast.nurse):
        grant(rows, held, person, by=cast.coordinator)
    make_meeting(rows, chair=cast.community_safety, note_taker=cast.teacher, district="amber_valley")
    make_meeting(rows, chair=cast.stranger, note_taker=cast.teacher, district="high_peak")
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    panel = {one for one in heard(rows, cast, "level_high") if one.endswith("panel_level_high")}
    both = {f"{one} digest panel_level_high" for one in ("community_safety", "teacher")}
    assert panel == (both if sensitivity is Sensitivity.NORMAL else set())
