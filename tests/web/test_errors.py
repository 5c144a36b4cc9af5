"""Every error says what to do, carries a reference, leaks nothing, and exists as page and fragment."""

import logging
import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from portal.access.permissions import Forbidden
from portal.access.sign_in import attempt
from portal.access.sign_in.attempt import ProviderUnreachable
from portal.changes.errors import Conflict, DomainError, NotFound, Versions
from portal.changes.versions import OVERTAKEN
from portal.web.errors import Resend
from tests.components.app import build

REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
SECRET = "row 77 of table child"
STATUSES = [400, 403, 404, 405, 409, 413, 422, 429, 500, 503]


@pytest.fixture(scope="module")
def failing() -> Flask:
    app = build()
    app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    faults: dict[str, Callable[[], Exception]] = {
        "database": lambda: OperationalError(SECRET, {}, Exception(SECRET)),
        "provider": lambda: ProviderUnreachable("https://provider.example", SECRET),
        "bug": lambda: RuntimeError(SECRET),
        "forbidden": lambda: Forbidden("Only the lead professional may close a case."),
        "refused": lambda: DomainError("Give a reason."),
        "hidden": lambda: NotFound(SECRET),
        "overtaken": lambda: Conflict(OVERTAKEN, Versions({"Name": "Theirs"}, {}, 2)),
        "clash": lambda: Conflict("Sam was first.", Versions({"notes": "Theirs"}, {"notes": "Mine"})),
    }

    @app.route("/raises/<name>", methods=["GET", "POST"])
    def raises(name: str) -> str:
        raise faults[name]()

    @app.post("/expired")
    def expired() -> str:
        from flask_wtf.csrf import CSRFError  # noqa: PLC0415  # raised here and nowhere else

        raise CSRFError(SECRET)

    @app.post("/away")
    def away() -> str:
        abort(401)

    return app


@pytest.fixture
def client(failing: Flask) -> FlaskClient:
    return failing.test_client()


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_says_what_to_do_and_has_a_reference(client: FlaskClient, status: int) -> None:
    response = client.get(f"/fails/{status}")
    assert response.status_code == status
    page = BeautifulSoup(response.text, "html.parser")
    assert len(page.find_all("h1")) == 1
    assert REFERENCE.search(page.get_text())
    assert page.select("main p")


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_fragment_goes_to_the_alert_and_leaves_the_page_alone(
    client: FlaskClient, htmx: dict[str, str], status: int
) -> None:
    response = client.get(f"/fails/{status}", headers=htmx | {"HX-Target": "div#queue-list"})
    assert response.status_code == status
    assert response.headers["HX-Reswap"] == "none"
    alert = BeautifulSoup(response.text, "html.parser").select_one('#page-alert[hx-swap-oob="innerHTML"]')
    assert alert
    assert REFERENCE.search(alert.text)
    assert "<html" not in response.text


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("database", 503, "cannot reach its records"),
        ("provider", 503, "People of other organisations can still sign in"),
        ("bug", 500, "The fault is ours"),
        ("forbidden", 403, "Only the lead professional may close a case."),
        ("refused", 422, "Give a reason."),
        ("hidden", 404, "Page not found"),
        ("clash", 409, "Theirs"),
    ],
)
def test_a_fault_is_answered_with_words_for_people(
    client: FlaskClient, name: str, status: int, says: str
) -> None:
    response = client.get(f"/raises/{name}")
    assert response.status_code == status
    assert says in response.text
    for leak in (SECRET, "Traceback", "RuntimeError", "sqlalchemy", "portal/"):
        assert leak not in response.text


def test_a_conflict_shows_what_both_wrote(client: FlaskClient) -> None:
    words = client.get("/raises/clash").text
    assert "Theirs" in words
    assert "Mine" in words


