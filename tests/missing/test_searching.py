"""While a child is missing somebody has the search in hand, and those above them hear of it on any day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.reminders.owed import queue_owed
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.missing.conftest import Acting, reports, returns, withdraws


@pytest.fixture
def worker_engine(app: Flask) -> Iterator[Engine]:
    """The database as the worker."""
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()


def search(rows: Session, episode: MissingEpisode) -> Deadline:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Deadline).filter_by(subject_id=episode.id, kind="missing_running")).one()


def test_the_team_that_leads_has_the_search_in_hand_until_the_child_is_back(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    episode = reports(acting, cast.teacher, child=None, name="Nobody Known")
    assert search(rows, episode).owner_agency_id == cast.social_care.id, "of the authority that was named"
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    owed = search(rows, episode)
    assert (owed.owner_team_id, owed.state) == (cast.social_care_team.id, "open")
    assert owed.due_at == episode.missing_since + timedelta(hours=24)
    returns(acting, cast.officer, episode)
    assert search(rows, episode).state == "done"


def test_a_report_that_is_withdrawn_is_searched_no_more(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    withdraws(acting, cast.officer, episode)
    assert search(rows, episode).state == "cancelled"


def test_of_a_sealed_case_a_person_named_on_it_has_the_search(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    child = rows.get_one(Child, case.child_id)
    episode = reports(acting, cast.teacher, name=f"{child.given_name} {child.family_name}", dob=child.dob)
    owed = search(rows, episode)
    assert (owed.owner_id, owed.owner_team_id, owed.child_id) == (cast.social_worker.id, None, None)


def test_after_a_day_and_after_three_those_above_hear_of_it_at_any_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting, worker_engine: Engine
) -> None:
    rows.get_one(type(cast.social_care), cast.social_care.id).lead_id = cast.chair.id
    rows.commit()
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    owed = search(rows, episode)
    told: dict[int, set[object]] = {}
    for hours in (24, 72):
        with time_machine.travel(owed.started_at + timedelta(hours=hours, minutes=1), tick=False):
            with worker_engine.begin() as connection:
                queue_owed(connection)
            rows.rollback()
            late = select(OutboxMessage).filter_by(kind="late_urgent", channel="mail")
            found = rows.scalars(late.where(OutboxMessage.created_at > clock.now() - timedelta(hours=1)))
            told[hours] = {one.recipient_id or one.recipient_team_id for one in found}
    assert told[24] == {cast.social_care_team.id, cast.social_care_manager.id}
    assert told[72] == {cast.social_care_manager.id, cast.chair.id}
