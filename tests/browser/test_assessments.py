"""A risk assessment in Chromium: accessible pages, several hands in a section, a way without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.assessments.model import AssessmentAnswer, RiskAssessment
from portal.records.cases.model import Case
from portal.vocabulary import RiskLevel
from tests.assessments.conftest import HARM, Acting, assessed, begin, case_of_three, fill_in
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import add_entry

Open = Callable[..., Page]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case that is assessed."""
    return case_of_three(rows, cast)


def test_every_page_is_accessible_on_a_desk_and_fits_a_phone(
    cast: Cast, case: Case, acting: Acting, open_as: Open
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    waiting = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    other = cast.social_care_manager
    desk, phone = open_as(other), open_as(other, phone=True)
    home = f"/assessments/{waiting.reference}"
    for address in (home, f"{home}/second", f"{home}/print", f"/cases/{case.reference}/level"):
        desk.goto(address)
        check_accessible(desk)
        phone.goto(address)
        check_width(phone)


def test_pages_of_writing_are_accessible_on_a_desk_and_fit_a_phone(
    rows: Session, cast: Cast, case: Case, acting: Acting, open_as: Open
) -> None:
    entry = add_entry(rows, case, cast.officer)
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, **HARM)
    desk, phone = open_as(cast.social_worker), open_as(cast.social_worker, phone=True)
    home = f"/assessments/{found.reference}"
    sections = ("voice", "violence", "context")
    citing = [f"{home}/sections/voice/cite{one}" for one in ("", f"/{entry.id}")]
    for address in (home, *(f"{home}/sections/{one}" for one in sections), *citing, f"{home}/conclude"):
        desk.goto(address)
        check_accessible(desk)
        phone.goto(address)
        check_width(phone)


def test_what_is_typed_is_saved_by_itself_and_a_colleagues_answer_is_shown_beside_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, open_as: Open, visitors: Visitors
) -> None:
    visitors.expect_complaints("409")
    found = begin(acting, cast.social_worker, case)
    address = f"/assessments/{found.reference}/sections/voice"
    mine, theirs = open_as(cast.social_worker), open_as(cast.officer)
    for page in (mine, theirs):
        page.goto(address)
    mine.get_by_label("What the child says is happening").fill("They said I owe them")
    expect(mine.get_by_text("Saved ")).to_be_visible()
    theirs.get_by_label("What the child says is happening").fill("I am fine")
    expect(theirs.get_by_role("heading", name="Somebody else answered the same")).to_be_visible()
    expect(theirs.get_by_text("They said I owe them")).to_be_visible()
    rows.rollback()
    assert rows.scalars(select(AssessmentAnswer.words)).all() == ["They said I owe them"]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_assessment_goes_from_its_beginning_to_its_level(
    rows: Session, cast: Cast, case: Case, acting: Acting, open_as: Open, scripts: bool
) -> None:
    page = open_as(cast.social_worker, scripts=scripts)
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Begin a risk assessment").click()
    page.get_by_label("Full assessment").check()
    page.get_by_label("The case was opened").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Forced offending and violence").click()
    sign = page.get_by_role("group", name="Was found with drugs, weapons or cash of others")
    sign.get_by_label("Yes, within the last 3 months").check()
    page.get_by_text("Evidence and who saw it: Was found with drugs").click()
    page.locator(".app-answer").filter(has=sign).get_by_label("Evidence").fill("Stopped by a patrol")
    page.get_by_role("button", name="Save and see all sections").click()
    expect(page.get_by_text("1 of 6 answered")).to_be_visible()
    fill_in(acting, cast.social_worker, rows.scalars(select(RiskAssessment)).one())
    page.reload()
    page.get_by_role("button", name="Conclude the assessment").click()
    page.get_by_label("High", exact=True).check()
    page.get_by_label("Why is it this level?").fill("Found with drugs of others")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#suggestion")).to_contain_text("The answers suggest High")
    page.get_by_label("Child criminal exploitation").check()
    for question in ("Was a Section 47 enquiry considered?", "Was a referral to the National Referral"):
        page.get_by_role("group", name=question).get_by_label("Yes").check()
    for box in page.get_by_label("What came of it, or why not?").all():
        box.fill("Agreed with the police")
    page.get_by_role("button", name="Finalise the assessment").click()
    expect(page.get_by_text("What the level asks for is due from now")).to_be_visible()
    rows.rollback()
    rows.expire_all()
    assert rows.get_one(Case, case.id).level == RiskLevel.HIGH
