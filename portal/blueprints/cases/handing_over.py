"""Hand-overs: begun, saved as they are typed, finalised, printed, and taken as a file."""

import json
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require_on
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint, page_context, record_of, view_case
from portal.changes.errors import Conflict, DomainError
from portal.records.assessments.lifecycle import lead_facts
from portal.records.cases.model import Case
from portal.records.closing import hand_overs
from portal.records.closing import reading as closings
from portal.records.closing.document import hand_over as hand_over_document
from portal.records.closing.forms import HandOverForm, hand_over_form
from portal.records.closing.model import HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.presenter import differences
from portal.records.closing.vocabulary import HandOverKind
from portal.records.disclosures.presenter import send
from portal.web.held_words import check_words
from portal.web.page import render, see_other
from portal.web.transaction import attempt

_AT = "/<reference>/hand-over/<any(transfer, transition):kind>"


@blueprint.get(_AT)
@allow("handover:view", shows="case")
def hand_over(reference: str, kind: str) -> ResponseReturnValue:
    """What is handed over: to write in, or to read."""
    record, what = record_of(reference), HandOverKind(kind)
    written = hand_overs.being_written(record, what)
    form = _form(record, written) if written is not None else None
    return _page(record, what, written, form)


@blueprint.post(_AT + "/begin")
@allow("handover:write", shows="case")
def begin_handing_over(reference: str, kind: str) -> ResponseReturnValue:
    """Begin a hand-over; one that is being written is gone on with."""
    record, what = _writing(reference), HandOverKind(kind)
    try:
        with attempt():
            hand_overs.begin_hand_over(actor=current(), case=record, kind=what)
    except DomainError as refused:
        return _page(record, what, None, None, problem=refused)
    return see_other(_address(record, what))


@blueprint.post(_AT + "/keep")
@allow("handover:write", shows="case")
def keep_hand_over(reference: str, kind: str) -> ResponseReturnValue:
    """Save what was typed; or save it and finalise, after which it stands."""
    record, what = _writing(reference), HandOverKind(kind)
    written = hand_overs.being_written(record, what)
    if written is None:
        return _page(record, what, None, None, problem=DomainError("Begin the hand-over first"))
    form = _form(record, written)
    if not form.validate_on_submit():
        return _page(record, what, written, form)
    try:
        check_words(form)
        with attempt():
            _save(record, written, form, over="seen" in request.form)
            if "finalise" in request.form:
                hand_overs.finalise_hand_over(
                    actor=current(), case=record, hand_over=written, version=written.version
                )
    except DomainError as refused:
        form.version.data = str(written.version)
        return _page(record, what, written, form, problem=refused)
    return see_other(
        _address(record, what),
        done="Finalised. It stands as it is now" if "finalise" in request.form else "Saved",
    )


@blueprint.post(_AT + "/save")
@allow("handover:write", background=True)
def save_handing_over(reference: str, kind: str) -> ResponseReturnValue:
    """Save what is being typed. Where somebody else wrote in the same place, both are shown."""
    record, what = _writing(reference), HandOverKind(kind)
    written = hand_overs.being_written(record, what)
    both: dict[str, Any] = {"case": record, "kind": what, "gone": written is None}
    if written is None:
        return make_response(render_template("cases/hand_over_clash.html", **both), 409)
    form = _form(record, written)
    try:
        with attempt():
            now = _save(record, written, form)
    except Conflict as clash:
        both |= {"differences": differences(form, clash.versions), "version": written.version}
        return make_response(render_template("cases/hand_over_clash.html", **both), 409)
    if now > form.seen_version + 1:  # somebody else wrote elsewhere in it: this page does not show that
        return make_response(render_template("cases/hand_over_clash.html", **both), 409)
    return Response(status=204, headers={"X-Version": str(now)})


@blueprint.get(_AT + "/print")
@allow("handover:view", shows="case", releases="print")
def print_hand_over(reference: str, kind: str) -> ResponseReturnValue:
    """The last hand-over on paper, for the service that takes over."""
    record, what = record_of(reference), HandOverKind(kind)
    case = view_case(reference, action="handover:print", kind=kind)
    papers = closings.hand_overs(case=record, kind=what)
    if not papers:
        return _page(record, what, None, None)
    return render(
        "cases/hand_over_print.html", **page_context(case), paper=papers[0], kind=what, printing=True
    )


def _writing(reference: str) -> Case:
    return require_on("handover:write", record_of(reference), lead_facts)


def _form(record: Case, written: HandOver) -> HandOverForm:
    kind = HandOverKind(written.kind)
    shape = hand_over_form(hand_overs.policy_for(written, record).of(Closing), kind)
    words = hand_overs.HandOverWords.of(written)
    return shape(
        data={
            **words.answers,
            "service": words.service,
            "person": words.person,
            "contact": words.contact,
            "meets_on": words.meets_on,
            "version": str(written.version),
            "base": json.dumps(words.by_field()),
        }
    )


def _save(record: Case, written: HandOver, form: HandOverForm, *, over: bool = False) -> int:
    words = hand_overs.HandOverWords(
        service=form.said("service"),
        person=form.said("person"),
        contact=form.said("contact"),
        meets_on=form.meets_on.data,
        answers={code: form.said(code) for code in form.sections},
    )
    return hand_overs.save_hand_over(
        actor=current(),
        case=record,
        hand_over=written,
        words=words,
        version=form.seen_version,
        base=_base(form.said("base")),
        over=over,
    )


def _base(typed: str) -> dict[str, str]:
    """What the page was opened with; a page that does not say so has typed everything."""
    try:
        found = json.loads(typed)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _address(record: Case, kind: HandOverKind) -> str:
    return url_for("cases.hand_over", reference=record.reference, kind=kind.value)


def _page(
    record: Case,
    kind: HandOverKind,
    written: HandOver | None,
    form: HandOverForm | None,
    *,
    problem: DomainError | None = None,
) -> Response:
    case = view_case(record.reference, action="handover:view", kind=kind.value)
    person, leads = current(), lead_facts(current(), record)
    versions = getattr(problem, "versions", None)
    papers = closings.hand_overs(case=record, kind=kind)
    writes = written is not None and permitted(person, "handover:write", leads)
    return render(
        "cases/hand_over.html",
        **page_context(case),
        form=form,
        problem=problem,
        kind=kind,
        written=written,
        differences=differences(form, versions) if form is not None and versions else (),
        papers=papers,
        read=papers[1:] if writes else papers,
        may_write=permitted(person, "handover:write", leads),
        may_finalise=permitted(person, "handover:finalise", leads),
    )


@blueprint.get("/<reference>/hand-over/<any(transfer, transition):kind>/pdf")
@allow("handover:view", shows="case", releases="export")
def download_hand_over(reference: str, kind: str) -> ResponseReturnValue:
    """The PDF of the last hand-over that is finalised; one that is still written has none."""
    papers = closings.hand_overs(case=record_of(reference), kind=HandOverKind(kind))
    paper = next((one for one in papers if one.finalised_at), None) or abort(404)
    page = page_context(view_case(reference, action="handover:download", kind=kind))
    made = hand_over_document(paper=paper, case=page["case"], policy=page["policy"], alerts=page["alerts"])
    return send(made)
