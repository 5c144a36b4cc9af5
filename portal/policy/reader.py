"""Turns a table of a policy file into a frozen dataclass, or says exactly what is wrong with it.

The shape of each file is the dataclass itself (:mod:`portal.policy.intake`, :mod:`portal.policy.work`): its
fields are the keys that the file may and must have, and their types are what the values have to be; where a
type is `Annotated` with checks (:mod:`portal.policy.validators`), the value has to pass them. Nothing
is guessed and nothing is ignored, because a mistyped key in a rule about children must not pass for a rule
that is switched off.
"""

import re
import tomllib
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

_CODE = re.compile(r"[A-Za-z0-9_]+")


class PolicyError(Exception):
    """A policy file cannot be used. The message names the file, the key and the remedy."""

    def __init__(self, file: Path, key: str, problem: str, remedy: str) -> None:
        self.file, self.key, self.problem, self.remedy = file, key, problem, remedy
        place = f"{file}, {key}" if key else str(file)
        super().__init__(f"{place}: {problem} {remedy}")


class Coded(Protocol):
    """Anything that stands in a list under a code."""

    @property
    def code(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def retired(self) -> bool: ...


T = TypeVar("T", bound=Coded)


@dataclass(frozen=True)
class Catalogue(Generic[T]):
    """A list of coded things in the order of the file, found by code.

    Retired things are found, because old records name them; they are not offered for new ones.
    """

    items: tuple[T, ...]

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, code: object) -> bool:
        return any(item.code == code for item in self.items)

    def __getitem__(self, code: str) -> T:
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)

    def get(self, code: str | None) -> T | None:
        """The thing with this code, or None."""
        return next((item for item in self.items if item.code == code), None)

    def label(self, code: str | None) -> str:
        """What people read for a code; the code itself where the policy no longer knows it."""
        found = self.get(code)
        return found.label if found else (code or "")

    def labels(self, codes: Iterable[str]) -> tuple[str, ...]:
        """What people read for some codes, in the order of this list."""
        wanted = set(codes)
        return tuple(item.label for item in self.items if item.code in wanted)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, retired ones included."""
        return tuple(item.code for item in self.items)

    @property
    def offered(self) -> tuple[T, ...]:
        """What a form offers: everything that is not retired."""
        return tuple(item for item in self.items if not item.retired)

    def choices(self) -> tuple[tuple[str, str], ...]:
        """Code and label of everything on offer, for a form."""
        return tuple((item.code, item.label) for item in self.offered)


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file.

    :raises PolicyError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows editors begin with a mark
    except FileNotFoundError:
        raise PolicyError(
            file, "", "The file is missing.", "Add it, or restore it from the repository."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(
            file, "", f"It is not valid TOML ({error}).", "Correct the place it names."
        ) from None


def read_table(shape: type[Any], table: object, file: Path, key: str = "") -> Any:
    """A value of the dataclass ``shape`` from a TOML table.

    :raises PolicyError: an unknown or missing key, a wrong type, a duplicate or malformed code.
    """
    if not isinstance(table, dict):
        raise PolicyError(file, key, "This has to be a table.", f"Write [{key}] and its keys below it.")
    hints = typing.get_type_hints(shape, include_extras=True)
    known = {field.name: field for field in fields(shape) if field.init}
    for name in table:
        if name not in known:
            raise PolicyError(
                file,
                _below(key, name),
                "This key is not known.",
                f"Use one of: {', '.join(known)}; or remove it.",
            )
    values = {}
    for name, field in known.items():
        if name in table:
            values[name] = _convert(hints[name], table[name], file, _below(key, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise PolicyError(
                file, _below(key, name), "This key is missing.", f"Add a line that sets {name}."
            )
    return shape(**values)


def _below(key: str, name: object) -> str:
    return f"{key}.{name}" if key else str(name)


def _convert(shape: Any, value: object, file: Path, key: str) -> Any:
    origin = typing.get_origin(shape)
    inner = [part for part in typing.get_args(shape) if part is not type(None)]
    if origin is typing.Annotated:
        read = _convert(inner[0], value, file, key)
        for check in inner[1:]:
            check(read, file, key)
        return read
    if origin is not None:
        readers = {
            Catalogue: read_catalogue,
            tuple: _tuple,
            Mapping: _mapping,
            types.UnionType: _convert,
            typing.Union: _convert,
        }
        return readers[origin](inner[-1] if origin is Mapping else inner[0], value, file, key)
    if is_dataclass(shape):
        return read_table(typing.cast("type[Any]", shape), value, file, key)
    if issubclass(shape, StrEnum):
        return _member(shape, value, file, key)
    return _plain(shape, value, file, key)


def _tuple(shape: Any, value: object, file: Path, key: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise PolicyError(file, key, "This has to be a list.", "Write it in square brackets.")
    read = tuple(
        _convert(shape, item, file, f"{key}[{number}]") for number, item in enumerate(value, start=1)
    )
    if len({repr(item) for item in read}) != len(read):
        raise PolicyError(file, key, "The list names something twice.", "Remove the second mention.")
    return read


def _mapping(shape: Any, value: object, file: Path, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PolicyError(file, key, "This has to be a table.", f"Write [{key}] and its keys below it.")
    read = {name: _convert(shape, item, file, _below(key, name)) for name, item in value.items()}
    return types.MappingProxyType(read)


def read_catalogue(shape: Any, value: object, file: Path, key: str) -> Catalogue[Any]:
    """A list of coded things from an array of tables.

    :raises PolicyError: what :func:`read_table` raises, and a code or label that is there twice.
    """
    if not isinstance(value, list):
        raise PolicyError(file, key, "This has to be a list of tables.", f"Start each with [[{key}]].")
    seen: dict[str, int] = {}
    labels: dict[str, str] = {}
    items = []
    for number, table in enumerate(value, start=1):
        at = f"{key}[{number}]"
        item = read_table(shape, table, file, at)
        if not _CODE.fullmatch(item.code):
            raise PolicyError(
                file,
                f"{at}.code",
                f"“{item.code}” cannot be a code.",
                "Use letters, digits and underscores only.",
            )
        if item.code in seen:
            raise PolicyError(
                file,
                f"{at}.code",
                f"“{item.code}” is already the code of {key}[{seen[item.code]}].",
                "Give one of them another code.",
            )
        if not item.retired and item.label in labels:
            raise PolicyError(
                file,
                f"{at}.label",
                f"“{item.label}” is already the label of {labels[item.label]}.",
                "Reword one, so that people can tell them apart, or mark the old one retired = true.",
            )
        seen[item.code] = number
        if not item.retired:
            labels[item.label] = item.code
        items.append(item)
    return Catalogue(tuple(items))


def _member(shape: type[StrEnum], value: object, file: Path, key: str) -> StrEnum:
    try:
        return shape(str(value))
    except ValueError:
        options = ", ".join(member.value for member in shape)
        raise PolicyError(file, key, f"“{value}” is not known here.", f"Use one of: {options}.") from None


_PLAIN: dict[type[Any], tuple[Callable[[object], bool], str, str]] = {
    str: (
        lambda value: isinstance(value, str) and bool(value.strip()),
        "text",
        "Write text in quotation marks.",
    ),
    bool: (
        lambda value: isinstance(value, bool),
        "true or false",
        "Write true or false, without quotation marks.",
    ),
    int: (
        lambda value: isinstance(value, int) and not isinstance(value, bool),
        "a whole number",
        "Write a number without quotation marks.",
    ),
    date: (
        lambda value: isinstance(value, date) and not isinstance(value, datetime),
        "a date",
        "Write year-month-day without quotation marks, such as 2026-12-24.",
    ),
    time: (
        lambda value: isinstance(value, time),
        "a time",
        "Write it without quotation marks, such as 08:00:00.",
    ),
}


def _plain(shape: type[Any], value: object, file: Path, key: str) -> Any:
    fits, what, remedy = _PLAIN[shape]
    if not fits(value):
        raise PolicyError(file, key, f"This has to be {what}, and is {value!r}.", remedy)
    return value
