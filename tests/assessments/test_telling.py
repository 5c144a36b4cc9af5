"""Who hears of a risk assessment and of the level of a case."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage, Untold
from portal.records.assessments.concluding import agree, refuse_sign_off, sign_off
from portal.records.assessments.lifecycle import abandon_assessment
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.vocabulary import RiskLevel, Sensitivity
from tests.assessments.conftest import HARM, Acting, assessed, begin, concludes, fill_in, open_duties
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.told import heard, untold

TEAMS = ("social_care_team", "police_team", "health_team")
BY_MAIL = ("officer", "nurse", "social_care_manager", *TEAMS)
HUB = ("coordinator", "second_coordinator")
IN_PORTAL = ("chair", "police_manager", "colleague", *HUB)
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


def stood(rows: Session, case: Case, level: RiskLevel) -> None:
    """A level that was decided before."""
    rows.get_one(Case, case.id).level = level
    rows.commit()


def urgent(rows: Session, event: str) -> set[bool]:
    """Whether the e-mails of an event go out at any hour."""
    rows.rollback()
    return set(rows.scalars(select(OutboxMessage.urgent).filter_by(event=event, channel="mail")))


def test_everybody_on_the_case_its_managers_and_the_hub_hear_that_the_level_rose(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    stood(rows, case, RiskLevel.LOW)
    assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert heard(rows, cast, "level_raised") == RAISED | {"news"}
    assert heard(rows, cast, "level_high") == heard(rows, cast, "level_set") == set()
    assert urgent(rows, "level_raised") == {False}
    assert rows.scalars(select(Untold)).all() == []


def test_whoever_chairs_a_meeting_on_the_case_hears_it_by_e_mail(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    stood(rows, case, RiskLevel.LOW)
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert "chair mail level_raised" in heard(rows, cast, "level_raised")


def test_a_first_level_is_said_to_be_set_and_not_to_have_risen(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    first = {one.replace("level_raised", "level_set") for one in RAISED} - {"chair portal level_set"}
    assert heard(rows, cast, "level_set") == first | {"chair mail level_set", "news"}
    assert heard(rows, cast, "level_raised") == heard(rows, cast, "level_differs") == set()


def test_whoever_leads_is_named_or_chairs_hears_of_a_first_level(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.teacher, by=cast.coordinator)
    make_meeting(rows, cases=[case], chair=cast.community_safety, note_taker=cast.nurse)
    assessed(acting, cast.coordinator, case, RiskLevel.MEDIUM)
    names = ("social_worker", "teacher", "community_safety")
    assert {f"{one} mail level_set" for one in names} <= heard(rows, cast, "level_set")


def test_that_a_level_fell_managers_and_whoever_chairs_hear_too(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_meeting(rows, cases=[case], chair=cast.community_safety, note_taker=cast.nurse)
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    for second, other in (
        (cast.community_safety, "social_care_manager"),
        (cast.social_care_manager, "community_safety"),
    ):
        stood(rows, case, RiskLevel.HIGH)
        waiting = assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
        with acting(second) as actor:
            found, record = db.session.get_one(RiskAssessment, waiting.id), db.session.get_one(Case, case.id)
            agree(actor=actor, case=record, assessment=found, version=found.version)
        assert f"{other} portal level_changed" in heard(rows, cast, "level_lowered")


def test_of_a_high_level_everybody_hears_at_any_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    assert urgent(rows, "level_raised") == urgent(rows, "level_high") | {True} == {True}


def test_whoever_answered_or_signs_off_hears_that_the_level_is_lower_than_what_the_answers_suggest(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.officer, found, **HARM)
    concludes(acting, cast.social_worker, case, RiskLevel.LOW, difference_reason="It was his own")
    people = ("officer", "nurse", "social_care_manager", *IN_PORTAL)
    assert heard(rows, cast, "level_differs") == {f"{one} portal level_differs" for one in people} | {"news"}


def test_a_manager_who_does_not_sign_off_is_heard_by_whoever_wrote_it_and_it_is_assessed_again(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    later = open_duties(rows, case)[DeadlineKind.ASSESSMENT].due_at
    with acting(cast.social_care_manager) as actor:
        now, record = db.session.get_one(RiskAssessment, found.id), db.session.get_one(Case, case.id)
        said: Any = {"actor": actor, "case": record, "assessment": now}
        with pytest.raises(DomainError, match="Say why"):
            refuse_sign_off(**said, reason=" ", version=now.version)
        seen = now.version
        refuse_sign_off(**said, reason="I do not agree, it is high", version=seen)
        with pytest.raises(Conflict):
            sign_off(**said, note="", version=seen)
        with pytest.raises(DomainError, match="said before"):
            refuse_sign_off(**said, reason="Again", version=now.version)
    assert heard(rows, cast, "assessment_refused") == {
        "social_worker mail assessment_refused",
        *(f"{one} portal assessment_refused" for one in ("officer", "nurse", "coordinator")),
        "second_coordinator portal assessment_refused",
        "news",
    }
    duties = open_duties(rows, case)
    assert DeadlineKind.SIGN_OFF not in duties
    assert duties[DeadlineKind.ASSESSMENT].due_at < later
    assert rows.get_one(Case, case.id).level == RiskLevel.LOW, "what was finalised stands"
    address = f"/children/{rows.get_one(Child, case.child_id).reference}/chronology"
    assert "A manager did not sign it off" in client_for(cast.nurse).get(address).text


def test_whoever_leads_and_did_not_write_it_hears_too_that_it_is_not_signed_off(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    found = assessed(acting, cast.coordinator, case, RiskLevel.LOW)
    with acting(cast.social_care_manager) as actor:
        now, record = db.session.get_one(RiskAssessment, found.id), db.session.get_one(Case, case.id)
        refuse_sign_off(actor=actor, case=record, assessment=now, reason="It is high", version=now.version)
    assert {"social_worker mail assessment_refused", "coordinator mail assessment_refused"} <= heard(
        rows, cast, "assessment_refused"
    )


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
    assert untold(rows) == {
        ("level_high", "police", "nobody"),
        ("level_high", "social_care", "nobody"),
        ("level_raised", "lead_professional", "no_reach"),  # nobody of the agency that leads reads it
    }


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
        sign_off(actor=actor, case=record, assessment=found, note="", version=found.version)
    assert heard(rows, cast, "assessment_second_answered") == {"social_worker mail agreement_answered"}
    in_portal = ("officer", "nurse", "chair", "police_manager", "colleague", *HUB)
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
    lower = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    grant(rows, held, cast.social_care_manager, by=cast.coordinator)
    with acting(cast.social_care_manager) as actor:
        now, record = db.session.get_one(RiskAssessment, lower.id), db.session.get_one(Case, case.id)
        agree(actor=actor, case=record, assessment=now, version=now.version)
    fell = {one for one in heard(rows, cast, "level_lowered") if "panel" in one}
    assert fell == {one.replace("high", "fell") for one in panel}
