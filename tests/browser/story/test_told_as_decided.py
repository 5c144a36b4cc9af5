"""What is decided on a case goes to those who must know: level, plan, question, meeting, intelligence.

Social care, the police, health and the hub act, each in a window of their own. After every step the outbox is
read: who was told, by which way, nobody more; and what the page says of it is compared with that.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.meetings.model import Meeting
from portal.records.requests.model import InformationRequest
from tests.assessments.conftest import HARM, Acting, begin, case_of_three, fill_in
from tests.browser.story.conftest import Story, arrive
from tests.browser.story.outbox import Outbox, name_teams, said_on
from tests.cast import Cast
from tests.factories.meetings import make_invitation, make_meeting
from tests.safety_plans.steps import WORDS, WORKERS, begun

ON_CASE = ("officer", "nurse", "police_team", "health_team", "social_care_team")
INTELLIGENCE = "Zilpahwynd waits by the canal lock on Fridays."
QUESTION = "When was she last at the market?"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Social care leads; police and health work on it."""
    case = case_of_three(rows, cast)
    name_teams(rows)
    return case


@pytest.fixture
def outbox(rows: Session, cast: Cast) -> Outbox:
    return Outbox(rows, cast)


def test_a_level_and_a_safety_plan_are_told_the_three_agencies_and_the_hub(
    rows: Session, cast: Cast, story: Story, case: Case, outbox: Outbox, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, **HARM)
    plan = begun(acting, cast.social_worker, case, WORDS | WORKERS)
    outbox.skip()
    worker, nurse = story.sign_in(cast.social_worker), story.sign_in(cast.nurse)
    hub = story.sign_in(cast.coordinator)

    conclude(worker, f"/assessments/{found.reference}/conclude")
    outbox.sent(worker, *told("level_raised", *ON_CASE, "social_care_manager"))
    for page in (nurse, hub):
        page.goto(f"/cases/{case.reference}")
        expect(page.locator("main").get_by_text("High", exact=True).first).to_be_visible()
        page.goto("/messages")
        expect(page.get_by_text("about Ada Fictional").first).to_be_visible()

    put_in_force(worker, f"/safety-plans/{plan.reference}/in-force")
    outbox.sent(worker, *told("safety_plan_in_force", *ON_CASE))
    nurse.goto(f"/cases/{case.reference}/safety-plans")
    expect(nurse.get_by_text("In force").first).to_be_visible()
    nurse.goto(f"/safety-plans/{plan.reference}")
    arrive(nurse, "Safety plan")
    expect(nurse.get_by_text(WORDS["what_i_do"])).to_be_visible()


def test_a_question_is_asked_and_withdrawn_and_a_meeting_moved_and_each_hears_what_is_theirs(
    rows: Session, cast: Cast, story: Story, case: Case, outbox: Outbox
) -> None:
    story.visitors.expect_complaints("404")
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.coordinator, cases=[case])
    for person in (cast.nurse, cast.officer):
        make_invitation(rows, meeting, person=person, by=cast.coordinator)
    outbox.skip()
    worker, council = story.sign_in(cast.social_worker), story.sign_in(cast.community_safety)
    hub = story.sign_in(cast.coordinator)

    ask(worker, case, "Borough council team")
    outbox.written(worker, "council_team mail asked", "community_safety portal asked")
    question = rows.scalars(select(InformationRequest)).one()
    council.goto(f"/requests/{question.reference}")
    expect(council.get_by_text(QUESTION)).to_be_visible()
    expect(council.get_by_text("Ada Fictional").first).to_be_visible()

    withdraw(worker, question)
    outbox.written(worker, "council_team mail asked_withdrawn", "community_safety portal asked_withdrawn")
    assert "Borough council team (was asked)" in said_on(worker)
    council.goto(f"/requests/{question.reference}")
    arrive(council, "This question is over")
    for page in (council.content(), read(council, "/messages"), read(council, "/requests")):
        assert QUESTION not in page
        assert "Ada Fictional" not in page

    move(hub, meeting)
    outbox.sent(hub, *told("meeting_changed", "chair", "nurse", "officer", "coordinator"))
    assert cast.coordinator.name not in said_on(hub), "an entry for one’s own calendar is not told"
    assert "Ada" not in read(council, f"/meetings/{meeting.reference}")


