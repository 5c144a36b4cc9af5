"""What it takes to add something: a worked example, added to a copy of the tree and tried there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.structure.source import ROOT

EXAMPLES = Path(__file__).parent / "adding"
FACT = EXAMPLES / "a_fact.patch"
#: What a tree needs to run the tests of a noun.
PARTS = ("portal", "docs", "migrations", "config", "tests", "pyproject.toml", "wsgi.py")
#: What has to hold of a tree with the fact, beside what was tried of it.
CHECKED = (
    "tests/return_interviews/test_added.py",
    "tests/access/test_grants.py",
    "tests/access/test_who_sees_what.py",
    "tests/migrations",
)


def test_a_fact_of_an_interview_touches_at_most_five_files() -> None:
    """One question of a talk with a child: asked, kept, shown, corrected, and written by whom it may be."""
    files = re.findall(r"^\+\+\+ b/(.+)$", FACT.read_text("utf-8"), re.MULTILINE)
    assert len(files) <= 5
    assert any(one.startswith("migrations/") for one in files)


def test_the_example_of_a_fact_works_as_it_is_shown(tmp_path: Path) -> None:
    """It takes minutes: `make long-tests`."""
    for part in PARTS:
        here = ROOT / part
        if here.is_dir():
            shutil.copytree(here, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, tmp_path / part)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    for lock in ROOT.glob("requirements*.lock"):
        shutil.copy(lock, tmp_path)
    patch = FACT.read_text("utf-8").replace("HEAD", _head(tmp_path))
    subprocess.run(["/usr/bin/env", "git", "apply", "-"], cwd=tmp_path, input=patch.encode(), check=True)
    shutil.copy(EXAMPLES / "a_fact.py", tmp_path / "tests" / "return_interviews" / "test_added.py")
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CHECKED]
    run = subprocess.run(tests, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:]


def _head(tree: Path) -> str:
    """The migration that no other follows."""
    texts = [one.read_text("utf-8") for one in (tree / "migrations" / "versions").glob("*.py")]
    found = {name for one in texts for name in re.findall(r'^revision = "(.+)"$', one, re.MULTILINE)}
    before = {name for one in texts for name in re.findall(r'^down_revision = "(.+)"$', one, re.MULTILINE)}
    (head,) = found - before
    return str(head)
