"""A bad ``contributions.toml`` stops the start, with the key and what to do."""

from pathlib import Path

import pytest

from tests.policy.test_bad_policy import Fault, refuses

FILE = "contributions.toml"
BAD = [
    Fault(FILE, 'unit = "months"', 'unit = "years"', "summary_lasts.unit", "cannot be counted"),
    Fault(
        FILE,
        'code = "other"\nlabel = "Something else that',
        'code = "rest"\nlabel = "Something else that',
        "moments",
        "no name",
    ),
    Fault(FILE, 'code = "worry"', 'code = "worries"', "kinds", "looks for “worry”"),
    Fault(FILE, 'code = "asb"', 'code = "police"', "kinds[5].code", "kind of entry in cases.toml"),
    Fault(FILE, 'sectors = ["education"]', "sectors = []", "kinds[8].sectors", "offered to nobody"),
    Fault(FILE, 'moment = "arrest"', 'moment = "trial"', "kinds[10].moment", "Nothing has the code"),
    Fault(FILE, 'answer = "date"', 'answer = "choice"', "kinds[1].fields[2].choices", "do not go together"),
    Fault(FILE, 'answer = "words"', 'answer = "essay"', "kinds[1].fields[1].answer", "is not known here"),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.old}-{fault.new}")
def test_it_is_refused_with_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)
