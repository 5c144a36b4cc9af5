"""What every record is looked up by, to name it in a list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, literal, null, select

from portal.records.children.model import Child

Columns = Select[Any]

#: The records of one kind among some identifiers, with what names them.
Lookup = Callable[[list[UUID]], Columns]


def columns(kind: str, key: Any, reference: Any, *, named: bool = True, words: Any = None) -> Columns:
    columns: list[Any] = [
        literal(kind).label("kind"),
        key.label("id"),
        (reference if reference is not None else cast(null(), Text)).label("reference"),
        (Child.given_name if named else cast(null(), Text)).label("given_name"),
        (Child.family_name if named else cast(null(), Text)).label("family_name"),
        (words if words is not None else cast(null(), Text)).label("words"),
    ]
    return select(*columns)
