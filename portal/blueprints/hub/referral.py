"""The queue of forms, one form as a coordinator works with it, and who a child on it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.principal import Principal
from portal.blueprints.hub import blueprint
from portal.changes import saved_views
from portal.pages.waiting import waiting_for
from portal.pages.workspaces import tasks
from portal.pathway.states import UNDECIDED_REFERRAL_STATES
from portal.policy import current_policy
from portal.queries.listing import views_of
from portal.records.by_hand import presenter as by_hand_words
from portal.records.by_hand import reading as by_hand
from portal.records.children.rules import sought_facts
from portal.records.entries.presenter.words import file_items
from portal.records.referrals import drafts, sending
from portal.records.requests import reading as requests
from portal.records.requests.presenter import asked_parts
from portal.records.triage import child_match as recognition
from portal.records.triage import feedback, working
from portal.records.triage.forms import MessageForm, NewChildForm
from portal.records.triage.presenter import form as form_view
from portal.records.triage.presenter.form import comparison
from portal.records.triage.presenter.queue import (
    WROTE,
    arrived_words,
    chosen_items,
    filter_options,
    query_string,
    queue_groups,
    standing,
    standing_words,
    warnings,
)
from portal.records.triage.reading import counts, matches
from portal.records.triage.reading import form as triage_form
from portal.records.triage.reading import records as triage
from portal.records.triage.reading.counts import QueueCounts
from portal.records.triage.reading.form import Event, Subject
from portal.records.triage.reading.matches import Candidate, KnownChild, SoughtChild, WaitingForm
from portal.records.triage.reading.records import SINCE_DECIDED, Held, Place, QueueFilter
from portal.vocabulary import ReferralState, TriageColour
from portal.web.due_presenter import time_left
from portal.web.htmx import is_fragment
from portal.web.page import announce, render, see_other
from portal.web.steps import Link, flashing, take

PAGE = "hub.queue"


@blueprint.get("")
@allow("referral:triage", shows="list")
def queue() -> ResponseReturnValue:
    """What the hub has to see to, most pressing first."""
    person, policy = principal.current(), current_policy()
    wanted = QueueFilter.of(request.args.to_dict(flat=False))
    page = triage.queue(wanted=wanted, after=Place.read(request.args.get("after")))
    counted = counts.counts()
    options = filter_options(wanted, policy, counts.senders())
    waits = waiting_for(person, listing=True)
    audit.record("referral:list", ground="hub", filter=wanted.as_query(), shown=len(page.rows))
    announce(f"{len(page.rows)} forms shown")
    return render(
        "hub/queue.html",
        tasks=tasks.open_to(person=person),
        groups=queue_groups(page.rows, () if wanted.chosen else counted.colours, policy, person),
        stands=standing_words(counted.colours),
        wrote=counted.wrote,
        waits=waits,
        anything=any(one.unheld for one in counted.colours),
        warnings=warnings(counts.red_receipts(), counts.social_care_referrals(), policy),
        passed=counts.passed_on(),
        options=options,
        wanted=wanted,
        here=query_string(wanted),
        later=bool(request.args.get("after")),
        next_page=_address(wanted, after=str(page.next)) if page.next else "",
        opened=int(clock.now().timestamp()),
        **_views(wanted, options, counted, person),
        marking=True,
        wide=True,
    )


def _address(wanted: QueueFilter, **more: str) -> str:
    return url_for(".queue") + query_string(wanted, **more)


def _views(wanted: QueueFilter, options: Any, counted: QueueCounts, person: Principal) -> dict[str, Any]:
    """The views that one changes to with a click: those of the portal, and one's own."""
    late = f", {counted.feedback_overdue} overdue" if counted.feedback_overdue else ""
    many = f"{counted.feedback}{late}" if counted.feedback else ""
    fixed = [
        ("All open", QueueFilter(), ""),
        ("Nobody has it", QueueFilter(held=(Held.NOBODY,)), ""),
        ("Mine", QueueFilter(held=(Held.MINE,)), ""),
        ("Waiting for the sender", QueueFilter(states=(ReferralState.WAITING_FOR_SENDER,)), ""),
        ("Sender not told yet", QueueFilter(states=(ReferralState.DECIDED,)), many),
        (WROTE, QueueFilter(wrote=(SINCE_DECIDED,)), str(counted.wrote or "")),
    ]
    saved = [(one.id, one.name, QueueFilter.of(one.query)) for one in views_of(person, PAGE)]
    views = [*fixed, *((name, view, "") for _, name, view in saved)]
    return {
        "views": [
            {"text": text, "href": _address(view), "current": view == wanted, "count": count}
            for text, view, count in views
        ],
        "saved": [(key, name) for key, name, _ in saved],
        "chosen": chosen_items(wanted, options, url_for(".queue")),
    }


