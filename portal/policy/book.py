"""One edition of the policy, and the book of all of them."""

from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from portal.policy.intake import Areas, Clock, Clocks, Edition, Exploitation, Hub, Referral, Triage
from portal.policy.rates import Rates
from portal.policy.telling import Meetings, Reminders
from portal.policy.texts import Texts
from portal.policy.work import Cases, Decisions, Levels, Names, People, Plans, Sharing
from portal.records.assessments.policy.section import Assessment
from portal.records.closing.policy import Closing
from portal.records.concerns.policy import Concerns
from portal.records.entries.policy import Contributions
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.missing.policy import Missing
from portal.records.orders.policy import Orders
from portal.records.panels.policy import Panels
from portal.records.places.policy import DirectoryRules, Guardianship
from portal.records.return_interviews.policy import ReturnInterviews
from portal.records.safety_plans.policy.section import SafetyPlanning
from portal.vocabulary import DeadlineKind, TriageColour


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One edition as it holds for the partnership, or for one of its authorities."""

    version: str
    edition: Edition
    areas: Areas
    exploitation: Exploitation
    referral: Referral
    triage: Triage
    clocks: Clocks
    hub: Hub
    decisions: Decisions
    sharing: Sharing
    cases: Cases
    contributions: Contributions
    people: People
    levels: Levels
    assessment: Assessment
    safety_plan: SafetyPlanning
    plans: Plans
    guardianship: Guardianship
    directory: DirectoryRules
    closing: Closing
    concerns: Concerns
    missing: Missing
    linked_processes: LinkedProcesses
    orders: Orders
    names: Names
    meetings: Meetings
    panels: Panels
    rates: Rates
    reminders: Reminders
    return_interview: ReturnInterviews
    texts: Texts
    overrides: MappingProxyType[str, "Overrides"]
    authority: str | None = None

    def clock(self, kind: DeadlineKind, colour: TriageColour | None = None) -> Clock:
        """The time set for a kind of deadline; by colour, or for all colours alike.

        :raises KeyError: the policy sets none, which start-up makes sure of for every kind that is used.
        """
        among = [one for one in self.clocks.clocks.offered if one.kind == kind]
        for wanted in (colour, None):
            for one in among:
                if one.colour == wanted:
                    return one
        raise KeyError(kind, colour)

    def entry_label(self, kind: str) -> str:
        """What people read for the kind of an entry: one that every agency adds, or one of a sector."""
        found = self.cases.entry_kinds.get(kind) or self.contributions.kinds.get(kind)
        return found.label if found else "Note"

    def for_authority(self, code: str | None) -> "Policy":
        """This edition with what one local authority has decided for itself."""
        own = self.overrides.get(code or "")
        if own is None:
            return self
        return replace(
            self, authority=code, version=f"{self.version}/{code}", clocks=own.clocks, levels=own.levels
        )

    def authority_of(self, district: str | None) -> str | None:
        """The code of the authority that a district belongs to."""
        found = self.areas.districts.get(district)
        return found.authority if found else None


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """The sections of an edition that one authority changes, merged with the rest."""

    clocks: Clocks
    levels: Levels


@dataclass(frozen=True)
class PolicyBook:
    """Every edition, oldest first."""

    editions: tuple[Policy, ...]

    def on(self, day: date) -> Policy:
        """The edition that holds on a day; before the first, the first."""
        held = [policy for policy in self.editions if policy.edition.effective_from <= day]
        return held[-1] if held else self.editions[0]

    def version(self, text: str) -> Policy | None:
        """The edition that a record was made under, from the version that it kept.

        None when its files have been changed since, which is why an edition in use is never edited.
        """
        bare, _, authority = text.partition("/")
        found = next((policy for policy in self.editions if policy.version == bare), None)
        return found.for_authority(authority) if found else None
