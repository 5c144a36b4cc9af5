"""People as pages show them: signing in, the devices, a refusal; and whom a picker offers."""

from dataclasses import dataclass
from uuid import UUID

from flask import Response, current_app, request, session

from portal.access.sign_in import attempt as attempts
from portal.access.sign_in.attempt import Attempt, AttemptKeeper, Refusal
from portal.changes.errors import DomainError
from portal.pathway.characters import can_be_kept
from portal.records.people.model import User
from portal.records.people.reading import agencies
from portal.web.choices import Fit, Picker

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def name_of(user_agent: str) -> str:
    """A browser's description of itself in a few words: ``Edge on Windows``."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


#: Seconds. The organisation that was chosen last on a device; a code, the same for everybody who works there.
ORGANISATION_LASTS = 400 * 24 * 60 * 60


def remember_attempt(response: Response, attempt: Attempt) -> None:
    """Bind a sign-in that begins to this browser, and remember the organisation."""
    _set(response, _attempt_name(attempt.state), _keeper().write(attempt), attempts.LIFETIME)
    _set(response, _name("organisation"), attempt.agency, ORGANISATION_LASTS)


def attempt_of(state: str, provider: str) -> Attempt:
    """The sign-in that this browser began. Raises SignInRefused for one that it did not."""
    content = request.cookies.get(_attempt_name(state))
    return _keeper().read(content, state=state, provider=provider)


def forget_attempt(response: Response, state: str) -> None:
    """The sign-in is over, well or not."""
    _drop(response, _attempt_name(state))


def organisation() -> str | None:
    """The code of the organisation that was chosen last on this device."""
    code = request.cookies.get(_name("organisation"))
    return code if code and can_be_kept(code) else None


def open_session(response: Response, token: str) -> None:
    """Give the browser its session, with fresh form tokens; nothing from before the sign-in stays."""
    session.clear()
    _set(response, current_app.config["PORTAL_SESSION_COOKIE"], token, None)


def close_session(response: Response) -> None:
    """Take the session away, and everything that the browser kept of the pages."""
    session.clear()
    _drop(response, current_app.config["PORTAL_SESSION_COOKIE"])
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _keeper() -> AttemptKeeper:
    return AttemptKeeper(str(current_app.secret_key))


def _name(name: str) -> str:
    return f"__Host-{name}" if current_app.config["PORTAL_COOKIES_SECURE"] else name


def _attempt_name(state: str) -> str:
    return _name(f"attempt-{attempts.cookie_suffix(state)}")


def _set(response: Response, name: str, content: str, lasts: int | None) -> None:
    secure = current_app.config["PORTAL_COOKIES_SECURE"]
    response.set_cookie(name, content, max_age=lasts, path="/", secure=secure, httponly=True, samesite="Lax")


def _drop(response: Response, name: str) -> None:
    secure = current_app.config["PORTAL_COOKIES_SECURE"]
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


@dataclass(frozen=True)
class Words:
    """One page: what happened, what to do, and its HTTP status."""

    title: str
    lines: tuple[str, ...]
    status: int = 400


AGAIN = Words(
    "You were not signed in",
    (
        "The sign-in was started in another browser, was finished before, or took longer than 10 minutes.",
        "Start again from this page.",
    ),
)
DECLINED = Words(
    "Your organisation did not sign you in",
    (
        "You may have cancelled, or your account may not be set up for this portal.",
        "Try again, or ask your own IT service desk.",
    ),
    403,
)
FAILED = Words(
    "We could not be sure who you are",
    (
        "What your organisation sent back did not pass our checks, so you were not signed in.",
        "Try once more. If it happens again, tell the hub and your own IT service desk.",
    ),
    403,
)
WEAK = Words(
    "You need to sign in with a second step",
    (
        "Your organisation signed you in, but not strongly enough, or too long ago.",
        "Sign out of your organisation’s account, then try again with your authenticator, code or key.",
    ),
    403,
)
UNKNOWN = Words(
    "You do not have access",
    (
        "Your organisation signed you in, but this account was not invited, or its access has ended.",
        "Ask your manager to invite you. If you were invited, open the link in the invitation first.",
        "If you have something to tell about a child, do not wait for access: ring the hub.",
    ),
    403,
)
INVITATION = Words(
    "This invitation cannot be used",
    (
        "It may have been used already, be older than 14 days, or be for another organisation.",
        "Your account may also be known here already. Ask whoever invited you for a new link.",
    ),
    403,
)

_WORDS = {
    Refusal.ATTEMPT: AGAIN,
    Refusal.REPLAYED: AGAIN,
    Refusal.DECLINED: DECLINED,
    Refusal.WEAK: WEAK,
    Refusal.STALE: WEAK,
    Refusal.UNKNOWN: UNKNOWN,
    Refusal.INVITATION: INVITATION,
}


def words_for(reason: Refusal) -> Words:
    """The page for a refusal; checks that only an attack or a fault fails share one."""
    return _WORDS.get(reason, FAILED)


def people_who_fit(typed: str) -> list[Fit]:
    """Who works here and fits some words, for a picker; the value is their identifier."""
    return [
        Fit(str(one.id), one.name, one.about, exact=one.email.lower() == typed.strip().lower())
        for one in agencies.find_people(typed)
    ]


def picked_person(field: Picker) -> User:
    """Who was chosen in a picker of people.

    Raises:
        DomainError: they have left meanwhile.
    """
    found = agencies.colleague(UUID(field.chosen))
    if found is None:
        raise DomainError("They have left. Choose somebody else", field=field.short_name)
    return found
