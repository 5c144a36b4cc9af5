"""Proposing a case, a child or a concern for the next panel of its district, from where one works on it."""

from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.presenter import full_name
from portal.records.concerns.model import Concern
from portal.records.panels import presenter as panel_view
from portal.records.panels.checks import held_back
from portal.records.panels.forms import MISSING, PLAN, ProposeForm
from portal.records.panels.proposals import Subject, propose
from portal.records.panels.reading import items as panel_items
from portal.records.panels.reading import records as panels
from portal.services.errors import NotFound
from portal.web.fields import Choice
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
        held_back(child_id=child_id, concern_id=concern_id)
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
        done="Proposed. You hear whether it comes before the panel. Now write its summary",
        name=name,
        reference=record.reference,
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


def _before(child_id: UUID | None, concern_id: UUID | None) -> list[panel_view.Line]:
    """What came before a panel already."""
    rows = panels.of(children=[child_id] if child_id else [], concerns=[concern_id] if concern_id else [])
    return [panel_view.line(row) for row in rows]


def _form(district: str | None, case: Case | None) -> ProposeForm:
    form = ProposeForm()
    form.offer("district", [Choice(*one) for one in current_policy().areas.districts.choices()], prompt=True)
    if district:
        del form.district
    if case is None:
        del form.about
    if not form.is_submitted():
        form.start()
    return form


def _subject(record: Case | Child | Concern, form: ProposeForm) -> Subject:
    if isinstance(record, Case):
        about = form.said("about")
        return Subject(case=record, plan=about == PLAN, missing=about == MISSING)
    return Subject(child=record) if isinstance(record, Child) else Subject(concern=record)
