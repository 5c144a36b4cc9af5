"""What `StepsOn` adds to the answers of a form is what the service takes: mypy does not see through it."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

from portal.web.steps import StepsOn
from tests.structure.source import name, parsed, python_files


def _taken() -> Iterator[tuple[ModuleType, ast.FunctionDef, ast.Call]]:
    """Every call of `StepsOn.take`, with its module and its view."""
    for path in python_files("portal/blueprints"):
        module = import_module(name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        for view in ast.walk(parsed(path)):
            if isinstance(view, ast.FunctionDef):
                for call in ast.walk(view):
                    if isinstance(call, ast.Call) and _steps_of(call, module) is not None:
                        yield module, view, call


def _steps_of(call: ast.Call, module: ModuleType) -> StepsOn[Any] | None:
    """The steps whose `take` is called; None for any other call."""
    by = call.func
    taken = isinstance(by, ast.Attribute) and by.attr == "take" and isinstance(by.value, ast.Name)
    found = getattr(module, ast.unparse(by).partition(".")[0], None) if taken else None
    return found if isinstance(found, StepsOn) else None


def _service(act: ast.expr) -> tuple[ast.expr, set[str]]:
    """The service of a step, and what the view itself gives it by name."""
    if isinstance(act, ast.Call):  # partial(service, …)
        return act.args[0], {word.arg for word in act.keywords if word.arg}
    if isinstance(act, ast.Lambda) and isinstance(act.body, ast.Call):
        return act.body.func, {word.arg for word in act.body.keywords if word.arg}
    return act, set()


def _versions(view: ast.FunctionDef, module: ModuleType) -> tuple[set[str], ...]:
    """What its form adds: a version or none; either, where its class is made as it is asked for."""
    words = ast.unparse(view)
    found = re.search(r"\b(\w+Form)\b", words)
    form = getattr(module, found[1], None) if found else None
    if form is None:
        return set(), {"version"}
    return ({"version"} if hasattr(form, "version") and "del form.version" not in words else set(),)


def _takes(service: Any, given: set[str]) -> bool:
    words = inspect.signature(service).parameters
    needed = {word for word, one in words.items() if one.default is one.empty}
    return needed <= given <= set(words)


def test_a_step_gives_its_service_what_it_takes() -> None:
    wrong, seen = [], 0
    for module, view, call in _taken():
        seen += 1
        steps = _steps_of(call, module)
        assert steps is not None
        written, own = _service(call.args[2])
        service = eval(ast.unparse(written), vars(module))  # noqa: S307  # a name in our own source
        given = own | {"actor"} | set(steps.given(MagicMock()))
        if not any(_takes(service, given | more) for more in _versions(view, module)):
            wrong.append(f"{module.__name__}.{view.name}")
    assert seen > 40
    assert not wrong
