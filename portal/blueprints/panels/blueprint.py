"""The blueprint of panels, and what its views share: a panel or an item of one, found or not."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, url_for

from portal.access import audit
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.meetings.chairing import RECORDED_STATES
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.words import when_words
from portal.records.meetings.reading import records as meetings
from portal.records.panels.checks import panel_facts
from portal.records.panels.model import PanelItem
from portal.records.panels.policy import Panels
from portal.records.panels.presenter import about_of, district_of, title_of
from portal.records.panels.reading import items as panel_items
from portal.web.steps import Link

blueprint = Blueprint("panels", __name__)


@dataclass(frozen=True)
class Looked:
    """An item as somebody sees it: as it is, or only by the summary that they were given."""

    reference: str
    item_id: Any
    row: Any = None
    paper: Any = None
    panel: Any = None  # the panel that it is on, where one sees that

    @property
    def title(self) -> str:
        """Whom or what it is about."""
        return title_of(self.row) if self.row else str(self.paper.heading)

    @property
    def about(self) -> str:
        """What sort of thing that is."""
        return about_of(self.row) if self.row else str(self.paper.about)

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("panels.item", reference=self.reference)


def panel_of(reference: str) -> Any:
    """A panel that the person is invited to or runs."""
    found = meetings.page(reference=read_reference(reference, Prefix.MEETING) or abort(404)) or abort(404)
    if not found.district or found.kind != current_policy().of(Panels).kind:
        abort(404)
    return found


def meeting_of(reference: str) -> Meeting:
    """The same, for a form to work on."""
    return meetings.find_meeting(reference=panel_of(reference).reference) or abort(404)


def view_item(reference: str, *, action: str = "panel:view_item") -> Looked:
    """An item, with the look put on record; for everybody who may not see it there is none."""
    wanted = read_reference(reference, Prefix.PANEL_ITEM) or abort(404)
    row = panel_items.item(reference=wanted)
    paper = None if row else panel_items.spoken(reference=wanted)
    if row is None and paper is None:
        abort(404)
    seen: Any = row or paper
    item_id = row.id if row else paper.item_id  # type: ignore[union-attr]  # one of the two is there
    audit.record(
        action, subject_kind="panel_item", subject_id=item_id, case_id=seen.case_id, child_id=seen.child_id
    )
    panel = meetings.by_id(meeting_id=seen.meeting_id) if seen.meeting_id else None
    return Looked(wanted, item_id, row, paper, panel)


def working_on(reference: str) -> tuple[Looked, PanelItem]:
    """An item that the person reaches, as it is shown and as a form works on it."""
    found = view_item(reference)
    return found, panel_items.find_item(reference=found.reference) or abort(404)


def page_context(found: Looked) -> dict[str, Any]:
    """What every page of an item needs."""
    panel = found.panel
    return {
        "item": found,
        "caption": f"{found.title}, {found.reference}",
        "back": Link(found.address, f"Item {found.reference}"),
        "panel": panel,
        "district": district_of(found.row or panel),
        "when": when_words(panel) if panel else "",
        "marking": True,
    }


def may(verb: str, panel: Any) -> bool:
    """Whether the person may do something to a panel that is not over."""
    open_still = panel is None or panel.state in RECORDED_STATES
    return open_still and permitted(current(), verb, panel_facts(current(), panel))
