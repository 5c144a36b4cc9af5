"""Every page of the portal, as each walker of the demonstration comes to it by links: what it costs."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from portal.extensions import db
from tests.bench.around import AROUND
from tests.bench.reads import Read, Reads
from tests.races.sending import Sent
from tests.walk.walking import follow, links, within

OK, TIMES = 200, 3


@dataclass(frozen=True)
class Page:
    """What a page cost somebody: the quickest of some times that they asked for it.

    What else the machine does only adds to it.
    """

    route: str
    person: str
    address: str
    status: int
    milliseconds: float  # as a clock on the wall has it
    processor: float  # milliseconds of the web process, which the database's are not
    statements: int  # beside those of every page
    rows: int
    bytes: int
    reads: tuple[Read, ...] = ()  # what it makes the database read beyond measure


@dataclass
class Asked:
    """What an application sends to the database, and how many rows come back."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    rows: int = 0

    def watch(self, app: Flask) -> None:
        """Take note from now on."""
        with app.app_context():
            event.listen(db.engine, "after_cursor_execute", self._note)

    def _note(self, _connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not AROUND.search(statement):
            self.statements.append((statement, parameters))
            self.rows += max(cursor.rowcount, 0)


class Walk:
    """Asks an application for its pages, in this process."""

    def __init__(self, app: Flask, tokens: Mapping[str, str]) -> None:
        self._app, self.sent, self.reads = app, Asked(), Reads()
        self.sent.watch(app)
        self.reads.watch(app)
        self._clients = {}
        for person, token in tokens.items():
            self._clients[person] = app.test_client()
            self._clients[person].set_cookie(app.config["PORTAL_SESSION_COOKIE"], token)

    def addresses(self, person: str, *, most: int) -> list[str]:
        """What links lead somebody to, so many pages of a kind."""
        met: list[str] = []

        def look(address: str) -> list[str] | None:
            answer = self._clients[person].get(address)
            if answer.location:
                return [within(answer.location, address)]
            met.append(address)
            if answer.mimetype != "text/html":
                return None
            return links(BeautifulSoup(answer.data, "html.parser"), address)

        follow(look, self.route_of, most=most)
        return met

    def route_of(self, address: str) -> str:
        """The address as its route has it."""
        try:
            rule, _ = self._app.url_map.bind("portal").match(address.partition("?")[0], return_rule=True)
        except (HTTPException, RequestRedirect):
            return address.partition("?")[0]
        return str(rule.rule)

    def cost(self, person: str, address: str) -> Page:
        """What an address costs somebody who was there before."""
        reads = self._read(person, address)
        taken = [self._once(person, address) for _ in range(TIMES)]
        last = taken[-1]
        return Page(
            **{
                **vars(last),
                "milliseconds": min(one.milliseconds for one in taken),
                "processor": min(one.processor for one in taken),
                "reads": reads,
            }
        )

    def _read(self, person: str, address: str) -> tuple[Read, ...]:
        self.reads.found.clear()
        self.reads.watching = True
        self._clients[person].get(address)
        self.reads.watching = False
        return tuple(self.reads.found)

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

    def _once(self, person: str, address: str) -> Page:
        return self.timed(person, address, partial(self._clients[person].get, address))[0]

    def timed(self, person: str, address: str, ask: Callable[[], TestResponse]) -> tuple[Page, TestResponse]:
        """What it costs to ask, and the answer."""
        self.sent.statements.clear()
        self.sent.rows = 0
        wall, processor = time.perf_counter(), time.process_time()
        answer = ask()
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        cost = Page(
            self.route_of(address),
            person,
            address,
            answer.status_code,
            wall * 1000,
            processor * 1000,
            len(self.sent.statements),
            self.sent.rows,
            len(answer.data),
        )
        return cost, answer


def pages(walk: Walk, people: Iterable[str], *, most: int = 1) -> Iterator[Page]:
    """Every page that each of some people is led to, with its cost."""
    for person in people:
        for address in walk.addresses(person, most=most):
            yield walk.cost(person, address)
