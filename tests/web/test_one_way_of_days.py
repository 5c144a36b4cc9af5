"""Every day and time reads in one way: 24 November 2026, 24 Nov 2026, 10:42am."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from tests.cases.conftest import case
from tests.cast import Cast
from tests.factories.cases import add_entry

__all__ = ["case"]

ClientFor = Callable[[Any], Any]
PORTAL = Path(__file__).parents[2] / "portal"

#: Other ways in which people write days and times.
OTHER_WAYS = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}/(?:19|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th) [A-Z][a-z]+\b"
    r"|\b\d{1,2}[:.]\d\d ?(?:AM|PM|hrs)\b|\b(?:[01]?\d|2[0-3]):[0-5]\d(?!\s?[ap]m|\d)\b(?::\d\d)?"
)


def said(page: Any) -> str:
    """What a page says, but for how something is typed: hints, boxes, and what people wrote."""
    for told in page.select(".govuk-hint, input, textarea, script, style, .app-words, code, kbd"):
        told.decompose()
    return str(page.get_text(" ", strip=True))


@pytest.mark.parametrize(
    "address",
    [
        "/home",
        "/work",
        "/cases",
        "/cases/{case}",
        "/cases/{case}/print",
        "/cases/{case}/plan",
        "/cases/{case}/due-dates",
        "/messages",
        "/meetings",
        "/missing",
        "/told",
        "/requests",
        "/minutes",
        "/sent",
        "/contacts",
        "/guidance/what-we-record",
    ],
)
def test_pages_say_days_and_times_in_one_way(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, address: str
) -> None:
    add_entry(rows, case, cast.social_worker)
    client = client_for(cast.social_worker)
    answer = client.get(address.format(case=case.reference), follow_redirects=True)
    if answer.status_code == 404:
        pytest.fail(f"{address} is no page: name another")
    found = OTHER_WAYS.findall(said(client.page_of(answer)))
    assert not found


def test_what_is_another_way_is_found() -> None:
    for wrong in ("2026-11-24", "24/11/2026", "24th November", "14:30", "at 09:05", "10:42 AM"):
        assert OTHER_WAYS.search(wrong), wrong
    for right in ("24 November 2026", "10:42am", "24 Nov 2026", "ratio 3 of 4", "12 of 24"):
        assert not OTHER_WAYS.search(right), right


def test_only_the_filters_and_boxes_write_times_by_themselves() -> None:
    """`strftime` with hours elsewhere is a second way."""
    known = {"web/filters.py", "web/choices.py", "web/navigation.py", "clock.py"}
    wrong = [
        f"{file.relative_to(PORTAL)}:{number}"
        for file in PORTAL.rglob("*.py")
        if str(file.relative_to(PORTAL)) not in known and file.relative_to(PORTAL).parts[0] not in {"demo"}
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if "%H" in line or "%d/%m" in line
    ]
    assert not wrong
