"""A coordinator asks four agencies: two answer, one holds nothing, one is reminded until its lead is told.

Every mail is sent by the worker's own code and is seen on the demonstration's mail page.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import Agency, Case, InformationRequest, Team, User
from portal.pathway.calendar import add_working_days, subtract_working_days
from portal.vocabulary import Role
from tests.browser.story.conftest import Story, arrive
from tests.browser.story.post import Post, follow, post_of
from tests.cast import Cast
from tests.factories.cases import involve, make_case
from tests.factories.children import known_child
from tests.factories.people import make_user

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
        ("due", police): 2,  # the day before, and on the day
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
    for about in (silent, *answered):
        for (kind, to), count in post.sent([about]).items():
            assert post.shows(coordinator, kind=kind, to=to, about=about) == count, f"{kind} to {to}"

    coordinator.goto(f"/cases/{case.reference}")
    for said in (SEEN, PARK, "Nothing held"):
        expect(coordinator.locator(".govuk-inset-text").get_by_text(said)).to_be_visible()


def ask(page: Page, case: Case, *agencies: Agency) -> None:
    """Ask a team of each agency, from the case."""
    page.get_by_role("button", name="Ask what agencies hold").click()
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
    expect(page.get_by_role("alert")).to_contain_text("Answered")