def test_whoever_pressed_a_button_sees_what_it_says_now_and_is_not_said_to_have_typed(
    client: FlaskClient,
) -> None:
    ours = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/raises/overtaken", data={"version": "1"}, headers=ours)
    page = BeautifulSoup(answer.text, "html.parser")
    assert "Theirs" in page.select(".app-versions")[0].get_text()
    assert page.find("button", string="Send it again")
    assert "you typed" not in page.get_text().lower()
    assert OVERTAKEN not in page.get_text(), "the heading says so"


def test_a_page_that_stays_says_whom_to_ring_when_the_database_is_away(
    client: FlaskClient, htmx: dict[str, str]
) -> None:
    answer = client.get("/raises/database", headers=htmx | {"HX-Target": "div#queue-list"})
    assert "tel:999" in answer.text


def test_the_reference_is_in_the_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        text = BeautifulSoup(client.get("/raises/bug").text, "html.parser").get_text()
    found = REFERENCE.search(text)
    assert found
    assert found[0] in caplog.text


def test_hidden_and_absent_get_the_same_answer_but_for_the_reference(client: FlaskClient) -> None:
    hidden, absent = (REFERENCE.sub("", client.get(a).text) for a in ("/raises/hidden", "/nowhere"))
    token = re.compile(r'data-token="[^"]*"|hx-headers:inherited="[^"]*"')
    assert token.sub("", hidden) == token.sub("", absent)


OURS = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"what": "Seen with two adults at the bus station", "place": "A", "csrf_token": "old"}


@pytest.mark.parametrize("address", ["/expired", "/away"])
def test_what_was_typed_into_a_form_that_could_not_be_taken_can_be_sent_again(
    client: FlaskClient, address: str
) -> None:
    page = BeautifulSoup(client.post(address, data=TYPED, headers=OURS).text, "html.parser")
    again = page.select_one(f'main form[action="{address}"]')
    assert again
    sent = {str(box["name"]): str(box["value"]) for box in again.select("input")}
    assert sent["what"] == TYPED["what"]
    assert sent["csrf_token"] not in ("", "old")
    assert TYPED["what"] in page.get_text()


def test_of_what_was_sent_the_page_shows_what_was_typed_and_no_identifiers() -> None:
    one, other = "01a22ba8-a4a3-7d2e-9f1b-3c5d7e9f1a2b", "01a22ba8-387c-7d2e-9f1b-3c5d7e9f1a2b"
    typed = "Seen at the gate, see 01a22ba8-387c-7d2e-9f1b-3c5d7e9f1a2b"
    sent = [
        ("page", one),
        ("order", f"action:{one}:{other}"),
        ("all", f"{one}, {other}"),
        ("words", typed),
        (f"l-{one}-was", "words=Seen at the gate yester"),
        ("again", typed),
        ("link", "https://www.example.org/a/page/of/the/school"),
    ]
    assert Resend("/record", sent).shown == [typed, sent[-1][1]]
    assert Resend("/record", sent).fields == sent, "it is sent again as it was"


def test_words_that_another_site_posted_are_not_offered_for_sending(client: FlaskClient) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        response = client.post("/expired", data=TYPED, headers=headers)
        assert TYPED["what"] not in response.text


def test_a_signed_out_reader_is_sent_to_sign_in_and_comes_back(client: FlaskClient) -> None:
    response = client.get("/fails/401?page=2")
    assert response.status_code == 303
    path, signed = response.location.split("?next=")
    assert path == "/sign-in"
    with client.application.app_context():
        assert attempt.read(signed) == "/fails/401?page=2"


def test_a_signed_out_fragment_sends_the_whole_browser_to_sign_in(
    client: FlaskClient, htmx: dict[str, str]
) -> None:
    response = client.get("/fails/401", headers=htmx | {"HX-Target": "div#queue-list"})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith("/sign-in")


def test_an_autosave_without_a_session_is_401_and_nothing_else(client: FlaskClient) -> None:
    response = client.post("/away", headers={"X-Autosave": "1"})
    assert response.status_code == 401
    assert "HX-Redirect" not in response.headers
    assert not response.data


def test_a_wrong_method_says_which_are_allowed(client: FlaskClient) -> None:
    response = client.delete("/form")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
