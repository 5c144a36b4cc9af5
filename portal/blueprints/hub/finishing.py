"""Finishing: telling the sender, reopening what was wrong, and what the front door confirmed."""

from datetime import datetime, time
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.policy import ContactKind, current_policy
from portal.records.referrals import subjects
from portal.records.triage import decisions, feedback, social_care
from portal.records.triage import working as triage
from portal.records.triage.forms.hub import ConfirmSocialCareForm, FeedbackForm, ReopenForm
from portal.services.errors import DomainError
from portal.vocabulary import DecisionOutcome
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt

from . import blueprint


@blueprint.route("/<reference>/feedback", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def give_feedback(reference: str) -> ResponseReturnValue:
    """Tell the sender what became of it."""
    actor, problem = principal.current(), None
    referral = triage.find_referral(actor=actor, reference=reference)
    outcomes = [one.outcome for one in decisions.live_decisions(referral=referral)]
    form = FeedbackForm(data={"text": feedback.suggested_text(outcomes)})
    if form.validate_on_submit():
        try:
            with attempt():
                held = triage.find_referral(actor=actor, reference=reference, hold=True)
                feedback.give_feedback(actor=actor, referral=held, text=form.text.data or "")
            flash("The sender has been told. This form is finished")
            return see_other(url_for(".queue"))
        except DomainError as refused:
            problem = refused
    audit.record("referral:view", subject_kind="referral", subject_id=referral.id, ground="hub")
    return render("hub/feedback.html", form=form, problem=problem, reference=reference, marking=True)


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def reopen(reference: str) -> ResponseReturnValue:
    """Take a wrong decision back, with a reason."""
    actor, form, problem = principal.current(), ReopenForm(), None
    referral = triage.find_referral(actor=actor, reference=reference)
    standing = decisions.live_decisions(referral=referral)
    labels = {one.id: one.label for one in subjects.subjects_of(referral=referral)}
    form.offer(
        "decisions",
        [
            Choice(
                str(one.id),
                f"{DecisionOutcome(one.outcome).label}: "
                f"{labels.get(one.subject_id, 'the whole form') if one.subject_id else 'the whole form'}",
                hint=one.reason,
            )
            for one in standing
        ],
    )
    if form.validate_on_submit():
        try:
            with attempt():
                held = triage.find_referral(actor=actor, reference=reference, hold=True)
                decisions.reopen(
                    actor=actor,
                    referral=held,
                    decisions=[one for one in standing if str(one.id) in (form.decisions.data or ())],
                    reason=form.reason.data or "",
                )
            flash("Reopened. What the decision set going has to be put right by hand")
            return see_other(url_for(".referral", reference=reference))
        except DomainError as refused:
            problem = refused
    audit.record("referral:view", subject_kind="referral", subject_id=referral.id, ground="hub")
    return render(
        "hub/reopen.html", form=form, problem=problem, reference=reference, standing=standing, marking=True
    )


@blueprint.route("/social-care/<uuid:made_id>", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def confirm_social_care(made_id: UUID) -> ResponseReturnValue:
    """Record that the front door has a referral: its reference, or the call."""
    actor, policy, form, problem = principal.current(), current_policy(), ConfirmSocialCareForm(), None
    made = social_care.find(actor=actor, made_id=made_id)
    referral = triage.referral_of(actor=actor, referral_id=made.referral_id)
    if form.validate_on_submit():
        try:
            with attempt():
                social_care.confirm(
                    actor=actor,
                    referral=referral,
                    made=made,
                    front_door_reference=form.reference.data or "",
                    call_with=form.call_with.data or "",
                    call_at=_call_at(form),
                )
            flash("Confirmed")
            return see_other(url_for(".referral", reference=referral.reference))
        except DomainError as refused:
            problem = refused
    audit.record("referral:view", subject_kind="referral", subject_id=referral.id, ground="hub")
    return render(
        "hub/confirm_social_care.html",
        form=form,
        problem=problem,
        referral=referral,
        made=made,
        authority=policy.areas.authorities.label(made.authority),
        numbers=[
            one
            for one in policy.hub.contacts_of(ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS)
            if one.authority == made.authority
        ],
        marking=True,
    )


def _call_at(form: ConfirmSocialCareForm) -> datetime | None:
    """When somebody rang; midday where only the day is known, now where it is today."""
    day, typed = form.call_on.data, (form.call_time.data or "").strip().replace(".", ":")
    if day is None:
        return None
    try:
        at = time.fromisoformat(typed.zfill(5)) if typed else None
    except ValueError as error:
        raise DomainError("Enter the time like 14:30", field="call_time") from error
    if at is None and day == clock.today():
        return clock.now()
    return datetime.combine(day, at or time(12), tzinfo=clock.LOCAL_ZONE)
