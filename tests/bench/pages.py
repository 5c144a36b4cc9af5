"""What pages may cost: the budgets of `budgets.toml`, and what is beyond them."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.walk import Page

FILE = Path(__file__).with_name("budgets.toml")


@dataclass(frozen=True)
class Budget:
    """The most that a page may cost; `why`, where that is more than others may."""

    statements: int
    processor: float  # milliseconds of the web process
    rows: int
    why: str = ""


@dataclass(frozen=True)
class Budgets:
    """For every page, and for those that are listed by their route."""

    usual: Budget
    listed: Mapping[str, Budget]

    def of(self, route: str) -> Budget:
        """What the page of a route may cost."""
        return self.listed.get(route, self.usual)


def budgets(file: Path = FILE) -> Budgets:
    """Read the list."""
    said = tomllib.loads(file.read_text("utf-8"))
    usual = said["usual"]
    return Budgets(
        Budget(**usual), {route: Budget(**(usual | own)) for route, own in said.get("pages", {}).items()}
    )


def beyond(pages: Iterable[Page], allowed: Budgets, *, margin: float) -> list[str]:
    """A sentence for each page that costs more than it may, dearest people alone.

    Args:
        margin: how many times its budget a page's processor time may be, on a machine that does other things too.
    """
    found: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        found[page.route].append(page)
    return [
        sentence
        for route, asked in sorted(found.items())
        for sentence in _beyond(route, asked, allowed.of(route), margin)
    ]


def _beyond(route: str, asked: list[Page], budget: Budget, margin: float) -> Iterable[str]:
    for name, most in (
        ("statements", budget.statements),
        ("rows", budget.rows),
        ("processor", budget.processor * margin),
    ):
        dearest = max(asked, key=lambda page: float(getattr(page, name)))
        if (cost := getattr(dearest, name)) > most:
            yield f"{route}: {cost:.0f} {name}, not {most:.0f} ({dearest.person}, {dearest.address})"


def unknown(pages: Iterable[Page], allowed: Budgets) -> list[str]:
    """Routes of the list that nobody was led to: they are gone, or the walk is too short."""
    return sorted(set(allowed.listed) - {page.route for page in pages})
