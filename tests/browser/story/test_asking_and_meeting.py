"""A coordinator asks four agencies and calls a meeting, and everybody hears of it in time.

Two answer, one holds nothing, one is reminded until its lead is told. The meeting is moved and held.
Every mail is sent by the worker's own code and is seen on the demonstration's mail page.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, time
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import Agency, Team, User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Role
from tests.browser.story.conftest import Story, arrive, everybody_came
from tests.browser.story.post import Post, follow, post_of
from tests.cast import Cast
from tests.factories.cases import involve, make_case
from tests.factories.children import known_child
from tests.factories.people import make_user
from tests.meetings.calls import make_called_case

QUESTION = "When did you last see Ada, and with whom?"
SEEN = "Seen at the walk-in clinic on Monday, with a man she called her cousin."
PARK = "Wardens met her in Example Park twice this month."


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    child = known_child(rows, "Ada", "Fictional", by=cast.social_worker)
    case = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    return case


@pytest.fixture
def lead(rows: Session, cast: Cast) -> User:
    """Who leads the police; the team that is asked has another manager."""
    person = make_user(rows, cast.police, "Lena Lead", Role.MANAGER, teams=(cast.police_team,))
    cast.police.lead_id = person.id
    rows.commit()
    return person


@pytest.fixture
def post(app: Flask, lead: User, story: Story, tmp_path: Path) -> Iterator[Post]:
    with post_of(app, story, tmp_path / "mail") as found:
        yield found


def test_four_agencies_are_asked_and_the_silent_one_is_reminded_until_its_lead_hears_of_it(
    rows: Session, cast: Cast, case: Case, lead: User, story: Story, post: Post
) -> None:
    coordinator = story.sign_in(cast.coordinator, start=f"/cases/{case.reference}")
    ask(coordinator, case, cast.police, cast.health, cast.council, cast.school)
    asked = {one.asked_agency_id: one for one in rows.scalars(select(InformationRequest))}
    reference = {agency_id: one.reference for agency_id, one in asked.items()}
    tomorrow = add_working_days(clock.today(), 1)
    post.work(tomorrow)

    nurse = open_question(story, post, cast.nurse, cast.health_team, reference[cast.health.id])
    answer(nurse, SEEN)
    safety = open_question(story, post, cast.community_safety, cast.council_team, reference[cast.council.id])
    answer(safety, PARK)
    teacher = open_question(
        story, post, cast.teacher, cast.school_team, reference[cast.school.id], phone=True
    )
    teacher.get_by_text("We hold nothing", exact=True).click()
    teacher.get_by_role("button", name="Answer: nothing held").click()
    expect(teacher.get_by_role("alert")).to_contain_text("Answered: nothing held")

    due = clock.local(asked[cast.police.id].due_at).date()
    ladder = [subtract_working_days(due, 1), due, add_working_days(due, 1), add_working_days(due, 3)]
    post.work(tomorrow, *ladder)

    silent, asker, police = reference[cast.police.id], cast.coordinator.email, cast.police_team.duty_email
    answered = [reference[agency.id] for agency in (cast.health, cast.council, cast.school)]
    assert post.sent([silent]) == {
        ("asked", police): 1,
        ("due", police): 1,  # on the day; the day before it is a line of its people's morning message
        ("late", police): 1,
        ("late", cast.police_manager.email): 1,
        ("late", lead.email): 1,
        ("late", asker): 2,
    }
    assert post.sent(answered) == {
        ("asked", cast.health_team.duty_email): 1,
        ("asked", cast.council_team.duty_email): 1,
        ("asked", cast.school_team.duty_email): 1,
        ("answered", asker): 3,
    }
    check_shown(coordinator, post, [silent, *answered])

    coordinator.goto(f"/cases/{case.reference}/sharing")
    for said in (SEEN, PARK, "Nothing held"):
        expect(coordinator.locator(".govuk-inset-text").get_by_text(said)).to_be_visible()


def ask(page: Page, case: Case, *agencies: Agency) -> None:
    """Ask a team of each agency, from the case."""
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Ask an agency").click()
    arrive(page, "Ask what agencies hold")
    for agency in agencies:
        page.get_by_role("group", name=agency.name).get_by_label("Duty team").check()
    page.get_by_label("What do you ask?").fill(QUESTION)
    page.get_by_label("Why do you ask?").fill("She came back with a new phone.")
    page.get_by_role("button", name="Ask", exact=True).click()
    arrive(page, "Ada Fictional", axe=False)
    expect(page.get_by_role("alert")).to_contain_text("4 teams are asked")


def open_question(
    story: Story, post: Post, person: User, team: Team, about: str, *, phone: bool = False
) -> Page:
    """From the mail in the mailbox of somebody's team to the question."""
    page = story.open(phone=phone)
    post.open_mail(page, kind="asked", to=team.duty_email, about=about)
    follow(page, person, story.rows.get_one(Agency, person.agency_id))
    arrive(page, "Ada Fictional")
    expect(page.get_by_text(QUESTION)).to_be_visible()
    return page


def answer(page: Page, words: str) -> None:
    """Three interactions: what is held, who may read it, and send."""
    page.get_by_label("What does your agency hold?").fill(words)
    page.get_by_label("Everyone working on this case").check()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You answered the question")


@pytest.fixture
def worked_case(rows: Session, cast: Cast) -> Case:
    """A case on which social care, police and health work."""
    return make_called_case(rows, cast)


