"""Claims about the duty to hold a return interview: when it is due, and whose it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.beginning import owe_no_interview
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.interviews import make_return
from tests.return_interviews.conftest import Acting, duties, owes


def test_it_is_due_72_hours_after_the_return_and_owed_by_the_social_care_team_of_the_case(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    episode = make_return(rows, child, cast.officer, recorded_team_id=cast.police_team.id)
    owes(acting, cast.officer, episode)
    owes(acting, cast.officer, episode)
    [duty] = duties(rows, episode)
    assert episode.returned_at
    assert duty.due_at - episode.returned_at == timedelta(hours=72)
    assert duty.original_due_at == duty.due_at
    owner = (duty.owner_team_id, duty.owner_id, duty.owner_agency_id)
    assert owner == (cast.social_care_team.id, None, None)
    assert (duty.child_id, duty.case_id, duty.source) == (child.id, None, "clocks.return_interview")


@pytest.mark.parametrize(
    ("responsible", "host", "whose"),
    [
        ("derbyshire", None, "social_care"),
        ("rutland", "derbyshire", "social_care"),
        ("rutland", None, "hub"),
    ],
)
def test_without_an_open_case_it_is_owed_by_the_authority_or_the_hub(
    rows: Session, cast: Cast, child: Child, acting: Acting, responsible: str, host: str | None, whose: str
) -> None:
    episode = make_return(rows, child, cast.officer, responsible_authority=responsible, host_authority=host)
    owes(acting, cast.officer, episode)
    [duty] = duties(rows, episode)
    assert (duty.owner_agency_id, duty.owner_team_id) == (getattr(cast, whose).id, None)


@pytest.mark.parametrize("sensitivity", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_of_a_child_who_is_held_closely_it_is_the_lead_professionals_and_hidden_from_whoever_recorded_it(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting, sensitivity: Sensitivity
) -> None:
    case.lead_professional_id, case.sensitivity = cast.social_worker.id, int(sensitivity)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    episode = make_return(rows, child, cast.officer, recorded_team_id=cast.police_team.id)
    owes(acting, cast.officer, episode)
    [duty] = duties(rows, episode)
    assert (duty.owner_id, duty.owner_team_id, duty.case_id) == (cast.social_worker.id, None, case.id)
    of_it = select(Deadline.id).where(Deadline.id == duty.id)
    for person, sees in ((cast.officer, False), (cast.chair, False), (cast.social_worker, True)):
        with acting(person):
            assert (db.session.scalar(of_it) is not None) is sees, person.name


def test_a_corrected_return_begins_a_new_duty_and_one_that_is_withdrawn_ends_it(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    episode = make_return(rows, child, cast.officer)
    owes(acting, cast.officer, episode)
    found = rows.get_one(MissingEpisode, episode.id)
    assert found.returned_at
    found.returned_at += timedelta(minutes=30)
    rows.commit()
    owes(acting, cast.officer, episode)
    before, now = duties(rows, episode)
    assert (before.state, now.state) == ("superseded", "open")
    assert now.due_at - before.due_at == timedelta(minutes=30)
    with acting(cast.officer):
        owe_no_interview(episode=db.session.get_one(MissingEpisode, episode.id), reason="Withdrawn")
    assert {one.state for one in duties(rows, episode)} == {"superseded", "cancelled"}


def test_each_episode_has_a_duty_of_its_own(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    early = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(days=2))
    late = make_return(rows, child, cast.officer)
    for episode in (early, late):
        owes(acting, cast.officer, episode)
    [first], [second] = duties(rows, early), duties(rows, late)
    assert first.due_at < second.due_at


def test_whoever_reads_no_episode_opens_no_duty_on_it(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    episode = make_return(rows, child, cast.officer)
    owe = db.text("select ctx.owe_interview(gen_random_uuid(), :id, now(), now(), 'x', false, 'x')")
    with acting(cast.teacher), pytest.raises(DatabaseError, match="reads the episode"):
        db.session.execute(owe.bindparams(id=episode.id))
    assert not duties(rows, episode)
