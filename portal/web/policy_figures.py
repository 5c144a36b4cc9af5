"""What stands in the policy, as lines for a page: its figures with their source, and its lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import time
from typing import Any

from portal.policy import Catalogue, Policy
from portal.vocabulary import TriageColour
from portal.web.filters import clock_time

_UNITS = {
    "elapsed_hours": "hour",
    "working_days": "working day",
    "days": "day",
    "months": "month",
    "years": "year",
}


@dataclass(frozen=True)
class PolicyFigure:
    """One number that somebody has to answer for."""

    section: str
    about: str
    value: str
    source: str
    confirmed: bool


@dataclass(frozen=True)
class PolicyList:
    """One list of words that people choose from."""

    section: str
    name: str
    labels: tuple[str, ...]


def figures_of(policy: Policy) -> list[PolicyFigure]:
    """Every figure of the policy, in the order of its sections."""
    return [figure for name, section in _sections(policy) for figure in _figures(name, section, ())]


def lists_of(policy: Policy) -> list[PolicyList]:
    """Every list of the policy, in the order of its sections."""
    return [
        PolicyList(_words(name), _words(field.name), tuple(item.label for item in value.offered))
        for name, section in _sections(policy)
        for field in fields(section)
        if isinstance(value := getattr(section, field.name), Catalogue)
    ]


def _sections(policy: Policy) -> Iterator[tuple[str, Any]]:
    """All but what the edition says of itself."""
    for name, section in policy.sections().items():
        if name != "edition":
            yield name, section


def _figures(section: str, value: Any, path: tuple[str, ...]) -> Iterator[PolicyFigure]:
    if isinstance(value, Catalogue):
        for item in value.offered:
            yield from _figures(section, item, (*path[:-1], item.label))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _figures(section, inner, (*path, _words(name)))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _figures(section, inner, path)
    elif hasattr(value, "confirmed") and hasattr(value, "unit"):
        about = " – ".join(path) or _words(section)
        yield PolicyFigure(_words(section), about, _amount(value), value.source, value.confirmed)
    elif is_dataclass(value):
        if hasattr(value, "confirmed") and hasattr(value, "source") and (amounts := _amounts(value)):
            about = getattr(value, "label", _words(section))
            yield PolicyFigure(_words(section), about, amounts, value.source, value.confirmed)
        for field in fields(value):
            yield from _figures(section, getattr(value, field.name), (*path, _words(field.name)))


def _amount(figure: Any) -> str:
    unit = _UNITS.get(str(figure.unit), str(figure.unit))
    return f"{figure.value} {unit}{'' if figure.value == 1 else 's'}"


def _amounts(rule: Any) -> str:
    """What a rule that answers for several values at once says: its numbers, times and colour."""
    said = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return "; ".join(f"{_words(name)}: {text}" for name, value in said.items() if (text := _plain(value)))


def _plain(value: Any) -> str:
    if isinstance(value, time):
        return clock_time(value)
    if isinstance(value, TriageColour):
        return value.label
    return str(value) if type(value) is int else ""


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
