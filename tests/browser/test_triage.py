"""Triage and deciding in Chromium: accessible, on a desk and a phone, by keyboard, and without scripts."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child, NameKey
from portal.records.children.rules import Facts, child_keys
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails, PersonDetails
from portal.records.triage.model import TriageDecision
from portal.vocabulary import ReferralState, TriageColour
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import make_case, make_child
from tests.factories.referrals import add_message, make_sent_referral
from tests.triage.conftest import PARK, SOURCE, answers

Open = Callable[..., Page]
STORY = (
    "Ada and her brother Benedict were picked up outside Example Park by a man who calls himself Big T. "
    "Ada came back after midnight with a new phone. She says that she owes him money. "
    "Benedict was hurt on the arm and would not say how.\nCleo saw it and is frightened."
)
CHILDREN = [
    ChildDetails(given_name="Ada", family_name="Fictional", age=14, school="Example Academy", gender="girl"),
    ChildDetails(given_name="Benedict", family_name="Fictional", age=12),
    ChildDetails(given_name="Cleo", family_name="Invented", not_known=("dob",)),
]


@pytest.fixture
def known(rows: Session, cast: Cast) -> Child:
    """A known child with an open case, who resembles the first child on the form."""
    born = clock.today().replace(year=clock.today().year - 14, day=1)
    child = make_child(rows, "Adah", "Fictional", dob=born, nhs_number="9434765919")
    other = make_child(rows, "Ada", "Fictitious", dob=born.replace(year=born.year - 1))
    for one in (child, other):
        facts = Facts(names=(f"{one.given_name} {one.family_name}",), born=one.dob)
        keys = child_keys(facts, current_policy().names)
        rows.add_all(NameKey(child_id=one.id, key=key) for key in keys)
    rows.commit()
    make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator, level="high")
    return child


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form on three children, a person and a place."""
    return make_sent_referral(
        rows,
        cast.officer,
        children=CHILDREN,
        others=[PersonDetails(other_names="Big T", age=30, description="Tall, grey hood"), PARK],
        answers=answers(STORY, types=("cse", "cce")),
        colour=TriageColour.RED,
        due_at=clock.now() + timedelta(hours=3),
        source=SOURCE,
    )


@pytest.fixture
def simple(rows: Session, cast: Cast) -> Referral:
    """A form on one child and nothing else."""
    return make_sent_referral(
        rows, cast.teacher, children=CHILDREN[:1], answers=answers("Ada was seen in a car."),
        due_at=clock.now() + timedelta(days=2),
    )  # fmt: skip


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for people, where `PICTURES` names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


class Hand:
    """Counts what a person does: a click, a key that sends, or a field filled in."""

    def __init__(self) -> None:
        self.count = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.count += 1

    def fill(self, what: Locator, text: str) -> None:
        what.fill(text)
        self.count += 1


def test_every_page_of_triage_is_accessible_on_a_desk_and_fits_a_phone(
    rows: Session, cast: Cast, form: Referral, simple: Referral, known: Child, open_as: Open
) -> None:
    _fill_queue(rows, cast)
    add_message(rows, form, cast.coordinator)
    desk, phone = open_as(cast.coordinator), open_as(cast.coordinator, phone=True)
    home = f"/triage/{form.reference}"
    for name, address in {
        "queue": "/triage",
        "queue-filtered": "/triage?district=high_peak&type=cse",
        "form": home,
        "compare": f"{home}/children/1/{known.reference}",
        "new-child": f"{home}/children/3/new",
        "decide": f"{home}/decide",
        "decide-one": f"{home}/decide?about=1",
        "tell": f"{home}/tell",
        "tell-about": f"{home}/tell?about=1",
        "colour": f"{home}/colour",
        "hand-over": f"{home}/hand-over",
        "reopen": f"{home}/reopen",
        "feedback": f"{home}/feedback",
    }.items():
        desk.goto(address)
        picture(desk, name)
        check_accessible(desk)
        phone.goto(address)
        picture(phone, f"{name}-phone")
        check_width(phone)


def test_no_further_action_takes_at_most_eight_interactions_from_the_queue(
    rows: Session, cast: Cast, simple: Referral, open_as: Open
) -> None:
    page, hand = open_as(cast.coordinator), Hand()
    page.goto("/triage")
    hand.click(page.locator("#triage-list tr").filter(has_text=simple.reference).get_by_role("link"))
    hand.click(page.get_by_role("button", name="Decide", exact=True))
    hand.click(page.get_by_label("No further action"))
    hand.fill(page.get_by_label("Why?", exact=True), "Known, and dealt with by the school")
    hand.click(page.get_by_role("button", name="Decide", exact=True))
    expect(page.get_by_role("alert").first).to_contain_text("Everything on this form is decided")
    hand.click(page.get_by_role("button", name="Tell the sender"))
    hand.click(page.get_by_role("button", name="Send and finish"))
    rows.expire_all()
    assert rows.get_one(Referral, simple.id).state == ReferralState.FED_BACK
    assert hand.count <= 8, f"it took {hand.count} interactions, the sender told as well"


