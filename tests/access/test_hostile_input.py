"""Whatever is sent to whatever address, the answer says what is wrong: never a fault of the portal.

New routes are tried as soon as they exist.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access.guard import Rule as Access
from tests import database
from tests.access.addresses import parts
from tests.access.hostile import (
    NO_UTF8,
    NO_WORDS,
    NUL,
    ODD,
    ODD_CURSORS,
    decided_by_program,
    forms,
    parameters,
    writable,
)
from tests.access.scene import make_scene
from tests.access.test_routes import Walk, methods, report
from tests.access.typesetting import set_nothing
from tests.cast import make_cast
from tests.client import Client

#: Blueprints of which some pages are open to all, and name no record.
OPEN = ("public.", "auth.choose", "auth.at", "auth.come", "auth.back", "auth.invitation", "auth.accept")

#: In the order in which one is sought who may open a page.
PEOPLE = ("coordinator", "officer", "social_care_manager", "social_worker", "nurse", "chair",
          "community_safety", "police_manager", "governance", "administrator", "stranger")  # fmt: skip


@pytest.fixture(scope="module")
def walk(session_app: Flask, owner: Engine) -> Iterator[Walk]:
    database.empty(owner)
    with database.owner_session(owner) as rows, pytest.MonkeyPatch.context() as patch:
        set_nothing(patch)
        patch.setitem(
            session_app.config, "PROPAGATE_EXCEPTIONS", False
        )  # as in production: a fault is a page
        yield Walk(session_app, make_scene(rows, make_cast(rows)), rows)
    database.empty(owner)


def every(walk: Walk) -> Iterator[tuple[Rule, Access]]:
    yield from walk.routes()
    yield from walk.routes(public=True)


def someone(walk: Walk, rule: Rule, access: Access) -> Client:
    """A browser of somebody who comes near a route."""
    if access.permission is None:
        return walk.browser("nobody")
    return walk.browser(next(name for name in PEOPLE if walk.admits(name, rule, access)))


def place(walk: Walk, rule: Rule, **instead: str) -> str:
    """The address of a route; a part of one open to all, which names no record, is any word."""
    known = dict.fromkeys(rule.arguments, "=hub") if rule.endpoint.startswith(OPEN) else parts(rule)
    values: dict[str, Any] = {
        name: record[1:] if record.startswith("=") else walk.scene.shown.names[record]
        for name, record in known.items()
    }
    return walk.app.url_map.bind("localhost").build(rule.endpoint, values | instead)


def spoilt(walk: Walk, rule: Rule, argument: str, encoded: str) -> str:
    """The address of a route with something in the place of one part."""
    return place(walk, rule, **{argument: "SPOILT"}).replace("SPOILT", encoded)


def fault(answer: TestResponse, what: str) -> list[str]:
    failed = answer.status_code >= 500 and "/healthz" not in what  # which says that no worker runs
    return [f"{what[:160]}: {answer.status_code}"] if failed else []


def send(browser: Client, method: str, where: str, **more: Any) -> TestResponse:
    return browser.submit(where, **more) if method == "POST" else browser.open(where, method=method, **more)


def test_no_part_of_an_address_breaks_a_page(walk: Walk) -> None:
    faults, tried = [], 0
    for rule, access in every(walk):
        browser = someone(walk, rule, access)
        for argument in writable(rule):
            for encoded in ("a%00%0aforged", NO_UTF8, NO_WORDS):
                where = spoilt(walk, rule, argument, encoded)
                for method in methods(rule):
                    answer = send(browser, method, where)
                    faults += fault(answer, f"{method} {where}")
                    if "%00" in encoded and answer.status_code != 400:
                        faults.append(f"{method} {where}: {answer.status_code} and no 400")
                    tried += 1
    assert tried > 1_000
    assert not faults, report(faults)


def test_nothing_after_the_question_mark_breaks_a_page(walk: Walk) -> None:
    faults = []
    for rule, access in every(walk):
        if "GET" not in methods(rule):
            continue
        browser, where = someone(walk, rule, access), place(walk, rule)
        names = sorted(parameters(walk.app.view_functions[rule.endpoint]))
        for name in names:
            answer = browser.get(f"{where}?{name}={quote(NUL)}")
            if answer.status_code != 400:
                faults.append(f"{where}?{name} with NUL: {answer.status_code} and no 400")
        for encoded in (NO_UTF8, *(quote(one) for one in ODD)) if names else ():
            everything = "&".join(f"{name}={encoded}" for name in names)
            faults += fault(browser.get(f"{where}?{everything}"), f"{where}?{everything}")
        for name in {"after", "before"} & set(names):
            for odd in ODD_CURSORS:
                faults += fault(browser.get(f"{where}?{name}={quote(odd)}"), f"{where}?{name}={odd}")
    assert not faults, report(faults)


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE", "HEAD"])
def test_a_method_that_no_page_has_is_refused_in_words(walk: Walk, method: str) -> None:
    faults = []
    for rule, access in every(walk):
        answer = someone(walk, rule, access).open(place(walk, rule), method=method)
        faults += fault(answer, f"{method} {rule.rule}")
        if method != "HEAD" and (answer.status_code != 405 or not answer.headers.get("Allow")):
            faults.append(f"{method} {rule.rule}: {answer.status_code} and no 405 with Allow")
    assert not faults, report(faults)


def test_no_field_of_a_form_breaks_it(walk: Walk) -> None:
    """Every form as its page shows it, with one thing wrong at a time."""
    faults = []
    found = _forms_of_all_pages(walk)
    assert len(found) > 80, len(found)
    # what switches people off comes last, or nobody would be left to ask
    for browser, where, fields in sorted(
        found, key=lambda one: one[1].startswith(("/administration", "/your"))
    ):
        for wrong in _wrongs(fields):
            answer = browser.submit(where, wrong)
            faults += fault(answer, f"POST {where} {wrong}")
    assert not faults, report(faults)


def _forms_of_all_pages(walk: Walk) -> list[tuple[Client, str, dict[str, str]]]:
    """Each form once, with somebody to whom its page shows it."""
    found: dict[str, tuple[Client, str, dict[str, str]]] = {}
    for rule, access in every(walk):
        if "GET" not in methods(rule):
            continue
        where = place(walk, rule)
        for name in PEOPLE if access.permission else ("nobody",):
            if access.permission and not walk.admits(name, rule, access):
                continue
            page = walk.browser(name).get(where)
            if page.status_code == 200:
                for action, fields in forms(page.text):
                    kind = f"{(action or where).split('/')[1]} {sorted(fields)}"
                    if action != "/sign-out":
                        found.setdefault(kind, (walk.browser(name), action or where, fields))
                break
    return list(found.values())


def _wrongs(fields: dict[str, str]) -> Iterator[dict[str, str]]:
    yield from ({**fields, name: NUL} for name in list(fields)[:3])
    yield from (dict.fromkeys(fields, odd) for odd in ("9" * 30, "\x1b[2J\x07"))
    for name in filter(decided_by_program, fields):
        yield from ({**fields, name: odd} for odd in ("9" * 5_000, "²"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_sent_to_an_address_that_does_not_exist_breaks_the_portal(walk: Walk, method: str) -> None:
    for where in (
        "/nowhere%00",
        "/%ff",
        "/cases/%00/%0a",
        "/../../etc",
        "//a",
        "/%2e%2e/",
        "/static/%00",
        "/static/..%00",
    ):
        for name in ("coordinator", "nobody"):
            assert send(walk.browser(name), method, where).status_code < 500, where


def test_cookies_that_no_one_gave_out_are_nobody(walk: Walk) -> None:
    for content in ('"a\\000b"', "\xff", "9" * 4_000, '"'):
        for name in (walk.app.config["PORTAL_SESSION_COOKIE"], "organisation", "form", "attempt-x"):
            for where in ("/", "/home", "/sign-in", "/nowhere"):
                answer = walk.app.test_client(use_cookies=False).get(
                    where, headers={"Cookie": f"{name}={content}"}
                )
                assert answer.status_code < 500, f"{where} with {name}={content!r}"


def test_somebody_who_pasted_such_a_character_gets_their_words_back_without_it(walk: Walk) -> None:
    browser = walk.browser("officer")
    answer = browser.submit(
        f"/cases/{walk.scene.shown.names['case']}/entries/new",
        {"text": "Seen at the bus station\0 with an older man"},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    )
    assert answer.status_code == 400
    assert "\0" not in answer.text
    assert "Seen at the bus station with an older man" in answer.text
    assert "Send it again" in answer.text


def test_a_save_by_itself_says_why_it_cannot_be_kept(walk: Walk) -> None:
    browser = walk.browser("officer")
    answer = browser.submit(
        f"/cases/{walk.scene.shown.names['case']}/entries/draft", {"text": NUL}, headers={"X-Autosave": "1"}
    )
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert answer.text.startswith("Not saved: ")
