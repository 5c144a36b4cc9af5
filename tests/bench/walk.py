"""Every page of the portal, as each walker of the demonstration comes to it by links: what it costs."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from flask import Flask
from sqlalchemy import create_engine, event, text
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from portal.documents.jobs import make_next
from portal.extensions import db
from tests.bench.around import AROUND
from tests.bench.measuring import milliseconds
from tests.bench.reads import Read, Reads
from tests.races.sending import Sent
from tests.walk.walking import follow, links, within

OK = 200
_LINKS = SoupStrainer("a")
_UNDER_WAY = text(
    "select 1 from document_job where expires_at > statement_timestamp() and state in ('waiting', 'making')"
    " limit 1"
)


@dataclass(frozen=True)
class Page:
    """What a page cost somebody."""

    route: str
    person: str
    address: str
    status: int
    milliseconds: float  # as a clock on the wall has it
    processor: float  # milliseconds of the web process
    database: float  # milliseconds of the processes of the database that it asks
    statements: int  # beside those of every page
    rows: int
    bytes: int
    reads: tuple[Read, ...] = ()  # what it makes the database read beyond measure


@dataclass
class Asked:
    """What an application sends to the database, and how many rows come back."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    rows: int = 0
    _processes: set[int] = field(default_factory=set)

    def watch(self, app: Flask) -> None:
        """Take note from now on."""
        with app.app_context():
            event.listen(db.engine, "after_cursor_execute", self._note)

    def database(self) -> float:
        """The processor time that the database has taken for its connections until now, in milliseconds."""
        return milliseconds(self._processes)

    def _note(self, _connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        self._processes.add(cursor.connection.info.backend_pid)
        if not AROUND.search(statement):
            self.statements.append((statement, parameters))
            self.rows += max(cursor.rowcount, 0)


class Walk:
    """Asks an application for its pages, in this process."""

    def __init__(self, app: Flask, tokens: Mapping[str, str]) -> None:
        self._app, self.sent, self.reads = app, Asked(), Reads()
        self._documents = create_engine(app.config["DATABASE_DOCUMENTS_URL"])
        self.made: list[float] = []  # milliseconds that each long document took to be made
        self.sent.watch(app)
        self.reads.watch(app)
        self._clients = {}
        for person, token in tokens.items():
            self._clients[person] = app.test_client()
            self._clients[person].set_cookie(app.config["PORTAL_SESSION_COOKIE"], token)

    def addresses(self, person: str, *, most: int) -> dict[str, tuple[Read, ...]]:
        """What links lead somebody to, so many pages of a kind, each with what it made the database read."""
        met: dict[str, tuple[Read, ...]] = {}

        def look(address: str) -> list[str] | None:
            self.reads.found.clear()
            self.reads.watching = True
            answer = self._clients[person].get(address)
            self.reads.watching = False
            self._make_documents(address)
            if self._is_document(address) or not answer.location:
                met[address] = tuple(self.reads.found)
            if answer.location:
                return [within(answer.location, address)]
            if answer.mimetype != "text/html":
                return None
            return links(BeautifulSoup(answer.data, "html.parser", parse_only=_LINKS), address)

        follow(look, self.route_of, most=most)
        return met

    def route_of(self, address: str) -> str:
        """The address as its route has it."""
        try:
            rule, _ = self._app.url_map.bind("portal").match(address.partition("?")[0], return_rule=True)
        except (HTTPException, RequestRedirect):
            return address.partition("?")[0]
        return str(rule.rule)

    def once(self, person: str, address: str) -> Page:
        """What an address costs somebody, asked for once."""
        cost, _ = self.timed(person, address, partial(self._clients[person].get, address))
        self._make_documents(address)
        return cost

    def _make_documents(self, address: str) -> None:
        """A long document that somebody asked for is made at once, by us or by whoever else walks."""
        while self._is_document(address) and self._are_under_way():
            begun = time.perf_counter()
            if make_next(self._documents):
                self.made.append((time.perf_counter() - begun) * 1000)
            else:
                time.sleep(0.1)

    def _are_under_way(self) -> bool:
        with self._documents.begin() as connection:
            return connection.execute(_UNDER_WAY).first() is not None

    def end(self) -> None:
        """Let go of the database."""
        self._documents.dispose()
        with self._app.app_context():
            db.engine.dispose()

    def _is_document(self, address: str) -> bool:
        return self.route_of(address).endswith("pdf")

    def look(self, person: str, address: str) -> str:
        """A page as somebody gets it."""
        answer = self._clients[person].get(address)
        assert answer.status_code == OK, f"{address} answered {person} {answer.status_code}"
        return answer.text

    def post(self, person: str, form: Sent, name: str) -> tuple[Page, str]:
        """What it costs somebody to send a form, under a name of its own; and where it leads."""
        client, headers = self._clients[person], dict(form.headers)
        send = partial(client.post, form.address, data=MultiDict(form.fields), headers=headers)
        cost, answer = self.timed(person, name, send)
        return cost, answer.location or ""

    def timed(self, person: str, address: str, ask: Callable[[], TestResponse]) -> tuple[Page, TestResponse]:
        """What it costs to ask, and the answer."""
        self.sent.statements.clear()
        self.sent.rows = 0
        database, wall, processor = self.sent.database(), time.perf_counter(), time.process_time()
        answer = ask()
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        database = self.sent.database() - database
        cost = Page(
            self.route_of(address),
            person,
            address,
            answer.status_code,
            wall * 1000,
            processor * 1000,
            database,
            len(self.sent.statements),
            self.sent.rows,
            len(answer.data),
        )
        return cost, answer


def pages(
    walks: Mapping[str, Walk], person: str, *, times: int, shuffled: Random
) -> Iterator[tuple[str, Page]]:
    """Every page that somebody is led to in each of some worlds, one of a kind, with its world and its cost.

    What has a page of its kind in several worlds is asked for in turns, each time in another order.

    Args:
        times: how often each is asked for by somebody who was there before.
        shuffled: decides the orders.
    """
    met = {name: walk.addresses(person, most=1) for name, walk in walks.items()}
    kinds = {name: {walks[name].route_of(one): one for one in led_to} for name, led_to in met.items()}
    for route in dict.fromkeys(route for of in kinds.values() for route in of):
        there = {name: of[route] for name, of in kinds.items() if route in of}
        taken: dict[str, list[Page]] = {name: [] for name in there}
        for _ in range(times):
            for name in shuffled.sample(sorted(there), len(there)):
                taken[name].append(walks[name].once(person, there[name]))
        for name, asked in taken.items():
            yield name, quickest(asked, met[name][there[name]])


def quickest(asked: Sequence[Page], reads: tuple[Read, ...] = ()) -> Page:
    """The least that a page cost of each: what else the machine does only adds to it."""
    least = {
        name: min(getattr(one, name) for one in asked) for name in ("milliseconds", "processor", "database")
    }
    return replace(asked[-1], reads=reads, **least)
