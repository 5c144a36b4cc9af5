"""The blueprint of linked processes, and what its views share: one found for whoever reads its case."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, url_for

from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.blueprints.cases.blueprint import page_context, record_of, view_case
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case
from portal.records.cases.presenter import age_words
from portal.records.entries.reading import case_page
from portal.records.linked_processes import facts
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.beginning import case_facts
from portal.records.linked_processes.holding import require_to_step, step_facts
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.policy import LinkedKind
from portal.records.linked_processes.vocabulary import LinkedState
from portal.web.steps import Link

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
