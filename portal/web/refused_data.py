"""What a person is told when a text or a number cannot be kept."""

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DataError, IntegrityError

from config.faults import trail
from portal.access import text_sizes
from portal.web.error_texts import UNREADABLE, UNREADABLE_FORM
from portal.web.errors import answer, fault
from portal.web.fields import NotSaved


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
    if not text_sizes.is_too_large(error):
        return fault(error)
    current_app.logger.error("a text is too large for the database\n%s", trail(error))
    return answer(413)


def _not_kept(error: DataError) -> Response:
    """The database cannot read a value, such as a number beyond all bounds: whoever sent it is told so."""
    current_app.logger.error("the database refused a value\n%s", trail(error))
    return answer(400, UNREADABLE_FORM if request.method == "POST" else UNREADABLE)
