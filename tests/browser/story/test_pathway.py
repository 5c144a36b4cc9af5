"""A case goes the whole way: assessed by three agencies, met on, planned, reviewed, ended and begun anew.

Every page of the way is tried for its accessibility where scripts are on; the same way goes without them.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.pathway.calendar import add_working_days
from portal.policy import current_policy
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision, MinutesCopy, MinutesIssue
from portal.records.people.model import User
from portal.records.plans.model import Action
from portal.vocabulary import CaseState, RiskLevel
from tests.assessments.conftest import Acting, fill_in, open_duties
from tests.browser.story.conftest import Story, arrive, everybody_came
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.meetings.calls import make_called_case


@dataclass
class Walk:
    """One walk through the pathway, with scripts or without."""

    story: Story
    rows: Session
    cast: Cast
    case: Case
    acting: Acting
    scripts: bool

    def sign_in(self, person: User, start: str = "") -> Page:
        """Somebody's window, on a page."""
        start = start or f"/cases/{self.case.reference}"
        return self.story.sign_in(person, start=start, scripts=self.scripts)

    def arrive(self, page: Page, heading: str) -> None:
        """The page is the one that is meant, accessible where scripts are on."""
        arrive(page, heading, axe=self.scripts)

    def on_the_day(self, meeting: Meeting) -> time_machine.travel:
        """The time at which a meeting takes place, for everybody."""
        return time_machine.travel(meeting.starts_at + timedelta(minutes=10))

    def now(self) -> Case:
        """The case as it is in the database by now."""
        self.rows.rollback()
        self.rows.expire_all()
        return self.rows.get_one(Case, self.case.id)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def walk(rows: Session, cast: Cast, story: Story, acting: Acting, request: pytest.FixtureRequest) -> Walk:
    case = make_called_case(rows, cast, level=None, level_since=None)
    return Walk(story, rows, cast, case, acting, scripts=bool(request.param))


def test_a_case_goes_from_its_assessment_to_its_end_and_begins_anew(walk: Walk) -> None:
    worker = walk.sign_in(walk.cast.social_worker)
    nurse = walk.sign_in(walk.cast.nurse)
    notes, chair = walk.sign_in(walk.cast.coordinator), walk.sign_in(walk.cast.chair, "/work")
    assess(walk, worker)
    conclude_high(walk, worker)
    meeting = call(walk, worker)
    report(walk, walk.cast.officer, "Stopped twice with an older man")
    report(walk, walk.cast.nurse, "Stitches, and no account of how")
    report(walk, walk.cast.social_worker, "She trusts her aunt")
    with walk.on_the_day(meeting):
        record(walk, notes, meeting)
        send_minutes(walk, notes, chair, meeting)
    read_minutes(walk, nurse, meeting)
    plan(walk, worker, nurse)
    review = make_review(walk, 20)
    with walk.on_the_day(review):
        step_down(walk, notes, chair, review)
    last = make_review(walk, 25)
    # What the record asks for while the clock jumps would answer with another token than the next page has.
    notes.goto("about:blank")
    with walk.on_the_day(last):
        decide_to_close(walk, notes, last)
        close(walk, worker)
    reopen(walk, notes)


def assess(walk: Walk, worker: Page) -> None:
    """Three agencies write in one assessment; each sees who wrote what."""
    worker.get_by_role("link", name="Begin a risk assessment").click()
    walk.arrive(worker, "Begin a risk assessment")
    worker.get_by_label("Full assessment").check()
    worker.get_by_label("The case was opened").check()
    worker.get_by_role("button", name="Begin").click()
    walk.arrive(worker, "Risk assessment")
    found = walk.rows.scalars(select(RiskAssessment)).one()
    write_sign(walk, walk.cast.officer, "violence", "Was found with drugs, weapons or cash of others", "Stop")
    write_sign(walk, walk.cast.nurse, "health", "Injuries that nobody can account for", "Walk-in clinic")
    fill_in(walk.acting, walk.cast.social_worker, found)
    worker.reload()
    written = worker.get_by_role("region", name="Who wrote in it")
    for agency in ("Police", "Health trust", "County social care"):
        expect(written).to_contain_text(agency)


