"""A month of a county: a child is missing three times, and what each agency learns comes together.

Police record it, social care talks to the child in time and late, the talk names a place and a car, the
council finds the place on its list and on its panel, the panel acts. At the end the child's chronology and
the network show all of it to whoever works on the case, and nothing of it to others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.panels.model import PanelItem
from portal.records.people.model import Agency, User
from portal.records.plans.model import Action
from tests.browser.story.conftest import Story, arrive
from tests.cast import Cast
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.calls import make_called_case

DISTRICT = "high_peak"
PLACE, CAR = "Larkhill Arches", "Silver hatchback"


@dataclass
class Month:
    """The child, the case on which police, social care and health work, and everybody's windows."""

    story: Story
    rows: Session
    cast: Cast
    case: Case
    child: Child

    def sign_in(self, person: User, start: str) -> Page:
        """Somebody's window, on a page."""
        return self.story.sign_in(person, start=start)

    def episodes(self) -> list[MissingEpisode]:
        """The episodes as they are by now, the first one first."""
        self.rows.rollback()
        found = select(MissingEpisode).order_by(MissingEpisode.missing_since)
        return list(self.rows.scalars(found.execution_options(populate_existing=True)))


@pytest.fixture
def month(rows: Session, cast: Cast, story: Story) -> Month:
    rows.get_one(Agency, cast.council.id).districts = [DISTRICT]
    case = make_called_case(rows, cast)
    return Month(story, rows, cast, case, rows.get_one(Child, case.child_id))


def test_a_county_acts_within_a_month_on_what_a_missing_child_says(month: Month) -> None:
    officer = month.sign_in(month.cast.officer, "/police")
    worker = month.sign_in(month.cast.social_worker, "/social-care")
    for days, hours in ((21, 30), (11, 9), (1, 14)):
        be_missing(month, officer, days, hours)
    decide_on_a_strategy_meeting(month, worker)
    talk_late_about_two(month, worker)
    talk_in_time_about_the_third(month, worker)
    make_records_of_what_was_named(month, worker)
    panel = come_before_the_panel(month, officer)
    with time_machine.travel(panel.starts_at + timedelta(minutes=10)):
        action = act(month, panel)
        carry_out(month, action)
    see_it_together(month, officer)
    see_nothing(month, panel)


def be_missing(month: Month, officer: Page, days: int, hours: int) -> None:
    """The police report the child, and for how long it was once the child is back."""
    since = clock.now() - timedelta(days=days)
    officer.goto(f"/children/{month.child.reference}")
    officer.get_by_role("link", name="Report the child as missing").click()
    arrive(officer, "Report a missing child", axe=False)
    officer.get_by_label("Missing: nobody knows where the child is").check()
    type_moment(officer, "On which day was the child last where", since)
    officer.get_by_label("Which authority is responsible for the child?").select_option("derbyshire")
    officer.get_by_label("How do the police grade it?").select_option("medium")
    officer.get_by_role("button", name="Report the child as missing").click()
    officer.get_by_role("button", name="The child is back").click()
    type_moment(
        officer,
        "On which day was the child back?",
        since + timedelta(hours=hours),
        "At what time was the child back?",
    )
    officer.get_by_label("How was the child found?").select_option("police")
    officer.get_by_label("Was the child hurt, or harmed in another way?").fill("None seen")
    officer.get_by_role("button", name="Save").click()
    expect(officer.get_by_text("a return interview is due")).to_be_visible()


def decide_on_a_strategy_meeting(month: Month, worker: Page) -> None:
    """Three within thirty days ask for a decision, once."""
    (prompt,) = month.rows.scalars(select(MissingPrompt)).all()
    assert len(prompt.episode_ids) == 3
    worker.goto("/missing")
    arrive(worker, "Missing children")
    worker.get_by_role("region", name="Repeatedly missing").get_by_role("link").first.click()
    worker.get_by_role("link", name="Look at them and decide").click()
    arrive(worker, "Decide on a strategy meeting")
    worker.get_by_role("radio").first.check()
    worker.get_by_label("One that is not on the portal").check()
    worker.get_by_role("textbox").last.fill("On Monday at two, with police and health")
    worker.get_by_role("button", name="Record the decision").click()
    expect(worker.get_by_text("On Monday at two, with police and health")).to_be_visible()


