"""What tables share: an identifier made before the row is written, a version, and columns that say who."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Label, Text, func, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine
from uuid6 import uuid7

from portal import clock
from portal.extensions import Base, db

if TYPE_CHECKING:
    Model = Base  # what the checker must know of the class that Flask-SQLAlchemy makes from it
else:
    Model = db.Model


#: Marks a column that tells of what readers of its row may not read: `queries.rows.whole` leaves it out.
KEPT_BACK = {"kept_back": True}


class SaidByFunction(TypeDecorator[Any]):
    """Words that come out of the database by a function of it alone, which keeps from whoever asks what is
    held back from them. Nobody who reads the row may read the column itself.

    Attributes:
        by: the function in the schema `ctx`: of the row, and what the column is called.
    """

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def __init__(self, by: str, stored: TypeEngine[Any] | None = None) -> None:
        super().__init__()
        self.by = by
        self.impl = self.impl_instance = stored or Text()

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The function in the place of the column."""
        own: Any = column.element if isinstance(column, Label) else column
        found: ColumnElement[Any] = getattr(func.ctx, self.by)(own.table.c.id, own.name, type_=self)
        return found


def new_id() -> UUID:
    """An identifier that sorts by the time it was made, so that indexes stay compact."""
    return UUID(bytes=uuid7().bytes)


def index_where(name: str, *columns: Any, where: str, **more: Any) -> Index:
    """An index of those rows of a table of which something holds; named `uq_…`, it lets each stand once."""
    return Index(name, *columns, unique=name.startswith("uq_"), postgresql_where=text(where), **more)


class Identified:
    if TYPE_CHECKING:
        __tablename__: Any

    #: What the audit trail calls such a record, where that is not the name of its table.
    audited_as: ClassVar[str] = ""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Stamped:
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Versioned:
    """Counts changes, so that the second of two editors is shown both versions.

    Services count. The mapper only says in every UPDATE which version it has read: one that is no longer
    there is a `StaleDataError`, and nobody's change is overwritten without a word.
    """

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # SQLAlchemy gives it the class
        return {"eager_defaults": False, "version_id_col": cls.version, "version_id_generator": False}


class Referenced:
    """Has a reference of its own, for addresses and for talk."""

    reference: Mapped[str] = mapped_column(unique=True)


class Authored:
    """Somebody wrote it, for the agency of which they were then."""

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))


class Saved:
    """Somebody saved it last."""

    saved_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    saved_at: Mapped[datetime]


class Ended:
    """Somebody may have ended it; it stays on record."""

    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class Withdrawn:
    """Somebody may have taken it back; it stays on record."""

    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
