"""The list of cases as somebody asks for it: filtered, sorted, a page at a time, as a view and as a file."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import SavedFilter
from portal.deadlines.model import Deadline
from portal.messages.model import CaseNews
from portal.model import new_id
from portal.queries import listing
from portal.records.cases import lists
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.disclosures.model import TakenCopy
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cases.pages import attribute, part, words
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case, make_child

SignIn = Callable[[User], Client]
NAMES = ("Zelphane", "Aldwyss", "Mirquell", "Brunhox", "Corvane", "Taliqua", "Ewenholt")


@pytest.fixture
def cases(rows: Session, cast: Cast) -> list[Case]:
    """Seven cases of the police team, with every level and with dates on both sides of today."""
    found = []
    for place, family in enumerate(NAMES):
        child = make_child(rows, "Ada", f"{family}-Qx", dob=date(2010 + place % 4, 5, 4))
        case = make_case(
            rows,
            child,
            lead=cast.social_care,
            opened_by=cast.coordinator,
            lead_professional_id=cast.social_worker.id if place % 2 else None,
            district="high_peak" if place < 3 else "chesterfield",
            types=["cse"] if place % 2 else ["cce"],
        )
        involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer if place < 5 else None)
        case.level = (None, "high", "medium", "low")[place % 4]
        case.level_since = date(2026, 11, 2) if case.level else None
        deadline = rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).one()
        deadline.due_at = clock.now() + timedelta(days=place - 3, hours=1)
        found.append(case)
    rows.commit()
    return found


def shown(page: BeautifulSoup) -> list[str]:
    """The children on a page, in its order."""
    return [one.get_text(strip=True) for one in page.select("#list-page tbody th a:first-child")]


def walk(client: Client, address: str) -> list[str]:
    """The children on all pages of a list."""
    found: list[str] = []
    while address:
        page = client.soup(address)
        found += shown(page)
        after = page.select_one('a[rel="next"]')
        address = str(after["href"]) if after else ""
    return found


def team_list(cast: Cast, **query: str) -> str:
    said = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/cases?whose={cast.police_team.id}{said}"


def test_each_head_sorts_the_list_and_says_so(cast: Cast, cases: list[Case], client_for: SignIn) -> None:
    client = client_for(cast.officer)
    by_name = sorted(f"Ada {one}-Qx" for one in NAMES)
    page = client.soup(team_list(cast))
    assert attribute(page, "th[aria-sort]", "aria-sort") == "ascending", "the usual order is said too"
    heads = {one.get_text(strip=True): str(one["href"]) for one in page.select("thead a")}
    assert set(heads) == {"Child", "Level", "Lead", "Next date", "Last entry"}
    page = client.soup(heads["Child"])
    assert shown(page) == by_name
    assert [one.get_text(strip=True) for one in page.select("th[aria-sort]")] == ["Child"]
    again = {one.get_text(strip=True): str(one["href"]) for one in page.select("thead a")}
    page = client.soup(again["Child"])
    assert shown(page) == by_name[::-1]
    assert attribute(page, "th[aria-sort]", "aria-sort") == "descending"
    assert shown(client.soup(heads["Next date"])) == [f"Ada {one}-Qx" for one in NAMES]


@pytest.mark.parametrize(
    "sort", ["", *(f"{sign}{one.code}" for one in lists.CASES.sorts for sign in ("", "-"))]
)
def test_pages_of_each_order_hold_each_case_once(
    cast: Cast, cases: list[Case], client_for: SignIn, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    client = client_for(cast.officer)
    whole = shown(client.soup(team_list(cast, sort=sort)))
    monkeypatch.setattr(lists, "PAGE", 2)
    paged = walk(client, team_list(cast, sort=sort))
    assert paged == whole
    assert sorted(paged) == sorted(f"Ada {one}-Qx" for one in NAMES)


def test_a_page_goes_on_where_it_ended_whatever_others_write_meanwhile(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last row of a page gets another name and leaves the team: no other row is lost or doubled."""
    monkeypatch.setattr(lists, "PAGE", 3)
    client = client_for(cast.officer)
    page = client.soup(team_list(cast, sort="child"))
    first, after = shown(page), attribute(page, 'a[rel="next"]', "href")
    last = rows.scalars(select(Child).where(Child.family_name == first[-1].removeprefix("Ada "))).one()
    last.family_name = "Zzumbrel"
    rows.commit()
    rest = walk(client, after)
    assert rest[:3] == sorted(f"Ada {one}-Qx" for one in NAMES)[3:6], "what followed still follows"
    gone = next(one for one in cases if one.child_id == last.id)
    rows.execute(update(Case).where(Case.id == gone.id).values(sensitivity=int(Sensitivity.RESTRICTED)))
    rows.commit()
    assert walk(client, after) == sorted(f"Ada {one}-Qx" for one in NAMES)[3:]


