"""Who is told of what follows on reports of a missing child; the page never says who works with the child."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.deciding import ELSEWHERE, answer_prompt
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.reporting import Who, report_missing
from portal.records.missing.steps import record_prevention
from portal.records.missing.vocabulary import StrategyAnswer
from portal.records.people.model import Team
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.factories.people import make_agency, make_team
from tests.missing.conftest import Acting, reports, returns
from tests.missing.conftest import said as facts_of_report
from tests.missing.test_pages import ClientFor
from tests.reminders.travel import away
from tests.told import of_event, page_words, untold

MAIL, BELL, DIGEST = "mail", "portal", "digest"


def at_desks(rows: Session, cast: Cast) -> None:
    """Roads policing has the desk for missing people."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()


def often(rows: Session, cast: Cast, case: Case) -> Child:
    """A child who was missing twice in the last days."""
    child = rows.get_one(Child, case.child_id)
    for ago in (9, 4):
        since = clock.now() - timedelta(days=ago, hours=3)
        back = since + timedelta(hours=2)
        make_episode(rows, child, cast.officer, since=since, returned_at=back, how_found="police")
    return child


def test_the_talk_of_the_police_is_told_whoever_leads_the_case_and_their_social_care(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    child = rows.get_one(Child, case.child_id)
    episode = reports(acting, cast.officer, child=child, responsible_authority="derbyshire")
    returns(acting, cast.officer, episode)
    with acting(cast.officer) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        record_prevention(
            actor=actor, episode=held, at=clock.now(), by="PC Ibbot", words="", version=held.version
        )
    found = of_event(rows, "missing_prevention")
    assert (cast.social_worker.id, BELL, "missing_news") in found
    assert {how for _, how, _ in found} == {BELL}


def test_whoever_covers_the_case_for_the_lead_who_is_away_finds_the_talk_in_the_portal_too(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    episode = reports(acting, cast.officer, child=child, responsible_authority="derbyshire")
    returns(acting, cast.officer, episode)
    today = clock.today().isoformat()
    away(rows, cast.social_worker, today, today, cover=case, by=cast.chair)
    with acting(cast.officer) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        record_prevention(
            actor=actor, episode=held, at=clock.now(), by="PC Ibbot", words="", version=held.version
        )
        assert cast.chair.name not in page_words(), "who works with the child the page does not say"
    found = of_event(rows, "missing_prevention")
    assert {(who.id, BELL, "missing_news") for who in (cast.social_worker, cast.chair)} <= found
    assert (
        "News of a child"
        in client_for(cast.chair).soup("/messages").select(".app-messages__item")[0].get_text()
    )
    asked = text("select deputy_id from ctx.covered_behind('missing_episode', :episode, :away, :today)")
    given = {"episode": episode.id, "away": [cast.social_worker.id], "today": clock.today()}
    for person, learns in ((cast.officer, True), (cast.stranger, False), (cast.governance, False)):
        with asking(person) as session:
            assert (session.scalars(asked, given).all() == [cast.chair.id]) is learns, person.name


def test_a_desk_that_reports_a_child_itself_is_a_desk(rows: Session, cast: Cast, acting: Acting) -> None:
    at_desks(rows, cast)
    with acting(cast.neighbour) as actor:
        who = Who(given_name="Pellory", family_name="Vantongue", dob=None, nhs_number=None)
        report_missing(actor=actor, who=who, facts=facts_of_report(), once=uuid4())
        assert "Not told: police missing desk" not in page_words()
    assert (cast.police_other_team.id, MAIL, "missing_reported") in of_event(
        rows, "missing_reported", last_word=None
    )
    assert not any(ground == "police_desk" for _, ground, _ in untold(rows))


def test_a_front_door_is_named_as_responsible_only_where_somebody_said_so(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    derby = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    make_team(rows, derby, "City front door").desks = [Desk.FRONT_DOOR]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.commit()
    responsible, host = (
        "(social care of the responsible authority)",
        "City front door (social care of the host",
    )
    theirs, lives = "(social care, in case the child is theirs)", "in case the child lives there)"
    reports_of: tuple[tuple[dict[str, Any], set[str], str], ...] = (
        ({}, {responsible, f"City front door (social care, {lives}"}, theirs),
        ({"responsible_authority": None}, {theirs}, responsible),
        ({"host_authority": "derby"}, {responsible, host}, lives),
    )
    for number, (said, expected, never) in enumerate(reports_of):
        with acting(cast.officer) as actor:
            who = Who(given_name="Pellory", family_name=f"Vantongue {number}", dob=None, nhs_number=None)
            report_missing(actor=actor, who=who, facts=facts_of_report(**said), once=uuid4())
            words = page_words()
            assert all(one in words for one in expected), words
            assert never not in words


def test_two_running_reports_of_one_child_are_told_the_desk_and_the_hub(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    at_desks(rows, cast)
    child = rows.get_one(Child, case.child_id)
    reports(acting, cast.officer, child=child)
    assert of_event(rows, "missing_twice") == set()
    nhs_number = child.nhs_number
    name = "Somebody Else" if nhs_number else f"{child.given_name} {child.family_name}"
    reports(acting, cast.stranger, name=name, nhs_number=nhs_number, dob=child.dob)
    found = of_event(rows, "missing_twice", last_word=None)
    assert {one for one in found if one[1] == MAIL} == {
        (cast.police_other_team.id, MAIL, "missing_twice"),
        (cast.hub_team.id, MAIL, "missing_twice"),
    }


def test_repeated_episodes_are_told_whoever_leads_the_case_once(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    at_desks(rows, cast)
    child = often(rows, cast, case)
    reports(acting, cast.officer, child=child)
    assert of_event(rows, "missing_repeated") == {
        (cast.social_worker.id, MAIL, "repeated_missing"),
        (cast.social_care_manager.id, MAIL, "repeated_missing"),
        (cast.social_care_team.id, MAIL, "repeated_missing"),  # which is to decide
        (cast.chair.id, BELL, "repeated_missing"),
        (cast.neighbour.id, DIGEST, "repeated_missing"),
    }


def test_of_a_sealed_child_those_who_are_named_are_told_and_the_answer_too(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    child = often(rows, cast, case)
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    reports(acting, cast.social_worker, child=child)
    mailed = {who for who, how, _ in of_event(rows, "missing_repeated") if how == MAIL}
    assert mailed == {cast.nurse.id}
    prompt = rows.query(MissingPrompt).one()
    with acting(cast.social_worker) as actor:
        asked = db.session.get_one(MissingPrompt, prompt.id)
        answer_prompt(
            actor=actor,
            prompt=asked,
            answer=StrategyAnswer.MEETING,
            words="On Thursday, with all",
            called=ELSEWHERE,
        )
    assert {who for who, how, _ in of_event(rows, "missing_decided", last_word=None) if how == MAIL} == {
        cast.nurse.id
    }


def test_what_is_decided_after_repeated_episodes_is_told_the_desk(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    at_desks(rows, cast)
    reports(acting, cast.officer, child=often(rows, cast, case))
    prompt = rows.query(MissingPrompt).one()
    with acting(cast.chair) as actor:
        asked = db.session.get_one(MissingPrompt, prompt.id)
        answer_prompt(
            actor=actor,
            prompt=asked,
            answer=StrategyAnswer.MEETING,
            words="On Thursday, with all",
            called=ELSEWHERE,
        )
    found = of_event(rows, "missing_decided", last_word=None)
    assert {one for one in found if one[1] == MAIL} == {
        (cast.police_other_team.id, MAIL, "missing_news"),
        (cast.social_worker.id, MAIL, "missing_news"),
    }


def test_what_is_told_of_a_report_is_so_too_of_a_child_of_whom_it_is_known_where_they_are(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    """One e-mail is sent of either: away without permission is not missing."""
    reports(acting, cast.officer, name="Pellory Vantongue", status="away")
    assert (cast.hub_team.id, MAIL, "missing_reported") in of_event(rows, "missing_reported", last_word=None)
    policy = current_policy()
    kinds = {
        row.kind for told in policy.telling.events if told.event.startswith("missing_") for row in told.tells
    }
    said = {policy.reminders.kinds[kind].line for kind in kinds if kind}
    said |= {policy.reminders.kinds[kind].subject for kind in kinds if kind}
    assert not {one for one in said if "missing" in one and "away" not in one}
