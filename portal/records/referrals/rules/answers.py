"""What an information form says, typed: the whole form, and each child, person or thing on it.

``referral.answers`` and ``referral_subject.details`` are JSON. These classes are the only reading of it: the
keys are the names of the fields, dates are ISO text, and what was not answered is left out. ``not_known``
names the questions that the sender answered with “not known”, which is an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, ClassVar, Self, get_args, get_type_hints
from uuid import UUID

from portal.records.entries.vocabulary import FamilySafe
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import Answer, SubjectKind, Urgency


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Something that is kept as JSON under the names of its fields."""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The record in JSON, read with its types. Keys that are no longer asked for are passed over."""
        hints = get_type_hints(cls)
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

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said about it."""
        return not self.as_json()


@dataclass(frozen=True, kw_only=True)
class ChildDetails(Details):
    """A child on a form. Codes are those of policy ``people``; ages are years, known or guessed."""

    kind: ClassVar[SubjectKind] = SubjectKind.CHILD
    given_name: str = ""
    family_name: str = ""
    other_names: str = ""
    dob: date | None = None
    age: int | None = None
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

    @property
    def name(self) -> str:
        """The usual name, as far as it is known."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def label(self) -> str:
        """The name, else another name, else that it is a child whose name is not known."""
        return self.name or self.other_names or "A child whose name is not known"


@dataclass(frozen=True, kw_only=True)
class PersonDetails(Details):
    """A person who may be exploiting children, or who may know more."""

    kind: ClassVar[SubjectKind] = SubjectKind.PERSON
    given_name: str = ""
    family_name: str = ""
    other_names: str = ""
    dob: date | None = None
    age: int | None = None
    description: str = ""
    address: str = ""
    phone: str = ""
    role: str = ""
    also_a_child: Answer | None = None

    @property
    def name(self) -> str:
        """The usual name, as far as it is known."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def label(self) -> str:
        """The name, else another name, else that it is a person whose name is not known."""
        return self.name or self.other_names or "A person whose name is not known"


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