@blueprint.post("/next")
@allow("referral:triage")
def claim_next() -> ResponseReturnValue:
    """Take on the most pressing form that nobody has."""
    referral = working.claim_next(actor=principal.current())
    if referral is None:
        return see_other(url_for(".queue"), done="Nobody waits: somebody has every form")
    return see_other(url_for(".referral", reference=referral.reference), done="You have this form now")


@blueprint.get("/arrived")
@allow("referral:triage", background=True, is_activity=False)
def arrived() -> ResponseReturnValue:
    """What came in since the page was opened: asked again and again by an open page, which is no activity."""
    if not is_fragment():
        return see_other(url_for(".queue"))
    seconds = request.args.get("since", type=int, default=0)
    since = datetime.fromtimestamp(min(max(seconds, 0), int(clock.now().timestamp())), tz=UTC)
    said = arrived_words(counts.arrived_since(since))
    return make_response(render_template("hub/arrived.html", said=said, since=since) if said else "")


@blueprint.post("/filters")
@allow("referral:triage")
def save_filter() -> ResponseReturnValue:
    """Keep the filter that is shown under a name."""
    wanted = QueueFilter.of(request.args.to_dict(flat=False))
    with flashing("View saved. Only you see it"):
        saved_views.save(
            actor=principal.current(),
            page=PAGE,
            name=request.form.get("name", ""),
            query=wanted.as_query(),
        )
    return see_other(_address(wanted))


@blueprint.post("/filters/<uuid:filter_id>/remove")
@allow("referral:triage")
def remove_filter(filter_id: UUID) -> ResponseReturnValue:
    """Take a saved filter away."""
    saved_views.remove(actor=principal.current(), view_id=filter_id)
    return see_other(url_for(".queue"), done="Filter removed")


#: The page of one form.
TEMPLATE = "hub/referral.html"


@blueprint.get("/<reference>")
@allow("referral:triage", shows="referral")
def referral(reference: str) -> ResponseReturnValue:
    """The form as sent, beside it who the children may be, and everything that was done."""
    passed = counts.passed_form(reference=reference)
    if passed is not None and triage_form.head(reference=reference) is None:
        audit.record("referral:passed_on", ground="notice", reference=reference)
        return render("hub/passed.html", reference=reference, nobody=passed.nobody, marking=True)
    return render(TEMPLATE, **page_of(reference))


def step_on(form: Any) -> dict[str, Any]:
    """What the page of a step on a form shows, with the look put on record."""
    audit.record("referral:view", subject_kind="referral", subject_id=form.id, ground="hub")
    return {
        "caption": form.reference,
        "back": Link(url_for(".referral", reference=form.reference), form.reference),
        "marking": True,
    }


