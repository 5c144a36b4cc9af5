"""A text that is pasted beyond its limit: the page counts, the save says so, and every word stays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import EntryDraft
from portal.records.people.model import User
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("scripts", "phone"), [(True, False), (True, True), (False, False)])
def test_a_text_pasted_beyond_its_limit_is_counted_and_kept_on_the_page(
    open_as: Callable[..., Page], visitors: Visitors, cast: Cast, rows: Session, scripts: bool, phone: bool
) -> None:
    visitors.expect_complaints("422")
    case = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    rows.commit()
    officer: User = cast.officer
    page = open_as(officer, scripts=scripts, phone=phone)
    page.goto(f"/cases/{case.reference}/entries/new")
    box = page.get_by_label("What does your agency know?")
    hint = page.locator("#text-info")
    if not scripts:
        expect(hint).to_have_text("You can enter up to 20000 characters")
        expect(hint).to_be_visible()
    box.fill("x" * 20_007)
    if scripts:
        expect(page.get_by_text("You have 7 characters too many").first).to_be_visible()
        state = page.locator("[data-save-state]")
        expect(state).to_have_text(
            "Not saved. What does your agency know: shorten your answer by 7 characters"
        )
        assert rows.scalars(select(EntryDraft)).first() is None
    if scripts:
        check_accessible(page)  # which is itself a script
    check_width(page)
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_role("alert")).to_contain_text("shorten your answer by 7 characters")
    expect(page.get_by_label("What does your agency know?")).to_have_value("x" * 20_007)
