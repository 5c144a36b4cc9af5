"""An embedded PostgreSQL for the demo and the tests: its data folder, its start, no port."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy import URL

from portal.demo import place, processes
from portal.demo.place import CannotStart, Place

PORT = 5432  # only names the socket
SUPERUSER = "postgres"
# In a run on another day, what stands between a program and the clock: server and caller agree on the day.
_CLOCK = ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC") if "FAKETIME" in os.environ else ()
# Nothing else of the shell's: PGPORT, PGDATA, TZ and the locale would all change what the server does.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
    **{name: os.environ[name] for name in _CLOCK if name in os.environ},
}


def initialise(where: Place) -> None:
    """Make the data folder. PG_VERSION, which says that it is made, moves in last: a kill leaves no half."""
    for remains in where.data.iterdir():
        shutil.rmtree(remains) if remains.is_dir() and not remains.is_symlink() else remains.unlink()
    fresh = where.data / "fresh"
    command: list[str | Path] = [
        where.binaries / "bin" / "initdb",
        "--pgdata",
        fresh,
        "--username",
        SUPERUSER,
    ]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [
        "--data-checksums",
        "--auth-local=peer",
        "--auth-host=reject",
        "--no-instructions",
        "--no-sync",
    ]
    done = subprocess.run(
        command,
        check=False,
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=where.user.pw_uid if where.user else None,
        group=where.user.pw_gid if where.user else None,
        extra_groups=[] if where.user else None,
    )
    if done.returncode:
        raise CannotStart(
            f"PostgreSQL could not make its data folder:\n{done.stdout.decode(errors='replace')}"
        )
    for part in sorted(fresh.iterdir(), key=lambda path: path.name == "PG_VERSION"):
        part.rename(where.data / part.name)
    fresh.rmdir()


def configure(where: Place, *, durable: bool, more: Mapping[str, str] | None = None) -> None:
    """Write every setting that matters here, so that neither the machine nor an older run decides it."""
    folder = str(where.sockets).replace('"', '""').replace("'", "''")
    safety = "on" if durable else "off"
    settings = f"""\
