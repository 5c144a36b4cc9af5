"""May an entry be cited in a record that everyone working on the case reads, and under what conditions?

A record of the network holds no words that some of its readers may not see. It cites the entry that holds
them, and each reader then sees the words, or not, by the entry's own rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.records.entries.rules.handling_restrictions import FREE, Bounds
from portal.records.entries.vocabulary.handling import Handling
from portal.vocabulary.uses import Use


@dataclass(frozen=True)
class Ruling:
    """Whether an entry may be cited; what its conditions are from then on, or why it may not."""

    allowed: bool
    conditions: str = ""
    refusal: str = ""


def may_cite(
    handling: Handling,
    *,
    agency: str,
    listed: Sequence[str] = (),
    bounds: Bounds = FREE,
) -> Ruling:
    """The rule: what the network reads may be cited, what only named agencies read is cited “only for” them,
    and what one agency keeps to itself is not cited at all, because the citing would say that it is there.

    Args:
        agency: the name of the agency that wrote the entry.
        listed: the names of the agencies that may read it too, for `Handling.AGENCIES`.
        bounds: what binds the use of its words; the conditions go with every citation.
    """
    if Use.CITE in bounds.unreleased:
        return Ruling(False, refusal="The police have not released this entry, so it cannot be cited.")
    if bounds.forbids(Use.CITE):
        return Ruling(
            False, refusal=f"This entry is bound by “{bounds.why(Use.CITE)}”, so it cannot be cited."
        )
    if handling is Handling.OWN:
        return Ruling(
            False,
            refusal=f"Only {agency} may read this entry, so it cannot be cited where others read.",
        )
    only_for = f"Only for {_in_words((agency, *listed))}." if handling is Handling.AGENCIES else ""
    return Ruling(True, conditions=" ".join(one for one in (only_for, bounds.in_words) if one))


def _in_words(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
