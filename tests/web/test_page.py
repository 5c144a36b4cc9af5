"""One template answers a browser with a page and htmx with one block of it."""

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from portal.changes.errors import Conflict, DomainError, Versions
from portal.web.htmx import headers, is_fragment
from portal.web.page import render, see_other
from tests.components.app import EveryField, build

Headers = dict[str, str]


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def test_a_browser_gets_the_whole_page_with_one_heading(browser: FlaskClient) -> None:
    page = _soup(browser.get("/queue").text)
    assert page.title
    assert page.title.text == "Queue – Derby and Derbyshire CRE portal"
    assert len(page.find_all("h1")) == 1
    assert page.select_one("#queue-list table")


def test_htmx_gets_the_block_that_its_target_is_named_after(browser: FlaskClient, htmx: Headers) -> None:
    html = browser.get("/queue", headers=htmx | {"HX-Target": "div#queue-list"}).text
    assert "<table" in html
    assert "<html" not in html
    assert "filter-form" not in html


def test_htmx_gets_the_content_with_its_title_when_the_target_is_the_main_part(
    browser: FlaskClient, htmx: Headers
) -> None:
    html = browser.get("/queue", headers=htmx | {"HX-Target": "main#main-content"}).text
    assert "<title>Queue –" in html
    assert "filter-form" in html
    assert "<html" not in html


def test_a_target_without_a_block_gets_the_content(browser: FlaskClient, htmx: Headers) -> None:
    assert "<h1" in browser.get("/queue", headers=htmx | {"HX-Target": "div#unknown"}).text


def test_a_request_for_the_whole_body_gets_the_whole_page(browser: FlaskClient, htmx: Headers) -> None:
    whole = htmx | {"HX-Request-Type": "full", "HX-Target": "body"}
    assert "<html" in browser.get("/queue", headers=whole).text


def test_what_is_announced_reaches_the_live_region_in_page_and_fragment(
    browser: FlaskClient, htmx: Headers
) -> None:
    region = _soup(browser.get("/queue").text).find(id="live-region")
    assert region
    assert region.text == "3 shown"
    html = browser.get("/queue?urgency=red", headers=htmx | {"HX-Target": "div#queue-list"}).text
    told = _soup(html).select_one('#live-region[hx-swap-oob="innerHTML"]')
    assert told
    assert told.text == "1 shown"


def test_htmx_4_headers_are_read(gallery: Flask) -> None:
    sent = {"HX-Request": "true", "HX-Target": "div#case-list", "HX-Source": "button#next"}
    with gallery.test_request_context("/", headers=sent):
        assert headers().target_id == "case-list"
        assert headers().source_id == "next"
        assert is_fragment()
    with gallery.test_request_context("/", headers={"HX-Request": "true", "HX-Target": "div"}):
        assert headers().target_id is None
    with gallery.test_request_context("/"):
        assert not is_fragment()


def test_a_form_with_errors_is_422_with_summary_title_and_everything_typed() -> None:
    app = build()
    app.config["WTF_CSRF_ENABLED"] = False
    response = app.test_client().post("/form", data={"place": "The bus station", "born-day": "31"})
    assert response.status_code == 422
    page = _soup(response.text)
    assert page.title
    assert page.title.text.startswith("Error: One of each field")
    lines = page.select(".govuk-error-summary a")
    assert [line["href"] for line in lines] == ["#kind", "#types", "#born-month", "#what"]
    for line in lines:
        assert page.select_one(str(line["href"])), f"nothing has the id {line['href']}"
    place = page.find(id="place")
    assert place
    assert place["value"] == "The bus station"


def test_what_a_service_refuses_stands_at_the_field_that_it_names(gallery: Flask) -> None:
    with gallery.test_request_context("/form"):
        form = EveryField(meta={"csrf": False})
        problem = DomainError("That place is closed to new concerns", field="place")
        response = render("gallery/form.html", form=form, problem=problem)
    page = _soup(response.get_data(as_text=True))
    assert response.status_code == 422
    link = page.select_one('.govuk-error-summary a[href="#place"]')
    assert link
    assert link.text == "That place is closed to new concerns"
    error = page.find(id="place-error")
    assert error
    assert "That place is closed" in error.text


def test_a_refusal_without_a_field_is_listed_without_a_link(gallery: Flask) -> None:
    with gallery.test_request_context("/form"):
        response = render("gallery/form.html", form=EveryField(), problem=DomainError("Not on a Sunday"))
    summary = _soup(response.get_data(as_text=True)).select_one(".govuk-error-summary li")
    assert summary
    assert summary.text == "Not on a Sunday"
    assert summary.find("a") is None


def test_a_conflict_is_409(gallery: Flask) -> None:
    with gallery.test_request_context("/form"):
        clash = Conflict("Somebody was first", Versions(theirs={}, mine={}))
        assert render("gallery/form.html", form=EveryField(), problem=clash).status_code == 409


def test_after_a_post_a_browser_is_sent_on_with_303_and_htmx_is_told_to_go(
    gallery: Flask, htmx: Headers
) -> None:
    with gallery.test_request_context("/", method="POST"):
        plain = see_other("/queue")
    assert (plain.status_code, plain.location) == (303, "/queue")
    with gallery.test_request_context("/", method="POST", headers=htmx):
        told, followed = see_other("/queue"), see_other("/queue", same_page=True)
    assert (told.status_code, told.headers["HX-Redirect"]) == (204, "/queue")
    assert followed.status_code == 303


def test_a_page_with_marking_has_it_at_top_and_bottom_and_others_have_none(browser: FlaskClient) -> None:
    marks = _soup(browser.get("/").text).select(".app-marking")
    assert [mark.text for mark in marks] == ["OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"]
    assert not _soup(browser.get("/queue").text).select(".app-marking")


def test_a_visitor_gets_no_token_and_no_time_out() -> None:
    page = _soup(build(signed_in=False).test_client().get("/queue").text)
    assert page.body
    assert not [name for name in page.body.attrs if name.startswith(("data-", "hx-"))]
    assert page.find(id="time-out") is None


def test_a_print_says_who_made_it(browser: FlaskClient) -> None:
    foot = _soup(browser.get("/").text).select_one(".app-print-only")
    assert foot
    assert foot.text.startswith("Printed by Asha Example, Derbyshire Constabulary")
