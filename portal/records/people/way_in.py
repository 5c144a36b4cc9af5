"""No administrator shuts out everybody else: the database refuses it, and this says so in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from portal.changes.errors import DomainError
from portal.extensions import db

#: How `rows.sql` refuses.
_LAST_WAY_IN = "CRE01"


@contextmanager
def keeping_a_way_in() -> Iterator[None]:
    """Take access away, unless no other administrator or no other coordinator could sign in afterwards.

    Raises DomainError.
    """
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LAST_WAY_IN:
            raise
        raise DomainError(
            "Nobody else of those who look after the portal could sign in then. Give another administrator"
            " and another coordinator a way in first."
        ) from error
