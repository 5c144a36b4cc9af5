"""Intelligence in the demonstration: graded, held back under conditions, some of it released."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from portal.access.principal import Principal
from portal.demo.content.reading import Described
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence import gradings


def add(
    actor: Principal,
    case: Case,
    entry: Described,
    *,
    at: datetime,
    handling: Handling,
    listed: Iterable[UUID],
) -> UUID:
    """Add intelligence with its grading and where it came from."""
    said = entry["graded"]
    return gradings.add_intelligence(
        actor=actor,
        case=case,
        text=entry["text"],
        happened_at=at,
        handling=handling,
        listed=listed,
        family_safe=FamilySafe(entry.get("family", "no")),
        grading=gradings.Graded(
            source_grade=said["source_grade"],
            information_grade=said["information_grade"],
            handling_code=said["handling_code"],
            conditions=said.get("conditions", ()),
            more_conditions=said.get("more_conditions", ""),
        ),
        source=said.get("source", ""),
    ).id


def release(actor: Principal, case: Case, entry: ChronologyEntry, said: Described) -> None:
    """The police end its conditions."""
    gradings.release(actor=actor, case=case, entry=entry, reason=said["reason"])
