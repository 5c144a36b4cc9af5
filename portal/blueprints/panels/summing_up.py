"""The summary of an item: writing it, and a coordinator’s reading it before the panel does."""

from typing import Any

from flask import abort, flash
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.blueprints.panels.looking import Looked, around, working_on
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.panels.forms import GiveBackForm, SummaryForm
from portal.records.panels.model import PanelItem, PanelSummary
from portal.records.panels.reading import items as panel_items
from portal.records.panels.summaries import give_back, release, write_summary
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.steps import take
from portal.web.transaction import attempt

_READ = "panels/read_summary.html"


@blueprint.route("/panels/items/<reference>/summary", methods=["GET", "POST"])
@allow("panel:summarise", shows="case")
def summary(reference: str) -> ResponseReturnValue:
    """Write what the panel reads."""
    found, record = working_on(reference)
    require(current(), "panel:summarise")
    form = SummaryForm(data=_start(found, _newest(record)))
    return take(
        form,
        lambda: write_summary(
            actor=current(),
            item=record,
            about=found.about,
            heading=form.said("heading"),
            text=form.said("text"),
            asks=form.said("asks"),
            seen=form.seen_version,
            meeting=_meeting(found),
        ),
        template="panels/summary.html",
        page=lambda: around(found) | {"newest": _newest(record)},
        to=found.address,
        done="Saved. A coordinator reads it before the panel does",
    )


@blueprint.get("/panels/items/<reference>/summary/<int:number>/read")
@allow("panel:release", shows="case")
def read_summary(reference: str, number: int) -> ResponseReturnValue:
    """A summary as the panel will read it."""
    found, record = working_on(reference)
    return _reading(found, _summary(record, number))


@blueprint.post("/panels/items/<reference>/summary/<int:number>/read")
@allow("panel:release", shows="case")
def release_summary(reference: str, number: int) -> ResponseReturnValue:
    """A coordinator has read it: the panel may."""
    found, record = working_on(reference)
    written = _summary(record, number)
    try:
        with attempt():
            release(actor=current(), item=record, summary=written, meeting=_meeting(found))
    except DomainError as refused:
        return _reading(found, written, problem=refused)
    flash("Read. The panel’s members read it from when the papers are out until the minutes are approved")
    return see_other(found.address)


@blueprint.post("/panels/items/<reference>/summary/<int:number>/give-back")
@allow("panel:release", shows="case")
def give_summary_back(reference: str, number: int) -> ResponseReturnValue:
    """A coordinator says what has to change."""
    found, record = working_on(reference)
    written, form = _summary(record, number), GiveBackForm()
    return take(
        form,
        lambda: give_back(actor=current(), item=record, summary=written, words=form.said("words")),
        template=_READ,
        page=lambda: _read(found, written),
        to=found.address,
        done="Given back. Whoever wrote it is told what has to change",
    )


def _summary(record: PanelItem, number: int) -> PanelSummary:
    return panel_items.find_summary(item_id=record.id, number=number) or abort(404)


def _newest(record: PanelItem) -> Any:
    return next(iter(panel_items.summaries(item_id=record.id)), None)


def _meeting(found: Looked) -> Meeting | None:
    return meetings.find(reference=found.panel.reference) if found.panel else None


def _start(found: Looked, newest: Any) -> dict[str, str]:
    if newest is None:
        return {"heading": found.title, "version": "0"}
    return {
        "heading": newest.heading,
        "text": newest.text,
        "asks": newest.asks,
        "version": str(newest.number),
    }


def _reading(found: Looked, written: PanelSummary, problem: DomainError | None = None) -> ResponseReturnValue:
    return render(_READ, **_read(found, written), form=GiveBackForm(formdata=None), problem=problem)


def _read(found: Looked, written: PanelSummary) -> dict[str, Any]:
    waits = written.read_at is None and written.returned_at is None
    return around(found) | {"written": written, "waits": waits}
