"""What a person is told when something does not work: as a page, and as a fragment for htmx.

Each says what to do next and carries a random reference that is also in the log. None says why in the
portal's own terms: no exception, table, file or address leaves the server. A record that is hidden and one
that does not exist get the same answer from the same code.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from psycopg.errors import DeadlockDetected, InsufficientPrivilege, LockNotAvailable, SerializationFailure
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException

from config.faults import trail
from portal import clock
from portal.access import audit, form_tokens, guard, principal
from portal.access.certificates import fault_of
from portal.access.connections import AWAY
from portal.access.guard import SignInAgain
from portal.access.pace import ReasonAsked, TooFast
from portal.access.permissions import Forbidden, roles_that_count
from portal.access.principal import is_unknown
from portal.access.sign_in import attempt
from portal.access.sign_in.attempt import ProviderUnreachable
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.changes.versions import OVERTAKEN, overtaken
from portal.extensions import db
from portal.pathway.characters import identifier
from portal.queries.paging import OddCursor
from portal.web.assets import BUILD, STATIC_URL, AssetsError, asset_url
from portal.web.conflict import VERSION, ConflictDifference, differences
from portal.web.error_texts import (
    BUSY,
    DATABASE_AWAY,
    EXPIRED_FORM,
    NO_PLACE_IN_LIST,
    NO_ROLE,
    NOBODY_SIGNS_IN,
    PROVIDER_AWAY,
    SAY_WHY,
    TEXTS,
    TOO_FAST,
    UNKNOWN,
    UNREADABLE_FORM,
    ErrorText,
)
from portal.web.filters import clock_time, numbers_to_ring
from portal.web.htmx import is_fragment
from portal.web.navigation import SIGN_IN, footer_links
from portal.web.observed import reference
from portal.web.steps import Link

_SERVER_FAULT = 500
_SIGNED_OUT = 401
_WHOAMI = "who_is_told_of_errors"
#: Of two transactions that wait for each other, or for too long, one gives way.
_TURN_LOST = (DeadlockDetected, SerializationFailure, LockNotAvailable)
#: After these the same words may be sent again.
_SENT_AGAIN = (EXPIRED_FORM, TOO_FAST, SAY_WHY, UNREADABLE_FORM, TEXTS[_SIGNED_OUT])
#: What was typed for what is not there, or not theirs, is given back to be copied, not sent again: the same
#: whether there is such a record or not.
_LOST = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
_SOON = 120  # seconds; what is further off is said in minutes
_NOON = 12
#: What stands between identifiers and codes in what a form sends beside what is typed.
_BETWEEN = re.compile(r"[:;|=/]+")
_SHOWN_FROM = 20  # characters; shorter answers are chosen rather than typed


@dataclass(frozen=True)
class Resend:
    """What was posted with a form that could not be taken, so that it can be sent again without typing."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    ticket: str = ""  # lets the same person send it after signing in again, at the first try

    @property
    def shown(self) -> list[str]:
        """The longer answers, to be read over (and copied, if all else fails)."""
        longer = [value for name, value in self.fields if len(value) >= _SHOWN_FROM and not _is_beside(name)]
        return [value for value in dict.fromkeys(longer) if not _is_internal(value)]


def _is_beside(name: str) -> bool:
    """Whether a field says what stood in another before, as pages that save meanwhile have it."""
    return name.endswith("-was")


def _is_internal(value: str) -> bool:
    """Whether nobody typed it: it is made of identifiers, and of codes of one word each beside them."""
    found = [part for one in value.split(",") for part in _BETWEEN.split(one.strip())]
    return " " not in value.replace(", ", ",").strip() and any(identifier(one) for one in found)


def init_app(app: Flask, *, whoami: Callable[[], object | None]) -> None:
    """Answer every error of ``app`` with the pages of this module; ``whoami`` says who is signed in."""
    app.extensions[_WHOAMI] = whoami
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    for kind in AWAY:
        app.register_error_handler(kind, _database_away)
    app.register_error_handler(ProviderUnreachable, _provider_away)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(SignInAgain, _sign_in_again)
    app.register_error_handler(TooFast, _too_fast)
    app.register_error_handler(ReasonAsked, _reason_asked)
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(OddCursor, lambda _error: answer(400, NO_PLACE_IN_LIST))
    app.register_error_handler(NotFound, lambda _error: answer(404))
    app.register_error_handler(Conflict, _conflict)
    app.register_error_handler(StaleDataError, lambda _error: _conflict(overtaken(db.session())))
    app.register_error_handler(ObjectDeletedError, lambda _error: answer(404))
    app.register_error_handler(ProgrammingError, _not_allowed)
    app.register_error_handler(Exception, fault)


