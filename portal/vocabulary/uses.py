"""What can be done with words beside reading them in the portal."""

from portal.labelled import Labelled


class Use(Labelled):
    """A way in which words leave the page on which they are read."""

    CITE = "cite", "Cite in minutes, assessments and other records"
    PRINT = "print", "Print"
    EXPORT = "export", "Take out of the portal as a file"
    PASS_ON = "pass_on", "Pass on to others"
    FAMILY = "family", "Tell the child or family"
