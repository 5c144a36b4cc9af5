"""The reckoning of `make chaos` finds what was lost, and what came twice as something else."""

from portal.reminders.writing import key_of_another_try, message_id
from tests.chaos.reckoning import reckon

OWED = [f"due:{number}" for number in range(300)]


def arrived(key: str) -> str:
    return f"<{message_id(key)}@portal.example>"


def test_all_is_well_when_each_message_arrived_once() -> None:
    found = reckon(OWED, ["undone"], [arrived(key) for key in OWED])
    assert (found.owed, found.sent, found.lost, found.doubled, found.others) == (300, 300, (), (), 0)
    assert not found.faults()


def test_a_message_that_never_arrived_is_lost() -> None:
    found = reckon(OWED, [], [arrived(key) for key in OWED[1:]])
    assert (found.sent, found.lost) == (299, (OWED[0],))
    assert found.faults() == ["lost: due:0"]


def test_some_may_come_twice_as_the_same_but_few() -> None:
    taken = [arrived(key) for key in OWED]
    assert not reckon(OWED, [], [*taken, *taken[:3]]).faults()
    assert reckon(OWED, [], [*taken, *taken[:4]]).faults() == ["4 of 300 came twice"]


def test_what_was_refused_arrives_as_another_message_and_not_as_both() -> None:
    again = arrived(key_of_another_try(OWED[0]))
    others = [arrived(key) for key in OWED[1:]]
    assert not reckon(OWED, [], [again, *others]).faults()
    found = reckon(OWED, [], [arrived(OWED[0]), again, *others])
    assert found.changed == (OWED[0],)
    assert found.faults() == ["came twice, under another Message-ID: due:0"]


def test_nobody_is_told_of_what_never_happened() -> None:
    taken = [arrived(key) for key in (*OWED, "undone", "notice")]
    found = reckon(OWED, ["undone"], taken)
    assert found.others == 2
    assert found.faults() == ["was sent, and was never owed: undone"]
