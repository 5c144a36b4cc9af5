"""Who hears of a safety plan: everybody on the case, who acts by it, and nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage, Untold
from portal.messages.vocabulary import MessageRecipient
from portal.policy import current_policy
from portal.records.cases.involvements import add_involvement
from portal.records.cases.model import Case, Involvement
from portal.records.people.model import Team, User
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.writing import save_words
from portal.reminders.owed import duties
from portal.reminders.receivers import Directory
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import case_of_three, open_duties
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant, involve
from tests.safety_plans.steps import WORDS, WORKERS, Acting, begun, holds, renewed, writes
from tests.safety_plans.test_safety_plans import met
from tests.told import heard, page_words, untold

TEAMS = ("social_care_team", "police_team", "health_team")
IN_THEIR_TEAMS = ("social_care_manager", "chair", "police_manager", "colleague")


@pytest.fixture
def worker_engine(app: Flask) -> Iterator[Engine]:
    """The database as the worker."""
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


def network(kind: str, *workers: str) -> set[str]:
    """Everybody who works on the case, but whoever did it."""
    by_mail = {f"{one} mail {kind}" for one in (*TEAMS, *workers)}
    return by_mail | {f"{one} portal {kind}" for one in IN_THEIR_TEAMS} | {"news"}


def ends(acting: Acting, cast: Cast, case: Case, plan: SafetyPlan) -> None:
    with acting(cast.social_worker) as actor:
        found = db.session.get_one(SafetyPlan, plan.id)
        record = db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=record, plan=found, reason="Safe now", version=found.version)


def test_those_who_write_in_it_hear_that_it_was_begun(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begun(acting, cast.nurse, case)
    assert heard(rows, cast, "safety_plan_begun") == {
        "social_worker portal safety_plan_begun",
        "officer portal safety_plan_begun",
    }


def test_everybody_on_the_case_hears_that_it_is_in_force_that_it_changed_and_that_it_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.nurse, case)
    holds(acting, cast.social_worker, case, plan)
    everybody = network("safety_plan_in_force", "nurse", "officer")
    assert heard(rows, cast, "safety_plan_in_force") == everybody
    first = len(rows.scalars(select(OutboxMessage.id).filter_by(event="safety_plan_in_force")).all())
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="The library")
    holds(acting, cast.social_worker, case, plan)
    rows.rollback()
    again = rows.scalars(select(OutboxMessage.id).filter_by(event="safety_plan_in_force")).all()
    assert len(again) == 2 * first
    ends(acting, cast, case, plan)
    assert heard(rows, cast, "safety_plan_ended") == network("safety_plan_ended", "nurse", "officer")


def test_of_changes_that_wait_the_lead_and_whoever_wrote_what_is_changed_hear_at_once_and_the_page_says_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    writes(acting, cast.officer, case, plan, seen=1, police_does="Marker on the address")
    assert heard(rows, cast, "safety_plan_changed") == set(), "it is only being written"
    holds(acting, cast.social_worker, case, plan)
    with acting(cast.nurse) as actor:
        change = {"police_does": "No marker", "safe_places": "The library"}
        record, found = db.session.get_one(Case, case.id), db.session.get_one(SafetyPlan, plan.id)
        save_words(actor=actor, case=record, plan=found, words=change, seen=2)
        words = page_words()
    assert "Ola Officer (wrote what was changed)" in words
    assert "Wanda Worker (leads the case)" in words
    assert heard(rows, cast, "safety_plan_part_changed") == {"officer mail safety_plan_part_changed"}
    assert heard(rows, cast, "safety_plan_changed") == {"social_worker mail safety_plan_changed", "news"}
    writes(acting, cast.nurse, case, plan, seen=3, what_i_do="Ring my gran")
    assert heard(rows, cast, "safety_plan_part_changed") == {
        "officer mail safety_plan_part_changed",
        "social_worker mail safety_plan_part_changed",
    }
    before = len(rows.scalars(select(OutboxMessage.id)).all())
    writes(acting, cast.nurse, case, plan, seen=4, what_i_do="Ring my gran first")
    rows.rollback()
    assert len(rows.scalars(select(OutboxMessage.id)).all()) == before, "once a day of each who writes"


def test_of_a_change_of_words_that_wait_hears_whose_words_are_in_force_and_who_wrote_those(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    writes(acting, cast.officer, case, plan, seen=1, police_does="Marker on the address")
    holds(acting, cast.social_worker, case, plan)
    writes(acting, cast.nurse, case, plan, seen=2, police_does="No marker")
    rows.query(OutboxMessage).delete()
    rows.commit()
    writes(acting, cast.social_worker, case, plan, seen=3, police_does="Two markers")
    assert heard(rows, cast, "safety_plan_part_changed") == {
        "officer mail safety_plan_part_changed",
        "nurse mail safety_plan_part_changed",
    }
    says = current_policy().reminders.kinds["safety_plan_part_changed"]
    assert "What you wrote holds" not in says.line, "the nurse's words were never in force"


def test_where_nobody_leads_the_case_the_hub_has_it_that_changes_wait(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    rows.execute(update(Case).values(lead_professional_id=None))
    rows.commit()
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="The library")
    assert untold(rows) == {("safety_plan_changed", "lead_professional", "nobody")}
    assert "officer portal safety_plan_changed" in heard(rows, cast, "safety_plan_changed")


def test_whoever_was_told_of_it_and_left_the_case_hears_as_a_last_word_that_it_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    gone = update(Involvement).where(Involvement.team_id == cast.health_team.id)
    rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
    rows.commit()
    ends(acting, cast, case, plan)
    assert "nurse mail safety_plan_ended" in heard(rows, cast, "safety_plan_ended")
    last = rows.scalars(select(OutboxMessage).filter_by(event="safety_plan_ended", last_word=True)).all()
    assert {one.recipient_id or one.recipient_team_id for one in last} == {cast.nurse.id, cast.health_team.id}


def test_on_a_sealed_case_only_those_who_read_it_hear_of_it_and_no_team_that_it_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    for person in (cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.SEALED)))
    rows.commit()
    ends(acting, cast, case, plan)
    assert heard(rows, cast, "safety_plan_ended") == {"officer mail safety_plan_ended", "news"}


def test_a_plan_given_up_before_it_was_in_force_tells_nobody(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    ends(acting, cast, case, plan)
    assert heard(rows, cast, "safety_plan_ended") == set()


def test_renewing_is_heard_in_the_portal(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan, days=5)
    renewed(acting, cast.social_worker, case, plan, clock.today() + timedelta(days=12))
    people = ("nurse", "officer", *IN_THEIR_TEAMS)
    kind = "safety_plan_in_force"
    assert heard(rows, cast, "safety_plan_renewed") == {f"{one} portal {kind}" for one in people} | {"news"}


def test_where_the_plan_says_what_a_sector_does_that_is_not_on_the_case_the_hub_has_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case, {**WORDS, **WORKERS, "school_does": "Keeps the gate shut"})
    holds(acting, cast.social_worker, case, plan)
    assert heard(rows, cast, "safety_plan_police") == set(), "they are told as those who work on the case"
    assert untold(rows) == {("safety_plan_school", "school", "nobody")}
    assert rows.scalars(select(Untold.subject_id)).all() == [plan.id]
    involve(rows, case, cast.school_team, by=cast.coordinator, worker=cast.teacher)
    rows.commit()
    writes(acting, cast.social_worker, case, plan, seen=1, safe_places="The library")
    holds(acting, cast.social_worker, case, plan)
    assert "teacher mail safety_plan_in_force" in heard(rows, cast, "safety_plan_in_force")
    assert len(rows.scalars(select(Untold)).all()) == 1


def test_so_has_it_that_the_police_are_not_on_the_case_who_are_to_act(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gone = update(Involvement).where(Involvement.team_id == cast.police_team.id)
    rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
    rows.commit()
    plan = begun(acting, cast.social_worker, case, {**WORDS, **WORKERS})
    holds(acting, cast.social_worker, case, plan)
    assert untold(rows) == {("safety_plan_police", "police", "nobody")}


def test_that_a_meeting_ended_it_is_told_as_that_a_person_did_and_its_chair_sees_it_too(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    named = (cast.teacher, cast.social_worker)
    grant(rows, case, named[0], by=cast.coordinator)
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    gone = update(Involvement).where(Involvement.team_id == cast.health_team.id)
    rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
    rows.execute(update(Involvement).where(Involvement.worker_id == named[1].id).values(worker_id=None))
    rows.commit()
    met(rows, cast, case, acting, ends=plan, by=cast.community_safety)
    event = "safety_plan_ended_by_meeting"
    by_mail = {f"{one} mail safety_plan_ended" for one in ("social_worker", "officer", "teacher", "nurse")}
    teams = {f"{one} mail safety_plan_ended" for one in TEAMS}
    chair = {"chair mail safety_plan_ended"}  # who chaired that meeting
    in_their_teams = {f"{one} portal safety_plan_ended" for one in IN_THEIR_TEAMS if one != "chair"}
    assert heard(rows, cast, event) == by_mail | chair | teams | in_their_teams | {"news"}


def test_on_its_last_day_and_once_it_has_run_out_everybody_on_the_case_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting, worker_engine: Engine
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    duty = open_duties(rows, case)["safety_plan"]
    rungs = current_policy().reminders.ladder(duty.kind, duty.source, duty.subject_kind).rungs
    to_network = {(one.when, one.kind) for one in rungs if MessageRecipient.NETWORK in one.to}
    assert to_network == {("on", "safety_plan_runs_out"), ("after", "safety_plan_over")}
    for sensitivity, expected in (
        (Sensitivity.NORMAL, {"social_worker", "officer", "nurse", *TEAMS}),
        (Sensitivity.RESTRICTED, {"officer"}),
    ):
        if sensitivity:
            grant(rows, case, cast.officer, by=cast.coordinator)
        rows.execute(update(Case).values(sensitivity=int(sensitivity)))
        rows.commit()
        with worker_engine.connect() as connection:
            found = connection.execute(duties([duty.id])).all()
            told = Directory(connection, found).of(found[0], [MessageRecipient.NETWORK])
        assert {one.id for one in told} == {getattr(cast, name).id for name in expected}


def joins(acting: Acting, cast: Cast, case: Case, team: Team, worker: User | None = None) -> str:
    """A team comes to work on the case; what the page says of telling."""
    with acting(cast.coordinator) as actor:
        add_involvement(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            team=db.session.get_one(Team, team.id),
            worker=db.session.get_one(User, worker.id) if worker else None,
            reason="They know the child",
        )
        return page_words()


def still_untold(rows: Session) -> set[tuple[str, str]]:
    """What the hub has to see to yet."""
    rows.rollback()
    rows.expire_all()
    return {(one.event, one.ground) for one in rows.scalars(select(Untold).filter_by(seen_to_at=None))}


@pytest.mark.parametrize("held", [0, 1])
def test_whoever_joins_later_hears_of_the_plan_that_says_what_they_do_and_the_hub_need_not_tell_them_any_more(
    rows: Session, cast: Cast, case: Case, acting: Acting, held: int
) -> None:
    if held:
        for person in (cast.social_worker, cast.nurse):
            grant(rows, case, person, by=cast.coordinator)
        rows.execute(update(Case).values(sensitivity=held))
        rows.commit()
    plan = begun(acting, cast.social_worker, case, {**WORDS, **WORKERS, "school_does": "Keeps the gate shut"})
    holds(acting, cast.social_worker, case, plan)
    assert ("safety_plan_school", "school") in still_untold(rows)
    joins(acting, cast, case, cast.council_team)
    assert ("safety_plan_school", "school") in still_untold(rows), "the plan says nothing of the council"
    words = joins(acting, cast, case, cast.school_team, cast.teacher)
    told = {f"{'' if held else 'school_team mail safety_plan_in_force'}", "teacher mail safety_plan_in_force"}
    assert heard(rows, cast, "safety_plan_school") == told - {""}
    assert cast.teacher.name in words
    assert ("safety_plan_school", "school") not in still_untold(rows)
    closed = rows.scalars(select(Untold).filter_by(event="safety_plan_school")).one()
    assert (closed.seen_to_by, closed.seen_to_words) == (cast.coordinator.id, "They were told since")


def test_of_a_case_that_is_held_closely_a_team_that_joins_with_nobody_named_leaves_the_hub_nobody_to_tell(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.nurse, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=Sensitivity.RESTRICTED))
    rows.commit()
    plan = begun(acting, cast.social_worker, case, WORDS | WORKERS)
    holds(acting, cast.social_worker, case, plan)
    assert still_untold(rows) == set(), "the police who are named on it were told"
    words = joins(acting, cast, case, cast.police_other_team)
    assert still_untold(rows) == set()
    assert "nobody" not in words.lower()


def test_of_no_plan_in_force_does_whoever_joins_hear(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begun(acting, cast.social_worker, case, {**WORDS, "school_does": "Keeps the gate shut"})
    joins(acting, cast, case, cast.school_team, cast.teacher)
    assert heard(rows, cast, "safety_plan_school") == set()


def test_once_a_plan_has_ended_nobody_need_be_told_of_it_any_more(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    plan = begun(acting, cast.social_worker, case, {**WORDS, "school_does": "Keeps the gate shut"})
    holds(acting, cast.social_worker, case, plan)
    hub = client_for(cast.coordinator)
    assert plan.reference in hub.soup("/messages/untold").get_text()
    for stranger in (cast.stranger, cast.nurse):
        with acting(stranger):
            db.session.execute(select(func.ctx.close_untold_of_plan(plan.id, clock.now())))
    assert still_untold(rows) == {("safety_plan_school", "school")}, "the plan holds, and nobody was told"
    ends(acting, cast, case, plan)
    assert still_untold(rows) == set()
    assert plan.reference not in hub.soup("/messages/untold").get_text()
    closed = rows.scalars(select(Untold)).one()
    assert (closed.seen_to_by, closed.seen_to_words) == (cast.social_worker.id, "The safety plan has ended")