def test_a_meeting_is_convened_moved_and_attended_and_everybody_invited_is_told_in_time(
    rows: Session, cast: Cast, worked_case: Case, story: Story, post: Post
) -> None:
    tomorrow = add_working_days(clock.today(), 1)
    first, moved = add_working_days(tomorrow, 7), add_working_days(tomorrow, 9)
    coordinator = story.sign_in(cast.coordinator, start=f"/cases/{worked_case.reference}")
    call(coordinator, first)
    meeting = rows.scalars(select(Meeting)).one()
    about = meeting.reference
    post.work(tomorrow)

    nurse = open_invitation(story, post, cast.nurse, cast.health_team.duty_email, about)
    reply(nurse, "I am coming")
    officer = open_invitation(story, post, cast.officer, cast.police_team.duty_email, about)
    officer.get_by_label("Nobody of the team can come").check()
    officer.get_by_label("Why can you not come?").fill("We are all in court that day")
    reply(officer)
    chair = story.sign_in(cast.chair, start=f"/meetings/{about}")
    move(chair, moved)
    post.work(tomorrow)

    post.open_mail(officer, kind="meeting_changed", to=cast.police_team.duty_email, about=about)
    expect(officer.get_by_role("heading", name="Calendar entry")).to_be_visible()
    officer.locator("a[href*='/go/']").click()
    arrive(officer, "Invitation", axe=False)
    expect(officer.locator("#answer")).to_contain_text("No reply yet")
    reply(officer, "I am coming")

    post.work(*(subtract_working_days(day, apart) for day in (first, moved) for apart in (5, 1)))
    with time_machine.travel(at_local(moved, time(14, 40))):
        hold(chair, about)
    post.work(add_working_days(moved, 1), add_working_days(moved, 3))

    rows.expire_all()
    assert meeting.state == MeetingState.HELD
    run_by, teams = (
        [cast.chair, cast.coordinator],
        [cast.social_care_team, cast.police_team, cast.health_team],
    )
    called = [person.email for person in run_by] + [team.duty_email for team in teams]
    expected = Counter(("invited", to) for to in called)
    expected += Counter(("meeting_changed", to) for to in (*called, cast.nurse.email))
    expected += Counter([("meeting_reply", cast.chair.email)])
    named = [cast.officer.email, cast.nurse.email, cast.social_worker.email]  # workers of the teams invited
    expected += Counter(("invited", to) for to in named)
    expected += Counter(("meeting_changed", to) for to in (cast.officer.email, cast.social_worker.email))
    expected += Counter([("case_news", cast.social_worker.email)])
    expected += Counter(("sector_missing", to) for to in (cast.chair.email, cast.social_worker.email))
    expected += Counter([("papers_missing", cast.chair.email)])
    expected += Counter([("not_answered", cast.social_care_manager.email)])
    assert post.sent([about]) == expected
    check_shown(coordinator, post, [about])


def call(page: Page, day: date) -> None:
    """Call a first meeting on a day, of the teams that work on the case."""
    page.get_by_role("link", name="Call a meeting").click()
    arrive(page, "Call a meeting")
    page.get_by_role("radio", name="First meeting").check()
    say_when(page, day)
    page.get_by_label("Place", exact=True).fill("Room 1")
    page.get_by_label("Chair", exact=True).select_option(label="Chas Chair, County social care")
    page.get_by_label("Note-taker", exact=True).select_option(label="Cora Coordinator (you), Hub")
    page.get_by_role("radio", name="No, or not yet").check()
    page.get_by_role("button", name="Call the meeting").click()
    arrive(page, "First meeting", axe=False)


def say_when(page: Page, day: date) -> None:
    """Half an hour past two until four."""
    for name, part in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(name, exact=True).fill(str(part))
    page.get_by_label("Starts at").fill("14:30")
    page.get_by_label("Ends at").fill("16:00")


def open_invitation(story: Story, post: Post, person: User, to: str, about: str) -> Page:
    """From the mail in the mailbox of somebody's team to the invitation."""
    page = story.open()
    post.open_mail(page, kind="invited", to=to, about=about)
    expect(page.get_by_role("heading", name="Calendar entry")).to_be_visible()
    follow(page, person, story.rows.get_one(Agency, person.agency_id))
    arrive(page, "Invitation")
    return page


def reply(page: Page, words: str = "") -> None:
    """Answer an invitation."""
    if words:
        page.get_by_role("radio", name=words).check()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator("#answer")).to_contain_text("Coming" if words else "Apologies")


def move(page: Page, day: date) -> None:
    """Put the meeting on another day."""
    page.get_by_role("link", name="Move it").click()
    arrive(page, "Move the meeting")
    say_when(page, day)
    page.get_by_label("Why?").fill("The police are in court")
    page.get_by_role("button", name="Move the meeting").click()
    arrive(page, "First meeting", axe=False)


def hold(page: Page, meeting: str) -> None:
    """On the day: everybody was there."""
    page.goto(f"/meetings/{meeting}")
    page.get_by_role("button", name="Record who comes").click()
    arrive(page, "Who comes?")
    everybody_came(page)
    page.get_by_role("button", name="The meeting was held").click()
    arrive(page, "First meeting", axe=False)


def check_shown(page: Page, post: Post, about: Iterable[str]) -> None:
    """Each mail that was sent about some records is on the page of what arrived."""
    for one in about:
        for (kind, to), count in post.sent([one]).items():
            assert post.shows(page, kind=kind, to=to, about=one) == count, f"{kind} to {to}"
