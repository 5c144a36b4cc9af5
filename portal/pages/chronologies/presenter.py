"""A child’s chronology in words, and what its page, print and file have in common."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from textwrap import shorten
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import DateTime, Uuid, bindparam, text

from portal import clock, registry
from portal.extensions import db
from portal.pages.chronologies import reading as chronologies
from portal.pages.chronologies.forms import ChronologyFilter
from portal.pages.chronologies.reading import EARLIER, PART, Said, Wanted, bounds_of_line
from portal.policy import Policy, current_policy
from portal.queries.paging import NEWEST
from portal.queries.rows import Rows, sector_of
from portal.records.cases.presenter import level_words, strip_item
from portal.records.cases.reading import records as case_records
from portal.records.children.reading import ChildFound
from portal.records.entries.presenter.words import leaving
from portal.records.entries.reading.citations import contacts, holder_of, sentence
from portal.records.entries.rules import Bounds, Detail
from portal.records.entries.vocabulary import ChronologyPart, Handling
from portal.records.missing.presenter.running import with_missing
from portal.vocabulary import Sector, Sensitivity, Use
from portal.web.pictures import year
from portal.web.pictures.year import GROUPS, EventKind, Year, YearEvent
from portal.web.references import address_of

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


_YEAR = f"""
select t.what, t.id, t.at, t.said ->> 'level' as level, t.said ->> 'returned_at' as until,
       t.said ->> 'critical_moment' as critical, {sector_of("t.said ->> 'sender'", "a.sector")} as sector
  from ({{parts}}) t left join agency a on a.id = t.agency_id
 order by t.at desc, t.id desc limit :limit"""  # noqa: S608 - put together from what stands in the code


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


@dataclass(frozen=True, kw_only=True)
class ChronologyLine:
    """One line as page, print and file show it."""

    id: str
    at: datetime
    title: str
    words: Sequence[str]
    details: Sequence[Detail]
    by: str  # who says so
    case_reference: str
    readers: str
    notes: str  # what stands beside who says so
    readers_unusual: bool  # fewer than everybody on the case
    critical: str | None
    conditions: str
    held: bool  # whether a sentence stands in the place of the words
    on_paper: str  # what stands in their place where somebody prints the page that they read
    leads: Callable[[], str]
    called: str

    @property
    def link(self) -> str:
        """Where its record stands, if it has a page. A paper has thousands of lines, and no links."""
        return self.leads()

    @property
    def day(self) -> date:
        """The day on which it happened."""
        return clock.local(self.at).date()

    @property
    def source(self) -> str:
        """Who says so, and on which case."""
        return f"{self.by}, case {self.case_reference}" if self.case_reference else self.by

    @property
    def sign(self) -> str:
        """The small picture of its kind; none where it is not drawn as a mark."""
        return "moment" if self.critical else _SIGNS.get(self.id.partition("-")[0], "")

    @property
    def brief(self) -> str:
        """The beginning of what it says, for one line."""
        return shorten(" ".join(self.words), BRIEF, placeholder=" …")


#: Kinds of line that are drawn as marks, and the picture that stands beside them.
_SIGNS = {"episode": "missing", "meeting": "meeting", "level": "level"}
#: Letters of the words of a line that stand on it where the words are not asked for.
BRIEF = 90


@dataclass(frozen=True)
class Month:
    """The lines of one month."""

    name: str
    id: str
    lines: Sequence[ChronologyLine] = field(default_factory=tuple)


def lines_of(rows: Sequence[Any], policy: Policy) -> list[ChronologyLine]:
    """Rows of `portal.pages.chronologies.reading.lines` in words.

    What may not leave with a print or a file has a sentence in its place.
    """
    bound = {(row.what, row.id): bounds_of_line(row) for row in rows}
    use = leaving()
    held = [row for row in rows if bound[row.what, row.id].forbids(use)]
    ask = contacts({_holder(row) for row in held})
    instead = {(row.what, row.id): sentence(ask[_holder(row)]) for row in held}
    return [_line(row, policy, bound[row.what, row.id], instead.get((row.what, row.id))) for row in rows]


def by_month(lines: Iterable[ChronologyLine]) -> list[Month]:
    """Lines under the month in which they happened, in the order that they come in."""
    months: dict[tuple[int, int], list[ChronologyLine]] = {}
    for one in lines:
        months.setdefault((one.at.year, one.at.month), []).append(one)
    return [
        Month(f"{date(year, month, 1):%B %Y}", f"month-{year}-{month:02}", found)
        for (year, month), found in months.items()
    ]


def _line(row: Any, policy: Policy, bound: Bounds, instead: str | None) -> ChronologyLine:
    said = registry.lines()[row.what].says(row, policy)
    on_paper = bound.forbids(Use.PRINT) and not instead
    return ChronologyLine(
        id=f"{row.what}-{row.id}",
        at=row.at,
        title=said.title,
        words=[instead] if instead else [one for one in said.words if one],
        details=() if instead else said.details,
        by=_who_says(row, "" if instead else said.sender),
        case_reference=row.case_reference or "",
        readers=said.readers,
        notes=" ".join(f"{one}." for one in said.notes),
        readers_unusual=row.said.get("handling", Handling.NETWORK) != Handling.NETWORK,
        critical=None if instead else said.critical,
        conditions="" if instead else said.conditions,
        held=instead is not None,
        on_paper=f"Held back by {row.agency}. Ask {row.agency}." if on_paper else "",
        leads=partial(_address, said, row),
        called=said.called or row.reference or "",
    )


def _who_says(row: Any, sender: str) -> str:
    """Whoever wrote it; of what came by an information form its sender, and who added it."""
    wrote = ", ".join(one for one in (row.author, row.agency) if one)
    return f"{sender}, by an information form; added by {wrote}" if sender else wrote


def _address(said: Said, row: Any) -> str:
    return (said.link() if said.link else "") or address_of(row.reference)


def _holder(row: Any) -> UUID:
    giver = row.said.get("giver_agency_id")
    return holder_of(
        agency_id=row.agency_id, giver_id=UUID(giver) if giver else None, grading=row.said.get("grading")
    )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where words stand, and who wrote them: without the words."""

    title: str
    at: datetime
    by: str
    called: str
    link: str


