"""Deciding: one thing on the form, several, or all of it; and telling agencies of it and adding them to a
case: two choices on one page.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.hub import blueprint
from portal.blueprints.hub.referral import not_told, passed_on, waiting_alike
from portal.changes.errors import Conflict, DomainError
from portal.pages import picking
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.disclosures import disclosing as disclosures
from portal.records.disclosures.disclosing import DisclosureRequest
from portal.records.disclosures.forms import SENDER, TellForm
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.entries.vocabulary import FamilySafe
from portal.records.intelligence.grading import Grading
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.people.reading import agencies
from portal.records.referrals import sending
from portal.records.referrals.facts import forms_owed
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.presenter import came_words
from portal.records.referrals.third_party_check import NamesOthers, starting_words
from portal.records.triage import decisions, feedback
from portal.records.triage import working as triage
from portal.records.triage.child_match import alike, to_take, to_tell_apart
from portal.records.triage.decision_rules import DecisionSetting, Opening
from portal.records.triage.decisions import cases_of, join
from portal.records.triage.forms import DecideForm, WithdrawForm, decide_form
from portal.records.triage.presenter import decided_there
from portal.records.triage.presenter import form as form_view
from portal.records.triage.presenter.deciding import (
    Start,
    by_sector,
    left_out_in_words,
    seen_now,
    starting_values,
    word_boxes,
)
from portal.records.triage.reading import form as triage_form
from portal.records.triage.social_care import teams_waiting
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity, SubjectKind
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, carry_out, take

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
    if clash := isinstance(step.problem, Conflict):  # decided again, they have seen the other's
        form.seen.data = seen_now(decisions.live_decisions(referral=referral))
    audit.record("referral:view", referral, ground="hub")
    form.offer_others(to_tell_apart(on_form))
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
        alike=alike(on_form),
        waiting=waiting_alike(referral.id, triage_form.subjects(referral_id=referral.id)),
        marking=True,
        wide=True,
    )


def _in_words(side: dict[str, Any]) -> dict[str, Any]:
    labels = {"decision": "Decision", "reason": "Why"}
    return {labels[name]: said for name, said in side.items() if name in labels}


def _decide(actor: principal.Principal, form: DecideForm, reference: str) -> decisions.Decided:
    referral = decisions.hold_to_decide(actor=actor, reference=reference)
    on_form = sending.subjects_of(referral=referral)
    chosen = [one for one in on_form if one.position in form.positions]
    if on_form and not chosen:
        raise DomainError("Tick what you decide", field="about")
    opens = DecisionOutcome.OPEN_CASE in form.chosen  # which may seal it, and other forms with it
    had = forms_owed(person=actor) if opens else frozenset()
    made = decisions.decide(
        actor=actor,
        referral=referral,
        subjects=chosen,
        outcomes=form.chosen,
        reason=form.reason.data or "",
        setting=_setting(form, on_form),
        seen=form.seen_decisions,
    )
    if opens and (came := came_words(forms_owed(person=actor) - had - {reference})):
        flash(came)
    if made.complete and not made.repeated and (form.tell_sender.data or "").strip():
        try:
            outcomes = [one.outcome for one in decisions.live_decisions(referral=referral)]
            said = feedback.suggested_text(referral=referral, outcomes=outcomes)
            feedback.give_feedback(actor=actor, referral=referral, text=said)
        except DomainError as refused:
            raise DomainError(refused.message, field="tell_sender") from refused
    if left_out := left_out_in_words(made.decisions, chosen, referral):
        flash(left_out)
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
        handling=form.readers,
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
        takes=form.taken,
        others=form.not_these,
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
    if start.kept_from:
        form.keep_from(start.kept_from, is_known=start.may_keep_from)
    form.offer_to_take(to_take(on_form), ticked=True)


@blueprint.route("/<reference>/tell", methods=["GET", "POST"])
@allow("disclosure:make", shows="referral")
def tell(reference: str) -> ResponseReturnValue:
    """Whom to tell, in which words about whom; and whom to add to the case."""
    actor = principal.current()
    referral = triage.find_referral(actor=actor, reference=reference)
    on_form = sending.subjects_of(referral=referral)
    about = _about(on_form)
    cases = cases_of(referral=referral, about=about)
    sealed = [name for case, name in cases if case.sensitivity == Sensitivity.SEALED]
    text, from_whom = disclosures.words_to_start_from(referral=referral, about=about)
    form = TellForm(data=_start(referral, about, text))
    start = Start(referral, on_form, (), "", triage_form.answered(referral_id=referral.id))
    _offer_telling(form, cases)
    form.offer_said(from_whom, start.said_beside)
    form.ask_of_sealed(bool(sealed))
    step = carry_out(form, lambda: _tell(actor, form, referral, about, cases))
    here = url_for(".tell", reference=reference, about=[one.position for one in about])
    if step.done:
        return see_other(f"{here}#told")
    audit.record("referral:view", referral, ground="hub")
    events = triage_form.events(referral_id=referral.id)
    return render(
        "hub/tell.html",
        form=form,
        problem=step.problem,
        names_others=isinstance(step.problem, NamesOthers) or bool(form.read.data),
        referral=referral,
        subjects=on_form,
        about=about,
        children=[one for one in on_form if one.kind == SubjectKind.CHILD],
        unknown=[
            one for one in about if one.kind == SubjectKind.CHILD and not sending.recognised(subject=one)
        ],
        introduced=disclosures.introduction(about),
        left_out=starting_words(text=referral.what_happened or "", referral=referral, covered=about).left_out,
        sectors=by_sector(
            form.teams.data or (), teams_waiting(referral), triage_form.senders_teams(referral)
        ),
        here=here,
        case_labels=bool(form.cases.choices),
        sealed=sealed,
        told=form_view.told(events),
        unaware=not_told(referral, events),
        marking=True,
        wide=True,
    )


@blueprint.route("/<reference>/told/<disclosure_reference>/withdraw", methods=["GET", "POST"])
@allow("disclosure:make", shows="referral")
def withdraw(reference: str, disclosure_reference: str) -> ResponseReturnValue:
    """Take back what was told in error."""
    actor, form = principal.current(), WithdrawForm()
    referral = triage.find_referral(actor=actor, reference=reference)
    disclosure = disclosures.find_disclosure(reference=disclosure_reference, referral=referral)
    return take(
        form,
        lambda: feedback.withdraw_told(actor=actor, disclosure=disclosure, reason=form.said("reason")),
        says=Words(
            heading="Withdraw what was told",
            caption=disclosure.reference,
            back=Link(url_for(".tell", reference=reference), "Tell agencies"),
            lead=[
                *decided_there(disclosure),
                "The team can no longer read it in the portal. That it was told stays on the sharing ledger."
                " The team, and whoever confirmed it, get a message that it was withdrawn, which does not say"
                f" why. Ring them if they may have acted on it: {_number_of(disclosure)}.",
            ],
            button="Withdraw",
            warns=True,
        ),
        page=lambda: _look(disclosure),
        to=url_for(".tell", reference=reference),
        done=f"{disclosure_reference} is withdrawn",
    )


def _number_of(disclosure: Disclosure) -> str:
    """The duty number of the team that was told."""
    team = disclosure.receiver_team_id
    found = agencies.find_teams(ids=[team]) if team else []
    return next((one.duty_phone for one in found if one.duty_phone), "no number is known here")


def _look(disclosure: Disclosure) -> dict[str, Any]:
    audit.record("disclosure:view", disclosure, ground="hub")
    return {"marking": True}


def _tell(
    actor: principal.Principal,
    form: TellForm,
    referral: Referral,
    about: Sequence[ReferralSubject],
    cases: Sequence[tuple[Case, str]],
) -> None:
    chosen = agencies.find_teams(ids=[UUID(one) for one in form.teams.data or ()])
    if not chosen:
        raise DomainError("Choose at least one team", field="teams")
    joined = [case for case, _ in cases if case.reference in (form.cases.data or ())]
    if form.tells is None and not joined:
        raise DomainError("Choose the case that they are added to", field="cases")
    labels = {str(one.id): one.label for one in agencies.teams_to_choose()}
    came: set[UUID] = set()
    for team in chosen:
        if form.tells is not None:
            disclosures.disclose(
                actor=actor,
                referral=referral,
                team=team,
                telling=_telling(form, form.tells, about),
                once=form.nonce,
            )
        for case in joined:
            if join(actor=actor, referral=referral, case=case, team=team, reason=form.reason.data or ""):
                came.add(team.id)
    names = {team.id: labels[str(team.id)] for team in chosen}
    flash(form_view.told_words(form.tells, names, came if joined else None))


def _telling(form: TellForm, tells: SharingDecision, about: Sequence[ReferralSubject]) -> DisclosureRequest:
    return DisclosureRequest(
        decision=tells,
        about=about,
        text=form.text.data or "",
        from_whom=form.from_whom,
        beside=form.beside,
        purpose=form.purpose.data or "",
        basis=form.basis.data or "",
        conditions=form.conditions.data or (),
        more_conditions=form.more_conditions.data or "",
        reason=form.reason.data or "",
        refusal=form.refusal.data or "",
        family_told={"yes": True, "no": False}.get(form.family_told.data or ""),
        family_reason=form.family_reason.data or "",
        read=bool(form.read.data),
    )


def _about(on_form: Sequence[ReferralSubject]) -> list[ReferralSubject]:
    """Whom the words are about: as chosen; else the only child, or everything on a form without children."""
    if "about" in request.args:
        chosen = set(request.args.getlist("about"))
        return [one for one in on_form if str(one.position) in chosen]
    children = [one for one in on_form if one.kind == SubjectKind.CHILD]
    if len(children) > 1:
        return []
    return children or list(on_form)


def _start(referral: Referral, about: Sequence[ReferralSubject], text: str) -> dict[str, Any]:
    start = starting_words(text=text, referral=referral, covered=about)
    return {"text": start.text, "stand_with": [SENDER], "purpose": "protect_child", "basis": "public_task"}


def _offer_telling(form: TellForm, cases: Sequence[tuple[Case, str]]) -> None:
    form.offer_policy(current_policy())
    form.offer("teams", [Choice(str(one.id), one.label) for one in agencies.teams_to_choose()])
    joinable = [(case, name) for case, name in cases if case.sensitivity != Sensitivity.SEALED]
    form.offer_cases([Choice(case.reference, f"{name}: {case.reference}") for case, name in joinable])
