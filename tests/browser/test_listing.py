"""Lists and pickers in a browser: by keyboard, without a script, on a phone; axe needs one."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.vocabulary import Sensitivity
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

OpenAs = Callable[..., Page]
NAMES = ("Zelphane", "Aldwyss", "Mirquell")


@pytest.fixture
def cases(rows: Session, cast: Cast) -> list[Case]:
    found = []
    for level, family in zip(("high", "medium", None), NAMES, strict=True):
        case = make_case(
            rows,
            make_child(rows, "Ada", f"{family}-Qx"),
            lead=cast.social_care,
            opened_by=cast.coordinator,
            level=level,
        )
        involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
        found.append(case)
    return found


def names(page: Page) -> list[str]:
    return page.locator("#list-page tbody th > a:first-child").all_inner_texts()


@pytest.mark.usefixtures("cases")
def test_a_list_is_filtered_and_sorted_in_place_and_by_the_back_button(cast: Cast, open_as: OpenAs) -> None:
    page = open_as(cast.officer)
    page.goto("/cases?whose=mine")
    check_accessible(page)
    page.locator("#level-1").check()
    expect(page.locator("#list-page tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/cases\?whose=mine&level=high$"))
    page.get_by_role("link", name="Remove Level: High").click()
    expect(page.locator("#list-page tbody tr")).to_have_count(3)
    head = page.get_by_role("columnheader", name="Child")
    head.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert names(page) == sorted(f"Ada {one}-Qx" for one in NAMES)
    check_accessible(page)
    page.go_back()
    page.go_back()
    expect(page.locator("#list-page tbody tr")).to_have_count(1)


@pytest.mark.usefixtures("cases")
def test_a_list_is_filtered_sorted_and_saved_without_a_script_on_a_phone(cast: Cast, open_as: OpenAs) -> None:
    page = open_as(cast.officer, scripts=False, phone=True)
    page.goto("/cases?whose=mine")
    page.locator("#filter > summary").click()
    page.locator("#level-1").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list-page tbody tr")).to_have_count(1)
    page.get_by_text("Save this as a view").click()
    page.get_by_label("Name of the view").fill("High ones")
    page.get_by_role("button", name="Save the view").click()
    expect(page.get_by_role("link", name="High ones")).to_have_attribute("aria-current", "page")


def test_somebody_is_looked_up_while_one_types_and_without_a_script(
    rows: Session, cast: Cast, cases: list[Case], open_as: OpenAs, visitors: Visitors
) -> None:
    visitors.expect_complaints("422")
    cases[0].sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    address = f"/cases/{cases[0].reference}/named/new"
    page = open_as(cast.coordinator)
    page.goto(address)
    page.get_by_label("Who is to read it?").press_sequentially("nia neigh")
    page.get_by_label(cast.neighbour.name).check()
    check_accessible(page)
    plain = open_as(cast.coordinator, scripts=False)
    plain.goto(address)
    plain.get_by_label("Who is to read it?").fill("nia neigh")
    plain.get_by_label("Why do they need to read the case?").fill("They know the family")
    plain.get_by_role("button", name="Name them").click()
    plain.get_by_label(cast.neighbour.name).check()
    plain.get_by_role("button", name="Name them").click()
    expect(plain.get_by_text(f"{cast.neighbour.name} can now read the case")).to_be_visible()
