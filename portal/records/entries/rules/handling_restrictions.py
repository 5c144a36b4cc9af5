"""What may be done with words beside reading them: cited, printed, taken out as a file, passed on, told.

Two things bind the words of an entry: the conditions under which its agency was told them, and the handling
conditions of its grading as intelligence, which hold until the police release it. Wherever words leave the
page on which they are read, this rule is asked, and where it forbids, a sentence takes their place.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from portal.vocabulary.uses import Use

#: So many words in a row are another text's words, and no chance. A shorter text is held as a whole.
IN_A_ROW = 8
_SHORTEST = 3


@dataclass(frozen=True)
class Graded:
    """The grading of an entry, as far as it binds.

    Args:
        conditions: as people read them, one a line.
        forbids: what they forbid, as it was when the entry was graded.
        released: whether the police have ended them.
    """

    conditions: str
    forbids: frozenset[Use]
    released: bool


@dataclass(frozen=True)
class Bounds:
    """What binds the use of some words now.

    Args:
        conditions: those that hold, as people read them; they go with the words.
        forbidden: what is not done with them.
        unreleased: of that, what their grading forbids until the police release it.
    """

    conditions: tuple[str, ...] = ()
    forbidden: frozenset[Use] = frozenset()
    unreleased: frozenset[Use] = frozenset()
    because: Mapping[Use, str] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        """The conditions, one a line."""
        return "\n".join(self.conditions)

    def forbids(self, use: Use | None) -> bool:
        """Whether a use is forbidden. No use, which is reading on the page, never is."""
        return use is not None and use in self.forbidden

    def why(self, use: Use) -> str:
        """The condition that forbids a use."""
        return self.because.get(use, "")


FREE = Bounds()


def bounds(
    *, conditions: str | None, rules: Mapping[str, Collection[Use]], graded: Graded | None = None
) -> Bounds:
    """What binds words that are bound by conditions, and by a grading that is not released.

    Args:
        conditions: under which they were told, one a line.
        rules: what each condition forbids, by its words (`portal.policy.uses_forbidden`).
    """
    told = _lines(conditions)
    binding = graded if graded and not graded.released else None
    because: dict[Use, str] = {}
    for line in told:
        for use in rules.get(line, ()):
            because.setdefault(use, line)
    own = _lines(binding.conditions) if binding else []
    unreleased = binding.forbids if binding else frozenset()
    return Bounds(
        conditions=tuple(dict.fromkeys((*told, *own))),
        forbidden=frozenset(because) | unreleased,
        unreleased=unreleased,
        because=because,
    )


def forbidden_by(chosen: Iterable[Collection[Use]], *, unless_named: Collection[Use] = ()) -> frozenset[Use]:
    """What a grading forbids: all that its conditions do.

    Args:
        chosen: what each condition that was chosen from the policy's list forbids.
        unless_named: what is forbidden where none was chosen.
    """
    named = list(chosen)
    return frozenset(use for one in named for use in one) if named else frozenset(unless_named)


def held_back(*, agency: str, ask: str) -> str:
    """The sentence in the place of words that may not leave.

    Args:
        ask: whom to ask, a sentence.
    """
    return f"Held back by {agency}. {ask}".strip()


def repeated(text: str, held: str) -> str:
    """The words of `held` that a text repeats, as they stand in the text; nothing where it repeats none.

    Eight words in a row are a repetition, or all of a text that has fewer. Signs and capitals do not count.
    """
    said, kept = _words(text), [word for word, _, _ in _words(held)]
    size = min(IN_A_ROW, len(kept))
    if size < _SHORTEST:
        return ""
    runs = {tuple(kept[at : at + size]) for at in range(len(kept) - size + 1)}
    for at in range(len(said) - size + 1):
        run = said[at : at + size]
        if tuple(word for word, _, _ in run) in runs:
            return text[run[0][1] : run[-1][2]]
    return ""


def are_many(text: str) -> bool:
    """Whether a text has enough words that repeating it is no chance, as the name of a hospital is."""
    return len(_words(text)) >= IN_A_ROW


def _words(text: str) -> list[tuple[str, int, int]]:
    return [(found[0].casefold(), found.start(), found.end()) for found in re.finditer(r"\w+", text)]


def _lines(text: str | None) -> list[str]:
    return [found for line in (text or "").splitlines() if (found := line.strip())]