def page_of(reference: str) -> dict[str, Any]:
    """What the page of a form shows, with the look put on record."""
    person, policy = principal.current(), current_policy()
    form = load(reference)
    subjects = triage_form.subjects(referral_id=form.id)
    events = triage_form.events(referral_id=form.id)
    messages = [one for one in events if one.kind == "message"]
    known, candidates = _children(subjects)
    audit.record("referral:view", subject_kind="referral", subject_id=form.id, ground="hub")
    shown = {*known} | {one.id for each in known.values() for one in each.linked}
    for child_id in sorted(shown):
        audit.record(
            "child:recognise", subject_kind="referral", subject_id=form.id, child_id=child_id, ground="hub"
        )
    looking = drafts.others_looking(actor=person, referral_id=form.id)
    outside = bool(form.sender_name or form.sender_agency)
    by_hand_rows = by_hand.of_form(referral_id=form.id) if outside else ()
    return {
        "referral": form,
        "state": ReferralState(form.state),
        "colour": TriageColour(form.colour or TriageColour.GREEN),
        "left": time_left(form.triage_due_at) if undecided(form) else "",
        "overdue": undecided(form) and form.triage_due_at < clock.now(),
        "undecided": undecided(form),
        "waiting": waiting_alike(form.id, subjects) if undecided(form) else (),
        "unaware": [*feedback.nobody_answers(form), *not_told(form, events)],
        "now": clock.now(),
        "mine": form.claimed_by == person.user_id,
        "looking": looking,
        "kind": policy.referral.kinds.label(form.kind),
        "cards": form_view.cards(subjects, known, candidates, events, policy),
        "whole": form_view.decisions_of(None, events, policy),
        "sections": form_view.sections(form.answers, policy, form.sender_agency or ""),
        "told": form_view.told(events),
        "social_care": form_view.social_care(events, policy),
        "history": form_view.history(events, by_hand_words.done(by_hand_rows), outside=outside),
        "standing": standing(ReferralState(form.state), by_hand_rows),
        **asked_parts(requests.of_referral(referral_id=form.id)),
        "files": file_items(triage_form.files(events)),
        "by_hand": by_hand_words.lines(by_hand_rows),
        "messages": messages,
        "newest": next((one.id for one in reversed(messages) if not one.facts["from_hub"]), ""),
        "message": False,
        "message_form": MessageForm(data={"once": str(uuid4())}),
        "back": url_for(".queue") + query_string(QueueFilter.of(request.args.to_dict(flat=False))),
        "marking": True,
        "wide": True,
    }


def load(reference: str) -> Any:
    """The head of a form that is the person's to triage; otherwise the page says what may be said."""
    return triage_form.head(reference=reference) or abort(404)


def not_told(form: Any, events: Sequence[Event]) -> list[str]:
    """Who does not know of a red form on which something was decided, and whom to ring."""
    stands = any(one.kind == "decision" and not one.facts["reopened_at"] for one in events)
    if form.colour != TriageColour.RED or not stands:
        return []
    know = counts.sectors_that_know(referral_id=form.id)
    return form_view.unaware(know, form.district)


def undecided(form: Any) -> bool:
    """Whether the hub still has to decide."""
    return form.state in UNDECIDED_REFERRAL_STATES


def _children(
    subjects: Sequence[Subject],
) -> tuple[Mapping[UUID, KnownChild], Mapping[UUID, tuple[Candidate, ...]]]:
    """Who the children on the form are known to be, and who those that nobody has recognised may be."""
    sought = {one.id: sought_facts(one.child) for one in subjects if one.child and one.child_id is None}
    found = matches.candidates(sought=sought, names=current_policy().names, today=clock.today())
    known = matches.known_children(ids=[one.child_id for one in subjects if one.child_id])
    shown = {one.child.id: one.child for each in found.values() for one in each}
    return {**known, **shown}, found


def waiting_alike(referral_id: UUID, subjects: Sequence[Subject]) -> Sequence[WaitingForm]:
    """The other forms in triage that may be about the children on one."""
    children = {
        one.id: SoughtChild(one.label, sought_facts(one.child), one.child_id) for one in subjects if one.child
    }
    names, today = current_policy().names, clock.today()
    return matches.waiting_forms(referral_id=referral_id, children=children, names=names, today=today)


