"""What every record is looked up by, to name it in a list."""

from typing import Any

from sqlalchemy import Select, Text, cast, literal, null, select

from portal.records.children.model import Child

_NOTHING = cast(null(), Text)

#: A child as lists of what hangs on them show one.
CHILD = (
    Child.reference.label("child_reference"),
    Child.given_name,
    Child.family_name,
    Child.dob,
    Child.dob_is_estimate,
    Child.nhs_number,
)


def columns(
    table: type[Any], *, key: Any = None, reference: Any = None, child: bool = True, words: Any = None
) -> Select[Any]:
    """The records of a table, with what names them; `about.seen` asks for some of them.

    Args:
        key: the identifier, where that is not the table's own `id`.
        reference: the reference, where that is not the table's own.
        child: whether the name of a child names them, who has to be joined to them then.
        words: what names them beside that.
    """
    return select(
        literal(table.__tablename__).label("kind"),
        (table.id if key is None else key).label("id"),
        (getattr(table, "reference", _NOTHING) if reference is None else reference).label("reference"),
        (Child.given_name if child else _NOTHING).label("given_name"),
        (Child.family_name if child else _NOTHING).label("family_name"),
        (_NOTHING if words is None else words).label("words"),
    )
