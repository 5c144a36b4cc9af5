"""Whom the hub’s list is for: who is told of a line finds it there, and what cannot wait comes first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject, Untold
from portal.messages.vocabulary import HandReason, UntoldReason
from portal.model import new_id
from portal.records.cases.model import AccessGrant, Case
from portal.records.people.model import Agency, Team, User
from portal.reminders import untold
from portal.reminders.claims import Waiting, waiting
from portal.vocabulary import Desk, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.missing.conftest import Acting, reports
from tests.missing.test_reporting import NAME, known
from tests.reminders.conftest import Send, behaviour, engine, morning, outbox, send
from tests.reminders.travel import away

__all__ = ["behaviour", "engine", "morning", "outbox", "send"]

ClientFor = Callable[[User], Client]


@pytest.fixture
def sealed(rows: Session, cast: Cast, morning: object) -> Case:
    """A sealed case: whoever leads it is away and nobody covers it, and one coordinator is named on it."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Agency, cast.social_care.id).authority = "derbyshire"
    case = known(rows, cast)
    for person in (cast.social_worker, cast.second_coordinator):
        grant(rows, case, person, by=cast.second_coordinator)
    case.lead_professional_id = cast.social_worker.id
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    away(rows, cast.social_worker, "2026-11-23", "2026-12-06")
    return case


def to_hub(rows: Session) -> set[tuple[object, str, str]]:
    """Who was told that somebody could not be told: whom, by which way, and what became of it."""
    rows.rollback()
    found = rows.scalars(select(OutboxMessage).filter(OutboxMessage.kind.like("nobody_told%")))
    return {(one.recipient_id or one.recipient_team_id, one.channel, one.state) for one in found}


def told(reader: Client) -> str:
    """What somebody reads of what they were told."""
    return " ".join(one.get_text() for one in reader.soup("/messages").select(".app-messages__item"))


def test_of_a_sealed_case_the_coordinator_who_reads_the_list_is_told_by_herself_and_nobody_else(
    rows: Session, cast: Cast, sealed: Case, acting: Acting, send: Send, client_for: ClientFor
) -> None:
    reports(acting, cast.teacher, name=NAME)
    send()
    send()
    assert to_hub(rows) == {(cast.second_coordinator.id, "mail", "accepted")}
    named = client_for(cast.second_coordinator)
    assert "omebody could not be told" in told(named)
    words = named.soup("/messages/untold").select_one(".app-messages__item")
    assert words is not None
    line = words.get_text(" ", strip=True)
    assert f"{cast.social_worker.name}: A child was reported missing" in line
    assert "At that time: away, and nobody else who may see it can be told" in line
    (message,) = rows.scalars(select(OutboxMessage).filter_by(kind="nobody_told_urgent"))
    assert named.get(f"/go/{message.id}").location == "/messages/untold"
    assert rows.scalars(select(OutboxSubject.reference).filter_by(message_id=message.id)).one() is None
    for person in (cast.coordinator, cast.teacher, cast.stranger, cast.social_care_manager):
        assert "could not be told" not in told(client_for(person)), person.name
    assert sealed.reference not in client_for(cast.coordinator).get("/messages/untold").text
    with acting(cast.coordinator):
        assert not db.session.scalar(select(func.ctx.hub_not_told())), "as the health page asks"


def test_while_no_coordinator_reads_a_sealed_case_the_hub_hears_that_something_is_wrong(
    rows: Session, cast: Cast, sealed: Case, acting: Acting, send: Send
) -> None:
    rows.execute(delete(AccessGrant).where(AccessGrant.user_id == cast.second_coordinator.id))
    rows.commit()
    reports(acting, cast.teacher, name=NAME)
    send()
    told_of = {who for who, _, _ in to_hub(rows)}
    assert {cast.hub_team.id, cast.coordinator.id} <= told_of


def test_while_the_only_coordinator_who_reads_a_sealed_case_is_away_the_hub_hears_that_something_is_wrong(
    rows: Session, cast: Cast, sealed: Case, acting: Acting, send: Send, client_for: ClientFor
) -> None:
    away(rows, cast.second_coordinator, "2026-11-23", "2026-12-06")
    reports(acting, cast.teacher, name=NAME)
    send()
    send()
    told_of = {who for who, _, _ in to_hub(rows)}
    assert {cast.hub_team.id, cast.coordinator.id, cast.second_coordinator.id} <= told_of
    assert (cast.hub_team.id, "mail", "accepted") in to_hub(rows), "at the duty address"
    at_work = client_for(cast.coordinator)
    assert "omebody could not be told" in told(at_work)
    page = at_work.get("/messages/untold").text
    assert "whoever is named at the hub is away or cannot be reached: ring whoever manages the hub" in page
    messages = at_work.get("/messages").text
    for words in (sealed.reference, "Quenthelby", cast.social_worker.name):
        assert words not in page
        assert words not in messages
    for person in (cast.teacher, cast.stranger, cast.social_care_manager):
        assert "could not be told" not in told(client_for(person)), person.name


def test_of_a_case_that_every_coordinator_knows_of_the_whole_hub_is_told(
    rows: Session, cast: Cast, sealed: Case, acting: Acting, engine: Engine
) -> None:
    sealed.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    reports(acting, cast.teacher, name=NAME)
    with engine.begin() as connection:
        waits = [Waiting.of(row) for row in connection.execute(waiting())]
        (message,) = [one for one in waits if one.recipient_id == cast.social_worker.id]
        untold.note(connection, message, UntoldReason.NOT_SENT)
    found = {who for who, _, _ in to_hub(rows)}
    assert found >= {cast.hub_team.id, cast.coordinator.id, cast.second_coordinator.id}


@pytest.mark.parametrize("reason", list(HandReason))
def test_each_reason_for_which_nobody_is_told_is_said_on_the_list(reason: HandReason) -> None:
    assert untold.WHY[reason].label


def test_the_list_begins_with_what_cannot_wait_and_what_is_new_and_goes_on_page_by_page(
    rows: Session, cast: Cast, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.messages.unreached.PAGE", 2)
    now = clock.now()
    for name, urgent, ago in (
        ("A", False, 1),
        ("B", True, 9),
        ("C", False, 5),
        ("D", True, 2),
        ("E", True, 2),
    ):
        rows.add(
            Untold(
                id=new_id(), event="warning_set", ground="worker", reason="nobody", subject_kind="team",
                subject_id=cast.hub_team.id, reference=f"REF-{name}", urgent=urgent,
                created_at=now - timedelta(days=ago), seen_to_words="",
            )
        )  # fmt: skip
        rows.commit()
    client, page, shown = client_for(cast.coordinator), "/messages/untold", list[str]()
    while page:
        soup = client.soup(page)
        shown += [one.get_text() for one in soup.select(".app-messages .app-reference")]
        further = soup.select_one(".app-pages a[rel=next]")
        page = str(further["href"]) if further else ""
    assert shown == ["REF-E", "REF-D", "REF-B", "REF-A", "REF-C"]
