"""A year of a child in one picture: level, missing, critical moments, meetings, and contacts by week.

It lies along the page on a wide screen, and runs down it on a phone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.vocabulary import Labelled
from portal.web.pictures.scale import along_time, apart, months

_WEEK = 7 * 24 * 60 * 60  # seconds


class EventKind(Labelled):
    """What is drawn as a numbered mark, in the order of the lanes."""

    LEVEL = "level", "Level"
    MISSING = "missing", "Missing"
    MOMENT = "moment", "Critical moments"
    MEETING = "meeting", "Meetings"


#: Groups of agencies whose contacts are counted by week, in the order of their rows.
GROUPS = {
    "social_care": "Social care",
    "police": "Police",
    "health": "Health",
    "school": "School",
    "other": "Council and others",
}
#: Marks of one kind that find room beside each other on the smaller picture.
MOST_NUMBERED = 28
_LANES = {"high": 0, "medium": 1, "low": 2, "none": 3}


@dataclass(frozen=True)
class YearEvent:
    """Something that happened, with its number in the table.

    Attributes:
        number: 0 for one of a kind that has more than `MOST_NUMBERED`, which is drawn small and without it.
        level: of a level that was decided.
        until: of an episode, when the child was back; None while it goes on.
    """

    number: int
    at: datetime
    kind: EventKind
    level: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Mark:
    """A numbered mark; a small one where its number is 0."""

    x: float
    y: float
    kind: str
    level: str
    number: int


@dataclass(frozen=True)
class Box:
    """A rectangle: a lane, how long somebody was missing, the contacts of a week."""

    x: float
    y: float
    width: float
    height: float
    kind: str = ""


@dataclass(frozen=True)
class Label:
    """A word at a place; `turned` ones are written upwards."""

    x: float
    y: float
    text: str
    kind: str = ""
    turned: bool = False


@dataclass(frozen=True, kw_only=True)
class Year:
    """All that is drawn."""

    width: int
    height: int
    marks: Sequence[Mark]
    boxes: Sequence[Box]
    lanes: Sequence[Box]
    labels: Sequence[Label]
    rules: Sequence[tuple[float, float, float, float]]
    now: tuple[float, float, float, float]
    path: str

    @property
    def outlines(self) -> Mapping[str, str]:
        """One path for all rectangles of a kind, each drawn from where the one before began, to whole pixels.

        There may be hundreds, and what repeats itself weighs little.
        """
        found: dict[str, str] = {}
        begun: dict[str, tuple[int, int]] = {}
        for one in self.boxes:
            x, y = round(one.x), round(one.y)
            across, down = max(round(one.x + one.width) - x, 1), max(round(one.y + one.height) - y, 1)
            last = begun.get(one.kind, (0, 0))
            begun[one.kind] = (x, y)
            moved = f"m{x - last[0]} {y - last[1]}h{across}v{down}h-{across}z"
            found[one.kind] = found.get(one.kind, "") + moved
        return found

    @property
    def ruled(self) -> str:
        """One path for all thin lines, which are upright or level."""
        return "".join(
            f"M{x1:.0f} {y1:.0f}{f'V{y2:.0f}' if x1 == x2 else f'H{x2:.0f}'}" for x1, y1, x2, y2 in self.rules
        )


@dataclass(frozen=True)
class _Lane:
    kind: EventKind
    begins: float
    wide: float
    gap: float


def wide(
    events: Sequence[YearEvent], weeks: Mapping[str, Sequence[int]], since: datetime, until: datetime
) -> Year:
    """The picture from left to right, 1140 pixels wide.

    Args:
        events: in the order of their moments.
        weeks: contacts of each group of `GROUPS`, by week from `since` on.
    """
    left, right, top = 168.0, 1124.0, 30.0
    lanes = _lanes(top, (84, 50, 50, 40), (22, 25, 29, 26))
    across = along_time(since, until, left, right)
    below = lanes[-1].begins + lanes[-1].wide
    height = int(below + 26 + 28 * len(GROUPS) + 12)
    begins = [(across(at), at) for at in months(since, until)]
    level = lanes[0]
    rows = _level_places(level.begins + 16, level.wide - 28)
    marks = _marks(events, lanes, across, (left, right), rows)
    bars = [
        Box(across(_week(since, index)) + 1, below + 26 + 28 * row + 25 - tall, 11, tall, group)
        for row, group in enumerate(GROUPS)
        for index, number in enumerate(weeks.get(group, ()))
        if (tall := _tall(number, weeks, 22))
    ]
    return Year(
        width=1140,
        height=height,
        marks=marks,
        boxes=[*_spans(events, lanes[1].begins + 3, across, until), *bars],
        lanes=[Box(0, one.begins, 1140, one.wide) for one in lanes[::2]],
        labels=[
            *(Label(10, one.begins + one.wide / 2 + 5, one.kind.label, "strong") for one in lanes),
            *(Label(left - 8, y + 5, word, "end") for word, y in rows.items() if word != "none"),
            *(Label(x + 5, top - 10, _month(at)) for x, at in begins),
            Label(10, below + 18, "Contacts, by week", "strong"),
            Label(left + 2, below + 17, f"tallest bar: {_most(weeks)}"),
            *(Label(10, below + 26 + 28 * row + 20, text) for row, text in enumerate(GROUPS.values())),
        ],
        rules=[
            *((x, top - 4, x, height - 8) for x, _ in begins),
            (0, below, 1140, below),
            *((left, y, right, y) for y in (below + 51 + 28 * row for row in range(len(GROUPS)))),
        ],
        now=(across(until), top - 4, across(until), height - 8),
        path=_path(marks, across(until)),
    )


def tall(
    events: Sequence[YearEvent], weeks: Mapping[str, Sequence[int]], since: datetime, until: datetime
) -> Year:
    """The same from top to bottom, 358 pixels wide; its arguments are those of `wide`."""
    top, bottom, height = 96.0, 792.0, 818
    lanes = [
        _Lane(kind, begins, broad, gap)
        for kind, begins, broad, gap in zip(
            EventKind, (34, 134, 174, 214), (86, 36, 40, 34), (22, 24, 29, 25), strict=True
        )
    ]
    down = along_time(since, until, top, bottom)
    rows = {"low": 48.0, "medium": 74.0, "high": 100.0, "none": 42.0}
    marks = [
        Mark(one.y, one.x, one.kind, one.level, one.number)
        for one in _marks(events, lanes, down, (top, bottom), rows)
    ]
    begins = [(down(at), at) for at in months(since, until)]
    bars = [
        Box(238 + 24 * column, down(_week(since, index)) + 1, long, 9, group)
        for column, group in enumerate(GROUPS)
        for index, number in enumerate(weeks.get(group, ()))
        if (long := _tall(number, weeks, 20))
    ]
    spans = [Box(one.y, one.x, one.height, one.width, one.kind) for one in _spans(events, 135, down, until)]
    turned = [*((one.begins + 5, one.kind.label) for one in lanes[1:])]
    turned += [(246 + 24 * column, text) for column, text in enumerate(GROUPS.values())]
    return Year(
        width=358,
        height=height,
        marks=marks,
        boxes=[*spans, *bars],
        lanes=[Box(116, 0, 38, height), Box(196, 0, 36, height)],
        labels=[
            Label(34, 16, EventKind.LEVEL.label, "strong"),
            *(Label(x + 4, top - 8, word, "", True) for word, x in rows.items() if word != "none"),
            *(Label(x + 8, top - 8, text, "strong", True) for x, text in turned),
            *(Label(0, y + 17, f"{clock.local(at):%b}") for y, at in begins),
        ],
        rules=[(0, y, 358, y) for y, _ in begins],
        now=(30, down(until), 358, down(until)),
        path=_path(marks, down(until), down=True),
    )


def _lanes(top: float, heights: Sequence[float], gaps: Sequence[float]) -> list[_Lane]:
    found = []
    for kind, high, gap in zip(EventKind, heights, gaps, strict=True):
        found.append(_Lane(kind, top, high, gap))
        top += high
    return found


def _level_places(top: float, room: float) -> dict[str, float]:
    return {level: round(top + room * index / 3, 1) for level, index in _LANES.items()}


def _marks(
    events: Sequence[YearEvent],
    lanes: Sequence[_Lane],
    place: Callable[[datetime], float],
    ends: tuple[float, float],
    rows: Mapping[str, float],
) -> list[Mark]:
    found = []
    for lane in lanes:
        own = [one for one in events if one.kind is lane.kind]
        if lane.kind is EventKind.MISSING and not all(one.number for one in own):
            continue  # how long each lasted is drawn, which says as much as a small mark
        places = apart([place(one.at) for one in own], lane.gap, ends[0], ends[1] - 10)
        middle = lane.begins + lane.wide / 2 + (5 if lane.kind is EventKind.MISSING else 0)
        for one, x in zip(own, places, strict=True):
            y = rows[one.level] if one.kind is EventKind.LEVEL else middle
            found.append(Mark(x, y, one.kind.value, one.level, one.number))
    return found


def _spans(
    events: Sequence[YearEvent], y: float, place: Callable[[datetime], float], end: datetime
) -> list[Box]:
    """How long each episode lasted; one that goes on, to the end of the picture."""
    return [
        Box(place(one.at), y, round(max(place(one.until or end) - place(one.at), 3), 1), 7, "missing")
        for one in events
        if one.kind is EventKind.MISSING
    ]


def _path(marks: Sequence[Mark], end: float, *, down: bool = False) -> str:
    """The steps through the marks of levels, along the page or down it, up to its `end`."""
    levels = [one for one in marks if one.kind == EventKind.LEVEL]
    if not levels:
        return ""
    steps = (f"V{one.y}H{one.x}" if down else f"H{one.x}V{one.y}" for one in levels[1:])
    return f"M{levels[0].x} {levels[0].y}{''.join(steps)}{'V' if down else 'H'}{end}"


def _month(at: datetime) -> str:
    local = clock.local(at)
    return f"{local:%b %Y}" if local.month == 1 else f"{local:%b}"


def _week(since: datetime, index: int) -> datetime:
    return datetime.fromtimestamp(since.timestamp() + index * _WEEK, tz=since.tzinfo)


def _most(weeks: Mapping[str, Sequence[int]]) -> int:
    return max((number for numbers in weeks.values() for number in numbers), default=0)


def _tall(number: int, weeks: Mapping[str, Sequence[int]], room: float) -> float:
    return round(room * number / max(_most(weeks), 5), 1) if number else 0
