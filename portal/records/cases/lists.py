"""The list of cases: its columns, orders and filters, and how a page of it is found among very many.

Of somebody who reads few cases all are gathered and sorted. Of somebody who reads more than `MOST`, such as
the hub of a large county, the list stays in the order of its index, and a filter looks through so many at a
time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Select,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import current
from portal.extensions import db
from portal.messages.news import is_new_on, lines_on, of_person, on_cases
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries import listing
from portal.queries.declared import (
    BY_CHILD,
    AnyOf,
    Column,
    Filter,
    FromRows,
    Listing,
    Sort,
    labels,
    lowered,
    offered,
    one_of,
)
from portal.queries.listing import MOST, Asked, Found
from portal.queries.paging import Page
from portal.queries.rows import ASKER, NOW, WHO, Rows, at_most, still
from portal.records.cases.model import Case, CaseScope, ChronologyEntry, Involvement
from portal.records.cases.reading.falling import LEVEL
from portal.records.cases.reading.lists import FULL, CaseCursor, Reader, ReaderKind, list_cases, list_page
from portal.records.children.model import Child
from portal.records.missing.facts import missing_now_column
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Agency, User
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary import CaseState, Labelled, RiskLevel, Role
from portal.web.filters import born, short_day

#: Stands for “nothing is owed”, as `case_scope.due` has it, and for “nobody wrote yet”.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_BEFORE_ALL = datetime(1900, 1, 1, tzinfo=UTC)
#: How long a case is quiet before it is looked at, and how long before the day somebody asks who turns 18.
QUIET = timedelta(weeks=4)
_HALF_A_YEAR = 6
PAGE = listing.PAGE
#: Columns of a row that `cases/_table.html` shows, without those that it was sorted by.
SHOWN = 16
#: Of `case_scope.rank`: what stands below it is open.
CLOSED_RANK = 9


class LookOut(Labelled):
    """What somebody looks out for."""

    MISSING = "missing", "Missing or away now"
    OVERDUE = "overdue", "Something overdue"
    NEWS = "news", "New to you"
    QUIET = "quiet", "No entry for 4 weeks"
    NO_SAFETY_PLAN = "no_safety_plan", "No safety plan in force"
    RESTRICTED = "restricted", "Restricted"
    TURNS_18 = "turns_18", "Turns 18 in 6 months"


_LEAD = aliased(User, name="lead_of_case")
_LEAD_AGENCY = aliased(Agency, name="lead_agency_of_case")
#: The place of a case in the queue of its reader: of the rows that `_places` gathers.
_RANK = literal_column("place.rank", SmallInteger)
_DUE = literal_column("place.due", DateTime(timezone=True))

_LAST_ENTRY = (
    select(func.max(ChronologyEntry.happened_at))
    .where(ChronologyEntry.case_id == Case.id)
    .correlate(Case)
    .scalar_subquery()
)


def _looked_out_for() -> dict[LookOut, ColumnElement[bool]]:
    return {
        LookOut.MISSING: exists(MissingEpisode.id).where(
            MissingEpisode.child_id == Case.child_id,
            MissingEpisode.returned_at.is_(None),
            MissingEpisode.withdrawn_at.is_(None),
        )
        | Case.child_id.in_(select(func.ctx.missing_by_link())),
        LookOut.OVERDUE: NOW > _DUE,
        LookOut.NEWS: is_new_on(Case.id),
        LookOut.QUIET: ~exists().where(
            ChronologyEntry.case_id == Case.id, ChronologyEntry.happened_at >= NOW - QUIET
        ),
        LookOut.NO_SAFETY_PLAN: ~exists().where(
            SafetyPlan.case_id == Case.id, SafetyPlan.state == SafetyPlanState.IN_FORCE
        ),
        LookOut.RESTRICTED: Case.sensitivity > 0,
        LookOut.TURNS_18: Child.dob.between(*_BORN_FOR_18),
    }


def _born_for_18(today: date) -> tuple[date, date]:
    """Between which birthdays somebody is who turns 18 within half a year from tomorrow on."""
    last = 12 * (today.year - 18) + today.month - 1 + _HALF_A_YEAR
    end = date(last // 12, last % 12 + 1, 1) + timedelta(days=min(today.day, 28) - 1)
    begin = date(today.year - 18, today.month, min(today.day, 28)) + timedelta(days=1)
    return begin, end


#: The same as of the day when a statement runs.
_BORN_FOR_18: tuple[Any, Any] = (
    bindparam("born_from", callable_=lambda: _born_for_18(clock.today())[0], type_=Date),
    bindparam("born_until", callable_=lambda: _born_for_18(clock.today())[1], type_=Date),
)


_PRACTISE = cast([Role.PRACTITIONER, Role.MANAGER, Role.COORDINATOR], ARRAY(Text))
_MOST_WORKERS = 300
#: The people of one's agency who may be named on a case.
_COLLEAGUES = (
    select(User.id.label("code"), User.name.label("label"))
    .where(User.agency_id == ASKER.agency_id, User.active, User.roles.op("&&")(_PRACTISE))
    .order_by(User.name, User.id)
    .limit(at_most(_MOST_WORKERS))
)


def _worked_on_by(codes: Sequence[str]) -> ColumnElement[bool]:
    people = [UUID(one) for one in codes]
    named = exists().where(
        Involvement.case_id == Case.id, Involvement.worker_id.in_(people), Involvement.ended_at.is_(None)
    )
    return or_(Case.lead_professional_id.in_(people), named)


def _of_types(codes: Sequence[str]) -> ColumnElement[bool]:
    return Case.types.op("&&")(cast(list(codes), ARRAY(Text)))


CASES = Listing(
    name="cases",
    noun=("case", "cases"),
    key=Case.id,
    columns=(
        Column("Child", lambda row: f"{row.given_name} {row.family_name}", sort="child"),
        Column("Born", lambda row: born(row.dob, row.dob_is_estimate)),
        Column("Reference", lambda row: row.reference),
        Column("Level", lambda row: _level_words(row.level), sort="level"),
        Column("Stands at", lambda row: CaseState(row.state).label),
        Column("Lead", lambda row: row.lead_professional or row.lead_agency, sort="lead"),
        Column("Next date", lambda row: "Nothing" if row.due >= NEVER else short_day(row.due), sort="next"),
        Column("Last entry", lambda row: short_day(row.last_entry) or "None", sort="entry"),
    ),
    sorts=(
        Sort(
            "level",
            "Highest level first, then what is due soonest",
            "Lowest level first, then what is due last",
            by=(_RANK, _DUE),
        ),
        BY_CHILD,
        Sort(
            "lead",
            "By who leads, from A to Z; first where nobody does",
            "By who leads, from Z to A",
            by=(lowered(func.coalesce(_LEAD.name, "")), lowered(_LEAD_AGENCY.name)),
            personal=True,
        ),
        Sort("next", "What is due soonest first", "What is due last first", by=(_DUE,)),
        Sort(
            "entry",
            "The longest without an entry first",
            "The newest entry first",
            by=(func.coalesce(_LAST_ENTRY, literal(_BEFORE_ALL), type_=DateTime(timezone=True)),),
        ),
    ),
    filters=(
        LEVEL,
        Filter("look", "Look out for", labels(LookOut), AnyOf(_looked_out_for)),
        Filter(
            "state", "Stands at", labels(one for one in CaseState if one in OPEN_CASE_STATES), Case.state.in_
        ),
        Filter("worker", "Lead or worker", FromRows(_COLLEAGUES), _worked_on_by, counted=False),
        Filter("type", "Type", offered(lambda policy: policy.exploitation.types), _of_types),
        Filter("district", "District", offered(lambda policy: policy.areas.districts), one_of(Case.district)),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The cases of one reader. Rows have what `cases/_table.html` shows, in its order.

    Attributes:
        closed: those that are closed or transferred, instead of those that are open.
    """

    reader: Reader
    closed: bool = False

    def find(self, asked: Asked) -> Found:
        """A page of them, as they were asked for."""
        if asked.is_plain:
            return self._find_plain(asked)
        if self._are_many():
            return _among_many(asked, self.reader, closed=self.closed)
        counts = listing.counts_of(asked, self._rows, self._given)
        page = listing.page_of(asked, self._rows, limit=PAGE, given=self._given)
        return Found(asked=asked, page=page, counts=counts)

    def _find_plain(self, asked: Asked) -> Found:
        """The same in the order of the index, of few and of many: rows say how many there are."""
        page = _plain(asked, self.reader, closed=self.closed)
        many = page.rows[0].how_many > MOST if page.rows and not self._mine else self._are_many()
        counts = None if many else listing.counts_of(asked, self._rows, self._given)
        return Found(asked=asked, page=page, counts=counts)

    def for_file(self, asked: Asked) -> Rows | None:
        """All of them that fit, in their order; None where they are too many for one file."""
        return None if self._are_many() else listing.rows_for_file(asked, self._rows, self._given)

    def _are_many(self) -> bool:
        counted = _how_many(MOST + 1, mine=self._mine, closed=self.closed)
        return (db.session.scalar(counted, self._given) or 0) > MOST

    @property
    def _rows(self) -> Select[Any]:
        return _all_rows(MOST + 1, mine=self._mine, closed=self.closed)

    @property
    def _mine(self) -> bool:
        return self.reader.kind is ReaderKind.MINE

    @property
    def _given(self) -> dict[str, UUID]:
        return {"reader": self.reader.id}


