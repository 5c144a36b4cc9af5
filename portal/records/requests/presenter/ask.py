"""The page on which teams are asked: the teams by agency, as a search leaves them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.records.people.reading.agencies import TeamChoice


@dataclass(frozen=True)
class TeamLine:
    """One team to tick."""

    value: str
    name: str
    duty_phone: str
    ticked: bool


def teams_by_agency(
    offered: Sequence[TeamChoice], *, ticked: Collection[str], sought: str
) -> list[tuple[str, list[TeamLine]]]:
    """The teams that a search finds, under their agencies. What is ticked already stays on the page.

    Args:
        ticked: the values of the teams that are chosen.
        sought: words of which each has to be part of the team, the agency or the line of work.
    """
    words = sought.casefold().split()
    found: dict[str, list[TeamLine]] = {}
    for team in offered:
        is_ticked = str(team.id) in ticked
        spoken = f"{team.label} {team.sector.label}".casefold()
        if is_ticked or all(word in spoken for word in words):
            line = TeamLine(str(team.id), team.name, team.duty_phone, is_ticked)
            found.setdefault(team.agency, []).append(line)
    return list(found.items())
