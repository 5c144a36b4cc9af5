"""A panel and its items in words: what each is about, where it stands, and what is still to be done."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from portal import clock
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.panels.policy import Panels
from portal.records.panels.reading.items import Proposals
from portal.records.panels.rules import papers_from
from portal.records.panels.vocabulary import PanelItemKind, PanelItemState
from portal.vocabulary import RiskLevel
from portal.web.filters import day

STATE_TAGS = {
    PanelItemState.PROPOSED: "yellow",
    PanelItemState.ON: "blue",
    PanelItemState.DECLINED: "grey",
    PanelItemState.DISCUSSED: "green",
}


@dataclass(frozen=True)
class PanelLine:
    """An item as a list of those who reach it shows it."""

    row: Any
    title: str
    kind: str
    state: str
    tag: str
    summary: str
    waits: bool
    held: str


@dataclass(frozen=True)
class Offer:
    """Something that the agenda proposes."""

    kind: str
    reference: str
    about: str
    title: str
    why: str
    closely_held: bool
    once: str = field(default_factory=lambda: str(uuid4()))  # so that sending it twice puts it on once


def district_of(panel: Any) -> str:
    """The name of the district of a panel or an item."""
    return current_policy().areas.districts.label(panel.district)


def title_of(row: Any) -> str:
    """Whom or what an item is about, for whoever reaches that."""
    if row.concern_id:
        return str(row.concern_name or row.reference)
    return full_name(row) if row.given_name or row.family_name else str(row.reference)


def about_of(row: Any) -> str:
    """What sort of thing an item is about; its summary keeps these words for those who see no more."""
    if row.concern_id:
        return concern_kind(row.concern_kind)
    return PanelItemKind(row.kind).label


def concern_kind(code: str | None) -> str:
    """The kind of a concern in words."""
    return (code or "concern").replace("_", " ").capitalize()


def line(row: Any) -> PanelLine:
    """One item of a list."""
    state = PanelItemState(row.state)
    summary, waits = _summary(row)
    return PanelLine(
        row, title_of(row), about_of(row), state.label, STATE_TAGS[state], summary, waits, _held(row)
    )


def papers_day(panel: Any) -> Any:
    """The first day on which the papers of a panel may go out."""
    return papers_from(panel.starts_at, current_policy().of(Panels).papers_before)


def may_go_out(panel: Any) -> bool:
    """Whether the papers of a panel may go out by now."""
    return bool(clock.today() >= papers_day(panel))


def members(sectors: set[str]) -> list[tuple[str, bool]]:
    """Who belongs on a panel (policy `panels.members`), and whether they are invited."""
    return [(one.label, one.sector.value in sectors) for one in current_policy().of(Panels).members.offered]


def offers(found: Proposals) -> list[tuple[str, str, list[Offer]]]:
    """What the agenda proposes: a heading, why it is proposed, and each with its reason."""
    rules = current_policy().of(Panels)
    levels = " or ".join(RiskLevel(one).label.lower() for one in rules.cases.levels)
    return [
        (
            "Cases of the district",
            f"Open cases at the level {levels}.",
            [_case(row, f"Level: {RiskLevel(row.level).label}", "case") for row in found.cases],
        ),
        (
            "Children who go missing",
            f"{rules.missing.times} episodes or more in {rules.missing.within} days.",
            [_missing(row, rules.missing.within) for row in found.missing],
        ),
        (
            "Plans that do not work",
            f"{rules.plans.actions} actions or more that are overdue or blocked, or one that did not help"
            f" in the last {rules.plans.within} days.",
            [_case(row, _stuck(row), "plan") for row in found.plans],
        ),
        (
            "Places, people and other concerns",
            f"Those of the district with something new in the last {rules.concerns.within} days.",
            [_concern(row) for row in found.concerns],
        ),
    ]


def _case(row: Any, why: str, about: str) -> Offer:
    return Offer("case", row.reference, about, full_name(row), why, bool(row.sensitivity))


def _missing(row: Any, within: int) -> Offer:
    kind, reference = ("case", row.reference) if row.case_id else ("child", row.child_reference)
    why = f"Missing {row.times} times in {within} days, last from {day(row.last)}"
    return Offer(kind, reference, "missing", full_name(row), why, bool(row.sensitivity))


def _concern(row: Any) -> Offer:
    linked = {0: "", 1: ", linked to 1 child"}.get(row.children, f", linked to {row.children} children")
    last = f"last on {day(row.last_on)}" if row.last_on else "something new"
    held = bool(row.sensitivity) or row.kind == "person"
    return Offer("concern", row.reference, "", row.name, f"{concern_kind(row.kind)}, {last}{linked}", held)


def _stuck(row: Any) -> str:
    said = [
        f"{number} {'action' if number == 1 else 'actions'} {what}"
        for number, what in ((row.overdue, "overdue"), (row.blocked, "blocked"), (row.failed, "without help"))
        if number
    ]
    return ", ".join(said)


def _summary(row: Any) -> tuple[str, bool]:
    """Where the summary of an item stands, and whether it waits for a coordinator."""
    if row.number is None:
        return "Not written yet", False
    if row.read_at:
        return "Read by a coordinator", False
    if row.returned_at:
        return "Given back to whoever wrote it", False
    return "Waits for a coordinator to read it", True


def _held(row: Any) -> str:
    """What keeps a proposed item from the panel."""
    if row.held == "sealed":
        return "This does not come before a panel"
    if row.held == "word" and not row.word_at:
        return "Waits for the word of whoever leads it"
    return ""
