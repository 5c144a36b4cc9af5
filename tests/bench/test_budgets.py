"""The list of what pages may cost stands in the folders of their nouns."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.bench import pages


def test_every_reason_of_the_list_is_given(session_app: Flask) -> None:
    allowed = pages.budgets(session_app)
    assert len(allowed.listed) > 60
    assert all(len(budget.why) > 10 for budget in allowed.listed.values())
    reasons = [why for tables in pages.read_more(session_app).values() for why in tables.values()]
    assert len(reasons) > 30
    reasons += pages.listed(session_app, "unwalked").values()
    assert all(len(why) > 10 for why in reasons)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"cases": {"/cases": {}}, "meetings": {"/cases": {}}}, "/cases stands in another file too"),
        ({"meetings": {"/cases": {}}}, "/cases belongs to cases"),
        ({"": {"/cases": {}}}, "/cases belongs to cases"),
        ({"cases": {"/police": {}}}, "/police belongs to no noun"),
        ({"": {"/gone": {}}}, "/gone belongs to no view"),
    ],
)
def test_a_file_of_the_list_says_once_what_its_own_pages_cost(
    session_app: Flask, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], fault: str
) -> None:
    files = [(Path("budgets.toml"), noun, {"pages": own}) for noun, own in said.items()]
    monkeypatch.setattr(pages, "parts", lambda _file: files)
    with pytest.raises(ValueError, match=fault):
        pages.listed(session_app, "pages")


def test_a_page_that_nobody_is_led_to_is_said_unless_the_list_says_why(session_app: Flask) -> None:
    unlisted = {one.partition(":")[0] for one in pages.missed(session_app, ())}
    assert {"/cases", "/triage"} <= unlisted
    assert not {"/healthz", "/signed-out"} & unlisted
