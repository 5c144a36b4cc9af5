"""What is said to be limited is limited: an entry, a return interview, and who is on the case.

The police, social care and health work on the case; the council's licensing officer joins it. After every
step the outbox is read, and a second agency and a stranger look for the words on every page, list, print and
PDF, and in the search.
"""

from dataclasses import dataclass, field
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.return_interviews.model import ReturnInterview
from tests.assessments.conftest import case_of_three
from tests.browser.story.conftest import Story, arrive
from tests.browser.story.outbox import Outbox, name_teams
from tests.cast import Cast
from tests.factories.interviews import make_interview, make_return

HEARD = "Quernwick lets them sleep above the shop"
SAID = "He locks the cellar at Tharnholm"
REASON = "The man from Ulverholt came back"


@dataclass
class Looking:
    """Who may read nothing of some words, and where they look for them."""

    pages: dict[str, Page]
    case: Case
    child: Child
    also: list[str] = field(default_factory=list)

    def nobody_reads(self, *words: str, but: tuple[str, ...] = ()) -> None:
        """The words stand nowhere for any of them, however they look; those in `but` read the first."""
        for name, page in self.pages.items():
            seen = self.seen_by(page)
            found = {one: [at for at, text in seen.items() if one in text] for one in words}
            assert not self._search(page, words[0])
            assert bool(found.pop(words[0])) is (name in but), name
            assert not any(found.values()), f"{name} reads it: {found}"

    def seen_by(self, page: Page) -> dict[str, str]:
        """What everything says to somebody on which the words could stand, by its address."""
        case, child = f"/cases/{self.case.reference}", f"/children/{self.child.reference}"
        parts = ("chronology?words=full", "chronology/print", "return-interviews")
        lists = ["/cases", "/changes", "/missing", "/messages"]
        shown = [case, f"{case}/print", child, *(f"{child}/{one}" for one in parts), *lists, *self.also]
        papers = (f"{case}/chronology.pdf", f"{child}/chronology.pdf")
        return {one: page.request.get(one).text() for one in shown} | {
            one: paper(page, one) for one in papers
        }

    @staticmethod
    def _search(page: Page, words: str) -> bool:
        page.goto("/search")
        box = page.get_by_label("Name, date of birth, number or reference")
        box.fill(words.rpartition(" ")[2])
        box.press("Enter")
        expect(page.get_by_text("Nothing that you may see fits")).to_be_visible()
        return words in page.content()


