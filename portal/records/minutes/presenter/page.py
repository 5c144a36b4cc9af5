"""Minutes that went out, in words: an issue as it was frozen, the versions of a meeting, who opened what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.web.filters import clock_time, day, moment

KIND_TAGS = {MinutesKind.DRAFT: "yellow", MinutesKind.PROFESSIONAL: "blue", MinutesKind.FAMILY_SAFE: "green"}
CORRECTION_TAGS = {None: "yellow", True: "green", False: "red"}

#: The parts of the family’s version, in its own words.
FAMILY_PARTS = (
    ("minute", "What we talked about"),
    ("decision", "What we decided"),
    ("action", "What happens next"),
)


@dataclass(frozen=True)
class Whole:
    """An issue as its page lays it out."""

    content: Mapping[str, Any]
    child: str
    born: str
    nhs_number: str | None
    when: str
    next_on: date | None
    actions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Listed:
    """One line of one’s own minutes."""

    reference: str
    what: str
    about: str
    given_at: datetime
    opened: bool


def kind_words(issue: Any) -> str:
    """Which version it is: “Draft 2 for corrections”."""
    kind = MinutesKind(issue.kind)
    if kind is MinutesKind.DRAFT:
        return f"Draft {issue.number} for corrections"
    return "Approved minutes" if kind is MinutesKind.PROFESSIONAL else kind.label


def whole(issue: MinutesIssue) -> Whole:
    """A draft or approved minutes."""
    content = issue.content
    child = content["child"] or {}
    met = content["meeting"]
    starts, ends = (datetime.fromisoformat(met[name]) for name in ("starts_at", "ends_at"))
    dob = date.fromisoformat(child["dob"]) if child.get("dob") else None
    return Whole(
        content=content,
        child=" ".join(one for one in (child.get("given_name"), child.get("family_name")) if one),
        born=f"{day(dob)}{' (estimated)' if child.get('dob_is_estimate') else ''}" if dob else "",
        nhs_number=child.get("nhs_number"),
        when=f"{moment(starts)} to {clock_time(ends)}",
        next_on=date.fromisoformat(content["next_on"]) if content["next_on"] else None,
        actions=[one | {"due_on": date.fromisoformat(one["due_on"])} for one in content["actions"]],
    )


def for_family(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the child and family read: no more than these words."""
    return {
        "name": content["name"],
        "met_on": date.fromisoformat(content["met_on"]),
        "parts": [(title, content["parts"][kind]) for kind, title in FAMILY_PARTS if content["parts"][kind]],
    }


def own_lines(rows: Iterable[Any]) -> list[Listed]:
    """The minutes that somebody was given."""
    found = []
    for row in rows:
        child, met = row.child or {}, row.meeting or {}
        held = clock.local(datetime.fromisoformat(met["starts_at"])).date() if met.get("starts_at") else None
        found.append(
            Listed(
                reference=row.reference,
                what=kind_words(row),
                about=", ".join(
                    one
                    for one in (
                        " ".join(n for n in (child.get("given_name"), child.get("family_name")) if n),
                        met.get("kind", ""),
                        day(held) if held else "",
                    )
                    if one
                ),
                given_at=row.given_at,
                opened=row.opened,
            )
        )
    return found


def by_child(issues: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """The versions of a meeting, under each child; under no name for those on the whole of it."""
    found: dict[Any, tuple[str, list[Any]]] = {}
    for one in issues:
        name = f"{one.given_name} {one.family_name}" if one.given_name else ""
        found.setdefault(one.case_id, (name, []))[1].append(one)
    return sorted(found.values(), key=lambda part: (not part[0], part[0]))


def correction_words(row: Any, *, approved: bool) -> str:
    """What became of a correction."""
    if row.taken is None:
        return "Note beside the minutes" if approved else "Not answered yet"
    return "Taken" if row.taken else "Not taken"


def is_approved(state: str) -> bool:
    """Whether the minutes of a meeting stand."""
    return MeetingState(state) in {MeetingState.APPROVED, MeetingState.DISTRIBUTED}
