"""Those who work on the case: each sees it on their own workspace, and adds what they know."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.records.cases.model import Case, ChronologyEntry, EntryDraft
from portal.records.disclosures.model import Disclosure
from portal.records.entries.vocabulary import FamilySafe, Handling
from tests.browser.story.conftest import Story, arrive
from tests.cast import Cast
from tests.factories.cases import add_entry, involve, make_case
from tests.factories.children import known_child, tell

FOR_SOCIAL_CARE = "Our file names a relative. Only we may read that."
FOR_ALL = "Ada told the school nurse that she is frightened of the man."


@dataclass(frozen=True)
class World:
    """A case that three agencies work on, and what social care was told."""

    case: Case
    told: Disclosure


@pytest.fixture
def world(rows: Session, cast: Cast) -> World:
    child = known_child(rows, "Ada", "Fictional", by=cast.social_worker)
    case = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    involve(rows, case, cast.council_team, by=cast.coordinator, worker=cast.community_safety)
    add_entry(rows, case, cast.coordinator, FOR_ALL)
    told = tell(rows, child, cast.social_care_team, by=cast.coordinator, case=case)
    return World(case, told)


def test_a_social_worker_confirms_receipt_and_adds_what_only_their_agency_reads(
    rows: Session, cast: Cast, story: Story, world: World
) -> None:
    page = story.sign_in(cast.social_worker)
    arrive(page, "Today")
    page.get_by_role("button", name=f"Confirm receipt of {world.told.reference}").click()
    expect(page.locator("#told-list")).to_have_count(0)
    rows.expire_all()
    assert world.told.confirmed_by == cast.social_worker.id
    clock_state = select(Deadline.state).filter_by(disclosure_id=world.told.id)
    assert rows.scalars(clock_state).all() == [DeadlineState.DONE]
    page.goto(f"/told/{world.told.reference}")
    arrive(page, "What was told")
    page.goto("/")
    read_case(page, world.case)
    expect(page.get_by_text(FOR_ALL)).to_be_visible()
    add(page, world.case, FOR_SOCIAL_CARE, "Only my agency", "No, do not share it with the family")
    check_entry(
        rows, world, FOR_SOCIAL_CARE, author=cast.social_worker.id, handling=Handling.OWN, safe=FamilySafe.NO
    )


def test_a_nurse_reads_the_case_but_not_what_is_social_cares_own_and_adds_what_the_family_may_know(
    rows: Session, cast: Cast, story: Story, world: World
) -> None:
    add_entry(rows, world.case, cast.social_worker, FOR_SOCIAL_CARE, handling=Handling.OWN)
    page = story.sign_in(cast.nurse)
    arrive(page, "Today")
    read_case(page, world.case)
    expect(page.get_by_text(FOR_ALL)).to_be_visible()
    assert FOR_SOCIAL_CARE not in page.content()
    text = "She came to the walk-in clinic and agreed to come again."
    add(page, world.case, text, "Everyone working on this case", "Yes, it can be shared with the family")
    check_entry(rows, world, text, author=cast.nurse.id, handling=Handling.NETWORK, safe=FamilySafe.YES)


def test_a_community_safety_officer_reads_the_case_and_adds_what_they_know(
    rows: Session, cast: Cast, story: Story, world: World
) -> None:
    add_entry(rows, world.case, cast.social_worker, FOR_SOCIAL_CARE, handling=Handling.OWN)
    page = story.sign_in(cast.community_safety)
    arrive(page, "Today")
    read_case(page, world.case)
    assert FOR_SOCIAL_CARE not in page.content()
    text = "The car park beside the park has no light. We mend it this week."
    add(page, world.case, text, "Everyone working on this case", "Ask me first")
    check_entry(
        rows, world, text, author=cast.community_safety.id, handling=Handling.NETWORK, safe=FamilySafe.ASK
    )


def read_case(page: Page, case: Case) -> None:
    """Open the case from one's own workspace."""
    page.locator(f"#case-list a[href='/cases/{case.reference}']").click()
    arrive(page, "Ada Fictional")


def add(page: Page, case: Case, text: str, handling: str, family: str) -> None:
    """Add what one's agency knows, and see it on the case."""
    page.get_by_role("link", name="Add what I know").click()
    page.get_by_label("What kind of information is it?").select_option(label="New information")
    today = clock.today()
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("What does your agency know?").fill(text)
    page.get_by_label(handling).check()
    page.get_by_label(family).check()
    arrive(page, "Add what I know")
    page.get_by_role("button", name="Add to the case").click()
    arrive(page, "Ada Fictional")
    page.locator(".app-latest__item").filter(has_text=text).get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text(family.lower())
    arrive(page, "One entry")


def check_entry(
    rows: Session, world: World, text: str, *, author: object, handling: Handling, safe: FamilySafe
) -> None:
    """The entry is on the case as it was meant, no draft is left, and the looks are on record."""
    entry = rows.scalars(select(ChronologyEntry).filter_by(case_id=world.case.id, text=text)).one()
    assert (entry.author_id, entry.handling, entry.family_safe) == (author, handling, safe)
    assert rows.scalars(select(EntryDraft)).all() == []
    looks = select(AuditEvent.action).filter_by(actor_id=author, case_id=world.case.id)
    assert "case:view" in rows.scalars(looks).all()
