"""Only the clock reads the time, so that a test can set it and a deadline means one thing."""

import ast

from tests.structure.source import name, parsed, python_files

READERS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime"),
    *("func.now", "func.current_timestamp", "func.current_date", "func.localtimestamp"),
}
NAMES = {one.rpartition(".")[2] for one in READERS}


def _readings(tree: ast.Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in NAMES:
            called = ast.unparse(node.func)
            if ".".join(called.split(".")[-2:]) in READERS:
                found.append((node.lineno, called))
    return found


def test_only_the_clock_reads_the_time() -> None:
    guilty = [
        f"{name(path)}:{line} {called}"
        for path in python_files("portal", "config")
        if name(path) != "portal/clock.py"
        for line, called in _readings(parsed(path))
    ]
    assert not guilty, f"Ask portal.clock instead: {guilty}"


def test_only_the_demonstration_tells_another_time() -> None:
    guilty = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("portal", "config", "wsgi.py")
        if not name(path).startswith("portal/demo/")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "telling"
        and ast.unparse(node.func).endswith("clock.telling")
    ]
    assert not guilty, f"Nothing that people use may be told a time: {guilty}"


def test_a_reading_of_the_time_is_recognised() -> None:
    code = "import datetime as d\nd.datetime.now(d.UTC)\ndate.today()\nclock.now()\nfunc.now()\n"
    assert [line for line, _ in _readings(ast.parse(code))] == [2, 3, 5]
