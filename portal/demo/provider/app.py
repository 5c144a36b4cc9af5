"""The web application that plays the demonstration identity providers."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response
from itsdangerous import URLSafeTimedSerializer

from portal.demo.provider import endpoints
from portal.demo.provider.directory import Directory
from portal.demo.provider.tokens import KeyRing, State

ENVIRONMENTS = frozenset({"demo", "test"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Provider(Flask):
    """The application, with what it knows."""

    state: State


def create_provider(directory: Directory, *, environment: str, key_folder: Path | None = None) -> Provider:
    """Make the application.

    Raises RuntimeError outside a demonstration or a test, or for an address that others can reach: anybody
    can sign in here as anybody.
    """
    if environment not in ENVIRONMENTS:
        raise RuntimeError(
            f"The demonstration identity providers let anybody sign in as anybody. They start with the "
            f"environment set to demo or test, and this one is {environment!r}. Use the organisations' own."
        )
    if urlsplit(directory.base_url).hostname not in LOOPBACK:
        raise RuntimeError(
            f"The demonstration identity providers only answer on the loopback address, not at "
            f"{directory.base_url}. Set their address to http://127.0.0.1 and a port."
        )
    app = Provider(__name__, static_folder=Path(__file__).parents[1] / "static", template_folder="templates")
    app.state = State(
        directory=directory,
        keys=KeyRing(key_folder),
        requests=URLSafeTimedSerializer(secrets.token_hex(32), salt="authorization request"),
    )
    app.extensions["provider"] = app.state
    app.register_blueprint(endpoints.bp)
    app.after_request(_headers)
    return app


def _headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # No form-action: browsers apply it to the redirect that follows the choice, back to the portal.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'"
    )
    return response
