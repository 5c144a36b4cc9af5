"""Asking and answering in Chromium: in three steps from a mail, by keyboard, without scripts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageChannel
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Team
from portal.records.requests.answering import answer
from portal.records.requests.model import InformationAnswer, InformationRequest
from tests.browser.conftest import check_accessible
from tests.cast import Cast
from tests.requests.conftest import Acting, asks, case, changes, questions

__all__ = ["case"]  # the fixture that these tests use

OpenAs = Callable[..., Page]
NUMBER = "943 476 5919"
WORDS = "Seen in October. Came with an aunt whom nobody knows."


@dataclass
class Hand:
    """Somebody at a page: each click, and each text that is typed, is an interaction."""

    page: Page
    count: int = 0

    def click(self, where: Locator) -> None:
        self.count += 1
        where.click()

    def write(self, where: Locator, words: str) -> None:
        self.count += 1
        where.press_sequentially(words)


@pytest.fixture
def question(rows: Session, cast: Cast, case: Case, acting: Acting) -> InformationRequest:
    """The health team is asked by the lead professional."""
    asks(acting, cast.social_worker, case, cast.health_team)
    return questions(rows)[0]


def mail_to(rows: Session, team: Team) -> UUID:
    """The message that went to a team's duty address when it was asked; its link is `/go/` with this."""
    rows.rollback()
    return rows.scalars(
        select(OutboxMessage.id).where(
            OutboxMessage.kind == "asked",
            OutboxMessage.recipient_team_id == team.id,
            OutboxMessage.channel == MessageChannel.MAIL,
        )
    ).one()


def said(rows: Session) -> list[tuple[UUID, bool, str]]:
    rows.rollback()
    found = rows.execute(
        select(InformationAnswer.agency_id, InformationAnswer.nothing_held, InformationAnswer.text).order_by(
            InformationAnswer.answered_at
        )
    )
    return [(agency, held, text) for agency, held, text in found]


def ask_four(page: Page, case: Case, cast: Cast) -> None:
    """The coordinator asks four teams on one page."""
    page.goto(f"/cases/{case.reference}/sharing")
    page.get_by_role("link", name="Ask what agencies hold").click()
    for agency, team in (
        (cast.health, cast.health_team),
        (cast.council, cast.council_team),
        (cast.school, cast.school_team),
        (cast.police, cast.police_team),
    ):
        page.get_by_role("group", name=agency.name, exact=True).get_by_label(team.name).check()
    page.get_by_label("What do you ask?").fill("Has the child been seen since September?")
    page.get_by_label("Why do you ask?").fill("To assess the risk")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("4 teams are asked")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_four_are_asked_one_answers_one_holds_nothing_and_whoever_asked_reads_it(
    rows: Session, cast: Cast, case: Case, open_as: OpenAs, scripts: bool
) -> None:
    hub = open_as(cast.coordinator, scripts=scripts)
    ask_four(hub, case, cast)

    nurse = Hand(open_as(cast.nurse, scripts=scripts))
    nurse.page.goto(f"/go/{mail_to(rows, cast.health_team)}")
    nurse.write(nurse.page.get_by_label("What does your agency hold?"), WORDS)
    nurse.click(nurse.page.get_by_label("Everyone working on this case"))
    nurse.click(nurse.page.get_by_role("button", name="Answer", exact=True))
    expect(nurse.page.get_by_text("Told by e-mail")).to_be_visible()
    assert nurse.count <= 3

    council = Hand(open_as(cast.community_safety, scripts=scripts))
    council.page.goto(f"/go/{mail_to(rows, cast.council_team)}")
    council.click(council.page.get_by_text("We hold nothing"))
    council.click(council.page.get_by_role("button", name="Answer: nothing held"))
    expect(council.page.get_by_text("Answered: nothing held")).to_be_visible()
    assert council.count == 2

    assert said(rows) == [(cast.health.id, False, WORDS), (cast.council.id, True, "")]
    hub.goto(f"/cases/{case.reference}/sharing")
    expect(hub.get_by_text(WORDS)).to_be_visible()
    items = hub.locator(".app-item")
    expect(items.filter(has_text=cast.council.name).get_by_text("Nothing held").first).to_be_visible()
    expect(items.filter(has_text="Waiting")).to_have_count(2)


