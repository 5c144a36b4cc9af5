"""The guidance pages: Markdown files in ``config/policy/<edition>/guidance``, each with its source and date.

A file begins with its facts between two lines ``+++`` and goes on with the text. A later edition replaces
single pages by files of the same name.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portal.policy.reader import PolicyError

FOLDER = "guidance"

#: The parts of the guidance, in the order in which they are read.
GROUPS = MappingProxyType(
    {
        "start": "Start here",
        "types": "Types of exploitation",
        "do": "What to do",
        "portal": "About this portal",
    }
)

#: What the portal adds to a page from the policy itself, so that no number is written twice.
INSERTS = frozenset({"", "contacts", "hub_hours", "levels", "meetings"})

#: Pages that pages of the portal lead to: an edition may rewrite them, and may not be without one.
LED_TO = frozenset(
    {
        *("contacts-national", "fgm", "how-it-happens", "meetings", "risk-assessment", "serious-violence"),
        *("sharing-information", "who-counts", "words-that-help"),
    }
)

_FACTS = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)
_REQUIRED = {"title": str, "summary": str, "group": str, "order": int, "source": str, "checked_on": date}
_OPTIONAL: dict[str, Any] = {"see_also": [], "insert": "", "exploitation_type": ""}


@dataclass(frozen=True)
class GuidancePage:
    """One page of guidance. ``checked_on`` is the day on which somebody last held it against its source."""

    slug: str
    title: str
    summary: str
    group: str
    order: int
    source: str
    checked_on: date
    see_also: tuple[str, ...]
    insert: str
    exploitation_type: str
    text: str


@dataclass(frozen=True)
class Guidance:
    """All pages of one edition."""

    pages: MappingProxyType[str, GuidancePage]

    def page(self, slug: str) -> GuidancePage | None:
        """The page of that name, if there is one."""
        return self.pages.get(slug)

    def groups(self) -> list[tuple[str, list[GuidancePage]]]:
        """The titles of the groups with their pages, in reading order."""
        return [(title, self.of_group(group)) for group, title in GROUPS.items()]

    def of_group(self, group: str) -> list[GuidancePage]:
        """The pages of one group, in reading order."""
        return sorted(
            (page for page in self.pages.values() if page.group == group), key=lambda page: page.order
        )


@lru_cache(maxsize=4)
def load_guidance(path: Path, on: date) -> Guidance:
    """The guidance that holds on a day. Read once for each day.

    :param path: the policy folder, ``config/policy``.
    :raises PolicyError: a page is not as it should be; names the file, the key and the remedy.
    """
    editions = [
        folder for folder in sorted(path.iterdir()) if folder.is_dir() and folder.name <= on.isoformat()
    ]
    files = {file.stem: file for folder in editions for file in sorted((folder / FOLDER).glob("*.md"))}
    if not files:
        raise PolicyError(path, "", "There is no guidance here.", f"Add <edition>/{FOLDER}/<page>.md.")
    if lacking := sorted(LED_TO - files.keys()):
        where = path / FOLDER / f"{lacking[0]}.md"
        raise PolicyError(
            where, "", "Pages of the portal lead to it.", "Write it again; it may say something else."
        )
    pages = {slug: _read(file) for slug, file in files.items()}
    for slug, page in pages.items():
        _check_links(page, files[slug], pages)
    return Guidance(MappingProxyType(pages))


def _read(file: Path) -> GuidancePage:
    parts = _FACTS.match(file.read_text("utf-8-sig"))
    if parts is None:
        raise PolicyError(file, "", "It does not begin with its facts.", "Put them between two lines +++.")
    try:
        facts = tomllib.loads(parts[1])
    except tomllib.TOMLDecodeError as fault:
        raise PolicyError(file, "", f"Its facts cannot be read: {fault}.", "Mend them as TOML.") from fault
    _check_facts(facts, file)
    facts = _OPTIONAL | facts
    return GuidancePage(**{**facts, "see_also": tuple(facts["see_also"])}, slug=file.stem, text=parts[2])


def _check_facts(facts: dict[str, Any], file: Path) -> None:
    for key, kind in _REQUIRED.items():
        if not isinstance(facts.get(key), kind) or facts[key] == "":
            raise PolicyError(file, key, "It is missing or of the wrong kind.", f"Give a {kind.__name__}.")
    if unknown := facts.keys() - _REQUIRED.keys() - _OPTIONAL.keys():
        raise PolicyError(file, sorted(unknown)[0], "It is not known.", "Remove it or correct its name.")
    if facts["group"] not in GROUPS:
        raise PolicyError(
            file, "group", f"“{facts['group']}” is no group.", f"Use one of: {', '.join(GROUPS)}."
        )
    if facts.get("insert", "") not in INSERTS:
        raise PolicyError(
            file, "insert", "It is not known.", f"Use one of: {', '.join(sorted(INSERTS - {''}))}."
        )


def _check_links(page: GuidancePage, file: Path, pages: Iterable[str]) -> None:
    known = set(pages)
    if strange := [slug for slug in page.see_also if slug not in known | {"contacts"}]:
        raise PolicyError(file, "see_also", f"There is no page “{strange[0]}”.", "Name an existing page.")
    for slug in re.findall(r"\]\(/guidance/([\w-]+)\)", page.text):
        if slug not in known:
            raise PolicyError(
                file, "", f"It links to a page “{slug}”, which does not exist.", "Correct the link."
            )