def test_adding_to_a_case_takes_at_most_twelve_interactions_from_the_queue(
    rows: Session, cast: Cast, simple: Referral, known: Child, open_as: Open
) -> None:
    page, hand = open_as(cast.coordinator), Hand()
    page.goto("/triage")
    hand.click(page.locator("#triage-list tr").filter(has_text=simple.reference).get_by_role("link"))
    hand.click(page.get_by_role("button", name=f"This is the child Adah Fictional, {known.reference}"))
    hand.click(page.get_by_role("button", name="Decide", exact=True))
    hand.click(page.get_by_label("Add to a case that is open"))
    hand.fill(page.get_by_label("Why?", exact=True), "New to the case")
    hand.click(page.get_by_role("button", name="Decide", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tell agencies")
    hand.click(page.get_by_role("button", name="Next: tell the sender"))
    hand.click(page.get_by_role("button", name="Send and finish"))
    decision = rows.scalars(select(TriageDecision).filter_by(referral_id=simple.id)).one()
    assert decision.case_id == rows.scalars(select(Case.id)).one()
    assert hand.count <= 12, f"it took {hand.count} interactions, the sender told as well"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_one_child_of_three_is_given_a_case_and_told_about(
    cast: Cast, form: Referral, known: Child, open_as: Open, visitors: Visitors, scripts: bool
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.coordinator, scripts=scripts)
    page.goto(f"/triage/{form.reference}")
    page.get_by_role("button", name=f"This is the child Adah Fictional, {known.reference}").click()
    page.get_by_role("link", name="Decide about Ada Fictional").click()
    page.get_by_label("Add to a case that is open").check()
    expect(page.get_by_label("Words for the case of Ada Fictional")).to_have_value(
        "Ada came back after midnight with a new phone. She says that she owes him money."
    )
    picture(page, f"decide-add{'' if scripts else '-plain'}")
    page.get_by_label("Why?", exact=True).fill("New to the case")
    page.get_by_role("button", name="Decide", exact=True).click()
    page.get_by_label("Ada Fictional", exact=True).check()
    page.get_by_role("button", name="Start the words afresh").click()
    page.get_by_label("Police: Duty team").check()
    page.get_by_label("Share it, in these words").check()
    words = page.get_by_label("What they are told")
    words.fill(f"{words.input_value()} Benny was there too.")
    page.get_by_role("group", name="Does the family know").get_by_label("Yes").check()
    page.get_by_role("button", name="Save this decision").click()
    expect(page.get_by_role("alert").first).to_contain_text("“Benny”")
    picture(page, f"tell-refused{'' if scripts else '-plain'}")
    if scripts:
        check_accessible(page)
    words = page.get_by_label("What they are told")
    words.fill(words.input_value().replace(" Benny was there too.", ""))
    page.get_by_role("button", name="Save this decision").click()
    expect(page.locator(".app-told")).to_contain_text("Police: Duty team")
    picture(page, f"told{'' if scripts else '-plain'}")


def test_the_whole_of_it_can_be_done_by_keyboard(
    rows: Session, cast: Cast, simple: Referral, open_as: Open
) -> None:
    page = open_as(cast.coordinator)
    page.goto(f"/triage/{simple.reference}/decide")
    page.get_by_label("No further action").focus()
    page.keyboard.press("Space")
    page.get_by_label("Why?", exact=True).focus()
    page.keyboard.type("Nothing new")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Everything on this form is decided")


def test_what_does_not_matter_for_the_answer_is_not_asked(cast: Cast, form: Referral, open_as: Open) -> None:
    page = open_as(cast.coordinator)
    page.goto(f"/triage/{form.reference}/decide")
    expect(page.get_by_text("What goes onto the case")).to_be_hidden()
    expect(page.get_by_text("What sort of information is it?")).to_be_hidden()
    page.get_by_label("Keep as intelligence only").check()
    expect(page.get_by_text("What sort of information is it?")).to_be_visible()
    expect(page.get_by_label("Words that others may see")).to_be_hidden()
    page.get_by_label("Intelligence", exact=True).check()
    expect(page.get_by_label("Words that others may see")).to_have_value(STORY)
    page.get_by_label("Open a case").check()
    expect(page.get_by_label("Which team leads?")).to_be_visible()
    picture(page, "decide-open")
    check_accessible(page)


def test_filters_apply_themselves_and_without_scripts_by_a_button(
    rows: Session, cast: Cast, form: Referral, simple: Referral, open_as: Open
) -> None:
    for scripts in (True, False):
        page = open_as(cast.coordinator, scripts=scripts)
        page.goto("/triage")
        page.get_by_text("Sent by", exact=True).first.click()
        page.get_by_label("School", exact=True).check()
        if not scripts:
            page.get_by_role("button", name="Show").click()
        listed = page.locator("#triage-list th")
        expect(listed.filter(has_text=form.reference)).to_have_count(0)
        expect(listed.filter(has_text=simple.reference)).to_be_visible()


def _fill_queue(rows: Session, cast: Cast) -> None:
    now = clock.now()
    facts: list[dict[str, Any]] = [
        {"colour": TriageColour.GREEN, "due_at": now - timedelta(hours=30)},
        {"colour": TriageColour.RED, "due_at": now - timedelta(minutes=20)},
        {"colour": TriageColour.AMBER, "due_at": now + timedelta(hours=20)},
        {"colour": TriageColour.GREEN, "due_at": now + timedelta(days=3), "state": ReferralState.DECIDED},
        {"colour": TriageColour.AMBER, "due_at": now + timedelta(hours=7), "state": ReferralState.IN_TRIAGE,
         "claimed_by": cast.second_coordinator.id},
        {"due_at": now + timedelta(days=2), "state": ReferralState.WAITING_FOR_SENDER},
    ]  # fmt: skip
    for each in facts:
        make_sent_referral(rows, cast.nurse, answers=answers(district="erewash", types=("cce",)), **each)
