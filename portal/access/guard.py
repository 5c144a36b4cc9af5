"""One guard in front of every route. A route says what it needs; one that says nothing does not start."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from portal.access import audit, form_tokens, pace, principal
from portal.access.permissions import PERMISSIONS, Forbidden, near
from portal.extensions import db
from portal.pathway.characters import can_be_kept
from portal.vocabulary import RateKind, Sector

View = TypeVar("View", bound=Callable[..., Any])
Shows = Literal["child", "case", "referral", "list", "people"]
Releases = Literal["print", "export"]

#: A form that comes back with its errors, or with what somebody else saved, shows as much as the page did.
_SHOWING = frozenset({HTTPStatus.OK, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})

#: Seconds since somebody signed in, within which they open and send a form that changes how people sign in.
PROVED_TO_LOOK, PROVED_TO_SEND = 15 * 60, 45 * 60

_RULE = "access_rule"
_AUDIENCE = "access_audience"


class UndeclaredRoute(RuntimeError):
    """A route without a declaration: the application does not start."""


class SignInAgain(Exception):
    """Whoever asks is signed in, and has to prove again who they are before they do this."""


class UnrecordedLook(RuntimeError):
    """A page that shows people's information left no audit row: it is not sent."""


@dataclass(frozen=True)
class Rule:
    """What a route needs, what it shows and what it lets out."""

    permission: str | None  # None: open to all
    shows: Shows | None = None
    releases: Releases | None = None
    background: bool = False  # a script's request: answered 401 when signed out, never sent to sign-in
    is_activity: bool = True  # whether it keeps the session alive: polling does not
    proved: bool = False  # asks for a sign-in of a short while ago
    searches: bool = False  # looks for people by what somebody types


def allow(
    permission: str,
    *,
    shows: Shows | None = None,
    releases: Releases | None = None,
    background: bool = False,
    is_activity: bool = True,
    proved: bool = False,
    searches: bool = False,
) -> Callable[[View], View]:
    """Declare a route's permission. Goes below the route decorator, which reads what is below it.

    Args:
        permission: a name in `portal.access.permissions.PERMISSIONS`.
        shows: what the answer shows; the view must then leave an audit row.
        releases: how the answer lets information out of the portal.
        background: answer 401 when signed out, and leave the page where it is (autosave).
        is_activity: False for polling.
        proved: for what changes how people sign in: whoever asks has signed in a short while ago, or does so
            again. A session that was left open, or taken, changes nobody's way in (OWASP ASVS 7.5.1).
        searches: it looks for people by what somebody types.
    """
    if permission not in PERMISSIONS:
        raise KeyError(f"{permission} is not in portal/access/permissions: add it there")
    return _declare(Rule(permission, shows, releases, background, is_activity, proved, searches))


def public(view: View) -> View:
    """Declare a route open to all, signed in or not."""
    return _declare(Rule(None))(view)


def audience(blueprint: Blueprint, *sectors: Sector) -> None:
    """Close a blueprint to people of every other sector."""
    setattr(blueprint, _AUDIENCE, frozenset(sectors))


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """What the route of `endpoint` declares."""
    found: Rule | None = getattr(app.view_functions.get(endpoint), _RULE, None)
    return found


def _declare(rule: Rule) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _RULE, rule)
        return view

    return mark


def init_app(app: Flask) -> None:
    """Stand in front of every route of `app`."""
    app.before_request(_admit)
    app.after_request(_keep_refusal)
    app.teardown_request(lambda _error: principal.use_token(""))


def may_enter(person: principal.Principal, endpoint: str) -> bool:
    """Whether the guard lets somebody come near a route: by their roles, and by the sectors it is closed to.

    Whoever is led to a page is asked this first; what they see there, the database decides.
    """
    rule = rule_of(current_app, endpoint)
    if rule is None:
        return False
    if rule.permission is None:
        return True
    blueprints = endpoint.split(".")[:-1]
    names = (".".join(blueprints[: depth + 1]) for depth in range(len(blueprints)))
    return near(person, rule.permission) and not _kept_from(person, names)