def write_sign(walk: Walk, person: User, section: str, sign: str, evidence: str) -> None:
    """Somebody of another agency says that a sign is there."""
    page = walk.sign_in(person)
    page.get_by_role("link", name="Write in it").click()
    page.locator(f"a[href$='/sections/{section}']").click()
    walk.arrive(page, "")
    group = page.get_by_role("group", name=sign)
    group.get_by_label("Yes, within the last 3 months").check()
    told = page.locator(".app-answer").filter(has=group)
    if not told.get_by_label("Evidence").is_visible():
        told.get_by_text("Evidence and who saw it").click()
    told.get_by_label("Evidence").fill(evidence)
    page.get_by_role("button", name="Save and see all sections").click()
    walk.arrive(page, "Risk assessment")


def conclude_high(walk: Walk, worker: Page) -> None:
    """The assessor chooses the level first; what it asks for is due from then."""
    worker.get_by_role("button", name="Conclude the assessment").click()
    worker.get_by_label("High", exact=True).check()
    worker.get_by_label("Why is it this level?").fill("Found with drugs of others, and hurt")
    worker.get_by_role("button", name="Continue").click()
    expect(worker.locator("#suggestion")).to_contain_text("The answers suggest High")
    worker.get_by_label("Child criminal exploitation").check()
    for question in ("Was a Section 47 enquiry considered?", "Was a referral to the National Referral"):
        worker.get_by_role("group", name=question).get_by_label("Yes").check()
    for box in worker.get_by_label("What came of it, or why not?").all():
        box.fill("Agreed with the police")
    worker.get_by_role("button", name="Finalise the assessment").click()
    expect(worker.get_by_text("What the level asks for is due from now")).to_be_visible()
    assert walk.now().level == RiskLevel.HIGH
    days = current_policy("derbyshire").levels.levels[RiskLevel.HIGH].first_meeting_working_days
    assert days
    duties = open_duties(walk.rows, walk.case)
    assert clock.local(duties["meeting"].due_at).date() == add_working_days(clock.today(), days)
    assert "strategy" in duties


def call(walk: Walk, worker: Page) -> Meeting:
    """The meeting that the level asks for is called, with a report from each agency."""
    worker.goto(f"/cases/{walk.case.reference}")
    worker.get_by_role("link", name="Call a meeting").click()
    walk.arrive(worker, "Call a meeting")
    expect(worker.get_by_role("region", name="What the level high asks for")).to_contain_text("health")
    worker.get_by_role("radio", name="First meeting").check()
    worker.get_by_label("Starts at").fill("14:30")
    worker.get_by_label("Ends at").fill("16:00")
    worker.get_by_label("Place", exact=True).fill("Room 1")
    worker.get_by_label("Chair", exact=True).select_option(label="Chas Chair, County social care")
    worker.get_by_label("Note-taker", exact=True).select_option(label="Cora Coordinator, Hub")
    worker.get_by_role("radio", name="Yes").check()
    worker.get_by_label("What do you ask?").fill("What do you know, and what have you done?")
    worker.get_by_label("Why do you ask?").fill("To plan together")
    worker.get_by_role("button", name="Call the meeting").click()
    walk.arrive(worker, "First meeting")
    return walk.rows.scalars(select(Meeting)).one()


def report(walk: Walk, person: User, words: str) -> None:
    """An agency sends what it knows before the meeting."""
    page = walk.sign_in(person, "/requests")
    page.locator("#main-content a[href^='/requests/REQ']").first.click()
    walk.arrive(page, "Ada Fictional")
    page.get_by_label("What does your agency hold?").fill(words)
    page.get_by_label("Everyone working on this case").check()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You answered the question")


