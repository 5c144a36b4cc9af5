"""A question that waits: more time for it, or it is withdrawn."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.requests.answering import found, look
from portal.blueprints.requests.blueprint import blueprint
from portal.pathway.calendar import end_of_day
from portal.records.requests import reading as requests
from portal.records.requests.answering import changing_facts, give_more_time, withdraw
from portal.records.requests.forms import MoreTimeForm, WithdrawForm
from portal.records.requests.model import InformationRequest
from portal.records.requests.presenter import whom
from portal.web.steps import Link, Words, take


@blueprint.route("/<reference>/withdraw", methods=["GET", "POST"])
@allow("request:withdraw", shows="child")
def take_back(reference: str) -> ResponseReturnValue:
    """Withdraw a question, with a reason."""
    request, form = _may_change(reference), WithdrawForm()
    return take(
        form,
        lambda: withdraw(actor=current(), request=request, reason=form.said("reason")),
        says=Words(
            heading="Withdraw the question",
            title=f"Withdraw question {request.reference}",
            about="requests/_question.html",
            lead=[
                "They then no longer see this question or who the child is, and are reminded of nothing. "
                "That it was asked stays on record."
            ],
            button="Withdraw the question",
            warns=True,
        ),
        page=lambda: _page(request),
        to=_address(request),
        done="Withdrawn. Nothing more is asked of them",
    )


@blueprint.route("/<reference>/more-time", methods=["GET", "POST"])
@allow("request:withdraw", shows="child")
def more_time(reference: str) -> ResponseReturnValue:
    """Move the date on, with a reason."""
    request, form = _may_change(reference), MoreTimeForm()
    return take(
        form,
        lambda: give_more_time(
            actor=current(),
            request=request,
            due_at=end_of_day(form.due_on.data),
            reason=form.said("reason"),
        ),
        says=Words(
            heading="Give more time",
            title=f"More time for question {request.reference}",
            about="requests/_question.html",
            above="requests/_due_now.html",
            button="Move the date",
        ),
        page=lambda: _page(request),
        to=_address(request),
        done="The date is moved. The first one stays on record",
    )


def _may_change(reference: str) -> InformationRequest:
    request = found(reference)
    require(current(), "request:withdraw", changing_facts(actor=current(), request=request))
    return request


def _page(request: InformationRequest) -> dict[str, Any]:
    look(request)
    details = requests.details_of(request=request) or abort(404)
    return {
        "asked": request,
        "back": Link(_address(request), f"Question {request.reference}"),
        "caption": f"{request.reference}, {whom(details)}",
        "marking": True,
    }


def _address(request: InformationRequest) -> str:
    return url_for("requests.show", reference=request.reference)