def test_no_name_stands_in_the_address_of_a_page(
    cast: Cast, cases: list[Case], client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    for sort in ("child", "lead"):
        page = client_for(cast.officer).soup(team_list(cast, sort=sort))
        after = parse_qs(urlsplit(attribute(page, 'a[rel="next"]', "href")).query)["after"][0]
        assert after.count(".") == 4, "sealed: five parts of which none can be read"
        assert client_for(cast.officer).get(team_list(cast, sort=sort, after="x.y")).status_code == 400


@pytest.mark.parametrize(
    "after", ["x", "n1", "n1.m1.uff", "t" + "a" * 3_000, "n1.n1.n1", "n1.m9" + "9" * 40 + ".n1", "n²"]
)
def test_a_place_that_makes_no_sense_is_refused(
    cast: Cast, cases: list[Case], client_for: SignIn, after: str
) -> None:
    assert client_for(cast.officer).get(team_list(cast, sort="-level", after=after)).status_code == 400


def test_filters_narrow_the_list_and_are_taken_away_one_by_one(
    cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    client = client_for(cast.officer)
    page = client.soup(team_list(cast, level="high", district="high_peak", sort="child"))
    assert shown(page) == ["Ada Aldwyss-Qx"]
    assert "1 case" in words(page, "#list-says")
    chosen = {
        one.get_text(" ", strip=True)[:-2]: str(one["href"]) for one in page.select(".app-chosen__item")
    }
    assert set(chosen) == {"Remove Level: High", "Remove District: High Peak"}
    assert shown(client.soup(chosen["Remove District: High Peak"])) == ["Ada Aldwyss-Qx", "Ada Taliqua-Qx"]
    assert not shown(client.soup(team_list(cast, level="high", look="turns_18")))
    assert len(shown(client.soup(team_list(cast, level="nonsense", sort="nonsense")))) == len(NAMES)


def test_what_each_answer_fits_is_counted(cast: Cast, cases: list[Case], client_for: SignIn) -> None:
    page = client_for(cast.officer).soup(team_list(cast))
    counts = {str(one["for"]): one.get_text(" ", strip=True) for one in page.select("#filter-form label")}
    assert counts["level-1"] == "High 2"
    assert counts["level-5"] == "Not assessed 2"
    assert "Something overdue 3" in counts.values()
    assert "1 to" not in words(page, "#list-says")
    assert "7 cases" in words(page, "#list-says")
    tabs = [one.get_text(" ", strip=True) for one in page.select('nav[aria-label="Views"] a')]
    assert tabs[:2] == ["All open 7", "High 2"]


@pytest.mark.parametrize(
    ("look", "fits"),
    [("overdue", 3), ("quiet", 7), ("no_safety_plan", 7), ("missing", 0), ("restricted", 0), ("turns_18", 0)],
)
def test_what_one_looks_out_for(
    cast: Cast, cases: list[Case], client_for: SignIn, look: str, fits: int
) -> None:
    assert len(shown(client_for(cast.officer).soup(team_list(cast, look=look)))) == fits


def test_who_turns_18_is_found_by_the_day(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    today = clock.today()
    soon = date(today.year - 18, today.month, min(today.day, 28)) + timedelta(days=60)
    rows.execute(update(Child).where(Child.id == cases[0].child_id).values(dob=soon))
    rows.commit()
    assert shown(client_for(cast.officer).soup(team_list(cast, look="turns_18"))) == [f"Ada {NAMES[0]}-Qx"]


def test_a_worker_is_chosen_among_the_people_of_ones_agency(
    cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    client = client_for(cast.officer)
    page = client.soup(team_list(cast))
    offered = {one.get_text(strip=True) for one in page.select('label[for^="worker-"]')}
    assert cast.officer.name in offered
    assert cast.social_worker.name not in offered
    assert len(shown(client.soup(team_list(cast, worker=str(cast.officer.id))))) == 5


def test_the_file_holds_what_the_page_shows_and_stands_on_the_ledger(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    client = client_for(cast.officer)
    page = client.soup(team_list(cast, district="chesterfield", sort="-child"))
    answer = client.get(attribute(page, "a[href*=csv]", "href"))
    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [one["Child"] for one in lines] == shown(page)
    for line, row in zip(lines, page.select("#list-page tbody tr"), strict=True):
        said = row.get_text(" ", strip=True)
        for column, value in line.items():
            assert value in said, (column, said)
    taken = rows.scalars(select(TakenCopy).where(TakenCopy.kind == "list")).all()
    assert {one.case_id for one in taken} == {one.id for one in cases[3:]}
    assert {(one.taken_by, one.size) for one in taken} == {(cast.officer.id, len(answer.data))}


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+41", "-2", "@SUM(A1)", "\tx", " =1+1"])
def test_no_cell_of_a_file_is_a_formula(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn, name: str
) -> None:
    rows.execute(update(Child).where(Child.id == cases[0].child_id).values(given_name=name, family_name="Qx"))
    rows.commit()
    data = client_for(cast.officer).get(f"/cases/list.csv?whose={cast.police_team.id}").data
    cells = [one["Child"] for one in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]
    assert f"'{name} Qx" in cells


def test_nobody_else_reads_a_case_by_list_filter_or_file(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    """A colleague of the team reads them; a stranger of another team and another agency read none of them."""
    for address in (team_list(cast), team_list(cast, level="high"), team_list(cast, sort="child")):
        assert shown(client_for(cast.colleague).soup(address))
        for other in (cast.stranger, cast.neighbour):
            assert not shown(client_for(other).soup(address))
    for person, lines in ((cast.colleague, 7), (cast.stranger, 0), (cast.neighbour, 0)):
        data = client_for(person).get(f"/cases/list.csv?whose={cast.police_team.id}").data.decode()
        assert data.count("-Qx") == lines, person.name


def test_the_closed_and_the_named_have_the_same_orders(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    grant(rows, cases[6], cast.neighbour, by=cast.coordinator)
    client = client_for(cast.neighbour)
    assert shown(client.soup("/cases?whose=mine&sort=child")) == [f"Ada {NAMES[6]}-Qx"]
    assert shown(client.soup("/cases?whose=mine&sort=child&show=closed")) == []
    assert len(shown(client_for(cast.officer).soup("/cases?whose=mine&sort=-entry"))) == 5


def save(client: Client, address: str, name: str, **more: str) -> None:
    assert client.submit(address, {"name": name, **more}).status_code == 303


def test_a_view_is_saved_begun_with_and_removed_by_its_owner_alone(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    client, colleague = client_for(cast.officer), client_for(cast.colleague)
    save(client, team_list(cast, level="high", sort="-child"), "High, by name", default="y")
    page = client.soup("/cases", follow_redirects=True)
    assert shown(page) == ["Ada Taliqua-Qx", "Ada Aldwyss-Qx"]
    assert attribute(page, '[aria-current="page"][href*="level=high"]', "href")
    assert "High, by name" in words(page, 'nav[aria-label="Views"]')
    assert "High, by name" not in words(colleague.soup(team_list(cast)))
    view = rows.scalars(select(SavedFilter)).one()
    for other in (colleague, client_for(cast.neighbour)):
        other.submit(team_list(cast), {"view": str(view.id), "remove": "y"})
        other.submit(team_list(cast), {"view": str(view.id), "begin": "y"})
    rows.expire_all()
    assert rows.scalars(select(SavedFilter)).one().is_default
    client.submit(team_list(cast), {"view": str(view.id), "everything": "y"})
    assert len(shown(client.soup("/cases"))) == 5, "mine come first again"
    client.submit(team_list(cast), {"view": str(view.id), "remove": "y"})
    rows.expire_all()
    assert not rows.scalars(select(SavedFilter)).all()


def test_a_view_holds_codes_and_nothing_that_somebody_typed_into_the_address(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    client = client_for(cast.officer)
    save(client, team_list(cast, level="high", sought="Zelphane", district="Zelphane"), "High")
    assert rows.scalars(select(SavedFilter)).one().query == {
        "whose": [str(cast.police_team.id)],
        "level": ["high"],
    }
    for address, name in ((team_list(cast, level="high"), " "), (team_list(cast), "Nothing chosen")):
        answer = client.submit(address, {"name": name}, follow_redirects=True)
        assert "Give the view a name" in answer.text or "Choose something" in answer.text
    assert len(rows.scalars(select(SavedFilter)).all()) == 1


def test_of_very_many_a_filter_looks_through_so_many_at_a_time(
    cast: Cast, cases: list[Case], client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (lists, listing):
        monkeypatch.setattr(module, "MOST", 3)
    client = client_for(cast.officer)
    address = team_list(cast, district="chesterfield")
    page = client.soup(address)
    assert "of the 3 cases that were looked through" in words(page, "#list-says, .app-empty")
    assert not [one for one in page.select("thead a") if one.get_text(strip=True) == "Child"]
    assert sorted(walk(client, address)) == sorted(f"Ada {one}-Qx" for one in NAMES[3:])
    answer = client.get(f"/cases/list.csv?whose={cast.police_team.id}", follow_redirects=True)
    assert "There are more than" in answer.text
    assert sorted(walk(client, team_list(cast))) == sorted(f"Ada {one}-Qx" for one in NAMES)


def test_the_panel_works_without_a_script(cast: Cast, cases: list[Case], client_for: SignIn) -> None:
    form = part(client_for(cast.officer).soup(team_list(cast, sort="child")), "#filter-form")
    assert (form["method"], form["action"]) == ("get", "/cases")
    kept = {str(one["name"]): str(one["value"]) for one in form.select('input[type="hidden"]')}
    assert kept == {"whose": str(cast.police_team.id), "sort": "child"}
    assert form.select_one('button[type="submit"]')


def test_what_is_counted_is_of_whoever_asks_and_of_the_moment(
    rows: Session, cast: Cast, cases: list[Case], client_for: SignIn
) -> None:
    """What counts a list is built once for all: nothing of one person or moment stays in it for the next."""
    by = {"by_id": cast.social_worker.id, "by_agency_id": cast.social_care.id}
    subject = {"case_id": cases[0].id, "subject_kind": "cre_case", "subject_id": cases[0].id}
    rows.add(CaseNews(id=new_id(), event="case.opened", at=clock.now(), **subject, **by))
    rows.commit()

    def counted(person: User) -> str:
        page = client_for(person).soup(team_list(cast))
        return " ".join(one.get_text(" ", strip=True) for one in page.select("#filter-form label"))

    for _ in range(2):
        assert "New to you 1" in counted(cast.officer)
        assert "New to you 0" in counted(cast.colleague), "who works on none of them"
    assert "Something overdue 3" in counted(cast.officer)
    with clock.telling(clock.now() + timedelta(days=2)):
        assert "Something overdue 5" in counted(cast.officer)
    assert "Something overdue 3" in counted(cast.officer)
