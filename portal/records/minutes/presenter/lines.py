"""Lines under a heading of a meeting's record: decisions and actions that are typed, and what was added."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.model import new_id
from portal.policy import current_policy
from portal.records.minutes.forms import ActionLineForm, DecisionLineForm, LineForm
from portal.records.minutes.lines import FIELDS, SentLine
from portal.records.minutes.vocabulary import LineKind
from portal.web.choices import offer, terms
from portal.web.fields import Choice
from portal.web.filters import day


@dataclass
class Line:
    """One line and what is typed in it."""

    kind: LineKind
    line_id: UUID
    item_id: UUID
    case_id: UUID | None
    heading: str
    form: LineForm

    @property
    def came_back(self) -> bool:
        """Whether it was on the page that is sent."""
        return self.form[FIELDS[self.kind][0]].raw_data is not None

    @property
    def place(self) -> str:
        """By which it is known where it comes back."""
        return f"{self.kind.value}:{self.item_id}:{self.case_id or ''}:{self.line_id}"

    @property
    def fields(self) -> list[Any]:
        """Its fields in order."""
        return [self.form[name] for name in FIELDS[self.kind]]

    @property
    def was(self) -> list[str]:
        """What the page shows of it, so that what others write meanwhile is told from it."""
        return [f"{name}={value}" for name, value in self.form.fields(FIELDS[self.kind]).items() if value]

    @property
    def sent(self) -> SentLine:
        """As it comes back."""
        fields = self.form.fields(FIELDS[self.kind])
        return SentLine(self.line_id, self.item_id, self.kind, self.case_id, fields, self.form.seen())


#: Before the kind of whoever answers for an agency (`portal.records.minutes.reading.records.owners`).
OF_AGENCY = "agency-"


def owner_choice(row: Any) -> Choice:
    """Somebody who may be given an action."""
    kind = row.kind.removeprefix(OF_AGENCY)
    if kind != row.kind:
        who = f"Agency: {row.agency}, which {row.name} answers for"
    else:
        who = f"{row.name}, {row.agency}" if kind == "person" else f"Team: {row.name}, {row.agency}"
    return Choice(f"{kind}:{row.id}", who)


def lines_under(
    item: Any, case_id: UUID | None, rows: Iterable[Any], owners: Sequence[Choice], posted: Any
) -> list[Line]:
    """The lines under a heading that are not added yet, and an empty one of each kind that can be added.

    Args:
        item: the heading.
        case_id: of the child that they are on; without one there are no actions.
        rows: of `portal.records.minutes.reading.records.lines`, under this heading.
        posted: what comes back; None for a new page.
    """
    found: list[Line] = []
    rows, back = list(rows), _came_back(item, posted)
    for kind in (LineKind.ACTION, LineKind.DECISION) if case_id else (LineKind.DECISION,):
        typed = {row.id: row for row in rows if row.kind == kind and not row.added}
        ids = [*typed, *(one for one in back.get(kind, ()) if one not in {row.id for row in rows})] or [
            new_id()
        ]
        found += [line_of(kind, one, item, case_id, owners, posted=posted, row=typed.get(one)) for one in ids]
    return found


def line_of(
    kind: LineKind,
    line_id: UUID,
    item: Any,
    case_id: UUID | None,
    owners: Sequence[Choice],
    *,
    posted: Any = None,
    row: Any = None,
) -> Line:
    """One line, with what is kept of it and what comes back."""
    kept = {name: str(value) for name, value in row.fields.items()} if row else {}
    made = ActionLineForm if kind is LineKind.ACTION else DecisionLineForm
    came_back = posted if posted is not None and f"l-{line_id}-{FIELDS[kind][0]}" in posted else None
    form = made(came_back, line_id=str(line_id), **kept)
    if kind is LineKind.ACTION:
        offer(form["who"], owners)
        offer(form["category"], terms(current_policy().plans.categories.offered))
    return Line(kind, line_id, item.id, case_id, item.heading, form)


def _came_back(item: Any, posted: Any) -> dict[LineKind, list[UUID]]:
    found: dict[LineKind, list[UUID]] = {}
    for one in posted.getlist("lines") if posted is not None else ():
        kind, item_id, _, line_id = (*str(one).split(":"), "", "", "")[:4]
        if item_id == str(item.id) and kind in set(LineKind):
            try:
                found.setdefault(LineKind(kind), []).append(UUID(line_id))
            except ValueError:
                continue
    return found


def what_is_said(rows: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """By heading what was added, and what is being typed, in words."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(row.item_id), []).append(said_line(row))
    return found


def said_line(row: Any) -> dict[str, Any]:
    """One line in words: “Action: ask the night team. Ola, by 7 December 2026”."""
    label, known = LineKind(row.kind).label, {"id": str(row.id), "code": row.kind}
    if not row.added:
        typed = row.fields.get("what") or row.fields.get("text") or ""
        return known | {"added": False, "kind": label, "words": typed, "by": row.saved_by}
    more = f"{row.owner}, by {day(row.due_on)}" if row.kind == LineKind.ACTION else f"Why: {row.reason}"
    return known | {"added": True, "kind": label, "words": row.words, "more": more}


def print_of(said: Mapping[str, Any]) -> str:
    """By which a page knows that nothing was added or typed since."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