def record(walk: Walk, notes: Page, meeting: Meeting) -> None:
    """The note-taker writes on one page what is said, decided and to be done, and who came."""
    notes.goto(f"/meetings/{meeting.reference}/record")
    walk.arrive(notes, "Record of the meeting")
    everybody_came(notes)
    child = notes.get_by_role("region", name="Ada Fictional")
    child.get_by_label("Views of the child and of parents or carers").fill(
        "She wants to be left alone by them"
    )
    child.get_by_label("What works and what worries us").fill(
        "The nurse is trusted. The older man worries us."
    )
    child.get_by_label("What was decided?").fill("Keep the level and keep her from the flat")
    child.get_by_label("Why?", exact=True).first.fill("Two agencies saw her there")
    child.get_by_label("How does the case go on?").select_option(label="Continue the plan")
    child.get_by_label("Every agency that took part agrees").check()
    fill_action(child, walk)
    notes.get_by_role("button", name="Save, and the meeting was held").click()
    walk.arrive(notes, "Record of the meeting")
    decision = walk.rows.scalars(select(Decision)).one()
    assert (decision.outcome, decision.case_id) == ("continue", walk.case.id)
    action = walk.rows.scalars(select(Action)).one()
    assert (action.owner_id, action.decision_id) == (walk.cast.nurse.id, decision.id)
    assert walk.now().state == CaseState.PLAN_UNDER_WAY
    assert "review" in open_duties(walk.rows, walk.case)


def fill_action(child: Locator, walk: Walk) -> None:
    """Who does what by when, beside the decision."""
    action = child.get_by_role("group", name="Action 1")
    action.get_by_label("What is done?").fill("See her weekly at the clinic")
    action.get_by_label("Who does it, or tells whoever does?").select_option(label="Nell Nurse, Health trust")
    day = clock.today() + timedelta(days=14)
    for name, part in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        action.get_by_label(name, exact=True).fill(str(part))
    action.get_by_label("How will we know that it worked?").fill("She comes four weeks running")
    action.get_by_label("What is it for?").select_option(label="Protect")


def send_minutes(walk: Walk, notes: Page, chair: Page, meeting: Meeting) -> None:
    """A draft goes round, the chair approves it and gives it out."""
    place = f"/meetings/{meeting.reference}/versions"
    notes.goto(place)
    notes.get_by_role("button", name="Send a draft round").click()
    walk.arrive(notes, "Send a draft round")
    notes.get_by_role("button", name="Send the draft").click()
    chair.goto(place)
    chair.get_by_role("button", name="Approve the minutes").click()
    walk.arrive(chair, "Approve the minutes")
    chair.get_by_role("button", name="Approve the minutes").click()
    chair.get_by_role("button", name="Distribute the minutes").click()
    walk.arrive(chair, "Distribute the minutes")
    chair.get_by_role("button", name="Distribute the minutes").click()
    walk.rows.rollback()
    walk.rows.refresh(meeting)
    assert meeting.state == MeetingState.DISTRIBUTED


def read_minutes(walk: Walk, nurse: Page, meeting: Meeting) -> None:
    """Whoever received them opens the link, and that is recorded."""
    given = select(MinutesIssue).where(MinutesIssue.kind == "professional")
    issue = walk.rows.scalars(given).one()
    nurse.goto(f"/minutes/{issue.reference}")
    walk.arrive(nurse, "Approved minutes")
    expect(nurse.get_by_text("The older man worries us")).to_be_visible()
    walk.rows.rollback()
    opened = select(MinutesCopy.opened_by).where(MinutesCopy.issue_id == issue.id)
    assert walk.cast.nurse.id in walk.rows.scalars(opened).all()


def plan(walk: Walk, worker: Page, nurse: Page) -> None:
    """The child's goal comes first; whoever owns the action says that it is done."""
    worker.goto(f"/cases/{walk.case.reference}/plan")
    walk.arrive(worker, "Plan")
    worker.get_by_role("link", name="goal").first.click()
    worker.get_by_role("textbox").last.fill("I want to go to college and not look behind me")
    worker.get_by_role("button", name="Save").click()
    expect(worker.get_by_text("I want to go to college")).to_be_visible()
    action = walk.rows.scalars(select(Action)).one()
    nurse.goto(f"/actions/{action.reference}")
    walk.arrive(nurse, "Ada Fictional")
    nurse.locator("#done-form textarea").fill("Seen every Monday")
    nurse.get_by_role("button", name="Say that it is done").click()
    walk.rows.rollback()
    walk.rows.refresh(action)
    assert action.state == "done"


def make_review(walk: Walk, days: int) -> Meeting:
    """A review meeting some days ahead, with the same chair and note-taker."""
    return make_meeting(
        walk.rows,
        chair=walk.cast.chair,
        note_taker=walk.cast.coordinator,
        cases=[walk.now()],
        kind="review",
        starts_at=clock.now() + timedelta(days=days),
    )