def places_of(rows: Sequence[Any], policy: Policy) -> list[Place]:
    """Rows of `portal.pages.chronologies.reading.naming_held`, as what they are and where."""
    kinds = registry.lines()
    whats = [row.what.removesuffix(EARLIER) for row in rows]
    said = [
        kinds[what].says(row, policy) if what in kinds else Said(title=what)
        for what, row in zip(whats, rows, strict=True)
    ]
    return [
        Place(
            title=one.title + (EARLIER if row.what.endswith(EARLIER) else ""),
            at=row.at,
            by=_who_says(row, one.sender),
            called=one.called or row.reference or row.case_reference or "",
            link=_address(one, row),
        )
        for row, one in zip(rows, said, strict=True)
    ]


def policy_for(rows: Iterable[Any]) -> Policy:
    """The policy that holds for a child’s records: of the authority of their case, where they have one."""
    return current_policy(next((row.authority for row in rows if row.authority), None))


#: How many lines a print or a file holds; a longer chronology says so, and can be asked for by its dates.
PRINTED = 2500


@dataclass(frozen=True)
class Asked:
    """What somebody asks to see."""

    form: ChronologyFilter
    wanted: Wanted
    agency: str  # by name
    address: dict[str, Any]  # the same as the arguments of an address, without a page

    @property
    def narrowed(self) -> bool:
        """Whether it is less than everything."""
        return self.wanted != Wanted()


def asked(child_id: UUID) -> Asked:
    """What the address asks for; what makes no sense in it is not asked."""
    form = ChronologyFilter(request.args)
    names = {str(one.id): one.name for one in chronologies.agencies_around(child_id=child_id)}
    form.offer_agencies(names.items())
    form.validate()
    wrong = set(form.errors)
    wanted = Wanted(
        parts=frozenset(map(ChronologyPart, () if "what" in wrong else form.what.data or ())),
        agency_id=UUID(form.agency.data) if form.agency.data and "agency" not in wrong else None,
        since=form.since.data,
        until=form.until.data,
        critical=bool(form.critical.data),
    )
    kept = {name: value for name, value in request.args.to_dict(flat=False).items() if name != "before"}
    return Asked(form, wanted, names.get(str(wanted.agency_id), ""), kept)


def in_words(asked: Asked) -> list[str]:
    """What was asked for, as a print says it."""
    wanted = asked.wanted
    said = [", ".join(one.label for one in ChronologyPart if one in wanted.parts)]
    said.append(asked.agency)
    said.append(f"from {wanted.since.day} {wanted.since:%B %Y}" if wanted.since else "")
    said.append(f"until {wanted.until.day} {wanted.until:%B %Y}" if wanted.until else "")
    said.append("critical moments only" if wanted.critical else "")
    return [one for one in said if one]


def page_context(found: ChildFound) -> dict[str, Any]:
    """What stands at the head: the alerts of the cases that one reads, and how closely they are held."""
    cases = case_records.cases_of(child_id=found.child.id)
    policy = policy_for(cases)
    return {
        "child": found.child,
        "cases": cases,
        "policy": policy,
        "alerts": with_missing(
            found.missing_now, [strip_item(one, policy) for one in case_records.alerts_in(cases)]
        ),
        "held": max((Sensitivity(one.sensitivity) for one in cases), default=Sensitivity.NORMAL),
        "marking": True,
    }
