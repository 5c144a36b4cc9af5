"""One step of a page: a form that was sent, and the service that it asks."""

from collections.abc import Callable
from typing import Any, NamedTuple

from portal.services.errors import DomainError
from portal.web.transaction import attempt


class Step(NamedTuple):
    """Whether it was done, what the service gave, and what it refused."""

    done: bool
    result: Any = None
    problem: DomainError | None = None


def carry_out(form: Any, act: Callable[..., Any]) -> Step:
    """Let a service act on the answers of a form that was sent and is right; undo it if it refuses."""
    if not form.validate_on_submit():
        return Step(False)
    try:
        with attempt():
            return Step(True, act(**form.answers()))
    except DomainError as problem:
        return Step(False, problem=problem)
