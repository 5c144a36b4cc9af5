"""Taking a named person off a case: what they own on it is listed first, and goes to one who reads it."""

from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint, facts, on_case, record_of
from portal.changes.errors import DomainError
from portal.pages.held_work.handing import take_off
from portal.pages.held_work.presenter import owned_words
from portal.pages.held_work.reading import Owned, owned_on
from portal.pathway.characters import identifier
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.cases.forms import TakeOffForm
from portal.records.cases.grants import reads_without_name
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.cases.vocabulary import GrantKind
from portal.records.entries.reading import case_page
from portal.records.linked_processes.facts import refuse_who_owes
from portal.web.fields import Choice
from portal.web.steps import Words


@blueprint.route("/<reference>/named/<uuid:grant_id>/end", methods=["GET", "POST"])
@allow("grant:add", shows="case")
def unname_somebody(reference: str, grant_id: UUID) -> ResponseReturnValue:
    """Take a person off; it may be oneself."""
    record = record_of(reference)
    require(current(), "grant:add", facts(record))
    named = [one for one in case_page.grants(case_id=record.id) if one.kind == GrantKind.NAMED]
    person = next((one for one in named if one.id == grant_id), None) or abort(404)
    reads = reads_without_name(record, person.user_id)
    owned = [] if reads else owned_on(case_id=record.id, person_id=person.user_id)
    form = _form(named, person, owned)
    return on_case.take(
        record,
        form,
        lambda **given: take_off(grant_id=grant_id, to=_chosen(form), reason=_reason(form), **given),
        _words(person, owned, kept="" if reads else _kept(record, person), reads=reads),
        to=_after(reference, person),
        done=f"{person.name} is no longer named on the case",
        owned=owned_words(owned, current_policy(record.authority)),
    )


def _after(reference: str, person: Any) -> str:
    """The list of cases for whoever took themselves off; else the page that they came from."""
    if person.user_id == current().user_id:
        return url_for("cases.index")
    return url_for("cases.manage", reference=reference, _anchor="named")


def _form(named: Rows | list[Any], person: Any, owned: list[Owned]) -> TakeOffForm:
    """The form; it asks who takes over only where there is something to be taken over."""
    form = TakeOffForm()
    if not owned:
        form.ask_nothing()
        return form
    people = {} if person.user_id == current().user_id else {current().user_id: f"{current().name} (you)"}
    for one in named:
        if one.user_id != person.user_id:
            people.setdefault(one.user_id, f"{one.name}, {one.agency}")
    form.offer("take_over", [Choice(str(key), label) for key, label in people.items()])
    return form


def _chosen(form: TakeOffForm) -> Any:
    chosen = identifier(form.said("take_over")) if "take_over" in form else None
    return case_records.find_person(user_id=chosen) if chosen else None


def _reason(form: TakeOffForm) -> str:
    return form.said("reason") if "reason" in form else ""


def _kept(record: Case, person: Any) -> str:
    """Why the person cannot be taken off now, where they owe what nobody else can do."""
    try:
        refuse_who_owes(record, [person.user_id])
    except DomainError as owes:
        return f"{owes.message}."
    return ""


def _words(person: Any, owned: list[Owned], *, kept: str, reads: bool) -> Words:
    after = "still reads the case through their team" if reads else "can then no longer read the case"
    return Words(
        heading=f"Take {person.name} off the case",
        lead=() if kept else [f"{person.name} {after}."],
        above="cases/_owned.html" if owned else "",
        button=f"Take {person.name} off",
        warns=True,
        nothing=kept,
    )