def check(app: Flask) -> None:
    """Refuse to start with a route that does not say who may use it.

    Raises:
        UndeclaredRoute: naming every such route.
    """
    silent = sorted({r.endpoint for r in app.url_map.iter_rules() if rule_of(app, r.endpoint) is None})
    if silent:
        raise UndeclaredRoute(f"say who may use {', '.join(silent)}: @allow(…) or @public below the route")


def _admit() -> ResponseReturnValue | None:
    token = request.cookies.get(current_app.config["PORTAL_SESSION_COOKIE"], "")
    principal.use_token(token if can_be_kept(token) else "")
    if request.endpoint is None:
        return None  # no such address: the 404 page
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        abort(HTTPStatus.FORBIDDEN)
    if rule.permission is None:
        return None
    person = principal.optional()
    if person is None:
        return Response(status=HTTPStatus.UNAUTHORIZED) if rule.background else abort(HTTPStatus.UNAUTHORIZED)
    form_tokens.belong_to(person.user_id)
    if sectors := _kept_from(person, request.blueprints):
        raise Forbidden(f"This page is for {', '.join(sorted(s.label for s in sectors))}.")
    if not near(person, rule.permission):
        raise Forbidden(PERMISSIONS[rule.permission].refusal)
    if rule.proved and not _proved_lately():
        raise SignInAgain
    if kind := _rated(rule):
        pace.check(person.user_id, kind)
    if rule.is_activity and person.due_a_touch:
        db.session.execute(db.text("select ctx.touch_session()"))
    return None


def _rated(rule: Rule) -> RateKind | None:
    """Which rate of policy a request counts for. What is sent to be saved counts for none before it is looked
    at: it is not lost. A form that comes back counts as the look that it is (`keep_pace`).
    """
    if rule.searches:
        return RateKind.SEARCH if request.method == "POST" else None
    if request.method not in {"GET", "HEAD"}:
        return None
    if rule.releases == "export":
        return RateKind.FILE
    return RateKind.CASE if _shows_somebody(rule) else None


def _shows_somebody(rule: Rule) -> bool:
    """Whether the route shows the child or case that its address names."""
    return bool(request.view_args) and rule.shows in {"case", "child"}


def _proved_lately() -> bool:
    """A form may take longer than opening it: what was typed is not to be asked for twice."""
    seconds = PROVED_TO_LOOK if request.method in {"GET", "HEAD"} else PROVED_TO_SEND
    return bool(db.session.scalar(db.select(db.func.ctx.signed_in_within(seconds))))


def _kept_from(person: principal.Principal, blueprints: Iterable[str]) -> frozenset[Sector]:
    """The sectors that a page is for, where the person's is not among them."""
    for name in blueprints:  # a blueprint within another is closed as the outer one is
        sectors: frozenset[Sector] = getattr(current_app.blueprints[name], _AUDIENCE, frozenset())
        if sectors and person.sector not in sectors:
            return sectors
    return frozenset()


def _keep_refusal(response: Response) -> Response:
    """Whoever is signed in and asks for what is not theirs leaves the address they asked for."""
    refused = (
        response.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} and request.endpoint != "static"
    )
    if refused and principal.optional() is not None:
        audit.record_refusal("access:refused", ground=str(response.status_code), method=request.method)
    return response


def keep_pace(response: Response) -> None:
    """Let a form come back only to whoever may open its page now: it shows as much as the page does.

    What was saved leads on and shows nothing. A case that is open already counts once, as with its page.

    Raises:
        TooFast: this answer would show one case more than policy allows. It is not sent, and nothing is done.
    """
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    comes_back = request.method == "POST" and response.status_code in _SHOWING
    if rule is None or not comes_back or rule.searches or not _shows_somebody(rule):
        return
    person = principal.optional()
    if person is not None:
        pace.check(person.user_id, RateKind.CASE, on_record=True)


def passed_checks(response: Response) -> bool:
    """Whether a response may be sent: one that shows people's information has left an audit row.

    Raises:
        UnrecordedLook: it has not.
    """
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    lets_out = rule is not None and (rule.shows or rule.releases)
    if lets_out and response.status_code in _SHOWING and not audit.was_recorded():
        raise UnrecordedLook(f"{request.endpoint} shows a {lets_out}: call portal.access.audit.record")
    return True
