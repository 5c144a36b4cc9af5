"""The shipped policy, for rules that read it."""

from datetime import date

import pytest

from portal.policy import Policy, load
from tests.policy.editing import SHIPPED


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load(SHIPPED, on=date(2026, 11, 24))
