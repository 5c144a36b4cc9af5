"""The words of guardianship and of the directory that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class GuardianState(Labelled):
    """Whether somebody who could watch or act in a place was asked, and what they said."""

    NOT_ASKED = "not_asked", "Not asked yet"
    ASKED = "asked", "Asked, no answer yet"
    AGREED = "agreed", "Agreed"
    DECLINED = "declined", "Said no"


class GuardianStepKind(Labelled):
    """What happened with somebody who could watch or act in a place."""

    NAMED = "named", "Named"
    ASKED = "asked", "Asked"
    AGREED = "agreed", "Agreed"
    DECLINED = "declined", "Said no"
    CHANGED = "changed", "Put right"
    ENDED = "ended", "Watches no longer"


class DirectoryChangeKind(Labelled):
    """What happened to a contact."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Put right"
    CHECKED = "checked", "Checked"
    ENDED = "ended", "Taken out"


# What happens to a place of concern that people are told of.

GUARDIAN_STEP = Event("place_guardian_step", "Who watches a place of concern, or what they said, has changed")
DESCRIBED = Event("place_described", "What is known of a place of concern has changed")
UNWATCHED = Event("place_unwatched", "Nobody watches a place of concern any more")
