"""The page that shows the mail that arrived, and lets a tester answer as a mail system would."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from icalendar import Calendar
from icalendar.cal import Component
from werkzeug.wrappers import Response as AnyResponse

from portal import clock
from portal.demo.mail.kept import Kept, Mail, delivery_report

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
_METHODS = {"REQUEST": "Invitation, or a change of one", "CANCEL": "Cancellation", "REPLY": "Reply"}
_UNREADABLE = (("", "This calendar entry cannot be read."),)


@dataclass(frozen=True)
class Piece:
    """A stretch of text, or an address to follow."""

    text: str
    is_address: bool


def text_of(message: EmailMessage) -> list[Piece]:
    """The words of a mail, cut at the addresses in it."""
    body = message.get_body(("plain",))
    return list(_pieces(_words(body))) if body else []


def calendar_of(message: EmailMessage) -> list[list[tuple[str, str]]]:
    """What each calendar entry says, as pairs of a name and a value; the same entry is shown once."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            words = _words(part)
            found.setdefault(words, list(_entry(words)))
    return list(found.values())


def moment(at: datetime) -> str:
    """A moment as people read it, in London's time."""
    return f"{clock.local(at):%-d %B %Y, %H:%M:%S}"


def written_at(message: EmailMessage) -> str:
    """When the mail says that it was written."""
    try:
        return moment(parsedate_to_datetime(str(message["Date"])))
    except ValueError:
        return str(message["Date"] or "It does not say")


def _words(part: MIMEPart) -> str:
    content = part.get_content()
    return content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")


def _pieces(words: str) -> Iterator[Piece]:
    end = 0
    for found in _ADDRESS.finditer(words):
        yield Piece(words[end : found.start()], is_address=False)
        yield Piece(found[0], is_address=True)
        end = found.end()
    yield Piece(words[end:], is_address=False)


def _entry(words: str) -> Iterator[tuple[str, str]]:
    try:
        calendar = Calendar.from_ical(words)
        events = calendar.walk("VEVENT")
    except ValueError:
        yield from _UNREADABLE
        return
    method = str(calendar.get("METHOD", ""))
    yield "What it is", _METHODS.get(method, method or "It does not say")
    for event in events:
        yield from _event(event)


def _event(event: Component) -> Iterator[tuple[str, str]]:
    yield "Summary", str(event.get("SUMMARY", ""))
    yield "From", _time(event, "DTSTART")
    yield "Until", _time(event, "DTEND")
    for name, label in (("LOCATION", "Where"), ("DESCRIPTION", "Description"), ("STATUS", "Status")):
        if event.get(name):
            yield label, str(event.get(name))
    yield "Organiser", _person(event, "ORGANIZER")
    yield "For", _person(event, "ATTENDEE")
    yield "Identifier", str(event.get("UID", ""))
    yield "Version", str(event.get("SEQUENCE", 0))


def _time(event: Component, name: str) -> str:
    found = event.get(name)
    at = found.dt if found is not None else None
    if isinstance(at, datetime):
        return f"{clock.local(at):%A %-d %B %Y, %H:%M}" if at.tzinfo else f"{at:%A %-d %B %Y, %H:%M}"
    return f"{at:%A %-d %B %Y}" if isinstance(at, date) else "It does not say"


def _person(event: Component, name: str) -> str:
    found = event.get(name, [])
    people = found if isinstance(found, list) else [found]
    return ", ".join(re.sub(r"(?i)^mailto:", "", str(one)) for one in people) or "Nobody"


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
    app.jinja_env.filters["moment"] = moment
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
        written=written_at(mail.message),
        pieces=text_of(mail.message),
        entries=calendar_of(mail.message),
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
