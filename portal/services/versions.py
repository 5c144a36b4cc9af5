"""Two people edit the same record: the second is shown what it says now beside what they typed."""

from collections.abc import Mapping
from typing import Any, Protocol

from portal.services.errors import Conflict, Versions


class HasVersion(Protocol):
    """A record that counts its changes."""

    version: Any


def check_version(record: HasVersion, seen: int, *, now: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
    """Go on only if nobody has changed the record since the version that the editor saw.

    Args:
        seen: the version that the form was opened with.
        now, mine: what it says now and what was typed, by the words of the form.

    Raises:
        Conflict: somebody has; carries both.
    """
    if record.version != seen:
        raise Conflict(
            "Somebody else changed this while you were working on it. Look at both and save again",
            Versions(theirs=dict(now), mine=dict(mine)),
        )
