"""The words of a missing episode that code branches on."""

from portal.labelled import Labelled


class MissingStatus(Labelled):
    """What a report says: nobody knows where the child is, or the child is not where they should be."""

    MISSING = "missing", "Missing: nobody knows where the child is"
    AWAY = "away", "Away without permission: it is known where the child is"

    @property
    def short(self) -> str:
        """For lists and tags."""
        return "Missing" if self is MissingStatus.MISSING else "Away without permission"


class StrategyAnswer(Labelled):
    """What was decided after repeated episodes."""

    MEETING = "meeting", "A strategy meeting is called"
    DISCUSSION = "discussion", "A strategy discussion was held"
    NOT_NEEDED = "not_needed", "Neither is needed now"
