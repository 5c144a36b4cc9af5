"""How tests are shared out: which are for `make test` and which for `make proof`, and who runs what.

The tests of a file stay in one process, because they share its fixtures. Those that only read the
demonstration stay together too: it is loaded once. A long file that started late would end last, alone.
"""

import os
from pathlib import Path, PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist carries no types

#: Tests of several files that share what is slow.
TOGETHER = ("tests/demo/content", "tests/browser/looks")

#: The folders of the files that take longest, as they are to start.
FIRST = ("demo", "access", "setup", "browser")


#: What takes too long for `make test`: `make proof` runs it, and so does whoever names the file. Each walks
#: the whole portal, starts it as a deployment would, or breaks it again and again; what it looks at has quick
#: tests beside it.
LONG = (
    "tests/access/test_decisions.py::test_every_address_of_a_verb_answers_as_the_requirement_says",
    "tests/access/test_held_back.py",
    "tests/access/test_hostile_input.py",
    "tests/access/test_links_of_messages.py",
    "tests/access/test_routes.py",
    "tests/access/test_teeth.py",
    "tests/access/test_writes.py::test_a_change_or_removal_that_reads_nothing_reaches_only_what_the_person_sees",
    "tests/access/test_writing.py",
    "tests/browser/",
    "tests/chronology/test_budget.py",
    "tests/closing/test_histories.py",
    "tests/demo/content/",
    "tests/demo/test_volume.py",
    "tests/documents/test_long.py",
    "tests/locks/test_races.py",
    "tests/meetings/test_typing_at_once.py",
    "tests/messages/test_conditions.py",
    "tests/migrations/",
    "tests/missing/test_guessing.py",
    "tests/personal_data/test_last.py",
    "tests/policy/test_from_other_machines.py",
    "tests/races/test_blank.py",
    "tests/races/test_races.py",
    "tests/referrals/test_attacks.py",
    "tests/rehearse/",
    "tests/reminders/test_downtime.py",
    "tests/reminders/test_dying.py",
    "tests/reminders/test_ladders.py",
    "tests/reminders/test_ticks.py",
    "tests/restore/",
    "tests/setup/",
    "tests/structure/test_adding.py::test_the_example_of_a_fact_works_as_it_is_shown",
    "tests/triage/test_attacks.py",
    "tests/upgrade/",
    "tests/web/test_hung_database.py",
    "tests/workspaces/test_closed.py",
)
#: What looks at one thing for a quarter of a second and more. Who sees what, the trail, what drives the table
#: of who is told and what reads the source are never among them.
DEAR = frozenset(Path(__file__).with_name("long.txt").read_text("utf-8").split())
#: And what of it is quick, and shows soonest that a page or a script is broken.
QUICK = (
    "tests/access/test_routes.py::test_whoever_is_not_signed_in_gets_no_page",
    "tests/browser/test_signing_in.py::test_an_officer_finds_their_organisation_signs_in_and_out",
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
        if _is_long(item.nodeid):
            item.add_marker("long")
        if "FAKETIME" in os.environ and item.get_closest_marker("lock_timeouts"):
            item.add_marker(WAITS_FOR_EVER)
    items.sort(key=lambda item: _turn(PurePath(item.path.relative_to(config.rootpath))))


def _is_long(nodeid: str) -> bool:
    return nodeid.partition("[")[0] in DEAR or (nodeid.startswith(LONG) and not nodeid.startswith(QUICK))


def _turn(path: PurePath) -> int:
    folder = path.parts[1] if len(path.parts) > 1 else ""
    return FIRST.index(folder) if folder in FIRST else len(FIRST)
