"""A lower level that waits when the minutes are distributed waits for somebody who may still agree to it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.vocabulary import DeadlineKind
from portal.records.cases.model import Case
from portal.records.minutes import issues
from portal.records.minutes.copies import invitations_with_accounts
from portal.records.minutes.model import LevelProposal, MinutesIssue
from portal.records.minutes.vocabulary import OVERTAKEN
from portal.vocabulary import RiskLevel, Role
from tests.assessments.conftest import assessed
from tests.assessments.test_concluding import second
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.meetings import make_invitation
from tests.factories.minutes import make_minute
from tests.factories.people import make_user
from tests.meetings.days import acted
from tests.meetings.test_recording import open_duties
from tests.meetings.test_recording_asides import Browser
from tests.meetings.test_recording_levels import comes_to, hold, review_of, settles
from tests.told import of_event, page_words


def test_with_the_end_of_the_meeting_the_managers_of_the_lead_agency_are_asked_anew(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = review_of(rows, cast)
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, RiskLevel.LOW)
    assert open_duties(rows, case_id=day.case.id)[DeadlineKind.LEVEL_SECOND].owner_id == cast.chair.id
    make_minute(rows, day.meeting, "All agreed.", case=day.case)
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(day.meeting))
    with acting(cast.chair) as actor:
        given = [one.id for one in invitations_with_accounts(acted(day.meeting))]
        issues.distribute(actor=actor, meeting=acted(day.meeting), invitation_ids=given)
        assert f"{cast.social_care_manager.name} (may agree" in page_words()
    duty = open_duties(rows, case_id=day.case.id)[DeadlineKind.LEVEL_SECOND]
    assert duty.owner_id == cast.social_care_manager.id
    settles(acting, cast.social_care_manager, day)
    rows.expire_all()
    assert rows.get_one(Case, day.case.id).level == RiskLevel.LOW


def test_what_the_managers_were_asked_from_the_start_they_are_not_asked_again(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = review_of(rows, cast)
    hold(acting, day, cast.chair)
    comes_to(acting, cast.chair, day, RiskLevel.LOW)
    make_minute(rows, day.meeting, "All agreed.", case=day.case)
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(day.meeting))
    asked = len(of_event(rows, "level_proposed"))
    with acting(cast.chair) as actor:
        given = [one.id for one in invitations_with_accounts(acted(day.meeting))]
        issues.distribute(actor=actor, meeting=acted(day.meeting), invitation_ids=given)
    assert len(of_event(rows, "level_proposed")) == asked == 1


def test_of_the_answer_hears_who_was_asked_and_no_manager_who_came_since(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = review_of(rows, cast)
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, RiskLevel.LOW)
    since = make_user(rows, cast.social_care, "Newt Sincefield", Role.MANAGER)
    settles(acting, cast.chair, day)
    told = {who for who, _, kind in of_event(rows, "level_settled") if kind == "level_waits_no_more"}
    assert told == {cast.social_care_manager.id}
    assert since.id not in told


@pytest.mark.parametrize("assessed_at", [RiskLevel.LOW, RiskLevel.HIGH])
def test_where_an_assessment_has_changed_the_level_nothing_waits_any_more(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser, assessed_at: RiskLevel
) -> None:
    day = review_of(rows, cast)
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, RiskLevel.LOW)
    made = assessed(acting, cast.social_worker, day.case, assessed_at)
    if assessed_at is RiskLevel.LOW:
        assert DeadlineKind.LEVEL_SECOND in open_duties(rows, case_id=day.case.id)
        second(acting, cast.social_care_manager, day.case)
    assert DeadlineKind.LEVEL_SECOND not in open_duties(rows, case_id=day.case.id)
    proposal = rows.scalars(select(LevelProposal)).one()
    assert (proposal.accepted, proposal.settle_reason) == (False, f"{OVERTAKEN}: {made.reference}")
    told = {(who, kind) for who, _, kind in of_event(rows, "level_overtaken")}
    assert (cast.coordinator.id, "level_overtaken") in told
    assert (cast.chair.id, "level_waits_no_more") in told
    assert cast.stranger.id not in {who for who, _ in told}
    place = f"/cases/{day.case.reference}"
    said = client_for(cast.chair).soup(f"{place}/lower-level").get_text(" ", strip=True)
    assert f"{OVERTAKEN}: {made.reference}" in said
    assert "does not hold" not in said
    assert "It waits for a second person" not in client_for(cast.nurse).get(f"{place}/level").text
    for page in ("record", "minutes"):
        said = client_for(cast.chair).soup(f"/meetings/{day.meeting.reference}/{page}").get_text(" ")
        assert OVERTAKEN in said, page
        assert "Not agreed" not in said, page
    assert client_for(cast.stranger).get(f"{place}/lower-level").status_code == 404


def test_an_assessment_at_the_same_level_leaves_what_waits(rows: Session, cast: Cast, acting: Acting) -> None:
    day = review_of(rows, cast)
    hold(acting, day, cast.coordinator)
    comes_to(acting, cast.coordinator, day, RiskLevel.LOW)
    assessed(acting, cast.social_worker, day.case, RiskLevel.MEDIUM)
    assert DeadlineKind.LEVEL_SECOND in open_duties(rows, case_id=day.case.id)
    assert rows.scalars(select(LevelProposal.settled_at)).one() is None


def test_whoever_holds_minutes_that_say_that_a_level_waits_hears_of_the_answer(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    day = review_of(rows, cast)
    hold(acting, day, cast.coordinator)
    make_invitation(rows, day.meeting, team=cast.school_team, by=cast.chair)
    comes_to(acting, cast.coordinator, day, RiskLevel.LOW)
    make_minute(rows, day.meeting, "All agreed.", case=day.case)
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(day.meeting))
    asked = (
        client_for(cast.chair).soup(f"/meetings/{day.meeting.reference}/versions/distribute").get_text(" ")
    )
    assert f"A lower level waits for a second person: low, {day.case.reference}" in asked
    with acting(cast.chair) as actor:
        given = [one.id for one in invitations_with_accounts(acted(day.meeting))]
        issues.distribute(actor=actor, meeting=acted(day.meeting), invitation_ids=given)
    issue = rows.scalars(select(MinutesIssue).filter_by(kind="professional")).one()
    place = f"/minutes/{issue.reference}"
    assert "Since these minutes were written" not in client_for(cast.teacher).get(place).text
    settles(acting, cast.social_care_manager, day, accepts=False, reason="Zorblin was seen again")
    told = of_event(rows, "minutes_level_answered")
    assert (cast.school_team.id, "mail", "minutes_level") in told
    assert cast.stranger.id not in {who for who, _, _ in told}
    for part in ("", "/print"):
        page = client_for(cast.teacher).soup(f"{place}{part}").get_text(" ", strip=True)
        assert "Whoever reads the case knows how" in page
        for said in (cast.social_care_manager.name, "does not hold", "Zorblin"):
            assert said not in page, "what became of it is for whoever reads the case"
        page = client_for(cast.social_worker).soup(f"{place}{part}").get_text(" ", strip=True)
        assert f"it was settled by {cast.social_care_manager.name}" in page
        assert "low does not hold because of this meeting" in page
        assert "Zorblin" not in page, "why stands on the case"
    assert client_for(cast.stranger).get(place).status_code == 404
    assert client_for(cast.neighbour).get(place).status_code == 404
