"""The shape of the policy: one dataclass for each file of an edition, named as the file is.

A field without a default is a key that the file must have. Section and file have the same name:
``policy.areas.districts`` is read from ``areas.toml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cached_property

from portal.policy.reader import Catalogue
from portal.vocabulary import (
    DeadlineKind,
    DecisionOutcome,
    RiskLevel,
    Sector,
    Sensitivity,
    SubjectKind,
    TriageColour,
    Urgency,
)


class Unit(StrEnum):
    """What a figure counts."""

    ELAPSED_HOURS = "elapsed_hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class ClockStart(StrEnum):
    """The event from which a clock runs."""

    RECEIVED = "received"
    DECIDED = "decided"
    TOLD = "told"
    OPENED = "opened"
    GRANTED = "granted"


class Weekday(StrEnum):
    """A day of the week, as a policy file writes it."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday, as :meth:`datetime.date.weekday` counts."""
        return list(Weekday).index(self)


class ContactKind(StrEnum):
    """When a number is the right one to ring."""

    EMERGENCY = "emergency"
    NON_EMERGENCY = "non_emergency"
    HUB = "hub"
    FRONT_DOOR = "front_door"
    OUT_OF_HOURS = "out_of_hours"
    GENERAL = "general"


class IdentifierCheck(StrEnum):
    """How an identifier proves that it was typed right (:mod:`portal.pathway.identifiers`)."""

    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing in a list: the code that records keep, what people read, and a line of help."""

    code: str
    label: str
    hint: str = ""
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that somebody has to answer for: where it comes from and whether the partnership agreed it."""

    value: int
    unit: Unit
    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Edition:
    """``edition.toml``: what this set of files is and from when it holds."""

    title: str
    effective_from: date
    confirmed: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class District(Term):
    """A district and the code of the authority that it belongs to for children's services."""

    authority: str


@dataclass(frozen=True, kw_only=True)
class Areas:
    """``areas.toml``"""

    authorities: Catalogue[Term]
    districts: Catalogue[District]


@dataclass(frozen=True, kw_only=True)
class ExploitationType(Term):
    """A type of exploitation; ``starts_restricted`` where a family that learns of it may do harm."""

    summary: str
    starts_restricted: bool
    cin_factors: tuple[str, ...] = ()

    @property
    def starts_at(self) -> Sensitivity:
        """The sensitivity that a case of this type is opened with."""
        return Sensitivity.RESTRICTED if self.starts_restricted else Sensitivity.NORMAL


@dataclass(frozen=True, kw_only=True)
class Exploitation:
    """``exploitation.toml``"""

    types: Catalogue[ExploitationType]
    contexts: Catalogue[Term]
    contact: Catalogue[Term]

    def starting_sensitivity(self, codes: frozenset[str]) -> Sensitivity:
        """The sensitivity of a new case with these types: that of the most closely held one."""
        return max((kind.starts_at for kind in self.types if kind.code in codes), default=Sensitivity.NORMAL)


@dataclass(frozen=True, kw_only=True)
class ReferralKind(Term):
    """What a form is mainly about; ``subject`` is the section that it asks for first."""

    subject: SubjectKind | None = None


@dataclass(frozen=True, kw_only=True)
class Referral:
    """``referral.toml``: the lists on the information form."""

    kinds: Catalogue[ReferralKind]
    how_known: Catalogue[Term]
    flags: Catalogue[Term]
    place_kinds: Catalogue[Term]
    platforms: Catalogue[Term]
    already_told: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """When a triage rule applies: every key given holds; a list holds when one of its codes was answered."""

    urgency: tuple[Urgency, ...] = ()
    kinds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    under_age: int | None = None


