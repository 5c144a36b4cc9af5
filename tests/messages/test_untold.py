"""Whoever could not be told is the hub's work until somebody says how they know."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject, Untold
from portal.messages.telling import to_people
from portal.messages.vocabulary import Ground, UntoldReason
from portal.records.cases.model import AccessGrant, Case
from portal.records.children.model import Child
from portal.records.orders.keeping import say_broken
from portal.records.orders.model import ConcernOrder
from portal.records.people.model import User
from portal.reminders.claims import Waiting, waiting
from portal.reminders.untold import note
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.concerns import make_concern
from tests.factories.orders import make_order
from tests.messages.test_telling import case, happens
from tests.missing.conftest import reports
from tests.missing.test_reporting import NAME, known
from tests.reminders.conftest import engine

__all__ = ["case", "engine"]

ClientFor = Callable[[User], Client]
Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def untold(rows: Session, cast: Cast) -> Untold:
    """Nobody at the police desk could be told of something."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    made = Untold(
        event="warning_set",
        ground="police_desk",
        reason="nobody",
        subject_kind="cre_case",
        subject_id=case.id,
        reference=case.reference,
        case_id=case.id,
        urgent=True,
        caused_by=cast.social_worker.id,
        created_at=clock.now(),
        seen_to_words="",
    )
    rows.add(made)
    rows.commit()
    return made


def test_the_hub_sees_it_and_says_how_they_were_told(
    rows: Session, cast: Cast, untold: Untold, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    page = client.get("/messages/untold").text
    assert "Each says how it was at that time: look first who has joined since" in page
    assert "At that time: " in page
    assert "Police missing desk: A warning was put on the case" in page
    assert "Urgent" in page
    place = f"/messages/untold/{untold.id}"
    refused = client.submit(place, {"words": " "})
    assert "Say how they were told" in refused.text
    said = {"words": "Rang the force control room at 21:10"}
    client.submit(place, said)
    assert (
        "Everybody who had to be told could be, as far as you may know."
        in client.get("/messages/untold").text
    )
    rows.refresh(untold)
    assert (untold.seen_to_by, untold.seen_to_words) == (cast.coordinator.id, said["words"])
    again = client.submit(place, said)
    assert "Somebody has seen to this already" in again.text


@pytest.mark.parametrize("who", ["nurse", "stranger", "social_care_manager", "governance"])
def test_nobody_else_opens_the_list(cast: Cast, untold: Untold, client_for: ClientFor, who: str) -> None:
    client = client_for(getattr(cast, who))
    assert client.get("/messages/untold").status_code in {403, 404}
    assert client.get(f"/messages/untold/{untold.id}").status_code in {403, 404}


def test_of_a_sealed_case_the_hub_learns_nothing_by_it(
    rows: Session, cast: Cast, untold: Untold, client_for: ClientFor
) -> None:
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        sensitivity=Sensitivity.SEALED,
    )
    untold.case_id, untold.reference = case.id, case.reference
    rows.commit()
    client = client_for(cast.coordinator)
    assert case.reference not in client.get("/messages/untold").text
    assert client.get(f"/messages/untold/{untold.id}").status_code == 404


def fails(rows: Session, engine: Engine) -> list[tuple[OutboxMessage, OutboxSubject]]:
    """The worker gives up on each e-mail that waits, twice over; what whoever caused it is shown."""
    for _ in range(2):
        with engine.begin() as connection:
            waits = [Waiting.of(row) for row in connection.execute(waiting()) if row.event == "warning_set"]
            for message in waits:
                note(connection, message, UntoldReason.NOT_SENT)
    rows.rollback()
    shown = select(OutboxMessage, OutboxSubject).join(OutboxSubject).filter(OutboxMessage.kind == "not_told")
    return [(row.OutboxMessage, row.OutboxSubject) for row in rows.execute(shown)]


