"""Entries of a case: added, put right, graded and released, and what follows from a critical moment."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases import (
    address,
    blueprint,
    facts,
    known_facts,
    on_case,
    own_entry,
    page_context,
    record_of,
    step_on,
    view_case,
)
from portal.changes.errors import Conflict
from portal.pathway.characters import whole_number
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.reading import records as case_records
from portal.records.entries import correcting, forms
from portal.records.entries.adding import add_entry, agencies_on, correct_entry
from portal.records.entries.critical_moments import asked_to_review, record_no_change, review_facts
from portal.records.entries.policy import ContributionKind, Contributions
from portal.records.entries.presenter.grading import graded_lines
from portal.records.entries.presenter.moments import added_words
from portal.records.entries.presenter.words import entry_items, entry_page
from portal.records.entries.reading import case_page
from portal.records.intelligence import reading as gradings
from portal.records.intelligence.forms import GradingForm, IntelligenceForm, ReleaseForm, as_graded
from portal.records.intelligence.gradings import (
    Graded,
    add_intelligence,
    grade,
    live_grading,
    release,
    releasing_facts,
)
from portal.records.people.settings import remember_entry, settings_of
from portal.records.requests.asking import asking_facts
from portal.web.filters import day
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, carry_out, take


@blueprint.get("/<reference>/entries/new")
@allow("entry:add", shows="case")
def new_entry(reference: str) -> ResponseReturnValue:
    """The form of a kind, or the one for all, with what was typed before. A draft of another comes first."""
    case, record = view_case(reference), record_of(reference)
    asked, draft = request.args.get("kind", ""), correcting.find_draft(current(), record)
    begun = _form_of_its_own(record, draft.answers.get("kind")) if draft else None
    if draft is not None and asked and asked != (begun.code if begun else None):
        flash("You began this earlier. Add it or delete it first", "problem")
    form = _form(record, (begun.code if begun else "") if draft else asked)
    if draft is not None:
        form.fill_in(draft.answers, draft.version)
        return _page(case, form, draft=draft)
    last = settings_of(current())
    form.begin_with(kind=last.entry_kind, handling=last.entry_handling, closely_held=bool(case.sensitivity))
    return _page(case, form, begun_with_last=bool(last.entry_handling))


@blueprint.post("/<reference>/entries/new")
@allow("entry:add", shows="case")
def create_entry(reference: str) -> ResponseReturnValue:
    """Add what was typed; the draft goes."""
    record = record_of(reference)
    form = _form(record, request.form.get("kind", ""))
    step = carry_out(form, lambda: _add(record, form))
    if not step.done:
        return _page(view_case(reference), form, problem=step.problem)
    added, others = step.result
    flash(added_words(asked_to_review(entry=added)))
    if others:
        flash("Other words were saved in another tab meanwhile. They are kept as your draft", "problem")
    if request.form.get("go") == "files":
        return see_other(url_for("attachments.on_entry", reference=record.reference, entry_id=added.id))
    return see_other(address(record, "entries"))


@blueprint.post("/<reference>/entries/draft")
@allow("entry:add", background=True)
def save_draft(reference: str) -> ResponseReturnValue:
    """Keep what is being typed. A save from an older copy shows both."""
    record = record_of(reference)
    form = _form(record, request.form.get("kind", ""))
    try:
        now = correcting.save_entry_draft(
            actor=current(), case=record, answers=form.answers(), version=form.seen_version
        )
    except Conflict as clash:
        saved = correcting.find_draft(current(), record)
        both = {
            "differences": form.differences(clash.versions.theirs, clash.versions.mine),
            "version": saved.version if saved else 0,
            "reference": record.reference,
        }
        return make_response(render_template("cases/draft_clash.html", **both), 409)
    return Response(status=204, headers={"X-Version": str(now)})


@blueprint.post("/<reference>/entries/draft/keep")
@allow("entry:add")
def keep_draft(reference: str) -> ResponseReturnValue:
    """Of two versions of a draft, take the one that was typed here."""
    record = record_of(reference)
    form = _form(record, request.form.get("kind", ""))
    seen = request.form.get("keep", "")
    try:
        correcting.save_entry_draft(
            actor=current(), case=record, answers=form.answers(), version=whole_number(seen)
        )
    except Conflict as clash:
        return _page(view_case(reference), form, problem=clash)
    return see_other(url_for("cases.new_entry", reference=record.reference))


@blueprint.post("/<reference>/entries/draft/drop")
@allow("entry:add")
def drop_draft(reference: str) -> ResponseReturnValue:
    """Throw away what was begun."""
    record = record_of(reference)
    correcting.drop_entry_draft(actor=current(), case=record)
    return see_other(address(record), done="Draft deleted")


@blueprint.route("/<reference>/entries/<uuid:entry_id>/correct", methods=["GET", "POST"])
@allow("entry:correct", shows="case")
def correct(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Put right an entry of one's own agency by a further one."""
    record, entry = own_entry("entry:correct", reference, entry_id)
    form = _correction_of(record, entry)
    return on_case.take(
        record,
        form,
        lambda **given: correct_entry(
            entry=entry,
            text=form.said("text"),
            reason=form.said("reason"),
            details=form.given(),
            moment=form.chosen_moment,
            **given,
        ),
        Words(
            heading="Correct an entry",
            lead=[
                "The correction is added as a further entry with the same readers. The earlier text stays, "
                "marked as corrected."
            ],
            above="cases/_says_now.html",
            button="Add the correction",
        ),
        to=address(record, "entries"),
        done="Corrected. The earlier text stays",
        entry=entry,
    )


