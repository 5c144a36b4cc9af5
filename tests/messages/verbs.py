"""Which services tell somebody: found in their code, without running it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.structure.source import ROOT, parsed

#: What a service has to reach, itself or by what it calls: it tells, or has the database tell what it finds.
TELLS = frozenset({"portal.messages.telling.tell", "portal.messages.unseen.parts_found"})
#: Opening a duty tells its owner, and moving or handing one over those concerned, by the ladder of its kind.
OPENS = frozenset(
    f"portal.deadlines.changes.{name}" for name in ("open_deadline", "move_deadline", "hand_deadlines_over")
)
#: Where services stand; what only reads, words or asks for what was typed does nothing.
PLACES = ("portal/records", "portal/pages/held_work", "portal/messages")
READS = ("reading", "presenter", "forms", "model", "policy", "permissions", "noun", "vocabulary", "rules")


@dataclass(frozen=True)
class Service:
    """A function that does something for somebody (`actor`).

    Attributes:
        name: its module without `portal.`, and its own.
        reaches: the functions that it calls, and those that they call, by their full names.
    """

    name: str
    reaches: frozenset[str]

    @property
    def tells(self) -> bool:
        """Whether somebody is told, by the table or by the ladder of a duty."""
        return bool(self.reaches & (TELLS | OPENS))


@cache
def services() -> tuple[Service, ...]:
    """Every public function with a keyword `actor`, in the order of the files."""
    calls, found = _calls(), []
    for module, tree in _modules().items():
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and _acts(module, function):
                full = f"{module}.{function.name}"
                found.append(Service(full.removeprefix("portal."), _reached(full, calls)))
    return tuple(found)


def _acts(module: str, function: ast.FunctionDef) -> bool:
    place = module.replace(".", "/")
    if not place.startswith(PLACES) or set(module.split(".")) & set(READS) or function.name.startswith("_"):
        return False
    return any(one.arg == "actor" for one in function.args.kwonlyargs)


def _reached(start: str, calls: Mapping[str, frozenset[str]]) -> frozenset[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        for one in calls.get(waiting.pop(), frozenset()) - seen:
            seen.add(one)
            waiting.append(one)
    return frozenset(seen)


@cache
def _modules() -> Mapping[str, ast.Module]:
    files = sorted((ROOT / "portal").rglob("*.py"))
    return {_name(file): parsed(file) for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _calls() -> Mapping[str, frozenset[str]]:
    """By the full name of each function, those that it names."""
    found = {}
    for module, tree in _modules().items():
        known = dict(_imported(tree)) | {
            one.name: f"{module}.{one.name}"
            for one in tree.body
            if isinstance(one, ast.FunctionDef | ast.ClassDef)
        }
        for function in tree.body:
            if isinstance(function, ast.FunctionDef | ast.ClassDef):
                named = frozenset(_named(function, known))
                found[f"{module}.{function.name}"] = named
    return found | _of_nouns(found)


def _of_nouns(calls: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """What the registry passes on reaches every noun that declares it."""
    hooks = ("meeting_held", "meeting_over", "case_sealing", "case_sealed")
    passed: dict[str, frozenset[str]] = {}
    for hook in hooks:
        takers = set[str]()
        for module, tree in _modules().items():
            if not module.endswith(".noun"):
                continue
            known = dict(_imported(tree))
            for call in ast.walk(tree):
                if isinstance(call, ast.keyword) and call.arg == hook:
                    takers |= set(_named(call.value, known))
        passed[f"portal.registry.{hook}"] = frozenset(takers)
    return passed


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"
        elif isinstance(node, ast.Import):
            for one in node.names:
                yield one.asname or one.name, one.name


def _named(node: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in known:
            yield known[one.id]
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in known:
            yield f"{known[one.value.id]}.{one.attr}"
