"""The last year of a child in one picture: of what one may read, and numbered as the lines are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text

from portal import clock, registry
from portal.extensions import db
from portal.pages.chronologies.reading import PART
from portal.queries.paging import NEWEST
from portal.queries.rows import Rows
from portal.records.cases.presenter import level_words
from portal.vocabulary import Sector
from portal.web.pictures import year
from portal.web.pictures.year import GROUPS, EventKind, Year, YearEvent

YEAR = timedelta(days=365)
#: Lines that the picture is made of, at most: the newest.
MOST = 1_000
_WEEK = timedelta(days=7)
_DRAWN = ("level", "episode", "meeting", "entry")
_GROUP_OF = {
    Sector.SOCIAL_CARE: "social_care",
    Sector.POLICE: "police",
    Sector.HEALTH: "health",
    Sector.EDUCATION: "school",
}
_KINDS = {"level": EventKind.LEVEL, "episode": EventKind.MISSING, "meeting": EventKind.MEETING}


@dataclass(frozen=True)
class YearView:
    """What the page of a chronology shows above its lines.

    Attributes:
        numbers: by the id of each line that is drawn as a mark.
        said: what one sees, in sentences.
    """

    wide: Year
    tall: Year
    numbers: Mapping[str, int]
    said: str


def year_of(*, child_id: UUID) -> YearView | None:
    """The last twelve months of a child; None where nothing of them is for the person to read."""
    now = clock.now()
    since = now - YEAR
    rows = _rows(child_id, since)
    if not rows:
        return None
    marks = sorted((row for row in rows if _kind(row)), key=lambda row: (row.at, row.id))
    numbers = _numbers(marks)
    events = [
        YearEvent(
            numbers.get(f"{row.what}-{row.id}", 0),
            row.at,
            kind,
            row.level or "",
            datetime.fromisoformat(row.until) if row.until else None,
        )
        for row in marks
        if (kind := _kind(row))
    ]
    weeks = _weeks(rows, since, now)
    return YearView(
        year.wide(events, weeks, since, now),
        year.tall(events, weeks, since, now),
        numbers,
        _said(events, weeks),
    )


def _rows(child_id: UUID, since: datetime) -> Rows:
    parts = " union all ".join(PART.format(what=what, sql=registry.lines()[what].rows) for what in _DRAWN)
    statement = text(_YEAR.format(parts=parts)).bindparams(
        *(bindparam(name, type_=Uuid) for name in ("child", "id", "agency")),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "since")),
    )
    said = {"child": child_id, "at": NEWEST.at, "id": NEWEST.id, "since": since, "agency": None}
    return db.session.execute(statement, said | {"limit": MOST, "critical": False}).all()


_YEAR = """
select t.what, t.id, t.at, t.said ->> 'level' as level, t.said ->> 'returned_at' as until,
       t.said ->> 'critical_moment' as critical, a.sector
  from ({parts}) t left join agency a on a.id = t.agency_id
 order by t.at desc, t.id desc limit :limit"""


def _kind(row: Any) -> EventKind | None:
    if row.what == "entry":
        return EventKind.MOMENT if row.critical else None
    return _KINDS[row.what]


def _numbers(marks: Sequence[Any]) -> dict[str, int]:
    """The number of each line that is drawn as a mark, of the kinds that are not too many to be numbered."""
    kinds = Counter(_kind(row) for row in marks)
    numbered = [row for row in marks if kinds[_kind(row)] <= year.MOST_NUMBERED]
    return {f"{row.what}-{row.id}": number for number, row in enumerate(numbered, start=1)}


def _weeks(rows: Rows, since: datetime, now: datetime) -> Mapping[str, Sequence[int]]:
    """Entries of each group of agencies by week."""
    found = {group: [0] * ((now - since) // _WEEK + 1) for group in GROUPS}
    for row in rows:
        if row.what == "entry" and since <= row.at <= now:
            found[_GROUP_OF.get(row.sector, "other")][(row.at - since) // _WEEK] += 1
    return found


def _said(events: Sequence[YearEvent], weeks: Mapping[str, Sequence[int]]) -> str:
    levels = [one for one in events if one.kind is EventKind.LEVEL]
    steps = ", ".join(f"{level_words(one.level).lower()} from {_day(one.at)}" for one in levels)
    counts = {kind: sum(one.kind is kind for one in events) for kind in EventKind}
    contacts = ", ".join(f"{name} {sum(weeks[group])}" for group, name in GROUPS.items() if sum(weeks[group]))
    said = [
        f"Level {steps}." if steps else "",
        _count(counts[EventKind.MISSING], "missing episode"),
        _count(counts[EventKind.MOMENT], "critical moment"),
        _count(counts[EventKind.MEETING], "meeting"),
        f"Kinds with more than {year.MOST_NUMBERED} are drawn without numbers."
        if max(counts.values()) > year.MOST_NUMBERED
        else "",
        f"Entries: {contacts}." if contacts else "",
    ]
    return " ".join(filter(None, said))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}." if number else ""


def _day(at: datetime) -> str:
    local = clock.local(at)
    return f"{local.day} {local:%B}"
