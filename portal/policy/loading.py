"""Finds the files of every edition, reads them and puts them together."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portal import clock
from portal.policy.book import NO_SECTIONS, Overrides, Policy, PolicyBook
from portal.policy.checks import check
from portal.policy.intake import Edition
from portal.policy.reader import Catalogue, PolicyError, read_catalogue, read_table, read_toml
from portal.policy.sections import in_order, sections_of_nouns

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
