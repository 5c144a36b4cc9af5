"""Compares what a mail server took with what was owed; knows of the outbox only how it names messages."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.reminders.writing import key_of_another_try, message_id

_TRIES = 4  # what was refused for good is sent again to somebody else, as a message with a key of its own
MOST_DOUBLED = 0.01  # of what was owed


@dataclass(frozen=True)
class Reckoning:
    """What became of what was owed, by key."""

    owed: int
    sent: int
    lost: tuple[str, ...]  # never taken
    doubled: tuple[str, ...]  # taken more than once
    changed: tuple[str, ...]  # doubled, under another Message-ID
    untrue: tuple[str, ...]  # taken, though the transaction that would have caused it never happened
    others: int  # messages that were sent beside what was owed: that an address has no mailbox

    def faults(self, most_doubled: float = MOST_DOUBLED) -> list[str]:
        """Why this is not good enough, in sentences; none when it is.

        Args:
            most_doubled: as a share of what was owed.
        """
        found = [f"lost: {key}" for key in self.lost]
        found += [f"came twice, under another Message-ID: {key}" for key in self.changed]
        found += [f"was sent, and was never owed: {key}" for key in self.untrue]
        if len(self.doubled) > most_doubled * self.owed:
            found.append(f"{len(self.doubled)} of {self.owed} came twice")
        return found


def reckon(owed: Sequence[str], undone: Iterable[str], taken: Iterable[str]) -> Reckoning:
    """Compare.

    Args:
        owed: the keys of what had to be sent, once each.
        undone: the keys of messages whose transaction was rolled back.
        taken: the Message-ID of each mail that the server took, as often as it took it.
    """
    times = Counter(UUID(one.strip("<>").partition("@")[0]) for one in taken)
    of = {key: [one for one in _ids(key) if one in times] for key in owed}
    known = {one for ids in of.values() for one in ids}
    copies = {key: sum(times[one] for one in ids) for key, ids in of.items()}
    return Reckoning(
        owed=len(owed),
        sent=sum(1 for count in copies.values() if count),
        lost=tuple(key for key, count in copies.items() if not count),
        doubled=tuple(key for key, count in copies.items() if count > 1),
        changed=tuple(key for key, ids in of.items() if len(ids) > 1),
        untrue=tuple(key for key in undone if any(one in times for one in _ids(key))),
        others=len(times.keys() - known),
    )


def _ids(key: str) -> list[UUID]:
    keys = [key]
    for _ in range(_TRIES):
        keys.append(key_of_another_try(keys[-1]))
    return [message_id(one) for one in keys]
