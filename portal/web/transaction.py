"""One transaction per request: committed after the view, undone when anything went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from flask import Flask, Response
from sqlalchemy.orm.exc import StaleDataError

from portal.access import audit, guard
from portal.changes.versions import overtaken
from portal.extensions import db
from portal.messages import told
from portal.web import idempotency


def init_app(app: Flask) -> None:
    """Commit in one place. Services flush and never commit; `Portal.handle_user_exception` undoes."""
    idempotency.init_app(app)
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        db.session.rollback()
        return response
    try:
        guard.passed_checks(response)
        guard.keep_pace(response)
        told.say()
        idempotency.end(response)
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