def test_intelligence_is_asked_for_and_released_and_whoever_works_on_the_case_hears_of_it(
    rows: Session, cast: Cast, story: Story, case: Case, outbox: Outbox
) -> None:
    police, worker = story.sign_in(cast.officer), story.sign_in(cast.social_worker)
    nurse = story.sign_in(cast.nurse)
    entry = add_intelligence(police, rows, case)
    outbox.written(police, "social_worker digest entry_added")
    home = f"/cases/{case.reference}/entries/{entry.id}"
    for page in (worker, nurse):
        page.goto(f"/cases/{case.reference}")
        expect(page.get_by_text(INTELLIGENCE)).to_be_visible()
        assert INTELLIGENCE not in printed(page, case), "it is for reading in the portal only"

    ask_for_release(worker, home)
    outbox.sent(worker, "police_team asked", "officer asked")
    release(police, home)
    outbox.written(
        police,
        "social_worker mail intelligence_released",
        "nurse portal intelligence_released",
        "social_worker mail release_granted",
        "police_team mail asked_released",
        *(f"{one} portal asked_released" for one in ("colleague", "police_manager")),
    )
    worker.goto(f"/cases/{case.reference}")
    assert INTELLIGENCE in printed(worker, case)


def told(kind: str, *who: str) -> list[str]:
    return [f"{one} {kind}" for one in who]


def read(page: Page, address: str) -> str:
    """What a page says to somebody."""
    return page.request.get(address).text()


def conclude(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("High", exact=True).check()
    page.get_by_label("Why is it this level?").fill("Made to carry for others")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Child criminal exploitation").check()
    for question in ("Was a Section 47 enquiry considered?", "Was a referral to the National Referral"):
        page.get_by_role("group", name=question).get_by_label("Yes").check()
    for box in page.get_by_label("What came of it, or why not?").all():
        box.fill("Agreed with the police")
    arrive(page, "Conclude")
    page.get_by_role("button", name="Finalise the assessment").click()
    expect(page.get_by_text("What the level asks for is due from now")).to_be_visible()


def put_in_force(page: Page, address: str) -> None:
    page.goto(address)
    for who in ("Does the child agree to it?", "Does the parent or carer agree to it?"):
        page.get_by_role("group", name=who).get_by_label("Yes").check()
    arrive(page, "Put the safety plan in force")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_text("The safety plan is in force").first).to_be_visible()


def ask(page: Page, case: Case, team: str) -> None:
    page.goto(f"/requests/ask/case/{case.reference}")
    page.get_by_label(team).check()
    page.get_by_label("What do you ask?").fill(QUESTION)
    page.get_by_label("Why do you ask?").fill("For the plan")
    arrive(page, "Ask what agencies hold")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("1 team is asked")).to_be_visible()


def withdraw(page: Page, question: InformationRequest) -> None:
    page.goto(f"/requests/{question.reference}/withdraw")
    page.get_by_label("Why is it withdrawn?").fill("We know it now")
    arrive(page, "Withdraw the question")
    page.locator("main form").get_by_role("button", name="Withdraw the question").click()
    expect(page.get_by_text("You withdrew the question").first).to_be_visible()


def move(page: Page, meeting: Meeting) -> None:
    page.goto(f"/meetings/{meeting.reference}/move")
    day = clock.today() + timedelta(days=9)
    for part in ("day", "month", "year"):
        page.locator(f"[name=day-{part}]").fill(str(getattr(day, part)))
    page.get_by_label("Why?").fill("The police are in court")
    page.get_by_role("button", name="Move the meeting").click()
    expect(page.get_by_text("Everybody who is invited answers again")).to_be_visible()


def add_intelligence(page: Page, rows: Session, case: Case) -> ChronologyEntry:
    page.goto(f"/cases/{case.reference}/intelligence/new")
    day = clock.today() - timedelta(days=3)
    for part in ("Day", "Month", "Year"):
        page.get_by_label(part, exact=True).fill(str(getattr(day, part.lower())))
    page.get_by_label("What is known?").fill(INTELLIGENCE)
    page.get_by_label("Who or what did it come from?").fill("Ottilorne at the arcade")
    page.get_by_label("2: Untested").check()
    page.get_by_label("C: Known indirectly").check()
    page.get_by_label("C: Lawful sharing permitted with conditions").check()
    page.get_by_label("For reading in the portal only").check()
    page.locator("[name=handling][value=network]").check()
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_text("The intelligence was added to the case", exact=True)).to_be_visible()
    rows.rollback()
    return rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == INTELLIGENCE)).one()


def printed(page: Page, case: Case) -> str:
    """What the print of the case says."""
    return read(page, f"/cases/{case.reference}/print")


def ask_for_release(page: Page, home: str) -> None:
    page.goto(f"{home}/grading")
    page.get_by_role("button", name="Ask the police to release it").click()
    arrive(page, "Ask what agencies hold")
    page.get_by_label("Police team").check()
    page.get_by_label("What do you ask?").fill("May we print it for the meeting?")
    page.get_by_label("Why do you ask?").fill("For the plan")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("1 team is asked")).to_be_visible()


def release(page: Page, home: str) -> None:
    page.goto(f"{home}/release")
    page.get_by_label("Why can it be released?").fill("The arrests were made")
    page.locator("main form").get_by_role("button").last.click()
    expect(page.get_by_text("Released. Its conditions have ended")).to_be_visible()
