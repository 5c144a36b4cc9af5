"""The lists of missing children: filtered, sorted, in pages, of those alone whom the reader is to know of."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.queries import listing
from portal.records.cases.model import Case
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.missing import make_episode

ClientFor = Callable[[User | None], Client]


def missing(rows: Session, cast: Cast, family: str, hours: int, **more: object) -> MissingEpisode:
    """A child on whose open case social care and the police work, missing for so many hours."""
    child = make_child(rows, "Tansy", family)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)
    since = clock.now() - timedelta(hours=hours)
    return make_episode(rows, child, cast.officer, since=since, team=cast.police_team, **more)


def families(page: BeautifulSoup) -> list[str]:
    return [one.get_text().split()[-1] for one in page.select("#list-page tbody th a")]


def sorted_by(page: BeautifulSoup) -> dict[str, object]:
    return {one.get_text(): one["aria-sort"] for one in page.select("#list-page th[aria-sort]")}


@pytest.fixture
def three(rows: Session, cast: Cast) -> None:
    missing(rows, cast, "Quillfeather", 3, grade="low", missing_from="school", police_reference="DP-1")
    missing(rows, cast, "Aldermoor", 9, grade=None, status="away")
    missing(rows, cast, "Mirkwhistle", 1, grade="high", host_authority="derby")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Mirkwhistle", "Aldermoor", "Quillfeather"]),
        ("sort=-urgent", ["Quillfeather", "Aldermoor", "Mirkwhistle"]),
        ("sort=child", ["Aldermoor", "Mirkwhistle", "Quillfeather"]),
        ("sort=since", ["Aldermoor", "Quillfeather", "Mirkwhistle"]),
        ("grade=low", ["Quillfeather"]),
        ("grade=not_graded", ["Aldermoor"]),
        ("grade=low&grade=high", ["Mirkwhistle", "Quillfeather"]),
        ("status=away", ["Aldermoor"]),
        ("place=school", ["Quillfeather"]),
        ("authority=derby", ["Mirkwhistle"]),
        ("look=no_log", ["Mirkwhistle", "Aldermoor"]),
        ("look=found", []),
        ("look=ours", ["Mirkwhistle", "Aldermoor", "Quillfeather"]),
        ("look=mine", []),
    ],
)
def test_who_is_missing_now_is_filtered_and_sorted(
    cast: Cast, three: None, client_for: ClientFor, query: str, found: list[str]
) -> None:
    page = client_for(cast.officer).soup(f"/missing?{query}")
    assert families(page) == found
    if not found:
        assert "Nothing fits these filters" in page.get_text()
        assert page.find("a", string="Clear all filters")


def test_a_head_sorts_the_list_and_says_how_it_is_sorted(
    cast: Cast, three: None, client_for: ClientFor
) -> None:
    officer = client_for(cast.officer)
    assert sorted_by(officer.soup("/missing")) == {"Police grade": "ascending"}
    page = officer.soup("/missing?sort=-child")
    assert sorted_by(page) == {"Child": "descending"}
    assert "By family name, from Z to A" in page.select("#list-says")[0].get_text()


def test_answers_say_how_many_they_fit_of_those_whom_the_reader_is_to_know_of(
    rows: Session, cast: Cast, three: None, client_for: ClientFor
) -> None:
    def counted(person: User) -> str:
        boxes = client_for(person).soup("/missing").select("#filter-form label")
        said = [" ".join(one.get_text(" ").split()) for one in boxes]
        return next(one for one in said if one.startswith("Not graded yet"))

    sealed = missing(rows, cast, "Sealwharf", 2, grade=None)
    case = rows.scalars(select(Case).filter_by(child_id=sealed.child_id)).one()
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert counted(cast.social_worker) == "Not graded yet 1"
    for person in (cast.social_worker, cast.coordinator, cast.neighbour):
        assert "Sealwharf" not in client_for(person).get("/missing?sort=child").text, person.name
    assert families(client_for(cast.teacher).soup("/missing?grade=high")) == []


def test_pages_go_on_after_the_last_row_and_hold_nobody_twice(
    rows: Session, cast: Cast, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 2})
    for number, family in enumerate(("Ashcombe", "Brackwater", "Copplestone", "Dunnerholme", "Emberley")):
        missing(rows, cast, family, number + 1, grade="high" if number == 3 else None)
    officer = client_for(cast.officer)
    for query in ("", "?sort=child", "?sort=-since", "?grade=not_graded"):
        page, seen = officer.soup(f"/missing{query}"), []
        while True:
            seen += families(page)
            more = page.find("a", rel="next")
            if more is None:
                break
            assert "Ashcombe" not in str(more["href"])
            page = officer.soup(str(more["href"]))
        assert len(seen) == len(set(seen)) == (4 if "grade" in query else 5), query


def test_who_is_back_and_whose_talk_is_outstanding_are_lists_of_their_own(
    rows: Session, cast: Cast, three: None, client_for: ClientFor
) -> None:
    now = clock.now()
    missing(rows, cast, "Waitwell", 90, returned_at=now - timedelta(hours=60), how_found="police")
    back = now - timedelta(hours=30)
    missing(rows, cast, "Talkwell", 80, returned_at=back, prevention_at=now, how_found="carer")
    missing(rows, cast, "Longback", 2000, returned_at=now - timedelta(days=40))
    officer = client_for(cast.officer)
    assert families(officer.soup("/missing?show=returned")) == ["Talkwell", "Waitwell"]
    assert families(officer.soup("/missing?show=returned&talk=outstanding")) == ["Waitwell"]
    assert families(officer.soup("/missing?show=returned&how=carer")) == ["Talkwell"]
    assert families(officer.soup("/missing?show=prevention")) == ["Longback", "Waitwell"]
    assert families(officer.soup("/missing?show=prevention&sort=-back")) == ["Waitwell", "Longback"]
    tabs = [" ".join(one.get_text(" ").split()) for one in officer.soup("/missing").select("nav a")]
    for said in ("Missing or away now 3", "Back lately 2", "Prevention interview outstanding 2"):
        assert said in tabs
    page = client_for(cast.teacher).soup("/missing?show=prevention")
    assert "None is outstanding" in page.get_text()


def test_a_list_without_a_child_says_what_to_do(cast: Cast, client_for: ClientFor) -> None:
    page = client_for(cast.teacher).soup("/missing")
    (empty,) = page.select(".app-empty")
    assert "report it at once" in empty.get_text()
    assert empty.find("a", href="/missing/report")


def test_a_view_is_saved_for_whoever_saved_it_alone(cast: Cast, three: None, client_for: ClientFor) -> None:
    officer = client_for(cast.officer)
    officer.submit("/missing?grade=not_graded", {"name": "To grade"})
    assert "To grade" in officer.soup("/missing").get_text()
    assert "To grade" not in client_for(cast.colleague).soup("/missing").get_text()
