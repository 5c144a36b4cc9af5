"""The page that shows what arrived, and lets a tester answer as a mail system would."""

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.demo.mail import reading
from portal.demo.mail.kept import Kept, Mail
from portal.demo.mail.report import delivery_report

PAGE_SIZE = 50
ENVIRONMENTS = frozenset({"demo", "test"})

bp = Blueprint("mail", __name__)


def create_mail_page(kept: Kept, *, environment: str) -> Flask:
    """Make the application.

    Raises:
        RuntimeError: outside a demonstration or a test. The page shows everybody's mail to whoever opens it.
    """
    if environment not in ENVIRONMENTS:
        raise RuntimeError(
            f"The demonstration's mail page shows everybody's mail. It starts with the environment set to "
            f"demo or test, and this one is {environment!r}."
        )
    app = Flask(__name__, static_folder=Path(__file__).parents[1] / "static", template_folder="templates")
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.extensions["kept"] = kept
    app.jinja_env.filters["moment"] = reading.moment
    app.register_blueprint(bp)
    app.before_request(_refuse_other_sites)
    app.after_request(_headers)
    return app


@bp.get("/")
def index() -> str:
    """What arrived, newest first, or what arrived for one address."""
    to, page = request.args.get("to", ""), max(request.args.get("page", 1, int), 1)
    names = _kept().names(to=to)
    shown = [_kept().mail(name) for name in names[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    return render_template(
        "mail/index.html",
        shown=shown,
        count=len(names),
        to=to,
        page=page,
        more=len(names) > page * PAGE_SIZE,
        gone=_kept().gone(),
    )


@bp.get("/mail/<name>")
def show(name: str) -> str:
    """One mail, with its calendar entry and what can be answered."""
    mail = _mail(name)
    return render_template(
        "mail/show.html",
        mail=mail,
        message=mail.message,
        written=reading.written_at(mail.message),
        pieces=reading.text_of(mail.message),
        entries=reading.calendar_of(mail.message),
        gone=_kept().gone(),
        answered=request.args.get("answered", ""),
    )


@bp.get("/mail/<name>/source")
def source(name: str) -> Response:
    """The mail as it came over the wire."""
    return Response(_mail(name).source, mimetype="text/plain")


@bp.post("/mail/<name>/report")
def report(name: str) -> AnyResponse:
    """Send the portal a delivery report about this mail."""
    mail, address = _mail(name), request.form.get("address", "")
    if address not in mail.to:
        abort(400)
    _kept().send_back(delivery_report(mail, address=address))
    return redirect(url_for("mail.show", name=name, answered="report"), 303)


@bp.post("/addresses")
def address() -> AnyResponse:
    """Refuse mail for an address from now on, or take it again."""
    said, back = request.form.get("address", "").strip().lower(), request.form.get("mail", "")
    if not said or len(said.split()) > 1:
        abort(400)
    _kept().say_gone(said, gone=request.form.get("gone") == "yes")
    if back:
        return redirect(url_for("mail.show", name=_mail(back).name), 303)
    return redirect(url_for("mail.index"), 303)


def _kept() -> Kept:
    kept: Kept = current_app.extensions["kept"]
    return kept


def _mail(name: str) -> Mail:
    try:
        return _kept().mail(name)
    except LookupError:
        abort(404)


def _refuse_other_sites() -> None:
    """A page of somebody else's, open in the same browser, must not answer for the tester."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)


def _headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'"
    )
    return response
