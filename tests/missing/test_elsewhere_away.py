"""Whoever hears of a missing child without seeing the report may be away, or have no address that works."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.messages.told import STANDS_IN
from portal.messages.vocabulary import HandReason, MessageState
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import Team, User
from portal.reminders.claims import HandOn, Send, Show, Standing, Waiting
from portal.reminders.covers import redirect
from portal.vocabulary import Desk
from tests.cast import Cast
from tests.factories.cases import make_case, make_child
from tests.missing.conftest import Acting, reports
from tests.missing.test_limited import message_to, words_of
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor, reported
from tests.missing.test_reporting import hide, known
from tests.reminders.conftest import engine
from tests.reminders.travel import away, judged, suspend

__all__ = ["engine"]

PHONE = "01632 960771"
OFFICE_HOURS = datetime(2026, 11, 26, 10, 20, tzinfo=UTC)


@pytest.fixture
def linked(rows: Session, cast: Cast, case: Case, acting: Acting) -> Child:
    """Another record of the child of the case, on which nurse and officer work, with a case of its own; the
    reporter has a phone.
    """
    rows.get_one(User, cast.teacher.id).phone = PHONE
    other = make_child(rows, "Sorrelby", "Thackeroy")
    make_case(rows, other, lead=cast.social_care, opened_by=cast.coordinator)
    links(acting, cast, rows.get_one(Child, case.child_id), other)
    return other


def is_away(rows: Session, person: User, *, cover: Case | None = None, by: User | None = None) -> None:
    first, last = clock.today() - timedelta(days=1), clock.today() + timedelta(days=3)
    away(rows, person, first.isoformat(), last.isoformat(), cover=cover, by=by)


def is_not_told(rows: Session, team: Team) -> None:
    """Take back the e-mail that a team gets itself, so that it can stand in for somebody."""
    theirs = OutboxMessage.recipient_team_id == team.id
    rows.execute(update(OutboxMessage).where(theirs).values(state=MessageState.CANCELLED))
    rows.commit()


def becomes(engine: Engine, person: User, event: str = "missing_reported") -> Standing:
    """What is to become of the e-mail that was written for somebody."""
    (one,) = [to for sent, to in waiting(engine) if (sent.event, sent.recipient_id) == (event, person.id)]
    return one


def waiting(engine: Engine) -> list[tuple[Waiting, Standing]]:
    """Each e-mail that waits, and what is to become of it in a minute."""
    return judged(engine, clock.now() + timedelta(minutes=1))


def stands_in(standing: Standing, reason: HandReason) -> UUID | None:
    assert isinstance(standing, HandOn), standing
    assert standing.reason is reason
    return standing.user_id or standing.team_id


def test_whoever_covers_the_case_of_the_linked_record_hears_for_who_is_away_and_else_their_team(
    rows: Session, cast: Cast, case: Case, linked: Child, acting: Acting, engine: Engine
) -> None:
    is_away(rows, cast.officer, cover=case, by=cast.colleague)
    is_away(rows, cast.nurse)
    reports(acting, cast.teacher, name=f"{linked.given_name} {linked.family_name}", dob=linked.dob)
    assert stands_in(becomes(engine, cast.officer), HandReason.AWAY) == cast.colleague.id
    assert becomes(engine, cast.nurse) == Show(), "their team has an e-mail of its own"
    is_not_told(rows, cast.health_team)
    assert stands_in(becomes(engine, cast.nurse), HandReason.AWAY) == cast.health_team.id
    assert isinstance(becomes(engine, cast.social_worker), Send), "who is there is told themselves"


def test_whoever_has_no_address_that_works_hears_by_their_team(
    rows: Session, cast: Cast, linked: Child, acting: Acting, engine: Engine
) -> None:
    suspend(rows, cast.nurse)
    reports(acting, cast.teacher, name=f"{linked.given_name} {linked.family_name}", dob=linked.dob)
    assert becomes(engine, cast.nurse) == Show(), "their team has an e-mail of its own"
    is_not_told(rows, cast.health_team)
    assert stands_in(becomes(engine, cast.nurse), HandReason.ADDRESS) == cast.health_team.id


@time_machine.travel(OFFICE_HOURS, tick=False)  # at night the number that is answered then is named
def test_a_desk_that_may_not_see_it_and_has_no_address_is_said_to_have_none_and_somebody_there_hears(
    rows: Session, cast: Cast, client_for: ClientFor, engine: Engine
) -> None:
    desk = rows.get_one(Team, cast.police_other_team.id)
    desk.desks, desk.duty_phone = [Desk.MISSING], "01632 960773"
    rows.commit()
    suspend(rows, desk)
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    client = client_for(cast.teacher)
    answer = client.submit("/missing/report", reported())
    words = words_of(client, str(answer.location))
    assert f"{desk.name} cannot be reached by e-mail: {STANDS_IN} Or ring 01632 960773." in words
    mailed = words.partition("Told by e-mail now, and in the portal: ")[2].partition(".")[0]
    assert mailed
    assert desk.name not in mailed
    (standing,) = [to for sent, to in waiting(engine) if sent.recipient_team_id == desk.id]
    assert stands_in(standing, HandReason.ADDRESS) == cast.police_team.id


def test_whoever_is_away_finds_in_the_portal_whom_to_ring(
    rows: Session, cast: Cast, linked: Child, acting: Acting, engine: Engine, client_for: ClientFor
) -> None:
    is_away(rows, cast.nurse)
    reports(acting, cast.teacher, name=f"{linked.given_name} {linked.family_name}", dob=linked.dob)
    is_not_told(rows, cast.health_team)
    ((message, standing),) = [one for one in waiting(engine) if one[0].recipient_id == cast.nurse.id]
    assert isinstance(standing, HandOn)
    with engine.begin() as connection:
        redirect(connection, message, standing)
    shown = message_to(rows, cast.nurse, event=None, ground="linked")
    assert PHONE in words_of(client_for(cast.nurse), f"/go/{shown}")
    assert client_for(cast.stranger).get(f"/go/{shown}").status_code == 404
