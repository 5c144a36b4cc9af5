"""Policy files come from file shares and editors of every sort; a fault ends the start in one sentence."""

import codecs
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal import clock
from portal.policy import PolicyError, load_book
from portal.policy.guidance import LED_TO, load_guidance
from tests.policy.editing import FIRST, SHIPPED, edit
from tests.structure.source import ROOT


@pytest.fixture
def other(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED, tmp_path / "policy")
    return tmp_path / "policy"


def test_the_mark_that_windows_editors_begin_a_file_with_is_no_fault(other: Path) -> None:
    for file in (*(other / FIRST).glob("*.toml"), *(other / FIRST / "guidance").glob("*.md")):
        file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert load_book(other).editions
    assert load_guidance(other, clock.today()).pages.keys() >= LED_TO


@pytest.mark.parametrize("left", ["Thumbs.db", "desktop.ini", ".DS_Store", "clocks.toml~", ".~lock.toml#"])
def test_what_file_managers_and_editors_leave_is_passed_over(other: Path, left: str) -> None:
    (other / FIRST / left).write_bytes(b"\0")
    (other / FIRST / "authorities" / "derby").mkdir(parents=True, exist_ok=True)
    (other / FIRST / "authorities" / "derby" / left).write_bytes(b"\0")
    assert load_book(other).editions
    (other / FIRST / "clocks_old.toml").write_text("")
    with pytest.raises(PolicyError, match="This is no policy file"):
        load_book(other)


def test_a_page_of_guidance_that_pages_lead_to_is_not_taken_away(other: Path) -> None:
    (other / FIRST / "guidance" / "who-counts.md").unlink()
    with pytest.raises(PolicyError, match=r"who-counts\.md: Pages of the portal lead to it"):
        load_guidance(other, clock.today())


def test_every_page_that_a_template_leads_to_is_one_of_them() -> None:
    said = re.compile(r"""guidance_link\("([\w-]+)"|guidance_page',\s*slug='([\w-]+)'""")
    led_to = {
        first or second
        for path in (ROOT / "portal" / "templates").rglob("*.html")
        for first, second in said.findall(path.read_text("utf-8"))
    }
    assert led_to
    assert led_to <= LED_TO


def test_a_start_with_a_bad_file_ends_in_the_one_sentence_that_helps(other: Path) -> None:
    edit(other, "clocks.toml", "[limits.break_glass]\nvalue = 8", "[limits.break_glass]\nvalue = 25")
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "roles"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "POLICY_DIRECTORY": str(other), "PORTAL_MODE": "test"},
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.strip().splitlines()
    assert sentence.startswith("The portal does not start. ")
    assert "clocks.toml, limits.break_glass.value: " in sentence
