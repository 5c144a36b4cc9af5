"""Stories that people of the demonstration act out as they do at work, each click and each field counted.

A click on a link, a button, an answer or a box is one; so is a field that is filled in, each box of a date by
itself, and a choice from a list. To look, to scroll and to go to the next field by the keyboard are none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from portal import clock

#: Everybody begins here.
START = "/home"


@dataclass
class Hand:
    """Somebody at a page."""

    page: Page
    count: int = 0
    done: list[str] = field(default_factory=list)

    def click(self, what: Locator) -> None:
        """Press or choose something."""
        self._count(what)
        what.click()

    def link(self, name: str, within: str = "body") -> None:
        """Follow a link; some look like buttons."""
        self.click(self.page.locator(within).locator("a", has_text=name).first)

    def button(self, name: str) -> None:
        """Press a button."""
        self.click(self.page.get_by_role("main").get_by_role("button", name=name).first)

    def choose(self, label: str, group: str = "") -> None:
        """Give an answer, or tick a box."""
        where = self.page.get_by_role("group", name=group) if group else self.page.get_by_role("main")
        self.click(where.get_by_label(label, exact=True).first)

    def write(self, label: str, words: str, group: str = "") -> None:
        """Fill a field in."""
        where = self.page.get_by_role("group", name=group) if group else self.page.get_by_role("main")
        what = where.get_by_label(label, exact=True).first
        self._count(what)
        what.fill(words)

    def day(self, group: str) -> None:
        """Say that it was today."""
        found = self.page.get_by_role("group", name=group)
        if (today := found.get_by_role("button", name="Today")).count():
            return self.click(today)
        now = clock.today()
        for part, number in (("Day", now.day), ("Month", now.month), ("Year", now.year)):
            self.write(part, str(number), group)
        return None

    def pick(self, label: str, option: str) -> None:
        """Choose from a list."""
        what = self.page.get_by_label(label, exact=True)
        self._count(what)
        what.select_option(label=option)

    def option(self, label: str, part: str) -> str:
        """The first choice of a list that has this in it."""
        listed = self.page.get_by_label(label, exact=True).locator("option").all_inner_texts()
        return next(one for one in listed if part in one)

    def arrive(self, heading: str) -> None:
        """The page is the one that is headed so."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)

    def _count(self, what: Locator) -> None:
        self.count += 1
        self.done.append(str(what).partition("selector=")[2] or str(what))


@dataclass(frozen=True)
class Told:
    """A story: who acts it out, in how many interactions at most, and how."""

    name: str
    person: str
    most: int
    act: Callable[[Hand], None]
    #: What somebody else does first, who is not counted.
    before: tuple[str, Callable[[Hand], None]] | None = None


def share_minimal(hand: Hand) -> None:
    """What has to be said, and no more."""
    hand.link("Share a concern", within="header")
    hand.choose("No")
    hand.button("Continue")
    hand.choose("One or more children")
    hand.click(hand.page.locator("aside button", has_text="What happened"))
    hand.write("What happened?", "Two men waited for her outside the school.")
    hand.click(hand.page.locator("aside button", has_text="Check and send"))
    hand.button("Send to the hub")
    hand.arrive("Sent to the hub")


def share_rich(hand: Hand) -> None:
    """A child, a place and a car, whose words it rests on, and what the family knows."""
    hand.link("Share a concern", within="header")
    hand.choose("No")
    hand.button("Continue")
    hand.choose("One or more children")
    hand.choose("Child criminal exploitation")
    hand.button("Continue")
    hand.write("First name", "Quib")
    hand.write("Last name", "Fictional")
    hand.write("Age, if you do not know the date of birth", "14")
    hand.button("Continue")
    hand.button("Add a place")
    hand.write("Name of the place", "The car wash")
    hand.button("Add a vehicle")
    hand.write("Registration", "AB12")
    hand.button("Continue")
    hand.write("In one line, what worries you?", "Men wait for him with parcels")
    hand.write("What happened?", "Two men waited for him outside the school with parcels.")
    hand.button("Continue")
    hand.write("Who or what told you?", "A neighbour")
    hand.choose("Yes")
    hand.button("Continue")
    hand.choose("Yes")
    hand.button("Continue")
    hand.button("Send to the hub")
    hand.arrive("Sent to the hub")


def missing(hand: Hand) -> None:
    """A child of whom a name is known is missing since this morning."""
    hand.link("Report a missing child", within="main")
    hand.write("First names", "Quib")
    hand.write("Family name", "Fictional")
    hand.choose("Missing: nobody knows where the child is")
    hand.day("On which day was the child last where they should be?")
    hand.write("At what time?", "0:01")
    hand.button("Report the child as missing")
    hand.arrive("Quib Fictional")


