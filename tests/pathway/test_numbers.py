"""Whom to ring at a moment: offices in their hours, and whoever answers in their stead outside them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.pathway.calendar import numbers_at, numbers_of_night
from portal.policy import ContactKind, Policy, current_policy

DAY = datetime(2027, 11, 24, 10, 0, tzinfo=UTC)  # a Wednesday
EVENING = datetime(2027, 11, 26, 17, 30, tzinfo=UTC)  # a Friday: the hub is closed, offices are open
NIGHT = datetime(2027, 11, 25, 2, 0, tzinfo=UTC)
HOLIDAY = datetime(2027, 12, 27, 10, 0, tzinfo=UTC)
HUB, DOOR, LATE = ContactKind.HUB, ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS


@pytest.fixture
def policy(app: Flask) -> Policy:
    return current_policy()


@pytest.mark.parametrize(
    ("moment", "kinds", "authority", "codes"),
    [
        (DAY, (HUB,), None, ["hub"]),
        (DAY, (DOOR, LATE), "derby", ["derby_front_door"]),
        (DAY, (HUB, DOOR, LATE), None, ["hub", "derby_front_door", "derbyshire_front_door"]),
        (EVENING, (HUB,), "derby", ["derby_front_door"]),
        (NIGHT, (HUB,), None, ["derby_out_of_hours", "derbyshire_out_of_hours"]),
        (NIGHT, (DOOR,), "derbyshire", ["derbyshire_out_of_hours"]),
        (NIGHT, (ContactKind.NON_EMERGENCY, DOOR), "derby", ["police", "derby_out_of_hours"]),
        (HOLIDAY, (HUB, DOOR), "derby", ["derby_out_of_hours"]),
    ],
)
def test_an_office_answers_in_its_hours_and_somebody_else_outside_them(
    policy: Policy, moment: datetime, kinds: tuple[ContactKind, ...], authority: str | None, codes: list[str]
) -> None:
    assert [one.code for one in numbers_at(policy, moment, *kinds, authority=authority)] == codes


def test_at_night_the_authority_is_named_where_it_is_known_and_all_where_not(policy: Policy) -> None:
    assert numbers_of_night(policy, DAY) == ()
    assert [one.code for one in numbers_of_night(policy, NIGHT, authority="derby")] == ["derby_out_of_hours"]
    both = ["derby_out_of_hours", "derbyshire_out_of_hours"]
    for authority in (None, "elsewhere"):
        assert [one.code for one in numbers_of_night(policy, NIGHT, authority=authority)] == both


def test_an_office_for_which_there_is_nobody_else_stays(policy: Policy) -> None:
    days = tuple(one for one in policy.hub.contacts if one.kind is not LATE)
    alone = replace(policy, hub=replace(policy.hub, contacts=type(policy.hub.contacts)(days)))
    assert [one.code for one in numbers_at(alone, NIGHT, DOOR, authority="derby")] == ["derby_front_door"]
