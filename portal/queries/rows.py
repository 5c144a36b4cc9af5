"""What queries share: rows, and the names of those whose identifiers they hold, as columns.

Where a row shows one record with the names of others beside it, it has every column of the record, by its
`__table__`; where a column of it is not for everybody who reads the row, by `whole`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Label, ScalarSelect, any_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal.records.people.model import Agency

#: Rows named by their columns.
Rows = Sequence[Any]


def whole(record: type[Any]) -> list[Any]:
    """The columns of a record for a row that pages show: all but those marked `model.KEPT_BACK`."""
    return [column for column in record.__table__.columns if not column.info.get("kept_back")]


def name_of(key: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], label: str) -> Label[Any]:
    """The name of the person, team or agency that a column points at; nothing where it points at nobody.

    Whoever is signed in knows all of them, so that a row shows itself and its names without a join.
    """
    return _name(key).label(label)


def owner_of(record: type[Any]) -> Label[Any]:
    """The name of whoever owns a record, a person, else a team, else an agency, as the column `owner`."""
    owners = (record.owner_id, record.owner_team_id, record.owner_agency_id)
    return func.coalesce(*(_name(key) for key in owners)).label("owner")


def _name(key: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    (pointer,) = key.expression.foreign_keys
    named = pointer.column.table.alias()
    return select(named.c.name).where(named.c.id == key).correlate_except(named).scalar_subquery()


def agency_names(ids: InstrumentedAttribute[list[UUID]], label: str) -> Label[Any]:
    """The names of the agencies in a column of identifiers, in their order, as one column."""
    named = aliased(Agency)
    return (
        select(func.array_agg(aggregate_order_by(named.name, named.name)))
        .where(named.id == any_(ids))
        .correlate(ids.class_)
        .scalar_subquery()
        .label(label)
    )
