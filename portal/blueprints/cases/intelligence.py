"""Intelligence on a case: added with its grading and source, graded again, released by the police."""

from uuid import UUID

from flask import Response, abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import (
    address,
    blueprint,
    facts,
    known_facts,
    on_case,
    page_context,
    record_of,
    step_on,
    view_case,
)
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.reading import records as case_records
from portal.records.entries.adding import agencies_on
from portal.records.entries.presenter.grading import graded_lines
from portal.records.intelligence import reading as gradings
from portal.records.intelligence.forms import GradingForm, IntelligenceForm, ReleaseForm
from portal.records.intelligence.gradings import (
    Graded,
    add_intelligence,
    grade,
    live_grading,
    release,
    releasing_facts,
)
from portal.web.page import render
from portal.web.steps import Link, Words, take

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
        done="Added",
    )


@blueprint.get("/<reference>/entries/<uuid:entry_id>/grading")
@allow("intelligence:view", shows="case")
def grading(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """How an entry is graded and bound, who released it; and for those who may know, where it came from."""
    record, entry = _find(reference, entry_id)
    return _page(record, entry)


@blueprint.route("/<reference>/entries/<uuid:entry_id>/grade", methods=["GET", "POST"])
@allow("intelligence:grade", shows="case")
def grade_entry(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Grade an entry, or grade it again; the earlier grading stays."""
    record, entry = _find(reference, entry_id)
    require(current(), "intelligence:grade", facts(record, own_agency=entry.agency_id == current().agency_id))
    now = live_grading(entry=entry)
    form = GradingForm(obj=now, data={"conditions": now.codes} if now else {})
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
        done="Graded",
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
    return take(
        form,
        lambda: release(actor=current(), case=record, entry=entry, reason=form.said("reason")),
        says=Words(
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


def _page(record: Case, entry: ChronologyEntry) -> Response:
    """Reading where it came from is a look of its own on the trail."""
    person, case = current(), view_case(record.reference)
    source = gradings.source_of(entry_id=entry.id)
    audit.record("intelligence:view", entry, case=record, source=source is not None)
    rows = gradings.of_entry(entry_id=entry.id)
    now = next((one for one in rows if one.replaced_at is None), None)
    own = facts(record, own_agency=entry.agency_id == person.agency_id)
    return render(
        "cases/grading.html",
        **page_context(case),
        entry=entry,
        source=source,
        graded=graded_lines(rows, current_policy(record.authority)),
        may_grade=permitted(person, "intelligence:grade", own),
        may_release=bool(
            now
            and now.conditions
            and now.released_at is None
            and permitted(person, "intelligence:release", releasing_facts(person, now))
        ),
    )


def _address(record: Case, entry: ChronologyEntry) -> str:
    return url_for("cases.grading", reference=record.reference, entry_id=entry.id)
