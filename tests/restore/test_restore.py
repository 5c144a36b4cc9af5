"""A dump that was restored is the same portal, and the comparison would notice if it were not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.demo import postgres
from portal.demo.postgres import SUPERUSER
from tests import database
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import open_session
from tests.restore import portrait
from tests.restore.dumping import BACKUP_ROLE, Place, add_backup_role, drop, dump, restore


@pytest.fixture
def source(server: postgres.Server) -> Iterator[Place]:
    here = Place(server, database.NAME)
    add_backup_role(here)
    yield here
    with here.connect() as connection:
        connection.execute(f"drop owned by {BACKUP_ROLE}".encode())
        connection.execute(f"drop role {BACKUP_ROLE}".encode())


@pytest.fixture
def restored(
    source: Place, rows: Session, cast: Cast, tmp_path: Path
) -> Iterator[tuple[portrait.Portrait, Place, dict[str, str]]]:
    """What was before, and where it was restored."""
    case = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)
    people = (cast.coordinator, cast.officer, cast.nurse, cast.stranger)
    tokens = {person.name: open_session(rows, person.id) for person in people} | {"nobody": ""}
    before = portrait.take(source, tokens)
    done = dump(source, tmp_path / "portal.dump")
    assert not done.returncode, done.stderr
    target = Place(source.server, "portal_restored")
    source.server.create_database(target.database)
    restore(tmp_path / "portal.dump", target)
    yield before, target, tokens
    drop(target)


def test_a_restored_dump_is_the_same_portal_and_a_difference_is_noticed(
    restored: tuple[portrait.Portrait, Place, dict[str, str]], cast: Cast
) -> None:
    before, target, tokens = restored
    after = portrait.take(target, tokens)
    assert not portrait.differences(before, after)
    assert not after.unprotected
    assert before.seen[cast.officer.name]["child"].startswith("1 "), "the comparison compares something"
    assert before.seen["nobody"]["child"].startswith("0 ")
    with target.connect() as connection:
        connection.execute("alter table child no force row level security")
        connection.execute("grant select on agency to portal_backup")
        connection.execute("delete from involvement")
    found = "\n".join(portrait.differences(before, portrait.take(target, tokens)))
    assert portrait.take(target, tokens).unprotected == ["child"]
    for part in ("row security: child", "grants: table | agency", "involvement:", f"{cast.nurse.name} reads"):
        assert part in found, f"nobody noticed: {part}"


def test_a_dump_as_the_tables_owner_is_refused(
    source: Place, rows: Session, cast: Cast, tmp_path: Path
) -> None:
    done = dump(source, tmp_path / "portal.dump", role="portal_owner")
    assert done.returncode
    assert "row-level security" in done.stderr


def test_the_backup_role_reads_everything_and_writes_nothing(source: Place, cast: Cast) -> None:
    question = (
        "select has_table_privilege(%s, 'app_user', 'select'), has_table_privilege(%s, 'app_user', 'update')"
    )
    with source.connect(SUPERUSER) as connection:
        assert connection.execute(question, [BACKUP_ROLE, BACKUP_ROLE]).fetchone() == (True, False)
