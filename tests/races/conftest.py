"""The world of the races, in this process."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.extensions import db
from tests.access.typesetting import set_nothing
from tests.races.course import Course
from tests.races.racing import held
from tests.races.world import world_in


@pytest.fixture(scope="module")
def course(session_app: Flask, owner: Engine) -> Iterator[Course]:
    with session_app.app_context():
        engine = db.engine
    with pytest.MonkeyPatch.context() as patch, world_in(session_app, owner) as world:
        set_nothing(patch)
        yield Course(world, held(engine, owner))
