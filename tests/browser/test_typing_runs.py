"""Two or three pages of a meeting's record are typed in at once, in Chromium, and what can go wrong does.

Clocks are two hours wrong, connections go, workers are killed, people are signed out, tabs are closed: no
word is lost, and none is there twice. What is done is the same every time, but not the moment at which it is.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo import postgres
from portal.records.minutes.model import Minute
from portal.records.people.model import User
from tests import database
from tests.bench.measuring import workers
from tests.bench.serving import gunicorn
from tests.browser.conftest import Visitors
from tests.browser.typing_server import LAST_WRITER, VERSION_ALONE
from tests.cast import Cast
from tests.factories.meetings import make_heading
from tests.factories.people import open_session
from tests.meetings.days import make_day

RUNS, AT_ONCE = 15, 8
STEPS, PAUSE = 20, 250  # milliseconds
WRONG = range(3)  # the runs that a fault of the portal has to be seen in
KILLED_EVERY = 6  # steps
PATIENCE = 20  # seconds until what waits on a page is tried again for certain: the script waits 15 at most
SETTLED = 3  # seconds in which whatever waits is saved, where nothing goes wrong
COOKIE = "portal"
#: A browser that says that it is two hours earlier or later than it is.
WRONG_CLOCK = """(off => {
    const Right = Date;
    globalThis.Date = class extends Right {
        constructor(...given) { given.length ? super(...given) : super(Right.now() + off); }
        static now() { return Right.now() + off; }
    };
})(%d)"""
#: Put words into a box as keys would, at its end, its front or between two words.
TYPE = """([item, place, words]) => {
    const area = document.querySelector(`[data-live-box="${item}"] textarea`);
    const spaces = [...area.value.matchAll(/ /g)].map(one => one.index);
    area.focus();
    const end = area.value.length;
    const midst = spaces.length ? spaces[Math.floor(spaces.length / 2)] : end;
    const at = { end, front: 0, midst }[place];
    area.setSelectionRange(at, at);
    const typed = place === 'front' ? `${words} ` : ` ${words}`;
    document.execCommand('insertText', false, typed);
}"""
ON_TIME = "!document.querySelector('.app-save-state--problem')"


@dataclass
class Person:
    """Somebody with a browser of their own, and one tab or two."""

    user: User
    context: BrowserContext
    tabs: list[Page] = field(default_factory=list)
    trouble: str = ""
    until: int = 0  # the step at which it ends

    def begin(self, trouble: str, until: int) -> None:
        """Be without a connection, or without a session."""
        self.trouble, self.until = trouble, until
        if trouble == "offline":
            self.context.set_offline(True)
        else:
            self.context.clear_cookies()

    def end(self, sign_in: Callable[["Person"], None]) -> None:
        """Be there again."""
        if self.trouble == "offline":
            self.context.set_offline(False)
        elif self.trouble:
            sign_in(self)
            for tab in self.tabs:
                tab.evaluate("window.dispatchEvent(new Event('focus'))")
        self.trouble = ""


@dataclass
class Run:
    """One meeting, and those who write in its record."""

    rows: Session
    chance: random.Random
    meeting_id: UUID
    reference: str
    items: Sequence[str]
    people: list[Person]
    sign_in: Callable[[Person], None]
    listen: Callable[[Page], None]
    happened: Counter[str]
    typed: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Everybody opens the record; in about every second run one of them twice."""
        for number, person in enumerate(self.people):
            self.sign_in(person)
            for _ in range(2 if number == 0 and self.chance.random() < 0.5 else 1):
                self._open_tab(person)

    def step(self, number: int) -> None:
        """Somebody types; or something goes wrong, or is right again."""
        for person in self.people:
            if person.trouble and person.until <= number:
                person.end(self.sign_in)
        person = self.chance.choice(self.people)
        what = self.chance.random()
        if what < 0.12 and not person.trouble:
            trouble = self.chance.choice(["offline", "offline", "offline", "signed out"])
            person.begin(trouble, number + self.chance.randint(3, 8))
            self.happened[trouble] += 1
        elif what < 0.2:
            self._close_tab(person)
        self._type(self.chance.choice(person.tabs))

    def _type(self, tab: Page) -> None:
        words = [f"w{len(self.typed) + number}x" for number in range(self.chance.randint(3, 9))]
        place = self.chance.choice(["end", "end", "midst", "front"])
        tab.evaluate(TYPE, [self.chance.choice(self.items), place, " ".join(words)])
        self.typed += words

    def _open_tab(self, person: Person) -> None:
        tab = person.context.new_page()
        self.listen(tab)
        tab.goto(f"/meetings/{self.reference}/record")
        person.tabs.append(tab)

    def _close_tab(self, person: Person) -> None:
        """One tab of two, at once after somebody typed in it."""
        tab = person.tabs[-1]
        if len(person.tabs) > 1 and not person.trouble and tab.evaluate(ON_TIME):
            self._type(tab)
            tab.close()
            person.tabs.remove(tab)
            self._wait_until_it_is_kept(person)
            self.happened["closed"] += 1

    def _wait_until_it_is_kept(self, person: Person) -> None:
        """Nobody is there who would send it again if the worker that answers were killed."""
        ends = time.monotonic() + SETTLED
        last = self.typed[-1]
        while last not in self._kept() and time.monotonic() < ends:
            person.tabs[0].wait_for_timeout(50)

    def finish(self) -> None:
        """Everybody is there, and online: what could not be saved is tried again at once."""
        for person in self.people:
            person.end(self.sign_in)
            for tab in person.tabs:
                tab.evaluate("window.dispatchEvent(new Event('online'))")

    def lost_and_doubled(self) -> tuple[int, int]:
        """How many of the words that were typed are not on record, and how many are there twice."""
        words, typed = self._kept(), Counter(self.typed)
        return (typed - words).total(), (words - typed).total()

    def _kept(self) -> Counter[str]:
        self.rows.rollback()
        texts = self.rows.scalars(select(Minute.text).where(Minute.meeting_id == self.meeting_id))
        return Counter(word for text in texts for word in text.split())


