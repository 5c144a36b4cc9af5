"""Who may read an entry, and whether the family may."""

from portal.labelled import Labelled


class Handling(Labelled):
    """Who may read one entry on a case, beside having full reach."""

    NETWORK = "network", "Everyone working on this case"
    AGENCIES = "agencies", "Only the agencies I name"
    OWN = "own", "Only my agency"


class FamilySafe(Labelled):
    """Whether the words may be shared with the child or family."""

    YES = "yes", "Yes, it can be shared with the family"
    NO = "no", "No, do not share it with the family"
    ASK = "ask", "Ask me first"
