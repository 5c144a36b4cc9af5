"""The demonstration, loaded once for the tests that only read it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.demo import seed
from tests import database
from tests.demo.addresses import set_addresses


@pytest.fixture(scope="package")
def loaded(session_app: Flask, owner: Engine) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        set_addresses(monkeypatch)
        with database.owner_session(owner) as rows:
            seed.load(rows, session_app)
            yield rows
    database.empty(owner)
