"""The words for what comes before a district’s panel."""

from portal.labelled import Labelled


class PanelItemKind(Labelled):
    """What an item of a panel is about. One on a case or a child follows that child."""

    CASE = "case", "A child"
    PLAN = "plan", "A plan that does not work"
    CHILD = "child", "A child who goes missing"
    CONCERN = "concern", "A place, person or other concern"


class PanelItemState(Labelled):
    """Where an item stands. Legal moves: :mod:`portal.pathway.states`."""

    PROPOSED = "proposed", "Proposed"
    ON = "on", "On the agenda"
    DECLINED = "declined", "Not taken"
    DISCUSSED = "discussed", "Discussed"
