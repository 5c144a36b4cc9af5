"""What waits for the police to release: their own and the hub's, the longest waiting first, and no other."""

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from tests.cases.pages import words
from tests.cast import Cast
from tests.factories.cases import add_entry, make_case, make_child
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.intelligence.conftest import ClientFor

PLACE = "/police/intelligence"


def test_the_longest_waiting_is_first_and_what_is_released_or_bound_by_nothing_is_not_there(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    for days, by, handling in ((3, cast.officer, "network"), (5, cast.coordinator, "network")):
        entry = add_entry(rows, case, by, f"{days} days", handling=Handling(handling))
        made = make_grading(rows, entry, by, READING_ONLY, graded_at=clock.now() - timedelta(days=days))
    free, over = add_entry(rows, case, cast.officer), add_entry(rows, case, cast.officer)
    make_grading(rows, free, cast.officer)
    facts = {"released_by": cast.officer.id, "released_at": clock.now(), "release_reason": "Over"}
    make_grading(rows, over, cast.officer, READING_ONLY, **facts)
    page = client_for(cast.colleague).soup(PLACE)
    assert len(page.select("tbody tr")) == 2
    first = page.select_one("tbody tr")
    assert first
    assert str(made.entry_id) in str(first.select_one("a"))
    assert "Ada Fictional" in words(page)
    assert "Intelligence to release 2 waiting" in words(client_for(cast.colleague).soup("/police"))


def test_what_one_does_not_read_is_not_there_nor_counted(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    other = make_case(
        rows, make_child(rows, "Bea", "Quillhidden"), lead=cast.school, opened_by=cast.coordinator
    )
    make_grading(rows, add_entry(rows, other, cast.coordinator), cast.coordinator, READING_ONLY)
    of_hub = add_entry(rows, case, cast.coordinator, handling=Handling.OWN)
    make_grading(rows, of_hub, cast.coordinator, READING_ONLY)
    page = client_for(cast.officer).get(PLACE).text
    assert "Quillhidden" not in page
    assert "Nothing waits" in page
    assert "waits</strong>" not in client_for(cast.officer).get("/police").text


def test_pages_go_on_and_keep_to_their_statements(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, statements: list[str]
) -> None:
    for n in range(28):
        entry = add_entry(rows, case, cast.officer, f"{n}")
        at = clock.now() - timedelta(days=n)
        make_grading(rows, entry, cast.officer, READING_ONLY, graded_at=at)
    client = client_for(cast.officer)
    statements.clear()
    page = client.soup(PLACE)
    asked = [one for one in statements if "entry_grading" in one]
    assert len(asked) == 1
    assert len(page.select("tbody tr")) == 25
    more = page.find("a", href=lambda to: to and "after=" in to)
    assert more
    assert len(client.soup(str(more["href"])).select("tbody tr")) == 3


def test_it_is_closed_to_every_other_sector_page_and_fragment(client_for: ClientFor, cast: Cast) -> None:
    for who in ("nurse", "social_worker", "coordinator", "community_safety", "stranger", "governance"):
        for headers in ({}, {"HX-Request": "true", "HX-Target": "div#waiting-list"}):
            assert client_for(getattr(cast, who)).get(PLACE, headers=headers).status_code in {403, 404}, who
    assert client_for(None).get(PLACE).status_code == 303
