"""After a change of what is known about names, a command makes the keys of every child anew."""

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.commands import keys as key_commands
from portal.model import new_id
from portal.records.children.model import Child, ChildAlias, NameKey, SearchKeyRules
from tests.cast import Cast
from tests.factories.cases import make_child


def run(app: Flask) -> str:
    """The command, as an operator runs it."""
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["name-keys"])
    assert done.exit_code == 0, done.output
    return done.output


def keys(rows: Session, child: Child) -> set[str]:
    rows.rollback()
    return set(rows.scalars(select(NameKey.key).where(NameKey.child_id == child.id)))


def test_every_child_gets_its_keys_and_a_second_run_changes_nothing(
    app: Flask, rows: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_commands, "AT_ONCE", 2)
    children = [make_child(rows, given, "Lá-Phong") for given in ("Thi Hoa", "Ada", "Ola", "Wren", "Zeb")]
    rows.execute(delete(NameKey))
    rows.add(NameKey(child_id=children[0].id, key="left over"))
    rows.commit()
    assert run(app).startswith("5 children")
    for child in children:
        assert keys(rows, child), f"{child.given_name} is found by nothing"
    assert "left over" not in keys(rows, children[0])
    assert run(app).startswith("0 children")


def test_it_is_not_ready_while_keys_were_made_by_other_rules_than_todays(
    app: Flask, rows: Session, cast: Cast
) -> None:
    rows.execute(delete(SearchKeyRules))
    rows.commit()
    stale = "The keys of children were made by other rules than today’s: run name-keys."
    with app.app_context():
        runner = app.test_cli_runner()
        before = runner.invoke(args=["ready"])
        run(app)
        after = runner.invoke(args=["ready"])
    assert before.exit_code == 1
    assert stale in before.output
    assert stale not in after.output


def test_keys_of_the_record_stay_marked(app: Flask, rows: Session, cast: Cast) -> None:
    child = make_child(rows, "Ada", "Fictional")
    values = {"id": new_id(), "created_at": clock.now(), "child_id": child.id, "name": "Birdie"}
    rows.add(ChildAlias(**values, kind="known_as", agency_id=cast.police.id))
    rows.execute(delete(NameKey))
    rows.commit()
    run(app)
    rows.rollback()
    marked = rows.scalars(select(NameKey.from_alias).where(NameKey.child_id == child.id)).all()
    assert set(marked) == {True, False}, "an alias is of the record, not of the identity"
