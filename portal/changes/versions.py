"""Two people at once: they take their turn on a record, and the second is shown both versions.

Whoever changes a record that others may change too locks it first, reads it anew, and compares what it says
with what was seen (`lock`). Below that every table with a version has a net (`models.base.Versioned`): a
change of what was read before somebody else's is refused, also where a service forgot to lock.

Rows are locked in one order, so that two seldom wait for each other: the meeting, the case, the child, then
what hangs on them (assessment, plan, action, alert, order …), deadlines last. `docs/front-end.md` says what a
page makes of a conflict, and what of the rare two that did wait for each other.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session

from portal.changes.errors import Conflict, DomainError, NotFound, Versions
from portal.extensions import Base, db
from portal.model import Referenced, SaidByFunction
from portal.pathway.references import Prefix, new_reference

#: What the second of two is told.
OVERTAKEN = "Somebody else changed this while you were working on it. Look at both and save again"


class HasVersion(Protocol):
    """A record that counts its changes."""

    version: Any


Held = TypeVar("Held", bound=HasVersion)
Named = TypeVar("Named", bound=Referenced)
Kept = TypeVar("Kept", bound=Base)


def lock_row(record: object) -> None:
    """Take a record until the end of the transaction, and read what it says now.

    Of two who do, the second waits, and goes on from what the first has written. One that is seen and can no
    longer be changed, because it has ended, is read and not taken: what it says now tells the second why.

    Raises:
        NotFound: somebody has taken it away meanwhile, or out of sight.
    """
    try:
        db.session.refresh(record, with_for_update=True)
    except InvalidRequestError:
        _read_anew(record)
    else:
        if _says_by_functions(record):
            _read_anew(record)


def _says_by_functions(record: object) -> bool:
    """Whether functions of the database say what stands in some columns (`portal.model.SaidByFunction`). Of a
    row that somebody else held, PostgreSQL gives what they wrote; a function sees what stood there before.
    """
    columns: Any = inspect(type(record)).columns
    return any(isinstance(one.type, SaidByFunction) for one in columns)


def _read_anew(record: object) -> None:
    try:
        db.session.refresh(record)
    except InvalidRequestError as error:
        raise NotFound("This is no longer here") from error


def lock(
    record: Held,
    seen: int,
    words: Callable[[Held], Mapping[str, Any]] | None = None,
    *,
    first: Callable[[Held], None] | None = None,
    same: Callable[[Held], bool] | None = None,
    mine: Mapping[str, Any] | None = None,
) -> bool:
    """Take a record until the end of the transaction, and go on only if nobody has changed it since `seen`.

    Args:
        seen: the version that the form was opened with.
        words: what the record says, by the words of the form; asked after it was read anew. By default its
            columns, by the names of `mine`.
        first: what is refused before anything else, such as a record that has ended.
        same: whether it says already what was typed: then nobody is in anybody's way.
        mine: what was typed, by the same words.

    Returns:
        whether there is something to write; False where it is the `same`.

    Raises:
        NotFound: it is gone.
        Conflict: somebody has changed it; carries both, and the version that it has now.
    """
    lock_row(record)
    if first is not None:
        first(record)
    if same is not None and same(record):
        return False
    mine = mine or {}
    now = words(record) if words else {name: getattr(record, name) for name in mine}
    check_version(record, seen, now=now, mine=mine)
    return True


def check_version(record: HasVersion, seen: int, *, now: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
    """Compare a locked record with what was seen. Only `lock` asks: without the lock it proves nothing.

    Raises:
        Conflict: somebody has changed it since.
    """
    if record.version != seen:
        raise Conflict(OVERTAKEN, Versions(dict(now), dict(mine), int(record.version)))


def overtaken(session: Session) -> Conflict:
    """What the net has caught, after it was undone: somebody was quicker on a record that was not locked.

    What was read before is read anew, so that the page shows what the record says now.
    """
    session.expire_all()
    return Conflict(OVERTAKEN, Versions({}, {}))


def take_turns(what: str, *about: object) -> None:
    """Wait, until the end of the transaction, for whoever does the same at this moment; not for ever.

    For what is only added when it is not there yet, or put together from rows that somebody may be adding:
    there is no row to lock. What is read after this is as the other has left it.
    """
    key = " ".join([what, *(str(one) for one in about)])
    db.session.execute(select(func.ctx.take_turn(key)))


def count_change(record: HasVersion, /, **changes: Any) -> None:
    """Count a change of a record that is held, and write it: whoever saw it before is shown both versions.

    Args:
        changes: what it says from now on, by the names of its columns, where that is not set yet.
    """
    for name, value in changes.items():
        setattr(record, name, value)
    record.version += 1
    db.session.flush()


def insert_now(record: Kept) -> Kept:
    """Write a new record at once, so that what stands against it in the database is said here.

    Returns:
        `record`.
    """
    db.session.add(record)
    db.session.flush()
    return record


def insert_once(record: Kept) -> Kept:
    """Write a new record, or find the one that was written already under the same identifier.

    Returns:
        `record`; or the one that was there, also where it was written at the same moment.
    """
    key = inspect(type(record)).primary_key_from_instance(record)
    if (before := db.session.get(type(record), key)) is not None:
        return before
    try:
        _insert(record)
    except IntegrityError:
        if (before := db.session.get(type(record), key)) is None:
            raise
        return before
    return record


def insert_with_reference(record: Named, prefix: Prefix, failed: str, *, field: str | None = None) -> Named:
    """Write a new record under a reference of its own: two of a million may meet, then another is drawn.

    Raises:
        DomainError: it could not be written, as `failed` says.
    """
    for _ in range(3):
        record.reference = new_reference(prefix)
        try:
            _insert(record)
        except IntegrityError:
            continue
        return record
    raise DomainError(failed, field=field)


def insert_unless_taken(record: Base, taken: str, *, field: str | None = None) -> None:
    """Write a new record, of which there can be one only: a colleague may have been quicker, by a moment.

    Raises:
        DomainError: there is one, as `taken` says.
    """
    try:
        _insert(record)
    except IntegrityError as error:
        raise DomainError(taken, field=field) from error


def _insert(record: object) -> None:
    with db.session.begin_nested():
        db.session.add(record)
        db.session.flush()
