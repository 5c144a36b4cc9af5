"""What web processes, workers and commands write: one JSON object a line, on the standard error.

A line holds when (UTC), how serious, who says it and what; inside a request also its reference (which error
pages ask people to quote) and its route as the program has it, never the address as it was typed. JSON writes
every control character as an escape, so no text can begin a line of its own.
"""

import json
import logging
import logging.config
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request

from config.errors import SettingError
from config.faults import trail

#: Of a request, in its WSGI environment.
REFERENCE, ROUTE = "portal.reference", "portal.route"

#: Says how each request ended, whatever `LOG_LEVEL` is: a reference that is quoted can always be found.
REQUESTS = "portal.requests"

#: What a record may bring beside its words.
_FACTS = ("method", "status", "milliseconds", "statements", "tick")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

#: Sentences of gunicorn that go on with what somebody sent, and what is written instead.
_QUOTING = {
    "Error handling request": "A request ended in a fault outside the application",
    "Invalid request from": "A request could not be read",
}


class JsonLine(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": _words(record),
            **_of_request(record),
        }
        line |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["fault"] = trail(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, default=str)


def _words(record: logging.LogRecord) -> str:
    if isinstance(record.msg, BaseException):
        return type(record.msg).__qualname__
    if record.name.startswith("gunicorn"):
        for start, instead in _QUOTING.items():
            if str(record.msg).startswith(start):
                return instead
    return record.getMessage()


def _of_request(record: logging.LogRecord) -> dict[str, Any]:
    """Whose request it is about: told by the record, or the one that is under way."""
    told = {name: getattr(record, name) for name in ("reference", "route") if hasattr(record, name)}
    if told or not has_request_context():
        return told
    found = {"reference": request.environ.get(REFERENCE), "route": request.environ.get(ROUTE)}
    return {name: value for name, value in found.items() if value}


def configuration(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """For `logging.config`, and for gunicorn's `logconfig_dict`.

    Raises:
        SettingError: LOG_LEVEL is not one.
    """
    env = os.environ if environment is None else environment
    level = env.get("LOG_LEVEL", "INFO").upper()
    if level not in _LEVELS:
        raise SettingError(f"LOG_LEVEL is {level!r}: use one of {', '.join(_LEVELS)}")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.JsonLine"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
        },
        "root": {"level": _at_least(level, "WARNING"), "handlers": ["stderr"]},
        "loggers": {
            "portal": {"level": level, "handlers": [], "propagate": True},
            REQUESTS: {"level": "INFO", "handlers": [], "propagate": True},
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
            # Its lines would hold addresses as they were typed; ours are those of REQUESTS
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }


def use(environment: Mapping[str, str] | None = None) -> None:
    """Write like this from now on. A line that cannot be written is dropped: no request fails by its log."""
    logging.config.dictConfig(configuration(environment))
    logging.captureWarnings(True)
    logging.raiseExceptions = False


def _at_least(level: str, lowest: str) -> str:
    return max(level, lowest, key=_LEVELS.index)