def test_whoever_caused_it_is_shown_what_came_out_later_once_and_led_to_the_record(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, client_for: ClientFor
) -> None:
    given = {Ground.WORKER: to_people(cast.social_worker.id, cast.officer.id)}
    happens(acting, cast.nurse, case, "warning_set", given=given)
    ((message, about),) = fails(rows, engine)
    assert (message.recipient_id, message.channel, message.state) == (cast.nurse.id, "portal", "shown")
    assert about.subject_id == case.id
    words = "Somebody was not told of what you did"
    (line,) = client_for(cast.nurse).soup("/messages").select(".app-messages__item")
    assert words in line.get_text()
    assert client_for(cast.nurse).get(f"/go/{message.id}").location == f"/cases/{case.reference}"
    for who in (cast.social_worker, cast.officer, cast.stranger, cast.coordinator):
        lines = client_for(who).soup("/messages").select(".app-messages__item")
        assert not [one for one in lines if words in one.get_text()], who.name
        assert client_for(who).get(f"/go/{message.id}").status_code == 404


def test_whoever_caused_it_and_reads_it_no_more_hears_so_without_the_record(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, client_for: ClientFor
) -> None:
    happens(acting, cast.nurse, case, "warning_set")
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    ((message, about),) = fails(rows, engine)
    assert (about.subject_kind, about.reference, about.case_id) == ("app_user", None, None)
    assert case.reference not in client_for(cast.nurse).get("/messages").text
    assert client_for(cast.nurse).get(f"/go/{message.id}").status_code == 303


def test_whoever_caused_it_and_has_left_is_not_looked_for(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine
) -> None:
    happens(acting, cast.nurse, case, "warning_set")
    rows.get_one(User, cast.nurse.id).active = False
    rows.commit()
    assert fails(rows, engine) == []
    assert rows.scalars(select(Untold)).all(), "the hub has it on its list"


def test_whoever_is_hidden_from_who_caused_it_stays_so_where_they_cannot_be_told(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, client_for: ClientFor
) -> None:
    """A school reports the child of a sealed case: neither it nor the hub learns who works with it."""
    case = known(rows, cast)
    for person in (cast.nurse, cast.second_coordinator):
        grant(rows, case, person, by=cast.second_coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    reports(acting, cast.teacher, name=NAME)
    with engine.begin() as connection:
        waits = [Waiting.of(row) for row in connection.execute(waiting()) if row.event == "missing_reported"]
        (message,) = [one for one in waits if one.recipient_id == cast.nurse.id]
        note(connection, message, UntoldReason.NOT_SENT)
    rows.rollback()
    (found,) = rows.scalars(select(Untold).filter_by(recipient_id=cast.nurse.id))
    assert (found.case_id, found.caused_by) == (case.id, None)
    assert not rows.scalars(select(OutboxMessage).filter_by(kind="not_told")).all()
    listed = f"{cast.nurse.name}: A child was reported missing"
    assert listed in client_for(cast.second_coordinator).get("/messages/untold").text
    assert listed not in client_for(cast.coordinator).get("/messages/untold").text
    assert client_for(cast.coordinator).get(f"/messages/untold/{found.id}").status_code == 404
    rows.execute(delete(AccessGrant).where(AccessGrant.user_id == cast.nurse.id))
    rows.commit()
    with engine.begin() as connection:
        note(connection, message, UntoldReason.NOT_SENT)
    rows.rollback()
    noted = rows.scalars(select(Untold.case_id).filter_by(ground=message.ground)).all()
    assert noted == [case.id, case.id], "nor is it the hub’s that they were"


def test_whoever_may_not_see_an_order_and_cannot_be_told_is_not_named_to_who_broke_it(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    case = known(rows, cast)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    child = rows.get_one(Child, case.child_id)
    order = make_order(rows, man, cast.officer, protects=child, owner_team_id=cast.police_team.id)
    with acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        say_broken(actor=actor, order=held, on=clock.today(), words="In his car")
    with engine.begin() as connection:
        waits = [Waiting.of(row) for row in connection.execute(waiting()) if row.event == "order_broken"]
        for message in waits:
            note(connection, message, UntoldReason.NOT_SENT)
    rows.rollback()
    (hidden,) = rows.scalars(select(Untold).filter_by(ground="lead_unseen"))
    assert (hidden.recipient_id, hidden.case_id) == (cast.social_worker.id, case.id)
    assert hidden.caused_by is None
    named = set(rows.scalars(select(Untold.ground).filter_by(caused_by=cast.officer.id)))
    assert named == {"keeper", "hub"}
