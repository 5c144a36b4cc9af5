"""The files of an edition that belong to a noun, which declares them in `policy.py: SECTIONS`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal import registry

if TYPE_CHECKING:
    from portal.policy.book import Policy
    from portal.policy.reader import Catalogue

#: In this order the files go into the sum that is the version of an edition, and onto the page of the policy.
#: It never changes: records keep the version that they were made under. A new file comes last by itself.
ORDER = (
    *("edition", "areas", "exploitation", "referral", "triage", "clocks", "hub", "decisions", "sharing"),
    *("cases", "contributions", "people", "levels", "assessment", "safety_plan", "plans", "guardianship"),
    *("directory", "closing", "concerns", "missing", "linked_processes", "orders", "names", "meetings"),
    *("panels", "rates", "reminders", "return_interview", "texts"),
)


@dataclass(frozen=True)
class Kept:
    """Where records keep codes of a section."""

    codes: str  # SQL that gives each code once
    catalogue: Callable[[Any], "Catalogue[Any]"]  # of the section


@dataclass(frozen=True, kw_only=True)
class Section:
    """One file of the policy.

    Attributes:
        file: its name, without `.toml`.
        shape: the dataclass that it is read into; `Policy.of` gives it.
        check: what has to hold in it, and between it and other files, or `PolicyError`; gets the policy, and
            where the file is.
        kept: the codes of it that records keep.
    """

    file: str
    shape: type[Any]
    check: Callable[["Policy", Path], None] | None = None
    kept: tuple[Kept, ...] = ()


@cache
def sections_of_nouns() -> tuple[Section, ...]:
    """Every section that a noun declares, in the order of the nouns."""
    return tuple(registry.declared("policy", "SECTIONS", Section))


def in_order(files: Iterable[str]) -> list[str]:
    """Names of files in the order of the sum; those that have no place in it last, as they come."""
    return sorted(files, key=lambda file: ORDER.index(file) if file in ORDER else len(ORDER))
