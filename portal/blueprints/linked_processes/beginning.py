"""Recording that a process of another service has begun."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look, record_of
from portal.blueprints.linked_processes.blueprint import blueprint
from portal.blueprints.linked_processes.looking import address, find, may_begin, wanted_alert
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.reading import case_page
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.beginning import Begun, begin, require_to_begin
from portal.records.linked_processes.forms import BeginForm
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.policy import LinkedKind, LinkedProcesses
from portal.records.linked_processes.rules import initiating
from portal.records.people.model import Team, User
from portal.records.people.reading import agencies
from portal.services.errors import DomainError
from portal.vocabulary import Sensitivity
from portal.web.due_sources import figure_words
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import carry_out


@blueprint.get("/cases/<reference>/linked/new")
@allow("linked:list", shows="case")
def choose(reference: str) -> ResponseReturnValue:
    """What has begun: the kinds that this person may record."""
    page = around(look(reference))
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
        **around(look(reference)),
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
    found = find(named)
    return found if found.case_id == record.id else abort(404)


def _form(rule: LinkedKind, record: Case, source: LinkedProcess | None) -> BeginForm:
    form = BeginForm()
    statuses = current_policy(record.authority).people.statuses
    form.suit(rule, [(code, statuses.label(code)) for code in rule.statuses])
    if form.owner:
        form.offer("owner", owners(record), prompt=True)
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


def _said(form: BeginForm, rule: LinkedKind, source: LinkedProcess | None) -> Begun:
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
        flash("Recorded. Now put the alert on the case, so that nobody contacts the family")
        return see_other(url_for("cases.new_alert", reference=record.reference, kind=alert.kind))
    flash("Recorded")
    return see_other(address(process))