def _plain(asked: Asked, reader: Reader, *, closed: bool) -> Page[str]:
    """A page of it as the index of a reader has it, which is as quick for a million as for ten."""
    values = of_person(current())
    found = list_page(reader=reader, after=_after(asked), closed=closed, more=_NEWS, values=values)
    return _in_address(asked, found)


def _in_order(asked: Asked, *, reader: Reader, closed: bool, limit: int) -> Page[str]:
    """The same of any length, without what each page says besides."""
    return _in_address(asked, list_cases(reader=reader, after=_after(asked), limit=limit, closed=closed))


def _after(asked: Asked) -> CaseCursor | None:
    values = listing.place_after(asked)
    return CaseCursor(*values) if values else None


def _in_address(asked: Asked, found: Page[CaseCursor]) -> Page[str]:
    place = found.next
    return Page(
        found.rows,
        listing.place_at(asked.listing.sorts[0], (place.rank, place.due, place.case_id)) if place else None,
    )


def _among_many(asked: Asked, reader: Reader, *, closed: bool) -> Found:
    asked = listing.in_usual_order(asked)
    if not asked.chosen:
        return Found(asked=asked, page=_plain(asked, reader, closed=closed), counts=None)
    walked = _in_order(asked, reader=reader, closed=closed, limit=MOST)
    places = (
        select(
            func.unnest([row.case_id for row in walked.rows], type_=Uuid).label("case_id"),
            func.unnest([row.rank for row in walked.rows], type_=SmallInteger).label("rank"),
            func.unnest([row.due for row in walked.rows], type_=DateTime(timezone=True)).label("due"),
        )
    ).cte("place")
    page = listing.page_of(replace(asked, after=""), _rows(places), limit=PAGE)
    return Found(
        asked=asked,
        page=Page(page.rows, page.next or walked.next),
        counts=None,
        looked_through=len(walked.rows),
    )


