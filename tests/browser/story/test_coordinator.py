"""A coordinator triages a form on two children and a place: with scripts and without."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.referrals.model import Feedback, Referral, ReferralChild
from portal.records.referrals.rules import ChildDetails
from portal.records.triage.model import TriageDecision
from portal.vocabulary import DecisionOutcome, ReferralState, Sensitivity
from tests.browser.story.conftest import Story, arrive
from tests.cast import Cast
from tests.factories.children import known_child
from tests.factories.referrals import make_sent_referral, subjects_of
from tests.triage.conftest import PARK, SOURCE, answers

WHAT = (
    "Ada was picked up outside Example Park by a man. She came back with a new phone.\n"
    "Benedict was seen near the shops."
)
FEEDBACK = "Thank you. Social care leads from here."
SENDERS_TEAM = "Police: Duty team"
TEAMS = ("County social care: Duty team", "Health trust: Duty team", "Borough council: Duty team")


@pytest.fixture
def known(rows: Session, cast: Cast) -> Child:
    """A child whom the hub knows under another spelling, without a case."""
    born = clock.today().replace(year=clock.today().year - 14, day=1)
    return known_child(rows, "Adah", "Fictional", by=cast.social_worker, dob=born)


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    return make_sent_referral(
        rows,
        cast.officer,
        children=[
            ChildDetails(given_name="Ada", family_name="Fictional", age=14),
            ChildDetails(given_name="Benedict", family_name="Invented", age=12),
        ],
        others=[PARK],
        answers=answers(WHAT, types=("cse",)),
        source=SOURCE,
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_coordinator_decides_each_subject_opens_a_case_and_tells_the_agencies_and_the_sender(
    rows: Session, cast: Cast, story: Story, known: Child, form: Referral, scripts: bool
) -> None:
    page = story.sign_in(cast.coordinator, scripts=scripts)
    claim(page, form, axe=scripts)
    rows.refresh(form)
    assert (form.state, form.claimed_by) == (ReferralState.IN_TRIAGE, cast.coordinator.id)
    recognise(page, known)
    first, *_ = subjects_of(rows, form)
    recognised = select(ReferralChild.child_id).filter_by(subject_id=first.id)
    assert rows.scalars(recognised).all() == [known.id]
    open_case(page, axe=scripts)
    case = check_case(rows, cast, form, known)
    settle(page, form, "Benedict Invented", "Give advice", "The school looks after him", axe=scripts)
    settle(page, form, "Example Park", "No further action", "The district panel has it already", axe=scripts)
    check_decisions(rows, form, case)
    tell(page, form, case, axe=scripts)
    check_told(rows, cast, form, case, known)
    give_feedback(page, axe=scripts)
    check_feedback(rows, cast, form)
    if scripts:
        read_by_sender(story, cast, form)


def claim(page: Page, form: Referral, *, axe: bool) -> None:
    arrive(page, "Triage", axe=axe)
    page.locator("#triage-list tr").filter(has_text=form.reference).get_by_role("link").first.click()
    arrive(page, form.reference, axe=axe)
    page.get_by_role("button", name=f"Claim {form.reference}").click()
    expect(page.get_by_text("You have this form", exact=True)).to_be_visible()


def recognise(page: Page, known: Child) -> None:
    """The child on the form is a known one, and the page says why it may be."""
    match = page.locator(".app-candidate").filter(has_text=known.reference)
    expect(match).to_contain_text("Adah Fictional")
    expect(match).to_contain_text("“Ada” and “Adah”")
    match.get_by_role("button", name="This is the child").click()
    expect(page.get_by_role("button", name="This is somebody else than Adah Fictional")).to_be_visible()


def open_case(page: Page, *, axe: bool) -> None:
    page.get_by_role("link", name="Decide about Ada Fictional").click()
    arrive(page, "Decide", axe=axe)
    page.get_by_label("Open a case").check()
    page.get_by_label("Which team leads?").select_option(label=TEAMS[0])
    page.get_by_label("Normal", exact=True).check()
    words = page.get_by_label("Words for the case of Ada Fictional").input_value()
    assert "Ada was picked up" in words
    assert "Benedict" not in words, "the words for one child name another"
    page.get_by_label("Why?", exact=True).fill("At risk, and nobody works with her yet")
    if axe:
        arrive(page, "Decide")  # with what the answers revealed
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()


def settle(page: Page, form: Referral, subject: str, outcome: str, why: str, *, axe: bool) -> None:
    """Decide about one subject that needs no case."""
    page.goto(f"/triage/{form.reference}")
    page.get_by_role("link", name=f"Decide about {subject}").click()
    page.get_by_label(outcome).check()
    page.get_by_label("Why?", exact=True).fill(why)
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()


def tell(page: Page, form: Referral, case: Case, *, axe: bool) -> None:
    """Tell three agencies about one child and add them to the case, on one page, without the sender."""
    page.goto(f"/triage/{form.reference}/tell")
    arrive(page, "Tell agencies", axe=axe)
    page.get_by_label("Ada Fictional", exact=True).check()
    page.get_by_role("button", name="Start the words afresh").click()
    expect(page.get_by_role("group", name="The team that sent the form")).to_contain_text(SENDERS_TEAM)
    expect(page.get_by_label(SENDERS_TEAM)).not_to_be_checked()
    for team in TEAMS:
        page.get_by_label(team).check()
    page.get_by_label("Share it, in these words").check()
    expect(page.get_by_label("What they are told")).to_contain_text("Ada was picked up")
    page.get_by_role("group", name="Does the family know").get_by_label("Yes").check()
    page.get_by_label(f"Adah Fictional: {case.reference}").check()
    page.get_by_label("Why this decision?").fill("Each of them works with her")
    arrive(page, "Tell agencies", axe=axe)
    page.get_by_role("button", name="Save this decision").click()
    for team in TEAMS:
        expect(page.locator(".app-told")).to_contain_text(team)


def give_feedback(page: Page, *, axe: bool) -> None:
    page.get_by_role("button", name="Next: tell the sender").click()
    arrive(page, "Tell the sender", axe=axe)
    page.get_by_label("What should the sender know?").fill(FEEDBACK)
    page.get_by_role("button", name="Send and finish").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def read_by_sender(story: Story, cast: Cast, form: Referral) -> None:
    """The officer finds what became of the form, and nothing of what was found out about the child."""
    page = story.sign_in(cast.officer)
    page.goto(f"/sent/{form.reference}")
    arrive(page, "What was sent")
    expect(page.get_by_text(FEEDBACK)).to_be_visible()
    expect(page.get_by_text("Adah")).to_have_count(0)


def check_case(rows: Session, cast: Cast, form: Referral, known: Child) -> Case:
    """The case is open for the known child, held as it was said, led, and has its first deadline."""
    case = rows.scalars(select(Case)).one()
    assert (case.child_id, case.lead_agency_id) == (known.id, cast.social_care.id)
    assert case.sensitivity == Sensitivity.NORMAL
    due = rows.scalars(select(Deadline).filter_by(case_id=case.id, state=DeadlineState.OPEN)).all()
    assert DeadlineKind.ASSESSMENT in {one.kind for one in due}
    return case


def check_decisions(rows: Session, form: Referral, case: Case) -> None:
    """One decision for each subject, each with its reason; the form is decided."""
    rows.expire_all()
    decided = rows.scalars(select(TriageDecision).filter_by(referral_id=form.id)).all()
    assert {(one.outcome, one.case_id) for one in decided} == {
        (DecisionOutcome.OPEN_CASE, case.id),
        (DecisionOutcome.ADVICE, None),
        (DecisionOutcome.NO_FURTHER_ACTION, None),
    }
    assert all(one.reason and one.subject_id for one in decided)
    assert form.state == ReferralState.DECIDED


def check_told(rows: Session, cast: Cast, form: Referral, case: Case, known: Child) -> None:
    """Three tellings with frozen words on one child, and three teams on the case."""
    told = rows.scalars(select(Disclosure).filter_by(referral_id=form.id)).all()
    teams = {cast.social_care_team.id, cast.health_team.id, cast.council_team.id}
    assert {one.receiver_team_id for one in told} == teams
    for one in told:
        words = rows.get_one(DisclosureText, one.id).text
        assert "Ada was picked up" in words
        assert "Benedict" not in words
        covered = select(DisclosureChild.child_id).filter_by(disclosure_id=one.id)
        assert rows.scalars(covered).all() == [known.id]
        clock_kind = select(Deadline.kind).filter_by(disclosure_id=one.id, state=DeadlineState.OPEN)
        assert rows.scalars(clock_kind).all() == [DeadlineKind.RECEIPT]
    working = rows.scalars(select(Involvement.team_id).filter_by(case_id=case.id, ended_at=None)).all()
    assert sorted(working) == sorted(teams)


def check_feedback(rows: Session, cast: Cast, form: Referral) -> None:
    rows.expire_all()
    assert form.state == ReferralState.FED_BACK
    said = rows.scalars(select(Feedback).filter_by(referral_id=form.id)).one()
    assert (said.text, said.author_id) == (FEEDBACK, cast.coordinator.id)
    running = select(Deadline.kind).filter_by(referral_id=form.id, state=DeadlineState.OPEN)
    assert rows.scalars(running).all() == [], "a clock of the form still runs"
