"""Claims about every ladder that the policy has: each rung once, in order, at its local time, to its people.

A ladder that is added to the policy is tested here without a line being written.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.model import ReminderPlan
from portal.messages.vocabulary import MessageRecipient, TellBy
from portal.policy import load
from portal.policy.telling import Ladder, Reminders, ReminderStep, RungWhen
from portal.policy.validators import Unit
from portal.registry import records
from portal.reminders.receivers import ANOTHER_MATTER
from tests.cast import Cast
from tests.policy.editing import SHIPPED
from tests.reminders import almanac
from tests.reminders.scene import OF_LATER_DAYS, Scene, make_scene
from tests.reminders.travel import Told, at, mailed, open_duty, tick, told

REMINDERS: Reminders = load(SHIPPED).reminders
LADDERS = REMINDERS.ladders.offered

SEASONS = {
    "an ordinary week": at("2027-02-17", "23:59"),
    "a form at night": at("2027-02-18", "02:00"),
    "before anybody is at work": at("2027-06-07", "07:00"),
    "a Saturday": at("2027-02-20", "12:00"),
    "over Christmas": at("2026-12-30", "23:59"),
    "on Boxing Day": at("2026-12-26", "11:00"),
    "over Easter and into summer time": at("2027-03-31", "23:59"),
    "on Good Friday": at("2027-03-26", "15:00"),
    "an hour after the clocks go forward": at("2027-03-28", "02:30"),
    "over the first Monday in May": at("2027-05-05", "23:59"),
    "over the last Monday in May": at("2027-06-01", "10:00"),
    "over the clocks going back": at("2027-11-01", "23:59"),
    "an hour after the clocks go back": at("2027-10-31", "02:30"),
}


@pytest.fixture
def scene(rows: Session, cast: Cast) -> Scene:
    return make_scene(rows, cast)


def whenever_it_has_to_be_looked_at(rows: Session, duty: Deadline) -> Iterator[datetime]:
    """Each moment at which the worker means to look, a second before it, and once more after it."""
    while True:
        rows.expire_all()
        moment = rows.get_one(ReminderPlan, duty.id).look_at
        if moment > duty.due_at + timedelta(days=60):
            return
        yield moment - timedelta(seconds=1)
        yield moment
        yield moment + timedelta(seconds=1)


def expected(
    ladder: Ladder,
    due: datetime,
    opened: datetime,
    people: dict[MessageRecipient, set[UUID]],
    in_the_morning: dict[MessageRecipient, set[UUID]],
) -> Told:
    """Whom each rung tells and when; of those that fall at one moment each receiver is told by the last.

    `in_the_morning` are the people whose morning message tells what is told to their team otherwise.
    """
    hours = REMINDERS.hours
    steps = [(almanac.falls(rung, hours, due=due, opened=opened), rung) for rung in ladder.rungs]
    steps = sorted((step for step in steps if step[0] >= opened), key=lambda step: step[0])
    by_moment: dict[tuple[datetime, UUID, str], ReminderStep] = {}
    for moment, rung in steps:
        whom = people if rung.by is TellBy.MAIL else people | in_the_morning
        matter = rung.code if ANOTHER_MATTER & set(rung.to) else ""
        for recipient in rung.to:
            for receiver in whom[recipient]:
                before = by_moment.get((moment, receiver, matter))
                if before is None or is_urgent(rung) or not is_urgent(before):
                    by_moment[moment, receiver, matter] = rung
    found: dict[tuple[str, datetime], set[UUID | None]] = {}
    for (moment, receiver, _), rung in by_moment.items():
        goes_out = almanac.sent(moment, hours, urgent=is_urgent(rung))
        found.setdefault((rung.code, goes_out), set()).add(receiver)
    return [(code, moment, to) for (code, moment), to in found.items()]


def is_urgent(rung: ReminderStep) -> bool:
    return REMINDERS.kinds[rung.kind].urgent


def in_order(found: Told) -> Told:
    return sorted(found, key=lambda step: (step[1], step[0] or ""))


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder.code)
def test_every_rung_of_every_ladder_is_told_once_in_order_at_its_local_time_and_to_its_people(
    engine: Engine, rows: Session, scene: Scene, ladder: Ladder
) -> None:
    for season, due in SEASONS.items():
        opened = due - timedelta(days=21)
        duty = scene.open(ladder, due, opened)
        for moment in whenever_it_has_to_be_looked_at(rows, duty):
            tick(engine, moment)
        found, wanted = told(rows, duty), expected(ladder, due, opened, scene.people, scene.in_the_morning)
        assert in_order(found) == in_order(wanted), season
        waits = {rung.code for rung in ladder.rungs if rung.by is TellBy.DIGEST}
        assert mailed(rows, duty).isdisjoint(waits), season


@pytest.mark.parametrize("owned_by", ["team", "agency"])
@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder.code)
def test_a_duty_of_a_team_goes_to_its_duty_address_and_one_of_an_agency_to_its_lead(
    engine: Engine,
    rows: Session,
    cast: Cast,
    scene: Scene,
    ladder: Ladder,
    owned_by: str,
) -> None:
    due = SEASONS["an ordinary week"]
    opened = due - timedelta(days=21)
    people, mornings = dict(scene.people), dict(scene.in_the_morning)
    if owned_by == "team":
        owner = {"owner_team_id": cast.social_care_team.id}
        people[MessageRecipient.OWNER] = {cast.social_care_team.id}
        members = cast.social_worker, cast.social_care_manager, cast.chair
        mornings[MessageRecipient.OWNER] = {one.id for one in members}
    else:
        owner = {"owner_agency_id": cast.social_care.id}
        lead = people[MessageRecipient.AGENCY_LEAD]
        people |= {MessageRecipient.OWNER: lead, MessageRecipient.OWNER_MANAGER: lead}
    duty = scene.open(ladder, due, opened, **owner)
    for moment in whenever_it_has_to_be_looked_at(rows, duty):
        tick(engine, moment)
    without_given = Ladder(
        **vars(ladder) | {"rungs": tuple(one for one in ladder.rungs if one.when is not RungWhen.OPENED)}
    )
    assert in_order(told(rows, duty)) == in_order(expected(without_given, due, opened, people, mornings))


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder.code)
def test_what_lies_before_the_day_waits_for_the_morning_message_unless_it_is_urgent(ladder: Ladder) -> None:
    for rung in ladder.rungs:
        hours = rung.value * (1 if rung.unit is Unit.ELAPSED_HOURS else 24)
        for_hub = set(rung.to) == {MessageRecipient.HUB} and rung.kind == "late"
        ahead = rung.when is RungWhen.BEFORE and hours >= 24 and not is_urgent(rung)
        waits = for_hub or (ahead and not ANOTHER_MATTER & set(rung.to))
        assert (rung.by is TellBy.DIGEST) == waits, rung.code


@pytest.mark.parametrize(
    ("due", "days"),
    [
        (  # Good Friday 26 and Easter Monday 29 March; the clocks go forward on the 28th
            "2027-03-31",
            ["22 Mar 08:00", "30 Mar 07:00", "31 Mar 07:00", "05 Apr 07:00", "07 Apr 07:00"],
        ),
        ("2027-05-05", ["27 Apr 07:00", "04 May 07:00", "05 May 07:00", "10 May 07:00", "12 May 07:00"]),
        (  # the clocks go back on 31 October
            "2027-11-01",
            ["25 Oct 07:00", "29 Oct 07:00", "01 Nov 08:00", "04 Nov 08:00", "08 Nov 08:00"],
        ),
        (  # 25 and 28 December and 1 January are bank holidays
            "2026-12-29",
            ["18 Dec 08:00", "24 Dec 08:00", "29 Dec 08:00", "04 Jan 08:00", "06 Jan 08:00"],
        ),
    ],
)
def test_examples_counted_by_hand_over_bank_holidays_and_both_clock_changes(
    engine: Engine, rows: Session, scene: Scene, due: str, days: list[str]
) -> None:
    (default,) = (ladder for ladder in LADDERS if ladder.code == "default")
    duty = scene.open(default, at(due, "23:59"), at(due) - timedelta(days=21))
    for moment in whenever_it_has_to_be_looked_at(rows, duty):
        tick(engine, moment)
    rungs = ["five_days", "one_day", "on_the_day", "manager", "lead"]
    found = [(rung, f"{moment.astimezone(UTC):%d %b %H:%M}") for rung, moment, _ in told(rows, duty)]
    assert found[0][0] == "given"
    assert found[1:] == list(zip(rungs, days, strict=True)), "in UTC"


def test_a_kind_of_duty_that_nobody_has_thought_of_yet_goes_by_the_default_ladder(
    engine: Engine, rows: Session, cast: Cast, scene: Scene
) -> None:
    duty = open_duty(
        rows,
        opened=at("2027-02-01", "09:00"),
        due=at("2027-02-17", "23:59"),
        subject=scene.case,
        case_id=scene.case.id,
        kind=OF_LATER_DAYS,
        source=f"clocks.{OF_LATER_DAYS}",
        owner_id=cast.social_worker.id,
        given_by=scene.giver,
    )
    for moment in whenever_it_has_to_be_looked_at(rows, duty):
        tick(engine, moment)
    assert [rung for rung, _, _ in told(rows, duty)] == [
        *("given", "five_days", "one_day", "on_the_day", "manager", "lead")
    ]


#: What a duty can be on.
DUTIES = [kind for kind, record in records().items() if record.duty]


@pytest.mark.parametrize("kind", [*DeadlineKind, OF_LATER_DAYS])
def test_every_kind_of_duty_is_brought_to_mind_before_it_is_late_and_to_somebody_else_afterwards(
    kind: str,
) -> None:
    sources = ["", *(f"clocks.{one.clock}" for one in LADDERS if one.clock and one.clock.startswith(kind))]
    for source, about in product(sources, DUTIES):
        rungs = REMINDERS.ladder(kind, source, about).rungs
        doers = {MessageRecipient.OWNER, MessageRecipient.INVITED, MessageRecipient.INVITED_UNANSWERED}
        assert any(rung.when in {RungWhen.BEFORE, RungWhen.ON} and doers & set(rung.to) for rung in rungs)
        assert any(rung.when is RungWhen.AFTER and set(rung.to) - doers for rung in rungs)


def test_a_worker_that_looks_every_hour_tells_the_same_as_one_that_looks_when_it_has_to(
    engine: Engine, rows: Session, cast: Cast, scene: Scene
) -> None:
    (default,) = (ladder for ladder in LADDERS if ladder.code == "default")
    due, opened = at("2027-04-01", "23:59"), at("2027-03-22", "09:00")
    duty = scene.open(default, due, opened)
    for hours in range(24 * 20):
        tick(engine, opened + timedelta(hours=hours))
    assert in_order(told(rows, duty)) == in_order(expected(default, due, opened, scene.people, {}))
    assert rows.get_one(ReminderPlan, duty.id).look_at.year == 9999, "there is nothing left to look at"
