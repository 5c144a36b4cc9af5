"""Fields render what the GOV.UK Design System asks for, and say what is wrong at the box that is wrong."""

from datetime import date

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from portal.web import fields
from portal.web.date_boxes import posted
from portal.web.widgets import LongSelectBox
from tests.components.app import EveryField


def _form(gallery: Flask, data: dict[str, object] | None = None) -> EveryField:
    with gallery.test_request_context("/form", method="POST"):
        form = EveryField(MultiDict(data or {}), meta={"csrf": False})
        form.validate()
        return form


def _html(gallery: Flask, field: Field) -> BeautifulSoup:
    with gallery.test_request_context("/form"):
        return BeautifulSoup(str(field()), "html.parser")


def _one(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select_one(selector)
    assert found, f"nothing matches {selector}"
    return found


def _date(gallery: Flask, day: str = "", month: str = "", year: str = "") -> fields.DateBoxes:
    typed = {"born-day": day, "born-month": month, "born-year": year}
    field: fields.DateBoxes = _form(gallery, dict(typed)).born
    return field


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march", "MARCH"])
def test_a_month_may_be_a_number_or_a_word(gallery: Flask, month: str) -> None:
    assert _date(gallery, "27", month, "2010").data == date(2010, 3, 27)


@pytest.mark.parametrize(
    ("day", "month", "year", "wrong", "message"),
    [
        ("", "3", "2010", ("day",), "Date of birth must include a day"),
        ("27", "", "", ("month", "year"), "Date of birth must include a month and a year"),
        ("27", "13", "2010", ("month",), "Date of birth must be a real date: check the month"),
        ("x", "3", "2010", ("day",), "Date of birth must be a real date: check the day"),
        ("30", "2", "2010", ("day",), "Date of birth must be a real date: that month has no day 30"),
        ("27", "3", "10", ("year",), "Year must include 4 numbers"),
        ("27", "3", "1666", ("day", "month", "year"), "Date of birth must be 1 January 1900 or later"),
    ],
)
def test_a_wrong_date_marks_the_box_that_is_wrong(  # one row of the table
    gallery: Flask, day: str, month: str, year: str, wrong: tuple[str, ...], message: str
) -> None:
    field = _date(gallery, day, month, year)
    assert list(field.errors) == [message]
    assert field.first_wrong_box == f"born-{wrong[0]}"
    html = _html(gallery, field)
    marked = [str(box["id"]) for box in html.select(".govuk-input--error")]
    assert marked == [f"born-{part}" for part in wrong]
    assert _one(html, "#born-day")["value"] == day, "what was typed has to stay"


def test_an_empty_date_is_none_and_a_known_one_fills_the_boxes(gallery: Flask) -> None:
    assert _date(gallery).data is None
    assert not _date(gallery).errors
    with gallery.test_request_context("/form"):
        form = EveryField(data={"born": date(2010, 3, 27)}, meta={"csrf": False})
        boxes = BeautifulSoup(str(form.born()), "html.parser").select("input")
    assert [box["value"] for box in boxes] == ["27", "3", "2010"]
    assert posted("born", date(2010, 3, 27)) == {"born-day": "27", "born-month": "3", "born-year": "2010"}


def test_radios_point_only_at_hints_that_are_there(gallery: Flask) -> None:
    form = _form(gallery)
    for field in (form.kind, form.types, form.born, form.told):
        html = _html(gallery, field)
        for element in html.select("[aria-describedby]"):
            for target in str(element["aria-describedby"]).split():
                assert html.find(id=target), f"{field.name} points at {target}, which is not there"


def test_the_first_answer_has_the_id_that_the_summary_leads_to(gallery: Flask) -> None:
    html = _html(gallery, _form(gallery).kind)
    assert [box["id"] for box in html.select("input")] == ["kind", "kind-2", "kind-3"]


def test_no_field_has_the_browsers_own_required_mark(gallery: Flask) -> None:
    form = _form(gallery)
    for field in form:
        assert not _html(gallery, field).select("[required]"), f"{field.name} has required"


def test_an_answer_can_reveal_a_field_which_stays_open_when_chosen(gallery: Flask) -> None:
    form = _form(gallery, {"kind": "place"})
    with gallery.test_request_context("/form"):
        html = BeautifulSoup(str(form.kind(reveals={"place": form.place})), "html.parser")
    more = _one(html, "#kind-2-more")
    assert more.select_one("input#place")
    assert "govuk-radios__conditional--hidden" not in more["class"]


def test_an_answer_that_was_not_offered_is_refused(gallery: Flask) -> None:
    assert _form(gallery, {"kind": "elsewhere"}).kind.errors


def test_none_of_these_takes_the_other_ticks_away(gallery: Flask) -> None:
    exclusive = _html(gallery, _form(gallery).types).select('[data-behaviour="exclusive"]')
    assert [box["value"] for box in exclusive] == ["not_known"]


def test_an_nhs_number_is_taken_however_it_is_spaced(gallery: Flask) -> None:
    assert _form(gallery, {"nhs": "943 476 5919"}).nhs.data == "9434765919"


def test_a_wrong_nhs_number_says_so_and_stays_as_typed(gallery: Flask) -> None:
    form = _form(gallery, {"nhs": "943 476 5918"})
    assert form.nhs.errors
    assert _one(_html(gallery, form.nhs), "input")["value"] == "943 476 5918"


def test_too_long_a_text_says_by_how_much(gallery: Flask) -> None:
    assert list(_form(gallery, {"what": "x" * 205}).what.errors) == [
        "What happened: shorten your answer by 5 characters"
    ]


def test_what_a_person_typed_is_escaped(gallery: Flask) -> None:
    form = _form(gallery, {"what": "<script>alert(1)</script>", "place": '"><b>', "born-day": '"><i>'})
    for field in (form.what, form.place, form.born):
        assert not _html(gallery, field).select("script, b, i")


@pytest.mark.parametrize("chosen", ["", "person:1", "team:2"])
def test_a_list_that_stands_often_reads_as_any_other(gallery: Flask, chosen: str) -> None:
    offered = [fields.Choice("person:1", "Ola & <Ode>"), fields.Choice("team:2", "Night team")]

    class Both(Form):
        usual = fields.Select("Who", choices=offered, label_size="")
        often = fields.Select("Who", choices=offered, widget=LongSelectBox(""))

    form = Both(MultiDict({"usual": chosen, "often": chosen}))
    form.often.errors = form.usual.errors = ["Choose who does it"]
    usual, often = (str(_html(gallery, one)) for one in (form.usual, form.often))
    assert often.replace("often", "usual").split() == usual.split()
