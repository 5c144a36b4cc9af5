"""Every request has a reference, is counted, and leaves a line in the log that says how it ended.

The line names the route as the program has it: whoever typed a name into an address did not write it here.
"""

import logging
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from sqlalchemy import Engine, event

from config.logs import REFERENCE, REQUESTS, ROUTE
from portal import clock, metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(REQUESTS)

STATEMENTS = "portal.statements"
FOR_THE_PROXY = "X-Reference"  # by which a line of its log is found in ours; it names no address
NO_ROUTE = "(none)"  # an address that the portal does not have
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"})
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFUSED, _FAULT = 400, 500


class Observed:
    """Stands around the whole application, so that nothing is answered behind its back."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer by the application, and note how."""
        environ[REFERENCE] = new_reference()
        environ[STATEMENTS] = 0
        began, status = clock.ticks(), 500

        def note(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, [*headers, (FOR_THE_PROXY, environ[REFERENCE])], *more)

        try:
            return self._inner(environ, note)
        except Exception:
            log.exception("A request ended in a fault", extra={"reference": environ[REFERENCE]})
            raise
        finally:
            _write(environ, status, clock.ticks() - began)


def init_app(app: Flask) -> None:
    """Observe every request of ``app``."""
    app.wsgi_app = Observed(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way
    app.url_value_preprocessor(_note_route)


def reference() -> str:
    """The reference of the present request."""
    return str(request.environ.setdefault(REFERENCE, new_reference()))


def new_reference() -> str:
    """A random one, without letters that are taken for each other."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _note_route(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule


def _write(environ: "WSGIEnvironment", status: int, seconds: float) -> None:
    route = environ.get(ROUTE, NO_ROUTE)
    method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "OTHER"
    statements = environ[STATEMENTS]
    metrics.request_ended(route=route, method=method, status=status, seconds=seconds, statements=statements)
    level = logging.ERROR if status >= _FAULT else logging.WARNING if status >= _REFUSED else logging.INFO
    if route.startswith("/static/") and level == logging.INFO:
        return
    facts = {
        "reference": environ[REFERENCE],
        "route": route,
        "method": method,
        "status": status,
        "milliseconds": round(seconds * 1_000),
        "statements": statements,
    }
    words = f"{method} {route}: {status}"
    log.log(
        level, words if level == logging.INFO else f"{words}, reference {facts['reference']}", extra=facts
    )


@event.listens_for(Engine, "before_cursor_execute")
def _count(*_statement: Any) -> None:
    if has_request_context():
        request.environ[STATEMENTS] = request.environ.get(STATEMENTS, 0) + 1
