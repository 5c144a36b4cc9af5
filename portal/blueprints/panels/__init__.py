"""The panel of a district: what comes before it, its papers, what it says and decides.

The blueprint of panels: those of a person, the page of one, and what its views share.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.changes.errors import DomainError
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.meetings.chairing import RECORDED_STATES
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.words import STATE_TAGS, state_words, when_words
from portal.records.meetings.reading import records as meetings
from portal.records.panels import presenter as panel_view
from portal.records.panels.model import PanelItem
from portal.records.panels.papers import next_after, open_papers, send_papers, share
from portal.records.panels.policy import Panels
from portal.records.panels.presenter import about_of, district_of, title_of
from portal.records.panels.reading import items as panel_items
from portal.records.panels.reading import records as panels
from portal.records.panels.records import panel_facts
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, StepsOn

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
    audit.record(action, subject_kind="panel_item", subject_id=item_id, of_case=seen)
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
        "alert_strip": _alerts(found.row),
        "marking": True,
    }


def _alerts(row: Any) -> list[dict[str, Any]]:
    """What everyone must know before they act, for whoever reads a case of the child."""
    if row is None or row.child_id is None:
        return []
    cases = case_records.cases_of(child_id=row.child_id)
    return [strip_item(one, current_policy()) for one in case_records.alerts_in(cases)]


#: A step on an item that the person reaches, as `working_on` finds it.
on_item = StepsOn[tuple[Looked, PanelItem]](
    lambda on: {"item": on[1]}, page=lambda on: page_context(on[0]), to=lambda on: on[0].address
)


def may(verb: str, panel: Any) -> bool:
    """Whether the person may do something to a panel that is not over."""
    open_still = panel is None or panel.state in RECORDED_STATES
    return open_still and permitted(current(), verb, panel_facts(current(), panel))


@blueprint.get("/panels")
@allow("panel:view", shows="list")
def index() -> ResponseReturnValue:
    """The panels that one is invited to or may run."""
    audit.record("panel:list")
    rows = panels.mine()
    coming = [row for row in rows if row.state in {"due", "booked"}]
    return render(
        "panels/index.html",
        coming=coming,
        held=[row for row in reversed(rows) if row not in coming],
        district_of=panel_view.district_of,
        papers_day=panel_view.papers_day,
        when_words=when_words,
        state_words=state_words,
        state_tags=STATE_TAGS,
        may_call=permitted(current(), "meeting:call"),
    )


@blueprint.get("/panels/<reference>")
@allow("panel:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """A panel with what the person was given to read of it."""
    return _page(reference)


@blueprint.post("/panels/<reference>/papers")
@allow("panel:release", shows="child")
def papers_out(reference: str) -> ResponseReturnValue:
    """Send the papers out, or share them with those who were invited since."""
    panel = panel_of(reference)
    require(current(), "panel:release", panel_facts(current(), panel))
    meeting = meeting_of(reference)
    try:
        with attempt():
            if panels.sent(meeting_id=panel.id):
                share(actor=current(), meeting=meeting)
            else:
                send_papers(actor=current(), meeting=meeting)
    except DomainError as refused:
        return _page(reference, refused)
    return see_other(
        url_for("panels.show", reference=panel.reference),
        done="The papers are out, and on the sharing ledger",
    )


def _page(reference: str, problem: DomainError | None = None) -> ResponseReturnValue:
    panel, person = panel_of(reference), current()
    papers = panels.papers(meeting_id=panel.id)
    open_papers(actor=person, meeting=panel, papers=papers)
    return render(
        "panels/show.html",
        panel=panel,
        problem=problem,
        district=panel_view.district_of(panel),
        when=when_words(panel),
        state=state_words(panel.state),
        state_tag=STATE_TAGS.get(panel.state, "grey"),
        papers=papers,
        sent=panels.sent(meeting_id=panel.id),
        papers_day=panel_view.papers_day(panel),
        may_go_out=panel_view.may_go_out(panel),
        over=panel.state in {"approved", "distributed", "cancelled"},
        may_release=may("panel:release", panel),
        may_prepare=may("panel:prepare", panel),
        may_record=may("panel:record", panel),
        marking=True,
        **_run(panel),
    )


def _run(panel: Any) -> dict[str, Any]:
    """What only those see who know of the panel as a whole."""
    if not panel.full_reach:
        return {"lines": [], "members": [], "shared": [], "following": None}
    lines = [panel_view.line(row) for row in panels.items(meeting_id=panel.id)]
    for one in lines:
        audit.record("panel:view", subject_kind="panel_item", subject_id=one.row.id, of_case=one.row)
    read = sum(one.row.held == "word" and not one.row.word_at for one in lines)
    return {
        "lines": lines,
        "unread": panel_items.waiting_for_word(meeting_id=panel.id) - read,
        "members": panel_view.members(panels.sectors(meeting_id=panel.id)),
        "shared": panels.shared(meeting_id=panel.id),
        "following": next_after(meeting=panel),
    }
