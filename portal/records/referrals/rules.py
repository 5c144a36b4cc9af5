"""What an information form says, typed.

Its first colour by policy with the reasons; and when the hub looks at it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Self, get_args, get_type_hints
from uuid import UUID

from portal.pathway.calendar import age_on, hub_is_open, hub_next_looks
from portal.policy import Condition, Hub, Triage
from portal.records.entries.vocabulary import FamilySafe
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import Answer, SubjectKind, TriageColour, Urgency

_hints: Callable[[Any], Mapping[str, Any]] = cache(get_type_hints)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Something that is kept as JSON under the names of its fields."""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The record in JSON, read with its types. Keys that are no longer asked for are passed over."""
        hints = _hints(cls)
        known = {one.name for one in fields(cls)}
        return cls(**{key: _read(hints[key], value) for key, value in stored.items() if key in known})

    def as_json(self) -> dict[str, Any]:
        """What is stored: nothing that was not answered."""
        given = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: _plain(value) for name, value in given if value not in (None, "", ())}


@dataclass(frozen=True, kw_only=True)
class Details(Recorded):
    """One child, person, place, vehicle, phone or account on a form."""

    kind: ClassVar[SubjectKind]
    notes: str = ""
    not_known: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called in lists and on the decision about it."""
        return self.kind.label


