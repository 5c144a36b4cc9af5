"""Words that somebody types, held against those that may not leave the entries in which they stand.

Citing copies nothing, and prints and files put a sentence in the place of what is held back. What is left is
somebody who types the words again, into minutes, a hand-over or a telling.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from portal.records.entries.reading.citations import contacts
from portal.records.entries.reading.handling_restrictions import held_words
from portal.records.entries.rules.handling_restrictions import repeated
from portal.services.errors import DomainError
from portal.vocabulary.uses import Use

_NOT = {
    Use.CITE: "put into minutes and other records",
    Use.PASS_ON: "passed on",
    Use.FAMILY: "told to the child or family",
}


def refuse_held_words(
    *,
    texts: Mapping[str, str],
    use: Use,
    child_ids: Collection[UUID] = (),
    case_ids: Collection[UUID] = (),
    holder: UUID | None = None,
) -> None:
    """Go on only if no text repeats what may not be put to a use, of some cases and of the cases of some
    children.

    Args:
        texts: by the name of the form's field, which is empty where there is none.
        holder: the agency whose own words are theirs to use.

    Raises:
        DomainError: one does; it says which words, and whom to ask.
    """
    typed = {field: text for field, text in texts.items() if text.strip()}
    if not typed or not (child_ids or case_ids):
        return
    for words, held_by in held_words(use=use, child_ids=child_ids, case_ids=case_ids):
        if held_by == holder:
            continue
        for field, text in typed.items():
            if found := repeated(text, words):
                raise DomainError(
                    f"Take out “{found}”: it stands in an entry that may not be {_NOT[use]}."
                    f" {contacts({held_by})[held_by].ask}",
                    field=field or None,
                )
