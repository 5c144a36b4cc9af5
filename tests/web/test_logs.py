"""A line of the log is one JSON object that says when, how serious, which request and which route."""

import errno
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from config.errors import SettingError
from config.logs import REQUESTS, JsonLine, configuration
from portal.access.guard import public
from tests.cast import Cast
from tests.client import Client

NAME = "Featherstonehaugh"
FORGED = '{"level": "CRITICAL", "message": "forged"}'


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What would be on the standard error."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logging.getLogger().addHandler(handler)
    before = logging.getLogger("portal").level
    logging.getLogger("portal").setLevel(logging.INFO)
    yield stream
    logging.getLogger("portal").setLevel(before)
    logging.getLogger().removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def record(words: object, *arguments: object, name: str = "portal") -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, __file__, 1, words, arguments, None)


def test_a_line_says_when_in_utc_how_serious_and_what() -> None:
    line = json.loads(JsonLine().format(record("The worker has %s.", "started")))
    assert set(line) == {"time", "level", "logger", "process", "message"}
    assert line["time"].endswith("Z")
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)
    assert (line["level"], line["message"]) == ("WARNING", "The worker has started.")


def test_no_text_begins_a_line_of_its_own_or_moves_the_cursor() -> None:
    text = f"one\n{FORGED}\r\n\x1b[2J\x00\x07\x9b\u2028\u202eend"
    line = JsonLine().format(record("%s", text))
    assert all(" " <= character <= "~" for character in line)
    assert json.loads(line)["message"] == text


def test_a_fault_is_told_by_its_calls_and_never_by_its_words() -> None:
    try:
        int(NAME)
    except ValueError as problem:
        fault = record("The tick %r failed.", "send messages")
        fault.exc_info = (ValueError, problem, problem.__traceback__)
    line = JsonLine().format(fault)
    assert NAME not in line
    assert "test_logs.py" in json.loads(line)["fault"]
    assert "builtins.ValueError" in json.loads(line)["fault"]


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("Error handling request %s", (f"/cases/{NAME}",)),
        ("Error handling request %s %s", ("GET", f"/cases/{NAME}")),
        (f"Invalid request from ip=127.0.0.1: Invalid HTTP request line: 'GET /{NAME}'", ()),
        (ValueError(NAME), ()),
    ],
)
def test_what_gunicorn_would_quote_is_not_written(words: object, arguments: tuple[object, ...]) -> None:
    line = JsonLine().format(record(words, *arguments, name="gunicorn.error"))
    assert NAME not in line
    assert json.loads(line)["message"]


def test_a_request_leaves_its_route_and_never_its_address(
    client_for: Callable[..., Client], cast: Cast, written: io.StringIO
) -> None:
    browser = client_for(cast.officer)
    browser.get(f"/cases/{NAME}")
    browser.get(f"/cases/{NAME}%0a{FORGED}%1b?after={NAME}")
    browser.get(f"/{NAME}")
    browser.open(f"/cases/{NAME}", method=NAME.upper())
    browser.get("/messages")
    found = lines(written)
    assert NAME.lower() not in written.getvalue().lower()
    assert "forged" not in written.getvalue()
    ends = [(line["method"], line["route"], line["status"], line["level"]) for line in found]
    assert ends == [
        ("GET", "/cases/<reference>", 404, "WARNING"),
        ("GET", "/cases/<reference>", 404, "WARNING"),
        ("GET", "(none)", 404, "WARNING"),
        ("OTHER", "(none)", 405, "WARNING"),
        ("GET", "/messages", 200, "INFO"),
    ]
    assert all(isinstance(line["milliseconds"], int) for line in found)
    assert found[-1]["statements"]


@pytest.mark.parametrize("address", ["/nowhere", "/cases/%00", "/home", "/sign-out"])
def test_the_reference_that_a_page_tells_is_in_the_log(
    app: Flask, written: io.StringIO, address: str
) -> None:
    answer = app.test_client().post(address)
    told = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", answer.get_data(as_text=True))
    assert told, "a page of an error tells its reference"
    (line,) = [line for line in lines(written) if line.get("reference") == told[0]]
    assert line["status"] == answer.status_code


def test_a_fault_and_the_end_of_its_request_have_the_reference_of_the_page(
    app: Flask, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_names: object) -> str:
        raise RuntimeError(NAME)

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "public.home", public(fail))
    text = app.test_client().get("/").get_data(as_text=True)
    fault, end = lines(written)
    assert fault["reference"] == end["reference"]
    assert str(end["reference"]) in text
    assert (fault["level"], end["level"], end["status"]) == ("ERROR", "ERROR", 500)
    assert NAME not in written.getvalue()


def test_how_requests_end_is_written_at_every_level() -> None:
    found = configuration({"LOG_LEVEL": "critical"})
    assert found["loggers"]["portal"]["level"] == "CRITICAL"
    assert found["loggers"][REQUESTS]["level"] == "INFO"
    assert "level" not in found["handlers"]["stderr"]
    with pytest.raises(SettingError, match="LOG_LEVEL"):
        configuration({"LOG_LEVEL": "loud"})


def test_a_log_that_cannot_be_written_takes_no_page_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    handler = logging.StreamHandler(Full())
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    try:
        assert app.test_client().get("/contacts").status_code == 200
        assert app.test_client().get("/nowhere").status_code == 404
    finally:
        logging.getLogger().removeHandler(handler)
