"""What a log may say of a fault: where it happened and of which kind, and never the words that came with it.

PostgreSQL quotes what it cannot read or keep, and a ValueError what somebody typed.
"""

import traceback
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

#: Their words are about the program.
_ABOUT_CODE = (AttributeError, ImportError, NameError, NotImplementedError)


def trail(error: BaseException) -> str:
    """The calls that led to an error and to those behind it, the first of them first."""
    return "\n".join(reversed([f"{_calls(one)}{_kind(one)}" for one in _with_causes(error)]))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        seen.append(following)
        yield following
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)


def _calls(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__))


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _ABOUT_CODE):
        return f"{name}: {error}"
    if isinstance(error, DBAPIError):
        return f"{name}: {error.statement}"  # with placeholders where the values go
    diagnosis = getattr(error, "diag", None)  # of PostgreSQL's own errors
    if diagnosis is not None:
        told = (diagnosis.sqlstate, diagnosis.schema_name, diagnosis.table_name, diagnosis.constraint_name)
        return f"{name}: {' '.join(part for part in told if part)}"
    return name