def step_down(walk: Walk, notes: Page, chair: Page, review: Meeting) -> None:
    """The review comes to a lower level, which holds once the chair agrees."""
    notes.goto(f"/meetings/{review.reference}/record")
    walk.arrive(notes, "Record of the meeting")
    everybody_came(notes)
    child = notes.get_by_role("region", name="Ada Fictional")
    expect(child).to_contain_text("Keep the level and keep her from the flat")
    child.get_by_label("What was decided?").fill("Step down to low")
    child.get_by_label("Why?", exact=True).first.fill("Nothing was seen for three weeks")
    child.get_by_label("How does the case go on?").select_option(label="Step down")
    child.get_by_label("Low", exact=True).check()
    child.get_by_label("Why this level?").fill("The man is in prison")
    if notes.get_by_label("Why was it held").is_visible():
        notes.get_by_label("Why was it held").fill("They wrote")
    notes.get_by_role("button", name="Save, and the meeting was held").click()
    walk.arrive(notes, "Record of the meeting")
    assert walk.now().level == RiskLevel.HIGH, "a lower level waits for a second person"
    chair.goto(f"/cases/{walk.case.reference}/lower-level")
    walk.arrive(chair, "A meeting came to a lower level")
    chair.get_by_label("Yes, the lower level holds from now on").check()
    chair.get_by_role("button", name="Save").click()
    assert walk.now().level == RiskLevel.LOW
    decided = walk.rows.scalars(select(LevelDecision).where(LevelDecision.meeting_id == review.id)).one()
    assert (decided.decided_by, decided.second_id) == (walk.cast.coordinator.id, walk.cast.chair.id)


def decide_to_close(walk: Walk, notes: Page, last: Meeting) -> None:
    """Only a meeting decides that the case ends."""
    notes.goto(f"/meetings/{last.reference}/record")
    everybody_came(notes)
    child = notes.get_by_role("region", name="Ada Fictional")
    child.get_by_label("What was decided?").fill("Close the case")
    child.get_by_label("Why?", exact=True).first.fill("She is safe and says so")
    child.get_by_label("How does the case go on?").select_option(label="Close the case")
    notes.get_by_role("button", name="Save, and the meeting was held").click()
    walk.arrive(notes, "Record of the meeting")
    assert walk.now().state == CaseState.PLAN_UNDER_WAY, "nothing closes by itself"


def close(walk: Walk, worker: Page) -> None:
    """The lead professional ends the case with all that has to be said."""
    worker.goto(f"/cases/{walk.case.reference}/end/closed")
    walk.arrive(worker, "Close")
    worker.locator("input[name=reason]").first.check()
    worker.get_by_label("What has changed, and how do you know?").fill("The man is in prison")
    worker.get_by_label("Name, if it is somebody else").fill("Hew Helper")
    worker.get_by_label("Agency", exact=True).fill("School")
    worker.get_by_label("How to reach them").fill("01632 960456")
    worker.get_by_label("What would reopen the case?").fill("Seen at the flat again")
    worker.locator("[name=minutes_reason]").fill("The chair is away until Monday")
    worker.locator("[name=undone_reason]").fill("The first meeting stood for the strategy discussion")
    worker.get_by_role("button", name="Close").click()
    walk.arrive(worker, "Ada Fictional")
    expect(worker.get_by_text("Seen at the flat again")).to_be_visible()
    assert walk.now().state == CaseState.CLOSED
    # whoever closed the case still has to tell who has no account, and the manager to sign the assessment off
    assert set(open_duties(walk.rows, walk.case)) == {"by_hand", "sign_off"}


def reopen(walk: Walk, notes: Page) -> None:
    """New information opens the same case again, and it is assessed anew."""
    notes.goto(f"/cases/{walk.case.reference}/reopen")
    walk.arrive(notes, "Reopen the case")
    notes.get_by_label("What is new?").fill("Seen at the flat again on Friday")
    notes.get_by_role("button", name="Reopen the case").click()
    walk.arrive(notes, "Ada Fictional")
    assert walk.now().state == CaseState.AWAITING_ASSESSMENT
    # nobody has to tell who has no account that it ended any more
    assert set(open_duties(walk.rows, walk.case)) == {"assessment", "sign_off"}
