"""A return interview in a browser: without scripts, saved while it is typed, on a phone, axe on each page."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.model import ReturnInterview
from tests.browser.conftest import check_accessible, check_width, faults_of
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.interviews import make_return
from tests.return_interviews.conftest import Acting, begun, kept, offered, owes


def test_a_child_is_offered_a_talk_and_says_where_they_were(
    open_as: Callable[..., Page], rows: Session, cast: Cast, acting: Acting
) -> None:
    child = make_child(rows, "Quillon-Ambrose-Teodor", "Marrowby-Featherstonehaugh-Oxtercroft")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    back = clock.now() - timedelta(hours=90)
    early = make_return(rows, child, cast.officer, returned_at=back)
    late = make_return(rows, child, cast.officer)
    for one in (early, late):
        owes(acting, cast.officer, one)
    interview = _offer_without_scripts(open_as(cast.social_worker, scripts=False), rows, child)
    _hold_and_write(open_as(cast.social_worker), interview)
    assert kept(rows, interview).answers["where"] == "The arcade"
    third = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(days=9))
    owes(acting, cast.officer, third)
    waiting = begun(acting, cast.social_worker, third)
    offered(acting, cast.social_worker, waiting, accepted=None)
    _look_at_every_page(open_as(cast.social_worker, phone=True), child, interview, waiting, late)


def _offer_without_scripts(page: Page, rows: Session, child: Child) -> ReturnInterview:
    page.goto("/social-care")
    page.get_by_role("link", name="Return interviews").click()
    page.get_by_role("link", name=child.given_name).first.click()
    page.get_by_role("button", name="Begin an interview").click()
    page.get_by_role("button", name="Begin it").click()
    page.get_by_label("How?").select_option("phone")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("To be held")).to_be_visible()
    rows.rollback()
    return rows.scalars(select(ReturnInterview)).one()


def _hold_and_write(page: Page, interview: ReturnInterview) -> None:
    home = f"/return-interviews/{interview.reference}"
    page.goto(f"{home}/held")
    check_accessible(page)
    page.get_by_label("Who talked to the child?").fill("Ines Hollowell, youth worker")
    page.get_by_label("No, they are independent").check()
    page.get_by_label("How are they independent?").fill("From another service")
    page.get_by_role("group", name="Was the child seen alone?").get_by_label("Yes").check()
    page.get_by_role("group", name="Was the child told").get_by_label("Not known").check()
    page.get_by_label("Why was it late?").select_option("child_later")
    page.get_by_role("button", name="Record it, and write down").click()
    page.get_by_label("Where were they?").fill("The arcade")
    expect(page.get_by_text("Saved")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Save and read it as a whole").click()
    expect(page.get_by_role("definition").filter(has_text="The arcade")).to_be_visible()
    page.get_by_role("button", name="Complete it").click()
    page.get_by_role("group", name="Does the risk assessment").get_by_label("No").check()
    page.get_by_label("The police").check()
    check_accessible(page)
    page.get_by_role("button", name="Complete it").click()
    expect(page.get_by_text("The interview is completed")).to_be_visible()
    check_accessible(page)


def _look_at_every_page(
    page: Page, child: Child, done: ReturnInterview, waiting: ReturnInterview, episode: MissingEpisode
) -> None:
    of_child = f"/children/{child.reference}/return-interviews"
    home, ended = f"/return-interviews/{waiting.reference}", f"/return-interviews/{done.reference}"
    for address in (
        *(of_child, f"{of_child}/new", home, f"{home}/offer", f"{home}/not-offered", f"{home}/answer"),
        *(f"{home}/attempt", f"{home}/held", f"{home}/returns", f"{home}/complete", ended, f"{ended}/share"),
        *(
            f"{ended}/write",
            "/social-care",
            "/social-care/return-interviews",
            f"/missing/{episode.reference}",
        ),
        *("/social-care/assessments-to-finalise", "/social-care/turning-18"),
    ):
        page.goto(address)
        assert not faults_of(page), address
        check_width(page)