def _form(record: Case, kind: str = "") -> forms.EntryForm:
    """The form of a kind that people of this sector have one for; else the one for all."""
    person, policy = current(), current_policy(record.authority)
    agencies = case_records.agency_names(ids=agencies_on(record) - {person.agency_id})
    told = case_records.conditions_told(child_id=record.child_id, agency_id=person.agency_id)
    own = _form_of_its_own(record, kind)
    return (forms.contribution_form(own) if own else forms.EntryForm).of(
        policy,
        [(str(one.id), one.name) for one in agencies],
        [(str(one.id), f"{one.reference}, told on {day(one.decided_at)}: {one.conditions}") for one in told],
    )


def _form_of_its_own(record: Case, kind: str | None) -> ContributionKind | None:
    offered = current_policy(record.authority).of(Contributions).kinds_of(current().sector)
    return next((one for one in offered if one.code == kind), None)


def _correction_of(record: Case, entry: ChronologyEntry) -> forms.CorrectionForm:
    contributions = current_policy(record.authority).of(Contributions)
    kind = contributions.kinds.get(entry.kind)
    form = forms.correction_form(kind)(data={"text": entry.text, "moment": entry.moment or ""})
    moment = contributions.moments.get(entry.moment)
    unnamed = entry.critical_moment is not None and (moment is None or moment.retired)
    form.offer_moments(contributions.moments, asks=not (unnamed or bool(kind and kind.moment)))
    if request.method == "GET":
        form.show(entry.details)
    return form


def _add(record: Case, form: forms.EntryForm) -> tuple[ChronologyEntry, bool]:
    """Add it, and end its draft; with whether other words were saved in that meanwhile."""
    facts_said = _facts(form)
    added = add_entry(actor=current(), case=record, **facts_said)
    remember_entry(actor=current(), kind=facts_said["kind"], handling=facts_said["handling"])
    return added, correcting.finish_entry_draft(
        actor=current(), case=record, sent=form.answers(), version=form.seen_version
    )


def _facts(form: forms.EntryForm) -> dict[str, Any]:
    """What the service needs, from the answers."""
    told = case_records.find_disclosure(disclosure_id=UUID(form.cites.data)) if form.cites.data else None
    return known_facts(form) | {
        "kind": form.kind.data,
        "moment": form.moment.data if "moment" in form else None,
        "critical_moment": form.said("critical_moment"),
        "details": form.given(),
        "disclosure": told,
    }


def _page(case: Any, form: forms.EntryForm, **more: Any) -> Response:
    """The form, with a `draft`, a `problem`, or that it was begun with what was chosen last."""
    autosave = url_for("cases.save_draft", reference=case.reference)
    return render(
        "cases/entry.html",
        **page_context(case),
        form=form,
        **{"draft": None, "begun_with_last": False} | more,
        autosave=autosave,
        own=form.kind_of if isinstance(form, forms.ContributionForm) else None,
        kinds=_kinds_beside(case, form),
    )


def _kinds_beside(case: Any, form: forms.EntryForm) -> Sequence[ContributionKind]:
    """The kinds that have a form of their own, which the form for all leads to."""
    if isinstance(form, forms.ContributionForm):
        return ()
    return current_policy(case.authority).of(Contributions).kinds_of(current().sector)


