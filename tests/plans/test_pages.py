"""The pages of a plan and its actions: for whoever reads the case, for owners who do not, and nobody else."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.records.cases.model import Case, Involvement
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.plans.action_changes import hand_over
from portal.records.plans.action_steps import block, mark_done
from portal.records.plans.model import Action, ActionNote, Plan, PlanText
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_action, make_note, make_plan
from tests.factories.telling import was_told
from tests.plans.conftest import Acting, gives, steps

ClientFor = Callable[[User | None], Client]


def typed(day: date) -> dict[str, str]:
    """A date as it is typed."""
    return {"due_on-day": str(day.day), "due_on-month": str(day.month), "due_on-year": str(day.year)}


def given(to: User, **changes: Any) -> dict[str, Any]:
    """A form on which an action is given."""
    said = {
        "what": "Walk the path home with her on Thursdays",
        "measure": "She comes home by seven",
        "category": "protect",
        "target": "child",
        "owner": f"person:{to.id}",
        "priority": "normal",
        "once": str(uuid4()),
    }
    return said | typed(clock.today() + timedelta(days=10)) | changes


@pytest.fixture
def action(rows: Session, cast: Cast, case: Case) -> Action:
    """One that the community safety officer, who does not read the case, has to do."""
    return make_action(rows, case, cast.community_safety, cast.social_worker)


def as_it_is(rows: Session, action: Action) -> Action:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Action, action.id)


def test_the_child_s_own_goal_stands_first_and_what_was_said_before_stays(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    goal = f"/cases/{case.reference}/plan/goal"
    refused = client.submit(goal, {"text": " "})
    assert refused.status_code == 422
    client.submit(goal, {"text": "He was not at home", "not_obtained": "y"})
    client.submit(goal, {"text": "To play football again"})
    client.submit(f"/cases/{case.reference}/plan/aims", {"text": "Home by seven"})
    page = client.soup(f"/cases/{case.reference}/plan")
    keys = [one.get_text(strip=True) for one in page.select(".govuk-summary-list__key")]
    assert keys[0] == "The child’s own goal"
    said = page.select_one("#part-goal")
    assert said is not None
    assert said.get_text().index("To play football again") < said.get_text().index("He was not at home")
    assert rows.query(Plan).count() == 1
    assert rows.query(PlanText).count() == 3


def test_an_action_is_given_from_the_plan_and_stands_there_by_what_it_is_for(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    address = f"/cases/{case.reference}/actions/new"
    assert "Ola Officer" in client.get(address).text
    form = given(cast.officer)
    for _ in range(2):
        assert client.submit(address, form).status_code == 303
    found = rows.scalars(select(Action)).one()
    page = client.get(f"/cases/{case.reference}/plan").text
    for words in ("Protect", "Walk the path home", cast.officer.name, "To do (1)"):
        assert words in page
    assert f"/actions/{found.reference}" in page
    assert "1 action to do" in client.get(f"/cases/{case.reference}").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"what": ""}, "Write what is to be done"),
        ({"owner": ""}, "Choose who does it"),
        ({"email": "ola@agency.example"}, "not both"),
        ({"owner": "", "email": "nobody@agency.example"}, "Nobody who works here"),
        ({"category": ""}, "Choose what it is for"),
        ({"due_on-year": "2020"}, "today or later"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    cast: Cast, case: Case, client_for: ClientFor, change: dict[str, str], words: str
) -> None:
    answer = client_for(cast.social_worker).submit(
        f"/cases/{case.reference}/actions/new", given(cast.officer, **change)
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert "She comes home by seven" in answer.text


def test_whoever_may_give_it_to_their_own_agency_only_is_told_so_beside_what_they_typed(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    officer = client_for(cast.officer)
    answer = officer.submit(f"/cases/{case.reference}/actions/new", given(cast.nurse))
    assert answer.status_code == 422
    assert "for their own agency" in answer.text
    assert "She comes home by seven" in answer.text
    action = gives(acting, cast.social_worker, case, cast.officer)
    said = {"version": "1", "words": "On leave", "owner": f"person:{cast.nurse.id}"}
    answer = client_for(cast.colleague).submit(f"/actions/{action.reference}/owner", said)
    assert answer.status_code == 422
    assert "your own agency" in answer.text
    assert "On leave" in answer.text


def test_somebody_elsewhere_is_given_an_action_by_their_work_address(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    form = given(cast.teacher, owner="", email=cast.teacher.email)
    client_for(cast.social_worker).submit(f"/cases/{case.reference}/actions/new", form)
    assert rows.scalars(select(Action.owner_id)).one() == cast.teacher.id


def test_the_worst_comes_first_and_the_choices_hold_what_they_say(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    made = {
        "late": make_action(
            rows,
            case,
            cast.officer,
            cast.social_worker,
            due_on=clock.today() - timedelta(days=3),
            what="Late",
        ),
        "high": make_action(rows, case, cast.officer, cast.social_worker, priority="high", what="High"),
        "later": make_action(rows, case, cast.officer, cast.social_worker, what="Later"),
        "blocked": make_action(
            rows, case, cast.officer, cast.social_worker, state="blocked", blocked_reason="Why", what="Stuck"
        ),
    }
    client = client_for(cast.officer)
    found = client.soup(f"/cases/{case.reference}/plan").select("tbody th a")
    assert [one.get_text() for one in found] == ["Late", "Stuck", "High", "Later"]
    assert "Nothing is done yet" in client.get(f"/cases/{case.reference}/plan?show=done").text
    assert len(client.soup(f"/cases/{case.reference}/plan/print").select("tbody tr")) == len(made)
    assert "1 of 4 actions late" in client.get(f"/cases/{case.reference}").text


def test_an_owner_without_the_case_finds_it_reads_it_and_does_it_in_two_steps(
    rows: Session, cast: Cast, case: Case, action: Action, client_for: ClientFor
) -> None:
    client = client_for(cast.community_safety)
    work = client.get("/work").text
    assert f"/actions/{action.reference}" in work
    assert "Ada Fictional" in work
    assert f"/actions/{action.reference}" in client.get("/actions").text
    page = client.soup(f"/actions/{action.reference}")
    text = page.get_text(" ", strip=True)
    for words in ("Ada Fictional", "4 May 2012", action.what, cast.social_worker.name, "It is done"):
        assert words in text
    for absent in (case.reference, "Move the date", "Give it to somebody else"):
        assert absent not in text
    assert client.get(f"/cases/{case.reference}").status_code == 404
    answer = client.submit(f"/actions/{action.reference}/done", {"words": "Walked it", "version": "1"})
    assert answer.status_code == 303
    assert as_it_is(rows, action).state == "done"
    assert "Walked it" in client.get("/actions?show=over").text


def test_a_note_is_written_on_the_page_with_its_handling(
    rows: Session, cast: Cast, action: Action, client_for: ClientFor
) -> None:
    client = client_for(cast.community_safety)
    address = f"/actions/{action.reference}/note"
    assert client.submit(address, {"text": "", "handling": "network"}).status_code == 422
    assert client.submit(address, {"text": "Nobody there", "handling": "agencies"}).status_code == 422
    for _ in range(2):
        assert client.submit(address, {"text": "Nobody there", "handling": "own"}).status_code == 303
    assert rows.query(ActionNote).count() == 1
    assert "Nobody there" in client.get(f"/actions/{action.reference}").text
    assert "Nobody there" not in client_for(cast.social_worker).get(f"/actions/{action.reference}").text


def test_every_step_has_its_page_and_its_place_in_the_history(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    action = gives(acting, cast.social_worker, case, cast.officer)
    address = f"/actions/{action.reference}"
    owner, lead = client_for(cast.officer), client_for(cast.social_worker)

    def now() -> str:
        return str(as_it_is(rows, action).version)

    owner.submit(f"{address}/start", {"version": now()})
    owner.submit(f"{address}/blocked", {"version": now(), "words": "The gate is locked"})
    day = clock.today() + timedelta(days=20)
    lead.submit(f"{address}/date", {"version": now(), "words": "Wait for the key", **typed(day)})
    lead.submit(
        f"{address}/owner",
        {"version": now(), "words": "On leave", "email": cast.colleague.email},
    )
    colleague = client_for(cast.colleague)
    colleague.submit(f"{address}/done", {"version": now(), "words": "Went there"})
    lead.submit(f"{address}/confirm", {"version": now(), "effect": "helped"})
    lead.submit(f"{address}/effect", {"version": now(), "effect": "none", "words": "They moved"})
    page = lead.soup(address)
    titles = [one.get_text() for one in page.select(".moj-timeline__title")]
    assert titles == [
        *("Started", "Blocked", "Date moved", "Given to another owner", "Done"),
        *("Confirmed", "Effect recorded", "Effect recorded"),
    ]
    text = page.get_text(" ", strip=True)
    for words in ("The gate is locked", "Wait for the key", "On leave", "It made no difference", "first by"):
        assert words in text


@pytest.mark.parametrize("step", ["not-needed", "covered"])
def test_an_action_is_ended_with_a_reason(
    rows: Session, cast: Cast, action: Action, client_for: ClientFor, step: str
) -> None:
    client = client_for(cast.social_worker)
    address = f"/actions/{action.reference}/{step}"
    assert client.submit(address, {"version": "1", "words": ""}).status_code == 422
    assert client.submit(address, {"version": "1", "words": "The family plan"}).status_code == 303
    assert as_it_is(rows, action).state == step.replace("-", "_")
    assert "The family plan" in client.get(f"/actions/{action.reference}").text


def test_a_page_that_is_out_of_date_says_what_it_says_now_and_keeps_the_words(
    cast: Cast, acting: Acting, action: Action, client_for: ClientFor
) -> None:
    steps(acting, cast.community_safety, action, block, why="The site is closed")
    client = client_for(cast.community_safety)
    answer = client.submit(f"/actions/{action.reference}/done", {"words": "Walked it", "version": "1"})
    assert answer.status_code == 409
    for words in ("What it says now", "Blocked", "Walked it"):
        assert words in answer.text


def test_a_start_that_was_overtaken_shows_what_was_said_and_is_sent_again_from_there(
    cast: Cast, action: Action, acting: Acting, client_for: ClientFor
) -> None:
    steps(acting, cast.community_safety, action, block, why="The site is closed")
    owner, address = client_for(cast.community_safety), f"/actions/{action.reference}"
    refused = owner.submit(f"{address}/start", {"version": "1"})
    assert refused.status_code == 409
    page = BeautifulSoup(refused.text, "html.parser")
    assert "Blocked" in page.select(".app-versions")[0].get_text()
    version = page.select_one(f'form[action="{address}/start"] [name=version]')
    assert version is not None
    assert owner.submit(f"{address}/start", {"version": str(version["value"])}).status_code == 303


def test_what_is_over_is_not_done_again_in_other_words(
    rows: Session, cast: Cast, action: Action, acting: Acting, client_for: ClientFor
) -> None:
    steps(acting, cast.community_safety, action, mark_done, words="Walked there on Monday")
    answer = client_for(cast.community_safety).submit(
        f"/actions/{action.reference}/done", {"words": "Walked there on Tuesday", "version": "1"}
    )
    assert answer.status_code == 422
    assert "Walked there on Tuesday" in answer.text, "what was typed is not lost"
    rows.expire_all()
    assert rows.get_one(Action, action.id).done_words == "Walked there on Monday"


STEPS = ("start", "done", "blocked", "confirm", "effect", "date", "owner", "not-needed", "covered", "note")


@pytest.mark.parametrize(
    ("who", "read", "sent"),
    [(None, 303, 401), ("stranger", 404, 404), ("neighbour", 404, 404), ("teacher", 404, 404)],
)
def test_whoever_has_no_part_in_it_finds_nothing_by_any_address(
    cast: Cast, case: Case, action: Action, client_for: ClientFor, who: str | None, read: int, sent: int
) -> None:
    client = client_for(getattr(cast, who) if who else None)
    client.check_pages = False
    for address in (f"/actions/{action.reference}", f"/cases/{case.reference}/plan"):
        assert client.get(address).status_code == read, address
    for step in STEPS:
        answer = client.submit(f"/actions/{action.reference}/{step}", {"words": "x", "version": "1"})
        assert answer.status_code == sent, step
    assert client.submit(f"/cases/{case.reference}/actions/new", given(cast.officer)).status_code == sent


def test_a_former_agency_finds_nothing_and_a_guessed_reference_is_none(
    rows: Session, cast: Cast, case: Case, action: Action, client_for: ClientFor
) -> None:
    rows.query(Involvement).filter_by(case_id=case.id, team_id=cast.police_team.id).update(
        {"ended_at": clock.now()}
    )
    rows.commit()
    client = client_for(cast.officer)
    assert client.get(f"/actions/{action.reference}").status_code == 404
    assert client.get(f"/cases/{case.reference}/plan").status_code == 404
    for guessed in ("ACT-0000-0000", case.reference, "x", str(action.id)):
        assert client_for(cast.social_worker).get(f"/actions/{guessed}").status_code == 404


def test_whoever_reads_it_and_may_not_is_told_why(cast: Cast, action: Action, client_for: ClientFor) -> None:
    nurse = client_for(cast.nurse)
    for step in ("start", "done", "blocked", "confirm", "effect", "date", "not-needed", "covered", "owner"):
        answer = nurse.submit(f"/actions/{action.reference}/{step}", {"words": "x", "version": "1"})
        assert answer.status_code == 403, step
    owner = client_for(cast.community_safety)
    for step in ("date", "owner", "not-needed", "covered", "confirm"):
        answer = owner.submit(f"/actions/{action.reference}/{step}", {"words": "x", "version": "1"})
        assert answer.status_code == 403, step


def test_a_meeting_on_another_case_in_the_address_is_none(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = case_of_three(rows, cast)
    meeting = make_meeting(
        rows, chair=cast.social_worker, note_taker=cast.nurse, cases=[other], state=MeetingState.HELD
    )
    client = client_for(cast.social_worker)
    address = f"/cases/{case.reference}/actions/new?meeting={meeting.reference}"
    assert client.get(address).status_code == 404
    assert client.submit(address, given(cast.officer)).status_code == 404
    assert not rows.scalars(select(Action)).all()


def test_whoever_looks_at_an_action_leaves_a_row(
    rows: Session, cast: Cast, action: Action, client_for: ClientFor
) -> None:
    client_for(cast.community_safety).get(f"/actions/{action.reference}")
    row = rows.scalars(select(AuditEvent).where(AuditEvent.action == "action:view")).one()
    assert (row.child_id, row.ground) == (action.child_id, "owner")


def test_when_their_reach_is_over_an_owner_finds_nothing(
    rows: Session, cast: Cast, acting: Acting, action: Action, client_for: ClientFor
) -> None:
    make_note(rows, action, cast.community_safety)
    steps(acting, cast.community_safety, action, mark_done, words="Done")
    rows.get_one(Action, action.id).reach_until = clock.now() - timedelta(seconds=1)
    rows.commit()
    client = client_for(cast.community_safety)
    assert client.get(f"/actions/{action.reference}").status_code == 404
    assert "Ada Fictional" not in client.get("/work").text + client.get("/actions").text
    assert rows.query(Deadline).filter_by(subject_id=action.id).one().state == "done"


def test_what_somebody_wrote_on_an_action_that_went_to_another_is_given_back(
    rows: Session, cast: Cast, action: Action, acting: Acting, client_for: ClientFor
) -> None:
    was_told(rows, cast.community_safety, subject=("action", action.id), reference=action.reference)
    steps(acting, cast.social_worker, action, hand_over, owner=cast.nurse, reason="Not theirs")
    for who, given_back in ((cast.community_safety, True), (cast.stranger, False)):
        answer = client_for(who).submit(
            f"/actions/{action.reference}/done", {"words": "He meets Zorbo on Saturday", "version": "1"}
        )
        assert answer.status_code == 404
        assert ("He meets Zorbo on Saturday" in answer.text) is given_back, who.name
        assert ("no longer yours" in answer.text) is given_back


def test_a_plan_that_nobody_may_write_offers_nothing(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    make_plan(rows, case, cast.social_worker)
    page = client_for(cast.nurse).get(f"/cases/{case.reference}/plan").text
    assert f"/cases/{case.reference}/plan/goal" not in page
    assert client_for(cast.nurse).get(f"/cases/{case.reference}/plan/goal").status_code == 403
