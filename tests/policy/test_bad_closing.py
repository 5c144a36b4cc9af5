"""A bad ``closing.toml`` stops the start, with the key and what to do."""

from pathlib import Path

import pytest

from tests.policy.test_bad_policy import Fault, refuses

FILE = "closing.toml"
BAD = [
    Fault(FILE, 'unit = "days"', 'unit = "years"', "assessment_within.unit", "cannot be counted"),
    Fault(FILE, "value = 42", "value = 0", "assessment_within.value", "at least 1"),
    Fault(FILE, "value = 204", "value = 216", "transition_plan.value", "before it is brought to mind"),
    Fault(FILE, 'unit = "months"', 'unit = "years"', "transition_prompt.unit", "cannot be counted"),
    Fault(FILE, 'kinds = ["closed"]', 'kinds = ["ended"]', "reasons[1].kinds[1]", "is not known here"),
    Fault(FILE, "required = true", "required = 1", "sections[1].required", "true or false"),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.old}-{fault.new}")
def test_it_is_refused_with_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)