@blueprint.route("/<reference>/moments/<uuid:entry_id>", methods=["GET", "POST"])
@allow("moment:review", shows="case")
def review_moment(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Answer for one critical moment."""
    record = record_of(reference)
    entry = case_records.find_entry(case_id=record.id, entry_id=entry_id)
    if entry is None or entry.critical_moment is None:
        abort(404)
    require(current(), "moment:review", review_facts(current(), record))
    form = forms.NothingChangesForm()
    return on_case.take(
        record,
        form,
        partial(record_no_change, entry=entry, words=form.said("words")),
        template="cases/moment.html",
        page=lambda: _moment_page(record, entry),
        to=entry_page(record.reference, entry.id),
        done="Recorded: nothing changes",
    )


def _moment_page(record: Case, entry: ChronologyEntry) -> dict[str, Any]:
    case = view_case(record.reference)
    may_begin = permitted(current(), "assessment:start", review_facts(current(), record))
    start = case_page.just_after(entry.happened_at, entry.id)
    shown = entry_items(case_page.entries(case_id=record.id, before=start, limit=1).rows, case)
    return page_context(case) | {"entry": shown[0], "may_assess": may_begin and not case.assessing}


_GRADED_FIRST = "It is then intelligence: its grading and conditions stand with it wherever it is read."
_GRADED_AGAIN = (
    "The earlier grading stays on record. What is forbidden now stays forbidden until the police release it."
)


@blueprint.route("/<reference>/intelligence/new", methods=["GET", "POST"])
@allow("intelligence:add", shows="case")
def new_intelligence(reference: str) -> ResponseReturnValue:
    """The words, their grading and conditions, and the source in a box of its own."""
    record = record_of(reference)
    require(current(), "intelligence:add")
    policy = current_policy(record.authority)
    agencies = case_records.agency_names(ids=agencies_on(record) - {current().agency_id})
    form = IntelligenceForm.of(policy, [(str(one.id), one.name) for one in agencies])
    return take(
        form,
        lambda: add_intelligence(
            actor=current(),
            case=record,
            grading=Graded(**form.grades()),
            source=form.said("source"),
            **known_facts(form),
        ),
        says=Words(
            heading="Add intelligence",
            lead=[
                "Whoever may read it sees its grading and conditions with it. Where a condition forbids it, "
                "the words are not cited, printed, taken out or passed on: a sentence says who holds them "
                "and whom to ask."
            ],
            button="Add to the case",
        ),
        page=lambda: step_on(view_case(reference)),
        to=address(record, "entries"),
        done="The intelligence was added to the case",
    )


@blueprint.get("/<reference>/entries/<uuid:entry_id>/grading")
@allow("intelligence:view", shows="case")
def grading(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """How an entry is graded and bound, who released it; and for those who may know, where it came from.

    Reading that is a look of its own on the trail.
    """
    record, entry = _find(reference, entry_id)
    person, case = current(), view_case(record.reference)
    source = gradings.source_of(entry_id=entry.id)
    audit.record("intelligence:view", entry, case=record, source=source is not None)
    rows = gradings.of_entry(entry_id=entry.id)
    now = next((one for one in rows if one.replaced_at is None), None)
    own = facts(record, own_agency=entry.agency_id == person.agency_id)
    bound = now if now and now.conditions and now.released_at is None else None
    return render(
        "cases/grading.html",
        **page_context(case),
        entry=entry,
        source=source,
        graded=graded_lines(rows, current_policy(record.authority)),
        may_grade=permitted(person, "intelligence:grade", own),
        bound=bound is not None,
        may_release=bound is not None
        and permitted(person, "intelligence:release", releasing_facts(person, bound)),
        may_ask=permitted(person, "request:ask", asking_facts(actor=person, case=record)),
    )


@blueprint.route("/<reference>/entries/<uuid:entry_id>/grade", methods=["GET", "POST"])
@allow("intelligence:grade", shows="case")
def grade_entry(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Grade an entry, or grade it again; the earlier grading stays."""
    record, entry = _find(reference, entry_id)
    require(current(), "intelligence:grade", facts(record, own_agency=entry.agency_id == current().agency_id))
    now = live_grading(entry=entry)
    form = GradingForm(data=as_graded(now) if now else {})
    form.offer_policy(current_policy(record.authority))
    return on_case.take(
        record,
        form,
        lambda **given: grade(entry=entry, grading=Graded(**form.grades()), **given),
        Words(
            heading="Grade this again" if now else "Grade this entry",
            back=Link(_address(record, entry), "Grading and conditions"),
            about="cases/_intelligence.html",
            lead=[_GRADED_AGAIN if now else _GRADED_FIRST],
            button="Grade it",
        ),
        to=_address(record, entry),
        done="You graded the entry",
        entry=entry,
    )


@blueprint.route("/<reference>/entries/<uuid:entry_id>/release", methods=["GET", "POST"])
@allow("intelligence:release", shows="case")
def release_entry(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """End the conditions of intelligence, with the reason."""
    record, entry = _find(reference, entry_id)
    now = live_grading(entry=entry) or abort(404)
    require(current(), "intelligence:release", releasing_facts(current(), now))
    form = ReleaseForm()
    return on_case.take(
        record,
        form,
        partial(release, entry=entry, reason=form.said("reason")),
        Words(
            heading="Release this intelligence",
            back=Link(_address(record, entry), "Grading and conditions"),
            about="cases/_intelligence.html",
            above="cases/_conditions_that_end.html",
            button="Release it",
        ),
        page=lambda: step_on(view_case(reference)) | {"now": live_grading(entry=entry) or abort(404)},
        to=_address(record, entry),
        done="Released. Its conditions have ended",
        entry=entry,
    )


def _find(reference: str, entry_id: UUID) -> tuple[Case, ChronologyEntry]:
    record = record_of(reference)
    return record, case_records.find_entry(case_id=record.id, entry_id=entry_id) or abort(404)


def _address(record: Case, entry: ChronologyEntry) -> str:
    return url_for("cases.grading", reference=record.reference, entry_id=entry.id)