def answer(
    status: int,
    text: ErrorText | None = None,
    *,
    reason: str = "",
    differences: Sequence[ConflictDifference] = (),
    resend: Resend | None = None,
    first: Link | None = None,
) -> Response:
    """The page or fragment for an error.

    :param status: the HTTP status.
    :param text: what to say; by default the words for the status.
    :param reason: one sentence that this person may know, for example why they may not act on what they see.
    :param differences: what two people wrote in the same place.
    :param resend: what was sent, to be sent again.
    :param first: what has to be done before, in another tab.
    """
    text = text or TEXTS.get(status, UNKNOWN)
    names: dict[str, Any] = {
        "error": text,
        "reason": reason,
        "reference": reference(),
        "differences": differences,
        "first": first,
    }
    names["numbers"] = numbers_to_ring() if text.urgent else ()
    if is_fragment():
        response = make_response(render_template("errors/fragment.html", **names), status)
        response.headers["HX-Reswap"] = "none"  # the fragment goes to the alert by itself; the page stays
        return response
    if status >= _SERVER_FAULT:
        # A page with its layout asks who is signed in; when the database is away, asking fails again
        bare = render_bare("errors/bare.html", links=footer_links(None), **names)
        return make_response(bare, status)
    names["resend"] = _resend({}) if text in _SENT_AGAIN else resend
    names["given_back"] = _typed() if status in _LOST and not names["resend"] else ()
    names["sign_in_first"] = status == _SIGNED_OUT
    return make_response(render_template("errors/page.html", **names), status)


def render_bare(template_name: str, **names: Any) -> str:
    """Render a template that reads only ``names``: no context processor runs, so no database is asked."""
    try:
        style, icon = asset_url("portal.css"), asset_url("icon.svg")
    except AssetsError:
        style = icon = ""
    names |= {"service_name": current_app.config["SERVICE_NAME"], "style": style, "icon": icon}
    return current_app.jinja_env.get_template(template_name).render(names)


def _http_error(error: HTTPException) -> Response:
    status = error.code or _SERVER_FAULT
    if status < 400 and error.response is not None:  # noqa: PLR2004  # a redirect raised as an exception
        return make_response(error.get_response())
    if status == _SIGNED_OUT:
        return _signed_out()
    response = answer(status, reason=getattr(error, "reason", "") or "")
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _sign_in_again(_error: SignInAgain) -> Response:
    """Lead on to the provider, and back to the page from which this was asked."""
    back = attempt.signed(_page_around(request.path))
    address = url_for("auth.again", next=back)
    if is_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))


def _page_around(path: str) -> str:
    """The page itself where it can be opened, else the nearest above it: a button has no page of its own."""
    while path.count("/") > 1:
        try:
            current_app.url_map.bind("localhost").match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            break
    return path


def _signed_out() -> Response:
    """Nobody is signed in. A page goes to sign-in and comes back; what was typed stays."""
    sign_in = "/"
    if SIGN_IN in current_app.view_functions:
        sign_in = url_for(SIGN_IN, next=attempt.signed(_way_back()))
    if request.headers.get("X-Autosave"):
        return make_response("", 401)
    if is_fragment():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = sign_in
        return response
    if request.method in {"GET", "HEAD"} and SIGN_IN in current_app.view_functions:
        return make_response(redirect(sign_in, 303))
    return answer(401)


def _way_back() -> str:
    """The address to return to after signing in; a fragment or a posted form is not one."""
    return request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else "/"


def _forbidden(error: Forbidden) -> Response:
    person = principal.optional()
    if person is not None and not roles_that_count(person):
        return answer(403, NO_ROLE, reason=f"You are signed in as {person.name}, {person.agency_name}.")
    return answer(403, reason=error.reason)


def _refused(error: DomainError) -> Response:
    return answer(error.status, reason=error.message)


def _too_fast(error: TooFast) -> Response:
    """When they can go on is said by the clock too; what they typed is sent again then."""
    response = answer(429, TOO_FAST, reason=f"You can go on {_when(error)}.")
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _reason_asked(error: ReasonAsked) -> Response:
    """A page leads on to where they say why, and back; a form waits for that, with what was typed."""
    there = url_for("looks.why", kind=error.kind.value, next=attempt.signed(_way_back()))
    if request.method in {"GET", "HEAD"} and not is_fragment():
        return make_response(redirect(there, 303))
    return answer(429, SAY_WHY, first=Link(there, "Say why"))


def _when(error: TooFast) -> str:
    """To the second where it is soon: “in 40 seconds, at 9:00:40am”; else to the minute."""
    if error.seconds < _SOON:
        at = clock.local(error.until)
        unit = "second" if error.seconds == 1 else "seconds"
        return f"in {error.seconds} {unit}, at {at:%-I:%M:%S}{'am' if at.hour < _NOON else 'pm'}"
    minutes = ceil(error.seconds / 60)
    at = clock.now() + timedelta(minutes=minutes)
    return f"in {minutes} {'minute' if minutes == 1 else 'minutes'}, at {clock_time(at)}"


