"""The nouns of the portal in their order, and what each of them plugs into the rest.

A noun is a package below `portal/records`. It may use the nouns before it; those, and the machinery, ask here
what they need of it. `records/<noun>/noun.py` declares it; it is loaded when somebody first asks, never while
modules load, so that asking makes no circle.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Select, SQLColumnExpression

    from portal.access.principal import Principal
    from portal.messages.vocabulary import Event
    from portal.pages.chronologies.reading import LineKind
    from portal.pages.workspaces.tasks import Task
    from portal.pathway.references import Prefix
    from portal.policy import Policy
    from portal.records.cases.model import Alert, Case, Involvement
    from portal.records.children.model import Child
    from portal.records.concerns.model import Concern
    from portal.records.meetings.model import Meeting
    from portal.records.people.model import User
    from portal.vocabulary import Sensitivity

One = TypeVar("One")

#: Each may use what those before it do, and of all of them what everybody may know: tables, words and rules.
NOUNS = (
    *("people", "absences", "referrals", "children", "entries", "cases", "intelligence", "assessments"),
    *("disclosures", "plans", "requests", "return_interviews", "linked_processes", "meetings", "missing"),
    *("attachments", "closing", "safety_plans", "triage", "concerns", "minutes", "orders", "places"),
    *("panels", "by_hand", "looks"),
)


class MeetingHeld(Protocol):
    """What follows for one case from a meeting on it that was held."""

    def __call__(self, *, actor: "Principal", meeting: "Meeting", case: "Case") -> None: ...


class MeetingOver(Protocol):
    """What follows once from a meeting that was held, whatever it was on."""

    def __call__(self, *, meeting: "Meeting") -> None: ...


class TeamJoined(Protocol):
    """What follows because a team has come to work on a case, or is about to work on it no more."""

    def __call__(self, *, actor: "Principal", case: "Case", involvement: "Involvement") -> None: ...


class CaseSealing(Protocol):
    """A case is about to be sealed: `person`, who is `named` on it, takes over what others had."""

    def __call__(
        self, *, actor: "Principal", case: "Case", named: Collection[UUID], person: "User"
    ) -> None: ...


class CaseHeld(Protocol):
    """A case is about to be held more closely; who goes on reading it is named on it."""

    def __call__(
        self, *, actor: "Principal", case: "Case", before: "Sensitivity", to: "Sensitivity"
    ) -> None: ...


class CaseSealed(Protocol):
    """What ends because a case is sealed, after what was owed on it has gone over."""

    def __call__(self, *, actor: "Principal", case: "Case") -> None: ...


class LevelAssessed(Protocol):
    """What ends because a risk assessment, by its reference, has changed the level of a case."""

    def __call__(self, *, actor: "Principal", case: "Case", reference: str) -> None: ...


class EntryReleased(Protocol):
    """What ends because the conditions of intelligence have ended: an entry of a case."""

    def __call__(self, *, actor: "Principal", entry_id: UUID) -> None: ...


class RecordsLinked(Protocol):
    """What follows when records of children are said to be of one child, or to be of one no longer."""

    def __call__(self, *, actor: "Principal", child_ids: Collection[UUID]) -> None: ...


class Gone(Protocol):
    """What follows because a person has left, or a team is closed: one of the two is given."""

    def __call__(
        self, *, actor: "Principal", person_id: UUID | None = None, team_id: UUID | None = None
    ) -> None: ...


#: The columns of `deadline` through which row policies find who sees one.
DutyColumn = Literal[
    "case_id",
    "child_id",
    "concern_id",
    "directory_id",
    "disclosure_id",
    "meeting_id",
    "referral_id",
    "request_id",
]


@dataclass(frozen=True, kw_only=True)
class Duty:
    """How a duty on a record is seen, and which reference it goes by.

    Attributes:
        own: the column of `deadline` that holds the record itself, where row policies know it.
        shared: else the columns that the record has like its duties, and row policies know.
        reference: what messages call a duty by; without it that is the reference of its case.
        key: what finds the row with that reference, by the duty's `subject_id`.
        by: the column of `deadline` that finds it instead.
    """

    own: DutyColumn | None = None
    shared: tuple[DutyColumn, ...] = ()
    reference: "SQLColumnExpression[str] | None" = None
    key: "SQLColumnExpression[UUID] | None" = None
    by: Literal["subject_id"] | DutyColumn = "subject_id"


class Unseen(Protocol):
    """What somebody learns who was told of a record by a message and may not see it; nothing, where they may
    not learn anything.
    """

    def __call__(self, *, message_id: "UUID") -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Record:
    """A table of a noun whose rows people are told of, owe something on or open by a reference.

    Attributes:
        table: its model; messages and duties call it by the name of the table.
        prefix: what its own references begin with.
        page: the endpoint that shows one, by its reference, or by that of what it hangs on.
        hub_page: the same for the hub.
        index: the endpoint that lists them, where one has no reference.
        permission: what the page asks for, said for the worker, who knows no pages.
        named: what lists call them, see `queries.rows.columns`; those without it are looked up as the case
            that they hang on.
        duty: how duties on them are seen; without it they can have none.
        unseen: what whoever was told of one may learn who does not see it, and the template that says so.
    """

    table: type[Any]
    prefix: "Prefix | None" = None
    page: str | None = None
    hub_page: str | None = None
    index: str | None = None
    permission: str | None = None
    named: "Select[Any] | None" = None
    duty: Duty | None = None
    unseen: tuple[str, Unseen] | None = None

    @property
    def kind(self) -> str:
        """What messages and duties call it."""
        return str(self.table.__tablename__)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """References of what is no `Record` with a page of its own, and where one leads whoever types it.

    Attributes:
        prefix: what they begin with.
        rows: `reference`; `opens`, the reference of the record on whose page it stands; and what `page` takes
            besides, by its name there.
        page: the endpoint that shows it, by the reference of that record; without one, that record's own.
    """

    prefix: "Prefix"
    rows: "Select[*tuple[Any, ...]]"
    page: str | None = None


@dataclass(frozen=True)
class PagePart:
    """What a noun shows on a page of another: a template, which finds what it says as `part`."""

    template: str
    says: Mapping[str, Any] = field(default_factory=dict)


class OnConcern(Protocol):
    """What a noun shows on the page of something of concern, to somebody who may read it."""

    def __call__(self, *, concern: "Concern", person: "Principal", policy: "Policy") -> PagePart: ...


class OnChild(Protocol):
    """What a noun shows on the page of a child, to somebody who reads the whole record."""

    def __call__(self, *, child: "Child", policy: "Policy") -> PagePart: ...


@dataclass(frozen=True, kw_only=True)
class Noun:
    """What one noun declares: its records, and what it does when something happens to a record of another."""

    records: tuple[Record, ...] = ()
    references: tuple[Reference, ...] = ()
    lines: "tuple[LineKind, ...]" = ()
    tasks: "tuple[Task, ...]" = ()
    on_concern: OnConcern | None = None
    on_child: OnChild | None = None
    meeting_held: MeetingHeld | None = None
    meeting_over: MeetingOver | None = None
    team_joined: TeamJoined | None = None
    team_leaving: TeamJoined | None = None
    case_held: CaseHeld | None = None
    case_sealing: CaseSealing | None = None
    case_sealed: CaseSealed | None = None
    level_assessed: LevelAssessed | None = None
    alert_set: Callable[..., None] | None = None
    entry_released: EntryReleased | None = None
    records_linked: RecordsLinked | None = None
    gone: Gone | None = None


def declared(file: str, name: str, shape: type[One]) -> Iterator[One]:
    """What every noun lists under `name` in its file `file`, in the order of the nouns.

    Args:
        file: a module of the noun, such as `permissions`; a noun may have none.
        name: what the module lists there, such as `VERBS`; a module may list nothing.
        shape: what each one of the list is.
    """
    for noun in NOUNS:
        module = f"portal.records.{noun}.{file}"
        if find_spec(module) is None:
            continue
        for one in getattr(import_module(module), name, ()):
            assert isinstance(one, shape)  # noqa: S101  # a file that declares something else is a fault of ours
            yield one


#: The tables of no noun.
_MODELS = tuple(
    f"portal.{part}.model" for part in ("access", "changes", "deadlines", "documents", "messages")
)


def load_models() -> None:
    """Load every table, of nouns and of none, so that the metadata of the database is whole."""
    for package in (*_MODELS, *(f"portal.records.{noun}.model" for noun in NOUNS)):
        if find_spec(package) is None:
            continue
        for found in iter_modules(getattr(import_module(package), "__path__", ())):
            import_module(f"{package}.{found.name}")


@cache
def nouns() -> tuple[Noun, ...]:
    """What every noun declares, in their order; a noun that has nothing to say has no such file."""
    files = (f"portal.records.{name}.noun" for name in NOUNS)
    return tuple(cast(Noun, import_module(one).NOUN) for one in files if find_spec(one) is not None)


@cache
def records() -> Mapping[str, Record]:
    """Every record of every noun, by what messages and duties call it."""
    return MappingProxyType({record.kind: record for noun in nouns() for record in noun.records})


@cache
def events() -> "Mapping[str, Event]":
    """Everything that people are told of, by its code: each event in the words of duties or of a noun, by
    itself or among others of a mapping.
    """
    shape = import_module("portal.messages.vocabulary").Event
    words = ("portal.deadlines.vocabulary", *(f"portal.records.{noun}.vocabulary" for noun in NOUNS))
    found = (
        one
        for module in words
        if find_spec(module) is not None
        for held in vars(import_module(module)).values()
        for one in (held.values() if isinstance(held, dict) else (held,))
        if isinstance(one, shape)
    )
    return MappingProxyType({event.code: event for event in found})


@cache
def references() -> "tuple[Reference, ...]":
    """The references of what has no page of its own, of every noun."""
    return tuple(one for noun in nouns() for one in noun.references)


@cache
def lines() -> "Mapping[str, LineKind]":
    """Every kind of line in the chronology of a child, by what it is called."""
    return MappingProxyType({line.what: line for noun in nouns() for line in noun.lines})


def parts_on_concern(*, concern: "Concern", person: "Principal", policy: "Policy") -> list[PagePart]:
    """What nouns show on the page of something of concern, in their order."""
    return [
        noun.on_concern(concern=concern, person=person, policy=policy)
        for noun in nouns()
        if noun.on_concern is not None
    ]


def parts_on_child(*, child: "Child", policy: "Policy") -> list[PagePart]:
    """What nouns show on the page of a child, in their order."""
    return [noun.on_child(child=child, policy=policy) for noun in nouns() if noun.on_child is not None]


def _tell_each(what: str, **said: Any) -> None:
    """Do what each noun declares of what has happened, in their order."""
    for noun in nouns():
        if (does := getattr(noun, what)) is not None:
            does(**said)


def meeting_held(*, actor: "Principal", meeting: "Meeting", case: "Case") -> None:
    """Tell every noun that a meeting on a case was held."""
    _tell_each("meeting_held", actor=actor, meeting=meeting, case=case)


def meeting_over(*, meeting: "Meeting") -> None:
    """Tell every noun, once, that a meeting was held."""
    _tell_each("meeting_over", meeting=meeting)


def team_joined(*, actor: "Principal", case: "Case", involvement: "Involvement") -> None:
    """Tell every noun that a team has come to work on a case."""
    _tell_each("team_joined", actor=actor, case=case, involvement=involvement)


def team_leaving(*, actor: "Principal", case: "Case", involvement: "Involvement") -> None:
    """Tell every noun that a team is about to work on a case no more: it still reads it."""
    _tell_each("team_leaving", actor=actor, case=case, involvement=involvement)


def case_held(*, actor: "Principal", case: "Case", before: "Sensitivity", to: "Sensitivity") -> None:
    """Tell every noun that a case is about to be held more closely: who is named on it is so already."""
    _tell_each("case_held", actor=actor, case=case, before=before, to=to)


def case_sealing(*, actor: "Principal", case: "Case", named: Collection[UUID], person: "User") -> None:
    """Tell every noun that a case is about to be sealed, and who takes over what others had."""
    _tell_each("case_sealing", actor=actor, case=case, named=named, person=person)


def case_sealed(*, actor: "Principal", case: "Case") -> None:
    """Tell every noun that what was owed on a case has gone over, and that it is sealed now."""
    _tell_each("case_sealed", actor=actor, case=case)


def level_assessed(*, actor: "Principal", case: "Case", reference: str) -> None:
    """Tell every noun that a risk assessment has changed the level of a case."""
    _tell_each("level_assessed", actor=actor, case=case, reference=reference)


def alert_set(*, actor: "Principal", case: "Case", alert: "Alert") -> None:
    """Tell every noun that an alert was put on a case, or ended."""
    _tell_each("alert_set", actor=actor, case=case, alert=alert)


def entry_released(*, actor: "Principal", entry_id: UUID) -> None:
    """Tell every noun that the conditions of intelligence have ended."""
    _tell_each("entry_released", actor=actor, entry_id=entry_id)


def records_linked(*, actor: "Principal", child_ids: Collection[UUID]) -> None:
    """Tell every noun that records of children are said to be of one child, or to be of one no longer."""
    _tell_each("records_linked", actor=actor, child_ids=child_ids)


def gone(*, actor: "Principal", person_id: UUID | None = None, team_id: UUID | None = None) -> None:
    """Tell every noun that a person has left, or that a team is closed."""
    _tell_each("gone", actor=actor, person_id=person_id, team_id=team_id)
