"""One edition of the policy, the book of all of them, and how it is read from its files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from portal import clock
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy.checks import check
from portal.policy.intake import Areas, Clock, Clocks, Edition, Exploitation, Hub, Referral, Triage
from portal.policy.reader import Catalogue, PolicyError, read_catalogue, read_table, read_toml
from portal.policy.sections import in_order, sections_of_nouns
from portal.policy.telling import Meetings, Reminders, Telling
from portal.policy.work import Cases, Decisions, Levels, Names, People, Plans, Rates, Sharing, Texts
from portal.vocabulary import TriageColour

Shape = TypeVar("Shape")

#: What an edition holds beside its sections.
NO_SECTIONS = frozenset({"version", "of_nouns", "overrides", "authority"})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One edition as it holds for the partnership, or for one of its authorities."""

    version: str
    edition: Edition
    areas: Areas
    exploitation: Exploitation
    referral: Referral
    triage: Triage
    clocks: Clocks
    hub: Hub
    decisions: Decisions
    sharing: Sharing
    cases: Cases
    people: People
    levels: Levels
    plans: Plans
    names: Names
    meetings: Meetings
    rates: Rates
    reminders: Reminders
    telling: Telling
    texts: Texts
    of_nouns: MappingProxyType[type[Any], Any]
    overrides: MappingProxyType[str, "Overrides"]
    authority: str | None = None

    def of(self, shape: type[Shape]) -> Shape:
        """The section of a noun, by its shape: `policy.of(Orders).types`.

        :raises KeyError: no noun declares a section of this shape.
        """
        found: Shape = self.of_nouns[shape]
        return found

    def sections(self) -> Mapping[str, Any]:
        """Every section, by the name of its file, in their order."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found |= {one.file: self.of_nouns[one.shape] for one in sections_of_nouns()}
        return {file: found[file] for file in in_order(found) if file not in NO_SECTIONS}

    def clock(self, kind: DeadlineKind, colour: TriageColour | None = None) -> Clock:
        """The time set for a kind of deadline; by colour, or for all colours alike.

        :raises KeyError: the policy sets none, which start-up makes sure of for every kind that is used.
        """
        among = [one for one in self.clocks.clocks.offered if one.kind == kind]
        for wanted in (colour, None):
            for one in among:
                if one.colour == wanted:
                    return one
        raise KeyError(kind, colour)

    def for_authority(self, code: str | None) -> "Policy":
        """This edition with what one local authority has decided for itself."""
        own = self.overrides.get(code or "")
        if own is None:
            return self
        return replace(
            self, authority=code, version=f"{self.version}/{code}", clocks=own.clocks, levels=own.levels
        )

    def authority_of(self, district: str | None) -> str | None:
        """The code of the authority that a district belongs to."""
        found = self.areas.districts.get(district)
        return found.authority if found else None


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """The sections of an edition that one authority changes, merged with the rest."""

    clocks: Clocks
    levels: Levels


@dataclass(frozen=True)
class PolicyBook:
    """Every edition, oldest first."""

    editions: tuple[Policy, ...]

    def on(self, day: date) -> Policy:
        """The edition that holds on a day; before the first, the first."""
        held = [policy for policy in self.editions if policy.edition.effective_from <= day]
        return held[-1] if held else self.editions[0]

    def version(self, text: str) -> Policy | None:
        """The edition that a record was made under, from the version that it kept.

        None when its files have been changed since, which is why an edition in use is never edited.
        """
        bare, _, authority = text.partition("/")
        found = next((policy for policy in self.editions if policy.version == bare), None)
        return found.for_authority(authority) if found else None


#: The lists of which an authority may replace single entries: file to the keys in it.
OVERRIDABLE = MappingProxyType({"clocks": ("clocks",), "levels": ("levels",)})

#: What file managers and editors leave in folders; whatever begins with a dot is passed over too.
LEFT_BY_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})

#: What decides nothing about a record: a change of these makes no new version of the policy.
BESIDE_RECORDS = frozenset({"telling", "texts"})


@cache
def _shapes() -> Mapping[str, type[Any]]:
    """What every file of an edition is read into, in the order of the sum over them."""
    shapes = {
        field.name: field.type
        for field in fields(Policy)
        if field.name not in NO_SECTIONS and isinstance(field.type, type)
    }
    shapes |= {section.file: section.shape for section in sections_of_nouns()}
    return MappingProxyType({file: shapes[file] for file in in_order(shapes)})


def load_book(path: Path) -> PolicyBook:
    """Every edition below a folder.

    :raises PolicyError: anything is wrong with any of them, also with one that does not hold yet.
    """
    folders = sorted(folder for folder in path.iterdir() if folder.is_dir()) if path.is_dir() else []
    if not folders:
        raise PolicyError(
            path, "", "There is no policy here.", "Add a folder such as 2026-11-01 with its files."
        )
    editions: list[Policy] = []
    files: dict[str, Path] = {}
    own: dict[str, dict[str, Path]] = {}
    for folder in folders:
        files = files | _files_of(folder, complete=not editions)
        for authority, replaced in _files_of_authorities(folder).items():
            own[authority] = own.get(authority, {}) | replaced
        editions.append(_read_edition(folder, files, own))
    return PolicyBook(tuple(editions))


def load(path: Path, on: date | None = None) -> Policy:
    """The edition below a folder that holds on a day (today, when none is given).

    :raises PolicyError: anything is wrong with any edition.
    """
    return load_book(path).on(on or clock.today())


def _files_of(folder: Path, *, complete: bool) -> dict[str, Path]:
    try:
        date.fromisoformat(folder.name)
    except ValueError:
        raise PolicyError(
            folder,
            "",
            "The name of this folder is not a date.",
            "Name it year-month-day, such as 2026-11-01.",
        ) from None
    for entry in sorted(folder.iterdir()):
        if entry.name.lower() in LEFT_BY_SYSTEMS or entry.name.endswith("~"):
            continue
        known = entry.stem in _shapes() and entry.suffix == ".toml" and entry.is_file()
        if not known and entry.name not in {"authorities", "guidance"} and not entry.name.startswith("."):
            names = ", ".join(f"{name}.toml" for name in _shapes())
            raise PolicyError(entry, "", "This is no policy file.", f"Use one of: {names}; or remove it.")
    return {
        name: folder / f"{name}.toml"
        for name in _shapes()
        if complete or name == "edition" or (folder / f"{name}.toml").exists()
    }


def _files_of_authorities(folder: Path) -> dict[str, dict[str, Path]]:
    found: dict[str, dict[str, Path]] = {}
    for file in sorted((folder / "authorities").glob("*/*")):
        if file.name.lower() in LEFT_BY_SYSTEMS or file.name.startswith(".") or file.name.endswith("~"):
            continue
        if file.stem not in OVERRIDABLE or file.suffix != ".toml":
            allowed = ", ".join(f"{name}.toml" for name in OVERRIDABLE)
            raise PolicyError(file, "", "An authority cannot change this.", f"Use one of: {allowed}.")
        found.setdefault(file.parent.name, {})[file.stem] = file
    return found


def _read_edition(folder: Path, files: dict[str, Path], own: dict[str, dict[str, Path]]) -> Policy:
    sections = {
        name: read_table(shape, read_toml(files[name]), files[name]) for name, shape in _shapes().items()
    }
    of_nouns = {section.shape: sections.pop(section.file) for section in sections_of_nouns()}
    edition: Edition = sections["edition"]
    if edition.effective_from.isoformat() != folder.name:
        raise PolicyError(
            files["edition"],
            "effective_from",
            f"It says {edition.effective_from}, and the folder says {folder.name}.",
            "Make them the same day.",
        )
    used = [
        *(file for name, file in files.items() if name not in BESIDE_RECORDS),
        *(file for replaced in own.values() for file in replaced.values()),
    ]
    policy = Policy(
        version=f"{folder.name}.{_digest(used)}",
        of_nouns=MappingProxyType(of_nouns),
        overrides=MappingProxyType({}),
        **sections,
    )
    check(policy, files)
    overrides = {
        authority: _read_overrides(authority, replaced, policy, files) for authority, replaced in own.items()
    }
    return replace(policy, overrides=MappingProxyType(overrides))


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:8]


def _read_overrides(
    authority: str, replaced: dict[str, Path], policy: Policy, files: dict[str, Path]
) -> Overrides:
    if authority not in policy.areas.authorities:
        folder = next(iter(replaced.values())).parent
        codes = ", ".join(policy.areas.authorities.codes)
        raise PolicyError(folder, "", "No authority has this code.", f"Name the folder one of: {codes}.")
    merged = {name: getattr(policy, name) for name in OVERRIDABLE}
    for name, file in replaced.items():
        merged[name] = _merge(merged[name], OVERRIDABLE[name], file)
    check(replace(policy, **merged), files | replaced)
    return Overrides(**merged)


def _merge(section: Any, keys: tuple[str, ...], file: Path) -> Any:
    """A section with single entries of its lists replaced by those of an authority's file."""
    table = read_toml(file)
    for name in table:
        if name not in keys:
            raise PolicyError(
                file, name, "An authority cannot change this.", f"Use one of: {', '.join(keys)}."
            )
    for key in keys:
        shape = type(next(iter(getattr(section, key))))
        holder = read_catalogue(shape, table.get(key, []), file, key)
        current: Catalogue[Any] = getattr(section, key)
        for number, item in enumerate(holder, start=1):
            if item.code not in current:
                raise PolicyError(
                    file,
                    f"{key}[{number}].code",
                    f"The edition has no “{item.code}” to replace.",
                    f"Use one of: {', '.join(current.codes)}.",
                )
        own = {item.code: item for item in holder}
        section = replace(section, **{key: Catalogue(tuple(own.get(item.code, item) for item in current))})
    return section
