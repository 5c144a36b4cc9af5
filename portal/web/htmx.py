"""What a request says of itself when htmx 4 made it. htmx-flask 0.1 knows the headers of htmx 2 only."""

from functools import cached_property
from io import BytesIO
from typing import IO, Any

from flask import Flask, Request
from flask import request as flask_request
from htmx_flask.requests import HtmxHeaders
from werkzeug.datastructures import EnvironHeaders


class Htmx4Headers(HtmxHeaders):  # type: ignore[misc]  # the package carries no types
    """The htmx headers of a request; true when htmx made it."""

    _headers: EnvironHeaders

    @cached_property
    def target_id(self) -> str | None:
        """The id of the element that the answer goes into: htmx 4 sends ``div#list``."""
        return _id_of(self._headers.get("HX-Target"))

    @cached_property
    def source_id(self) -> str | None:
        """The id of the element that asked."""
        return _id_of(self._headers.get("HX-Source"))

    @cached_property
    def wants_page(self) -> bool:
        """Whether the whole page goes into the body, so that a fragment would not do."""
        return self._headers.get("HX-Request-Type") == "full"


class PortalRequest(Request):
    """Flask's request, with ``htmx``; nothing that comes with it ever lies on the disk of the web server."""

    @cached_property
    def htmx(self) -> Htmx4Headers:
        """The htmx headers of this request."""
        return Htmx4Headers(self.headers)

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        """Where a file is kept while the request lasts: in memory, bounded by what a request may hold."""
        return BytesIO()


def headers() -> Htmx4Headers:
    """The htmx headers of the present request."""
    htmx: Htmx4Headers = flask_request.htmx  # type: ignore[attr-defined]  # set by PortalRequest
    return htmx


def is_fragment() -> bool:
    """Whether the answer goes into a part of a page that is already there."""
    return bool(headers()) and not headers().wants_page and not headers().boosted


def init_app(app: Flask) -> None:
    """Give every request of ``app`` its ``htmx`` attribute."""
    app.request_class = PortalRequest


def _id_of(identifier: str | None) -> str | None:
    _, _, found = (identifier or "").partition("#")
    return found or None