@dataclass
class Outcome:
    """What became of some runs."""

    characters: int
    lost: int
    doubled: int
    happened: Counter[str]


@dataclass
class Runs:
    """Runs some meetings at once at a server."""

    rows: Session
    cast: Cast
    visitors: Visitors

    def go(
        self,
        port: int,
        seeds: Sequence[int],
        *,
        boxes: int = 2,
        patience: float = PATIENCE,
    ) -> Outcome:
        """Let every run take its steps, and wait until what was typed is on record.

        Args:
            boxes: under so many headings people type; of one alone no page takes words in: nobody leaves it.
            patience: seconds until what is not on record counts as lost.
        """
        happened: Counter[str] = Counter()
        runs = [self._run(port, seed, boxes, happened) for seed in seeds]
        for run in runs:
            run.open()
        breathe = runs[0].people[0].tabs[0]
        for number in range(STEPS):
            for run in runs:
                run.step(number)
            if number % KILLED_EVERY == KILLED_EVERY - 1:
                os.kill(workers(port)[number % 2], signal.SIGKILL)
                happened["killed"] += 1
            breathe.wait_for_timeout(PAUSE)
        for run in runs:
            run.finish()
        ends = time.monotonic() + patience
        while any(run.lost_and_doubled()[0] for run in runs) and time.monotonic() < ends:
            breathe.wait_for_timeout(PAUSE)
        breathe.wait_for_timeout(SETTLED * 1000)
        found = [run.lost_and_doubled() for run in runs]
        characters = sum(len(word) + 1 for run in runs for word in run.typed)
        return Outcome(characters, sum(one[0] for one in found), sum(one[1] for one in found), happened)

    def _run(self, port: int, seed: int, boxes: int, happened: Counter[str]) -> Run:
        chance = random.Random(seed)  # noqa: S311 - the same at every run
        address = f"http://127.0.0.1:{port}"
        day = make_day(self.rows, self.cast, kind="review")
        items = [str(make_heading(self.rows, day.meeting, None, f"Item {n}").id) for n in range(boxes)]
        people = []
        for user in (self.cast.coordinator, self.cast.chair):
            context = self.visitors.browse(address)
            context.add_init_script(WRONG_CLOCK % (chance.choice([-2, 2]) * 3_600_000))
            people.append(Person(user, context))

        def sign_in(person: Person) -> None:
            token = open_session(self.rows, person.user.id)
            person.context.add_cookies([{"name": COOKIE, "value": token, "url": address}])

        meeting, listen = day.meeting, self.visitors.listen
        return Run(self.rows, chance, meeting.id, meeting.reference, items, people, sign_in, listen, happened)


@pytest.fixture
def typed(rows: Session, cast: Cast, visitors: Visitors) -> Runs:
    visitors.expect_complaints("Failed to load resource", "net::ERR")
    return Runs(rows, cast, visitors)


@contextmanager
def portal_on(server: postgres.Server, fault: str = "") -> Iterator[int]:
    """Web processes as a deployment runs them, over the test database. Gives the port."""
    settings = {
        "PORTAL_MODE": "test",
        "SECRET_KEY": "for tests only, and long enough to be one",
        "SEARCH_HASH_KEY": "what searches are compared by in tests",
        "DATABASE_URL": server.url("portal_app", database.NAME),
        "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", database.NAME),
        "DATABASE_DOCUMENTS_URL": server.url("portal_documents", database.NAME),
        "TYPING_FAULT": fault,
    }
    with gunicorn("tests.browser.typing_server:app()", settings) as port:
        yield port


@pytest.fixture(scope="module")
def port(server: postgres.Server) -> Iterator[int]:
    """Of the portal as it is."""
    with portal_on(server) as found:
        yield found


@pytest.mark.parametrize("first", range(0, RUNS, AT_ONCE))
def test_no_word_is_lost_and_none_doubled_whatever_goes_wrong(port: int, typed: Runs, first: int) -> None:
    seeds = range(first, min(first + AT_ONCE, RUNS))
    found = typed.go(port, seeds)
    assert (found.lost, found.doubled) == (0, 0), found
    assert found.characters > len(seeds) * 300
    assert {"offline", "signed out", "killed"} <= found.happened.keys(), found


def test_whoever_saves_last_winning_would_lose_words(server: postgres.Server, typed: Runs) -> None:
    with portal_on(server, LAST_WRITER) as port:
        found = typed.go(port, WRONG, boxes=1, patience=SETTLED)
    assert found.lost > 10, found


def test_a_base_by_the_version_alone_would_double_words(server: postgres.Server, typed: Runs) -> None:
    with portal_on(server, VERSION_ALONE) as port:
        found = typed.go(port, WRONG, boxes=1, patience=SETTLED)
    assert found.doubled > 10, found
