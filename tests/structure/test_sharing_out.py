"""What `make test` leaves to `make proof` is there, and is nothing of who sees what."""

from tests.messages.driven import by_test, exists
from tests.sharing_out import DEAR

#: What everybody who changes anything has to be told of within minutes.
NEVER = ("tests/access/", "tests/audit/", "tests/structure/", "tests/language/", "tests/policy/")


def test_what_is_left_to_the_proof_is_there() -> None:
    assert not sorted(test for test in DEAR if not exists(test)), "take it out of tests/long.txt"


def test_who_sees_what_and_who_is_told_is_not_left_to_it() -> None:
    assert not sorted(test for test in DEAR if test.startswith(NEVER))
    assert not sorted({test.partition("[")[0] for test in by_test()} & DEAR)
