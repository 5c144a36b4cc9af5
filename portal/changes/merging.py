"""Words of two people who wrote in one box at the same time, brought together: by paragraph, then by word.

Pure: it knows three texts and nothing of where they are kept. Nothing that somebody typed goes away, and
nothing stands there twice unless both changed the same words.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

_TOKENS = re.compile(r"\w+|\W")


@dataclass(frozen=True)
class Merged:
    """What stands in the box then, and whether both changed the same words, so that both paragraphs stay."""

    text: str
    both_changed: bool = False


@dataclass(frozen=True, order=True)
class _Edit:
    """From `start` to `end` of the base stands `text` instead."""

    start: int
    end: int
    text: str

    @property
    def is_insertion(self) -> bool:
        return self.start == self.end

    @property
    def is_deletion(self) -> bool:
        return not self.text


def merge(base: str, kept: str, typed: str) -> Merged:
    """Bring together what is kept and what somebody typed who began from `base`.

    What only one of them changed is as they have it. What both put in at one place stays, both. Where one
    took out what the other changed, the change stays with its paragraph. Where both changed the same words,
    both paragraphs stay.

    Args:
        base: what the box held when the two parted.
        kept: what is on record now.
        typed: what stands in the box of whoever saves.
    """
    if typed in {kept, base}:
        return Merged(kept)
    if kept == base:
        return Merged(typed)
    paragraphs = _Paragraphs(base)
    ours, theirs = _edits(base, typed), _edits(base, kept)
    ours, theirs = _beside_space(base, ours, theirs), _beside_space(base, theirs, ours)
    ours, theirs = _spare(ours, theirs, paragraphs), _spare(theirs, ours, paragraphs)
    clashes = _clashes(ours, theirs, paragraphs)
    text: list[str] = []
    at = 0
    for start, end in clashes:
        text += _woven(base, at, start, _outside(ours, clashes), _outside(theirs, clashes))
        both = [_applied(base, start, end, edits) for edits in (theirs, ours)]
        text.append("\n".join(both))
        at = end
    text += _woven(base, at, len(base), _outside(ours, clashes), _outside(theirs, clashes))
    return Merged("".join(text), bool(clashes))


class _Paragraphs:
    """Where the paragraphs of a text begin and end, without the line break after them."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(one.end() for one in re.finditer("\n", text))]
        self._length = len(text)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """From the beginning of the paragraph of `start` to the end of that of `end`."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end)
        return self._starts[first], self._starts[last] - 1 if last < len(self._starts) else self._length


def _edits(base: str, changed: str) -> list[_Edit]:
    """What was changed, in the order of the base: whole paragraphs, and within those that differ, words."""
    old, new = base.splitlines(keepends=True), changed.splitlines(keepends=True)
    offsets = _offsets(old, 0)
    found: list[_Edit] = []
    for gap in _gaps(old, new, _Span(0, len(old), 0, len(new))):
        words = "".join(new[gap.left : gap.right])
        if gap.low < gap.high and words:
            found += _word_edits("".join(old[gap.low : gap.high]), words, offsets[gap.low])
        else:
            found.append(_Edit(offsets[gap.low], offsets[gap.high], words))
    return found


def _word_edits(old: str, new: str, offset: int) -> Iterator[_Edit]:
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    places = _offsets(before, offset)
    for gap in _gaps(before, after, _Span(0, len(before), 0, len(after))):
        yield _Edit(places[gap.low], places[gap.high], "".join(after[gap.left : gap.right]))


def _offsets(pieces: Sequence[str], first: int) -> list[int]:
    return [*accumulate((len(one) for one in pieces), initial=first)]


@dataclass(frozen=True)
class _Span:
    """From `low` to `high` of one list, and from `left` to `right` of another."""

    low: int
    high: int
    left: int
    right: int


def _gaps(old: Sequence[str], new: Sequence[str], span: _Span) -> Iterator[_Span]:
    """Where two lists differ: what is left between their ends and what each of them has only once."""
    low, high, left, right = span.low, span.high, span.left, span.right
    while low < high and left < right and old[low] == new[left]:
        low, left = low + 1, left + 1
    while low < high and left < right and old[high - 1] == new[right - 1]:
        high, right = high - 1, right - 1
    anchors = _anchors(old, new, _Span(low, high, left, right))
    if not anchors:
        if low < high or left < right:
            yield _Span(low, high, left, right)
        return
    for at, there in [*anchors, (high, right)]:
        yield from _gaps(old, new, _Span(low, at, left, there))
        low, left = at + 1, there + 1


def _anchors(old: Sequence[str], new: Sequence[str], span: _Span) -> list[tuple[int, int]]:
    """Places of words that both have once there, in an order that both share: the longest such row.
    A space or a stop is none: it goes with the word beside it.
    """
    once = _once(old, span.low, span.high)
    there = _once(new, span.left, span.right)
    ends: list[int] = []  # the patience game: the least place at which a row of each length ends
    piles: list[tuple[int, int]] = []
    behind: dict[tuple[int, int], tuple[int, int] | None] = {}
    for word, at in once.items():
        if word in there:
            pile = bisect_left(ends, there[word])
            pair = (at, there[word])
            behind[pair] = piles[pile - 1] if pile else None
            ends[pile : pile + 1], piles[pile : pile + 1] = [there[word]], [pair]
    row, last = [], piles[-1] if piles else None
    while last:
        row.append(last)
        last = behind[last]
    return row[::-1]


def _once(words: Sequence[str], start: int, end: int) -> dict[str, int]:
    found: dict[str, int] = {}
    often = set()
    for place in range(start, end):
        if words[place] in found:
            often.add(words[place])
        found[words[place]] = place
    return {word: place for word, place in found.items() if word not in often and _is_word(word)}


def _is_word(token: str) -> bool:
    return any(one.isalnum() for one in token)


def _meet(one: _Edit, other: _Edit) -> bool:
    """Whether two edits are of the same words; two that only touch are not."""
    if one.is_insertion and other.is_insertion:
        return False
    if one.is_insertion:
        return other.start < one.start < other.end
    if other.is_insertion:
        return one.start < other.start < one.end
    return max(one.start, other.start) < min(one.end, other.end)


def _beside_space(base: str, edits: Sequence[_Edit], others: Sequence[_Edit]) -> list[_Edit]:
    """The edits; where the other changed the same space between words, put in before it: it is no word."""
    found: list[_Edit] = []
    for edit in edits:
        is_space = base[edit.start : edit.end].isspace()
        if not is_space or not any(_meet(edit, one) for one in others):
            found.append(edit)
        elif edit.text:
            found.append(_Edit(edit.start, edit.start, edit.text))
    return found


def _spare(edits: Sequence[_Edit], others: Sequence[_Edit], paragraphs: _Paragraphs) -> list[_Edit]:
    """The edits without what they take out of a paragraph in which the other changed those very words."""
    found: list[_Edit] = []
    for edit in edits:
        met = [one for one in others if edit.is_deletion and not one.is_deletion and _meet(edit, one)]
        at = edit.start
        for one in met:
            start, end = paragraphs.around(one.start, one.end)
            is_whole = at == paragraphs.around(at, at)[0]
            until = start if is_whole else start - 1  # what is spared stays a paragraph of its own
            if at < until:
                found.append(_Edit(at, until, ""))
            at = max(at, end)
        if not met:
            found.append(edit)
        elif at < edit.end:
            found.append(_Edit(at, edit.end, ""))
    return found


def _clashes(
    ours: Sequence[_Edit], theirs: Sequence[_Edit], paragraphs: _Paragraphs
) -> list[tuple[int, int]]:
    """The paragraphs of the base in which both changed the same words to something else, in order."""
    found: list[tuple[int, int]] = []
    for one in ours:
        for other in theirs:
            if one != other and not (one.is_deletion and other.is_deletion) and _meet(one, other):
                found.append(paragraphs.around(min(one.start, other.start), max(one.end, other.end)))
    grown = _grown(found, [*ours, *theirs], paragraphs)
    while grown != found:
        found, grown = grown, _grown(grown, [*ours, *theirs], paragraphs)
    return grown


def _grown(
    clashes: Sequence[tuple[int, int]], edits: Sequence[_Edit], paragraphs: _Paragraphs
) -> list[tuple[int, int]]:
    """What reaches into a paragraph belongs to it as a whole, and two that meet are one."""
    grown: list[tuple[int, int]] = []
    for clash in sorted(clashes):
        start, end = clash
        for edit in edits:
            if max(edit.start, start) < min(edit.end, end):
                low, high = paragraphs.around(edit.start, edit.end)
                start, end = min(start, low), max(end, high)
        if grown and start <= grown[-1][1]:
            low, high = grown.pop()
            start, end = low, max(end, high)
        grown.append((start, end))
    return grown


def _outside(edits: Sequence[_Edit], clashes: Sequence[tuple[int, int]]) -> list[_Edit]:
    return [one for one in edits if not any(_within(one, *clash) for clash in clashes)]


def _within(edit: _Edit, start: int, end: int) -> bool:
    return start <= edit.start and edit.end <= end


def _applied(base: str, start: int, end: int, edits: Sequence[_Edit]) -> str:
    """A part of the base with the edits of one of the two."""
    text, at = [], start
    for one in edits:
        if _within(one, start, end):
            text += [base[at : one.start], one.text]
            at = one.end
    return "".join([*text, base[at:end]])


def _woven(base: str, start: int, end: int, ours: Sequence[_Edit], theirs: Sequence[_Edit]) -> Iterator[str]:
    """A part of the base with the edits of both, none of which are of the same words."""
    at, before = start, ""
    for edit in _in_one_row(base, ours, theirs):
        if _within(edit, start, end):
            for piece in (base[at : edit.start], edit.text):
                yield _between(before, piece)
                yield piece
                before = piece or before
            at = max(at, edit.end)
    yield _between(before, base[at:end])
    yield base[at:end]


def _in_one_row(base: str, ours: Sequence[_Edit], theirs: Sequence[_Edit]) -> list[_Edit]:
    """The edits of both in the order of the base; what both put in at one place is one."""
    mine = {one.start: one for one in ours if one.is_insertion}
    other = {one.start: one for one in theirs if one.is_insertion}
    both = {at: _side_by_side(base, mine[at], other[at]) for at in mine.keys() & other.keys()}
    apart = {one for one in (*ours, *theirs) if not (one.is_insertion and one.start in both)}
    return sorted([*apart, *(_Edit(at, at, text) for at, text in both.items())])


def _between(first: str, second: str) -> str:
    """What keeps the words of two people apart that come to stand side by side."""
    return " " if first[-1:].isalnum() and second[:1].isalnum() else ""


def _side_by_side(base: str, mine: _Edit, other: _Edit) -> str:
    """What both put in at one place. Whoever goes on in a paragraph comes before whoever begins one, and the
    words that somebody types one after the other stay together.
    """
    if mine == other:
        return mine.text
    before, after = base[: mine.start], base[mine.start :]
    is_empty = (not before or before.endswith("\n")) and (not after or after.startswith("\n"))
    if other.text.startswith("\n") != mine.text.startswith("\n"):
        is_other_first = mine.text.startswith("\n")
    elif other.text.endswith("\n") != mine.text.endswith("\n"):
        is_other_first = other.text.endswith("\n")
    else:
        is_other_first = is_empty or other.text.startswith("\n")
    first, second = (other.text, mine.text) if is_other_first else (mine.text, other.text)
    if first[-1].isspace() or second[0].isspace():
        return f"{first}{second}"
    return f"{first}\n{second}" if is_empty else f"{first}{_between(first, second)}{second}"