listen_addresses = ''
port = {PORT}
unix_socket_directories = '"{folder}"'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
jit = off
timezone = 'UTC'
lc_messages = 'C'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_error_verbosity = terse  # the detail of an error quotes the row
fsync = {safety}
full_page_writes = {safety}
synchronous_commit = {safety}
"""
    settings += "".join(f"{name} = '{value}'\n" for name, value in (more or {}).items())
    try:
        caller = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise CannotStart(f"PostgreSQL needs a name for user {os.geteuid()} in the password file.") from error
    _write(where, "postgresql.conf", settings)
    _write(where, "pg_hba.conf", "local all all peer map=starter\n")
    _write(where, "pg_ident.conf", f'starter "{caller}" all\n')


def _write(where: Place, name: str, text: str) -> None:
    path = where.data / name
    path.unlink(missing_ok=True)  # never write through a link that the server's user may have put there
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    if where.user:
        os.fchown(descriptor, where.user.pw_uid, where.user.pw_gid)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


__all__ = ["Busy", "CannotStart", "Server", "start"]

Busy = processes.Busy

ROLES = Path(__file__).parents[1] / "access" / "roles.sql"
DATABASE = ROLES.with_name("database.sql")
START_SECONDS = 120  # the recovery of a large database after a kill takes its time
STOP_SECONDS = 20


@dataclass
class Server:
    """A running PostgreSQL."""

    directory: Path
    durable: bool
    place: Place
    _process: subprocess.Popen[bytes]
    _lock: processes.Lock
    _stopped: bool = field(default=False, init=False)

    @property
    def notice(self) -> str | None:
        """One line to show, when the database is kept outside its folder."""
        return self.place.notice

    @property
    def process_id(self) -> int:
        """The server's own process."""
        return self._process.pid

    def url(self, role: str, database: str) -> str:
        """The SQLAlchemy address of `database` for `role`, free of secrets: the server checks who calls."""
        where = URL.create(
            "postgresql",
            username=role,
            database=database,
            query={"host": str(self.place.sockets), "port": str(PORT)},
        ).render_as_string()
        # A space as %20 is understood by SQLAlchemy and by libpq, as a plus sign only by the former.
        return where.replace("+", "%20").replace("postgresql:", "postgresql+psycopg:", 1)

    def create_database(self, name: str) -> None:
        """Create `name`, owned by portal_owner, which sorts and folds alike on every machine.

        Raises:
            psycopg.errors.DuplicateDatabase: it exists.
        """
        with _connect(self.place) as connection:
            connection.execute(
                sql.SQL(
                    "create database {} owner portal_owner template template0 encoding 'UTF8' locale 'C' "
                    "locale_provider builtin builtin_locale 'C.UTF-8'"
                ).format(sql.Identifier(name))
            )
            connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL(
                    "grant connect on database {}"
                    " to portal_app, portal_sign_in, portal_documents, portal_worker"
                ).format(sql.Identifier(name))
            )
        with _connect(self.place, name) as connection:
            connection.execute(DATABASE.read_bytes())

    def has_database(self, name: str) -> bool:
        """Whether `name` exists."""
        with _connect(self.place) as connection:
            found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        return found is not None

    def stop(self) -> None:
        """Stop the server; when it was not durable, delete its data too. Calling it again does nothing."""
        if self._stopped:
            return
        self._stopped = True
        processes.stop(self._process, with_signal=signal.SIGINT, patience=STOP_SECONDS)
        if not self.durable:
            place.remove(self.directory)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(directory: Path, *, durable: bool, more: Mapping[str, str] | None = None) -> Server:
    """Start the server whose data lives in `directory`, making it first when there is none.

    Call it from the main thread, which the kernel watches for the server's sake.

    Args:
        directory: a folder for the server alone. It is made when missing.
        durable: keep the data, safe against a crash. Otherwise it is fast, and deleted by `stop`.
        more: settings of PostgreSQL beside ours, such as memory for measuring.

    Raises:
        Busy: another living process runs this server. The message names it.
        CannotStart: with the reason and the end of the server's own log.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory = directory.resolve()
        lock = processes.Lock(directory / "lock")
    except PermissionError as error:
        raise CannotStart(f"{directory} belongs to another user: run as that user.") from error
    try:
        where = place.find(directory)
        _clear_away(where)
        if not (where.data / "PG_VERSION").exists():
            initialise(where)
        configure(where, durable=durable, more=more)
        process = _launch(where, directory / "postgres.log")
    except BaseException:
        lock.release()
        raise
    return Server(directory, durable, where, process, lock)


def _connect(where: Place, database: str = SUPERUSER) -> psycopg.Connection:
    return psycopg.connect(
        host=str(where.sockets),
        port=PORT,
        user=SUPERUSER,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


def _clear_away(where: Place) -> None:
    """End what a killed run left. We hold the lock, so nobody needs it."""
    left = _postmaster_of(where)
    if left is not None:
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            os.kill(left, sign)
            if processes.wait_until(lambda: _postmaster_of(where) is None, seconds=STOP_SECONDS):
                break
    # PostgreSQL would take any process that has since been given the old number for a server that still runs.
    (where.data / "postmaster.pid").unlink(missing_ok=True)
    for remains in where.sockets.iterdir():
        remains.unlink()


def _postmaster_of(where: Place) -> int | None:
    """The process that serves this data, if one does."""
    try:
        number = int((where.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return None  # someone else's, hence not ours
    if Path("/proc/self").exists():
        try:
            serves_this = Path(f"/proc/{number}/cwd").resolve(strict=True) == where.data.resolve()
        except OSError:  # ended meanwhile, or not ours to look at
            return None
        return number if serves_this else None
    command = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(number)], check=False, capture_output=True
    )
    return number if os.fsencode(where.data) in command.stdout else None


def _launch(where: Place, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        process = processes.spawn(
            [where.binaries / "bin" / "postgres", "-D", where.data],
            log=output,
            ends_on=signal.SIGINT,  # to PostgreSQL: stop at once, in good order
            environment=ENVIRONMENT,
            directory=Path("/"),
            user=where.user,
        )
    try:
        ready = processes.wait_until(
            lambda: process.poll() is not None or _is_ready(where), seconds=START_SECONDS
        )
        if not ready or process.poll() is not None:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise CannotStart(f"PostgreSQL did not start. The end of {log}:\n{end}")
        _create_roles(where)
    except BaseException:
        processes.stop(process, with_signal=signal.SIGINT, patience=STOP_SECONDS)
        raise
    return process


def _is_ready(where: Place) -> bool:
    try:
        lines = (where.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return bool(lines) and lines[-1].strip() == "ready"


def _create_roles(where: Place) -> None:
    with _connect(where) as connection:
        connection.execute(ROLES.read_bytes())
