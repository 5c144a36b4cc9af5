"""Names of people of concern that stand in nothing that goes to the child or family."""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.concerns.rules.records import label
from portal.records.concerns.vocabulary import ConcernKind

_SHORTEST = 3  # letters of a single name: a shorter one stands in many words by chance


def names_around(*, case_id: UUID) -> Sequence[tuple[str, ...]]:
    """The names and other names of people who are linked to the child of a case, each as its words, as far as
    the person who asks sees them. Of a name of several words its last one counts alone too.
    """
    rows = db.session.execute(
        select(Concern.name, Concern.details)
        .join(ConcernLink, ConcernLink.concern_id == Concern.id)
        .join(Case, Case.child_id == ConcernLink.child_id)
        .where(Case.id == case_id, Concern.kind == ConcernKind.PERSON, ConcernLink.ended_at.is_(None))
        .distinct()
    )
    nameless = label(ConcernKind.PERSON, "", {})
    found: set[tuple[str, ...]] = set()
    for name, details in rows:
        for one in (name, *str(details.get("aliases") or "").splitlines()):
            words = _words(one)
            if one != nameless and len("".join(words)) >= _SHORTEST:
                found |= {words, words[-1:]} if one == name else {words}
    return sorted(found)


def names_any(text: str, names: Iterable[tuple[str, ...]]) -> bool:
    """Whether a text names one of some people."""
    said = _words(text)
    return any(said[at : at + len(name)] == name for name in names for at in range(len(said) - len(name) + 1))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text))
