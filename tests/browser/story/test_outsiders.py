"""Those who do not work on the case: a stranger, an administrator, and governance."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.records.people.model import StaffInvite, User
from tests.browser.story.conftest import Story, arrive
from tests.cast import Cast
from tests.factories.cases import add_entry, involve, make_case
from tests.factories.children import known_child, tell

SECRET = "Ada told the school nurse that she is frightened of the man."
TOLD = "A grey van waits for her at the school."
NOBODYS = "CRE-0000-0000"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that social care and health work on, about which health was told."""
    child = known_child(rows, "Ada", "Fictional", by=cast.social_worker)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    add_entry(rows, case, cast.social_worker, SECRET)
    tell(rows, child, cast.health_team, by=cast.coordinator, case=case, text=TOLD)
    return case


def test_a_stranger_who_guesses_the_address_finds_what_they_would_find_of_nothing(
    rows: Session, cast: Cast, story: Story, case: Case
) -> None:
    story.visitors.expect_complaints("404")
    page = story.sign_in(cast.stranger)
    arrive(page, "Today")
    expect(page.locator("#case-list")).to_contain_text("No open case is yours.")
    assert found_at(page, f"/cases/{case.reference}") == found_at(page, f"/cases/{NOBODYS}")
    arrive(page, "Page not found")
    tried = rows.scalars(
        select(AuditEvent).filter_by(actor_id=cast.stranger.id, action="access:refused")
    ).all()
    assert {(one.ground, one.address) for one in tried} == {
        ("404", f"/cases/{case.reference}"),
        ("404", f"/cases/{NOBODYS}"),
    }


def test_an_administrator_invites_somebody_and_sees_no_case(
    rows: Session, cast: Cast, story: Story, case: Case
) -> None:
    story.visitors.expect_complaints("403", "404")
    page = story.sign_in(cast.administrator)
    arrive(page, "Home")
    expect(page.get_by_role("link", name="Cases", exact=True)).to_have_count(0)
    page.locator("main").get_by_role("link", name="Administration").click()
    arrive(page, "Administration")
    page.locator("main").get_by_role("link", name="People", exact=True).click()
    arrive(page, "People")
    page.get_by_role("button", name="Invite somebody").click()
    arrive(page, "Invite somebody")
    page.get_by_role("combobox").select_option(label="Health trust")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Full name").fill("Newt Fictional")
    page.get_by_label("Work email address").fill("newt@health.example")
    page.get_by_label("Duty team").check()
    page.get_by_label("Practitioner").check()
    arrive(page, "Invite somebody")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#link")).to_contain_text(f"{story.address}/")
    arrive(page, "Newt Fictional")
    newcomer = rows.scalars(select(User).filter_by(name="Newt Fictional")).one()
    assert (newcomer.agency_id, newcomer.roles) == (cast.health.id, ["practitioner"])
    invitation = rows.scalars(select(StaffInvite).filter_by(user_id=newcomer.id)).one()
    assert (invitation.invited_by, invitation.accepted_at) == (cast.administrator.id, None)
    for address in (f"/cases/{case.reference}", "/cases", "/search", "/told"):
        answer = page.goto(address)
        assert answer
        assert answer.status in {403, 404}, f"an administrator opened {address}"
        check_no_content(page)
    invited = select(AuditEvent.action).filter_by(actor_id=cast.administrator.id)
    assert {"people:invite", "access:refused"} <= set(rows.scalars(invited).all())


def test_governance_sees_that_the_case_exists_and_the_ledger_without_its_words(
    rows: Session, cast: Cast, story: Story, case: Case
) -> None:
    page = story.sign_in(cast.governance)
    arrive(page, "Home")
    page.goto(f"/cases/{case.reference}")
    arrive(page, f"Case {case.reference}")
    expect(page.get_by_text("not what is in it")).to_be_visible()
    expect(page.get_by_text("County social care").first).to_be_visible()
    check_no_content(page)
    page.get_by_role("banner").get_by_role("link", name="Sharing ledger").click()
    arrive(page, "Sharing ledger")
    check_no_content(page)
    page.locator("#list-page tbody").get_by_role("link").first.click()
    arrive(page, "What was told")
    expect(page.get_by_text("1 child, whose names you do not see")).to_be_visible()
    check_no_content(page)
    looks = select(AuditEvent.action).filter_by(actor_id=cast.governance.id)
    assert {"case:notice", "disclosure:list", "disclosure:view"} <= set(rows.scalars(looks).all())


def found_at(page: Page, address: str) -> str:
    """What the page says, without the reference that every error page has of its own."""
    answer = page.goto(address)
    assert answer
    assert answer.status == 404, f"{address} answered {answer.status}"
    page.locator("main .app-reference").evaluate("one => one.remove()")
    return f"{page.title()} {page.locator('body').inner_text()}"


def check_no_content(page: Page) -> None:
    """Nothing of the child, of what agencies know or of what was told is on the page."""
    content = page.content()
    found = [words for words in ("Ada Fictional", SECRET, TOLD) if words in content]
    assert not found, f"{page.url} shows {found}"