def _conflict(error: Conflict) -> Response:
    """Shows both versions, and lets what was sent be sent again by somebody who has seen them.

    A page that can show them in its own form catches the conflict itself.
    """
    rule = guard.rule_of(current_app, request.endpoint or "")
    if rule is not None and rule.shows:
        audit.record("conflict:view")  # what somebody else wrote is shown
    fresh = {VERSION: str(error.versions.number)} if error.versions.number is not None else {}
    reason = "" if error.message == OVERTAKEN else error.message  # its title says so already
    return answer(409, reason=reason, differences=differences(error), resend=_resend(fresh))


def _turn_lost(error: Exception) -> Response:
    """Somebody else works on the same records, and one of the two had to give way: nothing was done."""
    current_app.logger.warning("turn lost: %s\n%s", type(error).__name__, trail(error))
    return answer(423, BUSY, resend=_resend({}))


def _expired_form(_error: CSRFError) -> Response:
    """Whoever is signed in sends it again with the fresh token of the page; anybody else signs in first."""
    if not request.headers.get("X-Autosave") and not is_fragment() and _nobody_is_signed_in():
        return _signed_out()
    return answer(400, EXPIRED_FORM)


def _database_away(error: Exception) -> Response:
    if isinstance(getattr(error, "orig", None), _TURN_LOST):
        return _turn_lost(error)
    if fault := fault_of(error):
        current_app.logger.error(
            "the certificate of the database %s: look at sslrootcert in its address", fault
        )
    current_app.logger.error("the database is away\n%s", trail(error))
    response = answer(503, NOBODY_SIGNS_IN if request.endpoint == SIGN_IN else DATABASE_AWAY)
    response.headers["Retry-After"] = "30"
    return response


def _provider_away(error: ProviderUnreachable) -> Response:
    current_app.logger.error("identity provider away: %s", error)
    response = answer(503, PROVIDER_AWAY)
    response.headers["Retry-After"] = "30"
    return response


def _not_allowed(error: ProgrammingError) -> Response:
    """Whose session ended while this was under way may write nothing any more, and signs in again."""
    if isinstance(error.orig, InsufficientPrivilege):
        principal.forget()
        if _nobody_is_signed_in():
            return _signed_out()
    return fault(error)


def fault(error: Exception) -> Response:
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS") is not False:
        raise error  # a test should see the fault, not the page about it
    current_app.logger.error("unexpected fault\n%s", trail(error))
    return answer(_SERVER_FAULT)


def _resend(fresh: dict[str, str]) -> Resend | None:
    """The posted fields, if the form was ours: no other site may put words in a person's mouth.

    :param fresh: fields that say something else when it is sent again.
    """
    if request.method != "POST" or form_tokens.of_request() is not form_tokens.Origin.HERE:
        return None
    typed = request.form.items(multi=True)
    fields = [(name, fresh.get(name, value)) for name, value in typed if name not in form_tokens.BESIDE]
    action = request.full_path.rstrip("?")
    return Resend(action, fields, form_tokens.ticket(action, fields)) if fields else None


def _typed() -> Sequence[str]:
    """The longer answers of a form of ours that was posted."""
    sent = _resend({})
    return sent.shown if sent else ()


def _nobody_is_signed_in() -> bool:
    """For certain: with the database away it is not known."""
    return current_app.extensions[_WHOAMI]() is None and not is_unknown()


#: Where the proxy serves the folder; `docs/deploy/nginx.conf` says the same.
ADDRESS = "/error-pages/"

#: The proxy has an answer from no web process, or from one that was too late: what was sent may have arrived.
_AWAY = ErrorText(
    "The portal is not available",
    (
        "Nothing has been lost that was saved. Your last step may not have been.",
        "Try again in a few minutes. Before you send a form again, look whether it has arrived.",
    ),
    urgent=True,
)

#: By the status that the proxy answers with of its own accord.
PAGES = {413: TEXTS[413], 429: TEXTS[429], 502: _AWAY, 503: _AWAY, 504: _AWAY}


def write(folder: Path) -> list[Path]:
    """Write a page for each status, with what it needs to look like the portal; gives the pages.

    Raises:
        portal.web.assets.AssetsError: the style sheet has not been built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    addresses = {}
    for name in ("portal.css", "icon.svg", "icons.svg"):
        built = asset_url(name).removeprefix(STATIC_URL)
        shutil.copyfile(BUILD / built, folder / built)
        addresses[asset_url(name)] = ADDRESS + built
    return [_write(folder / f"{status}.html", text, addresses) for status, text in PAGES.items()]


def _write(path: Path, text: ErrorText, addresses: dict[str, str]) -> Path:
    numbers = numbers_to_ring() if text.urgent else ()
    page = render_bare("errors/bare.html", error=text, numbers=numbers)
    for of_portal, of_proxy in addresses.items():
        page = page.replace(of_portal, of_proxy)
    path.write_text(page, encoding="utf-8")
    return path
