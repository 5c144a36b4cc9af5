"""What the bench says of rows that were read."""

import pytest
from flask import Flask
from sqlalchemy import text

from portal.extensions import db
from tests.bench import reads
from tests.bench.reads import MOST, Read, Reads, read, unlisted
from tests.cast import Cast

NOTHING = (0, 0, 0)


def test_a_table_that_is_read_through_is_said_however_few_its_rows() -> None:
    found = list(read({"deadline": (4, 900, 10)}, {"deadline": (5, 930, 10)}, "select 1"))
    assert found == [Read("deadline", True, 30, "select 1")]


def test_a_walk_is_said_once_it_is_too_long() -> None:
    assert not list(read({}, {"deadline": (0, 0, MOST)}, "select 1"))
    assert list(read({}, {"deadline": (0, 0, MOST + 1)}, "select 1")) == [
        Read("deadline", False, MOST + 1, "select 1")
    ]


def test_counts_that_began_anew_are_taken_as_they_are() -> None:
    assert not list(read({"deadline": (0, 0, 90_000)}, {"deadline": (0, 0, 12)}, "select 1"))


def test_what_the_list_gives_no_reason_for_is_said_with_its_longest_walk() -> None:
    walks = [Read("deadline", False, rows, f"statement {rows}") for rows in (3_000, 9_000, 4_000)]
    reads = [("/work", walk) for walk in walks]
    assert unlisted(reads, {}) == ["/work walks over 9000 rows of deadline: statement 9000"]
    assert not unlisted(reads, {"/work": {"deadline": "they end"}})
    assert not unlisted(reads, {"*": {"deadline": "they end"}})
    assert unlisted(reads, {"/cases": {"deadline": "they end"}})


@pytest.mark.parametrize(
    ("seqscan", "asked", "said"),
    [
        (
            "on",
            "select name from team order by name limit 1",
            {("team", True)},
        ),  # one row, through all of them
        ("off", "select name from team where id = :team", set()),
    ],
)
def test_the_database_says_itself_what_a_statement_read(
    app: Flask,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    seqscan: str,
    asked: str,
    said: set[tuple[str, bool]],
) -> None:
    monkeypatch.setattr(reads, "LARGE", -2)  # every table, those too that nobody counted yet
    found = Reads(watching=True)
    found.watch(app)
    with app.app_context():
        db.session.execute(text(f"set local enable_seqscan = {seqscan}"))
        db.session.execute(text(asked), {"team": cast.police_team.id} if ":team" in asked else {})
        db.session.rollback()
    found.watching = False
    assert {(one.table, one.whole) for one in found.found if one.table == "team"} == said
