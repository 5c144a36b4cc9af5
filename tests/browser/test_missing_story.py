"""A missing child whose name was spelled otherwise, by people of three agencies; and who is told of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.people.model import Team
from portal.records.return_interviews.model import ReturnInterview
from portal.vocabulary import Desk
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.factories.missing import make_episode
from tests.missing.test_same_child import find_by_name
from tests.told import of_event

MAIL, DIGEST = "mail", "digest"
Open = Callable[..., Page]


def test_a_school_spells_the_name_otherwise_and_the_hub_puts_the_episode_on_the_right_child(
    open_as: Open, rows: Session, cast: Cast
) -> None:
    case = _known_and_missing_before(rows, cast)
    episode = _school_reports(open_as(cast.teacher), rows)
    desks = {cast.police_other_team.id, cast.hub_team.id}
    assert mailed(rows, "missing_reported") == desks | {cast.social_care_team.id}, (
        "nobody by who the child is"
    )
    assert mailed(rows, "missing_match") == {cast.hub_team.id}
    assert mailed(rows, "missing_repeated") == set()

    _police_grade(open_as(cast.officer, phone=True), episode)
    assert mailed(rows, "missing_grade_raised") == {*desks, cast.social_care_team.id, cast.teacher.id}

    _hub_answers(open_as(cast.coordinator), episode, case)
    rows.rollback()
    assert rows.get_one(MissingEpisode, episode.id, populate_existing=True).child_id == case.child_id
    now = mailed(rows, "missing_moved_now")
    assert now >= {cast.social_worker.id, cast.nurse.id, cast.officer.id, cast.police_other_team.id}
    assert mailed(rows, "missing_moved_away") == set(), "nobody worked with a record that the report began"
    assert cast.social_worker.id in mailed(rows, "missing_repeated")
    assert (cast.neighbour.id, DIGEST, "repeated_missing") in told(rows, "missing_repeated")
    assert owner_of(rows, rows.scalars(select(MissingPrompt.id)).one()) == cast.social_care_team.id

    _case_shows_it(open_as(cast.social_worker), case, episode)
    _school_sees_what_it_said(open_as(cast.teacher, scripts=False), episode, case, rows)

    _child_is_back(open_as(cast.officer, phone=True), episode)
    back = mailed(rows, "missing_returned")
    assert back >= {*desks, cast.social_worker.id, cast.nurse.id}
    assert owner_of(rows, episode.id) == cast.social_care_team.id, "a return interview is owed"

    page = open_as(cast.social_worker)
    interview = _interview(page, rows, episode)
    assert interview.child_id == case.child_id
    assert owner_of(rows, episode.id) is None, "it was held"
    assert mailed(rows, "interview_shared"), "the police, as was chosen"

    _decides(page, episode)
    assert cast.police_other_team.id in mailed(rows, "missing_decided")


def _known_and_missing_before(rows: Session, cast: Cast) -> Case:
    """A child with a case and a second record, who was missing once on each this month."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    case = case_of_three(rows, cast)
    child = rows.get_one(Child, case.child_id)
    child.given_name, child.family_name = "Yarrowmir", "Quenthelby"
    find_by_name(rows, child)
    other = make_child(rows, "Yarrow", "Quenthelby-Oxtercroft", dob=child.dob)
    for one, ago in ((child, 9), (other, 5)):
        since = clock.now() - timedelta(days=ago)
        make_episode(rows, one, cast.officer, since=since, returned_at=since + timedelta(hours=4))
    first, second = sorted((child.id, other.id))
    rows.add(ChildLink(id=new_id(), child_a=first, child_b=second, reason="x", linked_by=cast.coordinator.id))
    rows.commit()
    return case


def told(rows: Session, event: str) -> set[tuple[UUID | None, str, str]]:
    """Everybody who was told of an event."""
    return of_event(rows, event, last_word=None)


def mailed(rows: Session, event: str) -> set[UUID | None]:
    """Who was told of an event by mail."""
    return {who for who, how, _ in told(rows, event) if how == MAIL}


def owner_of(rows: Session, subject: UUID) -> UUID | None:
    """The team that owes something on a record, as long as it is open."""
    rows.rollback()
    return rows.scalar(select(Deadline.owner_team_id).filter_by(subject_id=subject, state="open"))


def _day(page: Page, group: str, ago: timedelta) -> str:
    """Fill in a day, and give the time of day."""
    at = clock.local(clock.now() - ago)
    boxes = page.get_by_role("group", name=group)
    for part, value in (("Day", at.day), ("Month", at.month), ("Year", at.year)):
        boxes.get_by_label(part).fill(str(value))
    return f"{at:%H:%M}"


