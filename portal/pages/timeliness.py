"""Done in time: what became of an agency's duties in five classes that add up, and whether it gets better.

Of the duties that whoever asks may see, owned by the agency, its teams or its people: those that were due in
the last twelve months, and those that are open. A duty was in time when it was done by its first date, which
never moves.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Uuid, bindparam, text

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.calendar import working_days_between
from portal.queries.rows import Rows
from portal.records.linked_processes.facts import duty_label
from portal.web.pictures.over_time import FEWEST, Trend, limits, trend
from portal.web.pictures.scale import Piece, stack

WIDTH = 270  # pixels of a bar
#: Duties of one owner that are counted, the latest due first: nobody has so many in a year.
_MOST = 1_000
_YEAR = timedelta(days=365)
_WEEKS = 26
_VALUES = 24  # single values in a picture

#: The classes in the order of a bar, with what the key calls them.
CLASSES = (
    ("in_time", "In time"),
    ("late_reason", "Late, with a reason"),
    ("late", "Late, no reason"),
    ("to_come", "To come"),
    ("overdue", "Overdue"),
)

_OWN = (
    "id, kind, source, started_at, due_at, original_due_at, state, ended_at,"
    " coalesce(nullif(late_reason, ''), nullif(move_reason, '')) is not null as explained"
)
_DUTIES = f"""
with owners as (
    select id, 1 as sort from app_user where agency_id = :agency
    union all select id, 2 from team where agency_id = :agency
    union all select :agency, 3),
duty as (
    select d.* from owners o cross join lateral (
        (select {_OWN} from deadline where owner_id = o.id and o.sort = 1 and state in ('open', 'done')
            and due_at >= :since order by due_at desc limit :most)
        union all
        (select {_OWN} from deadline where owner_team_id = o.id and o.sort = 2
            and state in ('open', 'done') and due_at >= :since order by due_at desc limit :most)
        union all
        (select {_OWN} from deadline where owner_agency_id = o.id and o.sort = 3
            and state in ('open', 'done') and due_at >= :since order by due_at desc limit :most)) d)
"""  # noqa: S608 - our own words

_CLASSES = text(
    _DUTIES
    + """
select kind, source, count(*) as number,
       count(*) filter (where state = 'done' and ended_at <= original_due_at) as in_time,
       count(*) filter (where state = 'done' and ended_at > original_due_at and explained) as late_reason,
       count(*) filter (where state = 'done' and ended_at > original_due_at and not explained) as late,
       count(*) filter (where state = 'open' and due_at >= :now) as to_come,
       count(*) filter (where state = 'open' and due_at < :now) as overdue
  from duty where started_at <= :now group by kind, source order by kind, source
"""
)

_WEEKLY = text(
    _DUTIES  # noqa: S608 - our own words
    + """
select w.at, (select count(*) from duty d
               where d.due_at < w.at and (d.ended_at is null or d.ended_at > w.at)) as number
  from generate_series(:now - interval '7 days' * :weeks, :now, interval '7 days') w (at) order by w.at
"""
)

_MEETINGS = text(
    _DUTIES
    + """
select started_at, ended_at from duty where kind = :kind and state = 'done' and ended_at >= started_at
 order by ended_at desc, id desc limit :values
"""
)


@dataclass(frozen=True)
class Timeliness:
    """What became of the duties of one kind."""

    what: str
    counts: dict[str, int]
    bar: Sequence[Piece]

    @property
    def all(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def due(self) -> int:
        """How many were due: all but those to come."""
        return self.all - self.counts["to_come"]

    @property
    def share(self) -> str:
        """How many of those that were due were done in time, in words."""
        if not self.due:
            return "None was due"
        return f"{round(100 * self.counts['in_time'] / self.due)}% of {self.due}"

    @property
    def said(self) -> str:
        """The classes in words, as the bar draws them."""
        return ", ".join(
            f"{self.counts[code]} {label.lower()}" for code, label in CLASSES if self.counts[code]
        )


def done_in_time(person: Principal) -> list[Timeliness]:
    """The kinds of duties of the person's agency, those with most first."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys((code for code, _ in CLASSES), 0))
    for row in _read(_CLASSES, person):
        counts = found[duty_label(row.kind, row.source)]
        for code, _ in CLASSES:
            counts[code] += getattr(row, code)
    most = max((sum(counts.values()) for counts in found.values()), default=0)
    lines = [
        Timeliness(what, counts, stack([(code, counts[code]) for code, _ in CLASSES], width=WIDTH, most=most))
        for what, counts in found.items()
    ]
    return sorted(lines, key=lambda one: (-one.all, one.what))


@dataclass(frozen=True)
class Development:
    """How a figure moved: a picture, a sentence, and its values."""

    title: str
    says: str
    picture: Trend
    values: Sequence[tuple[datetime, float]]


def developments(person: Principal) -> list[Development]:
    """What is worth following, of what there is."""
    meetings = days_to_meeting(person)
    return [overdue_by_week(person), *([meetings] if meetings else [])]


def overdue_by_week(person: Principal) -> Development:
    """How much was overdue at the end of each of the last weeks."""
    rows = _read(_WEEKLY, person, weeks=_WEEKS - 1)
    values = [(row.at, float(row.number)) for row in rows]
    return _development("Overdue at the end of each week", values, "weeks", fewer_is_better=True)


def days_to_meeting(person: Principal) -> Development | None:
    """Working days from when a meeting was owed to when it was held, of the last meetings; None of none."""
    rows = _read(_MEETINGS, person, kind=DeadlineKind.MEETING.value, values=_VALUES)
    values = [
        (
            row.ended_at,
            float(working_days_between(clock.local(row.started_at).date(), clock.local(row.ended_at).date())),
        )
        for row in reversed(rows)
    ]
    if not values:
        return None
    return _development("Working days until a meeting is held", values, "meetings", fewer_is_better=True)


def _development(
    title: str, values: Sequence[tuple[datetime, float]], what: str, *, fewer_is_better: bool
) -> Development:
    numbers = [value for _, value in values]
    last = len(values) - 1
    labels = [(0, _month(values[0][0])), *([(last, _month(values[last][0]))] if last else [])]
    return Development(
        title, _says(numbers, what, fewer_is_better=fewer_is_better), trend(numbers, labels), values
    )


def _says(numbers: Sequence[float], what: str, *, fewer_is_better: bool) -> str:
    """What the picture shows, in a sentence: nothing is made of what chance alone moves."""
    found = limits(numbers)
    last = len(numbers) - 1
    if found is None:
        few = f"Fewer than {FEWEST} {what}" if last + 1 < FEWEST else "It seldom moves"
        return f"{numbers[last]:.0f} now. {few}: numbers, no limits"
    mean = f"the mean of {found.mean:.0f}"
    if last not in found.signals:
        return f"Steady around {mean}: what is seen is no more than chance moves"
    better = (numbers[last] < found.mean) is fewer_is_better
    side = "below" if numbers[last] < found.mean else "above"
    return f"{'Better' if better else 'Worse'}: the latest {what} lie {side} {mean}, by more than chance"


def _day(at: datetime) -> date:
    return clock.local(at).date()


def _month(at: datetime) -> str:
    return f"{clock.local(at):%b %y}"


def _read(statement: Any, person: Principal, **more: Any) -> Rows:
    now = clock.now()
    typed = statement.bindparams(
        bindparam("agency", type_=Uuid),
        bindparam("since", type_=DateTime(timezone=True)),
    )
    said = {"agency": person.agency_id, "since": now - _YEAR, "now": now, "most": _MOST} | more
    return db.session.execute(typed, {name: said[name] for name in typed.compile().params}).all()
