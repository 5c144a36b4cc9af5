"""Who hears that a case is to end, that it does not, that it ended and that it goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import Untold
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.closing.ending import FollowUp, Settled
from portal.records.closing.hand_overs import (
    HandOverWords,
    begin_hand_over,
    finalise_hand_over,
    save_hand_over,
)
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import HandOverKind, LeftOver
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.records.plans.action_changes import end_as_covered
from portal.records.plans.model import Action
from portal.vocabulary import RiskLevel, Role, Sensitivity
from tests.assessments.conftest import assessed
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import Acting, agrees, closed, decided, ending, ends, refuses, reopens
from tests.factories.cases import grant
from tests.factories.plans import make_action
from tests.told import heard

TEAMS = ("social_care_team", "police_team", "health_team")


def asks(acting: Acting, cast: Cast, case: Case) -> None:
    """No exploitation was found, and whoever assessed the child asks that the case end."""
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))


def test_whoever_may_agree_is_asked_and_whoever_asked_hears_that_the_case_goes_on(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast, case)
    assert heard(rows, cast, "case_end_asked") == {"social_care_manager mail case_end_asked"}
    refuses(acting, cast.social_care_manager, case)
    assert heard(rows, cast, "case_end_refused") == {"social_worker mail agreement_answered", "news"}


def test_where_nobody_may_agree_the_hub_has_it_on_its_list(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    rows.execute(update(User).where(User.id == cast.social_care_manager.id).values(roles=[Role.PRACTITIONER]))
    rows.commit()
    asks(acting, cast, case)
    assert heard(rows, cast, "case_end_asked") == set()
    assert [(one.event, one.ground) for one in rows.scalars(select(Untold))] == [("case_end_asked", "second")]


def test_everybody_on_the_case_hears_that_it_ended_and_that_it_was_reopened(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User], Client]
) -> None:
    closed(rows, cast, acting, case)
    by_mail = {f"{one} mail case_ended" for one in ("officer", "nurse", "chair", *TEAMS)}
    in_portal = {f"{one} portal case_ended" for one in ("social_care_manager", "police_manager", "colleague")}
    assert heard(rows, cast, "case_ended") == by_mail | in_portal | {"news"}
    look = client_for(cast.second_coordinator).soup(f"/cases/{case.reference}")
    assert "The case ended" in look.get_text(), "the hub keeps it"
    reopens(acting, cast.coordinator, case)
    again = heard(rows, cast, "case_reopened")
    assert "social_worker mail case_reopened" in again
    assert "nurse mail case_reopened" in again, "they can still read it"
    assert "news" in again


def test_whose_duty_falls_away_with_it_finds_that_in_the_morning(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    with acting(cast.coordinator):
        record, owner = db.session.get_one(Case, case.id), Owner(user_id=cast.second_coordinator.id)
        due = clock.now() + timedelta(days=9)
        open_deadline(kind=DeadlineKind.STRATEGY, subject=record, owner=owner, due_at=due)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    agrees(acting, cast.social_care_manager, case)
    assert "second_coordinator digest case_ended" in heard(rows, cast, "case_ended")


def test_whoever_leads_what_follows_is_told_by_name(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    follow_up = FollowUp(person=rows.get_one(User, cast.nurse.id))
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation", follow_up=follow_up))
    agrees(acting, cast.social_care_manager, case)
    assert "nurse mail follow_up_given" in heard(rows, cast, "case_ended")


def test_of_a_closely_held_case_only_those_who_read_it_hear_that_it_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.nurse, cast.social_care_manager):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.RESTRICTED)))
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    assert heard(rows, cast, "case_end_asked") == {"social_care_manager mail case_end_asked"}
    agrees(acting, cast.social_care_manager, case)
    assert heard(rows, cast, "case_ended") == {
        "social_worker mail case_ended",
        "nurse mail case_ended",
        "news",
    }


def test_the_lead_and_the_managers_hear_that_a_hand_over_is_finalised(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        record, rules = db.session.get_one(Case, case.id), current_policy().of(Closing)
        made = begin_hand_over(actor=actor, case=record, kind=HandOverKind.TRANSFER)
        words = HandOverWords(
            service="Other area",
            person="Olga Other",
            contact="01632 960222",
            meets_on=clock.today() + timedelta(days=3),
            answers={one.code: "As agreed" for one in rules.sections_of(HandOverKind.TRANSFER)},
        )
        version = save_hand_over(actor=actor, case=record, hand_over=made, words=words, version=made.version)
        finalise_hand_over(actor=actor, case=record, hand_over=made, version=version)
    assert heard(rows, cast, "hand_over_finalised") == {
        "social_worker portal case_news",
        "social_care_manager portal case_news",
        "news",
    }


def test_whoever_owns_an_open_action_goes_on_with_it_by_name_and_hears_so(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    mine, theirs = (make_action(rows, case, one, cast.social_worker) for one in (cast.nurse, cast.officer))
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    settled = {mine.id: Settled(LeftOver.OWNER), theirs.id: Settled(LeftOver.CARRIED)}
    goes_on = replace(ending(), actions=settled)
    rows.execute(update(User).where(User.id == cast.nurse.id).values(active=False))
    rows.commit()
    with pytest.raises(DomainError, match="Nell Nurse is not in use any more"):
        ends(acting, cast.social_worker, case, goes_on)
    rows.execute(update(User).where(User.id == cast.nurse.id).values(active=True))
    rows.commit()
    ends(acting, cast.social_worker, case, goes_on)
    rows.expire_all()
    assert (mine.state, mine.covered_by) == ("covered", "Nell Nurse carries it on after the case")
    assert theirs.covered_by == "Hew Helper, School carries it on after the case"
    told = heard(rows, cast, "action_changed")
    assert {"nurse mail action_news", "officer mail action_news"} <= told


def test_whoever_agrees_is_told_to_give_it_back_where_somebody_who_was_to_go_on_has_left(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    mine = make_action(rows, case, cast.nurse, cast.social_worker)
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, replace(ending(), actions={mine.id: Settled(LeftOver.OWNER)}))
    rows.execute(update(User).where(User.id == cast.nurse.id).values(active=False))
    rows.commit()
    with pytest.raises(DomainError, match=r"Nell Nurse, .* Give it back, so that it is looked at"):
        agrees(acting, cast.social_care_manager, case)


def _shown(browser: Client, address: str, part: str = "main") -> str:
    found = browser.soup(address).select_one(part)
    assert found is not None
    return found.get_text(" ", strip=True)


def test_what_is_carried_on_after_the_case_says_whose_it_is_and_never_that_another_plan_sees_to_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User], Client]
) -> None:
    mine, teams, other = (
        make_action(rows, case, owner, cast.social_worker)
        for owner in (cast.nurse, cast.police_team, cast.social_worker)
    )
    rows.commit()
    with acting(cast.social_worker) as actor:
        found = db.session.get_one(Action, other.id)
        end_as_covered(actor=actor, action=found, by="The plan of her school", version=found.version)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    goes_on = {mine.id: Settled(LeftOver.OWNER, "Sees her on Mondays"), teams.id: Settled(LeftOver.OWNER)}
    ends(acting, cast.social_worker, case, replace(ending(), actions=goes_on))
    nobody, mistaken = "The portal reminds nobody of it", "Covered by another plan"
    plan = f"/cases/{case.reference}/plan?show=dropped"
    nurse, lead = client_for(cast.nurse), client_for(cast.social_worker)
    for address, part in ((f"/actions/{mine.reference}", "main"), ("/actions?show=over", "table.app-queue")):
        read = _shown(nurse, address, part)
        assert f"Yours still, after the case ended: Sees her on Mondays. {nobody}" in read, address
        assert mistaken not in read, address
    team_page = _shown(client_for(cast.officer), f"/actions/{teams.reference}")
    assert f"Your team’s still, after the case ended. {nobody}" in team_page
    listed = _shown(lead, plan)
    assert "Not needed, or seen to elsewhere (3)" in listed
    assert f"Nell Nurse carries it on after the case ended: Sees her on Mondays. {nobody}" in listed
    assert (listed.count("Carried on after the case ended"), listed.count(mistaken)) == (2, 1)
    assert "Yours still" not in listed, "the plan is for all who read it"
    assert "has not begun again" not in listed
    reopens(acting, cast.coordinator, case)
    assert "What somebody carries on since it ended has not begun again here" in _shown(lead, plan)
    again = _shown(lead, f"/actions/{mine.reference}")
    assert f"Nell Nurse carries it on after the case ended: Sees her on Mondays. {nobody}" in again
    assert "this action has not begun again with it" in again
    assert "has not begun again" not in _shown(lead, f"/actions/{other.reference}")