#: As of `list_page`.
_NEWS = f", {lines_on('c.id', 'c.lead_professional_id')} as news"


def news_on(rows: Rows) -> Mapping[UUID, int]:
    """How many lines of news there are for whoever asks on each case of a page, for those that have any."""
    if rows and not hasattr(rows[0], "news"):
        return on_cases(person=current(), case_ids=[row.case_id for row in rows])
    return {row.case_id: row.news for row in rows if row.news}


@cache
def _how_many(most: int, *, mine: bool, closed: bool) -> Select[int]:
    return select(func.count()).select_from(_places(most, mine=mine, closed=closed))


@cache
def _all_rows(most: int, *, mine: bool, closed: bool) -> Select[Any]:
    return _rows(_places(most, mine=mine, closed=closed))


def _places(most: int, *, mine: bool, closed: bool) -> CTE:
    """The cases of a `reader`, who is given later, with their place in the queue: at most so many."""
    reader = bindparam("reader", type_=Uuid)
    ranks = CaseScope.rank == CLOSED_RANK if closed else CaseScope.rank < CLOSED_RANK
    # Written out: the index of a queue has only these, which a value that may be another does not say.
    full = CaseScope.sees == literal_column(str(FULL))
    scope = select(CaseScope.case_id, CaseScope.rank, CaseScope.due).where(full, ranks)
    found = scope.where(CaseScope.reader == reader).limit(at_most(most))
    if not mine:
        return found.cte("place").prefix_with("materialized")
    worked_on = (
        select(Involvement.case_id)
        .where(Involvement.worker_id == reader, Involvement.ended_at.is_(None))
        .limit(at_most(most))
    )
    named = select(found.subquery().c.case_id)
    own = union(select(worked_on.subquery().c.case_id), named).subquery("own")
    # Any of the person's readers will do: the place in the queue is the same for all.
    one = scope.where(CaseScope.case_id == own.c.case_id).limit(at_most(1)).lateral("one")
    return (
        select(one.c.case_id, one.c.rank, one.c.due)
        .select_from(own.join(one, true()))
        .limit(at_most(most))
        .cte("place")
    )


def _rows(places: CTE) -> Select[Any]:
    return (
        select(
            places.c.rank,
            places.c.due,
            places.c.case_id,
            Case.reference,
            Case.state,
            Case.level,
            Case.level_since,
            Case.sensitivity,
            *WHO,
            _LEAD_AGENCY.name.label("lead_agency"),
            still(_LEAD).label("lead_professional"),
            missing_now_column("cre_case.child_id"),
            _LAST_ENTRY.label("last_entry"),
            Case.id,
        )
        .select_from(places)
        .join(Case, Case.id == places.c.case_id)
        .join(Child, Child.id == Case.child_id)
        .join(_LEAD_AGENCY, _LEAD_AGENCY.id == Case.lead_agency_id)
        .outerjoin(_LEAD, _LEAD.id == Case.lead_professional_id)
    )


def _level_words(code: str | None) -> str:
    return RiskLevel(code).label if code else "Not assessed"
