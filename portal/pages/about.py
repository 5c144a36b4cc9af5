"""What messages and duties are about, in words with names, by what the person who asks may see.

Rows are looked up in the ordinary way, so a name stands here exactly where its record could be opened; where
reach has ended nothing is found, and a page shows the reference alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Select, func, select, union_all

from portal import registry
from portal.extensions import db
from portal.records.cases.model import Case
from portal.vocabulary import Sensitivity

#: What a subject is looked up as: its kind (the name of a table) and its id.
Key = tuple[str, UUID]


@dataclass(frozen=True)
class Subject:
    """What a message or a duty is about."""

    kind: str
    id: UUID
    case_id: UUID | None = None

    @classmethod
    def of(cls, row: Any) -> Self:
        """What the message or the duty in a row is about."""
        return cls(row.subject_kind, row.subject_id, row.case_id)

    @property
    def key(self) -> Key:
        """What it is looked up as: records without a page of their own as the case that they hang on."""
        if _lookup(self.kind) is not None or self.case_id is None:
            return self.kind, self.id
        return "cre_case", self.case_id


@dataclass(frozen=True)
class Seen:
    """A subject that the person sees: its own reference, and the names that belong to it."""

    reference: str | None
    names: tuple[str, ...] = ()
    missing: tuple[Any, ...] = ()  # what `ui.missing_marks` shows of each child of them who is missing now
    children: frozenset[UUID] = frozenset()  # whom the names are of
    held: int = Sensitivity.NORMAL  # how closely the record itself is


def visible(subjects: Iterable[Subject]) -> Mapping[Key, Seen]:
    """Those of the subjects that the person who asks sees, in one statement; none when there are none."""
    wanted: dict[str, set[UUID]] = {}
    for subject in subjects:
        kind, found = subject.key
        if _lookup(kind) is not None:
            wanted.setdefault(kind, set()).add(found)
    if not wanted:
        return {}
    parts = [
        named.where(named.selected_columns.id.in_(sorted(ids)))
        for kind, ids in sorted(wanted.items())
        if (named := _lookup(kind)) is not None
    ]
    names: dict[Key, list[str]] = {}
    missing: dict[Key, list[Any]] = {}
    references: dict[Key, str | None] = {}
    children: dict[Key, set[UUID]] = {}
    held: dict[Key, int] = {}
    for row in db.session.execute(union_all(*parts) if len(parts) > 1 else parts[0]):
        key = (row.kind, row.id)
        references[key] = row.reference
        held[key] = row.held
        if row.child_id is not None:
            children.setdefault(key, set()).add(row.child_id)
        name = row.words or " ".join(part for part in (row.given_name, row.family_name) if part)
        if name and name not in names.setdefault(key, []):
            names[key].append(name)
            if row.missing_now:
                missing.setdefault(key, []).append((name, row.missing_now))
    return {
        key: Seen(
            reference,
            tuple(names.get(key, ())),
            tuple(missing.get(key, ())),
            frozenset(children.get(key, ())),
            held[key],
        )
        for key, reference in references.items()
    }


def for_a_paper(seen: Mapping[Key, Seen]) -> Mapping[Key, Seen]:
    """The same for a paper that a whole office may read: of what is held closely the reference alone, and
    `held` says of each how closely it or a case of any of its children is, as far as the person may know.
    """
    children = {child for one in seen.values() for child in one.children}
    closely: dict[UUID, int] = {}
    if children:
        of_each = (
            select(Case.child_id, func.max(Case.sensitivity).label("held"))
            .where(Case.child_id.in_(sorted(children)), Case.sensitivity > Sensitivity.NORMAL)
            .group_by(Case.child_id)
        )
        closely = {row.child_id: row.held for row in db.session.execute(of_each)}
    return {key: _on_paper(one, closely) for key, one in seen.items()}


def _on_paper(one: Seen, closely: Mapping[UUID, int]) -> Seen:
    held = max([one.held, *(closely.get(child, Sensitivity.NORMAL) for child in one.children)])
    return Seen(one.reference, held=held) if held else one


def has_record(kind: str) -> bool:
    """Whether subjects of a kind are records that somebody may, or may no longer, see."""
    record = registry.records().get(kind)
    return record is not None and record.named is not None and record.permission is not None


def _lookup(kind: str) -> Select[Any] | None:
    """The records of a kind with what names them; None where the kind has none, or is not known."""
    record = registry.records().get(kind)
    return record.named if record else None