def paper(page: Page, address: str) -> str:
    """The words of a PDF, in one line; none where there is no such paper for this person."""
    answer = page.request.get(address)
    if answer.headers["content-type"] != "application/pdf":
        assert answer.status in {403, 404}, (address, answer.status)
        return ""
    sheets = PdfReader(BytesIO(answer.body())).pages
    return " ".join(" ".join(one.extract_text() for one in sheets).split())


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Social care leads, police and health work on it; the child was missing, and an interview was held."""
    case = case_of_three(rows, cast)
    name_teams(rows)
    return case


@pytest.fixture
def looking(rows: Session, cast: Cast, story: Story, case: Case) -> Looking:
    """The nurse, who works on the case, and a stranger."""
    story.visitors.expect_complaints("404")
    pages = {"nurse": story.sign_in(cast.nurse), "stranger": story.sign_in(cast.stranger)}
    return Looking(pages, case, rows.get_one(Child, case.child_id))


def test_an_entry_for_two_agencies_is_read_by_two_until_it_is_for_all(
    rows: Session, cast: Cast, story: Story, case: Case, looking: Looking
) -> None:
    outbox = Outbox(rows, cast)
    police, worker = story.sign_in(cast.officer), story.sign_in(cast.social_worker)
    add(police, case, cast)
    outbox.written(police, "social_worker digest entry_added")
    entry = rows.scalars(select(ChronologyEntry).filter_by(text=HEARD)).one()
    assert entry.handling == Handling.AGENCIES
    worker.goto(f"/cases/{case.reference}")
    expect(worker.get_by_text(HEARD).first).to_be_visible()
    reads = {address for address, text in looking.seen_by(worker).items() if HEARD in text}
    assert {"/cases/{}/print", "/cases/{}/chronology.pdf"} <= {
        one.replace(case.reference, "{}") for one in reads
    }
    home = f"/cases/{case.reference}/entries/{entry.id}"
    looking.also.append(home)
    looking.nobody_reads(HEARD)

    correct(police, home, "network", "It is for all of us")
    hub = ("coordinator", "second_coordinator")
    outbox.written(police, *(f"{one} portal entry_opened" for one in ("nurse", *hub)))
    looking.nobody_reads(HEARD, but=("nurse",))

    correct(police, home, "own", "It names where he heard it")
    lose_it = ("nurse", "social_worker", "social_care_manager", "chair", *hub)
    outbox.written(police, *(f"{one} portal entry_withheld" for one in lose_it))
    looking.nobody_reads(HEARD)
    worker.goto(f"/cases/{case.reference}")
    expect(worker.get_by_text(HEARD)).to_have_count(0)


def test_an_interview_of_one_agency_tells_the_others_that_it_is_there_and_no_word_of_it(
    rows: Session, cast: Cast, story: Story, case: Case, looking: Looking
) -> None:
    held = interview_held(rows, cast, case)
    outbox = Outbox(rows, cast)
    outbox.skip()
    worker, police = story.sign_in(cast.social_worker), story.sign_in(cast.officer)
    looking.pages["officer"] = police
    home = f"/return-interviews/{held.reference}"
    looking.also.extend((home, f"{home}/pdf", f"{home}/write"))
    complete(worker, home)
    outbox.sent(worker)
    looking.nobody_reads(SAID, REASON)
    police.goto(f"/cases/{case.reference}")
    expect(
        police.get_by_text(f"has to be looked at again after return interview {held.reference}").first
    ).to_be_visible()
    police.goto(f"/children/{looking.child.reference}/return-interviews")
    expect(police.get_by_text("there is an interview that you do not read")).to_be_visible()
    arrive(police, "Return interviews")

    story.visitors.expect_complaints("404", "422")
    share(worker, home)
    outbox.sent(worker)
    narrow(worker, home, "network")
    gain_it = ("nurse", "officer", "colleague", "police_manager", "coordinator", "second_coordinator")
    outbox.written(worker, *(f"{one} portal entry_opened" for one in gain_it))
    for words in (
        SAID,
        REASON,
    ):  # why is for whoever reads the interview
        looking.nobody_reads(words, but=("officer", "nurse"))


def test_a_licensing_officer_of_a_team_on_the_case_finds_it_on_the_list_as_at_its_address(
    rows: Session, cast: Cast, story: Story, case: Case
) -> None:
    story.visitors.expect_complaints("404")
    outbox = Outbox(rows, cast)
    council, hub = story.sign_in(cast.community_safety), story.sign_in(cast.coordinator)
    for address, seen in (("/cases", False), (f"/cases/{case.reference}", False)):
        council.goto(address)
        assert ("Ada Fictional" in council.content()) is seen
    join(hub, case, cast)
    outbox.sent(hub, "council_team shared")
    council.goto("/cases")
    council.get_by_role("link", name="Ada Fictional").first.click()
    arrive(council, "Ada Fictional")


def add(page: Page, case: Case, cast: Cast) -> None:
    """The police add what they know, for themselves and social care."""
    page.goto(f"/cases/{case.reference}/entries/new")
    page.get_by_label("What kind of information is it?").select_option(label="New information")
    today = clock.today()
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("What does your agency know?").fill(HEARD)
    page.get_by_label("Only the agencies I name").check()
    page.get_by_label(cast.social_care.name).check()
    page.get_by_label("No, do not share it with the family").check()
    page.get_by_role("button", name="Add to the case").click()
    arrive(page, "Ada Fictional", axe=False)


def correct(page: Page, home: str, handling: str, why: str) -> None:
    page.goto(f"{home}/readers")
    arrive(page, "Correct who may read an entry")
    page.locator(f"[name=handling][value={handling}]").check()
    page.get_by_label("What was wrong?").fill(why)
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_text("Corrected. How it was stays on record")).to_be_visible()


def interview_held(rows: Session, cast: Cast, case: Case) -> ReturnInterview:
    """An interview that was held and written up, for social care alone."""
    episode = make_return(rows, rows.get_one(Child, case.child_id), cast.officer)
    now = clock.now()
    facts = {"offered": "yes", "offered_at": now, "accepted": True, "done_at": now, "independent": True}
    return make_interview(
        rows, [episode], cast.social_worker, answers={"where": SAID}, handling=Handling.OWN.value, **facts
    )


def complete(page: Page, home: str) -> None:
    page.goto(home)
    expect(page.get_by_text(SAID)).to_be_visible()
    page.get_by_role("button", name="Complete it").click()
    expect(page.get_by_text("to all others the case says only that it has to be looked at")).to_be_visible()
    page.get_by_role("group", name="Does the risk assessment").get_by_label("Yes").check()
    page.get_by_label("Why?").fill(REASON)
    arrive(page, "Complete the interview")
    page.get_by_role("button", name="Complete it").click()
    expect(page.get_by_text("The interview is completed")).to_be_visible()


def share(page: Page, home: str) -> None:
    """Who may not read it is not told of it, and the page says what comes first."""
    page.goto(f"{home}/share")
    page.get_by_label("The police").check()
    page.get_by_role("button", name="Tell them").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody there may read this interview: The police")


def narrow(page: Page, home: str, handling: str) -> None:
    page.goto(f"{home}/readers")
    arrive(page, "Who may read the interview")
    page.locator(f"[name=handling][value={handling}]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Return interview")


def join(page: Page, case: Case, cast: Cast) -> None:
    """The hub brings the council's team onto the case, and names nobody of it."""
    page.goto(f"/cases/{case.reference}/network/add?team={cast.council_team.id}")
    page.get_by_label("Why").first.fill("The shop has a licence")
    page.locator("main form").get_by_role("button").last.click()
    expect(page.get_by_text("now works on the case")).to_be_visible()
