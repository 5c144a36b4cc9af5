"""The words of citations."""

from portal.labelled import Labelled


class CitationHolder(Labelled):
    """What sort of record cites an entry. `rows.sql` of entries has the rule of each."""

    ASSESSMENT = "assessment", "Risk assessment"
    MINUTE = "minute", "Minutes"
