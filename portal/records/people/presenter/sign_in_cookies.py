"""The cookies of signing in. None holds anything about a person.

With https their names begin with ``__Host-``: a browser takes such a cookie only from this very host, over
https, so that no neighbouring site can plant one. A browser refuses the prefix on a plain http address,
which only a demonstration and the tests use.
"""

from flask import Response, current_app, request, session

from portal.access.sign_in import attempt as attempts
from portal.access.sign_in.attempt import Attempt, AttemptKeeper
from portal.pathway.characters import can_be_kept

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
