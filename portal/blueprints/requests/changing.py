"""A question that waits: more time for it, or it is withdrawn."""

from flask import Response, abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.requests.answering import found, look
from portal.blueprints.requests.blueprint import blueprint
from portal.pathway.calendar import end_of_day
from portal.records.children import presenter as child_page
from portal.records.requests.changes import changing_facts, give_more_time, withdraw
from portal.records.requests.forms import MoreTimeForm, WithdrawForm
from portal.records.requests.model import InformationRequest
from portal.records.requests.presenter.words import whom
from portal.records.requests.reading import records as requests
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/withdraw", methods=["GET", "POST"])
@allow("request:withdraw", shows="child")
def take_back(reference: str) -> ResponseReturnValue:
    """Withdraw a question, with a reason."""
    request, form, problem = _may_change(reference), WithdrawForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                withdraw(actor=current(), request=request, reason=form.said("reason"))
        except DomainError as refused:
            problem = refused
        else:
            flash("Withdrawn. Nothing more is asked of them")
            return see_other(url_for("requests.show", reference=request.reference))
    return _page("requests/withdraw.html", request, form, problem)


@blueprint.route("/<reference>/more-time", methods=["GET", "POST"])
@allow("request:withdraw", shows="child")
def more_time(reference: str) -> ResponseReturnValue:
    """Move the date on, with a reason."""
    request, form, problem = _may_change(reference), MoreTimeForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                give_more_time(
                    actor=current(),
                    request=request,
                    due_at=end_of_day(form.due_on.data),
                    reason=form.said("reason"),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The date is moved. The first one stays on record")
            return see_other(url_for("requests.show", reference=request.reference))
    return _page("requests/more_time.html", request, form, problem)


def _may_change(reference: str) -> InformationRequest:
    request = found(reference)
    require(current(), "request:withdraw", changing_facts(actor=current(), request=request))
    return request


def _page(
    template: str,
    request: InformationRequest,
    form: WithdrawForm | MoreTimeForm,
    problem: DomainError | None,
) -> Response:
    look(request)
    details = requests.details_of(request=request) or abort(404)
    return render(
        template,
        form=form,
        problem=problem,
        asked=request,
        details=details,
        whom=whom(details),
        words=child_page,
        marking=True,
    )
