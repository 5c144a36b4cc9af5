"""What is said in the fields of an entry, and what may be done with words beside reading them."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.policy import Policy
from portal.records.entries.policy import ContributionKind, DetailField, entry_label
from portal.records.entries.vocabulary import DetailAnswer, FamilySafe, Handling
from portal.vocabulary import Answer, Use

#: For a correction that leaves what makes an entry a critical moment as it was.
KEEP = "keep"

#: The largest number that a detail may be; what is larger was mistyped.
MOST = 1000


class WrongDetail(ValueError):
    """A detail does not fit its kind. `field` is its code."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Detail:
    """One detail for people to read."""

    code: str
    label: str
    text: str


def read_details(kind: ContributionKind | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The details as they are kept; what was left empty is left out.

    :param kind: None for a kind of entry that has words alone.
    :raises WrongDetail: one is missing, unknown or not of its kind.
    """
    fields = kind.fields if kind else ()
    known = {one.code for one in fields}
    for code in given:
        if code not in known:
            raise WrongDetail(code, "This is not asked here")
    kept = {one.code: _kept(one, given.get(one.code)) for one in fields if not one.retired}
    return {code: value for code, value in kept.items() if value not in (None, "", [])}


def details_of(kind: ContributionKind | None, details: Mapping[str, Any]) -> list[Detail]:
    """Details in words, in the order of the policy; what the policy no longer asks comes last."""
    known = {one.code: one for one in kind.fields} if kind else {}
    order = [code for code in known if code in details]
    order += [code for code in details if code not in known]
    return [
        Detail(
            code, known[code].label if code in known else code, _answer_words(known.get(code), details[code])
        )
        for code in order
    ]


def _kept(field: DetailField, value: Any) -> Any:
    if value in (None, "", []):
        if field.required:
            raise WrongDetail(field.code, f"Answer this: {field.label.rstrip('?')}")
        return None
    return _READERS[field.answer](field, value)


def _one(field: DetailField, value: Any) -> str:
    return _offered(field, [value])[0]


def _yes_no(field: DetailField, value: Any) -> str:
    if value not in set(Answer):
        raise WrongDetail(field.code, "Choose one of the answers")
    return str(value)


def _number(field: DetailField, value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= MOST:
        raise WrongDetail(field.code, f"Enter a whole number from 0 to {MOST:,}")
    return value


def _date(_field: DetailField, value: Any) -> str:
    return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()


def _offered(field: DetailField, values: Iterable[Any]) -> list[str]:
    chosen = {str(one) for one in values}
    among = [*(one.code for one in field.choices.offered), Answer.NOT_KNOWN.value]
    if not chosen <= set(among):
        raise WrongDetail(field.code, "Choose one of the answers")
    return [code for code in among if code in chosen]


_READERS: dict[DetailAnswer, Callable[[DetailField, Any], Any]] = {
    DetailAnswer.WORDS: lambda _field, value: str(value).strip(),
    DetailAnswer.CHOICE: _one,
    DetailAnswer.CHOICES: _offered,
    DetailAnswer.YES_NO: _yes_no,
    DetailAnswer.NUMBER: _number,
    DetailAnswer.DATE: _date,
    DetailAnswer.DATE_AHEAD: _date,
}


def _answer_words(field: DetailField | None, value: Any) -> str:
    if field is None:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    match field.answer:
        case DetailAnswer.CHOICE | DetailAnswer.CHOICES:
            codes = value if isinstance(value, list) else [value]
            return ", ".join(_label(field, str(code)) for code in codes)
        case DetailAnswer.YES_NO:
            return Answer(value).label if value in set(Answer) else str(value)
        case DetailAnswer.DATE | DetailAnswer.DATE_AHEAD:
            return _day(str(value))
    return str(value)


def _label(field: DetailField, code: str) -> str:
    return Answer.NOT_KNOWN.label if code == Answer.NOT_KNOWN else field.choices.label(code)


def _day(text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {found:%B %Y}"


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


_NAMED = "Only named agencies"
_READ_BY = {Handling.NETWORK: Handling.NETWORK.label, Handling.OWN: "Only the agency that wrote it"}


def who_reads(handling: str, agency: str, listed: Iterable[str] | None) -> str:
    """Who may read what an agency said, by the handling that it chose, in words.

    Args:
        listed: the names of the agencies that it named.
    """
    match handling:
        case Handling.AGENCIES:
            return f"Only {', '.join((agency, *(listed or ())))}"
        case Handling.OWN:
            return f"Only {agency}"
        case _:
            return Handling.NETWORK.label


def facts_in_words(kept: Mapping[str, Any], policy: Policy, names: Mapping[str, str]) -> dict[str, str]:
    """What an entry is besides its words, from what a change of it keeps.

    Args:
        names: those of the agencies that it lists, by their identifiers.
    """
    handling, happened = Handling(kept["handling"]), date.fromisoformat(kept["day"])
    listed = ", ".join(sorted(names.get(one, "") for one in kept["agencies"]))
    return {
        "Kind": entry_label(policy, kept["kind"]),
        "When it happened": f"{happened.day} {happened:%B %Y}",
        "Who may read it": f"{_NAMED}: {listed}" if handling is Handling.AGENCIES else _READ_BY[handling],
        "Child or family": FamilySafe(kept["family_safe"]).label,
    }


def _in_words(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


_BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-•*]|\d+[.)])\s)")


def passages(text: str) -> list[str]:
    """The passages of a text, in order: what an empty line, or a new point of a list, parts from the rest."""
    return [found for part in _BREAK.split(text.replace("\r\n", "\n")) if (found := part.strip())]
