"""Where a form was sent from: a page of this portal, another site, or nowhere that can be told (ADR 24).

The browser says so itself, in headers that no script can write. Beside it stands the token of the form, which
proves that the page was made for this sign-in; a request that changes something needs both.
"""

from enum import Enum
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from portal.access import context
from portal.access.permissions import Forbidden

#: Methods that change nothing, whoever leads a browser to them.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: An identity provider posts there itself, a signed order and no form.
SENT_BY_SERVERS = frozenset({"auth.back_channel"})
_USUAL_PORTS = {"http": 80, "https": 443}

_REFUSAL = "This was sent by another site, not from a page of the portal. Open the portal and do it there."


class Origin(Enum):
    """What the browser says of the page that sent a request."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    UNSAID = "unsaid"  # no browser of today, or nobody's page: the token alone decides


def init_app(app: Flask) -> None:
    """Refuse what another site sends. Goes before every other guard: nothing of the request is read."""
    app.before_request(_refuse_other_sites)


def of_request() -> Origin:
    """Where the present request was sent from.

    `Sec-Fetch-Site` decides where there is one: it is right behind any proxy, and says `same-site` of a
    neighbouring host, to whose pages our cookies are given and which is somebody else's. Browsers without it
    send `Origin` with every form; `null` there is a page that hides where it comes from.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return {"same-origin": Origin.HERE, "none": Origin.UNSAID}.get(site, Origin.ELSEWHERE)
    origin = request.headers.get("Origin")
    if origin is None:
        return Origin.UNSAID
    ours = {_parts(request.host_url), _parts(current_app.config.get("PORTAL_ADDRESS", ""))} - {None}
    return Origin.HERE if _parts(origin) in ours else Origin.ELSEWHERE


def _refuse_other_sites() -> None:
    if request.method in _SAFE or request.endpoint is None or request.endpoint in SENT_BY_SERVERS:
        return
    context.use_token(request.cookies.get(current_app.config["PORTAL_SESSION_COOKIE"], ""))
    if of_request() is Origin.ELSEWHERE:
        raise Forbidden(_REFUSAL)


def _parts(address: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        found = urlsplit(address)
        port = found.port
    except ValueError:
        return None
    if not found.scheme or not found.hostname:
        return None
    return found.scheme, found.hostname, port or _USUAL_PORTS.get(found.scheme)
