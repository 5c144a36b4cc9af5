"""Where a page of a list begins, as its address says it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from portal.queries import paging
from portal.queries.paging import OddCursor
from tests.cases.test_page import ClientFor
from tests.cast import Cast

ID = UUID("01a21e64-822d-7c30-a939-6937af652e51")


@dataclass(frozen=True)
class OfAll(paging.Cursor):
    rank: int
    at: datetime
    on: date
    id: UUID


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 27, 8, 30, 1, 999_999, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_place_is_read_as_it_was_written(at: datetime) -> None:
    place = OfAll(3, at, date(2027, 2, 1), ID)
    assert OfAll.read(str(place)) == place
    assert str(place).isascii()


@pytest.mark.parametrize("typed", [None, ""])
def test_without_a_place_the_list_begins_at_its_beginning(typed: str | None) -> None:
    assert OfAll.read(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "1",
        "1.2.20270201",
        f"1.2.20270201.{ID}.4",
        f"x.2.20270201.{ID}",
        f"1.{10**40}.20270201.{ID}",
        f"1.2.20270230.{ID}",
        "1.2.20270201.nobody",
        "\N{RIGHT-TO-LEFT OVERRIDE}",
    ],
)
def test_what_names_no_place_is_refused(typed: str) -> None:
    with pytest.raises(OddCursor):
        OfAll.read(typed)


@pytest.mark.parametrize(
    "place", ["/cases?after=x", "/sent?after=2026-11-27_1", "/orders?after=20260230~1", "/concerns?after=..."]
)
def test_a_page_says_what_is_wrong_with_its_address(client_for: ClientFor, cast: Cast, place: str) -> None:
    answer = client_for(cast.officer).get(place)
    assert answer.status_code == 400
    assert "Open the list from its beginning" in answer.text
    assert "reload" not in answer.text, "that would ask for the same again"
