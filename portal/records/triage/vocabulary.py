"""The words of what the hub decides."""

from portal.labelled import Labelled


class InformationNature(Labelled):
    """What sort of information is passed on. Only intelligence is graded."""

    CONCERN = "concern", "Professional concern"
    INTELLIGENCE = "intelligence", "Intelligence"
