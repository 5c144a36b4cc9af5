"""The shape of ``panels.toml``: how the panel of a district is prepared and what its agenda proposes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.telling import MeetingOn
from portal.policy.validators import InMonths, InWorkingDays, Positive, Sourced, Term, exists
from portal.vocabulary import RiskLevel, Sector

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class PanelMember(Term):
    """An agency that belongs on a panel, and in which role (``meetings.roles``) it is invited."""

    sector: Sector
    role: str


@dataclass(frozen=True, kw_only=True)
class ProposedCases(Sourced):
    """Which cases of the district are proposed."""

    levels: tuple[RiskLevel, ...]


@dataclass(frozen=True, kw_only=True)
class ProposedMissing(Sourced):
    """After how many episodes within how many days a child is proposed."""

    times: Positive
    within: Positive


@dataclass(frozen=True, kw_only=True)
class ProposedPlans(Sourced):
    """How many actions overdue or blocked, and which ``effects`` propose a plan for how many days."""

    actions: Positive
    effects: tuple[str, ...]
    within: Positive


@dataclass(frozen=True, kw_only=True)
class ProposedConcerns(Sourced):
    """For how many days something new about a concern proposes it."""

    within: Positive


@dataclass(frozen=True, kw_only=True)
class Panels(Sourced):
    """``panels.toml``"""

    kind: str
    every: InMonths
    papers_before: InWorkingDays
    cases: ProposedCases
    missing: ProposedMissing
    plans: ProposedPlans
    concerns: ProposedConcerns
    members: Catalogue[PanelMember]


def check_panels(policy: "Policy", file: Path) -> None:
    """The kind and the roles are those of meetings.

    :raises PolicyError: at the first thing that does not fit.
    """
    panels, meetings = policy.of(Panels), policy.meetings
    kind = meetings.kinds.get(panels.kind)
    if kind is None or kind.on is not MeetingOn.DISTRICT or kind.retired:
        raise PolicyError(
            file,
            "kind",
            "No meeting on a district has this code.",
            'Use a code of meetings.kinds on "district".',
        )
    for code in panels.plans.effects:
        exists(code, policy.plans.effects, file, "plans.effects")
    for number, member in enumerate(panels.members, start=1):
        exists(member.role, meetings.roles, file, f"members[{number}].role")


SECTIONS = (Section(file="panels", shape=Panels, check=check_panels),)
