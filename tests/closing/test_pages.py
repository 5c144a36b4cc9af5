"""The pages on which a case ends, is reopened and is handed over."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.model import new_id
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, Involvement
from portal.records.closing.ending import Settled
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.vocabulary import HandOverKind, LeftOver
from portal.records.minutes.model import LevelProposal
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import Team, User
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.vocabulary import CaseState, RiskLevel
from portal.web.filters import brief_day, day
from tests.assessments.conftest import assessed
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import Acting, closed, decided, ending, ends, now_is, reopens
from tests.factories.closing import make_hand_over
from tests.factories.plans import make_action, make_plan
from tests.safety_plans.steps import begun, holds
from tests.told import heard

SignIn = Callable[[User], Client]
SAID = {
    "reason": "risk_lower",
    "words": "Quillpeace at home for months",
    "follow_up_name": "Hew Helper",
    "follow_up_agency": "School",
    "follow_up_contact": "01632 960456",
    "reopen_if": "Seen with the same adults",
    "minutes_reason": "The chair has read them",
    "undone_reason": "Social care holds the discussion tomorrow",
}


def ready(rows: Session, cast: Cast, case: Case, acting: Acting) -> str:
    """A case that its meeting decided to close; gives the address of its page."""
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    return f"/cases/{case.reference}"


def version(rows: Session, case: Case) -> str:
    return str(now_is(rows, case).version)


def test_a_case_is_closed_on_its_page_which_then_says_why_who_follows_up_and_what_would_reopen_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    page = ready(rows, cast, case, acting)
    action = make_action(rows, case, cast.nurse, cast.social_worker)
    browser = client_for(cast.social_worker)
    asked = browser.get(f"{page}/end/closed")
    assert "The last meeting decided it" in asked.text
    assert action.what in asked.text
    unsaid = browser.submit(f"{page}/end/closed", data=SAID | {"version": version(rows, case)})
    assert unsaid.status_code == 422
    assert "Say what becomes of this action" in unsaid.text
    assert "Quillpeace" in unsaid.text, "what was typed is kept"
    settled = {f"action_{action.id}": "carried", f"action_{action.id}__words": "The school nurse"}
    done = browser.submit(f"{page}/end/closed", data=SAID | settled | {"version": version(rows, case)})
    assert done.status_code == 303, done.text
    shown = browser.get(page).text
    for words in ("Closed on", "Quillpeace", "Hew Helper", "Seen with the same adults", "Reopen the case"):
        assert words in shown
    assert "Close this case" not in shown
    rows.expire_all()
    assert (action.state, action.covered_by) == (
        "covered",
        "Hew Helper, School carries it on after the case: The school nurse",
    )
    assert "Hew Helper, School carries it on after the case" in shown
    assert "nurse mail action_news" in heard(rows, cast, "action_changed"), "whose action ends with the case"


def _refused(rows: Session, cast: Cast, case: Case, *, taken_back: bool = False) -> None:
    """A second person did not agree to a lower level of a meeting; or whoever ran that took it back."""
    meeting = decided(rows, cast, case, MeetingOutcome.CLOSE).meeting_id
    said = {"before": "high", "level": "medium", "reason": "Quiet", "settle_reason": "Mum works nights"}
    by = {"proposed_by": cast.officer.id, "settled_by": cast.chair.id, "accepted": False}
    by["taken_back"] = taken_back
    when = {"proposed_at": clock.now(), "settled_at": clock.now()}
    rows.add(LevelProposal(id=new_id(), meeting_id=meeting, case_id=case.id, **said, **by, **when))
    rows.commit()


def test_a_lower_level_that_somebody_else_took_back_reads_so_and_not_as_refused(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    _refused(rows, cast, case, taken_back=True)
    closing = f"/cases/{case.reference}/end/closed"
    asked = client_for(cast.social_worker).soup(closing).get_text(" ", strip=True)
    assert "Chas Chair took medium back on" in asked
    assert "did not agree" not in asked
    late = client_for(cast.social_care_manager).soup(f"/cases/{case.reference}/lower-level")
    assert "Chas Chair took the last one back on" in late.get_text(" ", strip=True)


def test_a_case_at_a_high_level_does_not_close_because_the_risk_is_lower_without_a_word(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    _refused(rows, cast, case)
    page, browser = f"/cases/{case.reference}", client_for(cast.social_worker)
    asked = browser.soup(f"{page}/end/closed").get_text(" ", strip=True)
    assert "The level is high. Chas Chair did not agree to medium on" in asked
    assert "Mum works nights" in asked
    sent = SAID | {"version": version(rows, case)}
    unsaid = browser.submit(f"{page}/end/closed", data=sent)
    assert unsaid.status_code == 422
    assert "The level is high. Say why the case closes at it" in unsaid.text
    assert "Quillpeace" in unsaid.text, "what was typed is kept"
    why = "Her mother stopped the night shifts on Friday"
    assert browser.submit(f"{page}/end/closed", data=sent | {"level_reason": why}).status_code == 303
    shown = browser.soup(page).get_text(" ", strip=True)
    assert ", at the level High" in shown
    assert f"Why at the level that it has {why}" in shown


@pytest.mark.parametrize("level", [RiskLevel.LOW, RiskLevel.HIGH])
def test_why_it_closes_at_its_level_is_asked_only_where_the_level_is_not_lower(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn, level: RiskLevel
) -> None:
    assessed(acting, cast.social_worker, case, level)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    reason = "risk_lower" if level is RiskLevel.LOW else "other_plan"
    asked = {"reason": reason, "level_reason": "Typed before another reason was chosen"}
    sent = SAID | {"version": version(rows, case)} | asked
    browser = client_for(cast.social_worker)
    assert browser.submit(f"/cases/{case.reference}/end/closed", data=sent).status_code == 303
    assert rows.scalars(select(CaseClosure.level_reason)).one() == ""


def test_a_page_that_is_sent_after_the_case_has_ended_says_who_ended_it_and_when(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    page = ready(rows, cast, case, acting)
    rows.execute(update(Involvement).filter_by(team_id=cast.health_team.id).values(worker_id=cast.nurse.id))
    rows.commit()
    sent = SAID | {"version": version(rows, case), "follow_up": str(cast.nurse.id)}
    browser = client_for(cast.social_worker)
    for _ in range(2):
        answer = browser.submit(f"{page}/end/closed", data=sent)
        assert (answer.status_code, answer.headers.get("Location")) == (303, page), answer.text
    assert len(rows.scalars(select(CaseClosure)).all()) == 1
    other = client_for(cast.coordinator).submit(f"{page}/end/closed", data=sent | {"words": "Zorblin moved"})
    assert other.status_code == 409
    assert f"This case was closed on {day(clock.today())} by {cast.social_worker.name}" in other.text
    assert "Zorblin moved" in other.text, "what was typed is given back"
    assert client_for(cast.stranger).submit(f"{page}/end/closed", data=sent).status_code == 404


def test_the_page_that_ends_a_case_says_of_one_that_has_ended_that_it_has(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    closed(rows, cast, acting, case)
    for person in (cast.social_worker, cast.coordinator):
        browser, place = client_for(person), f"/cases/{case.reference}/end/closed"
        page = browser.soup(place)
        assert "This case has ended already" in page.get_text()
        assert "Somebody has asked already" not in page.get_text()
        assert page.select(f"main a[href='/cases/{case.reference}']")
        assert not page.select("main a[href$='/end/asked']"), "nobody is asked any more"


def test_what_stands_in_the_way_is_listed_instead_of_the_form(
    cast: Cast, case: Case, client_for: SignIn
) -> None:
    shown = client_for(cast.social_worker).get(f"/cases/{case.reference}/end/closed").text
    assert "A meeting has to decide to close the case" in shown
    assert "too old, or there is none" in shown
    assert "What would reopen" not in shown
    transfer = client_for(cast.social_worker).get(f"/cases/{case.reference}/end/transferred").text
    assert "Write the hand-over" in transfer


def test_an_assessment_that_is_not_signed_off_is_named_before_and_still_owed_after_it_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    place, words = f"/cases/{case.reference}/end/closed", f"{found.reference}</a> is not signed off"
    assert words in client_for(cast.social_worker).get(place).text
    closed(rows, cast, acting, case)
    manager = client_for(cast.social_care_manager)
    last = rows.query(RiskAssessment).order_by(RiskAssessment.finalised_at.desc()).first()
    assert last is not None
    assert last.reference in manager.get("/work").text
    sign = f"/assessments/{last.reference}/sign-off"
    said = {"version": str(last.version), "answer": "no", "reason": "It is high"}
    answer = manager.submit(sign, said)
    assert answer.status_code == 303
    assert "The case is closed: it can be reopened" in manager.get(answer.location).text
    assert "Assess" not in client_for(cast.social_worker).get("/work").text


def test_the_second_person_agrees_on_a_page_of_their_own(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    page = f"/cases/{case.reference}"
    said = SAID | {"reason": "no_exploitation", "version": version(rows, case)}
    assert client_for(cast.social_worker).submit(f"{page}/end/closed", data=said).status_code == 303
    assert "Somebody asks that this case end" in client_for(cast.nurse).get(page).text
    own = client_for(cast.social_worker).get(f"{page}/end/asked").text
    assert "A second person has to agree" in own
    assert "Agree: close the case" not in own
    assert client_for(cast.nurse).submit(f"{page}/end/agree").status_code == 403
    second = client_for(cast.social_care_manager)
    assert "Agree: close the case" in second.get(f"{page}/end/asked").text
    assert second.submit(f"{page}/end/asked", data={"reason": " "}).status_code == 422
    assert second.submit(f"{page}/end/agree").status_code == 303
    assert now_is(rows, case).state == CaseState.CLOSED
    assert second.get(f"{page}/end/asked").status_code == 404


def test_a_case_is_reopened_on_a_page_with_the_teams_that_it_needs_again(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    closed(rows, cast, acting, case)
    page, browser = f"/cases/{case.reference}", client_for(cast.coordinator)
    shown = browser.get(f"{page}/reopen").text
    assert cast.police_team.name in shown
    data = {"reason": "Seen again", "version": version(rows, case), "teams": [str(cast.police_team.id)]}
    assert browser.submit(f"{page}/reopen", data=data).status_code == 303
    after = browser.get(page).text
    assert "Reopened on" in after
    assert "Seen again" in after
    assert now_is(rows, case).state == CaseState.AWAITING_ASSESSMENT
    assert "This case is open" in browser.get(f"{page}/reopen").text
    late = client_for(cast.coordinator).submit(f"{page}/reopen", data=data | {"reason": "A call from Zorbo"})
    assert late.status_code == 422
    assert "valid choice" not in late.text
    assert "A call from Zorbo" in late.text, "nothing that was typed is lost"
    assert "Reopened on" in late.text


def steps(browser: Client, page: str) -> dict[str, str]:
    """Each step of the case by its name, with what stands below it."""
    shown = re.search(r'<ol class="app-pathway".*?</ol>', browser.get(page).text, re.DOTALL)
    assert shown is not None
    found = re.findall(r"<b>(.*?)</b><span>(.*?)<", shown[0])
    return dict(found)


def test_the_steps_of_a_reopened_case_are_those_since_it_was_reopened(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    page, browser = f"/cases/{case.reference}", client_for(cast.social_worker)
    closed(rows, cast, acting, case)
    today = brief_day(clock.today())
    over = steps(browser, page)
    assert (over["Assess"], over["Close"], over["First meeting"]) == (today, today, today)
    reopens(acting, cast.coordinator, case)
    again = steps(browser, page)
    assert again["Reopened"] == today
    assert again["Assess"].startswith("by "), "it has to be assessed anew"
    assert again["Level set"] == "low before"
    assert again["First meeting"] == "to come", "what was held before is not of this opening"
    assert again["Close"] == "a meeting decides"
    assert "Triage" not in again
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    after = steps(browser, page)
    assert (after["Assess"], after["Level set"].partition(", ")[2]) == (today, "low")


FIELDS = {"service": "Another county", "person": "Una Elsewhere", "contact": "01632 960123"}
DAY = {"meets_on-day": "15", "meets_on-month": "1", "meets_on-year": "2027"}


def test_a_hand_over_is_typed_saved_and_finalised_and_then_stands_on_paper(
    rows: Session, cast: Cast, case: Case, client_for: SignIn
) -> None:
    page, browser = f"/cases/{case.reference}/hand-over/transfer", client_for(cast.social_worker)
    assert "Nothing has been written yet" in browser.get(page).text
    assert browser.submit(f"{page}/begin").status_code == 303
    sections = {code: f"Quill{code}" for code in ("must_know", "wishes", "level", "risks", "actions", "tell")}
    saved = browser.submit(f"{page}/save", data=FIELDS | sections | {"version": "1"})
    assert (saved.status_code, saved.headers["X-Version"]) == (204, "2")
    assert "Quillwishes" in browser.get(page).text
    early = browser.submit(f"{page}/keep", data=FIELDS | sections | {"version": "2", "finalise": "1"})
    assert early.status_code == 422
    assert "Enter the day on which you meet" in early.text
    whole = FIELDS | sections | DAY | {"version": "2", "finalise": "1"}
    assert browser.submit(f"{page}/keep", data=whole).status_code == 303
    assert rows.scalars(select(HandOver.finalised_at)).one() is not None
    printed = client_for(cast.nurse).get(f"{page}/print").text
    assert "Quillmust_know" in printed
    assert "Una Elsewhere" in printed


def test_the_second_tab_is_shown_both_and_nothing_is_lost(
    rows: Session, cast: Cast, case: Case, client_for: SignIn
) -> None:
    made = make_hand_over(rows, case, cast.social_worker, HandOverKind.TRANSITION, finalised=False)
    page, browser = f"/cases/{case.reference}/hand-over/transition", client_for(cast.social_worker)
    base = json.dumps({"service": made.service, "person": made.person, "wishes": "Told"})
    start = FIELDS | {"service": made.service, "version": "1", "base": base}
    assert browser.submit(f"{page}/save", data=start | {"wishes": "To stay"}).status_code == 204
    second = browser.submit(f"{page}/save", data=start | {"wishes": "To leave"}, headers={"X-Autosave": "1"})
    assert second.status_code == 409
    assert "To stay" in second.text
    assert "To leave" in second.text
    kept = browser.submit(f"{page}/keep", data=start | {"wishes": "To leave", "seen": "1"})
    assert kept.status_code == 303
    rows.expire_all()
    assert rows.scalars(select(HandOver)).one().answers["wishes"] == "To leave"


@pytest.mark.parametrize("who", ["stranger", "neighbour"])
def test_nobody_without_reach_is_shown_a_word_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn, who: str
) -> None:
    closed(rows, cast, acting, case)
    rows.scalars(select(CaseClosure)).one()
    make_hand_over(rows, case, cast.social_worker)
    browser = client_for(getattr(cast, who))
    for place in ("reopen", "end/closed", "end/asked", "hand-over/transfer", "hand-over/transfer/print"):
        assert browser.get(f"/cases/{case.reference}/{place}").status_code == 404


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("reviewed", [False, True])
def test_a_closed_case_says_that_a_plan_or_review_ended_only_where_there_was_one(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    client_for: SignIn,
    *,
    planned: bool,
    reviewed: bool,
) -> None:
    if planned:
        make_plan(rows, case, cast.social_worker)
        rows.commit()
    if reviewed:
        decided(rows, cast, case, MeetingOutcome.CONTINUE)
    closed(rows, cast, acting, case)
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}")
    steps = {
        one.b.get_text(): str(one.span.contents[0])
        for one in page.select(".app-pathway li")
        if one.b and one.span
    }
    assert steps["Plan"] == ("ended" if planned else "not done")
    assert steps["Review"] == ("ended" if reviewed else "not done")
    assert steps["Close"] == brief_day(clock.today())


def test_a_plan_of_before_the_case_was_reopened_does_not_count(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    plan = make_plan(rows, case, cast.social_worker)
    plan.started_at -= timedelta(days=3)
    rows.commit()
    closed(rows, cast, acting, case)
    reopens(acting, cast.social_worker, case)
    closed(rows, cast, acting, case)
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}")
    assert "Plan" in page.select(".app-pathway li")[5].get_text()
    assert "not done" in page.select(".app-pathway li")[5].get_text()


def test_a_reopened_case_lists_what_ended_with_it_until_it_is_assessed_again(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    with acting(cast.social_worker) as actor:
        found = db.session.get_one(SafetyPlan, plan.id)
        record = db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=record, plan=found, reason="Safe now", version=found.version)
    make_plan(rows, case, cast.social_worker)
    action = make_action(rows, case, cast.nurse, cast.social_worker)
    rows.commit()
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    ends(acting, cast.social_worker, case, ending(actions={action.id: Settled(LeftOver.CARRIED)}))
    page, browser = f"/cases/{case.reference}", client_for(cast.social_worker)
    assert browser.soup(page).select_one("section[aria-labelledby=behind]") is None
    with acting(cast.coordinator):
        police = db.session.get_one(Team, cast.police_team.id)
        db.session.expunge(police)
    reopens(acting, cast.coordinator, case, teams=[police])
    listed = browser.soup(page).select_one("section[aria-labelledby=behind]")
    assert listed is not None
    text = listed.get_text(" ", strip=True)
    for words in (
        "low stands from before",
        f"{plan.reference} ended on",
        "ended with the case",
        action.what,
        "Hew Helper, School carries it on after the case",
        f"{cast.health_team.name}, {cast.health.name} worked on it until it ended and does not now: reads it",
    ):
        assert words in text, words
    assert cast.police.name not in text, "it is back"
    assert client_for(cast.stranger).get(page).status_code == 404
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    assert browser.soup(page).select_one("section[aria-labelledby=behind]") is None