@blueprint.get("/<reference>/children/<int:position>/<child_reference>")
@allow("referral:triage", shows="child")
def compare(reference: str, position: int, child_reference: str) -> ResponseReturnValue:
    """A child on the form and a known child, side by side."""
    form, policy = load(reference), current_policy()
    subject = _child_at(form.id, position)
    details = subject.child or abort(404)
    child_id = matches.child_id_of(reference=child_reference) or abort(404)
    known = matches.known_children(ids=[child_id])[child_id]
    found = matches.candidates(
        sought={subject.id: sought_facts(details)}, names=policy.names, today=clock.today()
    )[subject.id]
    audit.record(
        "child:compare", subject_kind="referral", subject_id=form.id, child_id=known.id, ground="hub"
    )
    return render(
        "hub/compare.html",
        reference=reference,
        subject=subject,
        known=known,
        why=next((one for one in found if known.id in one.records), None),
        lines=comparison(details, known, policy),
        marking=True,
        wide=True,
    )


@blueprint.post("/<reference>/children/<int:position>")
@allow("referral:triage")
def recognise(reference: str, position: int) -> ResponseReturnValue:
    """Say that it is this known child, or take that back."""
    actor = principal.current()
    form = working.find_referral(actor=actor, reference=reference, hold=True)
    subject = sending.subject_at(referral=form, position=position)
    if request.form.get("child") == "forget":
        recognition.unlink(actor=actor, referral=form, subject=subject)
    else:
        child = sending.find_child(reference=request.form.get("child", ""))
        flash(f"{subject.label} is {child.given_name} {child.family_name}, {child.reference}")
        held = recognition.recognise(actor=actor, referral=form, subject=subject, child=child)
        if held.id != child.id:
            flash(f"The form goes with {held.reference}, the record of the same child that has the case")
    return see_other(url_for(".referral", reference=reference))


@blueprint.route("/<reference>/children/<int:position>/new", methods=["GET", "POST"])
@allow("referral:triage", shows="child")
def new_child(reference: str, position: int) -> ResponseReturnValue:
    """Start a record for a child whom nobody knew."""
    actor, form = principal.current(), NewChildForm()
    referral = working.find_referral(actor=actor, reference=reference)
    subject = sending.subject_at(referral=referral, position=position)
    # Nobody has decided yet who may read it; of a form for a colleague their manager may not.
    found = () if referral.concerns_colleague else recognition.to_take([subject])
    form.offer_to_take(found, ticked=False)
    form.offer_others(recognition.to_tell_apart([subject]))
    return take(
        form,
        lambda: recognition.start_record(
            actor=actor,
            referral=working.find_referral(actor=actor, reference=reference, hold=True),
            subject=subject,
            eligibility_reason=form.said("eligibility_reason"),
            takes=form.taken,
            others=form.not_these,
        ),
        template="hub/new_child.html",
        page=lambda: (
            step_on(referral)
            | {"subject": _child_at(referral.id, position), "found": recognition.alike([subject])}
        ),
        to=lambda child: url_for(".referral", reference=reference) if child else url_for(".queue"),
        done=lambda child: f"Record {child.reference} started" if child else passed_words(reference),
        reference=reference,
    )


def passed_words(reference: str) -> str:
    """Say that the form belongs to a colleague from now on."""
    return f"{reference} is for a named colleague now. If it cannot wait, ring the hub’s lead"


def passed_on(reference: str) -> ResponseReturnValue:
    """The form belongs to a colleague from now on."""
    return see_other(url_for(".queue"), done=passed_words(reference))


def _child_at(referral_id: UUID, position: int) -> Subject:
    found = [
        one for one in triage_form.subjects(referral_id=referral_id) if one.position == position and one.child
    ]
    return found[0] if found else abort(404)
