"""What an alert holds back, and what is put right, in a browser: axe, both widths, what is asked and kept."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child, ChildStatement, HeldWords
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.return_interviews.model import ReturnInterview
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.cases import add_entry, add_held_alert
from tests.factories.children import say
from tests.factories.concerns import make_concern
from tests.factories.interviews import make_interview, make_return

PICTURES = os.environ.get("PICTURES")  # a folder: pictures of the pages are kept there, to be looked at
LANE = "9 Quillwhistle Lane"
TYPED = "She was let in at 9 Quillwhistle Lane."


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Three agencies work on it; the police entered an address, and an alert holds it back."""
    made = case_of_three(rows, cast)
    add_held_alert(rows, made, cast.social_worker)
    say(rows, rows.get_one(Child, made.child_id), cast.officer, LANE, do_not_disclose=True)
    return made


@pytest.fixture
def child(rows: Session, case: Case) -> Child:
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def interview(rows: Session, cast: Cast, child: Child) -> ReturnInterview:
    now = clock.now()
    held = {"offered": "yes", "offered_at": now, "offered_how": "phone", "accepted": True, "done_at": now}
    done = {"independent": True, "completed_at": now, "completed_by": cast.officer.id}
    back = make_return(rows, child, cast.officer, recorded_team_id=cast.police_team.id)
    return make_interview(rows, [back], cast.officer, answers={"where": "The alley"}, **held, **done)


@pytest.fixture
def house(rows: Session, cast: Cast) -> Concern:
    return make_concern(rows, cast.officer, name="Zubrowka House", details={"address": LANE})


def looks(page: Page, name: str) -> None:
    """The page is accessible at both widths, and is kept to be looked at."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        check_accessible(page)
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def test_the_pages_of_what_is_held_back_and_put_right(
    rows: Session,
    cast: Cast,
    case: Case,
    child: Child,
    interview: ReturnInterview,
    open_as: Callable[..., Page],
) -> None:
    entry = add_entry(rows, case, cast.officer, "She was seen at the station.")
    held = rows.scalars(select(ChildStatement)).one()
    page = open_as(cast.officer)
    for name, address in {
        "statement": f"/children/{child.reference}/address/add",
        "let-go": f"/children/{child.reference}/statements/{held.id}/let-go",
        "entry-readers": f"/cases/{case.reference}/entries/{entry.id}/readers",
        "interview": f"/return-interviews/{interview.reference}",
        "interview-readers": f"/return-interviews/{interview.reference}/readers",
        "interview-correct": f"/return-interviews/{interview.reference}/correct",
    }.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        looks(page, name)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_words_that_look_like_it_are_asked_about_where_they_were_typed(
    rows: Session,
    cast: Cast,
    case: Case,
    open_as: Callable[..., Page],
    visitors: Visitors,
    scripts: bool,
) -> None:
    visitors.expect_complaints("422")
    page, today = open_as(cast.nurse, scripts=scripts), clock.today()
    page.goto(f"/cases/{case.reference}/entries/new")
    page.get_by_label("What kind of information is it?").select_option(label="Health")
    page.get_by_label("Everyone working on this case").check()
    page.get_by_label("What does your agency know?").fill(TYPED)
    for part, number in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(number))
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_text("which must not be disclosed").first).to_be_visible()
    expect(page.get_by_label("What does your agency know?")).to_have_value(TYPED)
    if scripts:
        looks(page, "entry-asked")
    page.get_by_label("Why may these words stand?").fill("Everybody at the meeting was given it")
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_role("alert").first).to_contain_text("was added to the case")
    assert rows.scalars(select(HeldWords.reason)).all() == ["Everybody at the meeting was given it"]
    assert rows.scalars(select(ChronologyEntry.text)).all() == [TYPED]


def test_a_link_that_says_where_the_child_lives_asks_who_may_see_it(
    rows: Session,
    cast: Cast,
    child: Child,
    house: Concern,
    open_as: Callable[..., Page],
    visitors: Visitors,
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.officer)
    page.goto(f"/concerns/{house.reference}/links/new?to={child.reference}")
    page.get_by_label("How do they belong together?").select_option("lives_there")
    page.get_by_role("button", name="Link them").click()
    looks(page, "link-asked")
    page.get_by_label("No: only my agency, and those I list").check()
    page.get_by_role("button", name="Link them").click()
    expect(page.get_by_text("Not disclosed")).to_be_visible()
    looks(page, "place")
    page.get_by_role("link", name="Let it be seen").click()
    looks(page, "link-let-go")
    assert rows.scalars(select(ConcernLink.do_not_disclose)).one()
