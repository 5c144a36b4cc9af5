"""Proposing a case, a child or a concern for the next panel, and the summary of an item."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.panels import Looked, blueprint, on_item, page_context, working_on
from portal.changes.errors import DomainError, NotFound
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.presenter import full_name
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.panels import presenter as panel_view
from portal.records.panels.forms import MISSING, PLAN, GiveBackForm, ProposeForm, SummaryForm
from portal.records.panels.model import PanelItem, PanelSummary
from portal.records.panels.proposals import Subject, propose
from portal.records.panels.reading import items as panel_items
from portal.records.panels.reading import records as panels
from portal.records.panels.records import held_back
from portal.records.panels.summaries import give_back, release, write_summary
from portal.web.fields import Choice
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.references import address_of
from portal.web.steps import take


@blueprint.route("/cases/<reference>/panel", methods=["GET", "POST"])
@allow("panel:propose", shows="case")
def propose_case(reference: str) -> ResponseReturnValue:
    """The child of a case, their plan, or that they go missing."""
    case = _found("case", reference, Prefix.CASE)
    child = panel_items.child_of(case=case)
    return _propose(
        case, case.district, full_name(child), url_for("cases.show", reference=case.reference), case
    )


@blueprint.route("/children/<reference>/panel", methods=["GET", "POST"])
@allow("panel:propose", shows="child")
def propose_child(reference: str) -> ResponseReturnValue:
    """A child without a case that one reads, who goes missing."""
    child = _found("child", reference, Prefix.CHILD)
    return _propose(child, None, full_name(child), url_for("children.show", reference=child.reference), None)


@blueprint.route("/concerns/<reference>/panel", methods=["GET", "POST"])
@allow("panel:propose", shows="people")
def propose_concern(reference: str) -> ResponseReturnValue:
    """A place, person or other concern."""
    concern = _found("concern", reference, Prefix.CONCERN)
    return _propose(
        concern,
        concern.district,
        concern.name,
        address_of(concern.reference) or url_for("panels.index"),
        None,
    )


def _found(kind: str, typed: str, prefix: Prefix) -> Any:
    reference = read_reference(typed, prefix) or abort(404)
    return panels.subject(kind=kind, reference=reference).get(kind) or abort(404)


def _propose(
    record: Case | Child | Concern, district: str | None, name: str, back: str, case: Case | None
) -> ResponseReturnValue:
    form = _form(district, case)
    child_id = case.child_id if case else record.id if isinstance(record, Child) else None
    concern_id = record.id if isinstance(record, Concern) else None
    try:
        held = held_back(child_id=child_id, concern_id=concern_id)
    except NotFound:  # whoever only knows who a child is finds no page
        abort(404)
    audit.record(
        "panel:propose_page",
        subject_kind=record.__tablename__,
        subject_id=record.id,
        case_id=case.id if case else None,
        child_id=child_id,
    )
    return take(
        form,
        lambda: propose(
            actor=current(),
            subject=_subject(record, form),
            district=district or form.said("district"),
            why=form.said("why"),
            once=form.nonce,
        ),
        template="panels/propose.html",
        page=lambda: _coming(district) | {"before": _before(child_id, concern_id)},
        to=lambda item: url_for("panels.item", reference=item.reference),
        done="Proposed. Now write its summary",
        name=name,
        reference=record.reference,
        needs_word=held == "word",
        back=back,
        marking=True,
    )


def _coming(district: str | None) -> dict[str, Any]:
    if district is None:
        return {"district": "", "on": None}
    return {
        "district": current_policy().areas.districts.label(district),
        "on": panels.next_panel(district=district),
    }


def _before(child_id: UUID | None, concern_id: UUID | None) -> list[panel_view.PanelLine]:
    """What came before a panel already."""
    rows = panels.of(children=[child_id] if child_id else [], concerns=[concern_id] if concern_id else [])
    return [panel_view.line(row) for row in rows]


def _form(district: str | None, case: Case | None) -> ProposeForm:
    form = ProposeForm()
    form.offer("district", [Choice(*one) for one in current_policy().areas.districts.choices()])
    if district:
        del form.district
    if case is None:
        del form.about
    return form


def _subject(record: Case | Child | Concern, form: ProposeForm) -> Subject:
    if isinstance(record, Case):
        about = form.said("about")
        return Subject(case=record, plan=about == PLAN, missing=about == MISSING)
    return Subject(child=record) if isinstance(record, Child) else Subject(concern=record)


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
        page=lambda: page_context(found) | {"newest": _newest(record)},
        to=found.address,
        done="Saved. A coordinator has to read it before the panel does",
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
    return see_other(
        found.address,
        done="Read. The panel’s members read it from when the papers are out until the minutes are approved",
    )


@blueprint.post("/panels/items/<reference>/summary/<int:number>/give-back")
@allow("panel:release", shows="case")
def give_summary_back(reference: str, number: int) -> ResponseReturnValue:
    """A coordinator says what has to change."""
    found, record = on = working_on(reference)
    written, form = _summary(record, number), GiveBackForm()
    return on_item.take(
        on,
        form,
        partial(give_back, summary=written, words=form.said("words")),
        template=_READ,
        page=lambda: _read(found, written),
        done="Given back",
    )


def _summary(record: PanelItem, number: int) -> PanelSummary:
    return panel_items.find_summary(item_id=record.id, number=number) or abort(404)


def _newest(record: PanelItem) -> Any:
    return next(iter(panel_items.summaries(item_id=record.id)), None)


def _meeting(found: Looked) -> Meeting | None:
    return meetings.find_meeting(reference=found.panel.reference) if found.panel else None


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
    return page_context(found) | {"written": written, "waits": waits}
