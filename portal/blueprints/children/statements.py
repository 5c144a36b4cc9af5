"""What is said of a child: statements from a date, statuses, numbers and other names."""

from functools import partial
from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.show import on_child, page_of, with_record
from portal.policy import current_policy
from portal.records.children import forms
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children import records as child_records
from portal.records.children.model import Child, ChildStatement
from portal.records.children.records import check_own_agency
from portal.records.children.statements import Said, add_statement, hold_back, let_go, must_hold_back
from portal.vocabulary import StatementKind
from portal.web.filters import lower_first
from portal.web.page import see_other
from portal.web.steps import Words

HELD_BY_ALERT = (
    "An alert on this child, here or on a linked record, says not to disclose it. Whose it is says the hub."
)


@blueprint.route("/<reference>/<kind>/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def state(reference: str, kind: str) -> ResponseReturnValue:
    """Add an address, phone, account, school, practice or carer."""
    child, _ = with_record(reference)
    if kind not in set(StatementKind):
        abort(404)
    kind = StatementKind(kind)
    form = _form(child, kind)
    return on_child.take(
        child,
        form,
        lambda **given: add_statement(said=_said(kind, form), **given),
        Words(
            heading=child_page.ADDS[kind],
            lead=["Others may say something else. Both stand beside each other."],
        ),
    )


@blueprint.route("/<reference>/statements/<uuid:statement_id>", methods=["GET", "POST"])
@allow("child:state", shows="child")
def restate(reference: str, statement_id: UUID) -> ResponseReturnValue:
    """Say again what one's agency said, for example with its last day."""
    child, _ = with_record(reference)
    statement = _found(child, statement_id)
    check_own_agency(principal.current(), statement.agency_id)
    kind = StatementKind(statement.kind)
    form = _form(child, kind, before=statement)
    return on_child.take(
        child,
        form,
        lambda **given: add_statement(said=_said(kind, form), replaces=statement, **given),
        Words(
            heading=f"Say again or end: {lower_first(kind.label)}",
            lead=["What your agency said before stays below it, marked as said earlier."],
        ),
    )


@blueprint.post("/<reference>/statements/<uuid:statement_id>/hold-back")
@allow("child:state")
def hold(reference: str, statement_id: UUID) -> ResponseReturnValue:
    """Keep a statement from all but those who must see it."""
    child, _ = with_record(reference)
    hold_back(actor=principal.current(), child=child, statement=_found(child, statement_id))
    return see_other(
        page_of(child),
        done="Held back. Only the agency that entered it, yours and those named see this line now. "
        "The same words elsewhere stay where they are.",
    )


@blueprint.route("/<reference>/statements/<uuid:statement_id>/let-go", methods=["GET", "POST"])
@allow("child:state", shows="child")
def release(reference: str, statement_id: UUID) -> ResponseReturnValue:
    """Let everybody who works with the child see a statement again, with a reason."""
    child, _ = with_record(reference)
    statement = _found(child, statement_id)
    check_own_agency(principal.current(), statement.agency_id)
    form = forms.ReasonForm()
    kind = StatementKind(statement.kind)
    return on_child.take(
        child,
        form,
        partial(let_go, statement=statement, reason=form.said("reason")),
        Words(
            heading="Let it be seen again",
            lead=[
                f"{kind.label}: {statement.value}",
                *([HELD_BY_ALERT] if must_hold_back(child_id=child.id, kind=kind) else []),
                "Everybody who works with the child will see it. Why stays on record, and stands beside it.",
            ],
            button="Let it be seen",
            warns=True,
        ),
        done="Everybody who works with the child sees it again",
    )


def _form(child: Child, kind: StatementKind, *, before: ChildStatement | None = None) -> forms.StatementForm:
    bound = must_hold_back(child_id=child.id, kind=kind)
    return forms.StatementForm.of(kind, current_policy(), _others(child), before=before, bound=bound)


def _said(kind: StatementKind, form: forms.StatementForm) -> Said:
    return Said(kind=kind, **form.facts())


def _others(child: Child) -> list[tuple[UUID, str]]:
    own = principal.current().agency_id
    return [(row.id, row.name) for row in children.involved_agencies(child_id=child.id) if row.id != own]


def _found(child: Child, statement_id: UUID) -> ChildStatement:
    return children.find_statement(child_id=child.id, statement_id=statement_id) or abort(404)


@blueprint.route("/<reference>/statuses/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_status(reference: str) -> ResponseReturnValue:
    """Record a plan or legal status, beside the exploitation case."""
    child, _ = with_record(reference)
    form = forms.StatusForm.of(current_policy())
    return on_child.take(
        child,
        form,
        partial(
            child_records.add_status,
            status=form.said("status"),
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        ),
        Words(heading="Add a plan or legal status"),
    )


@blueprint.route("/<reference>/statuses/<uuid:status_id>/end", methods=["GET", "POST"])
@allow("child:state", shows="child")
def end_status(reference: str, status_id: UUID) -> ResponseReturnValue:
    """Say when a status ended."""
    child, _ = with_record(reference)
    status = children.find_status(child_id=child.id, status_id=status_id) or abort(404)
    child_records.check_own_agency(principal.current(), status.agency_id)
    form = forms.EndForm()
    return on_child.take(
        child,
        form,
        partial(child_records.end_status, status=status, ends_on=form.ends_on.data),
        Words(heading=f"End: {current_policy().people.statuses.label(status.status)}"),
    )


@blueprint.route("/<reference>/numbers/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_identifier(reference: str) -> ResponseReturnValue:
    """Record the child's number in another system."""
    child, _ = with_record(reference)
    form = forms.IdentifierForm.of(current_policy())
    return on_child.take(
        child,
        form,
        partial(child_records.add_identifier, scheme=form.said("scheme"), value=form.said("value")),
        Words(heading="Add a number"),
    )


@blueprint.post("/<reference>/numbers/<uuid:identifier_id>/end")
@allow("child:state")
def end_identifier(reference: str, identifier_id: UUID) -> ResponseReturnValue:
    """Say that a number is wrong or no longer used."""
    child, _ = with_record(reference)
    identifier = children.find_identifier(child_id=child.id, identifier_id=identifier_id) or abort(404)
    child_records.end_identifier(actor=principal.current(), child=child, identifier=identifier)
    return see_other(page_of(child), done="The number is marked as no longer used")


@blueprint.route("/<reference>/names/add", methods=["GET", "POST"])
@allow("child:state", shows="child")
def add_alias(reference: str) -> ResponseReturnValue:
    """Record another name that the child goes by."""
    child, _ = with_record(reference)
    form = forms.AliasForm.of(current_policy())
    return on_child.take(
        child,
        form,
        partial(child_records.add_alias, name=form.said("name"), kind=form.said("kind")),
        Words(heading="Add another name"),
    )