def talk_late_about_two(month: Month, worker: Page) -> None:
    """One talk is about two returns. Both were due before: it is late for each, and says why."""
    first, second, _ = month.episodes()
    begin(month, worker, first, second)
    offer(worker)
    hold(worker, clock.now() - timedelta(hours=3), late="The child could not be reached earlier")
    worker.get_by_label("What drew them?").fill("Friends who have a room")
    complete(worker)
    for episode in (first, second):
        duty = duty_of(month, episode)
        assert duty.state == DeadlineState.DONE
        assert episode.returned_at
        assert duty.due_at == duty.original_due_at == episode.returned_at + timedelta(hours=72)
        assert duty.late_reason


def talk_in_time_about_the_third(month: Month, worker: Page) -> None:
    """The third return is talked about within 72 hours; the child names a place and a car."""
    *_, third = month.episodes()
    begin(month, worker, third)
    offer(worker)
    hold(worker, clock.now() - timedelta(hours=1))
    worker.get_by_label("Where were they?").fill(f"At the {PLACE}, behind the car wash")
    worker.get_by_label("How did they travel, and who paid?").fill(f"In a {CAR.lower()}, he paid")
    complete(worker)
    duty = duty_of(month, third)
    assert (duty.state, duty.late_reason) == (DeadlineState.DONE, None)
    assert worker.get_by_role("link", name="Download PDF").is_visible()


def begin(month: Month, worker: Page, *episodes: MissingEpisode) -> None:
    """Choose which returns the talk is about."""
    worker.goto(f"/children/{month.child.reference}/return-interviews/new")
    arrive(worker, "Begin a return interview")
    for box in worker.get_by_role("checkbox").all():
        box.set_checked(box.get_attribute("value") in {one.reference for one in episodes})
    worker.get_by_role("button", name="Begin it").click()


def offer(worker: Page) -> None:
    """It is offered at once, and the child wants to talk."""
    arrive(worker, "The interview was offered")
    type_day(worker, "Which day?", clock.now() - timedelta(hours=4))
    worker.get_by_label("At what time?").fill(f"{clock.local(clock.now() - timedelta(hours=4)):%H:%M}")
    worker.get_by_label("Who offered it?").fill("Ines Quillmarsh, youth worker")
    worker.get_by_label("How?", exact=True).select_option(label="A visit")
    worker.get_by_label("Yes", exact=True).check()
    worker.get_by_role("button", name="Record it").click()


def hold(worker: Page, at: datetime, late: str = "") -> None:
    """Somebody who does not care for the child talks to them."""
    worker.get_by_role("button", name="Record that it was held").click()
    type_day(worker, "Which day?", at)
    worker.get_by_label("At what time?").fill(f"{clock.local(at):%H:%M}")
    worker.get_by_label("Who talked to the child?").fill("Ines Quillmarsh, youth worker")
    worker.get_by_label("No, they are independent").check()
    worker.get_by_label("How are they independent?").fill("The child chose her")
    for question in ("Was the child seen alone?", "Was the child told what cannot be kept confidential?"):
        worker.get_by_role("group", name=question).get_by_label("Yes", exact=True).check()
    if late:
        worker.get_by_label("Why was it late?").select_option(label=late)
    worker.get_by_role("button", name="Record it, and write down what was said").click()
    arrive(worker, "What was said")


def complete(worker: Page) -> None:
    """What was said is read as a whole, and shared with the police."""
    worker.get_by_role("button", name="Save and read it as a whole").click()
    worker.get_by_role("button", name="Complete it").click()
    worker.get_by_role("group", name="Does the risk assessment").get_by_label("Yes", exact=True).check()
    worker.get_by_label("Why?").fill("She names a place that is new")
    worker.get_by_role("group", name="Whom do you tell of it now?").get_by_label("Police").check()
    worker.get_by_role("button", name="Complete it").click()
    arrive(worker, "Return interview")


