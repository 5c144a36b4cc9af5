"""What agencies say of a child from a date: added, said again, held back, let go."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.finding import with_record
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.forms import StatementForm
from portal.records.children.model import Child, ChildStatement
from portal.records.children.records import check_own_agency
from portal.records.children.statements import Said, add_statement, hold_back, let_go
from portal.records.children.vocabulary import StatementKind
from portal.services.errors import DomainError
from portal.web.filters import lower_first
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/<kind>/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def state(reference: str, kind: str) -> ResponseReturnValue:
    """Add an address, phone, account, school, practice or carer."""
    child, _ = with_record(reference)
    if kind not in set(StatementKind):
        abort(404)
    return _ask(child, StatementKind(kind))


@blueprint.route("/<reference>/statements/<uuid:statement_id>", methods=["GET", "POST"])
@allow("child:state", shows="child")
def restate(reference: str, statement_id: UUID) -> ResponseReturnValue:
    """Say again what one's agency said, for example with its last day."""
    child, _ = with_record(reference)
    statement = _found(child, statement_id)
    check_own_agency(principal.current(), statement.agency_id)
    return _ask(child, StatementKind(statement.kind), statement)


@blueprint.post("/<reference>/statements/<uuid:statement_id>/hold-back")
@allow("child:state")
def hold(reference: str, statement_id: UUID) -> ResponseReturnValue:
    """Keep a statement from all but those who must see it."""
    child, _ = with_record(reference)
    hold_back(actor=principal.current(), child=child, statement=_found(child, statement_id))
    flash("Held back. Only the agency that entered it, yours and those named see it now.")
    return see_other(url_for("children.show", reference=child.reference))


@blueprint.post("/<reference>/statements/<uuid:statement_id>/let-go")
@allow("child:state")
def release(reference: str, statement_id: UUID) -> ResponseReturnValue:
    """Let everybody who works with the child see a statement again."""
    child, _ = with_record(reference)
    let_go(actor=principal.current(), child=child, statement=_found(child, statement_id))
    flash("Everybody who works with the child sees it again")
    return see_other(url_for("children.show", reference=child.reference))


def _ask(child: Child, kind: StatementKind, replaces: ChildStatement | None = None) -> ResponseReturnValue:
    form = StatementForm(obj=replaces).ask(kind, current_policy(), _others(child))
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            with attempt():
                said = Said(kind=kind, **form.said())
                add_statement(actor=principal.current(), child=child, said=said, replaces=replaces)
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("children.show", reference=child.reference))
    audit.record("child:view", subject_kind="child", subject_id=child.id, child_id=child.id, ground="full")
    return render(
        "children/state.html",
        form=form,
        problem=problem,
        child=child,
        heading=child_page.ADDS[kind] if replaces is None else f"Say again or end: {lower_first(kind.label)}",
        replaces=replaces,
        action=request.path,
        marking=True,
    )


def _others(child: Child) -> list[tuple[UUID, str]]:
    own = principal.current().agency_id
    return [(row.id, row.name) for row in children.involved_agencies(child_id=child.id) if row.id != own]


def _found(child: Child, statement_id: UUID) -> ChildStatement:
    return children.find_statement(child_id=child.id, statement_id=statement_id) or abort(404)
