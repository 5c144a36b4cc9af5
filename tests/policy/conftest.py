"""A copy of the shipped policy that a test may spoil."""

import shutil
from pathlib import Path

import pytest

from tests.policy.editing import SHIPPED


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policy"))
