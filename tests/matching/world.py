"""A small world of known children around the labelled pairs, and the two steps by which one is found.

``pairs.csv`` holds, row by row, a child as written on a form (``sought_…``), the same child as known
(``known_…``) and, for twins and siblings, another child of the same home (``other_…``). In rows of the sort
``absent`` the child itself is not known, only the twin. Around them stand children made with a fixed seed,
among them, for every labelled child, some with the same surname or the same first name.
"""

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from portal.policy import Names
from portal.records.children.rules import CANDIDATES, Facts, Match, child_keys, lookup_keys, rank

PAIRS = Path(__file__).with_name("pairs.csv")
NAMES_OF_STRANGERS = Path(__file__).with_name("strangers.csv")
TODAY = date(2026, 11, 24)
STRANGERS = 800


@dataclass(frozen=True)
class Pair:
    """One labelled row: the child sought, the same child as known, and another child of the home."""

    number: int
    sort: str
    sought: Facts
    known: Facts | None
    other: Facts | None

    @property
    def right(self) -> str:
        """The key of the known child in the world."""
        return f"right-{self.number}"

    @property
    def wrong(self) -> str:
        """The key of the twin or sibling in the world."""
        return f"other-{self.number}"


def read_pairs() -> tuple[Pair, ...]:
    """Every labelled row."""
    return tuple(_read(number, row) for number, row in enumerate(_rows(PAIRS), start=1))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(number: int, row: dict[str, str]) -> Pair:
    doors, postcodes = _some(row["known_door"]), _some(row["known_postcode"])
    sought = Facts(
        names=(row["sought_name"],),
        born=_date(row["sought_born"]),
        age=int(row["sought_age"]) if row["sought_age"] else None,
        nhs_number=row["sought_nhs"] or None,
        postcodes=_some(row["sought_postcode"]),
        doors=_some(row["sought_door"]),
    )
    known = Facts(
        names=tuple(filter(None, [row["known_name"], row["known_alias"]])),
        born=_date(row["known_born"]),
        nhs_number=row["known_nhs"] or None,
        postcodes=postcodes,
        doors=doors,
    )
    other = Facts(names=(row["other_name"],), born=_date(row["other_born"]), postcodes=postcodes, doors=doors)
    return Pair(
        number,
        row["sort"],
        sought,
        known if row["known_name"] else None,
        other if row["other_name"] else None,
    )


def _some(text: str) -> frozenset[str]:
    return frozenset({text} if text else ())


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


class World:
    """Known children and the index of their keys, as a table of keys in the database would be."""

    def __init__(self, names: Names, pairs: tuple[Pair, ...]) -> None:
        self.names = names
        self.children = dict(_population(pairs))
        self.index: defaultdict[str, set[str]] = defaultdict(set)
        for child, facts in self.children.items():
            for key in child_keys(facts, names):
                self.index[key].add(child)

    def candidates(self, sought: Facts) -> dict[str, Facts]:
        """The first step: by equality of keys alone, those with most keys in common first."""
        hits = Counter(
            child for key in lookup_keys(sought, self.names, TODAY) for child in self.index.get(key, ())
        )
        return {child: self.children[child] for child, _ in hits.most_common(CANDIDATES)}

    def find(self, sought: Facts) -> tuple[Match[str], ...]:
        """Both steps."""
        return rank(sought, self.candidates(sought), self.names, TODAY)


def _population(pairs: tuple[Pair, ...]) -> Iterator[tuple[str, Facts]]:
    for pair in pairs:
        if pair.known:
            yield pair.right, pair.known
        if pair.other:
            yield pair.wrong, pair.other
    chance = random.Random(4711)  # noqa: S311 - the same world every time, not a secret
    rows = _rows(NAMES_OF_STRANGERS)
    labelled = [pair.known.names[0].split() for pair in pairs if pair.known]
    for number in range(STRANGERS):
        first, last = chance.choice(rows)["first"], chance.choice(rows)["last"]
        words = chance.choice(labelled)
        if number % 4 == 1:
            first = words[0]
        elif number % 4 == 3:
            last = words[-1]
        yield f"stranger-{number}", _stranger(chance, f"{first} {last}")


def _stranger(chance: random.Random, name: str) -> Facts:
    born = date(chance.randint(2008, 2019), chance.randint(1, 12), chance.randint(1, 28))
    postcode = f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}AA"
    return Facts(names=(name,), born=born, postcodes=frozenset({postcode}))


def match_recall(names: Names) -> float:
    """The share of labelled children that stand among the first five, from 0 to 1."""
    pairs = read_pairs()
    world = World(names, pairs)
    present = [pair for pair in pairs if pair.known]
    found = sum(pair.right in {match.child for match in world.find(pair.sought)[:5]} for pair in present)
    return found / len(present)
