"""The pages of what is of concern: recording, changing, linking; for whoever sees it, and for nobody else."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child, NameKey
from portal.records.concerns.model import Concern, ConcernKey, ConcernLink, ConcernNote, ConcernRelease
from portal.records.concerns.presenter.words import OF_A_CHILD
from portal.records.people.model import TeamMember, User
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import add_note, link, make_concern, release

ClientFor = Callable[[User | None], Client]


def typed(name: str, day: date) -> dict[str, str]:
    """A date as it is typed."""
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def heading(page: BeautifulSoup) -> str:
    """The heading of a page."""
    return page.h1.get_text(" ", strip=True) if page.h1 else ""


def words(page: BeautifulSoup) -> str:
    """What a page says."""
    return page.main.get_text(" ", strip=True) if page.main else ""


def told(**changes: Any) -> dict[str, Any]:
    """A form on which something is recorded."""
    return {"once": str(uuid4()), **typed("review_on", clock.today() + timedelta(days=90)), **changes}


@pytest.mark.parametrize("kind", ["place", "person", "vehicle", "phone", "account", "group"])
def test_each_kind_has_questions_of_its_own(cast: Cast, client_for: ClientFor, kind: str) -> None:
    client = client_for(cast.teacher)
    assert client.soup("/concerns/new").find("a", string=True)
    page = client.soup(f"/concerns/new/{kind}")
    names = {one.get("name") for one in page.select("form input, form select, form textarea")}
    own = {
        "place": "own_place_kind",
        "person": "also_child",
        "vehicle": "own_registration",
        "phone": "own_number",
        "account": "own_handle",
        "group": "own_area",
    }
    assert own[kind] in names
    assert ("do_not_approach" in names) == (kind == "person")


def test_what_is_recorded_stands_on_its_page_and_in_the_list(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.teacher)
    said = told(
        own_registration="zz12 zzz",
        own_make="Marrowby Estate",
        own_colour="Silver",
        description="Waits at the gate",
        risk="medium",
    )
    answer = client.submit("/concerns/new/vehicle", said)
    made = rows.scalars(select(Concern)).one()
    assert answer.location == f"/concerns/{made.reference}"
    page = client.soup(answer.location)
    assert "Silver Marrowby Estate, ZZ12 ZZZ" in heading(page)
    assert "Waits at the gate" in words(page)
    assert made.reference in client.soup("/concerns?kind=vehicle").get_text()
    assert made.reference not in client.soup("/concerns?kind=place").get_text()
    assert made.reference in client_for(cast.officer).soup("/concerns").get_text()
    assert made.reference not in client_for(cast.nurse).soup("/concerns").get_text()


def test_what_is_wrong_comes_back_as_it_was_typed(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.teacher)
    answer = client.submit("/concerns/new/place", told(name="", description="", risk="enormous"))
    assert answer.status_code == 422
    past = told(name="Zubrowka Arcade", **typed("review_on", clock.today() - timedelta(days=2)))
    answer = client.submit("/concerns/new/place", past)
    assert answer.status_code == 422
    assert 'value="Zubrowka Arcade"' in answer.text


@pytest.mark.parametrize("who", ["nurse", "community_safety", "stranger", "social_worker"])
@pytest.mark.parametrize(
    "path",
    [
        *("", "/network", "/history", "/change", "/review", "/end", "/reopen", "/police-status", "/grade"),
        *("/release", "/hold", "/owner", "/links/new", "/notes/new"),
    ],
)
def test_whoever_does_not_see_it_finds_nothing_at_any_of_its_addresses(
    rows: Session, cast: Cast, client_for: ClientFor, who: str, path: str
) -> None:
    person = make_concern(rows, cast.teacher, kind="person", name="Zed Grubb")
    client = client_for(getattr(cast, who))
    fragment = {"HX-Request": "true", "HX-Target": "main#main-content", "HX-Request-Type": "partial"}
    for headers in ({}, fragment):
        answer = client.get(f"/concerns/{person.reference}{path}", headers=headers)
        assert answer.status_code in {403, 404}, answer.status_code
        assert "Grubb" not in answer.text
    guessed = client.get(f"/concerns/CON-0000-0000{path}")
    assert guessed.status_code in {403, 404}
    signed_out = client_for(None).get(f"/concerns/{person.reference}{path}")
    assert signed_out.status_code in {302, 303, 401}


def test_who_sees_it_and_may_not_is_told_why(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    person = make_concern(rows, cast.teacher, kind="person", name="Zed Grubb")
    client = client_for(cast.officer)
    for path in ("/change", "/review", "/end", "/release", "/hold", "/owner"):
        assert client.get(f"/concerns/{person.reference}{path}").status_code == 403
    assert client_for(cast.teacher).get(f"/concerns/{person.reference}/police-status").status_code == 403
    assert client.get(f"/concerns/{person.reference}/police-status").status_code == 200


def test_a_look_leaves_a_row_for_it_and_for_each_child_that_it_names(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    place = make_concern(rows, cast.officer)
    link(rows, place, rows.get_one(Child, case.child_id), cast.officer)
    client_for(cast.officer).soup(f"/concerns/{place.reference}")
    seen = rows.execute(
        select(AuditEvent.subject_id, AuditEvent.child_id).where(AuditEvent.action == "concern:view")
    ).all()
    assert {tuple(one) for one in seen} == {(place.id, None), (place.id, case.child_id)}


def test_a_child_and_a_thing_are_linked_by_their_references(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    place = make_concern(rows, cast.officer)
    car = make_concern(rows, cast.officer, kind="vehicle", name="Silver, ZZ12 ZZZ")
    client, address = client_for(cast.officer), f"/concerns/{place.reference}/links/new"
    client.soup(f"{address}?to={child.reference}")
    refused = client.submit(address, {"other": "CHD-0000-0000", "handling": "network", "role": "seen_there"})
    assert refused.status_code == 422
    assert "You see no child" in refused.text
    assert client.submit(address, {"handling": "network"}).status_code == 422
    for other, role in ((child, "seen_there"), (car, "seen_at")):
        said = {"other": other.reference.lower(), "handling": "network", "words": "Fridays", "role": role}
        assert client.submit(address, said).status_code == 303
        page = client.soup(f"/concerns/{place.reference}").get_text(" ", strip=True)
        assert (OF_A_CHILD in page) is (other is child), "said of every child, whoever works with it"
    assert f"{child.given_name} {child.family_name}" in page
    assert "Silver, ZZ12 ZZZ" in page
    worker = client_for(cast.social_worker)
    assert worker.get(f"/concerns/{place.reference}").status_code == 404, "so it is: they lead the case"
    (told,) = rows.scalars(select(OutboxMessage).filter_by(recipient_id=cast.social_worker.id))
    words = worker.soup(f"/go/{told.id}").get_text(" ", strip=True)
    assert "Ring whoever answers for it" in words
    assert cast.police.name in words
    assert place.name not in words
    neighbour = client_for(cast.neighbour).soup(f"/concerns/{place.reference}").get_text(" ", strip=True)
    assert child.family_name not in neighbour
    assert "Silver, ZZ12 ZZZ" in neighbour
    made = rows.scalars(select(ConcernLink).where(ConcernLink.child_id == child.id)).one()
    end = f"/concerns/{place.reference}/links/{made.id}/end"
    assert client_for(cast.neighbour).get(end).status_code == 404
    assert client.submit(end, {"words": "It was another child"}).status_code == 303
    assert client.get(end).status_code == 404


def test_a_child_whose_record_one_does_not_read_is_not_linked(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child, place = rows.get_one(Child, case.child_id), make_concern(rows, cast.officer)
    said = {"other": child.reference, "handling": "network", "role": "seen_there"}
    answer = client_for(cast.neighbour).submit(f"/concerns/{place.reference}/links/new", said)
    assert answer.status_code == 422
    assert rows.scalars(select(ConcernLink)).all() == []


def test_notes_keep_their_handling_on_the_page(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    place = make_concern(rows, cast.officer)
    client = client_for(cast.officer)
    address = f"/concerns/{place.reference}/notes/new"
    assert client.submit(address, {"text": " "}).status_code == 422
    said = {"text": "Wrenfold was seen", "handling": "own"}
    assert client.submit(address, said).status_code == 303
    assert "Wrenfold" in client.soup(f"/concerns/{place.reference}").get_text()
    assert "Wrenfold" not in client_for(cast.coordinator).soup(f"/concerns/{place.reference}").get_text()
    assert rows.scalars(select(ConcernNote.handling)).all() == ["own"]


def test_an_agency_sees_it_from_its_release_until_it_is_taken_back(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    place = make_concern(rows, cast.officer)
    owner, nurse = client_for(cast.officer), client_for(cast.nurse)
    address = f"/concerns/{place.reference}"
    assert nurse.get(address).status_code == 404
    said = {"agency": str(cast.health.id), "reason": "They treat children who were there"}
    assert owner.submit(f"{address}/release", said).status_code == 303
    assert nurse.get(address).status_code == 200
    made = rows.scalars(select(ConcernRelease)).one()
    taken = f"{address}/releases/{made.id}/withdraw"
    assert nurse.submit(taken).status_code == 403
    assert owner.submit(taken).status_code == 303
    assert nurse.get(address).status_code == 404


def test_the_steps_of_its_owner(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    place = make_concern(rows, cast.officer, owner_team_id=cast.police_team.id)
    client, address = client_for(cast.officer), f"/concerns/{place.reference}"
    client.soup(f"{address}/change")
    said = {
        "name": "Zubrowka Snooker",
        "description": "Renamed",
        "reason": "It has a new sign",
        "version": "1",
    }
    assert client.submit(f"{address}/change", said).status_code == 303
    clash = client.submit(f"{address}/change", said | {"name": "Other"})
    assert clash.status_code == 409
    client.soup(f"{address}/review")
    found = {"words": "Still open", "version": "2", "risk": "high"}
    found |= typed("review_on", clock.today() + timedelta(days=30))
    assert client.submit(f"{address}/review", found).status_code == 303
    grades = {"source_grade": "2", "information_grade": "B", "handling_code": "P", "version": "3"}
    assert client.submit(f"{address}/grade", grades).status_code == 303
    history = client.soup(f"{address}/history").get_text(" ", strip=True)
    assert "Zubrowka Arcade → Zubrowka Snooker" in history
    assert client.submit(f"{address}/hold", {"words": "Runs now", "version": "4"}).status_code == 303
    assert client_for(cast.neighbour).get(address).status_code == 404
    assert client.submit(f"{address}/end", {"words": "Closed down", "version": "5"}).status_code == 303
    assert client.get(f"{address}/end").status_code == 404
    again = {"words": "Open again", **typed("review_on", clock.today() + timedelta(days=30))}
    assert client.submit(f"{address}/reopen", again).status_code == 303
    given = {"team": str(cast.health_team.id), "words": "They run it", "version": "7"}
    assert client.submit(f"{address}/owner", given).status_code == 303
    assert client_for(cast.nurse).get(address).status_code == 200


def test_police_say_how_they_know_a_person(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    person = make_concern(rows, cast.teacher, kind="person", name="Zed Grubb", do_not_approach=True)
    client = client_for(cast.neighbour)
    said = {"status": "suspect", "words": "An investigation", "version": "1"}
    assert client.submit(f"/concerns/{person.reference}/police-status", said).status_code == 303
    page = client_for(cast.teacher).soup(f"/concerns/{person.reference}").get_text(" ", strip=True)
    assert "Suspect" in page
    assert "Do not approach this person" in page


def test_pages_take_few_statements_however_much_hangs_on_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str]
) -> None:
    place = make_concern(rows, cast.officer, keys=["name:zubrowka arcade"])
    for n in range(12):
        other = make_concern(rows, cast.officer, kind="vehicle", name=f"Marrowby {n}")
        link(rows, other, place, cast.officer)
        add_note(rows, place, cast.officer, text=f"Note {n}")
    link(rows, place, rows.get_one(Child, case.child_id), cast.officer)
    release(rows, place, cast.health, cast.officer)
    client = client_for(cast.officer)
    for address in (
        f"/concerns/{place.reference}",
        f"/concerns/{place.reference}/network",
        f"/concerns/{place.reference}/history",
        f"/cases/{case.reference}/network",
        "/concerns",
    ):
        client.soup(address)
        statements.clear()
        client.soup(address)
        reads = [
            one
            for one in statements
            if one.lstrip().lower().startswith(("select", "with")) and "ctx.arrive" not in one
        ]
        assert len(reads) <= 8, f"{address}: {len(reads)}\n" + "\n".join(one[:120] for one in reads)


def test_whoever_is_in_several_teams_says_which_answers_for_it(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    rows.add(TeamMember(team_id=cast.police_other_team.id, user_id=cast.officer.id))
    rows.commit()
    client, said = client_for(cast.officer), told(name="Zubrowka Arcade")
    assert "Choose which of your teams" in client.submit("/concerns/new/place", said).text
    chosen = said | {"team": str(cast.police_other_team.id)}
    assert client.submit("/concerns/new/place", chosen).status_code == 303
    assert rows.scalars(select(Concern.owner_team_id)).all() == [cast.police_other_team.id]
    stolen = said | {"team": str(cast.health_team.id), "once": str(uuid4())}
    assert client.submit("/concerns/new/place", stolen).status_code == 422


def test_what_it_can_be_linked_to_is_what_one_reads(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    place, child = make_concern(rows, cast.officer), rows.get_one(Child, case.child_id)
    people = (
        make_concern(rows, cast.teacher, kind="person", name="Pale Quonset", sensitivity=1),
        make_concern(rows, cast.teacher, kind="person", name="Ivo Marsk"),
    )
    rows.add(NameKey(child_id=child.id, key=f"t:{child.family_name.lower()}"))
    rows.add_all(
        ConcernKey(concern_id=one.id, key=f"letters:{one.name.split()[1].lower()}") for one in people
    )
    rows.commit()
    address = f"/concerns/{place.reference}/links"

    def offered(client: Client, typed: str) -> list[str]:
        page = client.page_of(client.submit(f"{address}/find", {"typed": typed}))
        return [one.get_text(strip=True) for one in page.select("#pick-results li > a")]

    own, neighbour = client_for(cast.officer), client_for(cast.neighbour)
    assert offered(own, child.family_name) == [f"{child.given_name} {child.family_name}"]
    assert offered(own, "marsk") == offered(neighbour, "Marsk") == ["Ivo Marsk"]
    assert offered(own, "Quonset") == offered(neighbour, child.family_name) == []
    by_reference = own.submit(f"{address}/find", {"typed": child.reference.lower()})
    assert by_reference.location == f"{address}/new?to={child.reference}"
    assert neighbour.submit(f"{address}/find", {"typed": child.reference}).status_code == 200
    for client, name in ((own, child.family_name), (neighbour, None)):
        led = client.get(f"{address}/new?to={child.reference}")
        assert (led.status_code, led.location) == ((200, None) if name else (303, f"{address}/find"))
        assert (child.family_name in led.text) is bool(name)
