"""The shape of the files on what arrives: areas, types, the form, triage, times and the hub.

A field without a default is a key that the file must have. Section and file have the same name:
``policy.areas.districts`` is read from ``areas.toml``.
"""

from dataclasses import dataclass
from datetime import date, time

from portal.deadlines.vocabulary import DeadlineKind
from portal.policy.reader import Catalogue
from portal.policy.validators import (
    ClockStart,
    ContactKind,
    InHours,
    InMonths,
    InWorkingDays,
    InYears,
    Positive,
    Sourced,
    Term,
    Unit,
    Weekday,
)
from portal.vocabulary import Sensitivity, SubjectKind, TriageColour, Urgency


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
    under_age: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class TriageRule(Sourced):
    """One reason for a first colour. ``label`` is the reason, as the coordinator reads it."""

    code: str
    colour: TriageColour
    label: str
    when: Condition
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Triage:
    """``triage.toml``: the strongest colour among the rules that apply, else the colour ``otherwise``."""

    otherwise: TriageColour
    otherwise_reason: str
    rules: Catalogue[TriageRule]


@dataclass(frozen=True, kw_only=True)
class Clock(Sourced):
    """A time within which something has to happen, for one kind of deadline and, where it matters, colour."""

    code: str
    label: str
    kind: DeadlineKind
    starts: ClockStart
    value: Positive
    unit: Unit
    colour: TriageColour | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Figures that are not deadlines of their own."""

    request_reach: InWorkingDays
    break_glass: InHours
    cancelled_told: InHours  # how long somebody has to be told of a cancelled meeting after its time
    searches_kept: InMonths
    child_age: InYears
    send_age: InYears
    care_experienced_age: InYears


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

    @property
    def is_given(self) -> bool:
        """Whether somebody answers there: these numbers connect to nobody, and stand for one that the
        partnership has still to give (Ofcom keeps them for drama).
        """
        return not self.number.startswith("01632 960")

    @property
    def said(self) -> str:
        """The number, with whose it is."""
        label = self.label if self.is_given else f"{self.label}; an example, not given yet"
        return f"{self.number} ({label})"


@dataclass(frozen=True, kw_only=True)
class Hub(Sourced):
    """``hub.toml``: when the hub looks at what arrives, and whom to ring when it cannot wait."""

    name: str
    hours: tuple[Hours, ...]
    closed_on_bank_holidays: bool
    closures: tuple[date, ...]
    contacts: Catalogue[Contact]

    def contacts_of(self, *kinds: ContactKind) -> tuple[Contact, ...]:
        """The numbers of some kinds, in the order of the file."""
        return tuple(contact for contact in self.contacts.offered if contact.kind in kinds)
