"""The oracle would notice: each rule broken once, and somebody then sees too much or too little.

A rule that can be broken without a difference is either not needed or not proved.
"""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.demo import postgres
from tests import database
from tests.access.oracle.breaking import Tooth, broken
from tests.access.oracle.build import build
from tests.access.oracle.compare import compare, wait_until_soon_is_past
from tests.access.oracle.teeth import TEETH
from tests.access.oracle.truth import Truth
from tests.access.oracle.world import World

SEED = 7  # a world in which every rule matters to somebody

App = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def reader(server: postgres.Server) -> Iterator[App]:
    address = server.url("portal_app", database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(session_app: Flask, owner: Engine) -> Iterator[World]:
    database.empty(owner)
    with database.owner_session(owner) as rows:
        found = build(rows, SEED, size=2)
        wait_until_soon_is_past(found)
        yield found
    database.empty(owner)


@pytest.fixture(scope="module")
def truth(world: World, owner: Engine) -> Truth:
    with owner.connect() as connection:
        return Truth(connection)


def test_the_names_of_the_teeth_tell_them_apart() -> None:
    names = [tooth.name for tooth in TEETH]
    assert len(set(names)) == len(names)


def test_the_world_is_sound_before_anything_is_broken(
    world: World, truth: Truth, owner: Engine, reader: App
) -> None:
    found = compare(world, owner, reader, truth=truth).differences
    assert not found, "\n".join(map(str, found[:20]))


@pytest.mark.parametrize("tooth", TEETH, ids=lambda tooth: tooth.name)
def test_a_rule_that_is_broken_is_found(
    world: World, truth: Truth, owner: Engine, reader: App, tooth: Tooth
) -> None:
    with broken(owner, tooth):
        found = compare(world, owner, reader, truth=truth, tables=tooth.tables, until=1).differences
    assert found, f"nobody notices when {tooth.name} is shown or lost: make the worlds richer"


def test_every_rule_that_was_broken_is_mended_again(
    world: World, truth: Truth, owner: Engine, reader: App
) -> None:
    for tooth in TEETH:
        with broken(owner, tooth):
            pass
    found = compare(world, owner, reader, truth=truth).differences
    assert not found, "what one tooth leaves behind makes others bite: " + "\n".join(map(str, found[:20]))
