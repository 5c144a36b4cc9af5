"""Every service that somebody acts by tells somebody, or says why nobody has to know."""

import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tests.messages.verbs import Service, services

LISTED = Path(__file__).with_name("tells_nobody.toml")
#: What tells, and what only passes on what it is given.
TELLING = "messages.telling.*"


def reasons() -> Iterator[tuple[str, str]]:
    """Each pattern of the list with its reason."""
    for one in tomllib.loads(LISTED.read_text("utf-8"))["nobody"]:
        for pattern in one["services"]:
            yield pattern, one["because"]


def silent() -> list[Service]:
    """Services that neither name an event nor touch a duty's owner."""
    return [one for one in services() if not one.tells and not fnmatchcase(one.name, TELLING)]


def test_every_service_tells_somebody_or_says_why_not() -> None:
    listed = [pattern for pattern, _ in reasons()]
    unsaid = [one.name for one in silent() if not any(fnmatchcase(one.name, pattern) for pattern in listed)]
    assert not unsaid, f"name an event, or say in {LISTED.name} why nobody has to know: {unsaid}"


def test_what_is_listed_is_there_and_tells_nobody() -> None:
    names = [one.name for one in silent()]
    gone = [pattern for pattern, _ in reasons() if not any(fnmatchcase(name, pattern) for name in names)]
    assert not gone, f"these tell somebody by now, or are no more: take them off {LISTED.name}: {gone}"


def test_each_reason_stands_once_and_no_service_has_two() -> None:
    found = list(reasons())
    assert len({pattern for pattern, _ in found}) == len(found)


def test_calls_are_followed() -> None:
    by_name = {one.name: one for one in services()}
    assert by_name["records.cases.opening.open_case"].tells
    assert by_name["records.cases.alerts.add_alert"].tells
    assert not by_name["records.referrals.drafts.save_draft"].tells
