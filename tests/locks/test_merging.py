"""Words of several who write in one box at once: what they typed is all there, and once.

The server is played here as the minutes do it, over any merge and any base, so that a wrong one can be told
from a right one: whoever saves last winning loses words, and a base by the version alone doubles them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.changes.merging import Merged, merge

Merge = Callable[[str, str, str], Merged]


@pytest.mark.parametrize(
    ("base", "kept", "typed", "wanted"),
    [
        ("", "Ada is here.", "", "Ada is here."),
        ("One.", "One.", "One. Two.", "One. Two."),
        ("One.\nTwo.", "One, seen.\nTwo.", "One.\nTwo, heard.", "One, seen.\nTwo, heard."),
        ("A van was seen.", "A white van was seen.", "A van was seen twice.", "A white van was seen twice."),
        ("", "Police: nothing.", "School: late.", "Police: nothing.\nSchool: late."),
        ("Seen.", "Seen. By police.", "Seen. By school.", "Seen. By school. By police."),
        ("Police", "Police\nSchool", "Police know", "Police know\nSchool"),
        ("a\nc", "a\nb\nc", "a\nc too", "a\nb\nc too"),
        ("a\nc", "a\nb\nc", "a\nnow c", "a\nb\nnow c"),
        (
            "He was at hom",
            "He was at hom. Mother said so",
            "He was at home",
            "He was at home. Mother said so",
        ),
        ("hel ", "hel lo", "hel yo", "hel yo lo"),
        ("Words. ", "Words. ", "Words.  ", "Words.  "),
        ("a b c", "a c", "a b", "a "),
        ("a b c", "a b c", "", ""),
        ("same", "both", "both", "both"),
        ("a", "a both", "a both", "a both"),
        ("a\nz", "a\nboth\nz", "a\nboth\nz end", "a\nboth\nz end"),
        ("a\r b", "a\r b c", "x a\r b", "x a\r b c"),
    ],
)
def test_what_only_one_changed_is_as_they_have_it(base: str, kept: str, typed: str, wanted: str) -> None:
    assert merge(base, kept, typed) == Merged(wanted)


@pytest.mark.parametrize(
    ("base", "kept", "typed", "wanted"),
    [
        ("At school.", "At home.", "At work.", "At home.\nAt work."),
        ("1\nAt school.\n3", "1\nAt home.\n3 a", "0 1\nAt work.\n3", "0 1\nAt home.\nAt work.\n3 a"),
        ("Seen by him on Sunday.", "Seen by her on Sunday.", "Nobody knows more.", None),
    ],
)
def test_where_both_changed_the_same_words_both_paragraphs_stay_and_it_is_noted(
    base: str, kept: str, typed: str, wanted: str | None
) -> None:
    merged = merge(base, kept, typed)
    assert merged.both_changed
    assert merged.text == (wanted or f"{kept}\n{typed}")


@pytest.mark.parametrize("swap", [False, True])
def test_what_is_taken_out_loses_against_what_is_changed(swap: bool) -> None:
    base, changed, gone = "One.\nTwo is long.\nThree.", "One.\nTwo is very long.\nThree.", "One."
    kept, typed = (gone, changed) if swap else (changed, gone)
    assert merge(base, kept, typed).text == "One.\nTwo is very long."
    base, changed, gone = "a b c d", "a b x d", ""
    kept, typed = (gone, changed) if swap else (changed, gone)
    assert merge(base, kept, typed).text == "a b x d"


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "\n", " ", "\n\n", "e f"]), max_size=14).map("".join)


@given(base=WORDS, kept=WORDS, typed=WORDS)
@settings(max_examples=600, deadline=None)
def test_no_word_of_either_is_gone_that_neither_took_out(base: str, kept: str, typed: str) -> None:
    """A word that one of them has more often than the base stands there at least as often."""
    merged = merge(base, kept, typed).text
    for word in {*kept.split(), *typed.split()}:
        now, was = merged.split().count(word), base.split().count(word)
        for side in (kept, typed):
            if side.split().count(word) > was:
                assert now > was or now >= side.split().count(word) - was


@given(base=WORDS, typed=WORDS)
@settings(max_examples=300, deadline=None)
def test_alone_one_has_what_one_typed(base: str, typed: str) -> None:
    assert merge(base, base, typed) == Merged(typed)
    assert merge(base, typed, base) == Merged(typed)
    assert merge(base, typed, typed) == Merged(typed)


@dataclass
class Server:
    """One box: what is kept, each version, and what each page sent last."""

    merge: Merge = merge
    by_version_alone: bool = False
    versions: list[str] = field(default_factory=lambda: [""])
    pages: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    clashes: int = 0

    def take_in(self, page: int, seq: int, seen: int, typed: str) -> tuple[int, bool]:
        kept = self.versions[-1]
        last = self.pages.get(page)
        if last and seq <= last[1]:
            return len(self.versions) - 1, kept == typed
        base = self.versions[seen]
        if last and last[0] == seen and not self.by_version_alone:
            base = last[2]
        merged = self.merge(base, kept, typed)
        self.clashes += merged.both_changed
        if merged.text != kept:
            self.versions.append(merged.text)
        self.pages[page] = (seen, seq, typed)
        return len(self.versions) - 1, merged.text == typed


@dataclass
class Page:
    """Somebody's box: types, sends, hears back or not, and takes in what others wrote when nothing waits."""

    number: int
    server: Server
    chance: random.Random
    text: str = ""
    seen: int = 0
    seq: int = 0
    waits: bool = False
    late: list[tuple[int, int, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    count: int = 0
    half: str = ""

    def type(self, *, harder: bool) -> None:
        """A word of its own, at the end, in front, in the midst or as a paragraph; at times half first."""
        self.waits = True
        if self.half:
            self.text = self.text.replace(f"{self.half}q", self.half)
            self.typed.append(self.half)
            self.half = ""
            return
        self.count += 1
        word = whole = f"{'abcdef'[self.number]}{self.count}x"
        if self.chance.random() < 0.3:
            self.half, word = whole, f"{whole}q"
        words = self.text.split(" ")
        place = self.chance.choice(["end", "end", "end", "paragraph", "front", "midst"])
        if harder:
            place = self.chance.choice(["end", "midst"])
        if place == "end":
            self.text = f"{self.text} {word}"
        elif place == "paragraph":
            self.text = f"{self.text}\n{word}"
        elif place == "front":
            self.text = f"{word} {self.text}"
        else:
            words.insert(self.chance.randrange(len(words) + 1), word)
            self.text = " ".join(words)
        if not self.half:
            self.typed.append(whole)

    def save(self) -> None:
        """Sends; the request may be lost, its answer may be, it may come twice, or late."""
        self.seq += 1
        sent = (self.seq, self.seen, self.text)
        fate = self.chance.random()
        if fate < 0.15:
            return  # lost
        if fate < 0.25:
            self.late.append(sent)
            return
        answer = self.server.take_in(self.number, *sent)
        if fate < 0.35:
            answer = self.server.take_in(self.number, *sent)  # twice
        if fate < 0.5:
            return  # the answer is lost
        self.waits = False
        if answer[1]:
            self.seen = answer[0]

    def hear(self) -> None:
        """What came late arrives, and others' words come in."""
        for sent in self.late:
            self.server.take_in(self.number, *sent)
        self.late = []
        if not self.waits:
            self.text, self.seen = self.server.versions[-1], len(self.server.versions) - 1


def run(seed: int, *, harder: bool = False, **faults: object) -> tuple[int, int, int, int]:
    """How many words were typed, lost, and doubled, and how often both changed the same words."""
    chance = random.Random(seed)  # noqa: S311 - the same at every run
    server = Server(**faults)  # type: ignore[arg-type]  # a test hands on what it breaks
    pages = [Page(number, server, chance) for number in range(chance.choice([2, 3]))]
    for _ in range(120):
        page = chance.choice(pages)
        step = chance.random()
        if step < 0.6:
            page.type(harder=harder)
        elif step < 0.9:
            page.save()
        else:
            page.hear()
    for page in pages:
        while page.waits:
            page.save()
    words = server.versions[-1].split()
    typed = [word for page in pages for word in page.typed]
    lost = sum(word not in words for word in typed)
    doubled = sum(max(words.count(word) - 1, 0) for word in typed)
    return len(typed), lost, doubled, server.clashes


@pytest.mark.parametrize("harder", [False, True])
def test_whatever_is_lost_on_the_way_no_word_is_lost_and_none_doubled(harder: bool) -> None:
    for seed in range(150):
        typed, lost, doubled, clashes = run(seed, harder=harder)
        assert typed > 30
        assert (lost, doubled) == (0, 0), f"seed {seed}, {clashes} clashes"


def last_wins(_base: str, _kept: str, typed: str) -> Merged:
    return Merged(typed)


def test_whoever_saves_last_winning_loses_words() -> None:
    assert sum(run(seed, merge=last_wins)[1] for seed in range(20)) > 100


def test_a_base_by_the_version_alone_doubles_words() -> None:
    assert sum(run(seed, by_version_alone=True)[2] for seed in range(20)) > 100
