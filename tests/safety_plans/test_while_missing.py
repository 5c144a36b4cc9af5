"""A safety plan of a child who is missing now: what it says to do is known at once to whoever may know it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.alerts import add_alert as set_alert
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink
from portal.records.children.records import link_children
from portal.records.missing.model import MissingEnquiry, MissingEpisode, MissingMatch
from portal.records.missing.moving import answer_match, move_episode
from portal.records.missing.reading import plans_over
from portal.records.missing.reporting import Who, report_missing
from portal.records.missing.steps import PASSED_ON, add_enquiry, pass_on
from portal.records.people.model import Team, User
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.vocabulary import Desk, Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.conftest import reports
from tests.missing.conftest import said as facts_of_report
from tests.safety_plans.steps import WORDS, WORKERS, Acting, begun, holds, renewed, writes
from tests.safety_plans.test_pages import ClientFor
from tests.safety_plans.test_safety_plans import met
from tests.told import heard, page_words, untold

NIGHT = datetime(2027, 11, 27, 2, 0, tzinfo=UTC)  # a Saturday
MORNING = datetime(2027, 11, 24, 10, 0, tzinfo=UTC)
IF_MISSING = {"missing_enquiries": "Belpermarker: ring her aunt first"}
EVENTS = ("safety_plan_in_force", "safety_plan_police", "missing_planned")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The police work on it; the desk for missing people is another team of theirs, which does not."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    return case_of_three(rows, cast)


def missing(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    return make_episode(rows, rows.get_one(Child, case.child_id), cast.officer, team=cast.police_team)


def goes_out(rows: Session) -> set[datetime]:
    """When the e-mails of a plan are sent."""
    rows.rollback()
    found = select(OutboxMessage).where(OutboxMessage.event.in_(EVENTS), OutboxMessage.channel == "mail")
    messages = rows.scalars(found).all()
    assert messages
    assert len({one.urgent for one in messages}) == 1
    return {one.not_before for one in messages}


def desk(rows: Session, cast: Cast) -> set[str]:
    return heard(rows, cast, "missing_planned")


@time_machine.travel(NIGHT, tick=False)
def test_a_plan_put_in_force_while_the_child_is_missing_goes_at_once_to_all_who_may_know(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    episode = missing(rows, cast, case)
    plan = begun(acting, cast.social_worker, case, WORDS | WORKERS | IF_MISSING)
    page = f"/safety-plans/{plan.reference}"
    client = client_for(cast.social_worker)
    until = clock.today() + timedelta(days=9)
    sent = {"child": "yes", "carer": "yes", "number": str(plan.number), "version": str(plan.number)}
    sent |= {"until-day": str(until.day), "until-month": str(until.month), "until-year": str(until.year)}
    answer = client.submit(f"{page}/in-force", sent)
    assert answer.status_code == 303, answer.text
    words = client.soup(answer.headers["Location"]).get_text(" ", strip=True)
    assert "Told by e-mail now, and in the portal" in words
    assert f"{cast.police_other_team.name} (police missing desk)" in words
    assert "from 8:00am" not in words
    assert goes_out(rows) == {NIGHT}
    mails = {"officer", "nurse", "social_care_team", "police_team", "health_team"}
    found = heard(rows, cast, "safety_plan_in_force")
    assert {f"{one} mail safety_plan_in_force" for one in mails} <= found
    assert {"police_other_team mail missing_planned", "hub_team mail missing_planned"} <= desk(rows, cast)
    told = {one.split()[0] for one in desk(rows, cast)}
    assert not told & {"teacher", "stranger", "community_safety", "school_team", "council_team"}
    at_desk = client_for(cast.neighbour).soup(f"/missing/{episode.reference}").get_text(" ", strip=True)
    assert "Belpermarker" not in at_desk
    assert "Derbyshire social care, evenings, nights and weekends, 01632 960122" in at_desk
    assert "960121" not in at_desk, "nobody answers there at night"
    assert "There is a safety plan or a warning that says it: you were told so on" in at_desk
    untold = client_for(cast.teacher).get(f"/missing/{episode.reference}").get_data(as_text=True)
    assert "There is a safety plan or a warning that says it" not in untold
    officer = client_for(cast.officer).soup(f"/missing/{episode.reference}").get_text(" ", strip=True)
    assert "Belpermarker" in officer, "who works on the case reads it"


@time_machine.travel(NIGHT, tick=False)
def test_so_do_its_changes_and_its_end_and_the_desk_hears_of_what_says_something_for_the_search(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case, WORDS)
    holds(acting, cast.social_worker, case, plan, days=5)
    assert goes_out(rows) != {NIGHT}, "nobody is missing: it waits for the morning"
    missing(rows, cast, case)
    writes(acting, cast.social_worker, case, plan, seen=1, safe_places="The library")
    holds(acting, cast.social_worker, case, plan)
    assert NIGHT in goes_out_of(rows, "safety_plan_in_force")
    assert desk(rows, cast) == set(), "it says nothing of what to do when the child is missing"
    writes(acting, cast.social_worker, case, plan, seen=2, **IF_MISSING)
    holds(acting, cast.social_worker, case, plan)
    assert "police_other_team mail missing_planned" in desk(rows, cast)
    with acting(cast.social_worker) as actor:
        found = db.session.get_one(SafetyPlan, plan.id)
        record = db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=record, plan=found, reason="Wrong", version=found.version)
    assert goes_out_of(rows, "safety_plan_ended") == {NIGHT}


def test_of_a_plan_that_a_meeting_ended_and_that_goes_on_the_desk_hears_each_time(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    missing(rows, cast, case)
    plan = begun(acting, cast.social_worker, case, WORDS | WORKERS | IF_MISSING)
    holds(acting, cast.social_worker, case, plan, days=5)
    events = ("safety_plan_in_force", "missing_planned")
    assert [times(rows, cast, event) for event in events] == [1, 1]
    for number in (1, 2):
        met(rows, cast, case, acting, ends=plan)
        assert times(rows, cast, "missing_plan_over") == number
        renewed(acting, cast.social_worker, case, plan, clock.today() + timedelta(days=5 + number))
        assert [times(rows, cast, event) for event in events] == [number + 1, number + 1]


def times(rows: Session, cast: Cast, event: str) -> int:
    """How often the team that looks for the child, or that of the police on the case, is written to."""
    rows.rollback()
    team = cast.police_other_team if event.startswith("missing") else cast.police_team
    found = select(OutboxMessage.id).filter_by(event=event, channel="mail", recipient_team_id=team.id)
    return len(rows.scalars(found).all())


def goes_out_of(rows: Session, event: str) -> set[datetime]:
    rows.rollback()
    return set(rows.scalars(select(OutboxMessage.not_before).filter_by(event=event, channel="mail")))


@time_machine.travel(NIGHT, tick=False)
@pytest.mark.parametrize("sensitivity", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_of_a_case_that_is_held_closely_the_police_desk_hears_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting, sensitivity: Sensitivity
) -> None:
    for person in (cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(sensitivity)
    rows.commit()
    missing(rows, cast, case)
    plan: SafetyPlan = begun(acting, cast.social_worker, case, WORDS | IF_MISSING)
    holds(acting, cast.social_worker, case, plan)
    told = {one.split()[0] for one in desk(rows, cast)}
    hub = {"hub_team", "coordinator", "second_coordinator"}
    assert told == (hub if sensitivity == Sensitivity.RESTRICTED else set())
    assert "officer mail safety_plan_in_force" in heard(rows, cast, "safety_plan_in_force")
    assert goes_out(rows) == {NIGHT}


@time_machine.travel(NIGHT, tick=False)
@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_where_nobody_looks_for_missing_children_the_page_and_the_hub_say_so(
    rows: Session, cast: Cast, case: Case, acting: Acting, sensitivity: Sensitivity
) -> None:
    """Of a case that is held closely the desk is not to hear: there nobody is lacking."""
    rows.get_one(Team, cast.police_other_team.id).desks = []
    for person in (cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(sensitivity)
    rows.commit()
    missing(rows, cast, case)
    plan: SafetyPlan = begun(acting, cast.social_worker, case, WORDS | IF_MISSING)
    words = holds(acting, cast.social_worker, case, plan)
    lacking = ("missing_planned", "police_desk", "nobody")
    is_open = sensitivity is Sensitivity.NORMAL
    assert untold(rows) == ({lacking} if is_open else set())
    assert ("Not told: police missing desk" in words) is is_open


@time_machine.travel(MORNING, tick=False)
def test_the_page_names_whom_to_ask_the_same_for_a_child_without_a_plan_and_in_office_hours_the_office(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = make_case(
        rows, make_child(rows, "Pellory", "Vantongue"), lead=cast.social_care, opened_by=cast.coordinator
    )
    said = []
    for one in (case, other):
        page = client_for(cast.neighbour).soup(f"/missing/{missing(rows, cast, one).reference}")
        section = page.find("section", {"aria-labelledby": "plan"})
        assert section is not None
        said.append(section.get_text(" ", strip=True))
    assert said[0] == said[1]
    assert "Derbyshire children’s social care, 01632 960121" in said[0]
    assert "960101" in said[0]
    assert "960122" not in said[0]
    page = client_for(cast.social_care_manager).soup(f"/missing/{missing(rows, cast, other).reference}")
    own = page.find("section", {"aria-labelledby": "plan"})
    assert own is not None
    assert "960101" in own.get_text()
    assert "960121" not in own.get_text(), "they would ring themselves"


@time_machine.travel(NIGHT, tick=False)
@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_a_plan_that_was_in_force_before_is_told_of_with_the_report_and_when_it_ends(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, sensitivity: Sensitivity
) -> None:
    for person in (cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    plan = begun(acting, cast.social_worker, case, WORDS | IF_MISSING)
    holds(acting, cast.social_worker, case, plan)
    rows.get_one(Case, case.id).sensitivity = int(sensitivity)
    rows.commit()
    page = (
        client_for(cast.social_worker).get(f"/safety-plans/{plan.reference}/in-force").get_data(as_text=True)
    )
    says_so = "The police missing desk and the hub are told that there is a plan when the child" in page
    assert says_so is (sensitivity is Sensitivity.NORMAL)
    child = rows.get_one(Child, case.child_id)
    name = f"{child.given_name} {child.family_name}"
    said = []
    for one, born in ((name, child.dob), ("Pellory Vantongue", None)):
        with acting(cast.teacher) as actor:  # who knows neither of the two
            who = Who(given_name=one.split()[0], family_name=one.split()[-1], dob=born, nhs_number=None)
            report_missing(actor=actor, who=who, facts=facts_of_report(), once=uuid4())
            said.append(page_words().strip())  # an event that no page speaks of leaves a blank
    assert said[0] == said[1], "no page tells that the child is known"
    hub, desks = {"hub_team mail missing_planned"}, {"police_other_team mail missing_planned"}
    expected = {Sensitivity.NORMAL: hub | desks, Sensitivity.RESTRICTED: hub, Sensitivity.SEALED: set()}
    mails = {one for one in heard(rows, cast, "missing_plan_there") if " mail " in one}
    assert mails == expected[sensitivity]
    with acting(cast.social_worker) as actor:
        held = db.session.get_one(SafetyPlan, plan.id)
        of = db.session.get_one(Case, case.id)
        end_safety_plan(actor=actor, case=of, plan=held, reason="Wrong", version=held.version)
        banner = page_words()
    team = f"{cast.police_other_team.name} (was told before)"
    assert (team in banner) is (sensitivity is Sensitivity.NORMAL), (
        "whoever reads the plan sees who hears of its end"
    )
    over = {one for one in heard(rows, cast, "missing_plan_over") if " mail " in one}
    assert over == {one.replace("missing_planned", "missing_plan_over") for one in expected[sensitivity]}


def warns(acting: Acting, actor: User, case: Case, kind: str = "no_family_contact") -> str:
    """Somebody puts an alert on the case; what the page says of who was told."""
    with acting(actor) as person:
        of = db.session.get_one(Case, case.id)
        owner = db.session.get_one(User, actor.id)
        said: dict[str, Any] = {"kind": kind, "text": "Tansocklebury: an uncle tips them", "child_told": True}
        on = clock.today()
        set_alert(actor=person, case=of, owner=owner, review_on=on, policy=current_policy(), **said)
        return page_words()


@time_machine.travel(NIGHT, tick=False)
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_whoever_looks_for_a_child_hears_at_once_of_an_alert_by_which_they_ask_before_they_ring(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, sensitivity: Sensitivity,
    first: bool,
) -> None:  # fmt: skip
    for person in (cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(sensitivity)
    rows.commit()
    events = "missing_plan_there" if first else "missing_planned"
    episode = None if first else missing(rows, cast, case)
    banner = warns(acting, cast.social_worker, case)
    if episode is None:
        assert heard(rows, cast, events) == set(), "nobody looks for the child"
        episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    assert first or (cast.police_other_team.name in banner) is (sensitivity is Sensitivity.NORMAL)
    told = heard(rows, cast, events)
    hub, desks = {"hub_team mail missing_planned"}, {"police_other_team mail missing_planned"}
    expected = {Sensitivity.NORMAL: hub | desks, Sensitivity.RESTRICTED: hub, Sensitivity.SEALED: set()}
    assert {one for one in told if " mail " in one} == expected[sensitivity]
    assert not {one.split()[0] for one in told} & {"teacher", "stranger", "community_safety", "nurse"}
    if sensitivity is Sensitivity.NORMAL:
        page = client_for(cast.neighbour).soup(f"/missing/{episode.reference}").get_text(" ", strip=True)
        assert "Before you ring or visit anybody, ask what it says" in page
        assert "Tansocklebury" not in page
        assert "Do not contact the family" not in page
        other = client_for(cast.teacher).get(f"/missing/{episode.reference}").get_data(as_text=True)
        assert "a safety plan or a warning that says it: you" not in other


@time_machine.travel(NIGHT, tick=False)
def test_of_an_alert_that_asks_nothing_of_them_or_while_nobody_is_missing_they_hear_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    warns(acting, cast.social_worker, case)
    other = make_case(
        rows, make_child(rows, "Pellory", "Vantongue"), lead=cast.social_care, opened_by=cast.coordinator
    )
    missing(rows, cast, other)
    warns(acting, cast.coordinator, other, "interpreter")
    assert desk(rows, cast) == set()


@time_machine.travel(NIGHT, tick=False)
def test_of_a_plan_that_says_nothing_for_it_or_is_not_in_force_nobody_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begun(acting, cast.social_worker, case, WORDS | IF_MISSING)
    reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    assert heard(rows, cast, "missing_plan_there") == set()


@pytest.mark.parametrize(("ends", "linked"), [(True, False), (False, False), (True, True)])
def test_what_was_passed_on_says_that_the_plan_has_ended_since(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, ends: bool, linked: bool
) -> None:
    plan = begun(acting, cast.social_worker, case, WORDS | IF_MISSING)
    holds(acting, cast.social_worker, case, plan)
    of_child = case
    if linked:  # the plan is on another record of the child
        of_child = case_of_three(rows, cast)
        first, second = sorted((case.child_id, of_child.child_id))
        said = {"reason": "x", "linked_by": cast.coordinator.id, "created_at": clock.now()}
        rows.add(ChildLink(id=new_id(), child_a=first, child_b=second, **said))
        rows.commit()
    episode = missing(rows, cast, of_child)
    page, mark = f"/missing/{episode.reference}", "The safety plan of that time ended"
    with acting(cast.social_worker) as actor:
        found = db.session.get_one(MissingEpisode, episode.id)
        pass_on(actor=actor, episode=found, words="Ring her aunt first.", once=uuid4())
        add_enquiry(
            actor=actor, episode=found, at=clock.now(), by="Duty", words="Rang the school.", once=uuid4()
        )
    at_desk = client_for(cast.neighbour)
    read = at_desk.soup(page).get_text(" ", strip=True)
    assert mark not in read
    assert "What was passed on of it stands below" in read
    if ends:
        with acting(cast.social_worker) as actor:
            held = db.session.get_one(SafetyPlan, plan.id)
            of = db.session.get_one(Case, case.id)
            end_safety_plan(actor=actor, case=of, plan=held, reason="Wrong", version=held.version)
    shown = [one.get_text(" ", strip=True) for one in at_desk.soup(page).select(".moj-timeline__item")]
    assert [mark in one for one in shown if "Ring her aunt first." in one] == [ends]
    assert (
        "What was passed on of it stands below" in at_desk.soup(page).get_text(" ", strip=True)
    ) is not ends
    assert not any(mark in one for one in shown if "Rang the school." in one)
    with acting(cast.stranger):
        enquiry = rows.scalars(select(MissingEnquiry.id).filter_by(made_by=PASSED_ON)).one()
        assert plans_over(enquiry_ids=[enquiry]) == {}, "of somebody who does not read the episode nothing"


@time_machine.travel(NIGHT, tick=False)
@pytest.mark.parametrize("sensitivity", Sensitivity)
@pytest.mark.parametrize("how", ["recognised", "moved", "linked"])
def test_a_plan_that_was_in_force_before_is_told_of_when_it_is_known_later_whose_it_is(
    rows: Session, cast: Cast, case: Case, acting: Acting, how: str, sensitivity: Sensitivity
) -> None:
    for person in (cast.social_worker, cast.officer, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    holds(acting, cast.social_worker, case, begun(acting, cast.social_worker, case, WORDS | IF_MISSING))
    rows.get_one(Case, case.id).sensitivity = int(sensitivity)
    rows.commit()
    with acting(cast.teacher) as actor:
        who = Who(given_name="Pellory", family_name="Vantongue", dob=None, nhs_number=None)
        episode = report_missing(actor=actor, who=who, facts=facts_of_report(), once=uuid4())
        id_, before = episode.id, episode.child_id
    assert heard(rows, cast, "missing_plan_there") == set()
    if how == "recognised":
        about = {"episode_id": id_, "child_id": before, "other_id": case.child_id}
        rows.add(MissingMatch(id=new_id(), asked_at=clock.now(), words="", **about))
        rows.commit()
    with acting(cast.coordinator) as actor:
        episode = db.session.get_one(MissingEpisode, id_)
        one, other = (db.session.get_one(Child, child) for child in (before, case.child_id))
        if how == "recognised":
            match = db.session.scalars(select(MissingMatch.id)).one()
            answer_match(actor=actor, episode=episode, match_id=match, same=True, words="Her aunt rang")
        elif how == "moved":
            to, version = other.reference, episode.version
            move_episode(actor=actor, episode=episode, reference=to, words="Her aunt rang", version=version)
        else:
            link_children(actor=actor, child=one, other=other, reason="Her aunt rang")
    hub, desks = {"hub_team mail missing_planned"}, {"police_other_team mail missing_planned"}
    expected = {Sensitivity.NORMAL: hub | desks, Sensitivity.RESTRICTED: hub, Sensitivity.SEALED: set()}
    told = heard(rows, cast, "missing_plan_there")
    assert {one for one in told if " mail " in one} == expected[sensitivity]
    outside = {"teacher", "stranger", "community_safety", "nurse"}
    assert not {one.split()[0] for one in told} & outside
    mails = (
        select(func.count()).select_from(OutboxMessage).filter_by(event="missing_plan_there", channel="mail")
    )
    assert rows.scalar(mails) == len(expected[sensitivity]), "once, also where the records are linked with it"
