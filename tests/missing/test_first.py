"""Which children who are missing are named first, and that those for whom there is no room are counted."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.pages.waiting import NAMED
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.vocabulary import MissingStatus
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.test_pages import ClientFor


def missing_child(
    rows: Session, cast: Cast, family: str, days: int, grade: str | None, worker: User | None = None
) -> Case:
    """A child with a case, on which the police work, who is missing for so many days."""
    child = make_child(rows, "Brontide", family)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=worker)
    since = clock.now() - timedelta(days=days)
    make_episode(rows, child, cast.neighbour, since=since, team=cast.police_other_team, grade=grade)
    return case


def named_on(client_for: ClientFor, person: User, page: str) -> list[str]:
    """The families of the children in the bands of a page, in its order."""
    bands = (
        client_for(person)
        .soup(page, follow_redirects=True)
        .select("section.app-missing strong:first-of-type")
    )
    return [
        one.get_text().split(":")[0].split()[-1] for one in bands if "missing now" in one.get_text().lower()
    ]


def listed(client_for: ClientFor, person: User) -> list[str]:
    """The families of the children who are missing now, in the order of the list."""
    soup = client_for(person).soup("/missing")
    head = soup.find(id="now")
    table = head.find_next("table") if head else None
    assert table is not None
    assert "highest police grade first" in soup.select("#list-says")[0].get_text().lower()
    return [one.get_text().split()[-1] for one in table.select("tbody th a")]


@pytest.fixture
def five(rows: Session, cast: Cast) -> None:
    """One of each grade, and one whom nobody graded: the graver the grade, the shorter missing."""
    for days, (family, grade) in enumerate(
        (("High", "high"), ("Medium", "medium"), ("Ungraded", None), ("Low", "low"), ("Unrisked", "none")), 1
    ):
        missing_child(rows, cast, f"{family}ton", days, grade)


def test_the_highest_grade_of_the_police_stands_first_however_long_the_others_are_missing(
    cast: Cast, five: None, client_for: ClientFor
) -> None:
    order = ["Highton", "Mediumton", "Ungradedton", "Lowton", "Unriskedton"]
    assert listed(client_for, cast.officer) == order
    assert named_on(client_for, cast.officer, "/home") == order[:NAMED]
    words = client_for(cast.officer).soup("/home", follow_redirects=True).get_text(" ", strip=True)
    assert "1 more is missing or away now, none of them at police grade high." in words


def test_at_one_grade_the_children_whose_case_one_leads_or_works_on_stand_before_the_longest(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    for days in range(10, 10 + NAMED):
        missing_child(rows, cast, f"Faraway{days}", days, None)
    led = missing_child(rows, cast, "Ledwell", 2, None)
    led.lead_professional_id = cast.social_worker.id
    rows.commit()
    missing_child(rows, cast, "Workwell", 1, None, worker=cast.officer)
    assert named_on(client_for, cast.social_worker, "/home")[0] == "Ledwell"
    assert named_on(client_for, cast.officer, "/home")[0] == "Workwell"
    assert listed(client_for, cast.officer)[:2] == ["Workwell", "Faraway13"]
    words = client_for(cast.officer).soup("/home", follow_redirects=True).get_text(" ", strip=True)
    assert "2 more are missing or away now" in words


def test_a_case_that_is_over_puts_no_child_before_the_others(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    missing_child(rows, cast, "Longaway", 9, None)
    led = missing_child(rows, cast, "Closedwell", 2, None)
    led.lead_professional_id, led.state = cast.social_worker.id, "closed"
    rows.commit()
    assert listed(client_for, cast.social_worker) == ["Longaway", "Closedwell"]


def test_where_there_is_no_room_it_is_said_how_many_more_and_how_many_of_them_at_the_highest_grade(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    for days in range(1, NAMED + 3):
        missing_child(rows, cast, f"Gravely{days}", days, "high")
    missing_child(rows, cast, "Lightly", 20, "low")
    soup = client_for(cast.officer).soup("/home", follow_redirects=True)
    assert "3 more are missing or away now, 2 of them at police grade high." in soup.get_text(" ", strip=True)
    assert soup.find("a", href="/missing", string="All children who are missing or away now")


def test_a_child_whose_case_is_sealed_stands_first_for_whoever_leads_it_and_is_counted_for_nobody_else(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    for days in range(10, 10 + NAMED):
        missing_child(rows, cast, f"Faraway{days}", days, None)
    sealed = missing_child(rows, cast, "Sealwell", 1, None)
    sealed.lead_professional_id = cast.social_worker.id
    grant(rows, sealed, cast.social_worker, by=cast.coordinator)
    sealed.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert named_on(client_for, cast.social_worker, "/home")[0] == "Sealwell"
    assert (
        "1 more is missing or away now"
        in client_for(cast.social_worker).get("/home", follow_redirects=True).text
    )
    for person in (cast.officer, cast.nurse, cast.coordinator):
        shown = client_for(person).get("/home", follow_redirects=True).text
        assert "Sealwell" not in shown
        assert "more is missing or away now" not in shown, person.name


def test_triage_counts_the_children_who_are_missing_and_leads_to_them(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    def counted() -> str:
        counts = client_for(cast.coordinator).soup("/triage").select_one(".app-counts a[href='/missing']")
        assert counts is not None
        return counts.get_text(" ", strip=True)

    assert counted() == "0 missing or away now"
    missing_child(rows, cast, "Lightly", 3, "low")
    assert counted() == "1 missing or away now"
    missing_child(rows, cast, "Gravely", 1, "high")
    assert counted() == "2 missing or away now, 1 of them at police grade high"
    child = rows.query(Child).filter_by(family_name="Gravely").one()
    assert child.family_name not in client_for(cast.coordinator).get("/triage").text, (
        "it counts, and names nobody"
    )


def test_a_child_who_is_away_is_not_counted_as_one_whom_nobody_can_find(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    missing_child(rows, cast, "Lightly", 3, "low")
    rows.query(MissingEpisode).update({"status": MissingStatus.AWAY})
    rows.commit()
    for page in ("/triage", "/missing", "/home"):
        soup = client_for(cast.coordinator).soup(page, follow_redirects=True)
        heads = soup.select("title, nav, h1, h2, caption, .app-counts, .app-missing, #list-says")
        says = " ".join(" ".join(one.get_text(" ").split()).lower() for one in heads)
        assert "missing or away now" in says, page
        assert "missing now" not in says, page
