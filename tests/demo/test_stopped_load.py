"""The demonstration's data is there as a whole or not at all."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.demo import seed
from portal.demo.content import triage
from portal.models import AuditEvent, Case, Child
from portal.models.base import Model
from tests.demo.addresses import set_addresses


def how_many(rows: Session, kind: type[Model]) -> int:
    return rows.scalar(select(func.count()).select_from(kind)) or 0


def test_a_load_that_is_stopped_leaves_nothing_and_the_next_one_loads_it_all(
    rows: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    set_addresses(monkeypatch)
    with monkeypatch.context() as stopped:
        stopped.setattr(triage, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            seed.load(rows, app)
    rows.rollback()
    assert not how_many(rows, Child)
    assert not how_many(rows, AuditEvent)
    seed.load(rows, app)
    cases, before = how_many(rows, Case), how_many(rows, AuditEvent)
    assert cases >= 60
    seed.load(rows, app)
    assert how_many(rows, AuditEvent) == before, "what is there is kept"