def _school_reports(page: Page, rows: Session) -> MissingEpisode:
    page.goto("/missing/report")
    page.get_by_label("First names").fill("Yarowmir")
    page.get_by_label("Family name").fill("Quentelby")
    page.get_by_label("Missing: nobody knows where the child is").check()
    at = _day(page, "On which day was the child last where they should be?", timedelta(hours=5))
    page.get_by_label("At what time?", exact=True).fill(at)
    page.get_by_label("Which authority is responsible for the child?").select_option("derbyshire")
    check_accessible(page)
    page.get_by_role("button", name="Report the child as missing").click()
    expect(page.get_by_text("Reported. If you have not rung the police about it")).to_be_visible()
    expect(page.get_by_text("Whoever has to know and may see it is told")).to_be_visible()
    check_accessible(page)
    rows.rollback()
    return rows.scalars(select(MissingEpisode).where(MissingEpisode.returned_at.is_(None))).one()


def _police_grade(page: Page, episode: MissingEpisode) -> None:
    page.goto(f"/missing/{episode.reference}/change")
    page.get_by_label("Police grade").select_option("high")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=False).first).to_be_visible()
    check_width(page)


def _hub_answers(page: Page, episode: MissingEpisode, case: Case) -> None:
    page.goto("/missing")
    check_accessible(page)
    page.get_by_role("link", name="Yarowmir Quentelby").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it the same child?")
    check_accessible(page)
    page.get_by_label("Yes, the same child").check()
    page.get_by_label("How do you know?").fill("The school gave the same mother and address")
    page.get_by_role("button", name="Record the answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Yarrowmir Quenthelby")
    expect(page.get_by_text("3 episodes close together")).to_be_visible()
    expect(page.get_by_text("1 on linked records")).to_be_visible()
    check_accessible(page)


def _case_shows_it(page: Page, case: Case, episode: MissingEpisode) -> None:
    page.goto(f"/cases/{case.reference}")
    banner = page.get_by_role("region", name="Missing now")
    expect(banner).to_contain_text("Police grade: High")
    check_accessible(page)
    banner.get_by_role("link", name="What is known").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Yarrowmir Quenthelby")


def _school_sees_what_it_said(page: Page, episode: MissingEpisode, case: Case, rows: Session) -> None:
    page.goto(f"/missing/{episode.reference}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Yarowmir Quentelby")
    reference = rows.get_one(Child, case.child_id).reference
    for hidden in ("Yarrowmir", reference, case.reference, "same mother"):
        assert hidden not in page.content()


def _child_is_back(page: Page, episode: MissingEpisode) -> None:
    page.goto(f"/missing/{episode.reference}/found")
    at = _day(page, "On which day was the child back?", timedelta(minutes=10))
    page.get_by_label("At what time was the child back?").fill(at)
    page.get_by_label("How was the child found?").select_option("police")
    page.get_by_label("Was the child hurt, or harmed in another way?").fill("None seen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("a return interview is due")).to_be_visible()


def _interview(page: Page, rows: Session, episode: MissingEpisode) -> ReturnInterview:
    page.goto(f"/missing/{episode.reference}")
    page.get_by_role("link", name="Return interviews").first.click()
    page.get_by_role("button", name="Begin an interview").click()
    page.get_by_label(episode.reference).check()
    page.get_by_role("button", name="Begin it").click()
    page.get_by_label("How?").select_option("phone")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Record it").click()
    rows.rollback()
    interview = rows.scalars(select(ReturnInterview)).one()
    home = f"/return-interviews/{interview.reference}"
    page.goto(f"{home}/held")
    page.get_by_label("Who talked to the child?").fill("Ines Hollowell, youth worker")
    page.get_by_label("No, they are independent").check()
    page.get_by_label("How are they independent?").fill("From another service")
    page.get_by_role("group", name="Was the child seen alone?").get_by_label("Yes").check()
    page.get_by_role("group", name="Was the child told").get_by_label("Not known").check()
    page.get_by_role("button", name="Record it, and write down").click()
    page.get_by_label("Where were they?").fill("The arcade")
    page.get_by_role("button", name="Save and read it as a whole").click()
    page.get_by_role("button", name="Complete it").click()
    page.get_by_role("group", name="Does the risk assessment").get_by_label("No").check()
    page.get_by_label("The police").check()
    page.get_by_role("button", name="Complete it").click()
    expect(page.get_by_text("The interview is completed")).to_be_visible()
    return interview


def _decides(page: Page, episode: MissingEpisode) -> None:
    page.goto(f"/missing/{episode.reference}")
    page.get_by_role("link", name="Look at them and decide").click()
    check_accessible(page)
    page.get_by_label("A strategy meeting is called").check()
    page.get_by_label("One that is not on the portal").check()
    page.get_by_role("textbox", name="When and with whom").fill("On Thursday, with the police and health")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("On Thursday, with the police and health")).to_be_visible()
