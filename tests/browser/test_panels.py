"""The panel of a district in a browser: from proposing to deciding, without scripts, on a phone, and axe."""

import os
import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.panels.model import PanelItem
from tests.browser.conftest import check_width, faults_of
from tests.cast import Cast
from tests.panels.scene import PanelScene, make_panel_scene, make_place


def test_an_item_goes_from_a_proposal_to_a_decision_and_its_members_read_one_summary(
    open_as: Callable[..., Page], rows: Session, cast: Cast
) -> None:
    scene = make_panel_scene(rows, cast)
    make_place(rows, cast)
    item = _put_on(open_as(cast.coordinator, scripts=False), rows, scene)
    _write(open_as(cast.officer, scripts=False), item)
    hub = open_as(cast.coordinator)
    _read_and_send(hub, scene, item)
    member = open_as(cast.community_safety, phone=True)
    member.goto("/council")
    member.get_by_role("region", name="Do something").get_by_role("link", name="District panel").click()
    member.get_by_role("link", name="Amber Valley").click()
    expect(member.get_by_text("Perpetua is collected after school")).to_be_visible()
    _look(member, "member", f"/panels/{scene.meeting.reference}", "/panels")
    scene.meeting.starts_at, scene.meeting.ends_at = clock.now(), clock.now() + timedelta(hours=2)
    rows.commit()
    _record(open_as(cast.chair, phone=True), scene, item)
    _look(
        hub,
        "hub",
        *(f"/panels/{scene.meeting.reference}{part}" for part in ("", "/prepare", "/next")),
        *(f"/panels/items/{item.reference}{part}" for part in ("", "/summary", "/actions/new")),
        f"/panels/items/{item.reference}/summary/1/read",
        f"/cases/{scene.case.reference}/panel",
    )


def _put_on(page: Page, rows: Session, scene: PanelScene) -> PanelItem:
    page.goto(f"/panels/{scene.meeting.reference}/prepare")
    page.get_by_role("button", name=re.compile("Put it on.*Perpetua")).first.click()
    expect(page.get_by_text("It is on the agenda")).to_be_visible()
    rows.rollback()
    return rows.scalars(select(PanelItem)).one()


def _write(page: Page, item: PanelItem) -> None:
    page.goto(f"/panels/items/{item.reference}")
    page.get_by_role("link", name="Write the summary").click()
    page.get_by_label("Summary", exact=True).fill("Perpetua is collected after school by strangers.")
    page.get_by_label("What is the panel asked to do?").fill("Who can be at the gate?")
    page.get_by_role("button", name="Save the summary").click()
    expect(page.get_by_text("A coordinator has to read it before the panel does")).to_be_visible()


def _read_and_send(page: Page, scene: PanelScene, item: PanelItem) -> None:
    page.goto(f"/panels/{scene.meeting.reference}")
    page.get_by_role("link", name=re.compile("Read it")).click()
    _look(page, "reading")
    page.get_by_role("button", name="I have read it: the panel may").click()
    expect(page.get_by_text("until the minutes are approved").first).to_be_visible()
    page.goto(f"/panels/{scene.meeting.reference}")
    page.get_by_role("button", name="Send the papers out").click()
    expect(page.get_by_text("The papers are out")).to_be_visible()


def _record(page: Page, scene: PanelScene, item: PanelItem) -> None:
    page.goto(f"/panels/{scene.meeting.reference}")
    page.get_by_role("link", name=re.compile("Write what is said")).click()
    page.get_by_label("Write what was said").fill("Two wardens can be there.")
    page.get_by_role("button", name="Save what was said").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_label("What did the panel decide?").fill("Wardens at the gate until the end of term")
    page.get_by_label("Why?").fill("It is the way she asks for")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Wardens at the gate").first).to_be_visible()
    _look(page, "chair")


def _look(page: Page, name: str, *addresses: str) -> None:
    """Each page as it is, and as wide as it may be; on request with a picture."""
    for number, address in enumerate(addresses or (page.url,)):
        page.goto(address)
        assert not faults_of(page), address
        check_width(page)
        if folder := os.environ.get("PANEL_SHOTS"):
            page.screenshot(path=f"{folder}/{name}{number}.png", full_page=True)
