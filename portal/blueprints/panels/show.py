"""The panels of a person, and the page of one: its members’ summaries, and what is on it for who runs it."""

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint, may, meeting_of, panel_of
from portal.changes.errors import DomainError
from portal.records.meetings.presenter.words import STATE_TAGS, state_words, when_words
from portal.records.panels import presenter as panel_view
from portal.records.panels.checks import panel_facts
from portal.records.panels.papers import next_after, open_papers, send_papers, share
from portal.records.panels.reading import records as panels
from portal.web.page import render, see_other
from portal.web.transaction import attempt


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
    flash("The papers are out. Everybody who is invited is told, and it is on the sharing ledger")
    return see_other(url_for("panels.show", reference=panel.reference))


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
        audit.record(
            "panel:view",
            subject_kind="panel_item",
            subject_id=one.row.id,
            case_id=one.row.case_id,
            child_id=one.row.child_id,
        )
    return {
        "lines": lines,
        "members": panel_view.members(panels.sectors(meeting_id=panel.id)),
        "shared": panels.shared(meeting_id=panel.id),
        "following": next_after(meeting=panel),
    }
