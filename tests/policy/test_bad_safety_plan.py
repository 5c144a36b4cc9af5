"""Claims about bad files on the interim safety plan."""

from pathlib import Path

import pytest

from tests.policy.test_bad_policy import Fault, refuses

FILE = "safety_plan.toml"
FOR_WORKERS = 'reader = "workers"\nprinted = false'

BAD = [
    Fault(FILE, FOR_WORKERS, 'reader = "workers"\nprinted = true', "fields[14].printed", "for workers"),
    Fault(FILE, "value = 20", "value = 0", "lasts_at_most.value", "at least 1"),
    Fault(FILE, 'unit = "working_days"', 'unit = "months"', "lasts_at_most.unit", "working_days"),
    Fault(FILE, 'reader = "child"', 'reader = "children"', "fields[1].reader", "child, carer, workers"),
    Fault(
        FILE,
        'reader = "carer"\nprinted = true\nrequired = true',
        'reader = "carer"\nprinted = true',
        "fields",
        "the parent or carer",
    ),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: fault.key)
def test_a_bad_file_is_refused_with_its_name_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)
