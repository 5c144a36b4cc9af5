"""The page on which a meeting is called: teams by agency with the role in which they come, people, cases."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.meetings.rules.meeting_duties import KIND_OF_DUTY
from portal.records.people.reading.teams import TeamChoice
from portal.vocabulary import Sector
from portal.web.fields import Choice
from portal.web.filters import day

#: As what people of a sector mostly come; whoever calls the meeting can say otherwise.
ROLE_OF_SECTOR = {
    Sector.POLICE: "police",
    Sector.SOCIAL_CARE: "social_worker",
    Sector.HEALTH: "health",
    Sector.COUNCIL: "community_safety",
    Sector.EDUCATION: "school",
    Sector.VOLUNTARY: "voluntary",
    Sector.YOUTH_JUSTICE: "youth_justice",
}

OTHER = "other"


@dataclass(frozen=True)
class TeamLine:
    """One team to tick, and as what it comes."""

    value: str
    name: str
    ticked: bool
    role: str


@dataclass(frozen=True)
class Teams:
    """The teams of the page: those on the case, and the rest as a search leaves it."""

    on_case: Sequence[tuple[str, list[TeamLine]]]
    others: Sequence[tuple[str, list[TeamLine]]]


def teams_of(
    offered: Sequence[TeamChoice],
    *,
    on_case: Collection[Any],
    ticked: Collection[str],
    roles: Mapping[str, str],
    sought: str,
    without: Collection[Any] = (),
) -> Teams:
    """The teams in two parts, each under its agency. What is ticked stays on the page whatever is sought.

    Args:
        on_case: the teams that work on one of the cases.
        ticked: the values of the teams that are chosen.
        roles: as what a team comes, by its value, where somebody said so.
        sought: words of which each has to be part of the team, the agency or the line of work.
        without: teams that are invited already.
    """
    words = sought.casefold().split()
    near: dict[str, list[TeamLine]] = {}
    far: dict[str, list[TeamLine]] = {}
    for team in offered:
        if team.id in without:
            continue
        value = str(team.id)
        line = TeamLine(value, team.name, value in ticked, roles.get(value) or role_of(team.sector))
        spoken = f"{team.label} {team.sector.label}".casefold()
        if team.id in on_case:
            near.setdefault(team.agency, []).append(line)
        elif line.ticked or all(word in spoken for word in words):
            far.setdefault(team.agency, []).append(line)
    return Teams(list(near.items()), list(far.items()))


def role_of(sector: Sector | str) -> str:
    """As what people of a sector mostly come, as far as policy still has that role."""
    code = ROLE_OF_SECTOR.get(Sector(sector), OTHER)
    return code if code in {one for one, _ in inside_roles()} else OTHER


def inside_roles() -> list[tuple[str, str]]:
    """The roles of people with an account, without those that the meeting itself gives."""
    return [
        (one.code, one.label)
        for one in current_policy().meetings.roles.offered
        if not one.outside and one.code not in {"chair", "note_taker"}
    ]


def outside_roles() -> list[tuple[str, str]]:
    """The roles of people without an account."""
    return [(one.code, one.label) for one in current_policy().meetings.roles.offered if one.outside]


def person_choices(rows: Iterable[Any], me: Any) -> list[Choice]:
    """The people who may run a meeting, as answers; oneself is marked."""
    return [
        Choice(
            str(row.id),
            f"{row.name}{' (you)' if row.id == me else ''}, {row.job_title or row.agency}"
            + (f", {row.agency}" if row.job_title else ""),
        )
        for row in rows
    ]


def case_choices(rows: Iterable[Any]) -> list[Choice]:
    """Other cases to tick, by the child."""
    return [
        Choice(
            row.reference,
            full_name(row),
            hint=f"{'Born ' + day(row.dob) + ', c' if row.dob else 'C'}ase {row.reference}",
        )
        for row in rows
    ]


def suggested(due: Any) -> tuple[str, Any]:
    """The kind of meeting and the day that a case owes; no day once it has passed."""
    if due is None:
        return "", None
    by = clock.local(due.due_at).date()
    return KIND_OF_DUTY.get(due.kind, ""), by if by > clock.today() else None
