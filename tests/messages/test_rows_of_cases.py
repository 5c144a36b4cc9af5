"""Rows of the table of who is told, on a case with somebody else on each ground: of the case itself."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from portal import clock
from portal.deadlines.changes import Owner, hand_deadlines_over
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.policy import current_policy
from portal.records.assessments.concluding import agree, end_screening
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.vocabulary import AssessmentKind
from portal.records.cases import grants, involvements, sensitivity
from portal.records.cases.alerts import add_alert, change_due_date, end_alert, review_alert
from portal.records.cases.model import AccessGrant, Alert, ChronologyEntry, Involvement, SensitivityChange
from portal.records.cases.opening import change_lead, open_case
from portal.records.children.model import Child
from portal.records.entries.adding import add_entry, notify_former_lead
from portal.records.entries.critical_moments import record_no_change
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Team, TeamMember, User
from portal.records.requests.model import AccessRequest
from portal.records.safety_plans.ending import end_safety_plan
from portal.vocabulary import CaseState, RiskLevel, Sensitivity
from tests.assessments.conftest import assessed, begin, fill_in
from tests.factories.cases import grant, make_child
from tests.factories.plans import make_action
from tests.messages.crowd import TEAMS, Crowd, bell, crowd, digest, mail
from tests.safety_plans.steps import begun, holds, renewed, writes

__all__ = ["crowd"]

IN_TWO_WEEKS = timedelta(days=14)
NEWS = {"news"}
HUB_ASKED = mail("access_asked", "hub_team") | bell("access_asked", "coordinator", "second_coordinator")


def warns(crowd: Crowd, kind: str) -> Alert:
    """An alert is put on the case."""
    crowd.does(
        "coordinator",
        add_alert,
        kind=kind,
        text="Ring first",
        owner=crowd.cast.coordinator,
        review_on=clock.today() + IN_TWO_WEEKS,
        child_told=True,
        policy=current_policy(),
    )
    return crowd.rows.query(Alert).filter_by(kind=kind).one()


#: Who has something to do on the case, or is invited to its meeting, and may not read it.
ELSEWHERE = ("stranger", "community_safety", "chair", "second_coordinator")


def test_a_warning_reaches_all_who_may_act_for_the_child_and_those_elsewhere_only_that_they_ask(
    crowd: Crowd,
) -> None:
    alert = warns(crowd, "no_family_contact")
    on_it = ("social_worker", "officer", "nurse", "teacher", *TEAMS)
    assert crowd.heard("warning_set") == (
        mail("alert_set", *on_it)
        | mail("ask_before_acting", *ELSEWHERE)
        | bell("alert_set", "colleague", "police_manager", "social_care_manager")
        | NEWS
    )
    crowd.does("coordinator", end_alert, alert=alert, reason="Over", version=alert.version)
    working = ("social_worker", "officer", "nurse", "teacher", "colleague", "police_manager")
    assert crowd.heard("warning_ended") == (
        bell("alert_ended", *working, "social_care_manager") | bell("ask_no_more", *ELSEWHERE) | NEWS
    )


def test_whoever_was_never_told_to_ask_does_not_hear_of_an_alert_by_its_end(crowd: Crowd) -> None:
    """The neighbour is given something to do after the alert was set."""
    alert = warns(crowd, "no_family_contact")
    make_action(crowd.rows, crowd.case, crowd.cast.neighbour, crowd.cast.coordinator)
    crowd.does("coordinator", end_alert, alert=alert, reason="Over", version=alert.version)
    asked_no_more = {one for one in crowd.heard("warning_ended") if one.endswith("ask_no_more")}
    assert asked_no_more == bell("ask_no_more", *ELSEWHERE)


@pytest.mark.parametrize("kind", ["self_harm", "health_need"])
def test_what_endangers_the_child_is_told_at_any_hour_and_whose_alert_it_was_when_it_ends(
    crowd: Crowd, kind: str
) -> None:
    """Put there by the nurse; ended by the social worker, who leads."""
    crowd.does(
        "nurse",
        add_alert,
        kind=kind,
        text="Do not leave her alone",
        owner=crowd.cast.nurse,
        review_on=clock.today() + IN_TWO_WEEKS,
        child_told=True,
        policy=current_policy(),
    )
    alert = crowd.rows.query(Alert).filter_by(kind=kind).one()
    assert crowd.heard("warning_set") == (
        mail("alert_set", "social_worker", "officer", "teacher", *TEAMS)
        | mail("ask_before_acting", *ELSEWHERE)
        | bell("alert_set", "colleague", "police_manager", "social_care_manager")
        | NEWS
    )
    assert {one.urgent for one in crowd.rows.query(OutboxMessage).filter_by(channel="mail")} == {True}
    crowd.does("social_worker", end_alert, alert=alert, reason="Not so", version=alert.version)
    on_it = ("officer", "teacher", "colleague", "police_manager", "social_care_manager")
    assert crowd.heard("warning_ended") == (
        mail("alert_ended", "nurse") | bell("alert_ended", *on_it) | bell("ask_no_more", *ELSEWHERE) | NEWS
    )
    told = crowd.rows.query(OutboxMessage).filter_by(kind="alert_ended", channel="mail").all()
    assert [one.urgent for one in told] == [True]


def test_any_other_alert_is_news_and_its_owner_hears_that_somebody_else_ended_it(crowd: Crowd) -> None:
    kind = next(one.code for one in current_policy().cases.alerts.offered if not one.told)
    alert = warns(crowd, kind)
    assert crowd.heard("alert_set") == NEWS
    until = clock.today() + timedelta(days=7)
    said = {"owner": crowd.cast.coordinator, "review_on": until, "version": alert.version}
    crowd.does("coordinator", review_alert, alert=alert, policy=current_policy(), **said)
    assert crowd.heard("alert_changed") == NEWS
    crowd.does("social_worker", end_alert, alert=alert, reason="Over", version=alert.version)
    assert crowd.heard("alert_ended") == bell("alert_ended", "coordinator") | NEWS


def opens(crowd: Crowd, held: Sensitivity = Sensitivity.NORMAL, *named: User) -> None:
    """A case of another child is opened, which social care leads."""
    child = make_child(crowd.rows, "Bea", "Quillopen")
    with crowd.acting(crowd.cast.coordinator) as actor:
        open_case(
            actor=actor,
            child=db.session.get_one(Child, child.id),
            lead_team=db.session.get_one(Team, crowd.cast.social_care_team.id),
            lead_professional=db.session.get_one(User, crowd.cast.social_worker.id),
            authority="derbyshire",
            district=None,
            types=["cse"],
            reason="Several agencies worry",
            policy=current_policy(),
            sensitivity=held,
            sensitivity_reason="A relative" if held else "",
            named=[db.session.get_one(User, one.id) for one in named],
        )


def test_a_case_is_opened(crowd: Crowd) -> None:
    gone = delete(TeamMember).where(TeamMember.user_id == crowd.cast.social_care_manager.id)
    crowd.rows.execute(gone)  # whoever manages there is in no team
    crowd.rows.commit()
    opens(crowd)
    assert crowd.heard("case_opened") == (
        mail("shared", "social_care_team", "social_worker")
        | bell("shared", "chair")
        | digest("shared", "social_care_manager")
        | NEWS
    )


def test_a_case_is_opened_closely_held(crowd: Crowd) -> None:
    opens(crowd, Sensitivity.RESTRICTED, crowd.cast.nurse)
    assert crowd.heard("case_opened") == mail("shared", "social_worker", "nurse") | NEWS


def test_who_is_on_it_changes(crowd: Crowd) -> None:
    cast, rows = crowd.cast, crowd.rows
    rows.get_one(Team, cast.school_team.id).manager_id = cast.social_care_manager.id
    rows.commit()
    said = {"team": cast.school_team, "worker": cast.teacher, "reason": "She goes there"}
    crowd.does("coordinator", involvements.add_involvement, **said)
    joined = mail("shared", "school_team", "teacher") | bell("network_changed", "social_worker")
    assert crowd.heard("team_joined") == joined | digest("shared", "social_care_manager") | NEWS
    police = rows.query(Involvement).filter_by(team_id=cast.police_team.id).one()
    said = {"involvement": police, "worker": cast.colleague, "seen_worker_id": police.worker_id}
    crowd.does("coordinator", involvements.name_worker, **said)
    assert crowd.heard("worker_named") == (
        mail("given", "colleague") | mail("no_longer_yours", "officer") | NEWS
    )
    health = rows.query(Involvement).filter_by(team_id=cast.health_team.id).one()
    crowd.does("coordinator", involvements.end_involvement, involvement=health, reason="Done")
    assert crowd.heard("team_left") == (
        mail("no_longer_yours", "health_team", "nurse") | mail("network_changed", "social_worker") | NEWS
    )


def test_somebody_is_named_on_it_and_taken_off(crowd: Crowd) -> None:
    who = crowd.cast.community_safety
    crowd.does("coordinator", grants.name_person, person=who, reason="Knows her")
    told_lead = bell("network_changed", "social_worker")
    assert crowd.heard("person_named") == mail("shared", "community_safety") | told_lead
    named = crowd.rows.query(AccessGrant).filter_by(user_id=who.id).one()
    crowd.does("coordinator", grants.end_grant, grant_id=named.id)
    assert crowd.heard("person_unnamed") == mail("no_longer_yours", "community_safety") | told_lead


def test_another_agency_leads(crowd: Crowd) -> None:
    said = {"team": crowd.cast.health_team, "professional": crowd.cast.nurse, "reason": "Moved", "version": 0}
    cast, rows = crowd.cast, crowd.rows
    rows.get_one(Team, cast.health_team.id).manager_id = cast.governance.id
    rows.commit()
    crowd.does("coordinator", change_lead, **said)
    assert crowd.heard("lead_changed") == (
        mail("lead_given", "nurse")
        | mail("no_longer_yours", "social_worker")
        | mail("shared", "health_team", "governance")
        | bell("network_changed", "officer", "chair")
        | NEWS
    )


def test_it_is_held_closely_and_less_so_again(crowd: Crowd) -> None:
    cast = crowd.cast
    named = [cast.officer, cast.social_care_manager, cast.neighbour]  # of these the last did not read it
    grant(crowd.rows, crowd.case, cast.social_worker, by=cast.coordinator)
    said = {"to": Sensitivity.RESTRICTED, "reason": "A relative works there", "named": named, "version": 0}
    crowd.does("coordinator", sensitivity.raise_sensitivity, **said)
    teams = bell("no_longer_yours", "chair", "colleague", "police_manager") | mail(
        "no_longer_yours", "nurse", *TEAMS
    )
    assert crowd.heard("case_held_closely") == (
        mail("shared", "neighbour")
        | mail("case_held", "social_worker", "teacher", "officer", "social_care_manager")
        | teams
    )
    crowd.does("coordinator", sensitivity.ask_to_lower, to=Sensitivity.NORMAL, reason="Moved away")
    asked = crowd.rows.query(SensitivityChange).filter_by(confirmed_at=None).one().id
    assert crowd.heard("lowering_asked") == mail("agreement_asked", "social_worker", "social_care_manager")
    crowd.does("social_care_manager", sensitivity.confirm_lower, change_id=asked)
    in_teams = ("social_worker", "officer", "nurse", "chair", "colleague", "police_manager")
    assert crowd.heard("lowering_answered") == (
        mail("agreement_answered", "coordinator") | mail("shared", *TEAMS) | bell("shared", *in_teams)
    )


def asks_for_access(crowd: Crowd) -> None:
    """An officer of a team on the case, which is restricted, asks to read it."""
    crowd.rows.get_one(type(crowd.case), crowd.case.id).sensitivity = int(Sensitivity.RESTRICTED)
    crowd.rows.commit()
    about: dict[str, Any] = {"case_id": crowd.case.id, "reference": crowd.case.reference}
    with crowd.acting(crowd.cast.colleague) as actor:
        grants.ask_for_access(actor=actor, **about, reason="She told us something")


def test_access_is_asked_for_and_given(crowd: Crowd) -> None:
    grant(
        crowd.rows, crowd.case, crowd.cast.social_worker, by=crowd.cast.coordinator
    )  # who leads it reads it
    asks_for_access(crowd)
    assert crowd.heard("access_asked") == mail("access_asked", "social_worker") | HUB_ASKED
    asked = crowd.rows.query(AccessRequest).one()
    crowd.does("coordinator", grants.answer_access, request_id=asked.id, granted=True, answer="Yes")
    assert crowd.heard("access_answered") == (
        mail("access_answered", "colleague") | bell("access_settled", "social_worker", "second_coordinator")
    )


def test_where_nobody_leads_it_access_is_asked_of_the_managers(crowd: Crowd) -> None:
    crowd.rows.get_one(type(crowd.case), crowd.case.id).lead_professional_id = None
    grant(crowd.rows, crowd.case, crowd.cast.social_care_manager, by=crowd.cast.coordinator)
    asks_for_access(crowd)
    assert crowd.heard("access_asked") == mail("access_asked", "social_care_manager") | HUB_ASKED


def test_the_level_rises_and_falls(crowd: Crowd) -> None:
    cast = crowd.cast
    assessed(crowd.acting, cast.coordinator, crowd.case, RiskLevel.HIGH)
    by_name = ("social_worker", "officer", "nurse", "teacher", "chair", "social_care_manager")
    assert crowd.heard("level_raised") == (
        mail("level_raised", *by_name, *TEAMS)
        | bell("level_raised", "second_coordinator", "colleague", "police_manager")
        | NEWS
    )
    waiting = assessed(crowd.acting, cast.social_worker, crowd.case, RiskLevel.LOW)
    version = crowd.rows.get_one(RiskAssessment, waiting.id).version
    crowd.does("social_care_manager", agree, assessment=waiting, version=version)
    assert crowd.heard("level_lowered") == (
        mail("level_changed", "social_worker")
        | bell("level_changed", "officer", "nurse", "chair", "colleague", "police_manager")
        | bell("level_changed", "coordinator", "second_coordinator")
        | digest("level_changed", "teacher")
        | NEWS
    )


def test_a_first_level_is_set(crowd: Crowd) -> None:
    assessed(crowd.acting, crowd.cast.coordinator, crowd.case, RiskLevel.MEDIUM)
    by_name = ("social_worker", "officer", "nurse", "teacher", "chair", "social_care_manager")
    assert crowd.heard("level_set") == (
        mail("level_set", *by_name, *TEAMS)
        | bell("level_set", "second_coordinator", "colleague", "police_manager")
        | NEWS
    )


def test_of_a_closely_held_case_nobody_hears_of_a_lower_level_by_their_team(crowd: Crowd) -> None:
    cast = crowd.cast
    for person in (cast.social_worker, cast.social_care_manager, cast.officer):
        grant(crowd.rows, crowd.case, person, by=cast.coordinator)
    crowd.rows.get_one(type(crowd.case), crowd.case.id).sensitivity = int(Sensitivity.RESTRICTED)
    crowd.rows.commit()
    assessed(crowd.acting, cast.social_worker, crowd.case, RiskLevel.HIGH)
    waiting = assessed(crowd.acting, cast.social_worker, crowd.case, RiskLevel.LOW)
    version = crowd.rows.get_one(RiskAssessment, waiting.id).version
    crowd.does("social_care_manager", agree, assessment=waiting, version=version)
    assert crowd.heard("level_lowered") == (
        mail("level_changed", "social_worker")
        | digest("level_changed", "officer", "teacher")
        | bell("level_changed", "coordinator", "second_coordinator")
        | NEWS
    )


def test_a_screening_ends(crowd: Crowd) -> None:
    begun_by = crowd.cast.social_worker
    found = begin(crowd.acting, begun_by, crowd.case, AssessmentKind.SCREENING)
    fill_in(crowd.acting, begun_by, found)
    version = crowd.rows.get_one(RiskAssessment, found.id).version
    said = {"needs_full": True, "reason": "Several signs", "version": version}
    crowd.does("social_worker", end_screening, assessment=found, **said)
    assert crowd.heard("screening_ended") == NEWS


def test_a_safety_plan_from_its_beginning_to_its_end(crowd: Crowd) -> None:
    cast, acting = crowd.cast, crowd.acting
    plan = begun(acting, cast.nurse, crowd.case)
    assert crowd.heard("safety_plan_begun") == bell("safety_plan_begun", "social_worker", "officer")
    holds(acting, cast.coordinator, crowd.case, plan, days=5)
    by_name = ("social_worker", "officer", "nurse", "teacher")
    in_teams = ("chair", "social_care_manager", "colleague", "police_manager")
    for event in ("safety_plan_in_force", "safety_plan_ended"):
        if event == "safety_plan_ended":
            version = crowd.rows.get_one(type(plan), plan.id).version
            crowd.does("coordinator", end_safety_plan, plan=plan, reason="Safe", version=version)
        assert crowd.heard(event) == mail(event, *by_name, *TEAMS) | bell(event, *in_teams) | NEWS


def test_a_safety_plan_in_force_is_changed(crowd: Crowd) -> None:
    cast, acting = crowd.cast, crowd.acting
    plan = begun(acting, cast.officer, crowd.case)
    holds(acting, cast.coordinator, crowd.case, plan, days=5)
    writes(acting, cast.nurse, crowd.case, plan, seen=1, what_i_do="Ring my gran")
    assert crowd.heard("safety_plan_part_changed") == mail("safety_plan_part_changed", "officer")
    kind = "safety_plan_changed"
    assert crowd.heard(kind) == mail(kind, "social_worker") | bell(kind, "teacher") | NEWS
    writes(acting, cast.coordinator, crowd.case, plan, seen=2, safe_places="The library")
    assert crowd.heard(kind) == (
        mail(kind, "social_worker") | bell(kind, "teacher", "officer", "nurse") | NEWS
    )


def test_a_safety_plan_is_renewed(crowd: Crowd) -> None:
    by = crowd.cast.coordinator
    plan = begun(crowd.acting, by, crowd.case)
    holds(crowd.acting, by, crowd.case, plan, days=5)
    renewed(crowd.acting, by, crowd.case, plan, clock.today() + timedelta(days=12))
    in_portal = ("officer", "nurse", "teacher", "chair", "social_care_manager")
    assert crowd.heard("safety_plan_renewed") == (
        mail("safety_plan_in_force", "social_worker")
        | bell("safety_plan_in_force", *in_portal, "colleague", "police_manager")
        | NEWS
    )


def test_something_new_on_a_closed_case(crowd: Crowd) -> None:
    case = crowd.rows.get_one(type(crowd.case), crowd.case.id)
    case.state, case.lead_professional_id = CaseState.CLOSED, None
    crowd.rows.commit()
    crowd.does("coordinator", notify_former_lead, once="first")
    agency = ("social_worker", "social_care_manager", "chair")
    assert crowd.heard("closed_case_news") == (
        mail("closed_case_news", "social_care_team") | bell("closed_case_news", *agency)
    )


def test_something_new_on_a_closed_case_that_is_closely_held(crowd: Crowd) -> None:
    case = crowd.rows.get_one(type(crowd.case), crowd.case.id)
    case.state, case.lead_professional_id = CaseState.CLOSED, None
    case.sensitivity = int(Sensitivity.RESTRICTED)
    grant(crowd.rows, case, crowd.cast.social_care_manager, by=crowd.cast.coordinator)
    crowd.does("coordinator", notify_former_lead, once="first")
    assert crowd.heard("closed_case_news") == mail("closed_case_news", "social_care_manager")


def test_a_critical_moment(crowd: Crowd) -> None:
    said = {"kind": "note", "text": "Seen again", "happened_at": clock.now(), "handling": Handling.NETWORK}
    crowd.does("officer", add_entry, moment="arrest", **said)
    entry = crowd.rows.query(ChronologyEntry).one()
    assert crowd.heard("moment_marked") == NEWS
    crowd.does("social_worker", record_no_change, entry=entry, words="Nothing changes by it")
    assert crowd.heard("moment_reviewed") == NEWS


def test_a_duty_is_moved_and_goes_to_somebody_else(crowd: Crowd) -> None:
    owed = crowd.rows.query(Deadline).filter_by(case_id=crowd.case.id, kind=DeadlineKind.ASSESSMENT).one()
    owed.owner_agency_id, owed.owner_id = None, crowd.cast.officer.id
    crowd.rows.commit()
    later = {"on": clock.today() + timedelta(days=60), "code": "capacity", "reason": "Two are ill"}
    crowd.does("coordinator", change_due_date, deadline=owed, seen=owed.due_at, **later)
    assert crowd.heard("date_moved") == (
        mail("date_moved", "officer") | digest("date_moved", "police_manager", "social_worker", "chair")
    )
    assert crowd.heard("due_date_changed") == NEWS
    with crowd.acting(crowd.cast.coordinator) as actor:
        hand_deadlines_over(
            actor=actor,
            subject=crowd.now(crowd.case),
            kind=DeadlineKind.ASSESSMENT,
            owner=Owner(user_id=crowd.cast.nurse.id),
        )
    assert crowd.heard("duty_handed_over") == bell("no_longer_yours", "officer")
