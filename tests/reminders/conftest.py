"""What tests of the worker share: the database as the worker, and the rules by which it tells people."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    """The database as the worker."""
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()