@dataclass(frozen=True, kw_only=True)
class HumanDetails(Details):
    """A child or a person on a form, as far as they are known."""

    given_name: str = ""
    family_name: str = ""
    other_names: str = ""
    dob: date | None = None
    age: int | None = None

    def years(self, today: date) -> int | None:
        """How old they are, by the date of birth or as somebody guessed."""
        return age_on(self.dob, today) if self.dob else self.age

    @property
    def name(self) -> str:
        """The usual name, as far as it is known."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def label(self) -> str:
        """The name, else another name, else that it is somebody whose name is not known."""
        return self.name or self.other_names or f"A {self.kind} whose name is not known"


@dataclass(frozen=True, kw_only=True)
class ChildDetails(HumanDetails):
    """A child on a form. Codes are those of policy ``people``; ages are years, known or guessed."""

    kind: ClassVar[SubjectKind] = SubjectKind.CHILD
    gender: str = ""
    ethnicity: str = ""
    nhs_number: str = ""
    address: str = ""
    postcode: str = ""
    phone: str = ""
    school: str = ""
    gp: str = ""
    carer: str = ""
    statuses: tuple[str, ...] = ()
    worker: str = ""
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonDetails(HumanDetails):
    """A person who may be exploiting children, or who may know more."""

    kind: ClassVar[SubjectKind] = SubjectKind.PERSON
    description: str = ""
    address: str = ""
    phone: str = ""
    role: str = ""
    also_a_child: Answer | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceDetails(Details):
    """A place. ``place_kind`` is a code of policy ``referral.place_kinds``, ``district`` of ``areas``."""

    kind: ClassVar[SubjectKind] = SubjectKind.PLACE
    name: str = ""
    place_kind: str = ""
    address: str = ""
    postcode: str = ""
    district: str = ""
    times: str = ""

    @property
    def label(self) -> str:
        """The name, else the address."""
        return self.name or self.address or self.postcode or "A place that is not named"


@dataclass(frozen=True, kw_only=True)
class VehicleDetails(Details):
    """A vehicle; the registration may be a part of one."""

    kind: ClassVar[SubjectKind] = SubjectKind.VEHICLE
    registration: str = ""
    make: str = ""
    colour: str = ""
    marks: str = ""
    driver: str = ""

    @property
    def label(self) -> str:
        """The registration, else colour and make."""
        return self.registration or f"{self.colour} {self.make}".strip() or "A vehicle without details"


@dataclass(frozen=True, kw_only=True)
class PhoneDetails(Details):
    """A phone number."""

    kind: ClassVar[SubjectKind] = SubjectKind.PHONE
    number: str = ""
    used_by: str = ""

    @property
    def label(self) -> str:
        """The number."""
        return self.number or "A phone number that is not known"


@dataclass(frozen=True, kw_only=True)
class AccountDetails(Details):
    """An online account. ``platform`` is a code of policy ``referral.platforms``."""

    kind: ClassVar[SubjectKind] = SubjectKind.ACCOUNT
    platform: str = ""
    platform_name: str = ""
    handle: str = ""
    used_by: str = ""

    @property
    def label(self) -> str:
        """The handle and where it is used."""
        return " on ".join(filter(None, (self.handle, self.platform_name))) or "An account without details"


DETAILS: dict[SubjectKind, type[Details]] = {
    one.kind: one
    for one in (ChildDetails, PersonDetails, PlaceDetails, VehicleDetails, PhoneDetails, AccountDetails)
}


def read_details(kind: SubjectKind | str, stored: Mapping[str, Any]) -> Details:
    """`referral_subject.details`, read by its kind."""
    return DETAILS[SubjectKind(kind)].from_json(stored)


@dataclass(frozen=True, kw_only=True)
class FormAnswers(Recorded):
    """A whole form, as it is kept once sent. The source of the information is never a part of it."""

    urgency: Urgency | None = None
    kind: str = ""
    types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    contact: str = ""
    district: str = ""
    in_one_line: str = ""
    what_happened: str = ""
    how_often: str = ""
    event_from: date | None = None
    event_to: date | None = None
    how_known: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    childs_words: str = ""
    family_aware: Answer | None = None
    why_family_not_aware: str = ""
    family_may_be_told: FamilySafe | None = None
    already_told: tuple[str, ...] = ()
    already_told_details: str = ""
    safeguarding_referral: Answer | None = None
    safeguarding_referral_on: date | None = None
    safeguarding_referral_to: str = ""
    immediate_action: str = ""
    concerns_colleague: bool | None = None
    # of a form that reached the hub by phone, e-mail or paper
    channel: Channel | None = None
    sender_name: str = ""
    sender_agency_id: UUID | None = None  # where it is an agency of the partnership
    sender_agency_name: str = ""
    sender_contact: str = ""
    received_at: datetime | None = None

    @property
    def immediate_danger(self) -> bool:
        """Whether the sender says that somebody is in danger now."""
        return self.urgency is Urgency.IMMEDIATE


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _read(hint: Any, value: Any) -> Any:
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    wanted = kinds[0]
    if value is None:
        return None
    if wanted in (date, datetime):
        return wanted.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else wanted(value)


@dataclass(frozen=True, kw_only=True)
class TriageAnswers:
    """What the rules look at: codes as on the form, and ages in years, known or approximate."""

    urgency: Urgency = Urgency.NOT_KNOWN
    kinds: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    contact: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    ages: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FirstColour:
    """A colour, the codes of the rules that gave it and, as people read them, the reasons."""

    colour: TriageColour
    rules: tuple[str, ...]
    reasons: tuple[str, ...]


def first_colour(triage: Triage, answers: TriageAnswers) -> FirstColour:
    """The strongest colour among the rules that apply, with every rule that gave that colour."""
    applying = [rule for rule in triage.rules.offered if _applies(rule.when, answers)]
    if not applying:
        return FirstColour(triage.otherwise, (), (triage.otherwise_reason,))
    strongest = min((rule.colour for rule in applying), key=lambda colour: colour.rank)
    giving = [rule for rule in applying if rule.colour is strongest]
    return FirstColour(strongest, tuple(rule.code for rule in giving), tuple(rule.label for rule in giving))


def _applies(when: Condition, answers: TriageAnswers) -> bool:
    if when.urgency and answers.urgency not in when.urgency:
        return False
    if when.under_age is not None and not any(age < when.under_age for age in answers.ages):
        return False
    return all(
        not wanted or given.intersection(wanted)
        for wanted, given in (
            (when.kinds, answers.kinds),
            (when.types, answers.types),
            (when.contexts, answers.contexts),
            (when.contact, answers.contact),
            (when.flags, answers.flags),
        )
    )


@dataclass(frozen=True)
class FirstLook:
    """When the hub looks at a form that reached it at a moment. Moments are in UTC."""

    open_now: bool  # at that moment
    next_looks_at: datetime
    due_at: datetime

    @property
    def due_while_closed(self) -> bool:
        """Whether the time is up before the hub opens again: such forms are looked at outside its hours."""
        return not self.open_now and self.due_at < self.next_looks_at


def first_look(hub: Hub, received_at: datetime, due_at: datetime) -> FirstLook:
    """By policy ``hub.hours`` and the triage clock that already gave ``due_at``."""
    return FirstLook(hub_is_open(hub, received_at), hub_next_looks(hub, received_at), due_at)


def sender_named(*, of_colleague: bool, written_down: Iterable[str], author: Iterable[str]) -> str:
    """Who a case names as the sender of a form, and for which agency; of one about a colleague nobody.

    Args:
        written_down: name and agency that the hub wrote down of one that came by phone, e-mail or on paper.
        author: name and agency of who wrote the form.
    """
    if of_colleague:
        return ""
    return ", ".join(filter(None, written_down)) or ", ".join(filter(None, author))


def triage_answers(answers: FormAnswers, details: Iterable[Details], today: date) -> TriageAnswers:
    """What the triage rules look at: codes, and the ages of the children."""
    children = [one for one in details if isinstance(one, ChildDetails)]
    ages = {one.years(today) for one in children}
    return TriageAnswers(
        urgency=answers.urgency or Urgency.NOT_KNOWN,
        kinds=frozenset({answers.kind}),
        types=frozenset(answers.types),
        contexts=frozenset(answers.contexts),
        contact=frozenset({answers.contact}),
        flags=frozenset(answers.flags),
        ages=frozenset(age for age in ages if age is not None),
    )
