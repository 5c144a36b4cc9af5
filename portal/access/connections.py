"""Connections to a database that may have died or hung: nobody waits long for one that no longer answers.

A host that hangs still keeps its connections open, so neither the network's nor the server's own time
limits say anything. What waits for an answer here therefore asks the server, over a connection of its own,
whether it answers at all: a slow statement goes on, and one that nobody will answer is given up. Meanwhile
every other request is refused at once, so that those who serve pages are free for what needs no database.

A connection serves one person after another, and between them nothing of the one is left on it for the next.
"""

import logging
import select
import socket
import struct
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg import _queries, errors, generators
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait
from sqlalchemy import Engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolResetState

from portal import clock

#: Seconds. A connection used less long ago is taken to be alive: asking first costs every page a round trip.
IDLE = 20
#: Seconds that a statement waits before the server is asked whether it answers, and then again and again.
PATIENCE = 2.0
#: Seconds that the server has to answer that question, which costs it nothing.
SIGN_OF_LIFE = 1.0
#: Seconds for which a server that gave no sign of life is left alone.
LEFT_ALONE = 3.0

#: What somebody meets who asks a database that does not answer.
AWAY = (exc.OperationalError, exc.InterfaceError)

_log = logging.getLogger(__name__)
_LAST_USED = "portal_last_used"
_PORT = 5432
#: Whether the server speaks TLS: any PostgreSQL answers that with one letter, before anybody signs in.
_QUESTION = struct.pack("!ii", 8, 80877103)

#: Takes from a connection what a statement may have left for whoever uses it next, in one round trip, and
#: says what is prepared on it. What the connection itself was opened with (`options`) stays. Functions are
#: PostgreSQL's own, whatever the search path was.
_EMPTIED = (
    "reset all; close all; unlisten *; discard temp; discard sequences;"
    " select pg_catalog.pg_advisory_unlock_all();"
    " select pg_catalog.bool_or(from_sql), pg_catalog.string_agg(name, ' ')"
    " from pg_catalog.pg_prepared_statements"
)

