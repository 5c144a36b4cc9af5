"""Checking all answers, sending the form, and the acknowledgement."""

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.principal import Principal
from portal.blueprints.referrals import blueprint
from portal.blueprints.referrals.draft import RING, is_for_sender, reading_of
from portal.changes.errors import Conflict, NotFound
from portal.deadlines.vocabulary import DeadlineKind
from portal.pathway.calendar import hub_is_open, hub_next_looks
from portal.policy import Contact, ContactKind, current_policy
from portal.records.attachments import reading as attachments
from portal.records.entries.presenter.words import file_items
from portal.records.people.desks import hub_at_night
from portal.records.referrals import reading as referrals
from portal.records.referrals.forms.pages import Reading
from portal.records.referrals.model import Referral
from portal.records.referrals.presenter import Reader, Section
from portal.records.referrals.rules import first_look, sender_named
from portal.records.referrals.sending import send_referral
from portal.vocabulary import ReferralState
from portal.web.due_presenter import period_words
from portal.web.numbers import numbers_now
from portal.web.page import render, see_other


@blueprint.get("/share/<reference>/check")
@allow("referral:write", shows="referral")
def check(reference: str) -> ResponseReturnValue:
    """All answers on one page, before sending."""
    draft = referrals.my_draft(person=principal.current(), reference=reference)
    if draft is None:
        return _not_a_draft(reference)
    return _show_check(draft, reading_of(draft))


@blueprint.post("/share/<reference>/send")
@allow("referral:write", shows="referral")
def send(reference: str) -> ResponseReturnValue:
    """Send the form. Sent a second time, it leads to what was sent the first time."""
    person = principal.current()
    draft = referrals.my_draft(person=person, reference=reference)
    if draft is None:
        return _not_a_draft(reference)
    if request.form.get("version") != str(draft.version):
        return _check_again(person, reference)
    reading = reading_of(draft)
    if reading.problems:
        return _show_check(draft, reading, status=422)
    try:
        send_referral(
            actor=person,
            reference=reference,
            answers=reading.answers,
            details=reading.details,
            version=draft.version,
        )
    except Conflict:
        return _check_again(person, reference)
    except NotFound:  # another tab was first
        return _not_a_draft(reference)
    return see_other(url_for("referrals.acknowledgement", reference=reference))


def _check_again(person: Principal, reference: str) -> ResponseReturnValue:
    """What another tab saved is shown, and can be sent from here."""
    draft = referrals.my_draft(person=person, reference=reference)
    if draft is None:
        return _not_a_draft(reference)
    flash("Something was changed in another tab. Check your answers again before you send.", "problem")
    return _show_check(draft, reading_of(draft), status=409)


@blueprint.get("/sent/<reference>/acknowledgement")
@allow("referral:view", shows="referral", releases="print")
def acknowledgement(reference: str) -> ResponseReturnValue:
    """That it arrived, when the hub looks at it, and whom to ring if it cannot wait. Holds no names."""
    referral = referrals.find_referral(reference=reference)
    if referral is None or referral.received_at is None or referral.triage_due_at is None:
        abort(404)
    policy = current_policy()
    audit.record("referral:acknowledge", referral)
    return render(
        "referrals/acknowledgement.html",
        referral=referral,
        look=first_look(policy.hub, referral.received_at, referral.triage_due_at),
        policy=policy,
        late=referral.triage_due_at < clock.now(),
        feedback_within=period_words(policy.clock(DeadlineKind.FEEDBACK)),
        closed=referral.state == ReferralState.SENT and not hub_is_open(policy.hub, clock.now()),
        opens=hub_next_looks(policy.hub, clock.now()),
        at_night=hub_at_night(),
        instead=_contacts(referral.district, ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS),
        contacts=_contacts(referral.district, *RING),
        unconfirmed=not policy.hub.confirmed,
        marking=True,
    )


def _contacts(district: str | None, *kinds: ContactKind) -> tuple[Contact, ...]:
    """What is answered now, for the authority of a district; of every authority where that is not known."""
    policy = current_policy()
    authority = policy.authority_of(district)
    return numbers_now(*kinds, authority=authority)


def _show_check(draft: Referral, reading: Reading, status: int = 200) -> ResponseReturnValue:
    audit.record("draft:view", draft, step="check")
    return render(
        "referrals/check.html",
        status=status,
        draft=draft,
        problems=reading.problems,
        sections=_sections(draft, reading),
        files=file_items(attachments.of_referral(referral_id=draft.id)),
        for_sender=is_for_sender(draft),
        sender=_sender(draft, reading),
        marking=True,
    )


def _sender(draft: Referral, reading: Reading) -> str:
    """Whom a case will name as the sender, should the form become part of one; empty for nobody."""
    answers, person = reading.answers, principal.current()
    written_down = (answers.sender_name, referrals.agency_name(answers.sender_agency_id) or "")
    return sender_named(
        of_colleague=bool(answers.concerns_colleague),
        written_down=written_down if is_for_sender(draft) else (),
        author=(person.name, referrals.agency_name(draft.author_agency_id) or ""),
    )


def _sections(draft: Referral, reading: Reading) -> list[Section]:
    def change(step: str) -> str:
        return url_for("referrals.step", reference=draft.reference, step=step)

    reader = Reader(current_policy())
    agency = referrals.agency_name(reading.answers.sender_agency_id)
    found = reader.sections(reading.answers, reading.details, change=change, agency=agency)
    source = reader.source(reading.source, reading.source_at_risk, change("source"))
    return [*found[:-1], source, found[-1]]


def _not_a_draft(reference: str) -> ResponseReturnValue:
    """What is not an own draft either was sent, and is shown, or is nothing that the person may see."""
    found = referrals.find_referral(reference=reference)
    if found is None or found.state == ReferralState.DRAFT:
        abort(404)
    return see_other(url_for("referrals.acknowledgement", reference=reference))
