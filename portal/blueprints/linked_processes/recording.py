"""What is said of a process of another service: that it began, its steps, who sees to it, how it ended."""

from functools import partial
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.cases import page_context, record_of, view_case
from portal.blueprints.linked_processes import (
    address,
    blueprint,
    case_of,
    find_process,
    may_begin,
    page_of,
    to_step,
    wanted_alert,
)
from portal.changes.errors import DomainError
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.reading import case_page
from portal.records.linked_processes import facts, forms, outcomes, steps
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.beginning import Begun, begin, require_to_begin, rule_of
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses
from portal.records.linked_processes.rules import initiating
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.records.people.model import Team, User
from portal.records.people.reading import agencies
from portal.vocabulary import Sensitivity
from portal.web.due_presenter import figure_words
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import StepsOn, Words, carry_out, take

_on_process = StepsOn[LinkedProcess](lambda process: {"process": process}, page=page_of, to=address)


@blueprint.get("/cases/<reference>/linked/new")
@allow("linked:list", shows="case")
def choose(reference: str) -> ResponseReturnValue:
    """What has begun: the kinds that this person may record."""
    page = page_context(view_case(reference))
    kinds = may_begin(page["case"], linked_words.offered(page["policy"]))
    return render("linked_processes/choose.html", **page, kinds=kinds)


@blueprint.route("/cases/<reference>/linked/new/<kind>", methods=["GET", "POST"])
@allow("linked:begin", shows="case")
def begin_process(reference: str, kind: str) -> ResponseReturnValue:
    """The form for one kind, and recording it."""
    record = record_of(reference)
    rule = current_policy(record.authority).of(LinkedProcesses).processes.get(kind) or abort(404)
    require_to_begin(current(), record, rule)
    source = _source(record)
    form = _form(rule, record, source)
    step = carry_out(
        form, lambda: begin(actor=current(), case=record, said=_said(form, rule, source), once=form.nonce)
    )
    if step.done:
        return _go_on(record, step.result, rule)
    return render(
        "linked_processes/begin.html",
        **page_context(view_case(reference)),
        form=form,
        problem=step.problem,
        rule=rule,
        source=source,
        figure_words=figure_words,
    )


def _source(record: Case) -> LinkedProcess | None:
    """The process that led to this one, from the address; one on another case is answered like none."""
    named = request.args.get("from")
    if not named:
        return None
    found = find_process(named)
    return found if found.case_id == record.id else abort(404)


def _form(rule: LinkedKind, record: Case, source: LinkedProcess | None) -> forms.BeginForm:
    form = forms.BeginForm()
    statuses = current_policy(record.authority).people.statuses
    form.suit(rule, [(code, statuses.label(code)) for code in rule.statuses])
    if form.owner:
        form.offer("owner", owners(record))
    if not form.is_submitted() and source is not None:
        ended = source.ended_at or source.started_at
        start = (
            initiating(linked.discussions_held(case_id=record.id), source.started_at)
            if rule.counted_from
            else ended
        )
        form.start_from(start)
    return form


def owners(case: Case) -> list[Choice]:
    """Who can see to a process: on a closely held case the people who are named, else teams and workers."""
    people: dict[str, str] = {f"person:{current().user_id}": f"{current().name} (you)"}
    found: dict[str, str] = {}
    if case.sensitivity == Sensitivity.NORMAL:
        for row in case_page.network(case=case):
            if row.worker_id:
                people.setdefault(f"person:{row.worker_id}", f"{row.worker}, {row.agency}")
            found[f"team:{row.team_id}"] = f"Team: {row.team}, {row.agency}"
    for row in case_page.grants(case_id=case.id):
        people.setdefault(f"person:{row.user_id}", f"{row.name}, {row.agency}")
    return [Choice(value, label) for value, label in (people | found).items()]


def chosen_owner(typed: str) -> User | Team | None:
    """The person or team that was chosen.

    Raises:
        DomainError: nobody in use was.
    """
    kind, _, value = typed.partition(":")
    if not value:
        return None
    if kind == "person":
        owner: User | Team | None = case_records.find_person(user_id=UUID(value))
    else:
        owner = next(iter(agencies.find_teams(ids=[UUID(value)])), None)
    if owner is None:
        raise DomainError("Choose a person or team that is in use", field="owner")
    return owner


def _said(form: forms.BeginForm, rule: LinkedKind, source: LinkedProcess | None) -> Begun:
    return Begun(
        kind=rule.code,
        started_at=form.began,
        words=form.said("words"),
        their_reference=form.said("their_reference"),
        status=form.said("status") or None if form.status else None,
        owner=chosen_owner(form.said("owner")) if form.owner else None,
        came_from=source,
    )


