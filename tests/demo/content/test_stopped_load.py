"""The demonstration's data is there as a whole or not at all."""

from flask import Flask
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.demo import seed
from portal.records.cases.model import Case
from tests.demo.content.conftest import Left, how_many


def test_a_load_that_is_stopped_leaves_nothing(left_by_stopped: Left) -> None:
    assert left_by_stopped == Left(children=0, audited=0)


def test_the_next_load_brings_all_of_it_and_a_further_one_keeps_what_is_there(
    loaded: Session, session_app: Flask, addresses: None
) -> None:
    assert how_many(loaded, Case) >= 60
    before = how_many(loaded, AuditEvent)
    seed.load(loaded, session_app)
    loaded.rollback()
    assert how_many(loaded, AuditEvent) == before
