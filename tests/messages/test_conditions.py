"""What must be told reaches somebody, whatever stands in the way, or is said to have reached nobody."""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, select

from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import CancelReason, HandReason
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import change_episode
from portal.records.people.model import Agency, Team, User
from portal.records.safety_plans.ending import end_safety_plan
from portal.reminders.claims import Cancel, HandOn, Nobody, Send, Show, Standing, Waiting
from portal.vocabulary import Desk, RiskLevel, Sector, Sensitivity
from tests.assessments.conftest import assessed
from tests.client import Client
from tests.factories.cases import grant
from tests.messages.crowd import Crowd, crowd
from tests.messages.test_rows_of_cases import warns
from tests.missing.conftest import reports, returns, said
from tests.missing.test_pages import reported
from tests.policy.editing import FIRST, SHIPPED
from tests.reminders.conftest import MORNING, behaviour, engine, morning, outbox, send
from tests.reminders.travel import away, judged, suspend
from tests.safety_plans.steps import begun, holds
from tests.told import untold

__all__ = ["behaviour", "crowd", "engine", "morning", "outbox", "send"]

#: A Sunday at one in the morning.
NIGHT = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)


def warning(crowd: Crowd) -> None:
    warns(crowd, "no_family_contact")


def level(crowd: Crowd) -> None:
    assessed(crowd.acting, crowd.cast.coordinator, crowd.case, RiskLevel.HIGH)


def safety_plan(crowd: Crowd) -> None:
    plan = begun(crowd.acting, crowd.cast.coordinator, crowd.case)
    holds(crowd.acting, crowd.cast.coordinator, crowd.case, plan)


def safety_plan_ends(crowd: Crowd) -> None:
    plan = begun(crowd.acting, crowd.cast.coordinator, crowd.case)
    holds(crowd.acting, crowd.cast.coordinator, crowd.case, plan)
    version = crowd.rows.get_one(type(plan), plan.id).version
    crowd.does("coordinator", end_safety_plan, plan=plan, reason="Safe", version=version)


def missing(crowd: Crowd) -> MissingEpisode:
    """Of a child at high risk, who is looked after in one authority and is in another."""
    rows, cast = crowd.rows, crowd.cast
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    for agency, team, authority in (
        (cast.social_care, cast.social_care_team, "derbyshire"),
        (cast.school, cast.school_team, "derby"),
    ):
        there = rows.get_one(Agency, agency.id)
        there.authority, there.sector = authority, Sector.SOCIAL_CARE
        rows.get_one(Team, team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Case, crowd.case.id).level = RiskLevel.HIGH
    rows.commit()
    child = rows.get_one(Child, crowd.case.child_id)
    return reports(crowd.acting, cast.coordinator, child=child, host_authority="derby")


def graded(crowd: Crowd) -> None:
    episode = missing(crowd)
    with crowd.acting(crowd.cast.neighbour) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        now = {name: getattr(held, name) for name in said()}
        change_episode(actor=actor, episode=held, facts=now | {"grade": "high"}, version=held.version)


def back(crowd: Crowd) -> None:
    returns(crowd.acting, crowd.cast.coordinator, missing(crowd))


#: What happens, by the event that tells of it.
SCENES: dict[str, Callable[[Crowd], object]] = {
    "warning_set": warning,
    "level_raised": level,
    "safety_plan_in_force": safety_plan,
    "safety_plan_ended": safety_plan_ends,
    "missing_reported": missing,
    "missing_grade_raised": graded,
    "missing_returned": back,
}
#: Who does it, where that is not the coordinator: the police alone grade an episode.
ACTS = {"missing_grade_raised": "neighbour"}
each = pytest.mark.parametrize("event", SCENES)


def becomes(
    crowd: Crowd, engine: Engine, event: str, at: datetime = MORNING
) -> list[tuple[Waiting, Standing]]:
    """What is to become of each e-mail of an event a minute after it was written."""
    found = judged(engine, at + timedelta(minutes=1))
    return [(message, standing) for message, standing in found if message.event == event]


def of(found: list[tuple[Waiting, Standing]], who: UUID) -> Standing:
    """What becomes of the one that was written for somebody."""
    (standing,) = [one for message, one in found if who in {message.recipient_id, message.recipient_team_id}]
    return standing


@each
@pytest.mark.usefixtures("morning")
def test_on_a_working_morning_everything_is_sent(crowd: Crowd, engine: Engine, event: str) -> None:
    SCENES[event](crowd)
    found = becomes(crowd, engine, event)
    assert found
    assert all(isinstance(one, Send) for _, one in found)


