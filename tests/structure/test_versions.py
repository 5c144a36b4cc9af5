"""Nobody compares the version of a record that is not locked, and no table with one is overwritten unseen."""

import ast
from pathlib import Path

from portal import registry
from portal.extensions import Base, db
from tests.structure.source import ROOT, name, parsed, python_files

registry.load_models()

LOCK = "portal/changes/versions.py"

#: Services that compare a version themselves, on a row that they hold, to do something else with it.
THEIR_OWN = {
    "portal/records/entries/correcting.py": "which words of a draft that was sent another tab added since",
    "portal/records/closing/hand_overs.py": "what two people wrote in different places is put together",
    "portal/records/referrals/drafts.py": "which save of a form is the last",
    "portal/records/minutes/presenter/live.py": "what is news to a page that is open: nothing is changed",
    "portal/records/meetings/invitations.py": "an invitation nobody has answered yet is anybody's to answer",
}


def _compares(path: Path) -> bool:
    return any(
        isinstance(node, ast.Compare)
        and any(
            isinstance(side, ast.Attribute) and side.attr == "version"
            for side in (node.left, *node.comparators)
        )
        for node in ast.walk(parsed(path))
    )


def test_versions_are_compared_by_lock_alone() -> None:
    found = {
        name(path)
        for path in python_files(
            "portal/changes", "portal/pages", "portal/records", "portal/blueprints", "portal/web"
        )
        if _compares(path)
    }
    assert found - {LOCK} == set(THEIR_OWN), "compare by portal.changes.versions.lock, which locks first"


def test_nobody_asks_without_the_lock() -> None:
    calls = {
        name(path)
        for path in python_files("portal")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check_version"
    }
    assert calls == {LOCK}


def test_rows_are_locked_in_one_place() -> None:
    refreshes = {
        name(path)
        for path in python_files("portal")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "refresh"
        and any(word.arg == "with_for_update" for word in node.keywords)
    }
    assert refreshes == {LOCK}, "take a row by lock or lock_row, which answer for one that is gone"


def test_every_table_with_a_version_is_kept_from_being_overwritten() -> None:
    counted = {table.name for table in db.metadata.tables.values() if "version" in table.columns}
    netted = {
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if mapper.version_id_col is not None and mapper.version_id_generator is False
    }
    assert counted == netted, f"let {sorted(counted ^ netted)} be Versioned (portal/model.py)"
    assert len(counted) >= 27, "the tables are not loaded"


def test_the_files_are_read() -> None:
    assert (ROOT / LOCK).is_file()
