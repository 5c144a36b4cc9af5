"""Joins our own small ES modules into one file, so that a page asks for one script and not for nine.

Only what our modules use is understood: ``import { a, b } from "./x.js";``, ``import { a } from "package";``
and ``export`` before a function, class or const. Anything else stops the build, naming the file.
"""

import re
from collections.abc import Callable
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^\s*//.*\n", re.MULTILINE)


class BundleError(Exception):
    """A script that cannot be joined; the message names the file and what to write instead."""


def bundle(entry: Path, *, vendor_url: Callable[[str], str]) -> str:
    """One script that holds ``entry`` and every module of ours that it imports.

    :param entry: the module to start from; imports that begin with ``./`` are looked up beside it.
    :param vendor_url: gives the address from which the browser loads a package by its name.
    :raises BundleError: when a module is missing or uses a form of import or export not listed above.
    """
    order: list[Path] = []
    _visit(entry, order, [])
    outside: dict[str, set[str]] = {}
    bodies = [_wrapped(module, outside) for module in order]
    head = [
        f'import {{ {", ".join(sorted(names))} }} from "{vendor_url(package)}";'
        for package, names in sorted(outside.items())
    ]
    return "\n".join([*head, *bodies])


def _visit(module: Path, order: list[Path], open_modules: list[Path]) -> None:
    if module in order:
        return
    if module in open_modules:
        raise BundleError(f"{module.name} imports itself through {open_modules[-1].name}; break the circle")
    if not module.is_file():
        raise BundleError(f"{open_modules[-1].name} imports {module.name}, which does not exist")
    for _, source in _IMPORT.findall(module.read_text("utf-8")):
        if source.startswith("./"):
            _visit(module.parent / source[2:], order, [*open_modules, module])
    order.append(module)


def _wrapped(module: Path, outside: dict[str, set[str]]) -> str:
    """The module inside a function of its own, so that two modules may use the same private name."""
    text = module.read_text("utf-8")

    def take_import(match: re.Match[str]) -> str:
        names = [name.strip() for name in match[1].split(",") if name.strip()]
        if match[2].startswith("./"):
            return f"const {{ {', '.join(names)} }} = {_scope(match[2][2:])};"
        outside.setdefault(match[2], set()).update(names)
        return ""

    body = _IMPORT.sub(take_import, text)
    exported = [name for _, name in _EXPORT.findall(body)]
    body = _EXPORT.sub(r"\1 \2", body)
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise BundleError(
            f"{module.name}: the build does not understand “{left[0]}”; see portal/web/bundle.py"
        )
    body = _COMMENT_LINE.sub("", body).strip()
    return f"const {_scope(module.name)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _scope(filename: str) -> str:
    return "module_" + re.sub(r"\W", "_", filename.removesuffix(".js"))
