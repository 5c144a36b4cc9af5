"""Something of concern in words: its facts, links, notes and history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for

from portal import clock
from portal.access.permissions import permitted
from portal.access.principal import Principal
from portal.policy import Catalogue, Policy
from portal.queries.rows import filled
from portal.records.concerns.links import link_facts
from portal.records.concerns.policy import Concerns
from portal.records.concerns.presenter.network import when
from portal.records.concerns.reading.records import called_child
from portal.records.concerns.records import concern_facts
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernChangeKind, ConcernKind, ConcernSource, FieldShape
from portal.records.entries.rules import who_reads
from portal.records.entries.vocabulary import Handling
from portal.web.filters import day

_COLOURS = {"high": "red", "medium": "orange", "low": "yellow"}


@dataclass(frozen=True, kw_only=True)
class LinkRow:
    """A link on the page of one of its ends."""

    id: UUID
    role: str
    name: str
    kind: str
    href: str
    is_child: bool
    starts_here: bool
    words: str
    when: str
    agency: str
    readers: str
    source: str
    ended: str
    may_end: bool
    held_back: bool
    may_let_go: bool
    released: str
    missing_now: Any


def described(concern: Any) -> Described:
    """What is recorded, as a form is filled in with it."""
    return filled(
        Described,
        concern,
    )


def facts(concern: Any, page: Any, policy: Policy) -> list[dict[str, Any]]:
    """What is recorded, in rows for a summary list; what nobody said is left out."""
    rules = policy.of(Concerns)
    rows: list[tuple[str, Any]] = [
        (one.label, detail(one.shape, concern.details.get(one.code), policy))
        for one in rules.fields_of(concern.kind)
    ]
    rows += [
        ("What is known", concern.description),
        ("District", policy.areas.districts.label(concern.district)),
        ("Known", when(concern.first_on, concern.last_on)),
        ("Grading", grading(concern, policy)),
        ("Conditions, or why it is graded so", page.graded_why),
    ]
    if concern.kind == ConcernKind.PERSON:
        known = rules.police_statuses.label(concern.police_status) or "Police have not said"
        by = f"{page.police_status_by}, {day(concern.police_status_at)}" if concern.police_status_at else ""
        rows += [
            ("Could be a child, or exploited too", yes_or_no(concern.also_child)),
            ("Known to police", [known, by] if by else known),
        ]
    return [{"key": key.rstrip("?"), "value": value} for key, value in rows if value]


def detail(shape: FieldShape, value: Any, policy: Policy) -> Any:
    """One field as people read it."""
    text = str(value or "")
    if shape is FieldShape.PLACE_KIND:
        return policy.referral.place_kinds.label(text)
    if shape is FieldShape.PLATFORM:
        return policy.referral.platforms.label(text)
    if shape is FieldShape.DATE and text:
        return day(date.fromisoformat(text))
    return text.upper() if shape in {FieldShape.REGISTRATION, FieldShape.POSTCODE} else text


def grading(concern: Any, policy: Policy) -> list[str]:
    """How reliable it is, as it was graded; empty where nobody did."""
    rules = policy.decisions
    found = (
        rules.source_grades.label(concern.source_grade),
        rules.information_grades.label(concern.information_grade),
        rules.handling_grades.label(concern.handling_code),
    )
    return [one for one in found if one]


def yes_or_no(said: bool | None) -> str:
    """An answer that allows for not knowing."""
    return "Not known" if said is None else "Yes" if said else "No"


def risk_tag(code: str | None, policy: Policy) -> tuple[str, str] | None:
    """A risk as a tag: words and colour; none where nobody said."""
    if not code:
        return None
    return f"Danger: {policy.of(Concerns).risks.label(code).lower()}", _COLOURS.get(code, "grey")


def table(rows: Sequence[Any], policy: Policy) -> dict[str, Any]:
    """What the table of a list needs."""
    lists, today = policy.of(Concerns), clock.today()
    return {
        "rows": rows,
        "policy": policy,
        "lists": lists,
        "today": today,
        "kind_of": ConcernKind,
        "called_child": called_child,
    }


def links(
    concern: Any, rows: Iterable[Any], person: Principal, policy: Policy
) -> tuple[list[LinkRow], list[LinkRow]]:
    """What it is linked to, children first; and what was taken back."""
    found = [_link(concern, row, person, policy) for row in rows]
    standing = sorted(
        (one for one in found if not one.ended), key=lambda one: (not one.is_child, one.name.casefold())
    )
    return standing, [one for one in found if one.ended]


def _link(concern: Any, row: Any, person: Principal, policy: Policy) -> LinkRow:
    starts_here = row.concern_id == concern.id
    if row.child_id:
        name, kind = f"{row.given_name} {row.family_name}".strip(), "Child"
        href = url_for("children.show", reference=row.child_reference)
    elif starts_here:
        name, kind = row.to_name, ConcernKind(row.to_kind).label
        href = url_for("concerns.show", reference=row.to_reference)
    else:
        name, kind = row.from_name, ConcernKind(row.from_kind).label
        href = url_for("concerns.show", reference=row.from_reference)
    return LinkRow(
        id=row.id,
        role=_role(concern, row, policy),
        name=name,
        kind=kind,
        href=href,
        is_child=bool(row.child_id),
        starts_here=starts_here,
        words=row.words,
        when=when(row.from_on, row.until_on),
        agency=row.agency,
        readers=readers(row),
        source=made_from(row.source_kind),
        ended=row.ended_reason or "",
        may_end=row.ended_at is None
        and permitted(person, "concern:unlink", link_facts(person, concern, row.agency_id)),
        held_back=row.do_not_disclose,
        may_let_go=row.do_not_disclose
        and row.ended_at is None
        and starts_here
        and row.agency_id == person.agency_id,
        released=row.released or "",
        missing_now=row.missing_now,
    )


def _role(concern: Any, row: Any, policy: Policy) -> str:
    """How they belong together, as it reads on the page of one end."""
    role = policy.of(Concerns).roles.label(row.role)
    if row.child_id or row.concern_id == concern.id or row.role == "not_known":
        return role
    return f"{role} this {ConcernKind(concern.kind).short}"


def readers(row: Any) -> str:
    """Who may read it, where that is not everybody."""
    return "" if row.handling == Handling.NETWORK else who_reads(row.handling, row.agency, row.listed)


def made_from(source_kind: str | None) -> str:
    """From what sort of record it was made. Never which: who reads this may not read that."""
    return ConcernSource(source_kind).label if source_kind else ""


def releases(found: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """To which agencies its owner lets go of it, those that hold now first."""
    read = [
        {**one, "at": datetime.fromisoformat(one["at"]), "until": _moment(one["until"])}
        for one in found or ()
    ]
    return sorted(read, key=lambda one: one["until"] is not None)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def notes(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What agencies added, for the timeline."""
    return [
        {
            "title": f"{row.agency} added",
            "by": row.author,
            "at": row.created_at,
            "tags": [readers(row)] if readers(row) else [],
            "text": f"{day(row.happened_on)}: {row.text}" if row.happened_on else row.text,
        }
        for row in rows
    ]


