"""Whoever owes a return interview can hold it, whatever becomes of the case and the authority."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import change_episode, end_episode
from portal.records.people.model import User
from portal.records.return_interviews.ending import complete_interview
from portal.records.return_interviews.offering import offer_interview
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.vocabulary import Sector, Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.closing.conftest import closed
from tests.factories.cases import grant, make_child
from tests.factories.interviews import make_return
from tests.factories.people import new_agency
from tests.missing.conftest import said
from tests.return_interviews.conftest import Acting, begun, duties, owes, steps


@pytest.mark.parametrize("to", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_where_the_case_is_held_more_closely_somebody_named_on_it_owes_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting, to: Sensitivity
) -> None:
    before = duties(rows, episode)[0]
    owned, due_at = before.owner_team_id, before.due_at
    assert owned == cast.social_care_team.id
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        named = [db.session.get_one(User, cast.social_care_manager.id)] if to is Sensitivity.SEALED else []
        raise_sensitivity(
            actor=actor, case=record, to=to, reason="A threat", named=named, version=record.version
        )
    (after,) = duties(rows, episode)
    assert (after.owner_id, after.owner_team_id, after.due_at) == (cast.social_worker.id, None, due_at)


def test_it_goes_to_the_authority_that_answers_for_the_child(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    city = new_agency("City social care", Sector.SOCIAL_CARE, authority="derby")
    rows.add(city)
    rows.commit()
    episode = make_return(
        rows, make_child(rows, "Idris", "Vellacott"), cast.officer, responsible_authority="derbyshire"
    )
    owes(acting, cast.officer, episode)
    assert duties(rows, episode)[0].owner_agency_id == cast.social_care.id
    with acting(cast.officer) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        facts = said(since=record.missing_since, responsible_authority="derby")
        change_episode(actor=actor, episode=record, facts=facts, version=record.version)
    (duty,) = duties(rows, episode)
    assert duty.owner_agency_id == city.id


def test_none_is_owed_again_where_one_was_found_not_to_apply(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offer = InterviewOffer.NOT_APPLICABLE
    steps(acting, cast.social_worker, interview, offer_interview, offered=offer, why_not="Moved to Spain")
    steps(acting, cast.social_worker, interview, complete_interview, assessment_needed=False)
    with acting(cast.officer) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        words = {"found_where": "The bus station", "found_with": "", "injuries": "A cut"}
        facts = {"returned_at": record.returned_at, "how_found": "police"} | words
        end_episode(actor=actor, episode=record, facts=facts, version=record.version)
    assert [one.state for one in duties(rows, episode)] == ["cancelled"]


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_it_outlives_the_case(rows: Session, cast: Cast, acting: Acting, sensitivity: Sensitivity) -> None:
    case = case_of_three(rows, cast)
    case.sensitivity = int(sensitivity)
    rows.commit()
    if sensitivity:
        grant(rows, case, cast.social_worker, by=cast.coordinator)
    episode = make_return(
        rows, rows.get_one(Child, case.child_id), cast.officer, returned_at=clock.now() - timedelta(hours=1)
    )
    owes(acting, cast.officer, episode)
    closed(rows, cast, acting, case)
    assert [one.state for one in duties(rows, episode)] == ["open"]