def make_records_of_what_was_named(month: Month, worker: Page) -> None:
    """From the talk, in one step each: nobody types who the child is, or where it was said, again."""
    talk = worker.url
    worker.get_by_role("region", name="A place, a car or a person in it?").get_by_role(
        "link", name="Record: place"
    ).click()
    arrive(worker, "Record: place")
    worker.get_by_label("What is it called?").fill(PLACE)
    worker.get_by_label("District").select_option(DISTRICT)
    worker.get_by_label("What is known?").fill("Young people are taken there in the evening")
    worker.get_by_label("How do they belong together?").select_option(label="Was seen or found there")
    worker.get_by_role("button", name="Record it").click()
    arrive(worker, PLACE)
    worker.goto(talk)
    worker.get_by_role("region", name="A place, a car or a person in it?").get_by_role(
        "link", name="Record: vehicle"
    ).click()
    worker.get_by_label("Make and model").fill(CAR)
    worker.get_by_label("Registration").fill("QX51 ZZZ")
    worker.get_by_label("How do they belong together?").select_option(label="Was carried in")
    worker.get_by_role("button", name="Record it").click()
    month.rows.rollback()
    kinds = {one.kind: one for one in month.rows.scalars(select(Concern))}
    assert set(kinds) == {"place", "vehicle"}
    assert kinds["place"].district == DISTRICT


def come_before_the_panel(month: Month, officer: Page) -> Meeting:
    """The council finds the place and proposes it; its members read what a coordinator has read."""
    cast, rows = month.cast, month.rows
    panel = make_meeting(
        rows,
        chair=cast.chair,
        note_taker=cast.second_coordinator,
        district=DISTRICT,
        starts_at=clock.now() + timedelta(days=2),
    )
    make_invitation(rows, panel, team=cast.council_team, by=cast.chair, role="community_safety")
    council = month.sign_in(cast.community_safety, "/council")
    council.get_by_role("link", name="Places").first.click()
    council.get_by_role("link", name=PLACE).first.click()
    arrive(council, PLACE)
    expect(council.get_by_role("main")).not_to_contain_text(month.child.family_name)
    council.goto(f"{council.url}/panel")
    arrive(council, "Propose for the district panel")
    council.get_by_label("Why should it come before the panel?").fill("Three of our wardens know it")
    council.get_by_role("button", name="Propose it").click()
    hub = month.sign_in(cast.coordinator, f"/panels/{panel.reference}/prepare")
    waiting = hub.get_by_role("region", name="Proposed by partners")
    waiting.get_by_role("button", name="Put it on").click()
    rows.rollback()
    item = rows.scalars(select(PanelItem)).one()
    hub.goto(f"/panels/items/{item.reference}/summary")
    arrive(hub, "Summary for the district panel")
    hub.get_by_label("How do the members know").fill(PLACE)
    hub.get_by_role("textbox", name="Summary").fill("Children are taken there in the evening, by car")
    hub.get_by_label("What is the panel asked to do?").fill("Light and watch it")
    hub.get_by_role("button", name="Save the summary").click()
    hub.get_by_role("link", name="Read it before the panel does").click()
    hub.get_by_role("button", name="I have read it").click()
    hub.goto(f"/panels/{panel.reference}")
    hub.get_by_role("button", name="Send the papers out").click()
    council.goto(f"/panels/{panel.reference}")
    arrive(council, "District panel")
    expect(council.get_by_text("Children are taken there in the evening, by car")).to_be_visible()
    return panel


def act(month: Month, panel: Meeting) -> Action:
    """On the day: what is said, what is decided, and who does it."""
    item = month.rows.scalars(select(PanelItem)).one()
    notes = month.sign_in(month.cast.second_coordinator, f"/panels/items/{item.reference}")
    notes.locator("#said-form textarea").fill("The owner has not answered twice")
    notes.get_by_role("button", name="Save what was said").click()
    notes.get_by_label("What did the panel decide?").fill("Light the arches and patrol them")
    notes.get_by_label("Why?", exact=True).fill("Children are met there after dark")
    notes.get_by_role("button", name="Record the decision").click()
    arrive(notes, PLACE)
    notes.get_by_role("link", name="Give an action").click()
    arrive(notes, "Give an action")
    notes.get_by_label("What is to be done?").fill("Lamps at both arches, and wardens from six to nine")
    notes.get_by_label("Or somebody else", exact=True).press_sequentially(month.cast.community_safety.name)
    notes.get_by_label(month.cast.community_safety.name).check()
    type_day(notes, "By when?", clock.now() + timedelta(days=9))
    notes.get_by_label("How will we know that it worked?").fill("Nobody under 18 is met there for a month")
    notes.get_by_role("group", name="What is it for?").get_by_label("Disrupt").check()
    notes.get_by_label("Light, cameras or a change to the place").check()
    notes.get_by_role("button", name="Give the action").click()
    month.rows.rollback()
    action = month.rows.scalars(select(Action)).one()
    assert (action.owner_id, action.case_id) == (month.cast.community_safety.id, None)
    assert action.concern_id == item.concern_id
    return action


