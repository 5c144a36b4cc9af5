"""Deciding: one thing on the form, several, or all of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.hub.referral import passed_on
from portal.changes.errors import Conflict, DomainError
from portal.pages import picking
from portal.policy import current_policy
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.grading import Grading
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.people.reading import agencies
from portal.records.referrals import sending
from portal.records.referrals.third_party_check import NamesOthers
from portal.records.triage import decisions, feedback
from portal.records.triage import working as triage
from portal.records.triage.decision_rules import DecisionSetting, Opening
from portal.records.triage.forms import DecideForm, decide_form
from portal.records.triage.presenter.deciding import Start, seen_now, starting_values, word_boxes
from portal.records.triage.reading import form as triage_form
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity, SubjectKind
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import carry_out

from . import blueprint

#: After these there are agencies to tell.
_TELL_NEXT = frozenset(
    {
        DecisionOutcome.OPEN_CASE,
        DecisionOutcome.ADD_TO_CASE,
        DecisionOutcome.REOPEN_CASE,
        DecisionOutcome.SOCIAL_CARE_REFERRAL,
        DecisionOutcome.INTELLIGENCE_ONLY,
        DecisionOutcome.DISTRICT_PANEL,
    }
)


@blueprint.route("/<reference>/decide", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def decide(reference: str) -> ResponseReturnValue:
    """Decide what is ticked: one thing, several, or the whole form."""
    actor, policy = principal.current(), current_policy()
    referral = triage.find_referral(actor=actor, reference=reference)
    on_form = sending.subjects_of(referral=referral)
    standing = decisions.live_decisions(referral=referral)
    answered = triage_form.answered(referral_id=referral.id)
    start = Start(referral, on_form, standing, request.args.get("about", ""), answered)
    kept = feedback.kept_words(referral=referral)
    form = decide_form(word_boxes(on_form), tell_sender=kept, **starting_values(start, policy))
    _offer(form, on_form, policy, start)
    form.lead_email.seek(people_who_fit)
    form.case_reference.seek(picking.cases)
    form.duplicate_of.seek(picking.forms)
    step = carry_out(form, lambda: _decide(actor, form, reference), worded=_in_words)
    if step.done:
        return _go_on(step.result, reference, _the_child(form, on_form))
    clash = isinstance(step.problem, Conflict)
    if clash:  # decided again, it is by somebody who has seen the other's
        form.seen.data = seen_now(decisions.live_decisions(referral=referral))
    audit.record("referral:view", referral, ground="hub")
    return render(
        "hub/decide.html",
        form=form,
        problem=step.problem,
        clash=clash,
        names_others=isinstance(step.problem, NamesOthers) or bool(form.read.data),
        referral=referral,
        subjects=on_form,
        boxes=[form.words(one.position) for one in on_form if form.words(one.position)],
        start=start,
        marking=True,
        wide=True,
    )


def _in_words(side: dict[str, Any]) -> dict[str, Any]:
    labels = {"decision": "Decision", "reason": "Why"}
    return {labels[name]: said for name, said in side.items() if name in labels}


def _decide(actor: principal.Principal, form: DecideForm, reference: str) -> decisions.Decided:
    referral = triage.find_referral(actor=actor, reference=reference, hold=True)
    on_form = sending.subjects_of(referral=referral)
    chosen = [one for one in on_form if one.position in form.positions]
    if on_form and not chosen:
        raise DomainError("Tick what you decide", field="about")
    made = decisions.decide(
        actor=actor,
        referral=referral,
        subjects=chosen,
        outcomes=form.chosen,
        reason=form.reason.data or "",
        setting=_setting(form, on_form),
        seen=form.seen_decisions,
    )
    if made.complete and not made.repeated and (form.tell_sender.data or "").strip():
        try:
            feedback.give_feedback(actor=actor, referral=referral, text=form.tell_sender.data or "")
        except DomainError as refused:
            raise DomainError(refused.message, field="tell_sender") from refused
    return made


def _the_child(form: DecideForm, on_form: Sequence[Any]) -> int | None:
    """The place of the only child that was decided: whom agencies are most likely told about."""
    children = [one for one in on_form if one.kind == SubjectKind.CHILD and one.position in form.positions]
    return children[0].position if len(children) == 1 else None


def _go_on(made: decisions.Decided, reference: str, child: int | None) -> ResponseReturnValue:
    if made.passed_on:
        return passed_on(reference)
    if made.repeated:
        return see_other(
            url_for(".referral", reference=reference), done="This had been decided already: it was sent twice"
        )
    flash("Everything on this form is decided" if made.complete else "Decided. The rest is still open")
    outcomes = {DecisionOutcome(one.outcome) for one in made.decisions}
    if outcomes & _TELL_NEXT:
        return see_other(url_for(".tell", reference=reference, about=child))
    return see_other(url_for(".referral", reference=reference))


def _setting(form: DecideForm, on_form: Sequence[Any]) -> DecisionSetting:
    nature = InformationNature(form.nature.data or InformationNature.CONCERN)
    boxes = {one.id: form.words(one.position) for one in on_form}
    words: dict[UUID | None, str] = {one: box.data or "" for one, box in boxes.items() if box}
    whole = form.words(0)
    if whole is not None:
        words[None] = whole.data or ""
    return DecisionSetting(
        opening=_opening(form) if DecisionOutcome.OPEN_CASE in form.chosen else None,
        words=words,
        handling=Handling(form.handling.data or Handling.NETWORK),
        family_safe=FamilySafe(form.family_safe.data or FamilySafe.ASK),
        case_reference=form.case_reference.chosen,
        authority=form.authority.data or "",
        nature=nature,
        grading=_grading(form) if nature is InformationNature.INTELLIGENCE else None,
        district=form.district.data or "",
        duplicate_of=form.duplicate_of.chosen,
        read=bool(form.read.data),
        to_sender=form.tell_sender.data or "",
        eligibility_reason=form.eligibility_reason.data or "",
    )


def _opening(form: DecideForm) -> Opening:
    found = agencies.find_teams(ids=[UUID(form.lead_team.data)]) if form.lead_team.data else []
    if not found:
        raise DomainError("Choose the team that leads", field="lead_team")
    return Opening(
        lead_team=found[0],
        lead_professional=picked_person(form.lead_email) if form.lead_email.chosen else None,
        sensitivity=Sensitivity(int(form.sensitivity.data or 0)),
        sensitivity_reason=form.sensitivity_reason.data or "",
    )


def _grading(form: DecideForm) -> Grading:
    return Grading(
        source_grade=form.source_grade.data or "",
        information_grade=form.information_grade.data or "",
        handling_code=form.handling_code.data or "",
        conditions="\n".join(
            (
                *current_policy().sharing.conditions.labels(form.grading_codes.data or ()),
                form.grading_conditions.data or "",
            )
        ).strip(),
        text=form.sanitised_text.data or "",
    )


def _offer(form: DecideForm, on_form: Sequence[Any], policy: Any, start: Start) -> None:
    form.offer_policy(policy)
    form.offer_outcomes(policy, {SubjectKind(one.kind) for one in on_form} or {SubjectKind.PLACE})
    form.offer(
        "about",
        [
            Choice(str(one.position), f"{SubjectKind(one.kind).label}: {one.label}", hint=start.decided(one))
            for one in on_form
        ],
    )
    form.offer("lead_team", [Choice(str(one.id), one.label) for one in agencies.teams_to_choose()])
