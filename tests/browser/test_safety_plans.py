"""A safety plan in Chromium: accessible pages, and one side of paper for the child and the carer."""

from collections.abc import Callable
from io import BytesIO

from playwright.sync_api import Page
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.rules import fits_one_page
from tests.assessments.conftest import Acting, case_of_three
from tests.browser.conftest import check_accessible, check_width
from tests.cast import Cast
from tests.safety_plans.steps import WORKERS, begun, holds, writes

Open = Callable[..., Page]
SENTENCE = "Ring my aunt first and wait inside the library until she comes to the door. "


def full_page(share: float = 1.0) -> dict[str, str]:
    """Words under every printed heading, as long as still fits one side by the rule, and then by a share."""
    printed = current_policy().of(SafetyPlanning).printed
    letters = 0
    while fits_one_page([(one.label, (SENTENCE * 40)[: letters + 10]) for one in printed]):
        letters += 10
    return {one.code: (SENTENCE * 40)[: int(letters * share)].strip() for one in printed}


def sheets(page: Page) -> list[str]:
    """The text of each sheet that the page prints on."""
    found = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    return [sheet.extract_text() for sheet in found.pages]


def test_the_page_for_the_family_is_one_side_and_every_page_of_a_plan_is_accessible(
    rows: Session, cast: Cast, acting: Acting, open_as: Open
) -> None:
    case = case_of_three(rows, cast)
    plan = begun(acting, cast.social_worker, case, full_page() | WORKERS)
    holds(acting, cast.social_worker, case, plan)
    desk, phone = open_as(cast.social_worker), open_as(cast.social_worker, phone=True)
    home = f"/safety-plans/{plan.reference}"
    pages = (home, *(f"{home}/{one}" for one in ("write", "in-force", "renew", "end", "print")))
    for address in (f"/cases/{case.reference}/safety-plans", *pages, f"/cases/{case.reference}/due-dates"):
        desk.goto(address)
        check_accessible(desk)
        phone.goto(address)
        check_width(phone)

    desk.goto(f"{home}/print")
    printed = sheets(desk)
    assert len(printed) == 1, "what the rule says fits one side does"
    assert "my safety plan" in printed[0]
    assert "OFFICIAL" not in printed[0], "it is the family’s own"
    assert "marker" not in printed[0], "what is for workers is on no paper"
    assert desk.get_by_text("longer than one side").count() == 0

    long = {code: words * 2 for code, words in full_page().items()}
    writes(acting, cast.social_worker, case, plan, seen=1, **long)
    desk.goto(f"{home}/write")
    assert desk.get_by_text("longer than one side").count() == 1
    holds(acting, cast.social_worker, case, plan)
    desk.goto(f"{home}/print")
    assert desk.get_by_text("Nothing is cut off: it prints on two").count() == 1
    assert len(sheets(desk)) == 2
    last = list(long.values())[-1].split()[-3:]
    assert " ".join(last) in " ".join(sheets(desk)[1].split())
