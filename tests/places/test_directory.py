"""The directory: all who sign in read it, each agency keeps its own contacts and checks them in time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.pathway.calendar import add_months, end_of_day
from portal.records.people.model import User
from portal.records.places.model import DirectoryChange, DirectoryEntry
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | None], Client]

CONTACT: dict[str, Any] = {
    "role": "community_safety",
    "district": "erewash",
    "name": "Quenby Tarrant",
    "job": "Officer",
    "phone": "01632 960321",
    "email": "",
    "hours": "Mornings",
    "words": "",
}


def added(rows: Session, client: Client, **said: Any) -> DirectoryEntry:
    answer = client.submit("/directory/new", CONTACT | {"once": str(uuid4())} | said)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return rows.scalars(select(DirectoryEntry).order_by(DirectoryEntry.created_at.desc()).limit(1)).one()


def duties(rows: Session) -> list[Deadline]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(Deadline).order_by(Deadline.started_at)))


def test_a_contact_is_added_once_and_its_agency_owes_a_check_after_the_time_of_the_policy(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client, once = client_for(cast.community_safety), str(uuid4())
    for _ in range(2):
        entry = added(rows, client, once=once)
    (duty,) = duties(rows)
    assert (duty.kind, duty.directory_id, duty.owner_agency_id) == (
        "directory_check",
        entry.id,
        cast.council.id,
    )
    assert duty.due_at == end_of_day(add_months(clock.today(), 6))


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"phone": "", "email": ""}, {"role": "senior_practitioner"}, {"district": "york"}],
)
def test_a_contact_has_a_name_a_way_to_reach_it_and_a_role_of_its_sector(
    rows: Session, cast: Cast, client_for: ClientFor, wrong: dict[str, str]
) -> None:
    answer = client_for(cast.community_safety).submit("/directory/new", CONTACT | wrong)
    assert answer.status_code == 422
    assert rows.scalars(select(DirectoryEntry)).all() == []


def test_saying_that_it_still_holds_meets_the_duty_and_begins_the_next(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.community_safety)
    entry = added(rows, client)
    long_ago = clock.today() - timedelta(days=200)
    rows.execute(update(DirectoryEntry).values(checked_on=long_ago))
    rows.execute(update(Deadline).values(due_at=clock.now() - timedelta(days=9)))
    rows.commit()
    rows.execute(update(User).where(User.id == cast.community_safety.id).values(roles=["manager"]))
    rows.commit()
    work = client.soup("/work").select_one('a[href="/directory"]')
    assert work is not None
    page = client.get("/directory").get_data(as_text=True)
    assert "Ring before you rely on it" in page
    tasks = client.soup("/council").find("section", attrs={"aria-labelledby": "do"})
    assert tasks is not None
    home = tasks.get_text(" ", strip=True)
    assert "Directory 1 waiting" in home
    for _ in range(2):
        assert client.submit(f"/directory/{entry.id}/check", {"version": "1"}).status_code == 303
    before, after = duties(rows)
    assert (before.state, after.state) == ("done", "open")
    assert "Ring before" not in client.get("/directory").get_data(as_text=True)


def test_what_a_contact_said_before_stays_with_its_agency(
    rows: Session, cast: Cast, client_for: ClientFor, asking: Asking
) -> None:
    client = client_for(cast.community_safety)
    entry = added(rows, client)
    at = f"/directory/{entry.id}"
    assert client.submit(at, CONTACT | {"phone": "01632 960999", "version": "1"}).status_code == 303
    assert client.submit(at, CONTACT | {"phone": "01632 960111", "version": "1"}).status_code == 409
    assert "Work phone: was 01632 960321" in client.get(at).get_data(as_text=True)
    with asking(cast.officer) as session:
        assert session.scalars(select(DirectoryEntry.phone)).all() == ["01632 960999"]
        assert session.scalars(select(DirectoryChange.id)).all() == []
    assert client.submit(f"{at}/end", {"version": "2"}).status_code == 303
    assert client.get(at).status_code == 404
    assert CONTACT["name"] not in client.get("/directory").get_data(as_text=True)
    assert {duty.state for duty in duties(rows)} == {"done", "cancelled"}


def test_whoever_takes_out_what_was_just_put_right_sees_it_in_words(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.community_safety)
    entry = added(rows, client)
    at = f"/directory/{entry.id}"
    assert client.submit(at, CONTACT | {"hours": "Afternoons", "version": "1"}).status_code == 303
    late = client.submit(f"{at}/end", {"version": "1"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert late.status_code == 409
    shown = client.page_of(late).select(".app-versions")[0].get_text(" ", strip=True)
    assert "Asked for Community Safety Team" in shown
    assert "When they are there Afternoons" in shown
    rows.refresh(entry)
    assert entry.ended_at is None


@pytest.mark.parametrize("who", ["officer", "nurse", "governance", "administrator", "stranger"])
def test_everybody_reads_it_and_keeps_only_what_is_their_agency_s(
    rows: Session, cast: Cast, client_for: ClientFor, asking: Asking, who: str
) -> None:
    entry = added(rows, client_for(cast.community_safety))
    client = client_for(getattr(cast, who))
    page = client.get("/directory?district=erewash").get_data(as_text=True)
    assert CONTACT["name"] in page
    assert f"/directory/{entry.id}" not in page
    assert client.get(f"/directory/{entry.id}").status_code == 403
    for act in ("check", "end"):
        assert client.submit(f"/directory/{entry.id}/{act}", {"version": "1"}).status_code == 403
    assert client.get(f"/directory/{new_id()}").status_code == 404
    with asking(getattr(cast, who)) as session:
        assert changed(session, update(DirectoryEntry).values(phone="x")) == 0
        session.add(
            DirectoryEntry(
                id=new_id(),
                agency_id=cast.council.id,
                district="erewash",
                role="community_safety",
                name="x",
                checked_on=clock.today(),
                checked_by=getattr(cast, who).id,
                created_by=getattr(cast, who).id,
            )
        )
        with pytest.raises(DBAPIError):
            session.flush()


def test_a_visitor_is_sent_to_sign_in_and_reads_no_name_in_the_guidance(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    added(rows, client_for(cast.community_safety))
    added(rows, client_for(cast.officer), role="neighbourhood_police", name="Tavish Orrell")
    visitor, nurse = client_for(None), client_for(cast.nurse)
    assert visitor.get("/directory").status_code in {302, 303, 401}
    for page in ("/guidance/meetings", "/contacts"):
        assert CONTACT["name"] not in visitor.get(page).get_data(as_text=True)
        signed_in = nurse.get(page).get_data(as_text=True)
        assert CONTACT["name"] in signed_in
        assert "Tavish Orrell" not in signed_in  # the guidance names three roles
