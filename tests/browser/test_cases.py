"""The shared case in a browser: every page, on a desk and on a phone, with scripts and without."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case, ChronologyEntry, EntryDraft
from portal.records.children.model import ChildStatus
from portal.records.entries.vocabulary import Handling
from portal.vocabulary import Sensitivity
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.cases import add_alert, add_entry, grant, involve, make_case, make_child

OpenAs = Callable[..., Page]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case with a bit of everything on it."""
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        types=["cse", "cce"],
        contexts=["group"],
        authority="derbyshire",
        district="high_peak",
        level="high",
        level_since=date(2026, 11, 2),
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    add_alert(rows, case, cast.social_worker, "Ring Wanda before any call, letter or visit.")
    rows.add(
        ChildStatus(
            id=new_id(),
            child_id=case.child_id,
            status="cp",
            starts_on=date(2026, 9, 1),
            agency_id=cast.social_care.id,
            created_at=clock.now(),
        )
    )
    moment = add_entry(
        rows, case, cast.officer, "Arrested with a man of 26 in Leeds. Carried a second phone."
    )
    first = add_entry(
        rows, case, cast.nurse, "Came to the walk-in clinic alone. Said “they know where I live”."
    )
    first.happened_at = clock.now() - timedelta(days=4)
    add_entry(
        rows,
        case,
        cast.officer,
        "For us and social care.",
        handling=Handling.AGENCIES,
        listed=(cast.social_care.id,),
    )
    rows.add(
        ChronologyEntry(
            id=new_id(),
            case_id=case.id,
            author_id=cast.officer.id,
            agency_id=cast.police.id,
            kind="critical_moment",
            text="Arrested with a man of about 24 in Leeds. Carried a second phone.",
            happened_at=moment.happened_at,
            created_at=clock.now(),
            handling=Handling.NETWORK,
            listed_agencies=[],
            family_safe="no",
            critical_moment="Arrested away from home",
            corrects_id=moment.id,
            correction_reason="The age was wrong",
            conditions="Do not approach the people named",
        )
    )
    rows.commit()
    return case


def pages(case: Case, cast: Cast, alert: str) -> list[str]:
    return [
        "",
        "/print",
        "/entries/new",
        "/alerts/new",
        f"/alerts/{alert}/review",
        f"/alerts/{alert}/end",
        "/network/add",
        f"/network/add?team={cast.council_team.id}",
        "/lead",
        f"/lead?team={cast.health_team.id}",
        "/named/new",
        "/sensitivity",
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_page_of_a_case_is_accessible(
    rows: Session, cast: Cast, case: Case, open_as: OpenAs, phone: bool
) -> None:
    alert = add_alert(rows, case, cast.coordinator, "A second alert.")
    page = open_as(cast.coordinator, phone=phone)
    for address in ("/cases", *(f"/cases/{case.reference}{one}" for one in pages(case, cast, str(alert.id)))):
        page.goto(address)
        check_accessible(page)
        keep_picture(page, address, phone)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_sealed_case_and_a_notice_are_accessible(
    rows: Session, cast: Cast, case: Case, open_as: OpenAs, phone: bool
) -> None:
    for person in (cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity, case.sensitivity_reason = int(Sensitivity.RESTRICTED), "A relative works for the police"
    rows.commit()
    page = open_as(cast.coordinator, phone=phone)
    page.goto(f"/cases/{case.reference}")
    check_accessible(page)
    page.get_by_role("link", name="Manage").click()
    expect(page.get_by_role("heading", name="Named people")).to_be_visible()
    check_accessible(page)
    keep_picture(page, "sealed", phone)
    page = open_as(cast.officer, phone=phone)
    for address in (f"/cases/{case.reference}", f"/cases?whose={cast.police_team.id}"):
        page.goto(address)
        check_accessible(page)
        keep_picture(page, f"notice{address[6:10]}", phone)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_nurse_adds_what_the_clinic_knows(
    cast: Cast, case: Case, open_as: OpenAs, visitors: Visitors, scripts: bool
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.nurse, scripts=scripts)
    page.goto("/cases?whose=" + str(cast.health_team.id))
    page.get_by_role("link", name="Ada Fictional").click()
    page.get_by_role("link", name="Add what I know").click()
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    if scripts:
        check_accessible(page)
        keep_picture(page, "entry-errors", phone=False)
    page.get_by_label("What kind of information is it?").select_option(label="Health")
    today = clock.today()
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("What does your agency know?").fill("Missed two appointments.")
    page.get_by_label("Only the agencies I name").check()
    page.get_by_label("County social care").check()
    page.get_by_label("Ask me first").check()
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_text("Missed two appointments.")).to_be_visible()
    expect(page.get_by_text("Only Health trust, County social care")).to_be_visible()


def test_what_is_being_typed_saves_itself(
    rows: Session, cast: Cast, case: Case, open_as: OpenAs, visitors: Visitors
) -> None:
    visitors.expect_complaints("409")
    page = open_as(cast.nurse)
    page.goto(f"/cases/{case.reference}/entries/new")
    page.get_by_label("What does your agency know?").fill("Half a sentence")
    expect(page.locator("[data-save-state]")).to_contain_text("Saved")
    assert rows.scalars(select(EntryDraft)).one().answers["text"] == "Half a sentence"
    other = page.context.new_page()
    other.goto(f"/cases/{case.reference}/entries/new")
    expect(other.get_by_label("What does your agency know?")).to_have_value("Half a sentence")
    other.get_by_label("What does your agency know?").fill("Half a sentence and the rest")
    expect(other.locator("[data-save-state]")).to_contain_text("Saved")
    page.get_by_label("What does your agency know?").fill("Half a sentence, differently")
    expect(page.get_by_text("You typed in two places")).to_be_visible()
    check_accessible(page)
    keep_picture(page, "clash", phone=False)
    page.get_by_role("button", name="Keep what I typed here").click()
    expect(page.get_by_label("What does your agency know?")).to_have_value("Half a sentence, differently")


def test_a_case_is_worked_by_keyboard_alone(cast: Cast, case: Case, open_as: OpenAs) -> None:
    page = open_as(cast.coordinator)
    page.goto(f"/cases/{case.reference}")
    names: list[str] = []
    for _ in range(70):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))
    for reached in ("Add what I know", "Print", "Chronology", "Manage", "The child’s record"):
        assert any(name.startswith(reached) for name in names), f"the Tab key does not reach “{reached}”"


def keep_picture(page: Page, name: str, phone: bool) -> None:
    """A picture for whoever wants to look: set PICTURES to a folder."""
    folder = os.environ.get("PICTURES")
    if folder:
        safe = "".join(letter if letter.isalnum() else "-" for letter in name)[-60:]
        page.screenshot(path=Path(folder) / f"{safe}-{'phone' if phone else 'desk'}.png", full_page=True)
