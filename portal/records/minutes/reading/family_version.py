"""What could be chosen for the child and family from the minutes on a child, and what was chosen.

Offered is what stands in the minutes, decisions and actions that the network reads; a closed part never.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.records.cases.model import ChronologyEntry
from portal.records.concerns.reading.people_of_concern import names_any, names_around
from portal.records.entries.reading import citations
from portal.records.entries.reading.citations import bounds_of, held_words
from portal.records.entries.rules import passages, repeated
from portal.records.entries.vocabulary import CitationHolder, FamilySafe
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.model import FamilyPassage
from portal.records.minutes.reading.content import content_of
from portal.records.people.model.people import User
from portal.vocabulary.uses import Use

MINUTE, DECISION, ACTION = "minute", "decision", "action"


@dataclass(frozen=True)
class Place:
    """Where a passage stands: in which record, and which of its passages it is."""

    source_kind: str
    source_id: UUID
    position: int

    @property
    def code(self) -> str:
        """As a form names it."""
        return f"{self.source_kind}:{self.source_id}:{self.position}"


@dataclass(frozen=True)
class Passage:
    """A passage as it stands now.

    Args:
        under: the heading, or the decision, that it belongs to.
        refused: why it cannot be chosen; empty when it can.
        advice: what its sources say about the family; empty for nothing.
    """

    place: Place
    text: str
    under: str
    refused: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Chosen:
    """A passage that was chosen, beside what stands there now."""

    id: UUID
    place: Place
    text: str
    lapsed: bool  # what stands there is no longer what was chosen
    confirmed: bool
    chosen_by: str
    confirmed_by: str | None
    under: str


def offered(*, meeting: Meeting, case_id: UUID) -> list[Passage]:
    """Every passage on a child, in the order of the minutes."""
    content = content_of(meeting=meeting, case_id=case_id)
    sources = [*_minutes(content), *_decisions(content), *_actions(content)]
    children = meetings.children(meeting_id=meeting.id)
    others, own = _names_of_others(children, case_id), _own_names(children, case_id)
    held = held_words(use=Use.FAMILY, case_ids=[case_id])
    people = [name for name in names_around(case_id=case_id) if not set(name) <= own]
    return [
        Passage(
            Place(one.kind, one.id, position),
            part,
            one.under,
            one.refused
            or _names_another(part, others)
            or ("It names a person of concern" if names_any(part, people) else "")
            or _repeats(part, held),
            one.advice,
        )
        for one in sources
        for position, part in enumerate(part for text in one.texts for part in passages(text))
    ]


def chosen(*, meeting: Meeting, case_id: UUID, now: Sequence[Passage] | None = None) -> list[Chosen]:
    """What was chosen for a child and not taken out again, in the order of the minutes.

    Args:
        now: from `offered`, where the caller has it.
    """
    stands = {one.place: one for one in (offered(meeting=meeting, case_id=case_id) if now is None else now)}
    order = {place: at for at, place in enumerate(stands)}
    by, agreed = aliased(User), aliased(User)
    rows = db.session.execute(
        select(FamilyPassage, by.name.label("chosen_by"), agreed.name.label("agreed_by"))
        .join(by, by.id == FamilyPassage.chosen_by)
        .outerjoin(agreed, agreed.id == FamilyPassage.confirmed_by)
        .where(
            FamilyPassage.meeting_id == meeting.id,
            FamilyPassage.case_id == case_id,
            FamilyPassage.removed_at.is_(None),
        )
    ).all()
    found = []
    for row in rows:
        kept: FamilyPassage = row[0]
        place = Place(kept.source_kind, kept.source_id, kept.position)
        standing = stands.get(place)
        found.append(
            Chosen(
                id=kept.id,
                place=place,
                text=kept.text,
                lapsed=standing is None or standing.text != kept.text or bool(standing.refused),
                confirmed=kept.confirmed_at is not None,
                chosen_by=row.chosen_by,
                confirmed_by=row.agreed_by,
                under=standing.under if standing else "",
            )
        )
    return sorted(found, key=lambda one: order.get(one.place, len(order)))


@dataclass(frozen=True)
class _Source:
    """A record that is parted into passages."""

    kind: str
    id: UUID
    under: str
    texts: Sequence[str]
    refused: str = ""
    advice: str = ""


def _minutes(content: Mapping[str, Any]) -> list[_Source]:
    says = _cited(content)
    return [
        _Source(
            MINUTE, UUID(one["minute_id"]), one["heading"], [one["text"]], *says.get(one["minute_id"], ())
        )
        for one in content["items"]
        if one["minute_id"]
    ]


def _decisions(content: Mapping[str, Any]) -> list[_Source]:
    return [
        _Source(DECISION, UUID(one["id"]), f"Decision {one['reference']}", [one["text"], one["reason"]])
        for one in content["decisions"]
    ]


def _actions(content: Mapping[str, Any]) -> list[_Source]:
    return [
        _Source(ACTION, UUID(one["id"]), f"Action {one['reference']}", [one["what"]])
        for one in content["actions"]
    ]


def _names_another(text: str, others: set[str]) -> str:
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)}
    return "It names another child of this meeting" if words & others else ""


def _repeats(text: str, held: Sequence[tuple[str, UUID]]) -> str:
    """Whether a passage repeats words that may not be told to the child or family."""
    return "It repeats what may not be told" if any(repeated(text, words) for words, _ in held) else ""


def _names_of_others(rows: Sequence[Any], case_id: UUID) -> set[str]:
    """The words in the names of the other children, without those that this child bears too."""
    return {word for row in rows if row.case_id != case_id for word in _words(row)} - _own_names(
        rows, case_id
    )


def _own_names(rows: Sequence[Any], case_id: UUID) -> set[str]:
    """The words in the names of the child itself."""
    return {word for row in rows if row.case_id == case_id for word in _words(row)}


def _words(row: Any) -> list[str]:
    return [word.casefold() for name in (row.given_name, row.family_name) if name for word in name.split()]


def _cited(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """By each minute that cites something: why it cannot be chosen, and what to ask first."""
    minutes = [UUID(item["minute_id"]) for item in content["items"] if item["minute_id"]]
    rows = citations.of_holders(kind=CitationHolder.MINUTE, ids=minutes)
    entries = [row.entry_id for row in rows if row.entry_id]
    safe = {
        row.id: row.family_safe
        for row in db.session.execute(
            select(ChronologyEntry.id, ChronologyEntry.family_safe).where(ChronologyEntry.id.in_(entries))
        )
    }
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        refused, advice = found.get(str(row.holder_id), ("", ""))
        says = safe.get(row.entry_id, FamilySafe.ASK)
        bound = bounds_of(row.bound_by, row.grading)
        if bound.forbids(Use.FAMILY) or bound.forbids(Use.CITE):
            refused = f"It cites what {row.agency} holds back"
        elif says == FamilySafe.NO:
            refused = f"It cites what {row.agency} does not share with the family"
        elif says == FamilySafe.ASK:
            advice = f"It cites {row.agency}: ask them before the family has it"
        found[str(row.holder_id)] = (refused, advice)
    return found
