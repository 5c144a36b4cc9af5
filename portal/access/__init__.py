"""Who is asking, what they may see and do, and the record of it."""

from flask import Flask, Request

from portal.access import connections as connections  # listens to the pool
from portal.access import form_tokens, guard, principal, sign_in
from portal.extensions import login_manager

whoami = principal.if_known


def init_app(app: Flask) -> None:
    """Put the guard in front of every route of `app`."""
    guard.init_app(app)
    sign_in.init_app(app)
    form_tokens.init_app()
    login_manager.request_loader(_load_person)


def check(app: Flask) -> None:
    """Refuse to start with a route that does not say who may use it."""
    guard.check(app)


def _load_person(_request: Request) -> principal.Principal | None:
    return principal.if_known()
