"""An index on a large table is built while people go on writing, and again when an attempt was cut short."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from portal.access import upkeep

NAME = "ix_agency_tried"
WANTED = {NAME: "agency (name, code)"}
TWO_ALIKE = text(
    "insert into agency (id, code, name, sector, districts, active)"
    " values (gen_random_uuid(), 'a', 'Same', 'police', '{}', true),"
    " (gen_random_uuid(), 'b', 'Same', 'police', '{}', true)"
)


@pytest.fixture
def tables(app: Flask, owner: Engine) -> Iterator[Engine]:
    yield owner
    with owner.begin() as connection:
        connection.execute(text(f"drop index if exists {NAME}"))


def test_what_is_missing_is_built_once(tables: Engine) -> None:
    with tables.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert upkeep.build(connection, WANTED) == [NAME]
        assert upkeep.build(connection, WANTED) == []


def test_what_was_left_half_built_is_built_anew(tables: Engine) -> None:
    with tables.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(TWO_ALIKE)
        with pytest.raises(IntegrityError, match="could not create unique index"):
            upkeep.build(connection, {NAME: "unique agency (name)"})
        assert upkeep.build(connection, WANTED) == [NAME]
        assert upkeep.build(connection, WANTED) == [], "it is whole now"


def test_what_is_replaced_goes_once_it_is_not_needed(tables: Engine) -> None:
    modules = [SimpleNamespace(REPLACED={NAME: "agency (name, code)"}), SimpleNamespace()]
    assert upkeep.replaced(modules) == [NAME]
    with tables.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        upkeep.build(connection, WANTED)
        for _ in range(2):  # the second time there is none
            upkeep.drop(connection, upkeep.replaced(modules))
        assert upkeep.build(connection, WANTED) == [NAME]


def test_migrations_declare_them_by_name() -> None:
    modules = [SimpleNamespace(CONCURRENTLY=WANTED), SimpleNamespace()]
    assert upkeep.declared(modules) == WANTED