def carry_out(month: Month, action: Action) -> None:
    """The council does what it was given, from its own list of work."""
    council = month.sign_in(month.cast.community_safety, "/work")
    council.get_by_role("link", name=action.reference).first.click()
    arrive(council, "")
    council.locator("#done-form textarea").fill("Lit since Thursday")
    council.get_by_role("button", name="Say that it is done").click()
    month.rows.rollback()
    assert month.rows.get_one(Action, action.id, populate_existing=True).state == "done"


def see_it_together(month: Month, officer: Page) -> None:
    """Whoever works on the case reads one chronology and one network."""
    officer.goto(f"/children/{month.child.reference}/chronology?words=full")
    arrive(officer, "Chronology")
    said = officer.get_by_role("main").inner_text()
    for episode in month.episodes():
        assert episode.reference in said
    for words in ("Return home interview held", PLACE, "County social care"):
        assert words in said, words
    officer.goto(f"/cases/{month.case.reference}/network")
    arrive(officer, "Places and people around the child")
    table = officer.get_by_role("table").first
    for name in (PLACE, CAR):
        expect(table).to_contain_text(name)
    picture = officer.locator(".app-net svg[role=img]")
    expect(picture).to_contain_text(PLACE)


def see_nothing(month: Month, panel: Meeting) -> None:
    """A council elsewhere and a school that works on no case find none of it, at any address."""
    place = month.rows.scalars(select(Concern).where(Concern.kind == "place")).one()
    item = month.rows.scalars(select(PanelItem)).one()
    addresses = [f"/missing/{one.reference}" for one in month.episodes()] + [
        f"/children/{month.child.reference}",
        f"/children/{month.child.reference}/chronology",
        f"/children/{month.child.reference}/chronology.pdf",
        f"/children/{month.child.reference}/return-interviews",
        f"/cases/{month.case.reference}/network",
        f"/concerns/{place.reference}",
        f"/concerns/{place.reference}/network",
        f"/panels/{panel.reference}",
        f"/panels/items/{item.reference}",
    ]
    for person in (month.cast.stranger, month.cast.teacher):
        page = month.sign_in(person, "/work")
        for address in addresses:
            assert page.request.get(address).status == 404, f"{person.name}: {address}"
        page.goto("/missing")
        expect(page.get_by_role("main")).not_to_contain_text(month.child.family_name)
    council = month.sign_in(month.cast.community_safety, "/council")
    for address in addresses[:-4]:
        assert council.request.get(address).status == 404, f"the council of the place: {address}"


def duty_of(month: Month, episode: MissingEpisode) -> Deadline:
    """The duty to talk to the child after one return."""
    month.rows.rollback()
    found = select(Deadline).where(
        Deadline.kind == DeadlineKind.RETURN_INTERVIEW, Deadline.subject_id == episode.id
    )
    return month.rows.scalars(found.execution_options(populate_existing=True)).one()


def type_day(page: Page, group: str, at: datetime) -> None:
    """Type a day into its three boxes."""
    day = clock.local(at)
    boxes = page.get_by_role("group", name=group)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        boxes.get_by_label(part, exact=True).fill(str(value))


def type_moment(page: Page, group: str, at: datetime, at_what_time: str = "At what time?") -> None:
    """Type a day and a time."""
    type_day(page, group, at)
    page.get_by_label(at_what_time, exact=True).fill(f"{clock.local(at):%H:%M}")
