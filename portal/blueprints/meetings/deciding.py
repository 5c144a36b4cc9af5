"""One decision of a meeting, each agency's part in it, and the second person who agrees to a lower level."""

from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import PERMISSIONS, Forbidden, permitted, require
from portal.access.principal import current
from portal.blueprints.cases import page_context as case_around
from portal.blueprints.cases import reference_of
from portal.blueprints.cases import view_case as case_look
from portal.blueprints.meetings import blueprint, facts, page_context, view_meeting
from portal.changes.errors import Conflict, DomainError
from portal.records.assessments.lifecycle import directing_facts
from portal.records.assessments.presenter import level_label
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.meetings.chairing import case_of
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.minutes import forms, meeting_decisions, meeting_levels
from portal.records.minutes.model import Decision, LevelProposal
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.presenter.record_sheet import PartSheet
from portal.records.minutes.reading import issues
from portal.records.minutes.reading import records as minutes
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, StepsOn, Words, take

_TEMPLATE = "meetings/decision.html"


class OneDecision(NamedTuple):
    """A decision, and its meeting: as it is shown, and as services take it."""

    meeting: Any
    found: Meeting
    kept: Decision


_on_decision = StepsOn[OneDecision](
    lambda on: {"meeting": on.found, "decision": on.kept},
    page=lambda on: _page(on.meeting, on.kept),
    to=lambda on: _record_of(on.meeting),
)


