"""Whose duty a review is, where it is listed, and who hears that something was given or shown to them."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.concerns.holding import hand_over, release
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.concerns.conftest import Acting, acts, records
from tests.factories.concerns import make_concern

ClientFor = Callable[[User | None], Client]


def told(rows: Session, kind: str) -> set[object]:
    """Who is told of something by messages of a kind, about what their subject says."""
    found = rows.execute(
        select(OutboxMessage.recipient_id, OutboxMessage.recipient_team_id)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(OutboxMessage.kind == kind, OutboxSubject.subject_kind == "concern")
    )
    return {row.recipient_id or row.recipient_team_id for row in found}


def test_a_review_stands_where_its_team_looks_for_what_is_due(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    late = make_concern(
        rows,
        cast.officer,
        owner_team_id=cast.police_team.id,
        review_on=clock.today() - timedelta(days=2),
    )
    client = client_for(cast.officer)
    for address in ("/police", "/work"):
        page = client.soup(address)
        ways = {str(one.get("href")) for one in page.select("main a")}
        assert f"/concerns/{late.reference}" in ways, address
    assert "Zubrowka" in client.soup("/work").get_text()
    assert late.reference not in client_for(cast.neighbour).soup("/work").get_text()
    assert late.reference not in client_for(cast.nurse).soup("/work").get_text()


def test_whoever_answers_for_it_from_now_on_hears_of_it(rows: Session, cast: Cast, acting: Acting) -> None:
    made = records(acting, cast.coordinator, "person", name="Zed Grubb")
    acts(acting, cast.coordinator, made, hand_over, team=cast.police_team, reason="They know him")
    assert told(rows, "given") >= {cast.police_team.id, cast.officer.id}


def test_an_agency_hears_that_it_may_see_something(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    made = records(acting, cast.officer)
    acts(acting, cast.officer, made, release, agency_id=cast.health.id, reason="They treat children there")
    assert told(rows, "concern_shown") == {cast.health_team.id, cast.nurse.id}
    client = client_for(cast.nurse)
    [way] = client.soup("/messages").select("main a[href^='/go/']")
    assert client.get(str(way["href"])).location == f"/concerns/{made.reference}"
    cast.health.lead_id = cast.nurse.id
    rows.commit()
    again = records(acting, cast.officer, name="Another arcade")
    acts(acting, cast.officer, again, release, agency_id=cast.health.id, reason="The same")
    subjects = rows.scalars(
        select(OutboxMessage.recipient_id)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(OutboxSubject.subject_id == again.id, OutboxMessage.kind == "concern_shown")
    ).all()
    assert subjects == [cast.nurse.id]
