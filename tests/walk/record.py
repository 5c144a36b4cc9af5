"""A record of a walk: a text for each page and person, in a folder for each person."""

import hashlib
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bs4 import BeautifulSoup

from portal import clock
from tests import another_day
from tests.walk import normalise
from tests.walk.process import Process
from tests.walk.walking import follow, links, within

#: When the demonstration is loaded and walked: a working day, in an hour of which its content says nothing.
#: It has to be ahead: under a clock that is put back, PostgreSQL ends what waits too early.
MOMENT = "2028-03-15T11:43+00:00"
MOST = 5  # pages of one kind that each follows links to; of half as many, everybody asks for the address
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_LONGEST = 150  # letters of a part of an address that stay in the name of a file
NOBODY = "00000000-0000-0000-0000-000000000000"

Answer = dict[str, Any]


def record(tree: Path, out: Path, *, most: int, people: Sequence[str]) -> None:
    """Record the pages of the release in `tree` as `people` get them, below `out`, which is emptied first."""
    shutil.rmtree(out, ignore_errors=True)
    with Process(Path(__file__).with_name("visited.py"), tree, _environment()) as portal:
        walk = _Walk(portal, out)
        for person in people:
            opened = follow(partial(walk.look, person), walk.kind_of, most=most)
            print(f"{person}: {sum(opened.values())} pages of {len(opened)} kinds by links", flush=True)
        addresses = [*walk.met_by_few(max(1, most // 2)), *walk.never_met()]
        for person in people:
            fresh = [one for one in addresses if (person, one) not in walk.asked]
            for address in fresh:
                walk.look(person, address)
            print(f"{person}: {len(fresh)} other addresses", flush=True)
        (out / "answered.txt").write_text("\n".join(walk.answered()) + "\n", "utf-8")


class _Walk:
    def __init__(self, portal: Process, out: Path) -> None:
        self._portal, self._out = portal, out
        self._names = normalise.Names(portal.ready["names"])
        self._routes: list[str] = portal.ready["routes"]
        self._matched: dict[str, Answer] = {}
        self._statuses: dict[str, set[int]] = defaultdict(set)
        self._written: set[Path] = set()
        self.asked: dict[tuple[str, str], int] = {}

    def look(self, person: str, address: str) -> list[str] | None:
        """Ask for an address as somebody, write what came of it, and give where it leads."""
        answer = self._portal.ask(get=address, **{"as": person})
        self.asked[person, address] = answer["status"]
        self._statuses[self.kind_of(address)].add(answer["status"])
        path = self._file(person, address)
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"{answer['status']} {answer['type']} {self.kind_of(address)}"
        if answer["to"]:
            told, leads = (
                f"leads to {self._names.stable(unquote(answer['to']))}",
                [within(answer["to"], address)],
            )
        elif answer["type"] == "text/html":
            page = BeautifulSoup(answer["body"], "html.parser")
            told, leads = normalise.page(page, self._names), links(page, address)
        else:
            told, leads = normalise.text(answer["body"], self._names), None
        path.write_text(f"{head}\n{told}\n", "utf-8")
        return None if leads is None else [one for one in leads if one]

    def kind_of(self, address: str) -> str:
        """The address as its route has it."""
        return str(self._match(address)["route"] or address.partition("?")[0])

    def met_by_few(self, alike: int) -> list[str]:
        """Of what links led to, some addresses of each kind: those that the fewest people opened."""
        people: dict[str, int] = defaultdict(int)
        kinds: dict[str, list[str]] = defaultdict(list)
        for _, address in self.asked:
            people[address] += 1
            if address not in kinds[self.kind_of(address)]:
                kinds[self.kind_of(address)].append(address)
        return [
            address for found in kinds.values() for address in sorted(found, key=people.__getitem__)[:alike]
        ]

    def never_met(self) -> list[str]:
        """Addresses of the routes to which no link led, their variables as links have them in others."""
        values: dict[tuple[str, str], list[str]] = defaultdict(list)
        for _, address in self.asked:
            matched = self._match(address)
            for found in _VARIABLE.finditer(matched["route"] or ""):
                value = matched["values"][found[1]]
                for known in ((matched["route"][: found.end()], found[1]), ("", found[1])):
                    if value not in values[known]:
                        values[known].append(value)
        met = {self.kind_of(address) for _, address in self.asked}
        filled = (one for route in self._routes if route not in met for one in _filled(route, values))
        return list(dict.fromkeys(filled))

    def answered(self) -> Iterator[str]:
        """Every route, and which statuses it answered with."""
        for route in sorted(self._routes):
            yield f"{route} {' '.join(map(str, sorted(self._statuses[route])))}"

    def _match(self, address: str) -> Answer:
        if address not in self._matched:
            self._matched[address] = self._portal.ask(match=address)
        return self._matched[address]

    def _file(self, person: str, address: str) -> Path:
        """Where the text of a page is: by its address, with the stable names of what is in it."""
        parts = [_short(part) for part in self._names.stable(unquote(address)).strip("/").split("/")]
        folder = self._out / person.lower().replace(" ", "-")
        path = folder.joinpath(*parts[:-1], f"{parts[-1] or 'start'}.txt")
        number = 1
        while path in self._written:  # two whose names are drawn and not known
            number += 1
            path = path.with_name(f"{parts[-1]} ({number}).txt")
        self._written.add(path)
        return path


def _filled(route: str, values: Mapping[tuple[str, str], list[str]]) -> Iterator[str]:
    """A route with the first and the last of what is known for its variables in their places."""
    for pick in (0, -1):
        address, end = "", 0
        for found in _VARIABLE.finditer(route):
            known = values.get((route[: found.end()], found[1])) or values.get(("", found[1])) or [NOBODY]
            address += route[end : found.start()] + known[pick]
            end = found.end()
        yield address + route[end:]


def _short(part: str) -> str:
    if len(part) <= _LONGEST:
        return part
    return f"{part[:_LONGEST]}-{hashlib.sha256(part.encode()).hexdigest()[:12]}"


def _environment() -> dict[str, str]:
    """The settings of the process: nothing of the caller's, its clock at the moment of all records."""
    preload = another_day.library()
    assert preload
    seconds = another_day.seconds_until(MOMENT, clock.now())
    kept = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "WALK_MOMENT": MOMENT}
    return another_day.environment(seconds, preload, kept)
