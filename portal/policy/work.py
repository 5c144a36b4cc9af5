"""The shape of the files on what is done: decisions, sharing, cases, children, levels and names.

A field without a default is a key that the file must have. Section and file have the same name:
``policy.cases.alerts`` is read from ``cases.toml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.validators import Figure, IdentifierCheck, InDaysOrMonths, Positive, Sourced, Term
from portal.vocabulary import (
    DecisionOutcome,
    RateAnswer,
    RateKind,
    RiskLevel,
    Sector,
    StatementKind,
    SubjectKind,
    Use,
)


@dataclass(frozen=True, kw_only=True)
class Rate(Sourced):
    """At most so many of a kind within so many seconds, for one person."""

    code: str
    label: str
    kind: RateKind
    most: Positive
    seconds: Positive
    answer: RateAnswer
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class LongDocuments(Sourced):
    """How many are made for one person at the same time, and how long one is kept for them."""

    label: str
    under_way: Positive
    kept_minutes: Positive


@dataclass(frozen=True, kw_only=True)
class Rates:
    """``rates.toml``"""

    rates: Catalogue[Rate]
    documents: LongDocuments

    def of(self, kind: RateKind) -> tuple[Rate, ...]:
        """Those that hold for a kind."""
        return tuple(one for one in self.rates.offered if one.kind is kind)


def check_rates(rates: Rates, file: Path) -> None:
    """Every kind has a rate.

    :raises PolicyError: at the first thing that does not fit.
    """
    for kind in RateKind:
        if not rates.of(kind):
            raise PolicyError(
                file, "rates", f"Nothing says how fast “{kind.value}” may be.", "Add one, however large."
            )


#: Above it a document of one text takes longer than a page may.
MOST_OF_ALL = 100_000


class Size(StrEnum):
    """What a text is, as far as its length goes."""

    LINE = "line"
    NAME = "name"
    NOTE = "note"
    NARRATIVE = "narrative"
    MINUTES = "minutes"


@dataclass(frozen=True, kw_only=True)
class Length(Sourced):
    """The most characters of a text."""

    most: Positive


@dataclass(frozen=True, kw_only=True)
class Texts:
    """``texts.toml``: one length for each :class:`Size`."""

    line: Length
    name: Length
    note: Length
    narrative: Length
    minutes: Length

    def most(self, size: Size) -> int:
        """The most characters of a text of this size."""
        found: Length = getattr(self, size.value)
        return found.most


def check_texts(texts: Texts, file: Path) -> None:
    """No length is without end."""
    for one in fields(Texts):
        most = getattr(texts, one.name).most
        if most > MOST_OF_ALL:
            problem = f"{most:,} is more than a page can hold."
            raise PolicyError(file, f"{one.name}.most", problem, f"Use {MOST_OF_ALL:,} or fewer.")


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
    """A handling code of an intelligence report.

    ``forbids`` is what may not be done while no condition of ``sharing.conditions`` says more nearly what is
    forbidden: the portal cannot read conditions in somebody's own words.
    """

    needs_conditions: bool
    forbids: tuple[Use, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """``decisions.toml``: outcomes, what a front door may decide, and the 3x5x2 grading of intelligence."""

    outcomes: Catalogue[DecisionRule]
    social_care_outcomes: Catalogue[Term]
    source_grades: Catalogue[Term]
    information_grades: Catalogue[Term]
    handling_grades: Catalogue[HandlingGrade]

    def outcomes_for(self, subject: SubjectKind) -> tuple[DecisionRule, ...]:
        """The outcomes that can be chosen for one kind of subject."""
        return tuple(rule for rule in self.outcomes.offered if subject in rule.subjects)


@dataclass(frozen=True, kw_only=True)
class SharingCondition(Term):
    """What the use of words is bound to; ``forbids`` says in which ways they do not leave the page."""

    forbids: tuple[Use, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """``sharing.toml``: why and on what footing information is passed on."""

    purposes: Catalogue[Term]
    bases: Catalogue[Term]
    conditions: Catalogue[SharingCondition]
    refusal_reasons: Catalogue[Term]
    family_not_told_reasons: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class AlertType(Term):
    """A warning at the head of a case; reviewed at the latest after ``review_within``.

    One that ``warns`` changes what people may do at once, and is told by mail; whoever is given minutes
    without the case reads what it asks. One that ``protects`` is told likewise, and stands nowhere else: what
    it says is of the child. One that is ``urgent`` is told at any hour. Where ``ask_first`` is said, whoever
    looks for the child while it is missing hears that they have to ask before they ring or visit anybody. One
    that ``holds_back`` kinds of statement is a rule: what agencies say of these is not disclosed while it
    stands.
    """

    review_within: InDaysOrMonths
    at_risk: str
    warns: bool = False
    protects: bool = False
    urgent: bool = False
    ask_first: bool = False
    holds_back: tuple[StatementKind, ...] = ()

    @property
    def told(self) -> bool:
        """Whether all who work on the case are told when it is set and when it ends."""
        return self.warns or self.protects


@dataclass(frozen=True, kw_only=True)
class Cases:
    """``cases.toml``: alerts and kinds of entry on a shared case, and why a due date is moved."""

    alerts: Catalogue[AlertType]
    entry_kinds: Catalogue[Term]
    due_date_reasons: Catalogue[Term]


@dataclass(frozen=True, kw_only=True)
class Means(Term):
    """How an action on a concern is done; ``kinds`` are the kinds of concern that it fits, none for all."""

    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plans(Sourced):
    """``plans.toml``: what actions are for, whom they are about, how they are done, and what came of them."""

    categories: Catalogue[Term]
    targets: Catalogue[Term]
    means: Catalogue[Means]
    effects: Catalogue[Term]


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
class LevelRule(Sourced):
    """What a risk level asks for. Periods are absent where the level asks for none."""

    level: RiskLevel
    meaning: str
    meeting: str = ""
    chair: str = ""
    first_meeting_working_days: Positive | None = None
    review_working_days: Positive | None = None
    assessment_max_days: Positive | None = None
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
class GroupRule(Sourced, Term):
    """A standing meeting that is not about one child's level."""

    chair: str
    every: Figure | None = None
    within: Figure | None = None


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
