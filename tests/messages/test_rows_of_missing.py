"""Rows of the table, on a case with somebody else on each ground: of a child who is missing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import Meeting
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import move_episode
from portal.records.missing.steps import change_episode, record_prevention
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Desk, Sector
from tests.factories.cases import involve, make_child
from tests.factories.missing import make_episode
from tests.messages.crowd import TEAMS, Crowd, bell, crowd, digest, mail
from tests.missing.conftest import finds, reports, returns, said, says_hurt, withdraws

__all__ = ["crowd"]

#: Where the children are looked after, and where the report says that they are.
HERE, THERE = "derbyshire", "derby"
#: Front doors, the desk of the police and the hub.
DESKS = ("police_other_team", "hub_team", "social_care_team", "school_team")
#: Whoever works with the child, by name or as a team.
AROUND = ("social_worker", "nurse", "teacher", "social_care_manager", "health_team")
IN_PORTAL = ("neighbour", "coordinator", "second_coordinator", "chair")


@pytest.fixture
def child(crowd: Crowd) -> Child:
    """The child of the case, for whom the police and the social care of two authorities have desks."""
    cast, rows = crowd.cast, crowd.rows
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Team, cast.school_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Agency, cast.social_care.id).authority = HERE
    rows.get_one(Agency, cast.school.id).authority = THERE
    rows.get_one(Agency, cast.school.id).sector = Sector.SOCIAL_CARE
    rows.get_one(Case, crowd.case.id).level = "high"
    rows.commit()
    return rows.get_one(Child, crowd.case.child_id)


def missing(crowd: Crowd, child: Child, **facts: Any) -> MissingEpisode:
    """The officer reports the child; their own team knows."""
    facts = {"responsible_authority": HERE, "host_authority": THERE} | facts
    return reports(crowd.acting, crowd.cast.officer, child=child, **facts)


def changes(crowd: Crowd, episode: MissingEpisode, by: User, **facts: Any) -> None:
    """Somebody puts the report right."""
    with crowd.acting(by) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        now = {name: getattr(held, name) for name in said()}
        change_episode(actor=actor, episode=held, facts=now | facts, version=held.version)


def everybody(kind: str) -> set[str]:
    """Desks and whoever works with the child, each once."""
    return mail(kind, *DESKS, *AROUND) | bell(kind, *IN_PORTAL)


def test_a_report_a_higher_grade_and_the_return(crowd: Crowd, child: Child) -> None:
    episode = missing(crowd, child)
    assert crowd.heard("missing_reported") == everybody("missing_reported")
    with crowd.acting(crowd.cast.officer) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        graded = said(grade="high", responsible_authority=HERE, host_authority=THERE)
        change_episode(actor=actor, episode=held, facts=graded, version=held.version)
    assert crowd.heard("missing_grade_raised") == everybody("missing_changed")
    returns(crowd.acting, crowd.cast.officer, episode)
    assert crowd.heard("missing_returned") == everybody("missing_returned")
    says_hurt(crowd.acting, crowd.cast.officer, episode)
    assert crowd.heard("missing_hurt") == everybody("missing_hurt")
    with crowd.acting(crowd.cast.officer) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        talk: dict[str, Any] = {"at": clock.now(), "by": "PC Ibbot", "words": ""}
        record_prevention(actor=actor, episode=held, version=held.version, **talk)
    assert crowd.heard("missing_prevention") == bell(
        "missing_news", "social_worker", "teacher", "social_care_manager", "chair"
    )


def test_that_a_child_who_was_away_is_missing_is_told_as_a_higher_grade_is(
    crowd: Crowd, child: Child
) -> None:
    episode = missing(crowd, child, status="away")
    changes(crowd, episode, crowd.cast.officer, status="missing")
    assert crowd.heard("missing_grade_raised") == everybody("missing_changed")
    assert not crowd.heard("missing_added")
    mails = crowd.rows.scalars(select(OutboxMessage).filter_by(event="missing_grade_raised", channel="mail"))
    assert all(one.urgent for one in mails.all())


def test_what_is_added_while_the_child_is_missing_and_that_it_was_found(crowd: Crowd, child: Child) -> None:
    episode = missing(crowd, child)
    changes(crowd, episode, crowd.cast.nurse, wearing="A red coat")
    desk = mail("missing_added", "police_other_team") | bell("missing_added", "neighbour")
    told = {one.rpartition(" ")[0].partition(" ")[0] for one in everybody("missing_added")} - set(DESKS)
    on_cases = told - {"health_team", "nurse"} | {"officer"}
    assert crowd.heard("missing_added") == desk | bell("missing_news", *on_cases - {"neighbour"})
    finds(crowd.acting, crowd.cast.officer, episode)
    assert crowd.heard("missing_found") == everybody("missing_found")
    assert all(
        one.urgent for one in crowd.rows.scalars(select(OutboxMessage).filter_by(event="missing_found"))
    )


def test_a_home_that_looks_after_the_child_hears_through_its_team_once_that_is_on_the_case(
    crowd: Crowd, child: Child
) -> None:
    """By no other way does the portal know who looks after a child, and may whoever does know of it."""
    home = crowd.rows.get_one(Team, crowd.cast.council_team.id)
    crowd.rows.get_one(Agency, home.agency_id).sector = Sector.VOLUNTARY
    crowd.rows.commit()
    involve(crowd.rows, crowd.case, home, by=crowd.cast.coordinator)
    missing(crowd, child)
    assert mail("missing_reported", "council_team") <= crowd.heard("missing_reported")


def test_a_report_that_was_none(crowd: Crowd, child: Child) -> None:
    withdraws(crowd.acting, crowd.cast.officer, missing(crowd, child))
    assert crowd.heard("missing_withdrawn") == everybody("missing_none")
    assert crowd.heard("missing_still") == set()


def test_a_report_of_a_child_who_is_missing_by_another_one(crowd: Crowd, child: Child) -> None:
    episode = missing(crowd, child)
    make_episode(crowd.rows, child, crowd.cast.stranger)
    withdraws(crowd.acting, crowd.cast.officer, episode)
    assert crowd.heard("missing_still") == everybody("missing_still")


@pytest.mark.parametrize("running", [True, False])
def test_a_report_that_was_a_double(crowd: Crowd, child: Child, running: bool) -> None:
    episode = missing(crowd, child)
    other = make_episode(crowd.rows, child, crowd.cast.stranger, returned_at=None if running else clock.now())
    withdraws(crowd.acting, crowd.cast.officer, episode, double_of=other.reference)
    event, kind = ("twice", "missing_double") if running else ("over", "missing_double_over")
    assert crowd.heard(f"missing_withdrawn_{event}") == everybody(kind)
    assert crowd.heard("missing_withdrawn") == set()


def test_the_third_in_a_month(crowd: Crowd, child: Child) -> None:
    for ago in (9, 4):
        since = clock.now() - timedelta(days=ago)
        make_episode(
            crowd.rows, child, crowd.cast.officer, since=since, returned_at=since + timedelta(hours=2)
        )
    missing(crowd, child)
    assert crowd.heard("missing_repeated") == (
        mail("repeated_missing", "social_worker", "social_care_manager", "teacher", "social_care_team")
        | bell("repeated_missing", "chair")
        | digest("repeated_missing", "neighbour")
    )


@pytest.mark.parametrize("running", [False, True])
def test_an_episode_that_is_put_on_the_child(crowd: Crowd, child: Child, running: bool) -> None:
    wrong = make_child(crowd.rows, "Sorrelby", "Thackeroy")
    since = clock.now() - timedelta(hours=9)
    back = None if running else since + timedelta(hours=4)
    episode = make_episode(crowd.rows, wrong, crowd.cast.officer, since=since, returned_at=back)
    with crowd.acting(crowd.cast.coordinator) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        move_episode(
            actor=actor, episode=held, reference=child.reference, words="Mixed up", version=held.version
        )
    kind = "missing_reported" if running else "missing_moved"
    in_teams = ("chair", "colleague", "police_manager")
    on_it = mail(kind, "social_worker", "officer", "nurse", "teacher", *TEAMS) | bell(kind, *in_teams)
    manager = {f"social_care_manager {'mail' if running else 'portal'} {kind}"}
    desk = mail("missing_another", "police_other_team", "hub_team")
    desk |= bell("missing_another", "neighbour", "second_coordinator")
    over = mail("missing_moved", "police_other_team")
    over |= bell("missing_moved", "neighbour", "second_coordinator")
    event = "missing_moved_now" if running else "missing_moved"
    if running:  # who reported it knows that, and hears whose it is
        on_it = on_it - mail(kind, "officer") | mail("missing_another", "officer")
    assert crowd.heard(event) == on_it | manager | (desk if running else over)


def test_whoever_chairs_a_meeting_on_the_child_within_two_working_days_hears_it_for_that(
    crowd: Crowd, child: Child
) -> None:
    meeting = crowd.rows.get_one(Meeting, crowd.meeting.id)
    meeting.starts_at = clock.now() + timedelta(hours=20)
    meeting.ends_at = meeting.starts_at + timedelta(hours=1)
    crowd.rows.commit()
    missing(crowd, child)
    assert crowd.heard("missing_reported") == (
        everybody("missing_reported") - bell("missing_reported", "chair")
    ) | bell("missing_before_meeting", "chair")


def test_what_else_a_report_says_is_news_for_whoever_works_on_the_case(crowd: Crowd, child: Child) -> None:
    episode = missing(crowd, child)
    changes(crowd, episode, crowd.cast.officer)
    assert crowd.heard("missing_report_changed") == set(), "nothing was changed"
    # The neighbour reads the episode, as police do, and no case of the child.
    changes(crowd, episode, crowd.cast.neighbour, wearing="A red coat")
    assert crowd.heard("missing_report_changed") == {"news"}
    line = crowd.rows.scalars(select(CaseNews).filter_by(event="missing_report_changed")).one()
    assert (line.case_id, line.by_id, line.by_agency_id) == (
        crowd.case.id,
        crowd.cast.neighbour.id,
        crowd.cast.neighbour.agency_id,
    )


def test_of_a_child_without_an_open_case_there_is_no_news_and_a_stranger_leaves_none(
    crowd: Crowd, child: Child
) -> None:
    episode = reports(crowd.acting, crowd.cast.officer, name="Sorrelby Thackeroy")
    changes(crowd, episode, crowd.cast.officer, wearing="A red coat")
    assert crowd.heard("missing_report_changed") == set()
    known = missing(crowd, child)
    with crowd.acting(crowd.cast.stranger):
        said_of = (None, "missing_report_changed", "missing_episode", known.id, clock.now())
        db.session.execute(select(func.ctx.leave_news(*said_of)))
    assert crowd.heard("missing_report_changed") == set(), "who does not read the episode says nothing of it"