@each
@pytest.mark.usefixtures("morning")
def test_whoever_does_it_is_not_told_in_any_way(crowd: Crowd, event: str) -> None:
    """Another who reads the case on the same ground is."""
    for who in (crowd.cast.coordinator, crowd.cast.second_coordinator):
        grant(crowd.rows, crowd.case, who, by=crowd.cast.chair)
    SCENES[event](crowd)
    heard = {one.partition(" ")[0] for one in crowd.heard(event)}
    assert "second_coordinator" in heard
    assert ACTS.get(event, "coordinator") not in heard


@each
@pytest.mark.usefixtures("morning")
def test_for_whoever_is_away_it_goes_to_who_covers_the_case_else_to_their_team(
    crowd: Crowd, engine: Engine, event: str
) -> None:
    cast = crowd.cast
    away(crowd.rows, cast.nurse, "2026-11-24", "2026-11-27")
    away(crowd.rows, cast.officer, "2026-11-24", "2026-11-27", cover=crowd.case, by=cast.colleague)
    SCENES[event](crowd)
    found = becomes(crowd, engine, event)
    for person, stands_in in ((cast.nurse, cast.health_team.id), (cast.officer, cast.colleague.id)):
        assert_heard_by(stands_in, found, person.id, HandReason.AWAY, Show())


@pytest.mark.parametrize(
    ("event", "ground"), [("missing_reported", "reader"), ("missing_returned", "heard_before")]
)
@pytest.mark.usefixtures("morning")
def test_where_nobody_there_may_know_the_hub_hears_that_whoever_is_away_is_not_told(
    crowd: Crowd, engine: Engine, send: Callable[[], int], event: str, ground: str
) -> None:
    """Of a restricted case the hub is told in its own right: that says not that health has nothing."""
    cast = crowd.cast
    for person in (cast.social_worker, cast.nurse):
        grant(crowd.rows, crowd.case, person, by=cast.coordinator)
    crowd.rows.get_one(Case, crowd.case.id).sensitivity = int(Sensitivity.RESTRICTED)
    away(crowd.rows, cast.nurse, "2026-11-24", "2026-11-27")
    SCENES[event](crowd)
    assert of(becomes(crowd, engine, event), cast.nurse.id) == Nobody(HandReason.AWAY)
    send()
    assert {one for one in untold(crowd.rows) if one[0] == event} == {(event, ground, "away")}


@each
@pytest.mark.parametrize("reason", [HandReason.LEFT, HandReason.ADDRESS])
@pytest.mark.usefixtures("morning")
def test_for_whoever_left_or_whose_address_came_back_it_goes_to_their_team(
    crowd: Crowd, engine: Engine, event: str, reason: HandReason
) -> None:
    if reason is HandReason.ADDRESS:
        suspend(crowd.rows, crowd.cast.nurse)
    SCENES[event](crowd)
    if reason is HandReason.LEFT:
        crowd.rows.get_one(User, crowd.cast.nurse.id).active = False
        crowd.rows.commit()
    found = becomes(crowd, engine, event)
    instead = Show() if reason is HandReason.ADDRESS else Cancel(CancelReason.TOLD_ALREADY)
    assert_heard_by(crowd.cast.health_team.id, found, crowd.cast.nurse.id, reason, instead)


