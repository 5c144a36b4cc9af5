"""One edition of the policy, and the book of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from portal.deadlines.vocabulary import DeadlineKind
from portal.policy.intake import Areas, Clock, Clocks, Edition, Exploitation, Hub, Referral, Triage
from portal.policy.limits import Rates, Texts
from portal.policy.sections import in_order, sections_of_nouns
from portal.policy.telling import Meetings, Reminders, Telling
from portal.policy.work import Cases, Decisions, Levels, Names, People, Plans, Sharing
from portal.vocabulary import TriageColour

Shape = TypeVar("Shape")

#: What an edition holds beside its sections.
NO_SECTIONS = frozenset({"version", "of_nouns", "overrides", "authority"})


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
    people: People
    levels: Levels
    plans: Plans
    names: Names
    meetings: Meetings
    rates: Rates
    reminders: Reminders
    telling: Telling
    texts: Texts
    of_nouns: MappingProxyType[type[Any], Any]
    overrides: MappingProxyType[str, "Overrides"]
    authority: str | None = None

    def of(self, shape: type[Shape]) -> Shape:
        """The section of a noun, by its shape: `policy.of(Orders).types`.

        :raises KeyError: no noun declares a section of this shape.
        """
        found: Shape = self.of_nouns[shape]
        return found

    def sections(self) -> Mapping[str, Any]:
        """Every section, by the name of its file, in their order."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found |= {one.file: self.of_nouns[one.shape] for one in sections_of_nouns()}
        return {file: found[file] for file in in_order(found) if file not in NO_SECTIONS}

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
