"""A bad ``concerns.toml`` stops the start, with the key and what to do."""

from pathlib import Path

import pytest

from tests.policy.test_bad_policy import Fault, refuses

FILE = "concerns.toml"
BAD = [
    Fault(FILE, 'unit = "months"', 'unit = "working_days"', "review_within.unit", "cannot be counted"),
    Fault(FILE, 'homes = ["home"', 'homes = ["house"', "homes[1]", "Nothing has the code"),
    Fault(FILE, 'shape = "place_kind"', 'shape = "kind"', "fields[1].shape", "is not known here"),
    Fault(FILE, 'kinds = ["person", "group"]', "kinds = []", "fields[2].kinds", "No kind has"),
    Fault(FILE, "to_child = false", 'to_child = "no"', "roles[14].to_child", "true or false"),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.old}-{fault.new}")
def test_it_is_refused_with_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)
