"""What is owed when a young person comes of age, by the days on which they do."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.pathway.calendar import add_months, end_of_day
from portal.policy import load
from portal.records.closing.policy import Closing
from portal.records.closing.rules import PLAN, PROMPT, Coming, Known, Steps, steps
from tests.policy.editing import SHIPPED

LONG_AGO = date(2020, 1, 6)
POLICY = load(SHIPPED).of(Closing)


def coming(birth: date, **changes: object) -> Coming:
    days = {name: add_months(birth, months) for name, months in (("prompt_on", 204), ("plan_on", 210))}
    values: dict[str, object] = {**days, "adult_on": add_months(birth, 216), "since": LONG_AGO} | changes
    return Coming(**values)  # type: ignore[arg-type]  # a mapping of fields


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def asked(known: Coming, now: datetime) -> Steps:
    return steps(known, POLICY, now, lambda _version: None)


def opened(known: Coming, now: datetime) -> dict[DeadlineKind, date]:
    return {one.kind: one.due_at.date() for one in asked(known, now).opened}


@pytest.mark.parametrize(
    ("birth", "day", "plan"),
    [
        (date(2009, 12, 1), date(2026, 12, 1), date(2027, 6, 1)),
        (date(2008, 2, 29), date(2025, 2, 28), date(2025, 8, 29)),  # no 29 February in 2025
        (date(2008, 8, 31), date(2025, 8, 31), date(2026, 2, 27)),  # and none in 2026; the 28th is a Saturday
        (date(2009, 6, 30), date(2026, 6, 30), date(2026, 12, 30)),
    ],
)
def test_it_is_brought_to_mind_at_17_and_done_by_17_and_a_half(birth: date, day: date, plan: date) -> None:
    known = coming(birth)
    assert opened(known, at(day - timedelta(days=1))) == {}
    assert opened(known, at(day))[PLAN] == plan
    assert set(opened(known, at(day))) == {PROMPT, PLAN}


def test_a_case_that_is_opened_later_gets_it_at_once_and_time_enough() -> None:
    birth, now = date(2009, 1, 5), at(date(2026, 11, 25))
    assert opened(coming(birth), now) == {PLAN: date(2026, 12, 9)}, "ten working days from now"


def test_whoever_was_of_age_when_the_case_was_opened_is_handed_over_to_nobody() -> None:
    birth = date(2006, 5, 4)
    assert opened(coming(birth, since=date(2026, 10, 1)), at(date(2026, 11, 25))) == {}
    assert PLAN in opened(coming(birth), at(date(2026, 11, 25))), "a case opened before is still handed over"


def test_on_the_very_day_of_18_the_case_is_opened_too_late() -> None:
    birth = date(2008, 11, 25)
    assert opened(coming(birth, since=date(2026, 11, 25)), at(date(2026, 11, 25))) == {}
    assert opened(coming(birth, since=date(2026, 11, 24)), at(date(2026, 11, 25))) != {}


def test_what_was_begun_is_not_brought_to_mind_and_what_was_written_is_not_owed() -> None:
    birth, now = date(2009, 9, 1), at(date(2026, 11, 25))
    assert set(opened(coming(birth, begun=True), now)) == {PLAN}
    assert opened(coming(birth, begun=True, planned=True), now) == {}


def test_without_a_date_of_birth_nothing_is_owed_and_what_was_is_taken_back() -> None:
    nobody_knows = Coming(None, None, None, LONG_AGO, duties=(known(PLAN, at(date(2026, 11, 2))),))
    assert asked(nobody_knows, at(date(2026, 11, 25))).ended == (
        (nobody_knows.duties[0].id, "The date of birth was corrected"),
    )


def known(
    kind: DeadlineKind,
    started: datetime,
    due: datetime | None = None,
    state: str = "open",
    version: str = "v",
) -> Known:
    return Known(uuid4(), kind, DeadlineState(state), started, due or started, version)


def test_asking_again_gives_nothing_and_what_is_done_is_not_opened_again() -> None:
    birth, now = date(2009, 10, 1), at(date(2026, 11, 25))
    first = asked(coming(birth), now)
    stands = tuple(known(one.kind, now, one.due_at) for one in first.opened)
    assert asked(coming(birth, duties=stands), now + timedelta(days=20)) == Steps()
    done = tuple(known(one.kind, now, one.due_at, "done") for one in first.opened)
    assert asked(coming(birth, duties=done), now + timedelta(days=20)) == Steps()


def test_a_corrected_date_of_birth_replaces_what_it_changes_and_nothing_else() -> None:
    now = at(date(2026, 11, 25))
    stands = tuple(known(one.kind, now, one.due_at) for one in asked(coming(date(2009, 10, 1)), now).opened)
    found = asked(coming(date(2009, 11, 1), duties=stands), now)
    assert [one.kind for one in found.opened] == [PLAN]
    assert found.opened[0].due_at.date() == date(2027, 4, 30)
    assert [reason for _, reason in found.ended] == ["The date of birth was corrected"]
    younger = asked(coming(date(2011, 1, 1), duties=stands), now)
    assert (younger.opened, len(younger.ended)) == ((), 2)


def test_what_was_counted_by_an_earlier_edition_stands() -> None:
    now, earlier = at(date(2026, 11, 25)), at(date(2026, 11, 3))
    catch_up = type(POLICY.transition_catch_up)(
        value=30, unit=POLICY.transition_catch_up.unit, source="Then", confirmed=False
    )
    then = Closing(
        **{name: getattr(POLICY, name) for name in POLICY.__dataclass_fields__}
        | {"transition_catch_up": catch_up}
    )
    birth = date(2009, 2, 1)
    due = steps(coming(birth), then, earlier, lambda _version: None).opened[0].due_at
    stands = (known(PLAN, earlier, due, version="then"),)
    held = {"then": then}.get
    assert steps(coming(birth, duties=stands), POLICY, now, held) == Steps()
    assert due != end_of_day(date(2026, 11, 17))
    assert isinstance(stands[0].id, UUID)