#: Characters and values. The driver remembers of statements that are no longer than this where their values
#: stand. Those that count a list and that read the page of a case are longer than it thinks usual.
_queries.MAX_CACHED_STATEMENT_LENGTH, _queries.MAX_CACHED_STATEMENT_PARAMS = 20_000, 200

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where one PostgreSQL listens: the name or number of a host, or the folder of its socket."""

    host: str
    port: int

    def answers(self) -> bool:
        """Whether a server there gives a sign of life."""
        try:
            with self._connect() as asked:
                asked.sendall(_QUESTION)
                asked.recv(1)
        except OSError:
            return False
        return True

    def _connect(self) -> socket.socket:
        if not self.host.startswith("/"):
            return socket.create_connection((self.host, self.port), timeout=SIGN_OF_LIFE)
        found = socket.socket(socket.AF_UNIX)
        found.settimeout(SIGN_OF_LIFE)
        try:
            found.connect(f"{self.host}/.s.PGSQL.{self.port}")
        except OSError:
            found.close()
            raise
        return found


class Servers:
    """The servers that one address names, of which one answers: several where there is a standby."""

    _known: "dict[tuple[str, str], Servers]" = {}  # noqa: RUF012 - shared by every engine of this process

    def __init__(self, places: tuple[Place, ...]) -> None:
        self._places = places
        self._silent_since: float | None = None

    @classmethod
    def of(cls, parameters: dict[str, Any]) -> "Servers":
        """Those of the parameters of a connection, remembered from one connection to the next."""
        hosts, ports = str(parameters.get("host") or ""), str(parameters.get("port") or _PORT)
        return cls._known.setdefault((hosts, ports), cls(_places(hosts, ports)))

    @classmethod
    def forget(cls) -> None:
        """Take none for silent."""
        for servers in cls._known.values():
            servers._silent_since = None

    def refuse_if_silent(self) -> None:
        """Refuse at once while they are known to be silent; after a pause, ask them first.

        Raises:
            psycopg.OperationalError: none of them answers.
        """
        if self._silent_since is None:
            return
        if clock.ticks() - self._silent_since >= LEFT_ALONE and self.answer():
            return
        raise psycopg.OperationalError("the database gave no sign of life a moment ago")

    def answer(self) -> bool:
        """Ask whether one of them is there, and remember that none is."""
        answer = not self._places or any(place.answers() for place in self._places)
        self._silent_since = None if answer else clock.ticks()
        return answer


def _places(hosts: str, ports: str) -> tuple[Place, ...]:
    names, numbers = [name for name in hosts.split(",") if name], ports.split(",")
    if len(numbers) == 1:
        numbers *= len(names)
    return tuple(Place(host, int(port or _PORT)) for host, port in zip(names, numbers, strict=True))


class Connection(psycopg.Connection[Any]):
    """A connection that waits for an answer only while its server is alive."""

    servers: Servers
    is_being_emptied = False

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **options: Any) -> T:
        """Wait for the answer to whatever was asked; first until nothing of whoever asked before is left.

        Raises:
            psycopg.OperationalError: the server hangs, or the connection could not be emptied. It is closed
                then.
        """
        self.be_empty()
        return super().wait(self._watched(gen), *args, **options)

    def rollback(self) -> None:
        """Undo what is open, and keep what is prepared: an answer of 404 or 409 does not slow the next ones.

        The driver lets go of it at each rollback, because what a statement names may have been made in vain.
        Nobody makes tables here, and the server looks up anew what changed since a statement was prepared.
        """
        if self.is_being_emptied:
            return  # which undoes it
        if self.info.transaction_status is not TransactionStatus.INTRANS:
            super().rollback()
            return
        self.pgconn.send_query(b"rollback")
        results = self.wait(generators.execute(self.pgconn))
        if any(one.status != ExecStatus.COMMAND_OK for one in results):
            raise psycopg.OperationalError("a transaction could not be undone")

    def empty(self) -> None:
        """Have what is open ended, and nothing left on the connection but what this driver prepared.

        Nobody waits for that now: whoever comes next makes sure of it first, with `be_empty`.

        Raises:
            psycopg.Error: the connection must not be used again.
        """
        if self.info.transaction_status is TransactionStatus.INERROR:
            self.rollback()  # the driver lets go of what it prepared in vain
        idle = self.info.transaction_status is TransactionStatus.IDLE
        self.pgconn.send_query((_EMPTIED if idle else f"rollback; {_EMPTIED}").encode())
        self.pgconn.flush()
        self.is_being_emptied = True
        if self.autocommit or self.isolation_level is not None:
            self.be_empty()  # the pool goes on at once to undo that

    def be_empty(self) -> None:
        """Wait until nothing of whoever used the connection before is left on it.

        A statement that another statement prepared would run as whoever comes next, under a name that the
        driver takes for its own.

        Raises:
            psycopg.Error: it could not be done, or somebody meddled. The connection is closed then.
        """
        if not self.is_being_emptied:
            return
        self.is_being_emptied = False
        try:
            self._check_emptied(self.wait(generators.execute(self.pgconn)))
        except BaseException as why:  # whatever stops it: nobody gets a connection that is not empty
            self.close()
            _log.warning("A connection could not be emptied, and is closed: %s", type(why).__name__)
            raise

    def _check_emptied(self, results: Sequence[PGresult]) -> None:
        if any(one.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK} for one in results):
            raise psycopg.OperationalError("a connection could not be emptied")
        by_statement, names = (results[-1].get_value(0, column) or b"" for column in (0, 1))
        if by_statement == b"t" or not set(names.split()).issuperset(self._prepared._names.values()):
            raise psycopg.OperationalError("what is prepared on a connection is not what was prepared")

    def _watched(self, gen: Generator[Wait, Ready | int, T]) -> Generator[Wait, Ready | int, T]:
        asked = clock.ticks()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready == Ready.NONE and clock.ticks() - asked >= PATIENCE:
                    self._give_up_if_hung()
                    asked = clock.ticks()
                wanted = gen.send(ready)
        except StopIteration as answer:
            found: T = answer.value
            return found

    def _give_up_if_hung(self) -> None:
        of_this = Place(self.pgconn.hostaddr.decode() or self.pgconn.host.decode(), int(self.pgconn.port))
        if of_this.answers():
            return
        self.close()
        self.servers.answer()  # of several, another may have taken over
        raise psycopg.OperationalError("the database hangs")


@event.listens_for(Engine, "do_connect")
def _connect(_dialect: Any, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Connection:
    servers = Servers.of(parameters)
    servers.refuse_if_silent()
    try:
        found = Connection.connect(*arguments, **parameters)
    except errors.ConnectionTimeout:
        servers.answer()
        raise
    found.servers = servers
    return found


@event.listens_for(Pool, "reset")
def _leave_nothing(connection: Any, _record: ConnectionPoolEntry, state: PoolResetState) -> None:
    """Before the next person gets it: `_ask_first` makes sure of it, and lets go of one where it failed."""
    if isinstance(connection, Connection) and not state.terminate_only:
        connection.empty()


@event.listens_for(Pool, "checkin")
def _note(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_LAST_USED] = clock.ticks()


@event.listens_for(Pool, "checkout")
def _ask_first(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """After a pause, or when the server said something unasked, see whether it is still there.

    SQLAlchemy opens a fresh connection then. What a server says unasked is mostly that it shuts down.
    """
    if isinstance(connection, Connection):
        connection.servers.refuse_if_silent()
        try:
            connection.be_empty()
        except connection.Error as error:
            raise exc.DisconnectionError from error
    last_used = record.info.get(_LAST_USED)
    if last_used is None or (clock.ticks() - last_used < IDLE and not _has_spoken(connection)):
        return
    try:
        connection.execute("select 1")
        connection.rollback()
    except connection.Error as error:
        raise exc.DisconnectionError from error


def _has_spoken(connection: Any) -> bool:
    if connection.closed:
        return True
    asked = select.poll()
    asked.register(connection.pgconn.socket, select.POLLIN)
    return bool(asked.poll(0))
