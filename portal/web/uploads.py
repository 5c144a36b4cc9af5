"""Requests that carry a file: held in memory, bounded, and refused unread where they say they are larger."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.changes.errors import DomainError
from portal.extensions import csrf
from portal.files.scanner import Scanner
from portal.records.attachments.adding import SentFile
from portal.web import characters, idempotency

View = TypeVar("View", bound=Callable[..., Any])

#: What a form has beside its file, bytes.
_AROUND = 64 * 1024
_MEGABYTE = 1024 * 1024


class TooLarge(DomainError):
    """A file that is larger than the portal takes."""

    status = 413


def takes_file(view: View) -> View:
    """Let a view take one file, whose form `file_sent` then reads. Goes below `@allow`.

    The form's token is checked here, not before: to find it the whole request is read, and one that is too
    large is not.
    """

    @wraps(view)
    def bounded(**parts: Any) -> Any:
        if request.method == "POST":
            request.max_content_length = current_app.config["ATTACHMENT_BYTES"] + _AROUND
            try:
                csrf.protect()
                if (unreadable := characters.refuse_unreadable_form()) is not None:
                    return unreadable
                if (again := idempotency.begin()) is not None:
                    return again
            except RequestEntityTooLarge:
                g.too_large = True
        return view(**parts)

    csrf.exempt(bounded)
    idempotency.later(bounded)
    return bounded  # type: ignore[return-value]  # as wraps() promises


def came_in_full() -> bool:
    """Whether there is a form to read: it was posted, and was not refused for its size."""
    return request.method == "POST" and not g.get("too_large")


def file_sent(chosen: Any) -> SentFile:
    """The file of a form.

    Args:
        chosen: the data of its field.

    Raises:
        DomainError: there is none, or it is too large; `field` is `file`.
    """
    most = current_app.config["ATTACHMENT_BYTES"]
    too_large = TooLarge(f"The file must be smaller than {most // _MEGABYTE} MB", field="file")
    if g.get("too_large"):
        raise too_large
    if not getattr(chosen, "filename", ""):
        raise DomainError("Choose a file", field="file")
    content = chosen.stream.read(most + 1)
    if len(content) > most:
        raise too_large
    return SentFile(chosen.filename, content, scanner())


def scanner() -> Scanner | None:
    """Who looks for viruses here; None where nobody does."""
    address = current_app.config["CLAMAV_ADDRESS"]
    return Scanner(address, current_app.config["CLAMAV_TIMEOUT"]) if address else None


def largest() -> str:
    """How large a file may be, in words."""
    return f"{current_app.config['ATTACHMENT_BYTES'] // _MEGABYTE} MB"
