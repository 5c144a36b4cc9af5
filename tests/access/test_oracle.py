"""The requirement said again in Python, against what everybody reads: every row of every table.

`ORACLE_WORLDS=40 ORACLE_SIZE=2 ORACLE_SEED=1000 pytest tests/access/test_oracle.py -s` looks longer.
"""

import os
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.demo import postgres
from tests import database
from tests.access.oracle.build import build, drift, happen
from tests.access.oracle.compare import compare, wait_until_soon_is_past
from tests.access.oracle.requirement import Person
from tests.access.oracle.tables import rules
from tests.access.oracle.truth import Truth, protected_tables

SEED = int(os.environ.get("ORACLE_SEED", "20261124"))
WORLDS = int(os.environ.get("ORACLE_WORLDS", "1"))
SIZE = int(os.environ.get("ORACLE_SIZE", "1"))

App = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def reader(server: postgres.Server, app: object) -> Iterator[App]:
    """A connection of the application's role."""
    address = server.url("portal_app", database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
def test_everybody_sees_what_the_requirement_says_and_nothing_else(
    rows: Session, owner: Engine, reader: App, seed: int
) -> None:
    world = build(rows, seed, SIZE)
    _look_anew(rows)
    wait_until_soon_is_past(world)
    first = compare(world, owner, reader)
    happen(world, 40 * SIZE)
    assert drift(world) == 0, "what triggers keep is not what they would make anew"
    _look_anew(rows)
    wait_until_soon_is_past(world)
    second = compare(world, owner, reader)
    found = first.differences + second.differences
    print(f"seed {seed}: {first.checks + second.checks:,} checks, {len(found)} differences")
    assert first.checks > 20_000, "the world is too small to prove anything"
    assert not found, "\n".join(map(str, found[:40]))


def _look_anew(rows: Session) -> None:
    """What the database knew of its tables may be from when they were empty, and its plans were bad ones."""
    rows.execute(text("analyze"))
    rows.commit()


def test_the_requirement_has_a_rule_for_every_table(owner: Engine, app: object) -> None:
    with owner.connect() as connection:
        known = set(rules(Person(Truth(connection), None, {})))
    missing = set(protected_tables()) - known
    assert not missing, f"say in tests/access/oracle/tables.py who sees {sorted(missing)}"
