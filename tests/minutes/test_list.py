"""The list of minutes that somebody was given: filtered, sorted, and of nobody else."""

from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.meetings.recorded import Recorded
from tests.minutes.test_reading import ClientFor, approve, distribute, held, with_sister

__all__ = ["held"]


def listed(page: BeautifulSoup) -> list[str]:
    return [one.get_text(" ", strip=True) for one in page.select("#list-page tbody th")]


def test_the_minutes_that_one_was_given_are_filtered_and_sorted(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    with_sister(rows, cast, held)
    chair, council = client_for(cast.chair), client_for(cast.community_safety)
    approve(chair, held)
    distribute(chair, held)
    every = listed(council.soup("/minutes"))
    assert len(every) == 3
    page = council.soup("/minutes?sort=-child")
    (head,) = page.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Minutes", "descending")
    assert "Quillsister" in listed(page)[0]
    assert "The whole meeting" in listed(page)[-1]
    assert listed(council.soup("/minutes?sort=-given"))[::-1] == every
    tabs = [" ".join(one.get_text(" ").split()) for one in page.select("nav a")]
    assert "Not opened 3" in tabs
    link = page.select("#list-page tbody th a")[0]
    council.soup(str(link["href"]))
    assert len(listed(council.soup("/minutes?opened=no"))) == 2
    assert "Quillsister" in "".join(listed(council.soup("/minutes?opened=yes")))
    assert "Nothing fits these filters" in council.soup("/minutes?kind=draft").get_text()


def test_nobody_else_reads_or_counts_them(cast: Cast, held: Recorded, client_for: ClientFor) -> None:
    chair = client_for(cast.chair)
    approve(chair, held)
    distribute(chair, held)
    for person in (cast.stranger, cast.neighbour, cast.teacher):
        for address in ("/minutes", "/minutes?sort=child", "/minutes?opened=no"):
            assert not listed(client_for(person).soup(address)), (person.name, address)
    page = client_for(cast.stranger).soup("/minutes")
    assert "have no minutes to read" in page.select(".app-empty")[0].get_text()
