"""The end of a case and its hand-over in Chromium: accessible, whole on a phone, saved while typed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.closing.model import HandOver
from portal.records.closing.vocabulary import HandOverKind
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import check_accessible, check_width
from tests.cast import Cast
from tests.factories.closing import ask_to_end, make_hand_over


def test_pages_of_ending_and_handing_over_are_accessible_on_a_desk_and_fit_a_phone(
    rows: Session, cast: Cast, open_as: Callable[..., Page]
) -> None:
    case = case_of_three(rows, cast)
    make_hand_over(rows, case, cast.social_worker, HandOverKind.TRANSITION, finalised=False)
    ask_to_end(rows, case, cast.social_worker)
    home = f"/cases/{case.reference}"
    desk, phone = (open_as(cast.social_care_manager, phone=small) for small in (False, True))
    for address in ("/end/asked", "/hand-over/transition", "/hand-over/transition/print"):
        desk.goto(home + address)
        check_accessible(desk)
        phone.goto(home + address)
        check_width(phone)


def test_a_hand_over_saves_itself_while_it_is_typed(
    rows: Session, cast: Cast, open_as: Callable[..., Page]
) -> None:
    case = case_of_three(rows, cast)
    made = make_hand_over(rows, case, cast.social_worker, HandOverKind.TRANSITION, finalised=False)
    page = open_as(cast.social_worker)
    page.goto(f"/cases/{case.reference}/hand-over/transition")
    page.get_by_label("Who takes over there?").fill("Hew Helper")
    expect(page.get_by_text("Saved ")).to_be_visible()
    rows.rollback()
    assert rows.scalars(select(HandOver.person).where(HandOver.id == made.id)).one() == "Hew Helper"
