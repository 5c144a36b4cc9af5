"""Citing an entry of the case in a section, and taking a citation back."""

from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.assessments.blueprint import blueprint
from portal.blueprints.assessments.looking import Found, find
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.cases.reading import records as case_records
from portal.records.entries.citations import Holder, cite, section_of, whom_to_ask, withdraw
from portal.records.entries.presenter.citation import choices, find_choice
from portal.records.entries.reading import case_page, citations
from portal.records.entries.reading.case_page import EntryCursor
from portal.services.errors import DomainError, NotFound
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.get("/assessments/<reference>/sections/<section>/cite")
@allow("entry:cite", shows="case")
def choose_entry(reference: str, section: str) -> ResponseReturnValue:
    """The entries of the case that the person may read, newest first."""
    found = _found(reference, section)
    if found.assessment.state != AssessmentState.DRAFT:
        return see_other(url_for("assessments.show", reference=found.assessment.reference, _anchor=section))
    page = found.page(action="entry:choose")
    before = EntryCursor.read(request.args.get("before"))
    entries = case_page.entries(case_id=page["case"].id, before=before)
    address = _address(found, section, "choose_entry")
    return render(
        "citations/choose.html",
        **page,
        **_around(found, section),
        chosen_from=choices(entries, page["case"], lambda one: _address(found, section, "cite_entry", one)),
        older=f"{address}?before={entries.next}" if entries.next else "",
        back=_address(found, section, "write"),
        back_text=found.tool.sections[section].label,
    )


@blueprint.route("/assessments/<reference>/sections/<section>/cite/<uuid:entry_id>", methods=["GET", "POST"])
@allow("entry:cite", shows="case")
def cite_entry(reference: str, section: str, entry_id: UUID) -> ResponseReturnValue:
    """Show the conditions that go with an entry, and cite it."""
    found = _found(reference, section)
    entry = case_records.find_entry(case_id=found.record.id, entry_id=entry_id) or abort(404)
    problem = None
    if request.method == "POST":
        try:
            with attempt():
                cite(actor=current(), holder=_holder(found, section), entry=entry)
        except DomainError as refused:
            problem = refused
        else:
            flash("Cited")
            return see_other(_address(found, section, "write"))
    page = found.page(action="entry:cite_page")
    shown, ruling = find_choice(case=page["case"], happened_at=entry.happened_at, entry_id=entry.id) or abort(
        404
    )
    return render(
        "citations/confirm.html",
        **page,
        **_around(found, section),
        entry=shown,
        ruling=ruling,
        ask="" if ruling.allowed else whom_to_ask(entry=entry),
        action=_address(found, section, "cite_entry", entry.id),
        back=_address(found, section, "choose_entry"),
        problem=problem,
    )


@blueprint.post("/assessments/<reference>/citations/<uuid:citation_id>/withdraw")
@allow("citation:withdraw")
def withdraw_citation(reference: str, citation_id: UUID) -> ResponseReturnValue:
    """Take a citation back; the entry stays on the case."""
    found = find(reference)
    citation = citations.find_citation(holder_id=found.assessment.id, citation_id=citation_id) or abort(404)
    try:
        with attempt():
            withdraw(actor=current(), holder=_holder(found, citation.part), citation=citation)
    except NotFound:
        abort(404)
    except DomainError as refused:
        flash(refused.message, "problem")
    else:
        flash("Taken back")
    return see_other(_address(found, citation.part, "write"))


def _found(reference: str, section: str) -> Found:
    found = find(reference)
    if section not in {one.code for one in found.tool.sections_of(screening=found.screening)}:
        abort(404)
    return found


def _holder(found: Found, section: str) -> Holder:
    return section_of(assessment=found.assessment, case=found.record, section=section)


def _address(found: Found, section: str, view: str, entry_id: UUID | None = None) -> str:
    named: dict[str, Any] = {"entry_id": entry_id} if entry_id else {}
    return url_for(f"assessments.{view}", reference=found.assessment.reference, section=section, **named)


def _around(found: Found, section: str) -> dict[str, Any]:
    return {"where": f"{found.tool.sections[section].label}, {found.assessment.reference}"}
