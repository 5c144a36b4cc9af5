"""Two or three people type in one record over HTTP, and what can go wrong on the way does: no word is lost.

`TYPING_RUNS` says how many runs of each kind there are; what is run is the same every time.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.changes.merging import Merged
from portal.records.minutes import typing
from portal.records.minutes.model import Minute
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_heading
from tests.meetings.days import make_day

Browser = Callable[[User | None], Client]
RUNS = int(os.environ.get("TYPING_RUNS", "12"))
STEPS = 50


@dataclass
class Box:
    """What one page knows of one box: as `minutes.js` keeps it."""

    item: str
    text: str = ""
    seen: int = 0
    known: int = 0
    seq: int = 0
    waits: bool = False


@dataclass
class Writer:
    """Somebody with the page open: requests are lost, late or doubled, and at times they are signed out."""

    letter: str
    reference: str
    browser: Client
    sign_in: Callable[[], Client]
    chance: random.Random
    boxes: list[Box]
    page: str = field(default_factory=lambda: str(uuid4()))
    late: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)

    def type(self, *, harder: bool) -> None:
        """A word of their own, somewhere; where it is harder, always within the same sentence."""
        box = self.boxes[0] if harder else self.chance.choice(self.boxes)
        word = f"{self.letter}{len(self.typed)}x"
        words = box.text.split(" ")
        easy = ["end", "end", "paragraph", "front", "midst"]
        place = self.chance.choice(["end", "midst"] if harder else easy)
        if place == "midst":
            words.insert(self.chance.randrange(len(words) + 1), word)
            box.text = " ".join(words)
        else:
            put = {"end": "{text} {word}", "paragraph": "{text}\n{word}", "front": "{word} {text}"}[place]
            box.text = put.format(text=box.text, word=word).strip()
        self.typed.append(word)
        box.waits = True

    def save(self, box: Box) -> None:
        """Send it; the request or its answer is lost, it comes twice, or late, or the session is over."""
        box.seq += 1
        start = f"m-{box.item}-"
        sent = {"page": self.page, f"{start}words": box.text, f"{start}seen": str(box.seen)}
        sent[f"{start}seq"] = str(box.seq)
        address = f"/meetings/{self.reference}/record/{box.item}/save"
        fate = self.chance.random()
        if fate < 0.12:
            return
        if fate < 0.22:
            self.late.append((address, sent))
            return
        if fate < 0.26:
            self.browser.delete_cookie(self.browser.application.config["PORTAL_SESSION_COOKIE"])
        answer = self._post(address, sent)
        if answer.status_code in {400, 401}:
            self.browser = self.sign_in()
            return
        assert answer.status_code == 204, answer.text[:300]
        if fate < 0.36:
            self._post(address, sent)
        if fate < 0.5:
            return
        box.waits = False
        if answer.headers["X-Same"] == "1":
            box.seen = box.known = int(answer.headers["X-Version"])

    def hear(self) -> None:
        """What was late arrives, and others' words come into the boxes of which nothing waits."""
        for address, sent in self.late:
            self._post(address, sent)
        self.late = []
        have = ",".join(f"{box.item}:{box.known}" for box in self.boxes)
        answer = self.browser.get(f"/meetings/{self.reference}/record/news?page={self.page}&have={have}")
        if answer.status_code != 200:
            return
        told: dict[str, Any] = answer.json or {}
        for news in told["boxes"]:
            box = next(one for one in self.boxes if one.item == news["id"])
            if not box.waits:
                box.text, box.seen, box.known = news["text"], news["version"], news["version"]

    def finish(self) -> None:
        """Whoever has words waiting tries until they are saved."""
        self.hear()
        for box in self.boxes:
            while box.waits:
                self.save(box)

    def _post(self, address: str, sent: dict[str, str]) -> Any:
        return self.browser.submit(address, sent, headers={"X-Autosave": "1"})


@dataclass
class Run:
    """One meeting and those who write in its record."""

    rows: Session
    cast: Cast
    client_for: Browser

    def once(self, seed: int, *, harder: bool = False) -> tuple[int, int, int]:
        """How many words were typed, lost and doubled."""
        chance = random.Random(seed)  # noqa: S311 - the same at every run
        day = make_day(self.rows, self.cast, kind="review")
        items = [str(make_heading(self.rows, day.meeting, None, f"Item {n}").id) for n in range(3)]
        people = [self.cast.coordinator, self.cast.chair, self.cast.coordinator][: chance.choice([2, 3])]
        writers = [
            Writer(
                letter,
                day.meeting.reference,
                self.client_for(who),
                lambda who=who: self.client_for(who),  # type: ignore[misc]  # bound now
                chance,
                [Box(item) for item in items],
            )
            for letter, who in zip("abc", people, strict=False)
        ]
        for _ in range(STEPS):
            writer, step = chance.choice(writers), chance.random()
            if step < 0.55:
                writer.type(harder=harder)
            elif step < 0.88:
                writer.save(chance.choice([box for box in writer.boxes if box.waits] or writer.boxes))
            else:
                writer.hear()
        for writer in writers:
            writer.finish()
        return self._counted(day.meeting.id, [word for writer in writers for word in writer.typed])

    def _counted(self, meeting_id: Any, typed: list[str]) -> tuple[int, int, int]:
        self.rows.rollback()
        self.rows.expire_all()
        texts = self.rows.scalars(select(Minute.text).where(Minute.meeting_id == meeting_id))
        words = [word for text in texts for word in text.split()]
        lost = sum(word not in words for word in typed)
        return len(typed), lost, sum(max(words.count(word) - 1, 0) for word in typed)


@pytest.fixture
def typed(rows: Session, cast: Cast, client_for: Browser) -> Run:
    return Run(rows, cast, client_for)


@pytest.mark.parametrize("harder", [False, True])
def test_no_word_is_lost_and_none_doubled_whatever_is_lost_on_the_way(typed: Run, harder: bool) -> None:
    words = 0
    for seed in range(RUNS):
        count, lost, doubled = typed.once(seed, harder=harder)
        assert (lost, doubled) == (0, 0), f"seed {seed}"
        words += count
    assert words > RUNS * 15


def test_whoever_saves_last_winning_would_lose_words(typed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing, "merge", lambda _base, _kept, mine: Merged(mine))
    assert sum(typed.once(seed)[1] for seed in range(3)) > 10


def test_a_base_by_the_version_alone_would_double_words(typed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing, "sent_last", lambda _last, _sent: None)
    assert sum(typed.once(seed)[2] for seed in range(3)) > 10
