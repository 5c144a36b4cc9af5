"""Whether a person may still be told about a record: what the worker asks of the database before it sends."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from tests.access.oracle import by_hand, gatherings, panels, picture, planning
from tests.access.oracle.breaking import Tooth, statements
from tests.access.oracle.requirement import Person
from tests.access.oracle.truth import Truth

R = Row[Any]


class DutyAddress(Person):
    """Those who read the duty address of a team, and none of them in particular."""

    def __init__(self, truth: Truth, team: R) -> None:
        self.team = team
        super().__init__(truth, None, {})

    @property
    def id(self) -> UUID:
        """No person's, so that nothing is theirs by name."""
        return UUID(bytes=self.team.id.bytes[::-1])

    @property
    def agency_id(self) -> UUID:
        found: UUID = self.team.agency_id
        return found

    @property
    def is_coordinator(self) -> bool:
        return bool(self.truth.one("agency", self.agency_id).sector == "hub")

    @property
    def teams(self) -> frozenset[UUID]:
        return frozenset({self.team.id})

    def sees_cases(self) -> bool:
        return True

    @property
    def practises(self) -> bool:
        return bool(self.truth.one("agency", self.agency_id).active)


def is_here(who: Person) -> bool:
    """Still an active member of an agency that takes part."""
    return bool(who.user and who.user.active and who.truth.one("agency", who.user.agency_id).active)


def _referral(who: Person, row: R) -> bool:
    """Author and triaging coordinators; the team’s manager, that it waits, unless it concerns a colleague;
    and of one that they opened, whatever it concerns, for as long as they read it.
    """
    waits = not row.concerns_colleague or (row.state == "draft" and who.referral(row.id))
    manager = who.sees_cases() and who.manages(row.author_team_id) and waits
    return (who.sees_cases() and who.wrote(row)) or who.triages(row.id) or manager


def _disclosure(who: Person, row: R) -> bool:
    """Giver, receiver, coordinators; governance reads the ledger and is told nothing."""
    gave = who.sees_cases() and row.giver_id == who.id and row.giver_agency_id == who.agency_id
    if (gave or who.told(row)) and who.may_know_of(row):
        return True
    return who.is_coordinator and who.disclosure(row.id)


def _invitation(who: Person, row: R) -> bool:
    """Also one that was withdrawn, since that is what they are told."""
    meeting = who.truth.one("meeting", row.meeting_id)
    if gatherings.runs(who, meeting.id):
        return True
    if not gatherings.in_time(who, meeting):
        return False
    comes = gatherings.comes(who, row) and not gatherings.all_sealed(who, meeting.id)
    return gatherings.named(who, row) or comes


def _access(who: Person, row: R) -> bool:
    own = row.asked_by == who.id and row.asked_agency_id == who.agency_id
    return (who.sees_cases() and own) or who.full(row.case_id)


#: For each kind of record that a message can be about, who may be told.
MAY_BE_TOLD: dict[str, Callable[[Person, R], bool]] = {
    "cre_case": lambda who, row: who.full(row.id),
    "child": lambda who, row: who.record(row.id),
    "referral": _referral,
    "social_care_referral": lambda who, row: who.triages(row.referral_id) or who.front_door(row.id),
    "disclosure": _disclosure,
    "information_request": lambda who, row: who.request(row.id),
    "meeting": lambda who, row: gatherings.sees(who, row.id),
    "invitation": _invitation,
    "access_request": _access,
    "action": planning.action,
    "minutes_issue": gatherings.minutes,
    "missing_episode": picture.episode,
    "missing_match": picture.match,
    "missing_prompt": picture.prompt,
    "return_interview": picture.interview,
    "concern": picture.concern,
    "panel_item": panels.item,
    "directory_entry": lambda who, _row: who.sees_cases(),
    "told_by_hand": lambda who, row: who.sees_cases() and (by_hand.sees(who, row) or by_hand.duty(who, row)),
    "alert": lambda who, row: who.full(row.case_id),  # a kind without a rule of its own hangs on its case
}


def pairs(truth: Truth, kind: str) -> list[tuple[R, Any]]:
    """The records of a kind, each with the case that a message about it names."""
    return [(row, getattr(row, "case_id", None)) for row in truth[kind]]


@dataclass(frozen=True)
class Apart:
    """Where somebody is told about a record that they do not read, or the other way round, and why."""

    why: str
    kind: str | None  # any kind, where there is none
    told: bool
    holds: Callable[[Person, R], bool]

    def covers(self, who: Person, kind: str, row: R, told: bool) -> bool:
        return told is self.told and self.kind in (None, kind) and self.holds(who, row)


#: All that messages and the policies of reading have apart.
APART = (
    Apart("an administrator is told of no record", None, False, lambda who, _: "administrator" in who.roles),
    Apart(
        "whoever knows who a child is, and does not read the record, is told nothing of it",
        "child",
        False,
        lambda who, row: not who.record(row.id),
    ),
    Apart(
        "governance reads the ledger and is told nothing of it",
        "disclosure",
        False,
        lambda who, _: "governance" in who.roles,
    ),
    Apart(
        "a manager hears that a draft waits whose author left, and reads it with a reason alone",
        "referral",
        True,
        lambda who, row: row.state == "draft" and "manager" in who.roles,
    ),
    Apart(
        "an invitation that was withdrawn is what its receiver is told",
        "invitation",
        True,
        lambda _, row: row.withdrawn_at is not None,
    ),
    Apart(
        "a duty on an entry is told by its case, without a word of the entry",
        "chronology_entry",
        True,
        lambda _, row: row.handling != "network",
    ),
)
#: Kinds without a rule of their own, which hang on their case.
ON_CASE = (
    *("alert", "risk_assessment", "linked_process", "level_proposal", "chronology_entry"),
    "safety_plan",
)


def kinds_with_a_rule() -> set[str]:
    """The kinds of record that `ctx.reaches` tells apart; a person and a team are told about themselves."""
    return set(re.findall(r"when '(\w+)' then", statements()["function ctx.reaches"])) - {"app_user", "team"}


@dataclass(frozen=True)
class ReachingTooth:
    """A rule of whom to tell, broken, and the kind of record by which somebody must notice."""

    kind: str
    tooth: Tooth

    @property
    def name(self) -> str:
        return self.tooth.name


def _teeth() -> tuple[ReachingTooth, ...]:
    written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple(
        ReachingTooth(
            what["kind"],
            Tooth(name, what["of"], what["old"], what["new"], ()),
        )
        for name, what in written.items()
    )


TEETH = _teeth()
