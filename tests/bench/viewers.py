"""People with the record of a meeting open: what the scripts of the page ask for and send.

They do what `minutes.js` and `boxes.js` do, at the same intervals, which are read from them.
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests.bench.house import unpacked
from tests.bench.serving import OK, Browser

_SCRIPT = Path(__file__).parents[2] / "portal" / "static" / "src" / "minutes.js"
NO_CONTENT, NOT_MODIFIED = 204, 304
#: Who answers at the same time at most: more than the portal has processes.
HANDS = 12
LOOK = 0.005  # seconds between two looks at what is due
#: Of each meeting so many write: its chair and its note-taker.
WRITERS = 2
#: What somebody types between two saves, and for how many saves they stay in one box.
WORDS = "Seen at home on Monday and again at school."
STAYS = 6


def interval(name: str) -> float:
    """Seconds that the script waits, by the name that it has there."""
    found = re.search(rf"^const {name} = ([\d_]+);$", _SCRIPT.read_text("utf-8"), re.MULTILINE)
    assert found, f"{_SCRIPT.name} says no {name}"
    return int(found[1]) / 1000


@dataclass
class Heard:
    """What some viewers were answered: milliseconds of each save and poll, and what went wrong."""

    saves: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    unchanged: int = 0  # polls that were answered 304
    failed: list[str] = field(default_factory=list)

    def without_fault(self, do: Callable[[], None]) -> None:
        """Do something, and note it where that fails."""
        try:
            do()
        except OSError as fault:
            self.failed.append(repr(fault))


@dataclass
class Box:
    """What a page knows of one box."""

    item: str
    text: str = ""
    seen: int = 0
    known: int = 0
    seq: int = 0
    news: tuple[str, int] | None = None  # what others wrote while somebody was in it

    def take_news(self) -> None:
        """Show what others wrote, where nobody types."""
        if self.news:
            self.text, self.seen = self.news
            self.news = None


@dataclass(frozen=True)
class Open:
    """A meeting that is under way, and sessions of whoever has its record open; the first of them write."""

    reference: str
    items: Sequence[str]  # the headings of its agenda
    sessions: Sequence[str]


class Viewer:
    """One page that is open on the record of a meeting."""

    def __init__(self, port: int, session: str, meeting: Open, chance: random.Random) -> None:
        self._browser = Browser(port, f"portal={session}")
        self._port, self._session, self._chance = port, session, chance
        self._record = f"/meetings/{meeting.reference}/record"
        self._page, self._tag, self._said = str(uuid4()), "", ""
        self._others = False
        self._boxes = [Box(item) for item in meeting.items]
        self._box: Box | None = None  # where the caret stands
        self._saved = 0
        self._turn = threading.Lock()

    def may_write(self) -> None:
        """Get a token to send forms with, as the script does by itself, too."""
        response, body = self._browser.get("/token")
        assert response.status == OK, f"the token was answered {response.status}"
        cookie = (response.getheader("Set-Cookie") or "").split(";")[0]
        self._browser = Browser(self._port, f"portal={self._session}; {cookie}")
        self._token = json.loads(unpacked(response, body))["token"]

    def poll(self, heard: Heard) -> float:
        """Ask what is new, unless nothing is; gives after how many seconds the script asks again."""
        asked = {
            "page": self._page,
            "in": self._box.item if self._box else "",
            "said": self._said,
            "have": ",".join(f"{box.item}:{box.known}" for box in self._boxes),
        }
        headers = {"If-None-Match": self._tag} if self._tag else {}
        begun = time.perf_counter()
        response, body = self._browser.get(f"{self._record}/news?{urlencode(asked)}", headers)
        heard.polls.append((time.perf_counter() - begun) * 1000)
        if response.status == NOT_MODIFIED:
            heard.unchanged += 1
        elif response.status == OK:
            self._hear(json.loads(unpacked(response, body)), response.getheader("ETag") or "")
        else:
            heard.failed.append(f"asking answered {response.status}")
        return interval("POLL" if self._others else "POLL_ALONE")

    def _hear(self, told: dict[str, Any], tag: str) -> None:
        self._tag, self._others = tag, bool(told["here"])
        self._said = told["said"].get("print", self._said)
        boxes = {box.item: box for box in self._boxes}
        for news in told["boxes"]:
            box = boxes[news["id"]]
            box.known, box.news = news["version"], (news["text"], news["version"])
            if box is not self._box:
                box.take_news()

    def save(self, heard: Heard) -> bool:
        """Type some words more and save them; gives whether others wrote there, so that the script asks."""
        with self._turn:  # one request of a box at a time
            box = self._in_a_box()
            box.seq += 1
            box.text = f"{box.text} {WORDS}".strip()
            start = f"m-{box.item}-"
            form = {"page": self._page, f"{start}words": box.text, f"{start}seen": str(box.seen)}
            form[f"{start}seq"] = str(box.seq)
            headers = {"X-Autosave": "1", "X-CSRFToken": self._token}
            begun = time.perf_counter()
            response, _ = self._browser.post(f"{self._record}/{box.item}/save", form, headers)
            heard.saves.append((time.perf_counter() - begun) * 1000)
            if response.status != NO_CONTENT:
                heard.failed.append(f"saving answered {response.status}")
                return False
            if response.getheader("X-Same") != "1":
                return True
            box.seen = box.known = int(response.getheader("X-Version") or 0)
            box.news = None
            return False

    def _in_a_box(self) -> Box:
        """Where the caret stands; after some saves that is another box."""
        if self._box is None or self._saved % STAYS == 0:
            left, self._box = self._box, self._chance.choice(self._boxes)
            if left:
                left.take_news()
        self._saved += 1
        return self._box


class Room:
    """Some meetings that go on at once, each with the viewers of its record."""

    def __init__(self, port: int, meetings: Iterable[Open], *, seed: int = 1) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same at every run
        self._meetings = [
            [Viewer(port, session, one, random.Random(self._chance.random())) for session in one.sessions]  # noqa: S311 - likewise
            for one in meetings
        ]

    def come(self) -> int:
        """Everybody hears of the others; gives how many there are."""
        heard, every = Heard(), [one for meeting in self._meetings for one in meeting]
        with ThreadPoolExecutor(HANDS) as pool:
            list(pool.map(Viewer.may_write, (one for meeting in self._meetings for one in meeting[:WRITERS])))
            for _ in range(2):
                list(pool.map(partial(Viewer.poll, heard=heard), every))
        assert not heard.failed, heard.failed[:3]
        return len(every)

    def go_on(self, seconds: float, *, saves: float) -> Heard:
        """Let everybody look on, and somebody save so many times a second, meeting after meeting.

        Args:
            seconds: for so long; polls that come later than that are left for the next time.
            saves: how many a second, in all meetings together.
        """
        heard, due, begun = Heard(), _Due(), time.monotonic()

        def polls(viewer: Viewer) -> None:
            due.add(time.monotonic() + viewer.poll(heard), partial(polls, viewer))

        def saved(writer: Viewer) -> None:
            if writer.save(heard):
                writer.poll(heard)

        for viewer in (one for meeting in self._meetings for one in meeting):
            due.add(begun + self._chance.random() * interval("POLL"), partial(polls, viewer))
        for number in range(int(seconds * saves)):
            meeting = self._meetings[number % len(self._meetings)]
            writer = meeting[number // len(self._meetings) % WRITERS]
            due.add(begun + number / saves, partial(saved, writer))
        with ThreadPoolExecutor(HANDS) as pool:
            while time.monotonic() < begun + seconds:
                if ready := due.next():
                    pool.submit(heard.without_fault, ready)
                else:
                    time.sleep(LOOK)
        return heard


class _Due:
    """What is to be done, and when."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers, self._held = count(), threading.Lock()

    def add(self, at: float, do: Callable[[], None]) -> None:
        """To be done at that moment."""
        with self._held:
            heappush(self._heap, (at, next(self._numbers), do))

    def next(self) -> Callable[[], None] | None:
        """What is due now, if anything is."""
        with self._held:
            return heappop(self._heap)[2] if self._heap and self._heap[0][0] <= time.monotonic() else None
