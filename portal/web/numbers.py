"""Whom to ring, for pages that people meet when the portal does not work: out of policy."""

from collections.abc import Sequence

from portal.policy import Contact, current_policy

#: A number that connects to nobody: it stands for one that the partnership has still to give.
NOT_GIVEN = "01632 960"


def numbers_to_ring() -> Sequence[Contact]:
    """Those that the partnership has given, in its own order."""
    return [one for one in current_policy().hub.contacts.offered if not one.number.startswith(NOT_GIVEN)]
