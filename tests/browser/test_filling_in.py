"""What a script does to make forms quicker: today and now, boxes that grow, and files one by one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case, ChronologyEntry
from tests.attachments.specimens import pdf, picture
from tests.browser.conftest import Visitors, check_accessible
from tests.browser.test_cases import case
from tests.cast import Cast
from tests.factories.cases import add_entry

OpenAs = Callable[..., Page]

__all__ = ["case"]


def test_an_entry_takes_six_interactions_from_today_and_four_the_next_time(
    rows: Session, cast: Cast, case: Case, open_as: OpenAs
) -> None:
    page = open_as(cast.nurse)
    page.goto(f"/health?whose={cast.health_team.id}")
    for first in (True, False):
        done = 1
        page.get_by_role("link", name="Add what I know of Ada Fictional").click()
        if first:
            page.get_by_label("What kind of information is it?").select_option(label="Health")
            page.get_by_label("Everyone working on this case").check()
            done += 2
        page.get_by_label("What does your agency know?").fill(f"Missed an appointment, {first}.")
        page.get_by_role("button", name="Today").click()
        page.get_by_role("button", name="Add to the case").click()
        done += 3
        expect(page.get_by_text(f"Missed an appointment, {first}.")).to_be_visible()
        assert done == (6 if first else 4)
        page.goto(f"/health?whose={cast.health_team.id}")
    written = rows.query(ChronologyEntry).filter(ChronologyEntry.text.like("Missed an appointment%")).all()
    assert {clock.local(one.happened_at).date() for one in written} == {clock.today()}
    assert {one.family_safe for one in written} == {"ask"}


@pytest.mark.parametrize("scripts", [True, False])
def test_the_buttons_are_there_with_a_script_alone(
    cast: Cast, case: Case, open_as: OpenAs, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto(f"/cases/{case.reference}/entries/new")
    assert page.get_by_role("button", name="Today").count() == int(scripts)
    expect(page.get_by_label("Day", exact=True)).to_be_editable()
    if scripts:
        check_accessible(page)


def test_a_box_grows_with_what_is_typed(cast: Cast, case: Case, open_as: OpenAs) -> None:
    page = open_as(cast.nurse)
    page.goto(f"/cases/{case.reference}/entries/new")
    box = page.get_by_label("What does your agency know?")
    before = box.bounding_box()
    box.fill("A line\n" * 14)
    after = box.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"] + 50


@pytest.mark.parametrize("phone", [False, True])
def test_files_are_sent_one_by_one_each_with_its_answer(
    rows: Session,
    cast: Cast,
    case: Case,
    open_as: OpenAs,
    visitors: Visitors,
    tmp_path: Path,
    phone: bool,
) -> None:
    visitors.expect_complaints("422")
    entry = add_entry(rows, case, cast.nurse)
    sent = {"a.pdf": pdf(marker="a"), "b.png": picture("PNG"), "c.exe": b"MZ\x90\x00" + b"\0" * 60}
    for name, content in sent.items():
        (tmp_path / name).write_bytes(content)
    page = open_as(cast.nurse, phone=phone)
    page.goto(f"/cases/{case.reference}/entries/{entry.id}/files")
    page.get_by_label("Choose files").set_input_files([tmp_path / name for name in sent])
    page.get_by_role("button", name="Add", exact=True).click()
    listed = page.locator("[data-upload-list] li")
    expect(listed).to_have_count(3)
    expect(listed.nth(2)).to_contain_text("c.exe Not added: Programs are not taken", timeout=60_000)
    expect(listed.nth(0)).to_contain_text("a.pdf Added")
    expect(page.locator("#added-files li")).to_have_count(2)
    expect(page.locator("#live-region")).to_have_text("2 added, 1 not added")
    assert {one.name for one in rows.query(Attachment)} == {"a", "b"}
    check_accessible(page)


def test_files_that_are_dropped_wait_to_be_sent(
    rows: Session, cast: Cast, case: Case, open_as: OpenAs
) -> None:
    entry = add_entry(rows, case, cast.nurse)
    page = open_as(cast.nurse)
    page.goto(f"/cases/{case.reference}/entries/{entry.id}/files")
    page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(["x"], "dropped.txt"));
          const zone = document.querySelector(".app-drop");
          const how = { dataTransfer: carried, bubbles: true, cancelable: true };
          zone.dispatchEvent(new DragEvent("drop", how));
        }"""
    )
    assert page.get_by_label("Choose files").evaluate("box => box.files[0].name") == "dropped.txt"
    assert rows.query(Attachment).count() == 0