@each
@pytest.mark.parametrize("held", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_of_a_case_that_is_held_closely_since_only_those_hear_who_read_it_and_the_hub_that_others_do_not(
    crowd: Crowd, engine: Engine, send: Callable[[], int], event: str, held: Sensitivity
) -> None:
    cast = crowd.cast
    SCENES[event](crowd)
    for person in (cast.social_worker, cast.coordinator):
        grant(crowd.rows, crowd.case, person, by=cast.coordinator)
    crowd.rows.get_one(Case, crowd.case.id).sensitivity = int(held)
    crowd.rows.commit()
    found = becomes(crowd, engine, event)
    assert isinstance(of(found, cast.social_worker.id), Send)
    standing = of(found, cast.nurse.id)
    assert standing == Cancel(CancelReason.NO_REACH)
    send()
    (ground, actor) = crowd.rows.execute(
        select(OutboxMessage.ground, OutboxMessage.caused_by).filter_by(
            event=event, recipient_id=cast.nurse.id, channel="mail"
        )
    ).one()
    assert (event, ground, "no_reach") in untold(crowd.rows), "it is not dropped in silence"
    shown = crowd.rows.scalars(
        select(OutboxMessage).where(
            OutboxMessage.kind == "not_told", OutboxMessage.key.contains(f":{event}:")
        )
    ).all()
    heard = {(one.recipient_id, one.channel) for one in shown}
    hidden = any(row.hidden and row.to == ground for row in current_policy().telling.of(event))
    assert heard == (set() if hidden else {(actor, "portal")}), "whoever caused it, unless it is not for them"


def assert_heard_by(
    stands_in: UUID, found: list[tuple[Waiting, Standing]], who: UUID, reason: HandReason, instead: Standing
) -> None:
    """That one goes to whoever stands in, unless one of their own goes to them as soon: then `instead`."""
    standing, own = of(found, who), [one for one in found if _receiver(one[0]) == stands_in]
    if not own:
        assert isinstance(standing, HandOn), standing
        assert (standing.reason, standing.user_id or standing.team_id) == (reason, stands_in)
        return
    ((message, theirs),) = own
    assert isinstance(theirs, Send)
    assert standing == instead
    (mine,) = [one for one, _ in found if _receiver(one) == who]
    assert message.urgent or not mine.urgent


def _receiver(message: Waiting) -> UUID | None:
    return message.recipient_id or message.recipient_team_id


def test_where_there_is_nobody_the_page_says_so_and_the_hub_is_told(
    crowd: Crowd, client_for: Callable[[User], Client]
) -> None:
    cast, child = crowd.cast, crowd.rows.get_one(Child, crowd.case.child_id)
    client = client_for(cast.coordinator)
    answer = client.submit(f"/missing/report?child={child.reference}", reported())
    assert answer.status_code == 303
    assert ("missing_reported", "police_desk", "nobody") in untold(crowd.rows)
    kinds = crowd.rows.scalars(select(OutboxMessage.kind).filter_by(recipient_team_id=cast.hub_team.id)).all()
    assert "nobody_told_urgent" in kinds
    assert "Not told: police missing desk" in client.soup(answer.headers["Location"]).get_text(
        " ", strip=True
    )
    listed = client.soup("/messages").select(".app-messages__item")
    (line,) = [one.get_text(" ", strip=True) for one in listed if "could not be told" in one.get_text()]
    assert cast.hub_team.name not in line, "it is not the hub that could not be told"


@each
def test_on_a_sunday_night_only_what_is_urgent_goes_out(crowd: Crowd, event: str) -> None:
    with time_machine.travel(NIGHT):
        SCENES[event](crowd)
        found = crowd.rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail")).all()
    assert found
    opens = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    for one in found:
        assert one.not_before == opens if not one.urgent else one.not_before < NIGHT + timedelta(minutes=5)


@contextmanager
def without(event: str, row: Tell) -> Iterator[None]:
    """The policy without one of its rows."""
    rows = current_policy().telling._by_event
    kept = rows[event]
    rows[event] = tuple(one for one in kept if one != row)  # type: ignore[index]  # a test changes what the program does not
    try:
        yield
    finally:
        rows[event] = kept  # type: ignore[index]  # likewise


#: Of the rows that leave a message: those whose ground has nobody in these scenes; `rows.csv` names who
#: drives them. Nobody has lost sight of the plan or the child, whose record names no third authority and no
#: link, and the meeting is not soon.
ELSEWHERE = {"social_care_record", "linked"}
NOBODY_HERE = {
    "safety_plan_ended": {"heard_before"},
    "missing_reported": ELSEWHERE | {"chair_soon"},
    "missing_grade_raised": ELSEWHERE,
    "missing_returned": ELSEWHERE | {"leaving"},
}
POLICY = tomllib.loads((SHIPPED / FIRST / "telling.toml").read_text("utf-8"))
GROUNDS = {
    one["event"]: [row["to"] for row in one["tells"] if row.get("kind")]
    for one in POLICY["events"]
    if one["event"] in SCENES
}
ROWS = [
    (event, to)
    for event, grounds in GROUNDS.items()
    for to in grounds
    if to not in NOBODY_HERE.get(event, ())
]


def grounds_told(crowd: Crowd, event: str) -> set[str]:
    crowd.rows.rollback()
    return set(crowd.rows.scalars(select(OutboxMessage.ground).filter_by(event=event)))


@each
@pytest.mark.usefixtures("morning")
def test_each_row_reaches_somebody(crowd: Crowd, event: str) -> None:
    """So that to take one of them out, as below, is seen."""
    SCENES[event](crowd)
    assert grounds_told(crowd, event) == {to for one, to in ROWS if one == event}


@pytest.mark.parametrize(("event", "to"), ROWS)
@pytest.mark.usefixtures("morning")
def test_without_its_row_nobody_on_a_ground_hears_of_it(crowd: Crowd, event: str, to: str) -> None:
    """So the test that drives the row (`rows.csv`) fails: it does not find what it is named for."""
    (row,) = [one for one in current_policy().telling.of(event) if one.kind and one.to == to]
    with without(event, row):
        SCENES[event](crowd)
    found = grounds_told(crowd, event)
    assert found
    assert to not in found
