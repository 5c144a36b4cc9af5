"""What is said in fields beside the words of an entry: read by its kind, and put into words again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.records.entries.policy import ContributionKind, DetailField
from portal.records.entries.vocabulary.contributions import DetailAnswer
from portal.vocabulary import Answer

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
        Detail(code, known[code].label if code in known else code, _words(known.get(code), details[code]))
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


def _words(field: DetailField | None, value: Any) -> str:
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