def _go_on(record: Case, process: LinkedProcess, rule: LinkedKind) -> ResponseReturnValue:
    """To the process; or first to the alert that it asks for, where none stands yet."""
    if alert := wanted_alert(record.id, [rule.code]):
        return see_other(
            url_for("cases.new_alert", reference=record.reference, kind=alert.kind),
            done="Recorded. Now put the alert on the case, so that nobody contacts the family",
        )
    return see_other(address(process), done="The process was recorded")


@blueprint.route("/linked/<reference>/steps/<uuid:step_id>", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def taken(reference: str, step_id: UUID) -> ResponseReturnValue:
    """Say that a step was taken, when, and what came of it."""
    process, step = _found(reference, step_id)
    rule = rule_of(process.kind)
    asked = rule.steps[step.kind]
    form = forms.TakenForm.opened(process, their_reference=process.their_reference)
    form.suit(rule, asked, current_policy(case_of(process).authority), step.due_at)
    return take(
        form,
        lambda: outcomes.take_step(
            actor=current(), process=process, step=step, said=form.taken, version=form.seen_version
        ),
        says=Words(heading=asked.label, above="linked_processes/_due.html"),
        page=lambda: page_of(process),
        to=address(process),
        done=lambda _: _saved(process),
        owed=step,
    )


@blueprint.route("/linked/<reference>/steps/<uuid:step_id>/not-needed", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def step_not_needed(reference: str, step_id: UUID) -> ResponseReturnValue:
    """Say that a step is not needed, and why."""
    process, step = _found(reference, step_id)
    form = forms.WhyForm.opened(process)
    return _on_process.take(
        process,
        form,
        partial(outcomes.not_needed, step=step, reason=form.said("words")),
        Words(
            heading=f"Not needed: {facts.step_label(process.kind, step.kind)}",
            above="linked_processes/_standing.html",
        ),
    )


def _found(reference: str, step_id: UUID) -> tuple[LinkedProcess, LinkedStep]:
    """A step that is still owed; one that was recorded meanwhile is answered by the page of its process, but
    for what somebody else sends: that is shown beside what was recorded.
    """
    process = to_step(reference)
    step = linked.find_step(process=process, step_id=step_id) or abort(404)
    if step.state != LinkedStepState.OPEN and (
        request.method != "POST" or step.recorded_by == current().user_id
    ):
        flash("This was recorded already", "problem")
        abort(see_other(address(process)))
    return process, step


def _saved(process: LinkedProcess) -> str:
    ended = process.state == LinkedState.ENDED
    outcome = rule_of(process.kind).outcomes.get(process.outcome) if ended else None
    begun = linked.began_with(process_id=process.id) if outcome and outcome.begins else ()
    return linked_words.saved(
        begun,
        leads_on=bool(outcome and outcome.opens),
        not_begun=outcomes.not_begun(process=process, begun=begun) if ended else (),
        is_open=case_of(process).state in OPEN_CASE_STATES,
    )


#: Above each form: what it is and who sees to it now.
_STANDING = "linked_processes/_standing.html"


@blueprint.route("/linked/<reference>/reference", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def their_reference(reference: str) -> ResponseReturnValue:
    """Say the reference that it has in the other service."""
    process = to_step(reference)
    form = forms.ReferenceForm.opened(process, their_reference=process.their_reference)
    return _on_process.take(
        process,
        form,
        partial(steps.set_reference, reference=form.said("their_reference")),
        Words(heading=rule_of(process.kind).reference, above=_STANDING),
    )


@blueprint.route("/linked/<reference>/owner", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def owner(reference: str) -> ResponseReturnValue:
    """Let somebody else see to it."""
    process = to_step(reference)
    form = forms.OwnerForm.opened(process)
    form.offer("owner", owners(case_of(process)))
    return _on_process.take(
        process,
        form,
        lambda **given: steps.hand_over(owner=_chosen(form), reason=form.said("words"), **given),
        Words(heading="Who sees to it", above=_STANDING),
    )


@blueprint.route("/linked/<reference>/end", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def end_process(reference: str) -> ResponseReturnValue:
    """Say how it ended."""
    process = to_step(reference)
    form = forms.EndForm.opened(process)
    form.suit(rule_of(process.kind))
    return _on_process.take(
        process,
        form,
        lambda **given: outcomes.end(
            outcome=form.said("outcome"), words=form.said("words"), ended_at=form.ended, **given
        ),
        Words(heading="It has ended", above=_STANDING),
        done=lambda _: _saved(process),
    )


@blueprint.route("/linked/<reference>/mistake", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def mistake(reference: str) -> ResponseReturnValue:
    """Say that it was recorded by mistake. It stays to be read."""
    process = to_step(reference)
    form = forms.WhyForm.opened(process)
    return _on_process.take(
        process,
        form,
        partial(outcomes.take_back, reason=form.said("words")),
        Words(heading="It was recorded by mistake", above=_STANDING),
    )


def _chosen(form: forms.OwnerForm) -> User | Team:
    chosen = chosen_owner(form.said("owner"))
    if chosen is None:
        raise DomainError("Choose who sees to it", field="owner")
    return chosen
