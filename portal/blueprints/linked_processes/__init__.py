"""Processes of other services beside a case: what runs, what is owed on it by when, and how it ended.

The blueprint of linked processes: those beside a case, the page of one, and what its views share.
"""

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.blueprints.cases import page_context, record_of, view_case
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case
from portal.records.cases.presenter import age_words
from portal.records.entries.reading import case_page
from portal.records.linked_processes import facts
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.beginning import case_facts
from portal.records.linked_processes.forms import NoteForm
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.outcomes import not_begun
from portal.records.linked_processes.policy import LinkedKind
from portal.records.linked_processes.steps import add_note, require_to_step, step_facts
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.web.page import render
from portal.web.steps import Link, take

blueprint = Blueprint("linked_processes", __name__)


def find_process(reference: str) -> LinkedProcess:
    """The process of an address; for everybody who may not see it there is none."""
    return linked.find_process(reference=reference) or abort(404)


def to_step(reference: str) -> LinkedProcess:
    """The same for whoever says how it goes.

    Raises:
        Forbidden: the person only reads it.
    """
    process = find_process(reference)
    require_to_step(current(), process)
    return process


def case_of(process: LinkedProcess) -> Case:
    """The case that a process runs beside."""
    details = linked.details_of(process=process) or abort(404)
    return record_of(details.case_reference)


def address(process: LinkedProcess) -> str:
    """Its page."""
    return url_for("linked_processes.show", reference=process.reference)


def page_of(process: LinkedProcess, verb: str = "linked:view") -> dict[str, Any]:
    """What every page of a process shows: the case, the child, what it is and where it stands."""
    details = linked.details_of(process=process) or abort(404)
    case = view_case(details.case_reference, action=verb, process=process.reference)
    line = linked_words.line(details)
    return {
        **page_context(case),
        "caption": f"{case.given_name} {case.family_name}, {process.reference}",
        "back": Link(address(process), line.label),
        "process": process,
        "details": details,
        "line": line,
        "rule": facts.kind_of(process.kind),
        "born": age_words(case),
    }


def may_step(process: LinkedProcess, case: Any) -> bool:
    """Whether the person may say how a process goes, while it runs."""
    person = current()
    if process.state != LinkedState.RUNNING:
        return False
    if process.personal:
        return permitted(person, "linked:personal", Facts(owner=process.owner_id == person.user_id))
    return permitted(person, "linked:step", step_facts(person, process, case))


def may_begin(case: Any, rules: Any) -> list[LinkedKind]:
    """The kinds that the person may record on a case that is open."""
    rules = list(rules)
    if not rules or case.state not in OPEN_CASE_STATES:
        return []
    person = current()
    of_case = case_facts(person, case)
    found = []
    for rule in rules:
        keeps = person.sector in rule.keepers
        facts = Facts(owner=keeps) if rule.personal else replace(of_case, own_agency=keeps)
        if permitted(person, "linked:personal" if rule.personal else "linked:begin", facts):
            found.append(rule)
    return found


def wanted_alert(case_id: Any, kinds: Any) -> linked_words.Wanted | None:
    """The alert that the processes of a case ask for and that does not stand yet."""
    return linked_words.alert_wanted(kinds, case_page.alerts(case_id=case_id))


@blueprint.get("/cases/<reference>/linked")
@allow("linked:list", shows="case")
def of_case(reference: str) -> ResponseReturnValue:
    """Every process of another service beside a case, those that run first."""
    case = view_case(reference, action="linked:list")
    page = page_context(case)
    lines = [linked_words.line(row) for row in linked.of_case(case_id=case.id)]
    kinds = [one["kind"] for one in case.linked or ()]
    return render(
        "linked_processes/of_case.html",
        **page,
        running=[one for one in lines if one.running],
        over=[one for one in lines if not one.running],
        may_begin=bool(may_begin(case, linked_words.offered(page["policy"]))),
        wanted_alert=linked_words.alert_wanted(kinds, page["alerts"]),
        wide=True,
    )


@blueprint.get("/linked/<reference>")
@allow("linked:view", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """What a process is, what is owed on it, and what happened."""
    return render("linked_processes/show.html", **_shown(find_process(reference)), note_form=NoteForm())


@blueprint.post("/linked/<reference>/note")
@allow("linked:note", shows="case")
def note(reference: str) -> ResponseReturnValue:
    """Write how it goes."""
    process, form = find_process(reference), NoteForm()
    return take(
        form,
        lambda: add_note(actor=current(), process=process, words=form.said("words")),
        template="linked_processes/show.html",
        page=lambda: _shown(process),
        to=url_for("linked_processes.show", reference=process.reference, _anchor="history"),
        done="Your note on the process was added",
        note_form=form,
    )


def _shown(process: LinkedProcess) -> dict[str, Any]:
    page = page_of(process)
    steps = linked_words.steps(linked.steps_of(process_id=process.id), process.kind, page["case"].authority)
    rule, runs = page["rule"], process.state == LinkedState.RUNNING
    outcome = rule.outcomes.get(process.outcome) if rule else None
    begun = linked.began_with(process_id=process.id) if outcome and outcome.begins else ()
    follows = (
        linked_words.kinds_of(outcome.opens) + not_begun(process=process, begun=begun) if outcome else []
    )
    return {
        **page,
        "open_steps": [one for one in steps if one.state is LinkedStepState.OPEN],
        "taken_steps": [one for one in steps if one.state is not LinkedStepState.OPEN],
        "history": linked_words.history(linked.notes_of(process_id=process.id)),
        "may_step": may_step(process, page["case"]),
        "is_running": runs,
        "came_from": linked_words.label_of(page["details"].came_from_kind or ""),
        "began": linked_words.begun_with(begun),
        "next_kinds": may_begin(page["case"], follows),
        "wanted_alert": linked_words.alert_wanted([process.kind], page["alerts"]) if runs else None,
    }
