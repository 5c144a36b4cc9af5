"""What queries share: rows, and the names of those whose identifiers they hold, as columns.

Where a row shows one record with the names of others beside it, it has every column of the record, by its
`__table__`; where a column of it is not for everybody who reads the row, by `whole`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Label,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal import clock
from portal.access import principal
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.missing.facts import missing_now_column
from portal.records.people.model import Agency, User

Shape = TypeVar("Shape")

#: Rows named by their columns.
Rows = Sequence[Any]
#: What stands behind the name of somebody who can no longer use the portal.
LEFT = " (has left)"
#: What stands behind the name of somebody who answers for something on a case that they do not read any more.
UNSEEN = " (does not see this case)"
#: The name of a person as `still` has it, in a statement that is written out.
STILL = f"{{0}}.name || case when {{0}}.active then '' else '{LEFT}' end"
#: The name of the owner `u` of the alert `l`, so.
ALERT_OWNER = (
    STILL.format("u")
    + f" || case when u.active and not ctx.reads_too(l.case_id, l.owner_id) then '{UNSEEN}' else '' end"
)


#: The moment when a statement runs: what is asked by this can be built once for all requests.
NOW = bindparam("asked_now", callable_=clock.now, type_=DateTime(timezone=True))


@dataclass(frozen=True)
class Asker:
    """Whoever asks when a statement runs, in place of somebody who is known when it is built."""

    user_id: Any
    agency_id: Any


ASKER = Asker(
    bindparam("asked_by", callable_=lambda: principal.current().user_id, type_=Uuid),
    bindparam("asked_from", callable_=lambda: principal.current().agency_id, type_=Uuid),
)


def at_most(number: int) -> ColumnElement[int]:
    """How many rows a statement asks for, written into it.

    A value is not known when a plan is made that holds for all values. Such a plan looks dearer then than one
    for these alone, and PostgreSQL makes one anew each time, which takes longer than to read a short list.
    """
    return literal_column(str(int(number)), Integer)


def whole(record: type[Any]) -> list[Any]:
    """The columns of a record for a row that pages show: all but those marked `model.KEPT_BACK`."""
    return [column for column in record.__table__.columns if not column.info.get("kept_back")]


def filled(shape: type[Shape], row: Any, **more: Any) -> Shape:
    """A dataclass with what a row has under the names of its fields; `more` is what the row has otherwise or
    not at all.
    """
    own = {one.name: getattr(row, one.name) for one in fields(shape) if one.name not in more}  # type: ignore[arg-type]  # shape is a dataclass
    return shape(**own, **more)


def name_of(key: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], label: str) -> Label[Any]:
    """The name of the person, team or agency that a column points at; nothing where it points at nobody.

    Whoever is signed in knows all of them, so that a row shows itself and its names without a join.
    """
    return _name(key).label(label)


def owner_of(record: type[Any]) -> Label[Any]:
    """The name of whoever owns a record, a person, else a team, else an agency, as the column `owner`. Of a
    person who has left it says so.
    """
    named = (
        select(still(_OWNER)).where(_OWNER.id == record.owner_id).correlate_except(_OWNER).scalar_subquery()
    )
    others = (record.owner_team_id, record.owner_agency_id)
    return func.coalesce(named, *(_name(key) for key in others)).label("owner")


def sector_of(sender: str, sector: str) -> str:
    """SQL for whose sector words are: that of the agency of the sender whose words an entry carries over
    (“Name, Agency”), where it is one of the partnership; else that of whoever wrote it.
    """
    theirs = (
        f"select s.sector from agency s where {sender} <> ''"  # noqa: S608 - columns that the code names
        f" and right({sender}, length(s.name) + 2) = ', ' || s.name order by length(s.name) desc limit 1"
    )
    return f"coalesce(({theirs}), {sector})"


def still(person: Any) -> ColumnElement[str]:
    """The name of somebody who has to do with something now; of whoever has left with that they have. What
    somebody did stays under their name alone.
    """
    return case((person.active, person.name), else_=person.name + LEFT)


#: Tables under the names that they have where somebody is named. To give a table another name makes all its
#: columns anew, so that it is done once.
_OWNER, _AGENCY = aliased(User), aliased(Agency)
_named = cache(FromClause.alias)


def _name(key: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    (pointer,) = key.expression.foreign_keys
    named = _named(pointer.column.table)
    return select(named.c.name).where(named.c.id == key).correlate_except(named).scalar_subquery()


def agency_names(ids: InstrumentedAttribute[list[UUID]], label: str) -> Label[Any]:
    """The names of the agencies in a column of identifiers, in their order, as one column."""
    return (
        select(func.array_agg(aggregate_order_by(_AGENCY.name, _AGENCY.name)))
        .where(_AGENCY.id == any_(ids))
        .correlate(ids.class_)
        .scalar_subquery()
        .label(label)
    )


def kept_on(
    key: Any, record_id: UUID, at: Any, most: int | None = None, *, newest_first: bool = False, **names: Any
) -> Rows:
    """What is kept on one record, such as its history, with the names of those whose identifiers it holds.

    Args:
        key: the column that points at the record.
        at: the column by which it is sorted, and then by its own key.
        most: how much at most.
        names: columns that point at people, teams or agencies, each by what its name is called in a row.
    """
    kept = key.class_
    named = (
        (agency_names if isinstance(column.type, ARRAY) else name_of)(column, label)
        for label, column in names.items()
    )
    order = [one.desc() if newest_first else one for one in (at, kept.id)]
    rows = select(*whole(kept), *named).where(key == record_id).order_by(*order).limit(most)
    return db.session.execute(rows).all()


#: The same, the newest first.
latest_on = partial(kept_on, newest_first=True)


# What every record is looked up by, to name it in a list.

_NOTHING = cast(null(), Text)
_NO_CHILD = cast(null(), Uuid)
_NOT_MISSING = cast(null(), JSON).label("missing_now")

#: Who a child is, and with that whether they are missing now, as a list marks it.
NAMED = (Child.given_name, Child.family_name)
MARKED = (*NAMED, missing_now_column())
#: Who a child is and when they were born.
WHO = (*NAMED, Child.dob, Child.dob_is_estimate)
#: A child as lists of what hangs on them show one.
CHILD = (Child.reference.label("child_reference"), *WHO, Child.nhs_number)


def columns(
    table: type[Any],
    *,
    key: Any = None,
    reference: Any = None,
    child: bool = True,
    words: Any = None,
    of_child: Any = None,
    held: Any = None,
    missing: Any = None,
) -> Select[Any]:
    """The records of a table, with what names them; `about.seen` asks for some of them.

    Args:
        key: the identifier, where that is not the table's own `id`.
        reference: the reference, where that is not the table's own.
        child: whether the name of a child names them, who has to be joined to them then; a list marks whoever
            is missing now.
        words: what names them beside that.
        of_child: the child whom `words` name, where they name one.
        held: how closely the record itself is held; one of a child is held as the child’s cases are.
        missing: what marks a child who is missing now, where that is not of the child who names the record.
    """
    return select(
        literal(table.__tablename__).label("kind"),
        (table.id if key is None else key).label("id"),
        (getattr(table, "reference", _NOTHING) if reference is None else reference).label("reference"),
        (Child.given_name if child else _NOTHING).label("given_name"),
        (Child.family_name if child else _NOTHING).label("family_name"),
        (_NOTHING if words is None else words).label("words"),
        (Child.id if child else _NO_CHILD if of_child is None else of_child).label("child_id"),
        (literal(0) if held is None else held).label("held"),
        (missing_now_column() if child else _NOT_MISSING)
        if missing is None
        else missing.label("missing_now"),
    )


def by_children(rows: Select[Any], link: Any, own: Any) -> Select[Any]:
    """Rows of `columns` with the children that name each, whom a table links to it.

    Args:
        link: the column of that table which says to what; it has a `child_id` beside it.
        own: what it points at.
    """
    return rows.outerjoin(link.class_, link == own).outerjoin(Child, Child.id == link.class_.child_id)
