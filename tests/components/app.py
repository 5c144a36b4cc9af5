"""A small app with the real layouts and made-up content: ``python -m tests.components.app`` serves it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Flask, Response, abort, flash, request, session
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms.validators import Optional

from config import headers
from config.settings import ROOT
from portal import policy, web
from portal.vocabulary import Role, Sector
from portal.web import fields
from portal.web.page import announce, render, see_other

_SOMEBODY = UUID(int=7)


@dataclass(frozen=True)
class Person:
    """Somebody made up."""

    user_id: UUID = _SOMEBODY
    name: str = "Asha Example"
    agency_name: str = "Derbyshire Constabulary – safeguarding"
    sector: str = Sector.POLICE
    roles: frozenset[str] = frozenset({Role.PRACTITIONER})


class EveryField(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """One of each."""

    kind = fields.Radios(
        "What is this about?",
        hint="Choose what you know most about. You can add the others later.",
        choices=[
            fields.Choice("child", "A child", hint="One child or several"),
            fields.Choice("place", "A place"),
            fields.Choice("not_known", "Not known yet", divider="or"),
        ],
        validators=[fields.required("Choose what this is about")],
        legend_size="m",
    )
    place = fields.Text("Which place?", width=20)
    types = fields.Checkboxes(
        "What kind of exploitation might it be?",
        choices=[
            fields.Choice("sexual", "Sexual exploitation"),
            fields.Choice("criminal", "Criminal exploitation", hint="For example carrying drugs or money"),
            fields.Choice("not_known", "Not known yet", exclusive=True, divider="or"),
        ],
        validators=[fields.one_of("Choose at least one kind, or “Not known yet”")],
    )
    born = fields.DateBoxes("Date of birth", validators=[Optional()])
    what = fields.LongText(
        "What happened?",
        hint="Who, what, when, where and how often",
        rows=6,
        limit=200,
        validators=[fields.required("Say what happened")],
    )
    district = fields.Select(
        "District",
        choices=[fields.Choice("av", "Amber Valley"), fields.Choice("bo", "Bolsover")],
        validators=[Optional()],
    )
    nhs = fields.NhsNumber(validators=[Optional()])
    email = fields.Email("Your e-mail address", validators=[Optional()])
    phone = fields.Phone("Your phone number", validators=[Optional()])
    told = fields.Tick("The family knows about this")


def build(*, signed_in: bool = True, idle_seconds: int = 1800) -> Flask:
    """The gallery.

    :param signed_in: whether Asha Example is there.
    :param idle_seconds: after how many seconds without activity her session ends.
    """
    app = Flask("portal")
    app.config.update(
        SECRET_KEY="only-for-the-gallery",
        SESSION_IDLE_SECONDS=idle_seconds,
        TESTING=True,
        SERVICE_NAME="Derby and Derbyshire CRE portal",
    )
    CSRFProtect(app)
    policy.use(policy.load_book(ROOT / "config" / "policy"))
    web.init_app(app, whoami=lambda: Person() if signed_in and not session.get("away") else None)
    headers.init_app(app)
    here = FileSystemLoader(str(Path(__file__).parent / "templates"))
    app.jinja_loader = ChoiceLoader([app.jinja_loader, here])  # type: ignore[list-item]  # as Flask documents
    _pages(app)
    _sessions(app)
    return app


def _sessions(app: Flask) -> None:
    """A stand-in for signing out, signing in again, and asking who is there."""

    @app.get("/leave")
    def leave() -> str:
        session.clear()
        session["away"] = True
        return "<!DOCTYPE html><title>Away</title><h1>Signed out</h1>"

    @app.get("/sign-in", endpoint="auth.choose")
    def sign_in() -> str:
        session.pop("away", None)
        return "<!DOCTYPE html><title>Back</title><h1>Signed in</h1>"

    @app.get("/token", endpoint="public.token")
    def token() -> tuple[dict[str, str | None], int]:
        if session.get("away"):
            return {"person": None}, 401
        return {"token": generate_csrf(), "person": str(_SOMEBODY)}, 200

    @app.post("/still-here", endpoint="public.stay")
    def stay() -> Response:
        return Response(status=401 if session.get("away") else 204)


def _pages(app: Flask) -> None:
    @app.route("/")
    def index() -> Response:
        return render("gallery/index.html", **_content())

    @app.route("/form", methods=["GET", "POST"])
    def form() -> Response:
        entry = EveryField()
        if entry.validate_on_submit():
            flash("Saved")
            return see_other("/form")
        return render("gallery/form.html", form=entry)

    @app.route("/queue")
    def queue() -> Response:
        wanted = request.args.getlist("urgency")
        rows = [row for row in _queue_rows() if not wanted or row.urgency in wanted]
        announce(f"{len(rows)} shown")
        return render("gallery/queue.html", rows=rows, wanted=wanted, wide=True)

    @app.route("/fails/<int:status>", methods=["GET", "POST"])
    def fails(status: int) -> Response:
        abort(status)

    @app.route("/draft", methods=["GET", "POST"])
    def draft() -> Response:
        return render("gallery/draft.html")

    @app.route("/people", methods=["GET", "POST"])
    def people() -> Response:
        names = request.form.getlist("name") or [""]
        if "remove" in request.form:
            del names[int(request.form["remove"])]
        if "add" in request.form:
            names.append("")
        return render("gallery/people.html", names=names)

    saved: list[tuple[str, str]] = app.config.setdefault("SAVED", [])

    @app.route("/draft/save", methods=["POST"])
    def save() -> Response:
        if session.get("away"):
            return Response(status=401)
        what, version = request.form["what"], request.form["version"]
        if "clash" in what:
            return Response(app.jinja_env.get_template("gallery/clash.html").render(mine=what), status=409)
        saved.append((what, version))
        return Response(status=204, headers={"X-Version": str(int(version) + 1)})


def _queue_rows() -> list[SimpleNamespace]:
    names = [
        ("CRE-7KQ2-9XWD", "red", True),
        ("CRE-1A2B-3C4D", "amber", False),
        ("CRE-ZZ90-7Y8X", "green", False),
    ]
    return [
        SimpleNamespace(
            reference=reference, urgency=urgency, overdue=overdue, about="Ada Fictional", due="Today, 4pm"
        )
        for reference, urgency, overdue in names
    ]


def _content() -> dict[str, Any]:
    at = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
    return {
        "marking": True,
        "unconfirmed": True,
        "alerts": [
            {"label": "Do not contact family", "text": "Forced marriage is feared.", "danger": True},
            {
                "label": "Interpreter",
                "text": "Vietnamese",
                "owner": "R. Example",
                "review_on": date(2027, 3, 1),
            },
        ],
        "rows": [
            {"key": "Name", "value": "Ada Fictional", "change": "#name"},
            {"key": "Also known as", "value": ["Addie", "A.F."], "change": "#alias"},
            {"key": "NHS number", "value": ""},
        ],
        "entries": [
            {
                "title": "Seen at the bus station",
                "by": "Sam Example, Health",
                "at": at,
                "text": "With two adults.\nSafe.",
            },
            {
                "title": "Telephone call",
                "by": "Asha Example, Police",
                "at": at,
                "tags": ["Network"],
                "text": "No answer.",
            },
        ],
    }


if __name__ == "__main__":
    build().run(host="127.0.0.1", port=5055)
