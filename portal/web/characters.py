"""No request goes on with a character that the database refuses: it is answered before anything is asked.

A browser sends none of these by itself. Whoever pasted one into a form gets it back without.
"""

from collections.abc import Iterator

from flask import Flask, Response, request
from werkzeug.datastructures import ImmutableMultiDict

from portal.pathway.characters import can_be_kept, kept_only
from portal.web.error_texts import UNREADABLE, UNREADABLE_FORM
from portal.web.errors import answer
from portal.web.idempotency import reads_its_own_form
from portal.web.refused_data import not_saved


def init_app(app: Flask) -> None:
    """Look at every request of ``app`` first."""
    app.before_request(_refuse_unreadable)


def _refuse_unreadable() -> Response | None:
    if not all(can_be_kept(part) for part in _asked()):
        return answer(400, UNREADABLE)
    return None if reads_its_own_form() else refuse_unreadable_form()


def refuse_unreadable_form() -> Response | None:
    """Answer a form that cannot be kept as it is; a view that bounds what it reads asks once it has."""
    if request.method == "POST" and not all(can_be_kept(part) for part in _posted()):
        if request.headers.get("X-Autosave"):
            return not_saved(
                "Not saved: it holds a character that cannot be kept. Take out what you pasted last."
            )
        request.form = ImmutableMultiDict(  # for the page that offers to send it again
            (kept_only(name), kept_only(value)) for name, value in request.form.items(multi=True)
        )
        return answer(400, UNREADABLE_FORM)
    return None


def _asked() -> Iterator[str]:
    yield request.path
    for name, value in request.args.items(multi=True):
        yield from (name, value)


def _posted() -> Iterator[str]:
    for name, value in request.form.items(multi=True):
        yield from (name, value)
    for name, file in request.files.items(multi=True):
        yield from (name, file.filename or "", file.mimetype)
