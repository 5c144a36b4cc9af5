"""A step: shown, taken, or refused with what both sides say and what the record says by then."""

from contextlib import nullcontext
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, Response, get_flashed_messages

from portal.changes.errors import Conflict, Versions
from portal.web import steps
from portal.web.choices import OfferingForm
from portal.web.fields import Hidden, Text, required
from portal.web.steps import Link, Words, take


class WhereForm(OfferingForm):
    """Where somebody goes."""

    where = Text("Where to?", validators=[required("Say where to")])
    version = Hidden(default="1")


@pytest.fixture
def asked(gallery: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked for while a step was answered, without a database."""
    monkeypatch.setattr(steps, "attempt", nullcontext)
    monkeypatch.setitem(gallery.config, "WTF_CSRF_ENABLED", False)
    return []


def answer(gallery: Flask, asked: list[str], act: Any, **typed: str) -> Response:
    """Take a step whose page writes down that it was asked for."""

    def page() -> dict[str, Any]:
        asked.append("page")
        return {"back": Link("/queue", "The queue"), "caption": "Asha Example"}

    with gallery.test_request_context("/form", method="POST" if typed else "GET", data=typed):
        response = take(
            WhereForm(),
            act,
            says=lambda: Words(heading=f"Go on {asked[-1]}", button="Go"),
            page=page,
            worded=lambda side: {name: f"to {where}" for name, where in side.items()},
            to=lambda found: f"/went/{found}",
            done=lambda found: f"Gone to {found}",
        )
        asked.extend(str(one) for one in get_flashed_messages())
        return response


def test_its_page_is_asked_for_only_where_it_is_shown(gallery: Flask, asked: list[str]) -> None:
    shown = BeautifulSoup(answer(gallery, asked, lambda: "").get_data(as_text=True), "html.parser")
    assert [one.get("name") for one in shown.select("main form input")][-2:] == ["version", "where"]
    assert asked == ["page"]
    taken = answer(gallery, asked, lambda: "Ripley", where="Ripley")
    assert (taken.status_code, taken.location) == (303, "/went/Ripley")
    assert asked == ["page", "Gone to Ripley"]


def test_a_refusal_is_worded_and_its_page_says_what_the_record_says_by_then(
    gallery: Flask, asked: list[str]
) -> None:
    def overtaken() -> None:
        asked.append("refused")
        raise Conflict("Somebody was first", Versions({"where": "Belper"}, {"where": "Ripley"}, number=2))

    refused = answer(gallery, asked, overtaken, where="Ripley", version="1")
    page = BeautifulSoup(refused.get_data(as_text=True), "html.parser")
    assert refused.status_code == 409
    assert asked == ["refused", "page"]
    assert page.h1
    assert page.h1.text == "Go on page"
    assert "to Belper" in page.text
    assert "to Ripley" in page.text
    seen = page.select_one("[name=version]")
    assert seen is not None
    assert seen["value"] == "2"


def test_what_it_is_on_stands_above_its_paragraphs(gallery: Flask) -> None:
    with gallery.test_request_context("/form"):
        response = take(
            WhereForm(),
            str,
            says=Words(heading="Go on", about="requests/_question.html", lead=["It is far."], button="Go"),
            page=lambda: {"back": Link("/queue", "The queue"), "asked": {"question": "Who was there?"}},
            to="/went",
        )
    main = BeautifulSoup(response.get_data(as_text=True), "html.parser").select_one("main")
    assert main
    assert [one.strip() for one in main.get_text("\n").splitlines() if one.strip()] == [
        *("Go on", "Who was there?", "It is far.", "Where to?", "Go"),
    ]