def triage_to_told(hand: Hand) -> None:
    """A form on one child: claimed, the child put on record, a case opened, two teams and the sender told."""
    hand.link("Asked for contraception", within="#triage-list")
    hand.button("Claim")
    hand.link("A new child, or another known child", within="main")
    hand.button("Start a record")
    hand.link("Decide", within="main")
    hand.choose("Open a case")
    hand.pick("Which team leads?", hand.option("Which team leads?", "social care"))
    hand.choose("Normal")
    hand.write("Why?", "At risk, and nobody works with her yet")
    hand.button("Decide")
    hand.arrive("Tell agencies")
    for team in ("Constabulary", "Community Health"):
        hand.click(hand.page.get_by_label(team).first)
    hand.choose("Share it, in these words")
    hand.choose("Yes", group="Does the family know")
    hand.write("Why this decision?", "Each of them works with her")
    hand.button("Save this decision")
    hand.link("Next: tell the sender")
    hand.button("Send and finish")
    expect(hand.page.get_by_role("alert").first).to_be_visible()


def came_back(hand: Hand) -> None:
    """The police record that a child who was missing is back."""
    hand.link("What is known", within="main")
    hand.link("The child is back, or was found", within="main")
    hand.day("On which day was the child back?")
    hand.write("At what time was the child back?", f"{clock.local(clock.now()):%H:%M}")
    hand.pick("How was the child found?", hand.option("How was the child found?", "olice"))
    hand.write("Was the child hurt, or harmed in another way?", "None seen")
    hand.button("Save")
    expect(hand.page.get_by_text("a return interview is due")).to_be_visible()


def return_interview(hand: Hand) -> None:
    """A talk with a child who came back: offered and held, six answers written down, completed."""
    hand.link("Return interviews", within="main")
    hand.link("Dara Moonpenny", within="main")
    hand.link("Begin an interview", within="main")
    hand.button("Begin it")
    hand.pick("How?", "A visit")
    hand.choose("Yes")
    hand.button("Record it")
    hand.link("Record that it was held", within="main")
    hand.write("Who talked to the child?", "Ines Hollowell, youth worker")
    hand.choose("No, they are independent")
    hand.write("How are they independent?", "From another service")
    hand.choose("Yes", group="Was the child seen alone?")
    hand.choose("Yes", group="Was the child told")
    hand.button("Record it, and write down")
    for asked in ("Why did they leave?", "Where were they?", "Who were they with?"):
        hand.write(asked, "He says that he was with friends at the arcade.")
    for asked in ("What happened while they were away?", "What would stop it happening again?"):
        hand.write(asked, "They talked, and a man bought them food.")
    hand.write("What does the child want?", "To be asked before he is moved.")
    hand.button("Save and read it as a whole")
    hand.link("Complete it", within="main")
    hand.choose("No", group="Does the risk assessment")
    hand.choose("The police")
    hand.button("Complete it")
    expect(hand.page.get_by_text("The interview is completed")).to_be_visible()


def four_teams(hand: Hand) -> None:
    """Four teams are brought onto a case."""
    hand.link("Bertie Hedgelark", within="main")
    hand.link("Bring teams onto the case", within="main")
    teams = hand.page.get_by_role("group", name="Which teams?").get_by_role("checkbox")
    for number in range(4):
        hand.click(teams.nth(number))
    hand.write("Why are they needed?", "Each of them works with the child")
    hand.button("Bring them onto the case")
    expect(hand.page.get_by_text("4 teams now work on the case")).to_be_visible()


def cover(hand: Hand) -> None:
    """Somebody is away from today, and a colleague covers all their cases that they read."""
    hand.click(hand.page.locator("header summary"))
    hand.link("Away days and cover", within="header")
    hand.link("Enter days away", within="main")
    hand.day("First day away")
    last = clock.today() + timedelta(days=11)
    for part, number in (("Day", last.day), ("Month", last.month), ("Year", last.year)):
        hand.write(part, str(number), group="Last day away")
    hand.button("Save and go on")
    hand.pick("Who covers them?", hand.option("Who covers them?", "Lena"))
    hand.button("Have them covered")
    expect(hand.page.get_by_role("alert").first).to_contain_text("covers 14 cases")


#: An entry on a case, from Today, is counted in `tests/browser/test_filling_in.py`.
STORIES = (
    Told("share, what has to be said", "Ola Brackenbury", 12, share_minimal),
    Told("share, with child, place, car and source", "Ola Brackenbury", 24, share_rich),
    Told("report a missing child", "Ola Brackenbury", 9, missing),
    Told("triage, from the queue until all are told", "Cora Inglewood", 24, triage_to_told),
    Told(
        "a return interview, from Today until it is completed",
        "Jo Wetherspool",
        28,
        return_interview,
        ("Mina Fernsby", came_back),
    ),
    Told("four teams onto a case", "Wanda Pennywhistle", 8, four_teams),
    Told("cover for fourteen cases", "Jo Wetherspool", 10, cover),
)