def verbs(concern: Any, person: Principal) -> dict[str, bool]:
    """What the person may do to it as it stands; what they may not do is not offered."""
    known, stands = concern_facts(person, concern), concern.ended_at is None
    is_person = concern.kind == ConcernKind.PERSON
    return {
        "change": stands and permitted(person, "concern:change", known),
        "keep": stands and permitted(person, "concern:keep", known),
        "reopen": not stands and permitted(person, "concern:keep", known),
        "release": stands and permitted(person, "concern:release", known),
        "withdraw": permitted(person, "concern:release", known),
        "grade": stands and permitted(person, "concern:grade", known),
        "police_status": stands and is_person and permitted(person, "concern:police_status", known),
        "add": stands and permitted(person, "concern:note", known),
    }


_COLUMNS = {
    "name": "Name",
    "description": "What is known",
    "first_on": "First known",
    "last_on": "Last known",
    "risk": "How dangerous",
    "district": "District",
    "also_child": "Could be a child, or exploited too",
    "do_not_approach": "Do not approach",
    "review_on": "Look at it again by",
    "police_status": "Known to police",
    "source_grade": "Source",
    "information_grade": "Information",
    "handling_code": "Handling",
    "sensitivity": "Held closely",
    "agency": "Agency",
    "team": "Team",
}


def history(rows: Iterable[Any], kind: str, policy: Policy) -> list[dict[str, Any]]:
    """What happened to it, the last first, for the timeline."""
    return [
        {
            "title": ConcernChangeKind(row.kind).label,
            "by": f"{row.by}, {row.agency}",
            "at": row.changed_at,
            "tags": [f"Made from {made_from(row.source_kind).lower()}"] if row.source_kind else [],
            "text": "\n".join(filter(None, (*differences(row, kind, policy), row.reason))),
        }
        for row in rows
    ]


def differences(row: Any, kind: str, policy: Policy) -> Sequence[str]:
    """What a change made of what, a line for each fact; of the first recording nothing."""
    if row.kind == ConcernChangeKind.RECORDED:
        return ()
    before, after = _flat(row.before, kind, policy), _flat(row.after, kind, policy)
    return [
        f"{name}: {before.get(name) or 'nothing'} → {after.get(name) or 'nothing'}"
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _flat(facts_then: Mapping[str, Any], kind: str, policy: Policy) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in facts_then.items():
        if name == "details":
            found |= {
                one.label.rstrip("?"): str(detail(one.shape, (value or {}).get(one.code), policy))
                for one in policy.of(Concerns).fields_of(kind)
            }
        elif name in _COLUMNS:
            found[_COLUMNS[name]] = _said(name, value, policy)
    return found


def _said(name: str, value: Any, policy: Policy) -> str:
    catalogues: Mapping[str, Catalogue[Any]] = {
        "risk": policy.of(Concerns).risks,
        "district": policy.areas.districts,
        "police_status": policy.of(Concerns).police_statuses,
        "source_grade": policy.decisions.source_grades,
        "information_grade": policy.decisions.information_grades,
        "handling_code": policy.decisions.handling_grades,
    }
    if name in catalogues:
        return catalogues[name].label(value)
    if name == "also_child":
        return yes_or_no(value)
    if name in {"do_not_approach", "sensitivity"}:
        return "yes" if value else "no"
    if name.endswith("_on") and value:
        return str(day(date.fromisoformat(value)))
    return str(value or "")


#: Said wherever a child and something of concern come together, the same whoever works with the child.
OF_A_CHILD = (
    "Whoever leads or works on a case of the child and may know of this is told. If they may not see what it"
    " is, they learn of which child it is and whom to ring: let their agency see it if they have to know"
    " more. Whoever answers for it, and does not read the record of the child, learns only that there is a"
    " link, and asks the hub. The hub does not see every link: if they have to know more, ring them yourself"
)
