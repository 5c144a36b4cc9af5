"""A step is taken as a whole: no view lets one service write, and then another that may still refuse.

What services write within one `attempt` is undone together. Two of them in one view, or one in a loop, keep
the first when the second is refused: the page says that there is a problem, and half of it is done.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.web.idempotency import attempt
from portal.web.steps import take
from tests.structure.source import ROOT

#: Whatever undoes by itself what its services wrote.
FIRST = {(one.__module__, one.__name__) for one in (attempt, take)}
#: Those that call two or more of them, and why half is not done.
KNOWN = {
    "portal.blueprints.attachments._page": "one of the two, by who sends: a script or a form",
    "portal.blueprints.cases.involved.add_team": "one of the two: the first is answered",
    "portal.blueprints.concerns.recording.new": "one of the two: the first is answered",
    "portal.blueprints.meetings.live.save_line": "one of the two: the first is answered",
    "portal.blueprints.meetings.recording._keep": "one of the two: held with all of it, or saved",
    "portal.blueprints.meetings.recording.record": "what can be kept is kept (ADR 13); nothing is done by it",
    "portal.records.minutes.presenter.record_saving.keep_all": "likewise, each thing by itself",
    "portal.records.minutes.presenter.record_saving.keep_last": "likewise, each action by itself",
    "portal.records.minutes.presenter.record_saving.keep_together": "within one that undoes all of it",
    "portal.web.steps.do_each": "each row that was ticked by itself, and what was not done is named",
    "portal.web.uploads.add_each": "each file by itself, and the answer says of each",
}

Name = tuple[str, str]


def sources() -> dict[str, ast.Module]:
    """The modules that answer requests."""
    folders = ("portal/blueprints/**/*.py", "portal/records/*/presenter/*.py", "portal/web/*.py")
    paths = [path for folder in folders for path in ROOT.glob(folder)]
    return {_module(path): ast.parse(path.read_text("utf-8")) for path in paths}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of a module, and the methods of its classes under the names of both."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from (
                (f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, ast.FunctionDef)
            )


class Calls:
    """Who calls what, by the names in some modules."""

    def __init__(self, modules: dict[str, ast.Module]) -> None:
        self.functions: dict[Name, ast.FunctionDef] = {}
        self.imported: dict[Name, Name] = {}
        for module, tree in modules.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    for one in node.names:
                        self.imported[module, one.asname or one.name] = (node.module, one.name)
            self.functions |= {(module, name): body for name, body in _functions(tree)}
        self.saving = set(FIRST)
        while more := {name for name in self.functions if self._saves(name)} - self.saving:
            self.saving |= more

    def savers_in(self, module: str, part: ast.AST) -> Iterator[Name]:
        """What is called in a part of a function that undoes by itself what it wrote."""
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and (called := self._called(module, node)) in self.saving:
                yield called

    def several(self) -> set[str]:
        """Functions that call several of them, or one again and again."""
        return {
            ".".join(name)
            for name, body in self.functions.items()
            if len(list(self.savers_in(name[0], body))) > 1 or self._in_a_loop(name[0], body)
        }

    def _saves(self, name: Name) -> bool:
        return next(self.savers_in(name[0], self.functions[name]), None) is not None

    def _in_a_loop(self, module: str, body: ast.FunctionDef) -> bool:
        loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)
        return any(
            next(self.savers_in(module, node), None) for node in ast.walk(body) if isinstance(node, loops)
        )

    def _called(self, module: str, call: ast.Call) -> Name:
        match call.func:
            case ast.Name(id=name):
                own = (module, name)
                return own if own in self.functions else self.imported.get(own, own)
            case ast.Attribute(attr="take"):
                return take.__module__, take.__name__
            case _:
                return "", ""


def test_no_view_keeps_half_of_a_step() -> None:
    assert Calls(sources()).several() == KNOWN.keys()


def test_a_view_that_would_is_found() -> None:
    saved_twice = f"""
from {attempt.__module__} import attempt
def _one():
    with attempt():
        pass
def whole():
    with attempt():
        pass
def half():
    _one()
    with attempt():
        pass
def again(those):
    for one in those:
        _one()
"""
    modules = {"portal.blueprints.made_up": ast.parse(saved_twice)}
    assert Calls(modules).several() == {
        "portal.blueprints.made_up.half",
        "portal.blueprints.made_up.again",
    }