@blueprint.route("/meetings/<reference>/decisions/<uuid:decision_id>", methods=["GET", "POST"])
@allow("decision:record", shows="case")
def decision(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """A decision in other words."""
    on = _deciding(reference, decision_id)
    form = forms.ChangeDecisionForm(data=_words(on.kept))
    return _on_decision.take(
        on,
        form,
        lambda **given: meeting_decisions.change_decision(
            text=form.said("text"), reason=form.said("reason"), outcome=form.decided, **given
        ),
        template=_TEMPLATE,
        page=lambda: _page(on.meeting, on.kept, form=form),
    )


@blueprint.post("/meetings/<reference>/decisions/<uuid:decision_id>/parts")
@allow("decision:record", shows="case")
def decision_parts(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Each agency's part in it; or that everybody who took part agrees."""
    meeting, found, kept = _deciding(reference, decision_id)
    sheet = PartSheet(meeting.id, kept.id, request.form)
    problem: DomainError | None = None
    try:
        with attempt():
            meeting_decisions.say_parts(actor=current(), meeting=found, decision=kept, parts=sheet.sayings())
            if request.form.get("everybody"):
                meeting_decisions.everybody_agrees(actor=current(), meeting=found, decision=kept)
    except meeting_decisions.BadParts as refused:
        sheet.blame(refused.faults)
    except Conflict as refused:
        problem = sheet.take_over(refused)
    except DomainError as refused:
        problem = refused
    else:
        return see_other(_record_of(meeting), done="Saved")
    page = _page(meeting, kept, sheet=sheet)
    return render(_TEMPLATE, **page, forms=sheet.forms, problem=problem)


@blueprint.post("/meetings/<reference>/decisions/<uuid:decision_id>/withdraw")
@allow("decision:record", shows="case")
def withdraw_one_decision(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Take it back, with a reason."""
    on, form = _deciding(reference, decision_id), forms.WithdrawForm()
    return _on_decision.take(
        on,
        form,
        partial(meeting_decisions.withdraw_decision, reason=form.said("withdraw_reason")),
        template=_TEMPLATE,
        page=lambda: _page(on.meeting, on.kept, back_form=form),
        done="The decision is taken back",
    )


def _deciding(reference: str, decision_id: UUID) -> OneDecision:
    meeting = view_meeting(reference, action="decision:view")
    require(current(), "decision:record", facts(meeting))
    found = meetings.find_meeting(reference=meeting.reference) or abort(404)
    kept = meeting_decisions.find_decision(meeting=found, decision_id=decision_id)
    return OneDecision(meeting, found, kept)


def _record_of(meeting: Any) -> str:
    return url_for("meetings.record", reference=meeting.reference)


def _words(kept: Decision) -> dict[str, Any]:
    """What a decision says, as its form asks for it."""
    return {name: getattr(kept, name) for name in ("text", "reason", "outcome", "version")}


def _page(
    meeting: Any,
    kept: Decision,
    *,
    form: forms.ChangeDecisionForm | None = None,
    sheet: PartSheet | None = None,
    back_form: forms.WithdrawForm | None = None,
) -> dict[str, Any]:
    return page_context(meeting) | {
        "decision": kept,
        "change": form or forms.ChangeDecisionForm(formdata=None, data=_words(kept)),
        "sheet": sheet or PartSheet(meeting.id, kept.id, None),
        "back_form": back_form or forms.WithdrawForm(formdata=None, data={"version": kept.version}),
    }


_LOWER_LEVEL = "meetings/lower_level.html"


@blueprint.route("/meetings/<reference>/levels/<uuid:proposal_id>/take-back", methods=["GET", "POST"])
@allow("level:propose", shows="case")
def take_back_level(reference: str, proposal_id: UUID) -> ResponseReturnValue:
    """Take back a lower level that was recorded by mistake, while it waits."""
    meeting = view_meeting(reference, action="level:view")
    require(current(), "level:propose", facts(meeting))
    found = meetings.find_meeting(reference=meeting.reference) or abort(404)
    proposal = minutes.find_level(meeting_id=meeting.id, proposal_id=proposal_id) or abort(404)
    form = forms.ReasonForm()
    the_record = _record_of(meeting)
    return take(
        form,
        lambda: meeting_levels.take_level_back(
            actor=current(),
            meeting=found,
            case=case_of(meeting=found, case_id=proposal.case_id),
            proposal=proposal,
            reason=form.said("reason"),
        ),
        says=lambda: Words(
            heading="Take the lower level back",
            title=f"Take a lower level back, {meeting.reference}",
            back=Link(the_record, "The record"),
            above="" if proposal.settled_at else "meetings/_lower_level.html",
            nothing="What became of this level is settled already." if proposal.settled_at else "",
            button="Take it back",
            warns=True,
        ),
        page=lambda: page_context(meeting),
        to=the_record,
        done="The lower level is taken back",
        proposal=proposal,
        level_label=level_label,
    )


@blueprint.route("/cases/<reference>/lower-level", methods=["GET", "POST"])
@allow("level:settle", shows="case")
def lower_level(reference: str) -> ResponseReturnValue:
    """Agree, or say why not. Whoever is reminded of it and may not do so reads who does."""
    record = case_records.find_case(reference=reference_of(reference)) or abort(404)
    case = case_look(record.reference, action="level:view")
    may_settle = permitted(current(), "level:settle", directing_facts(current(), record))
    proposal = next(iter(minutes.waiting_levels(case_id=record.id)), None)
    form = forms.SettleLevelForm()
    if not may_settle and form.is_submitted():
        raise Forbidden(PERMISSIONS["level:settle"].refusal)
    if proposal is None:
        settled = minutes.settled_last(case_id=record.id)
        late = form.is_submitted()
        page = render(
            _LOWER_LEVEL,
            **case_around(case),
            proposal=None,
            settled=settled,
            late=late,
            typed=form.said("reason") if late else "",
            level_label=level_label,
        )
        return page, 409 if late else 200
    return take(
        form,
        lambda: _settle(record, proposal, form),
        template=_LOWER_LEVEL,
        page=lambda: case_around(case) | _waiting(record, proposal, may_settle=may_settle),
        to=url_for("cases.show", reference=record.reference),
        done="The lower level holds from now on" if form.agreed else "The level stays as it is",
        proposal=proposal,
        level_label=level_label,
    )


def _settle(record: Case, proposal: LevelProposal, form: forms.SettleLevelForm) -> None:
    if form.agreed:
        meeting_levels.agree_to_level(actor=current(), case=record, proposal=proposal)
    else:
        meeting_levels.refuse_level(
            actor=current(), case=record, proposal=proposal, reason=form.said("reason")
        )


def _waiting(record: Case, proposal: LevelProposal, *, may_settle: bool) -> dict[str, Any]:
    """Who recorded it, and why the person cannot settle it; empty where they can."""
    why_not = PERMISSIONS["level:settle"].refusal
    if may_settle:
        why_not = meeting_levels.why_not_second(person_id=current().user_id, case=record, proposal=proposal)
    meeting = issues.meeting_of(issue=proposal)
    return {
        "by": minutes.person(user_id=proposal.proposed_by),
        "why_not": why_not,
        "meeting": meeting,
        "corrections": issues.corrections_on(meeting_id=proposal.meeting_id, case_id=record.id),
        "approved": meeting is not None and minutes_presenter.is_approved(meeting.state),
        "words": minutes_presenter,
    }
