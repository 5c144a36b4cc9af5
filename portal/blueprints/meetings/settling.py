"""The lower level that a meeting came to, for the second person who agrees to it or does not."""

from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import PERMISSIONS, Forbidden, permitted, require
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look, reference_of
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around as around_meeting
from portal.blueprints.meetings.looking import facts
from portal.blueprints.meetings.looking import look as look_at_meeting
from portal.records.assessments.presenter import level_label
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.meetings.chairing import case_of
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.forms import ReasonForm, SettleLevelForm
from portal.records.minutes.meeting_levels import (
    agree_to_level,
    refuse_level,
    settle_facts,
    take_level_back,
    why_not_second,
)
from portal.records.minutes.model import LevelProposal
from portal.records.minutes.reading import records as minutes
from portal.web.page import render
from portal.web.steps import Link, Words, take

_LOWER_LEVEL = "meetings/lower_level.html"


@blueprint.route("/meetings/<reference>/levels/<uuid:proposal_id>/take-back", methods=["GET", "POST"])
@allow("level:propose", shows="case")
def take_back_level(reference: str, proposal_id: UUID) -> ResponseReturnValue:
    """Take back a lower level that was recorded by mistake, while it waits."""
    meeting = look_at_meeting(reference, action="level:view")
    require(current(), "level:propose", facts(meeting))
    found = meetings.find(reference=meeting.reference) or abort(404)
    proposal = minutes.find_level(meeting_id=meeting.id, proposal_id=proposal_id) or abort(404)
    form = ReasonForm()
    the_record = url_for("meetings.record", reference=meeting.reference)
    return take(
        form,
        lambda: take_level_back(
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
        page=lambda: around_meeting(meeting),
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
    case = look(record.reference, action="level:view")
    may_settle = permitted(current(), "level:settle", settle_facts(current(), record))
    proposal = next(iter(minutes.waiting_levels(case_id=record.id)), None)
    form = SettleLevelForm()
    if not may_settle and form.is_submitted():
        raise Forbidden(PERMISSIONS["level:settle"].refusal)
    if proposal is None:
        return render(_LOWER_LEVEL, **around(case), proposal=None)
    return take(
        form,
        lambda: _settle(record, proposal, form),
        template=_LOWER_LEVEL,
        page=lambda: around(case) | _waiting(record, proposal, may_settle=may_settle),
        to=url_for("cases.show", reference=record.reference),
        done="The lower level holds from now on" if form.agreed else "The level stays as it is",
        proposal=proposal,
        level_label=level_label,
    )


def _settle(record: Case, proposal: LevelProposal, form: SettleLevelForm) -> None:
    if form.agreed:
        agree_to_level(actor=current(), case=record, proposal=proposal)
    else:
        refuse_level(actor=current(), case=record, proposal=proposal, reason=form.said("reason"))


def _waiting(record: Case, proposal: LevelProposal, *, may_settle: bool) -> dict[str, Any]:
    """Who recorded it, and why the person cannot settle it; empty where they can."""
    why_not = PERMISSIONS["level:settle"].refusal
    if may_settle:
        why_not = why_not_second(person_id=current().user_id, case=record, proposal=proposal)
    return {"by": minutes.person(user_id=proposal.proposed_by), "why_not": why_not}
