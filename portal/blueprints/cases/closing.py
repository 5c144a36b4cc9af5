"""A case ends, as its last meeting decided or by two people, is reopened, and is handed over: hand-overs
are begun, saved as they are typed, finalised, printed, and taken as a file.
"""

import json
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require, require_on
from portal.access.principal import current
from portal.blueprints.cases import address, blueprint, facts, on_case, page_context, record_of, view_case
from portal.changes.errors import Conflict, DomainError
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.assessments.lifecycle import lead_facts
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.closing import ending, forms, hand_overs
from portal.records.closing import reading as closings
from portal.records.closing.checks import Standing, close_facts, closure_of, standing
from portal.records.closing.document import hand_over as hand_over_document
from portal.records.closing.effects import former_teams, reopen_case
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.presenter import (
    actions_in_words,
    differences,
    end_words,
    ground_words,
    level_words,
    not_ready,
    reopened,
)
from portal.records.closing.vocabulary import ClosureKind, HandOverKind
from portal.records.disclosures.presenter import send
from portal.records.entries.reading import case_page
from portal.records.linked_processes.presenter import of_head
from portal.web.fields import Choice
from portal.web.held_words import check_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other


@blueprint.route("/<reference>/end/<any(closed, transferred):kind>", methods=["GET", "POST"])
@allow("case:close", shows="case")
def end(reference: str, kind: str) -> ResponseReturnValue:
    """Close or transfer a case: what stands in the way, or what has to be said."""
    record = require_on("case:close", record_of(reference), close_facts)
    case, how = view_case(reference), ClosureKind(kind)
    found = standing(record)
    form = _form(case, record, how, found)
    if record.state not in OPEN_CASE_STATES:
        form.take_as_sent()
    return on_case.take(
        record,
        form,
        lambda **given: ending.end_case(ending=_ending(form, how), **given),
        template="cases/end.html",
        page=lambda: _end_page(case, record, how, found),
        done=end_words,
    )


@blueprint.route("/<reference>/end/asked", methods=["GET", "POST"])
@allow("case:agree_to_close", shows="case")
def end_asked(reference: str) -> ResponseReturnValue:
    """What waits for a second person; who may not agree reads it, and whoever asked takes it back here."""
    record = record_of(reference)
    case, closure = view_case(reference), _waiting(record)
    form = forms.AnswerEndForm()
    return on_case.take(
        record,
        form,
        partial(ending.refuse_to_end, closure=closure, reason=form.said("reason")),
        template="cases/end_asked.html",
        page=lambda: _asked_page(case, record, closure),
        done="The case goes on",
    )


@blueprint.post("/<reference>/end/agree")
@allow("case:agree_to_close", shows="case")
def agree_end(reference: str) -> ResponseReturnValue:
    """Agree, as the second person, that a case ends."""
    record = record_of(reference)
    require(current(), "case:agree_to_close", ending.second_facts(current(), record))
    case, closure = view_case(reference), closure_of(record)
    if closure is None or closure.closed_at is not None:
        return see_other(address(record), done="Nobody asks any more that this case end")
    try:
        with attempt():
            ending.agree_to_end(actor=current(), case=record, closure=closure)
    except DomainError as refused:
        page = _asked_page(case, record, closure)
        return render(
            "cases/end_asked.html", **page, form=forms.AnswerEndForm(formdata=None), problem=refused
        )
    return see_other(address(record), done=end_words(closure))


def _end_page(case: Any, record: Case, how: ClosureKind, found: Standing) -> dict[str, Any]:
    page = page_context(case)
    return page | {
        "how": how,
        "found": found,
        "level": level_words(found),
        "lower": [one.code for one in page["policy"].of(Closing).reasons_for(how) if one.says_lower],
        "waits": closure_of(record) is not None,
        "ended": record.state not in OPEN_CASE_STATES,
        "ground": ground_words(how, found),
        "first": not_ready(record, how, found),
        "linked": of_head(case),
    }


