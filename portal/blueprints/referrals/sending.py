"""The pages of a draft, one after the other, saved at every step and while typing; checking all answers,
sending the form, and the acknowledgement.
"""

from flask import Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.principal import Principal
from portal.blueprints.referrals import blueprint
from portal.blueprints.referrals.draft import (
    RING,
    Filling,
    check_url,
    is_for_sender,
    opened,
    reading_of,
    seen,
)
from portal.changes.errors import Conflict, NotFound
from portal.deadlines.vocabulary import DeadlineKind
from portal.pathway.calendar import hub_is_open, hub_next_looks
from portal.policy import Contact, ContactKind, current_policy
from portal.records.attachments import reading as attachments
from portal.records.entries.presenter.words import file_items
from portal.records.people.agencies import hub_at_night
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import discard_draft, save_draft
from portal.records.referrals.forms.pages import ListsPage, Page, Reading
from portal.records.referrals.model import Referral
from portal.records.referrals.presenter import Reader, Section
from portal.records.referrals.rules import first_look, sender_named
from portal.records.referrals.sending import send_referral
from portal.vocabulary import ReferralState, Urgency
from portal.web.due_presenter import period_words
from portal.web.filters import numbers_now
from portal.web.htmx import is_fragment
from portal.web.page import render, see_other


@blueprint.route("/share/<reference>/<step>", methods=["GET", "POST"])
@allow("referral:write", shows="referral")
def step(reference: str, step: str) -> ResponseReturnValue:
    """One page of the form."""
    if (moved := _sent_already(reference)) is not None:
        return moved
    filling = opened(reference, step)
    if request.method == "GET":
        return _show(filling, filling.kept())
    page = _changed(filling.posted())
    if page.is_too_long and not page.validate():
        return _show(filling, page)
    try:
        draft = save_draft(
            actor=principal.current(),
            reference=reference,
            step=step,
            typed=page.typed,
            seen=seen(),
            leaves=not is_fragment(),
        )
    except Conflict as conflict:
        return _show(filling, page, conflict)
    return _go_on(Filling(draft, filling.step, filling.setting), page)


@blueprint.post("/share/<reference>/<step>/save")
@allow("referral:write", background=True)
def save(reference: str, step: str) -> ResponseReturnValue:
    """What is being typed, saved from time to time. The page stays as it is."""
    found = referrals.find_referral(reference=reference)
    if found is not None and found.state != ReferralState.DRAFT:
        return Response(render_template("referrals/sent_meanwhile.html", referral=found), 409)
    filling = opened(reference, step)
    try:
        draft = save_draft(
            actor=principal.current(),
            reference=reference,
            step=step,
            typed=filling.posted().typed,
            seen=seen(),
            leaves=False,
        )
    except Conflict as conflict:
        context = filling.context(filling.posted(), conflict)
        return Response(render_template("referrals/clash.html", **context), 409)
    return Response(status=204, headers={"X-Version": str(draft.version)})


@blueprint.get("/share/<reference>/ring")
@allow("referral:write", shows="referral")
def ring(reference: str) -> ResponseReturnValue:
    """Whom to ring first, when somebody is or may soon be in danger."""
    filling = opened(reference, "urgency")
    _record(filling)
    context = filling.context(filling.kept())
    numbers = numbers_now(*RING)
    return render("referrals/ring.html", contacts=numbers, next_url=filling.next_url(), **context)


@blueprint.route("/share/<reference>/discard", methods=["GET", "POST"])
@allow("referral:write", shows="referral")
def discard(reference: str) -> ResponseReturnValue:
    """Throw a draft away, after asking."""
    filling = opened(reference, "urgency")
    if request.method == "POST":
        discard_draft(actor=principal.current(), reference=reference)
        return see_other(url_for("referrals.index"))
    _record(filling)
    return render("referrals/discard.html", draft=filling.draft, marking=True)


def _show(filling: Filling, page: Page, conflict: Conflict | None = None) -> Response:
    _record(filling)
    forms = page.forms if isinstance(page, ListsPage) else [page]
    context = filling.context(page, conflict)
    return render(f"referrals/steps/{filling.step.name}.html", forms=forms, problem=conflict, **context)


def _record(filling: Filling) -> None:
    audit.record("draft:view", filling.draft, step=filling.step.name)


def _changed(page: Page) -> Page:
    """The page with an item more or less, when that was asked for."""
    if isinstance(page, ListsPage):
        page = page.with_another(request.form.get("add", ""))
        page = page.without(request.form.get("remove", ""))
    return page


def _go_on(filling: Filling, page: Page) -> ResponseReturnValue:
    """Where a saved page leads."""
    if "add" in request.form or "remove" in request.form:
        return _show(filling, page) if is_fragment() else see_other(_at_item(filling, page))
    if elsewhere := _elsewhere(filling):
        return see_other(elsewhere)
    if not page.validate():
        return _show(filling, page)
    if filling.step.name == "urgency" and _is_urgent(page):
        return see_other(url_for("referrals.ring", reference=filling.draft.reference))
    return see_other(filling.next_url())


def _elsewhere(filling: Filling) -> str:
    """Where the person wants to go instead of on, whatever is still wrong on this page."""
    wanted = request.form.get("go", "")
    if wanted in {one.name for one in filling.steps}:
        return filling.url(wanted)
    return {"later": url_for("referrals.index"), "check": check_url(filling.draft)}.get(wanted, "")


def _at_item(filling: Filling, page: Page) -> str:
    """The page again, at the list that grew or shrank."""
    name = request.form.get("add") or request.form.get("remove", "").rpartition("-")[0]
    known = isinstance(page, ListsPage) and name in page.lists
    return f"{filling.url(filling.step.name)}#{name}" if known else filling.url(filling.step.name)


def _is_urgent(page: Page) -> bool:
    return page.typed.get("urgency", [""])[0] in {Urgency.IMMEDIATE, Urgency.SOON}


def _sent_already(reference: str) -> ResponseReturnValue | None:
    """A page of a form that has been sent leads to what was sent; nothing of it can be changed."""
    found = referrals.find_referral(reference=reference) or abort(404)
    if found.state == ReferralState.DRAFT:
        return None
    return see_other(url_for("referrals.show", reference=reference))


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
