"""The repository as data, for tests that read it."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = frozenset(
    {".py", ".sql", ".html", ".css", ".scss", ".js", ".toml", ".md", ".json", ".lock", ".csv", ".txt", ""}
)


@cache
def _ignored_names() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text("utf-8").split()
    return (".git", *(line.rstrip("/") for line in lines if not line.startswith("!")))


def is_ignored(path: Path) -> bool:
    """Whether `path`, below the root, is something that is made here and never committed."""
    inside = path.relative_to(ROOT)
    candidates = [*(part for part in inside.parts), *(str(parent) for parent in (inside, *inside.parents))]
    return any(fnmatch(name, pattern) for name in candidates for pattern in _ignored_names())


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if is_ignored(path):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.suffix in TEXT:
            yield path


@cache
def text_files() -> tuple[Path, ...]:
    """Every text file that is, or would be, committed."""
    return tuple(_walk(ROOT))


def python_files(*folders: str) -> list[Path]:
    """The Python files of `folders`, named from the root; of the whole repository when none is given."""
    wanted = [ROOT / folder for folder in folders] or [ROOT]
    return [
        path
        for path in text_files()
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in wanted)
    ]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it; `from a import b` counts as `a` and as `a.b`."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def name(path: Path) -> str:
    """A file as it is named from the root."""
    return path.relative_to(ROOT).as_posix()
