"""The embedded PostgreSQL starts wherever a checkout can be, keeps strangers out and survives a kill."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from portal.demo import place, postgres, processes
from tests.setup.running import REPOSITORY, is_running

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be kept out by being someone else")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def ask(
    server: postgres.Server, question: str, *, role: str = "portal_app", database: str = "portal"
) -> object:
    host = str(server.place.sockets)
    with psycopg.connect(host=host, port=5432, user=role, dbname=database, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def assert_serves(server: postgres.Server) -> None:
    if not server.has_database("portal"):
        server.create_database("portal")
    assert ask(server, "select 1") == 1
    engine = create_engine(server.url("portal_app", "portal"))
    with engine.connect() as connection:
        assert connection.scalar(text("select current_user")) == "portal_app"
    engine.dispose()


def run_in_another_process(folder: Path, afterwards: str) -> "subprocess.Popen[str]":
    """Start a durable server for `folder` in a process of its own, which then does `afterwards`."""
    code = f"""
import pathlib, sys, time
from portal.demo import postgres
server = postgres.start(pathlib.Path(sys.argv[1]), durable=True)
if not server.has_database("portal"):
    server.create_database("portal")
print(server.process_id, flush=True)
{afterwards}
"""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    "name",
    ["plain", "with space", 'quote\'s "mark" $HOME 100%', "comma, and ünïcode", "long-" + "x" * 120],
    ids=["plain", "space", "signs", "comma", "long"],
)
def test_it_starts_in_a_folder_of_any_name(open_folder: Path, name: str) -> None:
    with postgres.start(open_folder / name / "postgres", durable=False) as server:
        assert_serves(server)
        shelter = server.place.shelter
    assert not (open_folder / name / "postgres").exists(), "a server that is not durable deletes its folder"
    assert shelter is None or not shelter.exists(), "and what it kept elsewhere"


def test_the_roles_may_do_no_more_than_their_work(open_folder: Path) -> None:
    with postgres.start(open_folder / "postgres", durable=False) as server:
        server.create_database("portal")
        held = ask(
            server,
            "select string_agg(rolname || case when rolcanlogin then ' signs in' else '' end, ', ' "
            "order by rolname) from pg_roles where rolname like 'portal%' "
            "and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)",
        )
        assert held == (
            "portal_app signs in, portal_audit, portal_ctx, portal_documents signs in, "
            "portal_owner signs in, portal_scope, portal_sign_in signs in, portal_worker signs in"
        )
        assert ask(server, "select pg_has_role('portal_owner', 'portal_ctx', 'SET')") is True
        assert ask(server, "select pg_has_role('portal_owner', 'portal_ctx', 'USAGE')") is False
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(server, "create temporary table shadow (x int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(server, "create table public.mine (x int)")


def test_a_database_sorts_and_tells_the_time_alike_on_every_machine(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "LC_ALL": "en_GB.UTF-8",
        "TZ": "Asia/Tokyo",
        "PGPORT": "9",
        "PGDATA": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    with postgres.start(open_folder / "postgres", durable=False) as server:
        server.create_database("portal")
        assert ask(server, "select current_setting('timezone')") == "UTC"
        assert (
            ask(server, "select datlocprovider::text || datlocale from pg_database where datname = 'portal'")
            == "bC.UTF-8"
        )
        assert ask(server, "select lower('ŁÓDŹ')") == "łódź"
        assert ask(server, "select current_setting('listen_addresses')") == "", (
            "it must not be on the network"
        )


def test_a_second_start_is_refused_and_says_who_holds_it(open_folder: Path) -> None:
    with (
        postgres.start(open_folder / "postgres", durable=False) as server,
        pytest.raises(postgres.Busy, match=f"process {os.getpid()}"),
    ):
        postgres.start(server.directory, durable=False)


def test_a_durable_server_keeps_its_data(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    with postgres.start(folder, durable=True) as server:
        server.create_database("portal")
        assert ask(server, "select current_setting('fsync')") == "on"
    with postgres.start(folder, durable=True) as server:
        assert server.has_database("portal")
        assert_serves(server)


def test_a_parent_killed_outright_leaves_no_server_and_the_next_start_works(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    parent = run_in_another_process(folder, "time.sleep(60)")
    assert parent.stdout
    number = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    with postgres.start(folder, durable=True) as server:  # at once, while the old one may still be stopping
        assert server.has_database("portal")
        assert_serves(server)
    assert processes.wait_until(lambda: not is_running(number), seconds=5), (
        "the first server outlived its parent"
    )


def test_a_kill_of_parent_and_server_together_is_recovered_from(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    parent = run_in_another_process(folder, "time.sleep(60)")
    assert parent.stdout
    number = int(parent.stdout.readline())
    os.kill(number, signal.SIGKILL)
    parent.kill()
    parent.communicate()
    with postgres.start(folder, durable=True) as server:
        assert server.has_database("portal")
        assert_serves(server)


def test_a_stale_process_number_that_someone_else_now_has_does_not_block(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    with postgres.start(folder, durable=True) as server:
        data, sockets = server.place.data, server.place.sockets
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=data.stat().st_uid if os.geteuid() == 0 else None)
    try:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n0\n5432\n{sockets}\n\n\nready\n")
        (sockets / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n{data}\n0\n5432\n{sockets}\n")
        with postgres.start(folder, durable=True) as server:
            assert_serves(server)
        assert stranger.poll() is None, "a process that is not ours was ended"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_first_start_that_was_cut_short_is_done_again(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    (folder / "data" / "fresh" / "base").mkdir(parents=True)
    (folder / "data" / "global").mkdir()
    with postgres.start(folder, durable=False) as server:
        assert_serves(server)


def test_a_server_that_cannot_start_says_why(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    with postgres.start(folder, durable=True) as server:
        (server.place.data / "global" / "pg_control").unlink()
    with pytest.raises(postgres.CannotStart, match="pg_control"):
        postgres.start(folder, durable=True)
    shutil.rmtree(folder)


@as_root
def test_root_below_a_closed_folder_opens_no_folder(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with postgres.start(closed / "postgres", durable=True) as server:
        server.create_database("portal")
        assert server.notice, "the person must be told where the data is"
        assert server.place.data.is_relative_to(place.SHELTERS)
        shelter = server.place.shelter
    with postgres.start(closed / "postgres", durable=True) as server:
        assert server.has_database("portal"), "the data in the shelter must be found again"
    assert closed.stat().st_mode & 0o777 == 0o700, "the closed folder was opened"

    shutil.rmtree(closed)
    closed.mkdir(mode=0o700)
    with postgres.start(closed / "postgres", durable=False) as server:
        assert not server.has_database("portal"), "deleting the folder must start afresh"
    assert shelter
    assert not shelter.exists()


@as_root
def test_the_shelter_of_a_folder_that_is_gone_is_swept_away(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with postgres.start(closed / "first", durable=True) as server:
        shelter = server.place.shelter
    assert shelter
    shutil.rmtree(closed / "first")
    postgres.start(closed / "second", durable=False).stop()
    assert not shelter.exists()


@as_root
def test_binaries_that_only_root_can_reach_are_copied(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = place._installed()
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    for part in (installed.parent, installed.parent.with_name(f"{installed.parent.name}.libs")):
        (closed / part.name).symlink_to(part)
    monkeypatch.setattr(place, "_installed", lambda: closed / installed.parent.name / installed.name)
    with postgres.start(closed / "postgres", durable=False) as server:
        assert server.place.binaries.is_relative_to(place.SHELTERS)
        assert_serves(server)


@as_root
def test_another_user_of_the_machine_cannot_connect(open_folder: Path) -> None:
    other = pwd.getpwnam("daemon")
    with postgres.start(open_folder / "postgres", durable=False) as server:
        assert_serves(server)
        program: list[str | Path] = [
            server.place.binaries / "bin" / "psql",
            "-h",
            server.place.sockets,
            "-U",
            "postgres",
            "-c",
            "select 1",
        ]
        asked = subprocess.run(
            program,
            check=False,
            user=other.pw_uid,
            group=other.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
        )
        assert asked.returncode != 0
        assert b"Permission denied" in asked.stderr
        server.place.sockets.chmod(0o755)
        (server.place.sockets / place.SOCKET).chmod(0o777)
        asked = subprocess.run(
            program,
            check=False,
            user=other.pw_uid,
            group=other.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
        )
        assert asked.returncode != 0
        assert b"authentication failed" in asked.stderr, "the server itself must refuse them too"
