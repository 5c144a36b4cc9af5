"""The demonstration, loaded once for the tests that only read it; the first attempt is stopped half-way."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.demo import seed
from portal.demo.content import triage
from portal.model import Model
from portal.records.children.model import Child
from tests import database
from tests.demo.addresses import set_addresses


@dataclass(frozen=True)
class Left:
    """What an attempt that was stopped left behind."""

    children: int
    audited: int


def how_many(rows: Session, kind: type[Model]) -> int:
    """How many rows of a table there are."""
    return rows.scalar(select(func.count()).select_from(kind)) or 0


@pytest.fixture(scope="package")
def addresses() -> Iterator[None]:
    """Where the demonstration would be."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        set_addresses(monkeypatch)
        yield


@pytest.fixture(scope="package")
def left_by_stopped(session_app: Flask, owner: Engine, addresses: None) -> Iterator[Left]:
    """What a load left that was stopped, as by Ctrl-C, after most of it was written."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with database.owner_session(owner) as rows:
        with pytest.MonkeyPatch.context() as stopped:
            stopped.setattr(triage, "write", stop)
            with pytest.raises(KeyboardInterrupt):
                seed.load(rows, session_app)
        rows.rollback()
        # Who signed in stays on the trail, whatever becomes of what they did.
        work = select(func.count()).where(AuditEvent.action.not_like("session:%"))
        yield Left(how_many(rows, Child), rows.scalar(work) or 0)


@pytest.fixture(scope="package")
def loaded(session_app: Flask, owner: Engine, left_by_stopped: Left) -> Iterator[Session]:
    """Loaded after the attempt that was stopped, as by whoever starts it again."""
    with database.owner_session(owner) as rows:
        seed.load(rows, session_app)
        yield rows
    database.empty(owner)