def _asked_page(case: Any, record: Case, closure: CaseClosure) -> dict[str, Any]:
    asked_it = closure.asked_by == current().user_id
    may = permitted(current(), "case:agree_to_close", ending.second_facts(current(), record))
    page = page_context(case)
    return page | {
        "closure": closure,
        "undone": standing(record).undone,
        "reasons": page["policy"].of(Closing).reasons,
        "how": ClosureKind(closure.kind),
        "left_over": actions_in_words(record, closure),
        "asked_it": asked_it,
        "may": may and not asked_it,
    }


def _waiting(record: Case) -> CaseClosure:
    closure = closure_of(record)
    if closure is None or closure.closed_at is not None:
        abort(404)
    return closure


def _form(case: Any, record: Case, kind: ClosureKind, found: Standing) -> forms.EndForm:
    shape = forms.end_form([(one.id, one.what) for one in found.actions])
    policy = page_context(case)["policy"]
    return shape.of(kind, policy.of(Closing), _people(case), {"version": str(record.version)})


def _people(case: Any) -> list[tuple[str, str]]:
    """Who could follow up: the workers of the teams on the case."""
    network = case_page.network(case=case)
    return [(str(one.worker_id), f"{one.worker}, {one.agency}") for one in network if one.worker_id]


def _ending(form: forms.EndForm, kind: ClosureKind) -> ending.Ending:
    chosen = form.said("follow_up")
    return ending.Ending(
        kind=kind,
        reason=form.said("reason"),
        words=form.said("words"),
        follow_up=ending.FollowUp(
            person=case_records.find_person(user_id=UUID(chosen)) if chosen else None,
            name=form.said("follow_up_name"),
            agency=form.said("follow_up_agency"),
            contact=form.said("follow_up_contact"),
        ),
        reopen_if=form.said("reopen_if"),
        minutes_reason=form.said("minutes_reason"),
        level_reason=form.said("level_reason"),
        undone_reason=form.said("undone_reason"),
        actions={one: ending.Settled(becomes, words) for one, (becomes, words) in form.settled().items()},
    )


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("case:reopen", shows="case")
def reopen(reference: str) -> ResponseReturnValue:
    """Reopen a case: what is new, and which teams it needs again."""
    record = require_on("case:reopen", record_of(reference), lead_facts)
    case = view_case(reference)
    may_bring = permitted(current(), "involvement:add", facts(record))
    teams = {str(team.id): (team, reads) for team, reads in former_teams(record)} if may_bring else {}
    still_reading = [one for one, (_, reads) in teams.items() if reads]
    form = forms.ReopenForm.opened(record, teams=still_reading)
    is_open = record.state in OPEN_CASE_STATES
    # Somebody was quicker: what was chosen on a page of before is no fault of whoever sends it.
    chosen = [Choice(one, one) for one in form.teams.data or ()] if is_open else []
    form.offer("teams", chosen or [Choice(one, team.name) for one, (team, _) in teams.items()])
    return on_case.take(
        record,
        form,
        lambda **given: reopen_case(
            reason=form.said("reason"),
            teams=[teams[one][0] for one in form.teams.data or () if one in teams],
            **given,
        ),
        template="cases/reopen.html",
        page=lambda: page_context(case) | _stands(record, case),
        done="The case is open again. It has to be assessed",
        teams=teams,
    )


def _stands(record: Case, case: Any) -> dict[str, Any]:
    """Whether the case is open, and who reopened it: somebody may have been quicker."""
    return {"is_open": record.state in OPEN_CASE_STATES, "reopened": reopened(case)}


_AT = "/<reference>/hand-over/<any(transfer, transition):kind>"


@blueprint.get(_AT)
@allow("handover:view", shows="case")
def hand_over(reference: str, kind: str) -> ResponseReturnValue:
    """What is handed over: to write in, or to read."""
    record, what = record_of(reference), HandOverKind(kind)
    written = hand_overs.being_written(record, what)
    form = _hand_over(record, written) if written is not None else None
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
    form = _hand_over(record, written)
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
    form = _hand_over(record, written)
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


def _hand_over(record: Case, written: HandOver) -> forms.HandOverForm:
    kind = HandOverKind(written.kind)
    shape = forms.hand_over_form(hand_overs.policy_for(written, record).of(Closing), kind)
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


def _save(record: Case, written: HandOver, form: forms.HandOverForm, *, over: bool = False) -> int:
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
    form: forms.HandOverForm | None,
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
