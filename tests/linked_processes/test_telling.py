"""Who is told that a process of another service began, goes on and ended."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxMessage
from portal.pathway.calendar import add_working_days, end_of_day
from portal.records.cases.model import Case, Involvement
from portal.records.linked_processes import outcomes, steps
from portal.records.linked_processes.model import LinkedProcess
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.linked import make_process
from tests.linked_processes.conftest import Acting, begins, clocks, does, takes
from tests.meetings.days import make_day
from tests.meetings.test_recording_levels import hold
from tests.told import heard, of_event

MAIL, BELL = "mail", "portal"


def people_of_teams(cast: Cast, kind: str) -> set[tuple[UUID | None, str, str]]:
    """The others of the teams on the case, who hear of it in the portal."""
    others = (cast.colleague, cast.police_manager, cast.social_care_manager, cast.chair)
    return {(one.id, BELL, kind) for one in others}


def teams_told(cast: Cast, kind: str) -> set[tuple[UUID | None, str, str]]:
    """The teams on the case at their duty addresses, and their people."""
    teams = (cast.police_team, cast.social_care_team, cast.health_team)
    return {(one.id, MAIL, kind) for one in teams} | people_of_teams(cast, kind)


def urgent(rows: Session, event: str) -> list[bool]:
    """Of each e-mail of an event whether it goes out at any hour."""
    rows.rollback()
    return list(rows.scalars(select(OutboxMessage.urgent).filter_by(event=event, channel=MAIL)))


def news(rows: Session) -> list[str]:
    rows.rollback()
    found = rows.query(CaseNews).filter_by(subject_kind="linked_process").order_by(CaseNews.at, CaseNews.id)
    return [one.event for one in found]


def test_whoever_leads_and_works_on_the_case_hears_that_an_enquiry_began(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.teacher, by=cast.coordinator)
    begins(acting, cast.coordinator, case, "section_47", owner=cast.officer)
    assert of_event(rows, "enquiry_begun") == {
        (cast.teacher.id, BELL, "process_begun"),
        (cast.officer.id, BELL, "process_begun"),
        (cast.social_worker.id, MAIL, "process_begun"),
        (cast.nurse.id, BELL, "process_begun"),
        *teams_told(cast, "process_begun"),
    }
    assert news(rows) == ["enquiry_begun"]
    assert not any(urgent(rows, "enquiry_begun")), "it was decided yesterday"


def test_police_and_social_care_on_duty_who_are_not_on_the_case_hear_of_an_enquiry_that_they_do_not_see(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for team, desk in ((cast.police_other_team, Desk.EXPLOITATION), (cast.school_team, Desk.FRONT_DOOR)):
        rows.get_one(Team, team.id).desks = [desk]
    school = rows.get_one(Agency, cast.school.id)
    school.sector, school.authority = Sector.SOCIAL_CARE, "derbyshire"
    rows.get_one(Case, case.id).authority = "derbyshire"
    other = update(Team).where(Team.id == cast.police_other_team.id)
    rows.execute(other.values(agency_id=cast.other_council.id))
    rows.get_one(Agency, cast.other_council.id).sector = Sector.POLICE
    rows.commit()
    now = clock.now()
    enquiry = begins(acting, cast.coordinator, case, "section_47", owner=cast.officer, started_at=now)
    elsewhere = {one for one in heard(rows, cast, "enquiry_begun") if one.endswith("enquiry_elsewhere")}
    assert {"police_other_team mail enquiry_elsewhere", "school_team mail enquiry_elsewhere"} <= elsewhere
    rows.get_one(Team, cast.police_other_team.id).desks = []
    rows.commit()
    does(acting, cast.coordinator, enquiry, outcomes.take_back, reason="Another child of the same name")
    none = {
        (who, kind) for who, how, kind in of_event(rows, "process_mistaken", last_word=None) if how == MAIL
    }
    assert none == {
        *((one.id, "enquiry_mistaken") for one in (cast.police_other_team, cast.school_team)),
        *((one.id, "process_news") for one in (cast.police_team, cast.social_care_team, cast.health_team)),
        (cast.social_worker.id, "process_news"),
    }, "who heard of it by e-mail hears so that it was none; also where they are at the desk no more"
    assert all(urgent(rows, "process_mistaken"))


@pytest.mark.parametrize("hidden", [False, True])
def test_they_hear_nothing_where_they_are_on_the_case_or_it_is_closely_held(
    rows: Session, cast: Cast, case: Case, acting: Acting, *, hidden: bool
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.EXPLOITATION]  # their agency is on the case
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    if hidden:
        gone = update(Involvement).where(Involvement.team_id == cast.police_team.id)
        rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
        grant(rows, case, cast.social_worker, by=cast.coordinator)
        rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    begins(acting, cast.social_worker, case, "section_47", owner=cast.social_worker)
    assert not {one for one in heard(rows, cast, "enquiry_begun") if one.endswith("enquiry_elsewhere")}


def test_one_who_leads_and_sees_to_it_is_told_by_what_they_have_to_do(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.teacher, by=cast.coordinator)
    begins(acting, cast.officer, case, "nrm", owner=cast.social_worker)
    assert of_event(rows, "process_begun") == {
        (cast.teacher.id, BELL, "process_begun"),
        (cast.social_worker.id, BELL, "process_begun"),
        (cast.nurse.id, BELL, "process_begun"),
        *people_of_teams(cast, "process_begun"),
    }


def test_what_begins_with_a_process_is_not_told_apart(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begins(acting, cast.social_worker, case, "child_protection")
    assert news(rows) == ["process_begun"]


def test_of_a_closely_held_case_those_alone_who_read_it_are_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    begins(acting, cast.social_worker, case, "section_47", owner=cast.social_worker)
    assert of_event(rows, "enquiry_begun") == {(cast.nurse.id, BELL, "process_begun")}


def test_a_step_is_news_and_how_it_ended_is_told_all_who_work_on_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """They were told that it began. Of a stranger and a second agency nobody hears."""
    grant(rows, case, cast.teacher, by=cast.coordinator)
    process = make_process(rows, case, cast.officer, kind="strategy_discussion", step="held")
    takes(acting, cast.officer, process, "held", outcome="nothing_more")
    assert (news(rows), of_event(rows, "process_step")) == (["process_step", "process_ended"], set())
    assert of_event(rows, "process_ended") == {
        (cast.social_worker.id, BELL, "process_news"),
        (cast.nurse.id, BELL, "process_news"),
        (cast.teacher.id, BELL, "process_news"),
        *people_of_teams(cast, "process_news"),
    }


def test_whoever_sees_to_it_hears_how_it_ended(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    process = make_process(rows, case, cast.officer, kind="strategy_discussion", step="held")
    takes(acting, cast.social_worker, process, "held", outcome="nothing_more")
    assert (cast.officer.id, BELL, "process_news") in of_event(rows, "process_ended")


def test_whoever_sees_to_it_hears_that_it_was_a_mistake(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = make_process(rows, case, cast.officer, kind="nrm", step="reasonable_grounds")
    does(acting, cast.social_worker, process, outcomes.take_back, reason="Another child of the same name")
    assert (cast.officer.id, BELL, "process_news") in of_event(rows, "process_mistaken")


def test_a_discussion_for_tonight_is_told_at_any_hour_to_all_on_the_case_and_that_it_was_none_too(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """Also to whoever has it to do and the duty addresses; to no agency that does not work on the case."""
    grant(rows, case, cast.teacher, by=cast.coordinator)
    asked = clock.now() - timedelta(hours=1)
    process = begins(
        acting, cast.coordinator, case, "strategy_discussion", owner=cast.officer, started_at=asked
    )
    pressing = {
        (cast.officer.id, MAIL, "process_pressing"),
        (cast.teacher.id, MAIL, "process_pressing"),
        (cast.social_worker.id, MAIL, "process_pressing"),
        (cast.nurse.id, MAIL, "process_pressing"),
        *teams_told(cast, "process_pressing"),
    }
    assert of_event(rows, "process_pressing") == pressing
    assert of_event(rows, "process_begun") == set()
    assert all(urgent(rows, "process_pressing"))
    does(acting, cast.coordinator, process, outcomes.take_back, reason="Another child of the same name")
    mistaken = of_event(rows, "process_mistaken")
    assert {who for who, *_ in mistaken} == {who for who, *_ in pressing}
    assert {(cast.officer.id, MAIL, "process_news"), (cast.police_team.id, MAIL, "process_news")} <= mistaken
    assert all(urgent(rows, "process_mistaken"))


def test_a_discussion_that_is_late_already_is_told_as_urgently_as_one_for_tonight(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asked = clock.now() - timedelta(days=30)
    begins(acting, cast.coordinator, case, "strategy_discussion", owner=cast.officer, started_at=asked)
    told = of_event(rows, "process_pressing")
    assert {(one.id, MAIL, "process_pressing") for one in (cast.officer, cast.police_team)} <= told
    assert not {cast.stranger.id, cast.teacher.id, cast.neighbour.id} & {who for who, *_ in told}
    assert all(urgent(rows, "process_pressing"))


def test_a_discussion_that_a_meeting_was_is_not_told_as_still_to_do(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast, kind="strategy")
    hold(acting, day, cast.coordinator)
    assert of_event(rows, "process_pressing") == set()
    assert heard(rows, cast, "process_begun")


def test_a_team_that_has_it_to_do_hears_of_it_and_of_each_step_with_whoever_leads(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.social_worker, case, "nrm", owner=cast.police_team)
    assert {(one.id, BELL, "process_begun") for one in (cast.officer, cast.colleague)} <= of_event(
        rows, "process_begun"
    )
    takes(acting, cast.officer, process, "reasonable_grounds", answer="positive")
    assert of_event(rows, "process_step") == {
        (cast.social_worker.id, BELL, "process_news"),
        (cast.colleague.id, BELL, "process_news"),
        (cast.police_manager.id, BELL, "process_news"),
    }


def test_that_enquiries_were_decided_is_owed_and_told_at_any_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = make_process(rows, case, cast.officer, kind="strategy_discussion", step="held")
    takes(acting, cast.officer, process, "held", outcome="section_47")
    enquiry = rows.query(LinkedProcess).filter_by(kind="section_47").one()
    assert (enquiry.came_from_id, enquiry.owner_id) == (process.id, cast.social_worker.id)
    (duty,) = clocks(rows, enquiry)
    assert duty.due_at == end_of_day(add_working_days(clock.today(), 15))
    assert (cast.social_care_team.id, MAIL, "process_begun") in of_event(rows, "enquiry_begun")
    assert all(urgent(rows, "enquiry_begun"))


def test_that_it_was_recorded_by_mistake_is_told_whoever_was_told_that_it_began(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.teacher, by=cast.coordinator)
    process = begins(acting, cast.officer, case, "nrm", owner=cast.officer)
    with acting(cast.officer) as actor:
        held = db.session.get_one(LinkedProcess, process.id)
        reason = "Another child of the same name"
        outcomes.take_back(actor=actor, process=held, reason=reason, version=held.version)
    begun = {who for who, *_ in of_event(rows, "process_begun")}
    assert cast.officer.id not in begun, "they did it"
    assert cast.teacher.id in begun, "they are named on the case"
    assert cast.stranger.id not in begun
    assert begun == {who for who, *_ in of_event(rows, "process_mistaken")}


def test_whoever_saw_to_it_hears_that_somebody_else_does(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = make_process(rows, case, cast.officer)
    with acting(cast.social_worker) as actor:
        held = db.session.get_one(LinkedProcess, process.id)
        owner = db.session.get_one(User, cast.nurse.id)
        said = {"owner": owner, "reason": "She knows the family", "version": held.version}
        steps.hand_over(actor=actor, process=held, **said)  # type: ignore[arg-type] # of different types
    assert of_event(rows, "process_given") == {(cast.officer.id, BELL, "no_longer_yours")}