@dataclass(frozen=True, kw_only=True)
class TriageRule:
    """One reason for a first colour. ``label`` is the reason, as the coordinator reads it."""

    code: str
    colour: TriageColour
    label: str
    when: Condition
    source: str
    confirmed: bool
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Triage:
    """``triage.toml``: the strongest colour among the rules that apply, else the colour ``otherwise``."""

    otherwise: TriageColour
    otherwise_reason: str
    rules: Catalogue[TriageRule]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time within which something has to happen, for one kind of deadline and, where it matters, colour."""

    code: str
    label: str
    kind: DeadlineKind
    starts: ClockStart
    value: int
    unit: Unit
    source: str
    confirmed: bool
    colour: TriageColour | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Figures that are not deadlines of their own."""

    request_reach: Figure
    break_glass: Figure
    child_age: Figure
    send_age: Figure
    care_experienced_age: Figure


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """``clocks.toml``"""

    clocks: Catalogue[Clock]
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Opening times that hold on some days of the week, by the clock in Europe/London."""

    days: tuple[Weekday, ...]
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class Contact(Term):
    """A number to ring: ``authority`` where it serves one authority only."""

    kind: ContactKind
    number: str
    authority: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hub:
    """``hub.toml``: when the hub looks at what arrives, and whom to ring when it cannot wait."""

    name: str
    hours: tuple[Hours, ...]
    closed_on_bank_holidays: bool
    closures: tuple[date, ...]
    source: str
    confirmed: bool
    contacts: Catalogue[Contact]

    def contacts_of(self, *kinds: ContactKind) -> tuple[Contact, ...]:
        """The numbers of some kinds, in the order of the file."""
        return tuple(contact for contact in self.contacts.offered if contact.kind in kinds)


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """How an outcome is offered; its label is that of :class:`portal.vocabulary.DecisionOutcome`.

    One that ``stands_alone`` cannot be chosen together with another for the same subject.
    """

    outcome: DecisionOutcome
    hint: str
    subjects: tuple[SubjectKind, ...]
    stands_alone: bool
    retired: bool = False

    @property
    def code(self) -> str:
        """The code that a decision is stored under."""
        return self.outcome.value

    @property
    def label(self) -> str:
        """What people read."""
        return self.outcome.label


@dataclass(frozen=True, kw_only=True)
class HandlingGrade(Term):
    """A handling code of an intelligence report."""

    needs_conditions: bool


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """``decisions.toml``: outcomes, and the 3x5x2 grading of intelligence."""

    outcomes: Catalogue[DecisionRule]
    source_grades: Catalogue[Term]
    information_grades: Catalogue[Term]
    handling_grades: Catalogue[HandlingGrade]

    def outcomes_for(self, subject: SubjectKind) -> tuple[DecisionRule, ...]:
        """The outcomes that can be chosen for one kind of subject."""
        return tuple(rule for rule in self.outcomes.offered if subject in rule.subjects)


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """``sharing.toml``: why and on what footing information is passed on."""

    purposes: Catalogue[Term]
    bases: Catalogue[Term]
    conditions: Catalogue[Term]
    refusal_reasons: Catalogue[Term]
    family_not_told_reasons: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class AlertType(Term):
    """A warning at the head of a case; reviewed at the latest after ``review_within``."""

    review_within: Figure
    at_risk: str


@dataclass(frozen=True, kw_only=True)
class Cases:
    """``cases.toml``: alerts and kinds of entry on a shared case."""

    alerts: Catalogue[AlertType]
    entry_kinds: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class ChildStatus(Term):
    """A legal or social-care status; ``group`` says which belong together."""

    group: str
    current_only_one: bool = True


@dataclass(frozen=True, kw_only=True)
class IdentifierScheme(Term):
    """A number that some system knows a child by; ``owners`` are the sectors that give it out."""

    check: IdentifierCheck
    owners: tuple[Sector, ...] = ()


@dataclass(frozen=True, kw_only=True)
class People:
    """``people.toml``: what is recorded about a child."""

    statuses: Catalogue[ChildStatus]
    status_groups: Catalogue[Term]
    identifiers: Catalogue[IdentifierScheme]
    alias_kinds: Catalogue[Term]
    address_kinds: Catalogue[Term]
    phone_kinds: Catalogue[Term]
    attendance: Catalogue[Term]
    sexes: Catalogue[Term]
    genders: Catalogue[Term]
    ethnicities: Catalogue[Term]
    disabilities: Catalogue[Term]
    relationships: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class LevelRule:
    """What a risk level asks for. Periods are absent where the level asks for none."""

    level: RiskLevel
    meaning: str
    source: str
    confirmed: bool
    meeting: str = ""
    chair: str = ""
    first_meeting_working_days: int | None = None
    review_working_days: int | None = None
    assessment_max_days: int | None = None
    required_sectors: tuple[Sector, ...] = ()
    retired: bool = False

    @property
    def code(self) -> str:
        """The code that a level is stored under."""
        return self.level.value

    @property
    def label(self) -> str:
        """What people read."""
        return self.level.label


@dataclass(frozen=True, kw_only=True)
class GroupRule(Term):
    """A standing meeting that is not about one child's level."""

    chair: str
    every: Figure | None = None
    within: Figure | None = None
    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Levels:
    """``levels.toml``"""

    levels: Catalogue[LevelRule]
    groups: Catalogue[GroupRule]


@dataclass(frozen=True, kw_only=True)
class Names:
    """``names.toml``: what :mod:`portal.pathway.names` knows about names.

    ``titles`` are no part of a name, ``particles`` count for little, ``joiners`` belong to the word after
    them, and ``families`` gives for a name its short forms and spellings. All in plain lower-case letters.
    """

    titles: tuple[str, ...]
    particles: tuple[str, ...]
    joiners: tuple[str, ...]
    families: Mapping[str, tuple[str, ...]]

    @cached_property
    def families_of(self) -> Mapping[str, frozenset[str]]:
        """For every name and form in the file, the names that it can stand for."""
        found: dict[str, set[str]] = {}
        for family, forms in self.families.items():
            for form in (family, *forms):
                found.setdefault(form, set()).add(family)
        return {form: frozenset(families) for form, families in found.items()}
