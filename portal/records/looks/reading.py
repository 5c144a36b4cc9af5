"""Who looked at a case, and what somebody looked at. The functions of `rows.sql` settle for whom."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, TextClause, desc, exists, null, select, text, union_all

from portal import clock
from portal.extensions import db
from portal.pathway.calendar import at_local
from portal.queries.declared import AnyOf, Filter, FromRows, Listing, heads, labels, one_of
from portal.queries.listing import Whole
from portal.queries.paging import NEWEST, MomentCursor, Page
from portal.queries.rows import Rows, name_of
from portal.records.looks.model import LookException, LookReason
from portal.records.people.lists import PEOPLE
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.vocabulary import Labelled

#: On a page, and in a file.
SHOWN = 50
MOST = 5_000

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)

_AT_CASE = text("select * from ctx.looks_at_case(:about, :since, :until, :at, :id, :most)")
#: Which case, as far as whoever reads knows that it exists.
_OF_PERSON = text(
    "select l.*, n.reference from ctx.looks_of_person(:about, :since, :until, :at, :id, :most) l"
    " left join case_notice n on n.case_id = l.case_id order by l.at desc, l.id desc"
)


@dataclass(frozen=True)
class Days:
    """From the beginning of one day until the end of another; None is as far as the trail goes."""

    since: date | None = None
    until: date | None = None

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first moment, and the first one after."""
        return (
            at_local(self.since, time()) if self.since else _EARLIEST,
            at_local(self.until + timedelta(days=1), time()) if self.until else _LATEST,
        )


def at_case(
    *, case_id: UUID, days: Days, after: MomentCursor | None, limit: int = SHOWN
) -> Page[MomentCursor]:
    """Who looked at a case, for whoever answers for it; nobody else gets a row."""
    return _page(_AT_CASE, case_id, days, after, limit)


def of_person(
    *, user_id: UUID, days: Days, after: MomentCursor | None, limit: int = SHOWN
) -> Page[MomentCursor]:
    """What somebody looked at, for them, the manager of a team of theirs, and governance."""
    return _page(_OF_PERSON, user_id, days, after, limit)


def person(*, user_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """Somebody's name and agency."""
    return db.session.execute(
        select(User.id, User.name, name_of(User.agency_id, "agency")).where(User.id == user_id)
    ).one_or_none()


def user(*, user_id: UUID) -> User:
    """The record of somebody who is there."""
    return db.session.get_one(User, user_id)


def answers_for(*, user_id: UUID) -> bool:
    """Whether one answers for what somebody looked at."""
    return bool(db.session.scalar(text("select ctx.answers_for_looks_of(:user)"), {"user": user_id}))


def why(*, user_id: UUID) -> Rows:
    """Why somebody went on who looked at very much, and who let them do so for a day: the newest of each."""
    said = select(
        LookReason.said_at.label("at"), LookReason.kind, LookReason.reason, null().label("named_by")
    ).where(LookReason.user_id == user_id)
    named = select(
        LookException.named_at, null(), LookException.reason, name_of(LookException.named_by, "named_by")
    ).where(LookException.user_id == user_id)
    return db.session.execute(union_all(said, named).order_by(desc("at")).limit(SHOWN)).all()


class Looked(Labelled):
    """For whom somebody looks among people who looked."""

    WHY = "why", "Said lately why they look at so much"
    LEFT = "left", "Has left"


#: For how long back it counts as lately that somebody said why.
LATELY = timedelta(days=30)


def _looked() -> dict[Looked, ColumnElement[bool]]:
    said = exists().where(LookReason.user_id == User.id, LookReason.said_at >= clock.now() - LATELY)
    return {Looked.WHY: said, Looked.LEFT: User.active.is_(False)}


def _look_for(*looked: Looked) -> Filter:
    return Filter("look", "Look out for", labels(looked), AnyOf(_looked))


#: The people in the teams that a manager has.
OWN_PEOPLE = Listing(
    name="people who looked",
    noun=PEOPLE.noun,
    key=User.id,
    columns=heads(("Name", "name")),
    sorts=PEOPLE.sorts[:1],
    filters=(_look_for(Looked.WHY),),
)
#: Everybody, those who have left too: what they looked at stays.
EVERYBODY = replace(
    OWN_PEOPLE,
    columns=heads(("Name", "name"), ("Agency", "agency")),
    sorts=PEOPLE.sorts[:2],
    filters=(
        _look_for(*Looked),
        Filter(
            "agency",
            "Agency",
            FromRows(select(Agency.code, Agency.name.label("label")).order_by(Agency.name, Agency.id)),
            one_of(Agency.code),
        ),
    ),
)


def people(*, manager_id: UUID | None) -> Whole:
    """The people of one of the lists.

    Args:
        manager_id: whose teams they are in; None for everybody.
    """
    managed = (
        select(TeamMember.user_id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(Team.manager_id == manager_id)
    )
    theirs = () if manager_id is None else (User.id.in_(managed), User.active)
    columns: tuple[Any, ...] = (User.id, User.name, User.active, Agency.name.label("agency"))
    return Whole(select(*columns).join(Agency, Agency.id == User.agency_id).where(*theirs))


def every_row(read: Callable[..., Page[MomentCursor]]) -> list[Row[*tuple[Any, ...]]]:
    """The rows of every page, up to `MOST`."""
    rows: list[Row[*tuple[Any, ...]]] = []
    after: MomentCursor | None = None
    while len(rows) < MOST:
        page = read(after=after, limit=min(MOST - len(rows), 1_000))
        rows += page.rows
        if page.next is None:
            break
        after = page.next
    return rows


def _page(
    query: TextClause, about: UUID, days: Days, after: MomentCursor | None, limit: int
) -> Page[MomentCursor]:
    since, until = days.bounds
    start = after or NEWEST
    rows = db.session.execute(
        query,
        {
            "about": about,
            "since": since,
            "until": until,
            "at": start.at,
            "id": start.id,
            "most": limit + 1,
        },
    ).all()
    return Page.cut(rows, limit, lambda row: MomentCursor(row.at, row.id))
