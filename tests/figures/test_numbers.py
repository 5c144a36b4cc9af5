"""Numbers on pages are those that one gets by counting the rows, slowly and without the portal's own queries.

The rows are read by their owner, past every rule; who may see which is said here in so many words.
"""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_child
from tests.factories.concerns import link, make_concern, release
from tests.factories.interviews import make_interview, make_return
from tests.meetings.calls import make_called_case

ClientFor = Callable[[User | None], Client]

HERE = ZoneInfo("Europe/London")
SEEDS = (3, 11)
NEVER, IN_TIME, LATE, DECLINED, NOT_OFFERED, BEGUN = range(6)


class Year:
    """A child with a case, one without, and a year of episodes, each with what came of its interview."""

    def __init__(self, rows: Session, cast: Cast, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 -- chance, not secrecy
        self.rows, self.cast = rows, cast
        self.case: Case = make_called_case(rows, cast)
        self.child = rows.get_one(Child, self.case.child_id)
        self.other = make_child(rows, "Thessaly", "Quillborough")
        for child in (self.child, self.child, self.other):
            for _ in range(14):
                self._miss(child)
        rows.commit()

    def _miss(self, child: Child) -> None:
        back = clock.now() - timedelta(days=self.dice.randint(1, 200), minutes=self.dice.randint(0, 1400))
        authority = self.dice.choice(("derbyshire", "derbyshire", "derby"))
        episode = make_return(
            self.rows,
            child,
            self.cast.officer,
            returned_at=back,
            responsible_authority=authority,
            host_authority=authority,
        )
        episode.status = self.dice.choice(("missing", "missing", "away"))
        if self.dice.random() < 0.15:
            episode.withdrawn_at, episode.withdrawn_by = clock.now(), self.cast.officer.id
            episode.withdrawn_reason = "Was at home"
        self._owe(episode, back)

    def _owe(self, episode: MissingEpisode, back: datetime) -> None:
        came = self.dice.choice((NEVER, IN_TIME, LATE, DECLINED, NOT_OFFERED, BEGUN))
        withdrawn = episode.withdrawn_at is not None
        done = came in {IN_TIME, LATE, DECLINED, NOT_OFFERED}
        state = DeadlineState.CANCELLED if withdrawn else DeadlineState.DONE if done else DeadlineState.OPEN
        due = back + timedelta(hours=72)
        self.rows.add(
            Deadline(
                id=new_id(),
                kind=DeadlineKind.RETURN_INTERVIEW,
                subject_kind="missing_episode",
                subject_id=episode.id,
                child_id=episode.child_id,
                owner_team_id=self.cast.social_care_team.id,
                started_at=back,
                due_at=due,
                original_due_at=due,
                state=state,
                source="clocks.return_interview",
                confirmed=False,
                policy_version="test",
            )
        )
        if came != NEVER:
            self._interview(episode, came, due)

    def _interview(self, episode: MissingEpisode, came: int, due: datetime) -> None:
        held = {IN_TIME: due - timedelta(hours=self.dice.choice((0, 5))), LATE: due + timedelta(minutes=1)}
        facts: dict[str, Any] = {
            "offered": None if came == BEGUN else "no" if came == NOT_OFFERED else "yes",
            "accepted": {IN_TIME: True, LATE: True, DECLINED: False}.get(came),
            "done_at": min(held[came], clock.now()) if came in held else None,
            "shared": {"police": clock.now().isoformat()} if came in held else {},
        }
        if came != BEGUN:
            facts |= {"completed_at": clock.now(), "completed_by": self.cast.social_worker.id}
        make_interview(self.rows, [episode], self.cast.social_worker, **facts)


@pytest.fixture(params=SEEDS)
def year(rows: Session, cast: Cast, request: pytest.FixtureRequest) -> Year:
    return Year(rows, cast, int(request.param))


def episodes_of(year: Year, child: Child) -> list[Row[Any]]:
    """Those that count: not withdrawn."""
    found = year.rows.execute(text("select * from missing_episode where withdrawn_at is null")).all()
    return [one for one in found if one.child_id == child.id]


def since(days: int) -> datetime:
    """The same time of day, so many days ago by the clock on the wall."""
    local = datetime.now(HERE).replace(tzinfo=None) - timedelta(days=days)
    return local.replace(tzinfo=HERE)


def numbers_in(client: Client, address: str) -> dict[str, int]:
    """The rows of a summary list that are numbers, by what they are of."""
    page = client.soup(address)
    keys = [one.get_text(strip=True) for one in page.select(".govuk-summary-list__key")]
    values = [one.get_text(strip=True) for one in page.select(".govuk-summary-list__value")]
    return {key: int(value) for key, value in zip(keys, values, strict=True) if value.isdigit()}


def test_how_often_a_child_was_missing(year: Year, client_for: ClientFor) -> None:
    client = client_for(year.cast.social_worker)
    mine = episodes_of(year, year.child)
    expected = [len(mine)] + [sum(one.missing_since >= since(days) for one in mine) for days in (30, 90, 365)]
    said = client.soup(f"/children/{year.child.reference}/missing").get_text(" ", strip=True)
    found = re.search(r"(\d+) in all: (\d+) in 30 days, (\d+) in 90 days, (\d+) in 365 days", said)
    assert found, said[:300]
    assert [int(number) for number in found.groups()] == expected
    assert len(mine) > expected[1] > 0, "the year is too poor to prove anything"


def test_how_an_agency_does_with_its_return_interviews(year: Year, client_for: ClientFor) -> None:
    """The county's social care: what its team owes on children whom it may see, of the last ninety days."""
    rows = year.rows
    covers = {
        c.episode_id: c.interview_id for c in rows.execute(text("select * from return_interview_episode"))
    }
    talks = {one.id: one for one in rows.execute(text("select * from return_interview"))}
    duties = {
        one.subject_id: one
        for one in rows.execute(text("select * from deadline where kind = 'return_interview'"))
    }
    expected = dict.fromkeys(
        (
            *("Returns", "An interview was offered", "The child wanted to talk", "Held", "Held in time"),
            *("Declined", "Not offered", "Overdue now", "Shared"),
        ),
        0,
    )
    now = datetime.now(HERE)
    for child in (year.child, year.other):
        for episode in episodes_of(year, child):
            named = {episode.responsible_authority, episode.host_authority}
            may_see = child is year.child or episode.responsible_authority == "derbyshire" or None in named
            if not may_see or episode.returned_at < now - timedelta(days=90):
                continue
            duty, talk = duties[episode.id], talks.get(covers.get(episode.id))
            completed = talk is not None and talk.completed_at is not None
            expected["Returns"] += 1
            expected["Overdue now"] += duty.state == "open" and duty.due_at < now
            if talk is not None:
                expected["An interview was offered"] += talk.offered == "yes"
                expected["The child wanted to talk"] += talk.accepted is True
                expected["Held"] += talk.done_at is not None
                in_time = talk.done_at is not None and talk.done_at <= episode.returned_at + timedelta(
                    hours=72
                )
                expected["Held in time"] += in_time
                expected["Declined"] += completed and talk.accepted is False
                expected["Not offered"] += completed and talk.offered == "no"
                expected["Shared"] += bool(talk.shared)
    found = numbers_in(client_for(year.cast.social_worker), "/social-care/return-interviews")
    assert {key: found[key] for key in expected} == expected
    assert expected["Held"] > expected["Held in time"] > 0, "the year is too poor to prove anything"


def test_what_a_network_counts_is_what_its_reader_may_see(
    year: Year, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    """People of concern, some held closely, some released to social care: each reader counts their own."""
    released = 0
    for number in range(7):
        person_of_concern = make_concern(
            rows,
            cast.officer,
            kind="person",
            name=f"Quillperson{number}",
            sensitivity=year.dice.randint(0, 1),
            owner_team_id=cast.police_team.id,
        )
        link(rows, person_of_concern, year.child, cast.officer, role="harmed_by")
        if number % 3 == 0:
            release(rows, person_of_concern, cast.social_care, cast.officer)
            released += 1
    address = f"/cases/{year.case.reference}/network"
    for person, expected in (
        (cast.officer, 7),
        (cast.coordinator, 7),
        (cast.social_worker, released),
        (cast.nurse, 0),
    ):
        said = client_for(person).soup(address).get_text(" ", strip=True)
        found = re.search(r"(\d+) (?:place|places), (?:person|people)", said)
        assert (int(found.group(1)) if found else 0) == expected, (person.name, said[:400])
