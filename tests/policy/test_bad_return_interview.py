"""A bad ``return_interview.toml`` stops the start, with the key and what to do."""

from pathlib import Path

import pytest

from tests.policy.test_bad_policy import Fault, refuses

FILE = "return_interview.toml"
BAD = [
    Fault(FILE, 'part = "away"', 'part = "before"', "fields[1].part", "away, happened, ahead"),
    Fault(FILE, 'code = "drawn_by"', 'code = "why_left"', "fields[2].code", "already the code"),
    Fault(FILE, "[[late_reasons]]", "[[late_reason]]", "late_reason", "not known"),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.old}-{fault.new}")
def test_it_is_refused_with_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)