def test_the_list_of_the_week_copies_a_number_and_prints(
    cast: Cast, question: InformationRequest, open_as: OpenAs
) -> None:
    page = open_as(cast.nurse, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/requests")
    page.get_by_role("link", name="The children that you are asked about this week").click()
    row = page.get_by_role("row").filter(has_text=question.reference)
    expect(row).to_contain_text(NUMBER)
    expect(row).to_contain_text("Fictional, Ada")
    expect(row).to_contain_text(question.question)
    row.get_by_role("button", name="Copy the NHS number of Ada Fictional").click()
    expect(page.get_by_role("status").filter(has_text="NHS number copied")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == NUMBER.replace(" ", "")
    page.emulate_media(media="print")
    expect(page.get_by_text(NUMBER)).to_be_visible()
    expect(page.get_by_text("OFFICIAL-SENSITIVE").first).to_be_visible()
    expect(page.get_by_text("Printed by")).to_be_visible()
    for gone in (page.get_by_role("button", name="Copy"), page.get_by_role("link", name="Today")):
        expect(gone.first).to_be_hidden()


def test_without_scripts_the_number_can_be_selected_and_no_button_stands_there_in_vain(
    cast: Cast, question: InformationRequest, open_as: OpenAs
) -> None:
    page = open_as(cast.nurse, scripts=False)
    for address in ("/requests/week", f"/requests/{question.reference}"):
        page.goto(address)
        expect(page.get_by_text(NUMBER)).to_be_visible()
        expect(page.locator("button[data-copy]")).to_be_hidden()
        assert page.get_by_text(NUMBER).evaluate("one => getComputedStyle(one).userSelect") != "none"
    page.goto("/requests/week")
    expect(page.get_by_text("choose Print in your browser")).to_be_visible()


def test_nothing_held_is_answered_by_keyboard_alone(
    rows: Session, cast: Cast, question: InformationRequest, open_as: OpenAs
) -> None:
    page = open_as(cast.nurse)
    page.goto(f"/requests/{question.reference}")
    tab_to(page, "We hold nothing")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "Answer: nothing held"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Answered: nothing held")).to_be_visible()
    assert said(rows) == [(cast.health.id, True, "")]


def test_a_team_is_asked_by_keyboard_alone(rows: Session, cast: Cast, case: Case, open_as: OpenAs) -> None:
    page = open_as(cast.social_worker)
    page.goto(f"/requests/ask/case/{case.reference}")
    page.get_by_label("Find a team").focus()
    page.keyboard.type(cast.health.name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox")).to_have_count(1)
    for _ in range(40):
        if page.evaluate("document.activeElement.type") == "checkbox":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Seen since September?")
    page.keyboard.press("Tab")
    page.keyboard.type("To assess the risk")
    tab_to(page, "Ask")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 team is asked")).to_be_visible()
    assert [one.asked_team_id for one in questions(rows)] == [cast.health_team.id]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_page_of_a_question_is_accessible(
    cast: Cast, case: Case, question: InformationRequest, acting: Acting, open_as: OpenAs, phone: bool
) -> None:
    own = f"/requests/{question.reference}"
    asker, asked = open_as(cast.social_worker, phone=phone), open_as(cast.nurse, phone=phone)
    for address in (
        f"/requests/ask/case/{case.reference}",
        "/requests",
        own,
        f"{own}/withdraw",
        f"{own}/more-time",
    ):
        look_at(asker, address, "asker", phone)
    for address in ("/requests", "/requests/week", own):
        look_at(asked, address, "asked", phone)
    changes(acting, cast.nurse, question.id, answer, text=WORDS, handling=Handling.NETWORK)
    look_at(asked, own, "answered", phone)
    look_at(asker, f"/cases/{case.reference}", "case", phone)


def look_at(page: Page, address: str, who: str, phone: bool) -> None:
    page.goto(address)
    check_accessible(page)
    if folder := os.environ.get("PICTURES"):
        size = "phone" if phone else "desk"
        page.screenshot(path=Path(folder) / f"{who}{address.replace('/', '_')}_{size}.png", full_page=True)


def focused(page: Page) -> str:
    """The words of what the keyboard is on."""
    words: Any = page.evaluate("(document.activeElement.innerText ?? '').trim()")
    return str(words)


def tab_to(page: Page, words: str, most: int = 60) -> None:
    """Press Tab until the keyboard is on what bears these words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == words:
            return
    pytest.fail(f"the keyboard never came to “{words}”")
