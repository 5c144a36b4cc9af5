"""Places, whoever watches them and the directory in words: codes become labels here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal import clock
from portal.deadlines.rules import last_day
from portal.policy import Policy
from portal.queries.rows import filled
from portal.records.places.policy import DirectoryRules, Guardianship
from portal.records.places.vocabulary import DirectoryChangeKind, GuardianState, GuardianStepKind
from portal.web.filters import day

_TAGS = {
    GuardianState.NOT_ASKED: "grey",
    GuardianState.ASKED: "blue",
    GuardianState.AGREED: "green",
    GuardianState.DECLINED: "orange",
}

_SHORT = {GuardianState.ASKED.value: "Asked"}

#: What a history of a contact calls each part of it.
PARTS = {
    "district": "District",
    "role": "Asked for",
    "name": "Name",
    "job": "Job",
    "phone": "Work phone",
    "email": "Work e-mail address",
    "hours": "When they are there",
    "words": "Anything else",
}


@dataclass(frozen=True)
class GuardianLine:
    """Somebody who could watch or act."""

    id: UUID
    name: str
    role: str
    can: str
    contact: str
    agency: str
    state: str
    tag: str
    version: int
    ended: bool
    steps: Sequence[str]


@dataclass(frozen=True)
class ContactLine:
    """A contact in the directory."""

    id: UUID
    role: str
    name: str
    job: str
    agency: str
    agency_id: UUID
    phone: str
    email: str
    hours: str
    words: str
    checked: str
    checker: str
    old: bool
    version: int


@dataclass(frozen=True)
class DistrictContacts:
    """The contacts of one district, and the roles that nobody there has."""

    code: str
    label: str
    contacts: Sequence[ContactLine]
    nobody: Sequence[str]


@dataclass(frozen=True)
class Shown:
    """One choice of the places on the board of a council."""

    code: str
    label: str
    nothing: str  # what the page says when there are none


BOARD = (
    Shown("all", "All places", "No place of concern that you may see is in your districts."),
    Shown("late", "An action is overdue", "No action on a place is overdue."),
    Shown("review", "To be reviewed", "No place is overdue for review."),
    Shown("unwatched", "Nobody agreed to watch", "Somebody agreed to watch at every place."),
)


def board_tabs(shown: Shown, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """The choices of the board, as links."""
    return [{"text": one.label, "href": address(one.code), "current": one == shown} for one in BOARD]


def guardians(rows: Iterable[Any], steps: Mapping[UUID, Iterable[Any]], policy: Policy) -> list[GuardianLine]:
    """Whoever could watch a place, with what happened so far."""
    return [
        filled(
            GuardianLine,
            row,
            role=policy.of(Guardianship).roles.label(row.role),
            state=_state(row),
            tag="grey" if row.ended_at else _TAGS[GuardianState(row.state)],
            ended=row.ended_at is not None,
            steps=[_step(one) for one in steps.get(row.id, ())],
        )
        for row in rows
    ]


def contact(row: Any, policy: Policy) -> ContactLine:
    """A row of `portal.records.places.reading.contacts` in words."""
    return filled(
        ContactLine,
        row,
        role=policy.of(DirectoryRules).roles.label(row.role),
        checked=day(row.checked_on),
        old=last_day(policy.of(DirectoryRules).check_after, row.checked_on) < clock.today(),
    )


def by_district(
    rows: Iterable[Any], policy: Policy, *, districts: Sequence[str] = (), named_only: bool = False
) -> list[DistrictContacts]:
    """Contacts by district, in the order of the policy.

    Args:
        districts: only these; without any, all.
        named_only: only the roles that the guidance names.
    """
    shown = {one.code for one in policy.of(DirectoryRules).named} if named_only else None
    found: dict[str, list[Any]] = {}
    for row in rows:
        if shown is None or row.role in shown:
            found.setdefault(row.district, []).append(row)
    order = policy.of(DirectoryRules).roles.codes
    return [
        DistrictContacts(
            code=one.code,
            label=one.label,
            contacts=[
                contact(row, policy)
                for row in sorted(found.get(one.code, ()), key=lambda row: _place(order, row.role))
            ],
            nobody=[
                role.label
                for role in policy.of(DirectoryRules).named
                if role.code not in {row.role for row in found.get(one.code, ())}
            ],
        )
        for one in policy.areas.districts.offered
        if not districts or one.code in districts
    ]


def changes(rows: Iterable[Any], policy: Policy) -> list[Any]:
    """What happened to a contact, the latest first, as a timeline."""
    return [
        {
            "title": DirectoryChangeKind(row.kind).label,
            "by": row.by,
            "at": row.changed_at,
            "text": _changed(row, policy),
            "tags": (),
        }
        for row in rows
    ]


def _changed(row: Any, policy: Policy) -> str:
    if DirectoryChangeKind(row.kind) is not DirectoryChangeKind.CHANGED:
        return ""
    return "; ".join(
        f"{PARTS[name]}: was {_shown(name, row.before.get(name, ''), policy) or 'nothing'}"
        for name in PARTS
        if name in row.before or name in row.after
    )


def contact_in_words(said: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """What a contact says, by the words of the page."""
    return {PARTS[name]: _shown(name, value, policy) for name, value in said.items()}


def _shown(name: str, value: str, policy: Policy) -> str:
    if name == "role":
        return policy.of(DirectoryRules).roles.label(value)
    return policy.areas.districts.label(value) if name == "district" else value


def _state(row: Any) -> str:
    if row.ended_at:
        return "Watches no longer"
    return _SHORT.get(row.state, GuardianState(row.state).label)


def _step(row: Any) -> str:
    kind = GuardianStepKind(row.kind)
    said = f"{kind.label} {day(row.happened_on)}, {row.by}, {row.agency}"
    if kind is GuardianStepKind.CHANGED and row.before:
        said += f". Before: {row.before}"
    return f"{said}. {row.words}" if row.words else said


def _place(order: Sequence[str], code: str) -> int:
    return order.index(code) if code in order else len(order)
