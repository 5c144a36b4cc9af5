"""Asking for access to a case that one only knows to exist, and answering."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, facts, look, record_of, reference_of
from portal.records.cases.forms import AnswerAccessForm, AskAccessForm
from portal.records.cases.grants import answer_access, ask_for_access
from portal.records.cases.reading import records as cases
from portal.records.entries.reading import case_page
from portal.web.page import render, see_other
from portal.web.steps import carry_out


@blueprint.route("/<reference>/ask-for-access", methods=["GET", "POST"])
@allow("access:ask", shows="case")
def ask_access(reference: str) -> ResponseReturnValue:
    """Say why one needs to read a case. Whoever reads it already is told so."""
    stored = reference_of(reference)
    notice = case_page.notice(reference=stored) or abort(404)
    reads = case_page.head(reference=stored) is not None
    audit.record("case:notice", subject_kind="case", subject_id=notice.case_id, case_id=notice.case_id)
    form = AskAccessForm()
    if not reads and form.validate_on_submit():
        ask_for_access(
            actor=current(), case_id=notice.case_id, reference=notice.reference, reason=form.said("reason")
        )
        flash("Those who lead the case have been asked. You hear by e-mail what they answer.")
        return see_other(url_for("cases.show", reference=notice.reference))
    return render("cases/ask_access.html", notice=notice, form=form, reads=reads, marking=True)


@blueprint.get("/<reference>/access")
@allow("access:answer", shows="case")
def access_asked(reference: str) -> ResponseReturnValue:
    """Who asks for access to a case."""
    record = record_of(reference)
    require(current(), "access:answer", facts(record))
    return render(
        "cases/access_asked.html",
        **around(look(reference)),
        asked=cases.waiting(case_id=record.id),
    )


@blueprint.route("/<reference>/access/<uuid:request_id>", methods=["GET", "POST"])
@allow("access:answer", shows="case")
def answer_asked_access(reference: str, request_id: UUID) -> ResponseReturnValue:
    """Let somebody read the case, or say why not."""
    record = record_of(reference)
    require(current(), "access:answer", facts(record))
    form = AnswerAccessForm()
    step = carry_out(
        form,
        lambda: answer_access(
            actor=current(),
            case=record,
            request_id=request_id,
            granted=form.said("decision") == "grant",
            answer=form.said("answer"),
        ),
    )
    if step.done:
        granted = step.result.granted
        flash("They can now read the case" if granted else "They have been told that they cannot")
        return see_other(url_for("cases.show", reference=record.reference))
    case = look(reference)
    asked = cases.one_of(case_id=record.id, request_id=request_id) or abort(404)
    if asked.answered_at is not None:
        flash("This has been answered already")
        return see_other(url_for("cases.access_asked", reference=record.reference))
    return render("cases/answer_access.html", **around(case), form=form, asked=asked, problem=step.problem)
