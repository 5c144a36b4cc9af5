"""What pages may cost: `budgets.toml`, here and in the folder of each noun, and what is beyond it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from portal.registry import NOUNS
from tests.bench.walk import Page
from tests.lists import parts

#: A long document is made beside the pages: whoever asks for the next one meanwhile is asked to wait.
ANSWERS = frozenset({200, 429})
#: A page of the same kind may show a part that another has not: so many statements are let be.
ASIDE = 2
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


def budgets(app: Flask, file: Path = FILE) -> Budgets:
    """Read the list, as `listed` does."""
    usual = listed(app, "usual", file)
    return Budgets(
        Budget(**usual),
        {route: Budget(**(usual | own)) for route, own in listed(app, "pages", file).items()},
    )


def read_more(app: Flask, file: Path = FILE) -> Mapping[str, Mapping[str, str]]:
    """By route, or `*`, the large tables of which a page may read more than others, and why."""
    return listed(app, "reads", file)


def listed(app: Flask, part: str, file: Path = FILE) -> dict[str, Any]:
    """What the list says under one heading, in all its files.

    Raises:
        ValueError: a file has a page of another noun, one that is not there, or what another file has too.
    """
    nouns = {rule.rule: _noun(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    found: dict[str, Any] = {}
    for path, noun, said in parts(file):
        for name, own in said.get(part, {}).items():
            if name in found:
                raise ValueError(f"{path}: {name} stands in another file too")
            # What people write, and what holds of all, has no address of its own.
            if name.startswith("/") and nouns.get(name) != noun:
                raise ValueError(f"{path}: {name} belongs to {nouns.get(name, 'no view') or 'no noun'}")
            found[name] = own
    return found


def _noun(app: Flask, endpoint: str) -> str:
    """The noun in whose folder a view is; empty where it is no noun's."""
    folder = app.view_functions[endpoint].__module__.split(".")[2:3]
    return folder[0] if folder and folder[0] in NOUNS else ""


def beyond(pages: Iterable[Page], allowed: Budgets, *, margin: float) -> list[str]:
    """A sentence for each page that costs more than it may, dearest people alone.

    Args:
        margin: how many times its budget a page's processor time may be, on a machine that is busy besides.
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
        ("statements", budget.statements + ASIDE),
        ("rows", budget.rows),
        ("processor", budget.processor * margin),
    ):
        dearest = max(asked, key=lambda page: float(getattr(page, name)))
        if (cost := getattr(dearest, name)) > most:
            yield f"{route}: {cost:.0f} {name}, not {most:.0f} ({dearest.person}, {dearest.address})"


def unknown(pages: Iterable[Page], allowed: Budgets) -> list[str]:
    """Routes of the list that nobody was led to: they are gone, or the walk is too short."""
    return sorted(set(allowed.listed) - {page.route for page in pages})


def failed(pages: Iterable[Page]) -> list[str]:
    """Pages that did not answer as pages do."""
    return [f"{one.address} answered {one.person} {one.status}" for one in pages if one.status not in ANSWERS]


def missed(app: Flask, pages: Iterable[Page], file: Path = FILE) -> list[str]:
    """Pages that nobody was led to, but for those of which the list says why nobody is."""
    there = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    left = there - {page.route for page in pages} - set(listed(app, "unwalked", file))
    return [f"{route}: nobody was led to it" for route in sorted(left)]


def _least(pages: Collection[Page], part: int, cost: Callable[[Page], float]) -> float:
    taken = sorted(cost(one) for one in pages)
    return taken[min(len(taken) - 1, len(taken) * part // 100)]


def summary(pages: Collection[Page]) -> dict[str, float]:
    """What half of all pages take at most, in milliseconds, and nine or nineteen of twenty."""
    return {
        **{f"p{part}": _least(pages, part, lambda one: one.milliseconds) for part in (50, 90, 95)},
        **{f"processor_p{part}": _least(pages, part, processors) for part in (50, 90, 95)},
    }


def processors(page: Page) -> float:
    """What a page takes of the processors, of the web process and of the database together."""
    return page.processor + page.database


#: What nineteen of twenty pages take at most, by name: in two worlds they say what grows.
GROWTH: Mapping[str, Callable[[Collection[Page]], float]] = {
    "p95": lambda pages: _least(pages, 95, lambda one: one.milliseconds),
    "processor_p95": lambda pages: _least(pages, 95, processors),
}


def dearest(pages: Iterable[Page], most: int = 25) -> Iterator[str]:
    """A line for each of the slowest pages."""
    for one in sorted(pages, key=lambda page: -page.milliseconds)[:most]:
        yield (
            f"{one.milliseconds:6.0f} ms, {one.processor:4.0f} + {one.database:4.0f} ms processor,"
            f" {one.statements:3d} statements, {one.rows:5d} rows, {one.bytes / 1024:5.0f} KB"
            f"  {one.person}  {one.address}"
        )


def each(pages: Iterable[Page]) -> Iterator[str]:
    """A line for each kind, with what half and nearly all of them took."""
    found: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        found[page.route].append(page)
    for kind, asked in found.items():
        taken = sorted(one.milliseconds for one in asked)
        dearest = max(asked, key=lambda page: page.processor)
        yield (
            f"{kind}: p50 {taken[len(taken) // 2]:.0f} ms, p95 {taken[len(taken) * 95 // 100]:.0f} ms,"
            f" {dearest.processor:.0f} + {dearest.database:.0f} ms processor,"
            f" {dearest.statements} statements, {dearest.rows} rows, {dearest.bytes / 1024:.0f} KB"
        )
