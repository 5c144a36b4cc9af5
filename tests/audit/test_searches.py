"""What people search for is kept apart from the trail, compared by a hash, and removed as policy says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config.audit import audit as settings
from config.errors import SettingError
from portal import clock
from portal.access.audit import search_hash, search_hashes
from portal.access.model import AuditEvent, AuditSearch
from portal.model import new_id
from portal.pathway.searching import canonical
from portal.policy import current_policy
from portal.records.people.model import User
from portal.reminders import forgetting
from tests.cast import Cast
from tests.client import Client

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

TODAY = date(2026, 11, 27)
NEW_KEY = "another key to compare searches by, long enough"


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Inventska  Katarzyna", "katarzyna INVENTSKA"),
        ("O’Neil", "oneil"),
        ("943 476 5919", "9434765919"),
        ("12/3/2011 Inventska", "Inventska 2011-03-12"),
        ("nx 4471", "NX 4471"),
    ],
)
def test_two_ways_of_typing_one_search_agree(one: str, other: str) -> None:
    names = current_policy().names
    assert canonical(one, names, TODAY) == canonical(other, names, TODAY)


@pytest.mark.parametrize("typed", ["", "k", "943 476 5910", "Anna", "Ann", "12/3/2011", "13/3/2011"])
def test_what_differs_does_not_agree_and_what_cannot_be_searched_is_something_too(typed: str) -> None:
    names = current_policy().names
    among = {canonical(one, names, TODAY) for one in ("", "k", "943 476 5910", "Anna", "Ann", "12/3/2011")}
    assert (canonical(typed, names, TODAY) in among) is (typed != "13/3/2011")
    assert len(among) == 6


def test_the_hash_of_a_search_tells_the_same_name_and_no_name(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.officer)
    for typed in ("Inventska Katarzyna", "katarzyna inventska", "Somebody Else", "k"):
        client.submit("/search", {"sought": typed})
    details = rows.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "child:search").order_by(AuditEvent.id)
    ).all()
    hashes = [row["search_hash"] for row in details]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert {len(one) for one in hashes} == {64}
    assert len({row["search_key"] for row in details}) == 1


def test_a_new_key_makes_other_hashes_and_the_former_still_compares(
    app: Flask, context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = search_hash("Inventska")
    monkeypatch.setitem(app.config, "SEARCH_HASH_KEY_BEFORE", app.config["SEARCH_HASH_KEY"])
    monkeypatch.setitem(app.config, "SEARCH_HASH_KEY", NEW_KEY)
    present = search_hash("Inventska")
    assert present.key != former.key
    assert present.value != former.value
    assert search_hashes("inventska") == [present, former], (
        "rows of before the change are found by the former key"
    )
    monkeypatch.setitem(app.config, "SEARCH_HASH_KEY", "")
    with pytest.raises(SettingError, match="SEARCH_HASH_KEY"):
        search_hash("Inventska")


def test_a_web_process_does_not_start_without_the_key() -> None:
    with pytest.raises(SettingError, match="SEARCH_HASH_KEY"):
        settings({}, "production")
    for name in ("SEARCH_HASH_KEY", "SEARCH_HASH_KEY_BEFORE", "AUDIT_CHECKPOINT_KEY_BEFORE"):
        with pytest.raises(SettingError, match=name):
            settings({name: "short"}, "production")
    found = settings({"SEARCH_HASH_KEY": NEW_KEY}, "production")
    assert found["AUDIT_CHECKPOINTS"], "lines are written unless a deployment says where"


def test_whoever_writes_a_search_cannot_hide_what_it_was_for(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    """The database keeps what an earlier release still wrote into the row, and who asked, apart."""
    written = text(
        "insert into audit_event (id, at, actor_id, action, details)"
        ' values (gen_random_uuid(), now(), :actor, \'child:search\', \'{"sought": "Ada", "shown": []}\')'
    )
    with asking(cast.officer) as session:
        session.execute(written, {"actor": cast.officer.id})
        session.commit()
        with pytest.raises(DBAPIError, match="row-level security"):
            session.execute(written, {"actor": cast.nurse.id})
        session.rollback()
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(
                text(
                    "insert into audit_search (event_id, searched_at, text)"
                    " values (gen_random_uuid(), now(), 'x')"
                )
            )
    assert rows.scalars(select(AuditEvent.details)).one() == {"shown": []}
    assert rows.execute(select(AuditSearch.actor_id, AuditSearch.text)).one() == (cast.officer.id, "Ada")


def test_what_is_older_than_policy_says_is_removed_and_nothing_else(
    app: Flask, rows: Session, worker: Engine
) -> None:
    months = current_policy().clocks.limits.searches_kept.value
    assert months == 12
    for text_, days in (("old", 370), ("kept", 360), ("new", 0)):
        rows.add(AuditSearch(event_id=new_id(), searched_at=clock.now() - timedelta(days=days), text=text_))
    rows.commit()
    with worker.begin() as connection:
        assert forgetting.remove_old(connection) == 1
        assert forgetting.remove_old(connection) == 0
    assert set(rows.scalars(select(AuditSearch.text))) == {"kept", "new"}


def test_the_worker_removes_nothing_of_the_last_month_whatever_it_says(
    app: Flask, rows: Session, worker: Engine
) -> None:
    rows.add(
        AuditSearch(event_id=new_id(), searched_at=clock.now() - timedelta(days=29), text="of this month")
    )
    rows.commit()
    with worker.begin() as connection:
        assert connection.scalar(text("select ctx.remove_searches('infinity', 100)")) == 0
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("delete from audit_search"))
    assert rows.scalars(select(AuditSearch.text)).all() == ["of this month"]


def test_what_is_typed_where_a_reference_belongs_is_recorded_only_if_it_is_one(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    for typed in ("Inventska", "CRE-2345-6789"):
        client.get("/messages/life", query_string={"reference": typed})
    recorded = rows.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "message:watch").order_by(AuditEvent.id)
    ).all()
    assert "Inventska" not in str(recorded[0])
    assert len(recorded) == 2
