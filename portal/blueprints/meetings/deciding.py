"""One decision of a meeting: in other words, each agency's part in it, or taken back."""

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.form import BaseForm

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, facts, look
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.forms import ChangeDecisionForm, PartForm, WithdrawForm
from portal.records.minutes.meeting_decisions import (
    BadParts,
    change_decision,
    everybody_agrees,
    find_decision,
    say_parts,
    withdraw_decision,
)
from portal.records.minutes.model import Decision
from portal.records.minutes.presenter.record_sheet import PartSheet
from portal.services.errors import Conflict, DomainError
from portal.web.page import render, see_other
from portal.web.steps import carry_out
from portal.web.transaction import attempt


@blueprint.route("/meetings/<reference>/decisions/<uuid:decision_id>", methods=["GET", "POST"])
@allow("decision:record", shows="case")
def decision(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """A decision in other words."""
    meeting, found, kept = _deciding(reference, decision_id)
    form = ChangeDecisionForm(
        data={"text": kept.text, "reason": kept.reason, "outcome": kept.outcome, "version": kept.version}
    )
    step = carry_out(
        form,
        lambda: change_decision(
            actor=current(),
            meeting=found,
            decision=kept,
            text=form.said("text"),
            reason=form.said("reason"),
            outcome=form.decided,
            version=form.seen_version,
        ),
    )
    return _back(meeting, "Saved") if step.done else _page(meeting, kept, form=form, problem=step.problem)


@blueprint.post("/meetings/<reference>/decisions/<uuid:decision_id>/parts")
@allow("decision:record", shows="case")
def decision_parts(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Each agency's part in it; or that everybody who took part agrees."""
    meeting, found, kept = _deciding(reference, decision_id)
    sheet = PartSheet(meeting.id, kept.id, request.form)
    problem: DomainError | None = None
    try:
        with attempt():
            say_parts(actor=current(), meeting=found, decision=kept, parts=sheet.sayings())
            if request.form.get("everybody"):
                everybody_agrees(actor=current(), meeting=found, decision=kept)
    except BadParts as refused:
        sheet.blame(refused.faults)
    except Conflict as refused:
        problem = sheet.take_over(refused)
    except DomainError as refused:
        problem = refused
    else:
        return _back(meeting, "Saved")
    return _page(meeting, kept, sheet=sheet, problem=problem)


@blueprint.post("/meetings/<reference>/decisions/<uuid:decision_id>/withdraw")
@allow("decision:record", shows="case")
def withdraw_one_decision(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Take it back, with a reason."""
    meeting, found, kept = _deciding(reference, decision_id)
    form = WithdrawForm()
    step = carry_out(
        form,
        lambda: withdraw_decision(
            actor=current(),
            meeting=found,
            decision=kept,
            reason=form.said("withdraw_reason"),
            version=form.seen_version,
        ),
    )
    if step.done:
        return _back(meeting, "The decision is taken back")
    return _page(meeting, kept, back_form=form, problem=step.problem)


def _deciding(reference: str, decision_id: UUID) -> tuple[Any, Meeting, Decision]:
    meeting = look(reference, action="decision:view")
    require(current(), "decision:record", facts(meeting))
    found = meetings.find(reference=meeting.reference) or abort(404)
    return meeting, found, find_decision(meeting=found, decision_id=decision_id)


def _back(meeting: Any, said: str) -> Response:
    flash(said)
    return see_other(url_for("meetings.record", reference=meeting.reference))


def _page(
    meeting: Any,
    kept: Decision,
    *,
    form: ChangeDecisionForm | None = None,
    sheet: PartSheet | None = None,
    back_form: WithdrawForm | None = None,
    problem: DomainError | None = None,
) -> Response:
    words = {"text": kept.text, "reason": kept.reason, "outcome": kept.outcome, "version": kept.version}
    change = form or ChangeDecisionForm(formdata=None, data=words)
    parts = sheet or PartSheet(meeting.id, kept.id, None)
    back = back_form or WithdrawForm(formdata=None, data={"version": kept.version})
    shown: list[BaseForm | PartForm] = [change, *parts.forms, back]
    return render(
        "meetings/decision.html",
        **around(meeting),
        decision=kept,
        forms=shown,
        change=change,
        sheet=parts,
        back_form=back,
        problem=problem,
    )
