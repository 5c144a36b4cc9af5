"""A child who is missing, from the school's report under another spelling to the interview afterwards.

The school, the missing desk of the police, the hub and social care act, each in a window of their own. After
every step the outbox is read: who was told, and that what the page says of it is so.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team
from portal.records.return_interviews.model import ReturnInterview
from portal.vocabulary import Desk
from tests.assessments.conftest import case_of_three
from tests.browser.story.conftest import Story, arrive
from tests.browser.story.outbox import Outbox, name_teams, said_on
from tests.cast import Cast
from tests.missing.test_same_child import find_by_name

DESKS = {"police_other_team", "hub_team", "social_care_team"}
REPORTER = {"teacher"}  # who reported the child hears how it goes on
AROUND = {"officer", "nurse", "social_worker", "police_team", "health_team"}
REASON = "An older boy drives him to Sheffield"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A known child, on whose case social care, police and health work; and the desks that are told."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    case = case_of_three(rows, cast)
    child = rows.get_one(Child, case.child_id)
    child.given_name, child.family_name = "Yarrowmir", "Quenthelby"
    find_by_name(rows, child)
    name_teams(rows)
    return case


def test_a_child_is_reported_known_looked_for_found_and_listened_to(
    rows: Session, cast: Cast, story: Story, case: Case
) -> None:
    story.visitors.expect_complaints("404")  # the school asks for an interview that it does not read
    outbox = Outbox(rows, cast)
    school, desk = story.sign_in(cast.teacher), story.sign_in(cast.neighbour)
    hub, worker = story.sign_in(cast.coordinator), story.sign_in(cast.social_worker)

    episode = report(school, rows)
    outbox.sent(school, *told("missing_reported", DESKS), "hub_team missing_match")
    assert "police missing desk" in said_on(school)
    worker.goto("/cases")
    expect(worker.get_by_text("Missing now since")).to_have_count(0)

    grade(desk, episode)
    outbox.sent(desk, *told("missing_changed", DESKS | REPORTER))
    enquire(desk, episode)
    outbox.sent(desk)  # the desk wrote it itself; whoever else heard of the report finds it in the portal

    answer(hub, episode)
    outbox.sent(hub, *told("missing_reported", AROUND), *told("missing_another", DESKS))
    shows_it(worker, case, episode)
    school.goto(f"/missing/{episode.reference}")
    arrive(school, "Yarowmir Quentelby", axe=False)
    assert "Yarrowmir" not in school.content(), "the school knows no more than it said"

    back(desk, episode)
    outbox.sent(desk, *told("missing_returned", AROUND | DESKS | REPORTER))
    worker.goto("/cases")
    expect(worker.get_by_text("Missing now since")).to_have_count(0)

    interview = listen(worker, rows, episode)
    outbox.sent(worker)
    complete(worker, interview)
    outbox.sent(worker, "police_team interview_shared")
    desk.goto(f"/return-interviews/{interview.reference}")
    expect(desk.get_by_text("The arcade")).to_be_visible()
    school.goto(f"/return-interviews/{interview.reference}")
    assert "The arcade" not in school.content()


def told(kind: str, who: set[str]) -> set[str]:
    """Each of them, and of which kind."""
    return {f"{one} {kind}" for one in who}


def report(page: Page, rows: Session) -> MissingEpisode:
    page.goto("/missing/report")
    page.get_by_label("First names").fill("Yarowmir")
    page.get_by_label("Family name").fill("Quentelby")
    page.get_by_label("Missing: nobody knows where the child is").check()
    at = day(page, "On which day was the child last where they should be?", timedelta(hours=5))
    page.get_by_label("At what time?", exact=True).fill(at)
    page.get_by_label("Which authority is responsible for the child?").select_option("derbyshire")
    arrive(page, "Report a missing child")
    page.get_by_role("button", name="Report the child as missing").click()
    expect(page.get_by_text("If you have not rung the police about it, ring them now")).to_be_visible()
    rows.rollback()
    return rows.scalars(select(MissingEpisode)).one()


def grade(page: Page, episode: MissingEpisode) -> None:
    page.goto("/missing")
    page.get_by_role("link", name="Yarowmir Quentelby").first.click()
    page.get_by_role("link", name="Add to it or correct it").click()
    page.get_by_label("Police grade").select_option("high")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Missing now")).to_contain_text("Police grade: High")


def enquire(page: Page, episode: MissingEpisode) -> None:
    page.get_by_role("link", name="Add an enquiry").click()
    page.get_by_label("What was asked or done, and what came of it?").fill(
        "Rang the aunt, who has not seen him"
    )
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Rang the aunt, who has not seen him")).to_be_visible()


def answer(page: Page, episode: MissingEpisode) -> None:
    page.goto("/missing")
    page.get_by_role("link", name="Yarowmir Quentelby").first.click()
    arrive(page, "Is it the same child?")
    page.get_by_label("Yes, the same child").check()
    page.get_by_label("How do you know?").fill("The school gave the same mother")
    page.get_by_role("button", name="Record the answer").click()
    arrive(page, "Yarrowmir Quenthelby", axe=False)


def shows_it(page: Page, case: Case, episode: MissingEpisode) -> None:
    """Whoever works with the child sees it on the list, on the case and in the chronology."""
    page.goto("/cases")
    expect(page.get_by_text("Missing now since")).to_be_visible()
    page.goto(f"/cases/{case.reference}")
    banner = page.get_by_role("region", name="Missing now")
    expect(banner).to_contain_text("Police grade: High")
    page.get_by_role("link", name="Whole chronology").click()
    expect(page.get_by_role("region", name="Missing now")).to_be_visible()
    expect(page.get_by_role("link", name="Not back yet")).to_have_attribute(
        "href", f"/missing/{episode.reference}"
    )


def back(page: Page, episode: MissingEpisode) -> None:
    page.goto(f"/missing/{episode.reference}/found")
    at = day(page, "On which day was the child back?", timedelta(minutes=10))
    page.get_by_label("At what time was the child back?").fill(at)
    page.get_by_label("How was the child found?").select_option("police")
    page.get_by_label("Was the child hurt, or harmed in another way?").fill("None seen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("a return interview is due")).to_be_visible()


def listen(page: Page, rows: Session, episode: MissingEpisode) -> ReturnInterview:
    """Social care offers a talk, somebody independent holds it, and it is written down."""
    page.goto(f"/missing/{episode.reference}")
    page.get_by_role("link", name="Return interviews").first.click()
    page.get_by_role("button", name="Begin an interview").click()
    page.get_by_role("button", name="Begin it").click()
    page.get_by_label("How?").select_option("phone")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Record it").click()
    page.get_by_role("button", name="Record that it was held").click()
    page.get_by_label("Who talked to the child?").fill("Ines Hollowell, youth worker")
    page.get_by_label("No, they are independent").check()
    page.get_by_label("How are they independent?").fill("From another service")
    page.get_by_role("group", name="Was the child seen alone?").get_by_label("Yes").check()
    page.get_by_role("group", name="Was the child told").get_by_label("Not known").check()
    page.get_by_role("button", name="Record it, and write down").click()
    page.get_by_label("Where were they?").fill("The arcade")
    page.get_by_role("button", name="Save and read it as a whole").click()
    expect(page.get_by_text("The arcade")).to_be_visible()
    rows.rollback()
    return rows.scalars(select(ReturnInterview)).one()


def complete(page: Page, interview: ReturnInterview) -> None:
    page.get_by_role("button", name="Complete it").click()
    assessment = page.get_by_role("group", name="Does the risk assessment")
    assessment.get_by_label("Yes").check()
    page.get_by_label("Why?").fill(REASON)
    page.get_by_label("The police").check()
    page.get_by_role("button", name="Complete it").click()
    expect(page.get_by_text("The interview is completed")).to_be_visible()


def day(page: Page, group: str, ago: timedelta) -> str:
    """Fill in a day, and give the time of day."""
    at = clock.local(clock.now() - ago)
    boxes = page.get_by_role("group", name=group)
    for part, value in (("Day", at.day), ("Month", at.month), ("Year", at.year)):
        boxes.get_by_label(part).fill(str(value))
    return f"{at:%H:%M}"
