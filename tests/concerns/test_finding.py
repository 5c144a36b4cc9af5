"""What may be the same is offered to look at, and what is known is found by what people type."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.pathway.characters import read_nhs_number
from portal.records.concerns.model import Concern, ConcernDifference, ConcernLink, ConcernNote
from portal.records.disclosures.model import TakenCopy
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.concerns.conftest import Acting, records
from tests.concerns.test_pages import told, words
from tests.factories.concerns import make_concern, release

ClientFor = Callable[[User | None], Client]


def test_the_same_registration_is_offered_to_look_at_and_can_be_told_apart(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    keys = ["reg:ZZ12ZZZ", "half:ZZ12", "half:ZZZ"]
    details = {"registration": "ZZ12 ZZZ"}
    one, other = (
        make_concern(rows, cast.officer, kind="vehicle", name=name, details=details, keys=keys)
        for name in ("Silver Marrowby", "Grey Marrowby")
    )
    hidden = make_concern(
        rows, cast.teacher, kind="vehicle", name="Pale Quonset", details=details, keys=keys, sensitivity=1
    )
    client, address = client_for(cast.officer), f"/concerns/{one.reference}"
    alike = client.soup(address).select_one("section[aria-labelledby=alike]")
    assert alike is not None
    assert "Same registration" in alike.get_text()
    assert "Grey Marrowby" in alike.get_text()
    assert hidden.name not in client.soup(address).get_text()
    part = client.submit("/concerns/new/vehicle", told(own_registration="ZZ12"))
    assert part.status_code == 200
    assert "A part of the registration fits" in part.text
    assert client.submit(f"{address}/not-the-same/{other.reference}").status_code == 303
    assert client.submit(f"{address}/not-the-same/{hidden.reference}").status_code == 404
    assert client.soup(address).select_one("section[aria-labelledby=alike]") is None
    made = rows.scalars(select(ConcernDifference)).one()
    assert client.submit(f"/concerns/{other.reference}/differences/{made.id}/undo").status_code == 303
    assert client.soup(address).select_one("section[aria-labelledby=alike]") is not None
    assert client.submit(f"{address}/the-same/{other.reference}").location == f"{address}#links"
    assert client.soup(address).select_one("section[aria-labelledby=alike]") is None, "what is linked is said"
    assert client.submit(f"{address}/the-same/{hidden.reference}").status_code == 404


def test_what_is_of_another_kind_is_offered_to_be_linked_and_never_as_the_same(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    keys = ["reg:ZZ12ZZZ"]
    details = {"registration": "ZZ12 ZZZ"}
    car = make_concern(rows, cast.officer, kind="vehicle", name="Silver Marrowby", details=details, keys=keys)
    driver = make_concern(rows, cast.officer, kind="person", name="Ivo Marsk", keys=keys)
    other = make_concern(rows, cast.officer, kind="person", name="Zed Grubb", keys=keys)
    client, address = client_for(cast.officer), f"/concerns/{car.reference}"
    page = client.soup(address)
    assert page.select_one("section[aria-labelledby=alike]") is None
    beside = page.select_one("section[aria-labelledby=beside]")
    assert beside is not None
    assert "May belong to it" in beside.get_text()
    assert beside.select_one(f'a[href="{address}/links/new?to={driver.reference}"]') is not None
    client.submit(f"{address}/the-same/{driver.reference}")
    assert rows.scalars(select(ConcernLink)).all() == [], "a person is not the same as a vehicle"
    assert client.submit(f"{address}/not-the-same/{other.reference}").status_code == 303
    said = {"other": driver.reference, "handling": "network", "role": "belongs_to"}
    assert client.submit(f"{address}/links/new", said).status_code == 303
    page = client.soup(address)
    assert page.select_one("section[aria-labelledby=beside]") is None
    apart = page.select_one("section[aria-labelledby=differences]")
    assert apart is not None
    assert "Not linked to Zed Grubb" in apart.get_text(" ", strip=True)
    recording = client.submit("/concerns/new/vehicle", told(own_registration="ZZ12 ZZZ")).text
    assert recording.count("It is this one") == 1, "a person is not the vehicle"


def test_what_looks_alike_is_shown_before_another_is_recorded(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    known = make_concern(rows, cast.officer, keys=["name:zubrowka arcade"])
    client, said = client_for(cast.officer), told(name="The Zubrowka Arcade", description="Fights on Fridays")
    asked = client.submit("/concerns/new/place", said)
    assert asked.status_code == 200
    assert known.reference in asked.text
    used = client.submit("/concerns/new/place", said | {"looked": "yes", "use": known.reference})
    assert used.location == f"/concerns/{known.reference}"
    assert rows.scalars(select(ConcernNote.text)).all() == ["Fights on Fridays"]
    assert client.submit("/concerns/new/place", said | {"looked": "yes"}).status_code == 303
    assert len(rows.scalars(select(Concern)).all()) == 2


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zubrowka", {"Zubrowka Arcade"}),
        ("arcade the zubrowka", {"Zubrowka Arcade"}),
        ("DE1 1AA", {"Zubrowka Arcade"}),
        ("zz12zzz", {"Silver, ZZ12 ZZZ"}),
        ("ZZ12", {"Silver, ZZ12 ZZZ"}),
        ("+44 7700 900 123", {"07700 900123"}),
        ("Arcade Bowling", set()),
        ("quonset", set()),
        ("", set()),
    ],
)
def test_it_is_found_by_what_is_typed_into_the_page(
    rows: Session, cast: Cast, client_for: ClientFor, acting: Acting, typed: str, found: set[str]
) -> None:
    records(acting, cast.officer, details={"postcode": "de11aa"})
    records(
        acting, cast.officer, "vehicle", name="", details={"registration": "ZZ12 ZZZ", "colour": "Silver"}
    )
    records(acting, cast.officer, "phone", name="", details={"number": "07700 900123"})
    records(acting, cast.teacher, "person", name="Pale Quonset", restricted=True)
    client = client_for(cast.officer)
    page = client.page_of(client.submit("/concerns/find", {"typed": typed}))
    assert {one.get_text(strip=True) for one in page.select(".app-page-list > li > a")} == found


SPOKEN_OF: list[tuple[str, dict[str, Any], str]] = [
    (
        "vehicle",
        {"name": "", "details": {"registration": "ZZ12 ZZZ", "colour": "Silver"}},
        "Silver, ZZ12 ZZZ",
    ),
    ("phone", {"name": "", "details": {"number": "07700 900123"}}, "07700 900123"),
    ("person", {"name": "Zed Grubbington"}, "Zed Grubbington"),
]


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("zz12zzz", "Silver, ZZ12 ZZZ"),
        ("ZZ12", "Silver, ZZ12 ZZZ"),
        ("07700 900123", "07700 900123"),
        ("7700900123", "07700 900123"),
        ("0123", "07700 900123"),
        ("Zed Grubbington", "Zed Grubbington"),
        ("grubb", "Zed Grubbington"),
    ],
)
def test_the_one_search_finds_plates_phones_and_people_for_those_who_see_them(
    rows: Session, cast: Cast, client_for: ClientFor, acting: Acting, typed: str, fits: str
) -> None:
    """The colleague is of the agency that recorded it; another agency reads what it was shown alone."""
    made = {shown: records(acting, cast.officer, kind, **facts) for kind, facts, shown in SPOKEN_OF}
    release(rows, made[fits], cast.health, by=cast.officer)
    hidden = records(acting, cast.teacher, "person", name="Zed Grubbington Quonset", restricted=True)
    for person in (cast.officer, cast.colleague, cast.nurse):
        assert things_found(client_for(person), typed) == [fits], person.name
    for person in (cast.stranger, cast.social_worker):
        assert things_found(client_for(person), typed) == [], person.name
    assert things_found(client_for(cast.nurse), "ZZ12 0123 grubbington") == []
    others = {shown for _, _, shown in SPOKEN_OF} - {fits}
    for other in others:
        assert things_found(client_for(cast.nurse), other) == [], "it was not shown to that agency"
    assert hidden.name not in client_for(cast.officer).submit("/search", {"sought": typed}).text


def things_found(client: Client, sought: str) -> list[str]:
    """The names of what of concern a search shows."""
    page = client.page_of(client.submit("/search", {"sought": sought}))
    return [one.get_text(strip=True) for one in page.select("[aria-labelledby=found-things] li > a")]


def test_a_number_that_is_no_nhs_number_is_said_and_looked_for_all_the_same(
    rows: Session, cast: Cast, client_for: ClientFor, acting: Acting
) -> None:
    phone = records(acting, cast.officer, "phone", name="", details={"number": "07700 900123"})
    for person, finds in ((cast.officer, True), (cast.colleague, True), (cast.stranger, False)):
        answer = client_for(person).submit("/search", {"sought": "7700900123"})
        assert answer.status_code == 422
        assert "Check the NHS number: it has a wrong or swapped digit" in answer.text
        assert (phone.reference in answer.text) is finds, person.name
        assert "Nothing that you may see fits" not in answer.text
    seen = select(AuditEvent.details).where(AuditEvent.action == "child:search").order_by(AuditEvent.id)
    assert [one["records"] for one in rows.scalars(seen)] == [[phone.reference], [phone.reference], []]


def test_to_link_it_too_such_a_number_is_said_to_be_wrong_and_looked_for_all_the_same(
    cast: Cast, client_for: ClientFor, acting: Acting
) -> None:
    phone = records(acting, cast.officer, "phone", name="", details={"number": "07700 900123"})
    place = records(acting, cast.officer, "person", name="Zed Grubbington")
    officer, address = client_for(cast.officer), f"/concerns/{place.reference}/links/find"
    found = officer.submit(address, {"typed": "7700900123"})
    assert "Check the NHS number: it has a wrong or swapped digit" in found.text
    assert phone.reference in found.text
    nothing = officer.submit(address, {"typed": "943 476 5910"}).text
    assert "Check the NHS number: it has a wrong or swapped digit" in nothing
    assert "Nothing that you may link fits" not in nothing


def test_a_number_that_could_be_an_nhs_number_is_looked_for_as_a_phone_too(
    cast: Cast, client_for: ClientFor, acting: Acting
) -> None:
    records(acting, cast.officer, "phone", name="", details={"number": "07700 900116"})
    assert read_nhs_number("7700900116")
    assert things_found(client_for(cast.officer), "7700900116") == ["07700 900116"]


def test_a_reference_leads_to_its_page_from_both_searches(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    place = make_concern(rows, cast.officer)
    for who, status in ((cast.officer, 303), (cast.nurse, 200)):
        answer = client_for(who).submit("/concerns/find", {"typed": place.reference.lower()})
        assert answer.status_code == status
        sought = client_for(who).submit("/search", {"sought": place.reference})
        assert sought.location == (f"/concerns/{place.reference}" if who is cast.officer else None)


def test_police_find_people_by_how_they_know_them_and_nobody_else_does(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    make_concern(rows, cast.teacher, kind="person", name="Zed Grubb")
    make_concern(rows, cast.officer, kind="person", name="Ivo Marsk", police_status="suspect")
    make_concern(rows, cast.teacher, kind="person", name="Pale Quonset", sensitivity=1)
    client = client_for(cast.officer)
    workspace = words(client.soup("/police"))
    assert "People of concern 1 waiting" in workspace
    unsaid, suspects = (
        words(client.soup("/police/people?status=not_said")),
        words(client.soup("/police/people?status=suspect")),
    )
    assert "Zed Grubb" in unsaid
    assert "Ivo Marsk" not in unsaid
    assert "Quonset" not in unsaid
    assert "Ivo Marsk" in suspects
    assert "Zed Grubb" not in suspects
    every = client.soup("/police/people?sort=name")
    assert [one.get_text(strip=True) for one in every.select("tbody th a")] == ["Ivo Marsk", "Zed Grubb"]
    assert "Not said yet 1" in words(every)
    link = client.soup("/police/people?status=suspect").select_one("a[href*=csv]")
    assert link
    answer = client.get(str(link["href"]))
    (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (line["Name"], line["How police know them"]) == ("Ivo Marsk", "Suspect")
    assert b"Quonset" not in client.get("/police/people.csv").data
    assert rows.scalars(select(TakenCopy.subject_reference)).all() == ["people-of-concern"] * 2
    for person in (cast.nurse, cast.coordinator, cast.teacher, cast.governance):
        for address in ("/police/people", "/police/people.csv"):
            assert client_for(person).get(address).status_code == 403, (person.name, address)
