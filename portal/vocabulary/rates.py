"""The words for what may be done only so often."""

from portal.labelled import Labelled


class RateKind(Labelled):
    """What one person does at a rate that policy bounds."""

    CASE = "case", "Cases and children opened"
    SEARCH = "search", "Searches"
    FILE = "file", "Files taken"
