"""What nobody answered, recorded or read in time is told those who see to it, once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import CancelReason
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import RoleChange, Team
from portal.records.referrals.model import DraftOpening, Referral
from portal.records.requests.model import AccessRequest
from portal.reminders.claims import Cancel, Send
from portal.reminders.drafts import queue_drafts
from portal.reminders.unanswered import queue_unanswered
from portal.reminders.worker import TICKS
from portal.vocabulary import Desk, Role, Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.factories.referrals import make_draft
from tests.reminders.travel import at, judged

MAIL, BELL, DIGEST = "mail", "portal", "digest"
WEDNESDAY = at("2026-12-02", "15:00")
THURSDAY_NIGHT, FRIDAY = at("2026-12-03", "23:59"), at("2026-12-04", "08:00")


def look(engine: Engine, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        queue_unanswered(connection)


def told(rows: Session, kind: str) -> set[tuple[UUID | None, str]]:
    rows.rollback()
    found = rows.scalars(select(OutboxMessage).filter_by(kind=kind))
    return {(one.recipient_id or one.recipient_team_id, one.channel) for one in found}


def of_hub(cast: Cast, channel: str) -> set[tuple[UUID, str]]:
    return {(one.id, channel) for one in (cast.coordinator, cast.second_coordinator)}


def closely_held(rows: Session, cast: Cast, held: Sensitivity = Sensitivity.RESTRICTED) -> Case:
    case = case_of_three(rows, cast)
    for person in (cast.social_worker, cast.second_coordinator):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(held)
    rows.commit()
    return case


def asked(rows: Session, cast: Cast, case: Case) -> AccessRequest:
    found = AccessRequest(
        id=new_id(),
        case_id=case.id,
        asked_by=cast.nurse.id,
        asked_agency_id=cast.health.id,
        reason="She told us something",
        asked_at=WEDNESDAY,
    )
    rows.add(found)
    rows.commit()
    return found


def test_the_worker_looks_for_what_nobody_answered() -> None:
    assert queue_unanswered in {tick.do for tick in TICKS}


def test_the_hub_and_managers_who_read_the_case_hear_that_nobody_answered_who_asks_for_access(
    rows: Session, engine: Engine, cast: Cast
) -> None:
    case = closely_held(rows, cast)
    grant(rows, case, cast.social_care_manager, by=cast.coordinator)
    asked(rows, cast, case)
    look(engine, THURSDAY_NIGHT)
    assert told(rows, "access_late") == set(), "there is a whole working day to answer"
    for moment in (FRIDAY, FRIDAY + timedelta(hours=1)):
        look(engine, moment)
    assert told(rows, "access_late") == {
        (cast.hub_team.id, MAIL),
        (cast.social_care_manager.id, MAIL),
        *of_hub(cast, BELL),
    }
    assert len(rows.scalars(select(OutboxMessage)).all()) == 4, "each is told once"
    assert {type(one) for _, one in judged(engine, FRIDAY)} == {Send}


def test_of_a_case_that_is_sealed_since_those_named_on_it_hear_and_nobody_else(
    rows: Session, engine: Engine, cast: Cast
) -> None:
    asked(rows, cast, closely_held(rows, cast, Sensitivity.SEALED))
    look(engine, FRIDAY)
    assert told(rows, "access_late") == {(cast.social_worker.id, MAIL), (cast.second_coordinator.id, MAIL)}


def test_what_was_answered_is_not_walked_through(rows: Session, engine: Engine, cast: Cast) -> None:
    first = asked(rows, cast, closely_held(rows, cast))
    many = (
        "insert into access_request (id, case_id, asked_by, asked_agency_id, reason, asked_at,"
        " answered_by, answered_at, granted)"
        " select gen_random_uuid(), case_id, asked_by, asked_agency_id, reason, asked_at,"
        " asked_by, asked_at, false from access_request, generate_series(1, 3000) where id = :id"
    )
    rows.execute(text(many), {"id": first.id})
    rows.execute(text("analyze access_request"))
    rows.commit()
    ran: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *said: ran.append((said[2], said[3])))
    look(engine, FRIDAY)
    statement, given = next(one for one in ran if "access_request.asked_at" in one[0])
    with engine.connect() as connection:
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"explain {statement}", given))
    assert "ix_access_request_open" in plan


def test_who_was_answered_is_not_spoken_of(rows: Session, engine: Engine, cast: Cast) -> None:
    request = asked(rows, cast, closely_held(rows, cast))
    look(engine, FRIDAY)
    request.answered_at, request.granted = FRIDAY, False
    rows.commit()
    assert {str(one) for _, one in judged(engine, FRIDAY)} == {str(Cancel(CancelReason.ANSWERED))}


@pytest.fixture
def change(rows: Session, cast: Cast) -> RoleChange:
    """An administrator asked for another; the second one has to confirm it."""
    found = RoleChange(
        id=new_id(),
        user_id=cast.governance.id,
        roles_before=[Role.GOVERNANCE],
        roles_after=[Role.ADMINISTRATOR],
        asked_by=cast.administrator.id,
        asked_at=WEDNESDAY,
    )
    rows.add(found)
    rows.commit()
    return found


def test_administrators_hear_that_a_change_of_roles_still_waits_but_whom_it_concerns(
    rows: Session, engine: Engine, cast: Cast, change: RoleChange, client_for: Any
) -> None:
    look(engine, THURSDAY_NIGHT)
    assert told(rows, "roles_late") == set()
    look(engine, FRIDAY)
    both = {(cast.administrator.id, MAIL), (cast.second_administrator.id, MAIL)}
    assert told(rows, "roles_late") == both
    assert {type(one) for _, one in judged(engine, FRIDAY)} == {Send}
    client: Client = client_for(cast.second_administrator)
    message = rows.scalars(
        select(OutboxMessage.id).filter_by(recipient_id=cast.second_administrator.id)
    ).one()
    assert client.get(f"/go/{message}").status_code in {302, 303}, "it leads where they answer"
    change.confirmed_at = FRIDAY
    rows.commit()
    assert {str(one) for _, one in judged(engine, FRIDAY)} == {str(Cancel(CancelReason.DONE))}


def back(rows: Session, cast: Cast, case: Case | None = None, **facts: Any) -> MissingEpisode:
    """A child who is back since Wednesday."""
    of = case or case_of_three(rows, cast)
    child = rows.get_one(Child, of.child_id)
    since = WEDNESDAY - timedelta(hours=5)
    return make_episode(
        rows, child, cast.officer, since=since, returned_at=WEDNESDAY, how_found="police", **facts
    )


def test_the_missing_desk_hears_that_no_prevention_interview_is_recorded(
    rows: Session, engine: Engine, cast: Cast
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    episode = back(rows, cast)
    look(engine, THURSDAY_NIGHT)
    assert told(rows, "prevention_late") == set()
    look(engine, FRIDAY)
    assert told(rows, "prevention_late") == {(cast.police_other_team.id, MAIL), (cast.neighbour.id, BELL)}
    episode.prevention_at, episode.prevention_by = FRIDAY, "PC Ibbot"
    rows.commit()
    assert {str(one) for _, one in judged(engine, FRIDAY)} == {str(Cancel(CancelReason.DONE))}


@pytest.mark.parametrize("why", ["held", "withdrawn", "old"])
def test_of_a_talk_that_was_held_or_is_not_owed_nobody_hears(
    rows: Session, engine: Engine, cast: Cast, why: str
) -> None:
    facts: dict[str, dict[str, Any]] = {
        "held": {"prevention_at": WEDNESDAY},
        "withdrawn": {"withdrawn_at": WEDNESDAY, "withdrawn_by": cast.officer.id, "withdrawn_reason": "No"},
        "old": {},
    }
    back(rows, cast, **facts[why])
    look(engine, FRIDAY + timedelta(days=60 if why == "old" else 0))
    assert told(rows, "prevention_late") == set()


def test_without_a_desk_the_hub_hears_and_of_a_child_held_closely_who_reads_of_it(
    rows: Session, engine: Engine, cast: Cast
) -> None:
    back(rows, cast)
    look(engine, FRIDAY)
    assert told(rows, "prevention_late") == {(cast.hub_team.id, MAIL), *of_hub(cast, BELL)}


def test_of_a_sealed_child_whoever_of_police_or_hub_is_named_hears_and_no_desk(
    rows: Session, engine: Engine, cast: Cast
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    back(rows, cast, closely_held(rows, cast, Sensitivity.SEALED), team=cast.health_team)
    rows.commit()
    look(engine, FRIDAY)
    assert told(rows, "prevention_late") == {(cast.second_coordinator.id, MAIL)}


@pytest.fixture
def left(rows: Session, cast: Cast) -> Referral:
    """Begun on a Wednesday afternoon by somebody who has left since."""
    draft = make_draft(rows, cast.officer)
    draft.saved_at, cast.officer.active = WEDNESDAY, False
    rows.commit()
    return draft


def manager_hears(engine: Engine, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        queue_drafts(connection)


def test_the_hub_hears_in_the_morning_of_a_leavers_form_that_its_manager_does_not_read(
    rows: Session, engine: Engine, cast: Cast, left: Referral
) -> None:
    manager_hears(engine, FRIDAY)  # two days later; five working days from then on are Friday week
    look(engine, at("2026-12-11", "12:00"))
    assert told(rows, "left_draft") == set()
    look(engine, at("2026-12-14", "07:00"))
    assert told(rows, "left_draft") == of_hub(cast, DIGEST)
    words = rows.execute(
        select(OutboxMessage.key).where(OutboxMessage.kind == "left_draft").limit(1)
    ).scalar_one()
    assert str(left.id) in words


def test_of_a_form_that_its_manager_opened_or_whose_author_is_here_the_hub_hears_nothing(
    rows: Session, engine: Engine, cast: Cast, left: Referral
) -> None:
    opened = DraftOpening(
        id=new_id(),
        referral_id=left.id,
        manager_id=cast.police_manager.id,
        reason="To see what is urgent",
        opened_at=FRIDAY,
        until=FRIDAY,
    )
    rows.add(opened)
    make_draft(rows, cast.colleague).saved_at = WEDNESDAY
    rows.commit()
    look(engine, at("2026-12-21", "07:00"))
    assert told(rows, "left_draft") == set()
