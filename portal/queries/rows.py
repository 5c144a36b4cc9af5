"""What queries share: rows, and the names of several agencies in one column.

Where a row shows one record with the names of others beside it, it has every column of the record, by its
`__table__`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Label, any_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal.records.people.model import Agency

#: Rows named by their columns.
Rows = Sequence[Any]


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
