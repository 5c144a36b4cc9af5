"""Two people change the same thing, in two browsers: the second sees both sides and sends again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.concerns import make_concern
from tests.factories.orders import make_order

DONE = "Changed. The first day stays on record"


@pytest.mark.parametrize(("scripts", "phone"), [(True, False), (False, False), (True, True)])
def test_the_second_of_two_sees_both_sides_keeps_the_words_and_sends_again(
    open_as: Callable[..., Page], visitors: Visitors, rows: Session, cast: Cast, scripts: bool, phone: bool
) -> None:
    visitors.expect_complaints("409")
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    order = make_order(rows, man, cast.officer)
    first = open_as(cast.officer, scripts=False)
    second = open_as(cast.colleague, scripts=scripts, phone=phone)
    for page in (first, second):
        page.goto(f"/orders/{order.reference}/move")
    _send(first, 20, "The court made it shorter")
    expect(first.get_by_text(DONE)).to_be_visible()
    _send(second, 30, "The superintendent decided")
    expect(second.get_by_role("heading", name="Somebody else changed this first")).to_be_visible()
    now, mine = clock.today() + timedelta(days=20), clock.today() + timedelta(days=30)
    expect(second.get_by_label("What it says now")).to_contain_text(f"{now.day} {now:%B %Y}")
    expect(second.get_by_label("What you typed")).to_contain_text(f"{mine.day} {mine:%B %Y}")
    expect(second.get_by_label("Who decided, and why?")).to_have_value("The superintendent decided")
    if scripts:
        check_accessible(second)
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text(DONE)).to_be_visible()


def _send(page: Page, days: int, words: str) -> None:
    day = clock.today() + timedelta(days=days)
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"[name=until-{part}]").fill(str(value))
    page.get_by_label("Who decided, and why?").fill(words)
    page.get_by_role("button", name="Save").click()
