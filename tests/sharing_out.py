"""How tests are shared out: which are for `make test` and which for `make proof`, and who runs what.

The tests of a file stay in one process, because they share its fixtures. Those that only read the
demonstration stay together too: it is loaded once. A long file that started late would end last, alone.
"""

import os
from pathlib import PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist carries no types

#: Tests of several files that share what is slow.
TOGETHER = ("tests/demo/content",)

#: The folders of the files that take longest, as they are to start.
FIRST = ("demo", "access", "setup", "browser")


#: What takes too long for `make test`: `make proof` runs it, and so does whoever names the file. Each walks
#: the whole portal, starts it as a deployment would, or breaks it again and again; what it looks at has quick
#: tests beside it.
LONG = (
    "tests/access/test_decisions.py::test_every_address_of_a_verb_answers_as_the_requirement_says",
    "tests/access/test_hostile_input.py",
    "tests/access/test_links_of_messages.py",
    "tests/access/test_routes.py::test_every_look_and_every_release_is_on_record_and_no_page_breaks",
    "tests/access/test_routes.py::test_what_is_hidden_answers_like_what_does_not_exist",
    "tests/access/test_teeth.py",
    "tests/browser/",
    "tests/demo/content/",
    "tests/personal_data/test_last.py",
    "tests/races/test_races.py",
    "tests/rehearse/",
    "tests/restore/",
    "tests/setup/",
    "tests/structure/test_adding.py::test_the_example_of_a_fact_works_as_it_is_shown",
    "tests/upgrade/",
)
#: And what of it is quick, and shows soonest that a page or a script is broken.
QUICK = (
    "tests/browser/test_autosave.py",
    "tests/browser/test_components.py",
    "tests/browser/test_signing_in.py",
    "tests/browser/test_two_at_once.py",
    "tests/setup/test_another_day.py",
)


#: On another day (`tests/another_day.py`) a server waits for a lock for ever: while it waits, libfaketime
#: shows its signal handlers the true time, at which nothing is due yet.
WAITS_FOR_EVER = pytest.mark.skip(reason="a server whose clock was put on never gives up waiting for a lock")


class InGroups(LoadScopeScheduling):  # type: ignore[misc]  # likewise
    """Gives whole groups of tests to processes, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((one for one in TOGETHER if file.startswith(one)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InGroups | None:
    """Share the tests out in groups, where files are to stay together."""
    return InGroups(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what takes long or cannot be on another day, and put the groups in order."""
    for item in items:
        if item.nodeid.startswith(LONG) and not item.nodeid.startswith(QUICK):
            item.add_marker("long")
        if "FAKETIME" in os.environ and item.get_closest_marker("lock_timeouts"):
            item.add_marker(WAITS_FOR_EVER)
    items.sort(key=lambda item: _turn(PurePath(item.path.relative_to(config.rootpath))))


def _turn(path: PurePath) -> int:
    folder = path.parts[1] if len(path.parts) > 1 else ""
    return FIRST.index(folder) if folder in FIRST else len(FIRST)
