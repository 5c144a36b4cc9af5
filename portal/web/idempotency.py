"""A request is one transaction, committed after the view and undone when anything went wrong; and a form
that is sent twice is done once: each carries a key, and the second sending gets the first's answer.

The key stands for the page, the address and all that was typed: what is sent from the same page with other
words is another request. A form that was refused is looked at anew. Forms that save themselves while one
types carry versions instead.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request, session
from flask.json.tag import TaggedJSONSerializer
from joserfc import jwe
from joserfc.jwk import OctKey
from sqlalchemy.orm.exc import StaleDataError

from portal.access import audit, guard, principal
from portal.access.form_tokens import BESIDE, KEY, TOKEN, evened
from portal.changes.idempotency import claim, forget, key_of, remember
from portal.changes.versions import overtaken
from portal.extensions import db
from portal.messages import told
from portal.web.htmx import is_fragment
from portal.web.page import see_other


def keep_transactions(app: Flask) -> None:
    """Commit in one place. Services flush and never commit; `Portal.handle_user_exception` undoes."""
    init_app(app)
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        db.session.rollback()
        return response
    try:
        guard.passed_checks(response)
        guard.keep_pace(response)
        told.say()
        end(response)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return response


def begin_anew() -> None:
    """Undo what this request wrote so far, and go on in a fresh transaction: it came to something else."""
    db.session.rollback()
    told.undone(0)


@contextmanager
def attempt() -> Iterator[None]:
    """Let services write, and undo what they wrote when one refuses; the request itself goes on.

    Where somebody else was quicker on a record that no service had locked, that is a conflict like any other.

    try:
        with attempt():
            close_case(actor=…, case=…)
    except DomainError as problem:
        return render("cases/close.html", form=form, problem=problem)
    """
    looked, said = audit.was_recorded(), told.mark()
    try:
        with db.session.begin_nested():
            yield
    except StaleDataError as error:
        audit.undone(looked)
        told.undone(said)
        raise overtaken(db.session()) from error
    except BaseException:
        audit.undone(looked)
        told.undone(said)
        raise


View = TypeVar("View", bound=Callable[..., Any])

_LONGEST = 64  # characters of a key
_FLASHES = "_flashes"  # where Flask keeps what the next page says
_ONWARD = frozenset({HTTPStatus.SEE_OTHER, HTTPStatus.FOUND, HTTPStatus.NO_CONTENT})
_UNREAD = "reads_its_own_form"
_SEALED = {"alg": "dir", "enc": "A256GCM"}


def init_app(app: Flask) -> None:
    """Look at every form that is sent to `app` by somebody who is signed in."""
    app.before_request(_begin)


def later(view: View) -> View:
    """Let a view that bounds what it reads ask by itself, with `begin`, once it has; or never."""
    setattr(view, _UNREAD, True)
    return view


def reads_its_own_form() -> bool:
    """Whether the view of this request bounds what it reads, so that nobody may read it before."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), _UNREAD, False)


def begin() -> Response | None:
    """Go on with a request, or answer one that was answered before as it was then."""
    if request.method != "POST" or request.headers.get("X-Autosave"):
        return None
    person = principal.optional()
    token = request.form.get(KEY, "") if person else ""
    if person is None or not token or len(token) > _LONGEST:
        return None
    key = key_of(token, request.full_path, *_said())
    claimed = claim(actor=person, key=key)
    if claimed.first:
        g.claimed = key
        g.said_before = len(session.get(_FLASHES, ()))
        g.kept_before = _kept()
        return None
    return _again(claimed.answer, token) if claimed.answer else None


def end(response: Response) -> None:
    """Keep where a request led, before it is committed; forget one that led nowhere.

    What it left for the next page, such as a link that is shown once, is kept sealed with the token of the
    form, which is kept nowhere: only whoever sends that form again can open it.
    """
    key = g.pop("claimed", None)
    person = principal.optional() if key else None
    if key is None or person is None:
        return
    leads_to = response.headers.get("Location") or response.headers.get("HX-Redirect")
    kept, before = _kept(), g.kept_before
    left = {name: value for name, value in kept.items() if before.get(name) != value}
    if response.status_code in _ONWARD and leads_to and before.keys() <= kept.keys():
        said = list(session.get(_FLASHES, ()))[g.said_before :]
        answer = {
            "to": leads_to,
            "same_page": is_fragment() and "Location" in response.headers,
            "said": [list(one) for one in said],
        }
        if left:
            answer["left"] = _seal(left, request.form.get(KEY, ""))
        remember(actor=person, key=key, answer=answer)
    else:
        forget(actor=person, key=key)


def _kept() -> dict[str, Any]:
    """What the next page is left, but for what it says and the secret of its forms."""
    return {name: value for name, value in session.items() if name not in {_FLASHES, TOKEN}}


def _begin() -> Response | None:
    return None if reads_its_own_form() else begin()


def _said() -> list[str | bytes]:
    """All that a form says, but for the tokens of its page; a file is what it is, to the byte."""
    said: list[str | bytes] = []
    for name, value in request.form.items(multi=True):
        if name not in BESIDE:
            said += [name, evened(value).replace("\n", "\r\n")]  # as browsers send a form the first time
    for name, file in request.files.items(multi=True):
        said += [name, file.filename or "", file.stream.read()]
        file.stream.seek(0)
    return said


def _again(answer: dict[str, Any], token: str) -> Response:
    if "left" in answer:
        session.update(_open(answer["left"], token))
    session[_FLASHES] = [*session.get(_FLASHES, ()), *(tuple(one) for one in answer["said"])]
    return see_other(answer["to"], same_page=answer["same_page"])


def _seal(left: dict[str, Any], token: str) -> str:
    plain = TaggedJSONSerializer().dumps(left).encode()
    return jwe.encrypt_compact(_SEALED, plain, _lock_of(token))


def _open(sealed: str, token: str) -> dict[str, Any]:
    opened = jwe.decrypt_compact(sealed, _lock_of(token), algorithms=list(_SEALED.values()))
    left: dict[str, Any] = TaggedJSONSerializer().loads((opened.plaintext or b"").decode())
    return left


def _lock_of(token: str) -> OctKey:
    return OctKey.import_key(bytes.fromhex(key_of("what is left for the next page", token)))
