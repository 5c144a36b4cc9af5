"""What a person is told when a text or a number cannot be kept. No request goes on with a character that
the database refuses: it is answered before anything is asked.

A browser sends none of these by itself. Whoever pasted one into a form gets it back without.
"""

from collections.abc import Iterator

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.datastructures import ImmutableMultiDict

from config.faults import trail
from portal.access import upkeep
from portal.pathway.characters import can_be_kept, kept_only
from portal.web.error_texts import UNREADABLE, UNREADABLE_FORM
from portal.web.errors import answer, fault
from portal.web.fields import NotSaved
from portal.web.idempotency import reads_its_own_form


def init_app(app: Flask) -> None:
    """Answer what fields and the database refuse."""
    app.register_error_handler(NotSaved, lambda refused: not_saved(str(refused)))
    app.register_error_handler(IntegrityError, _too_large)
    app.register_error_handler(DataError, _not_kept)


def not_saved(why: str) -> Response:
    """The answer to a save by itself that cannot be taken: the page stays, and says so in these words."""
    return Response(why, 422, mimetype="text/plain")


def _too_large(error: IntegrityError) -> Response:
    """A text beyond what the database keeps, which no form lets through, is told like one too big to send."""
    if not upkeep.is_too_large(error):
        return fault(error)
    current_app.logger.error("a text is too large for the database\n%s", trail(error))
    return answer(413)


def _not_kept(error: DataError) -> Response:
    """The database cannot read a value, such as a number beyond all bounds: whoever sent it is told so."""
    current_app.logger.error("the database refused a value\n%s", trail(error))
    return answer(400, UNREADABLE_FORM if request.method == "POST" else UNREADABLE)


def refuse_unreadable(app: Flask) -> None:
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
