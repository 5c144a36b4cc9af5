"""How closely a case is held, who is named on it, and who asks for access; and who may read an entry, its
kind and its day, put right.
"""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Forbidden, permitted, require
from portal.access.principal import Principal, current
from portal.blueprints.cases import (
    address,
    blueprint,
    facts,
    on_case,
    own_entry,
    page_context,
    record_of,
    reference_of,
    verbs,
    view_case,
)
from portal.changes.errors import NotFound
from portal.messages.choices import numbers_instead
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.cases import presenter, sensitivity
from portal.records.cases.forms import AnswerAccessForm, AskAccessForm, NameForm, SensitivityForm
from portal.records.cases.grants import answer_access, ask_for_access, name_person
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.reading import records as case_records
from portal.records.cases.vocabulary import GrantKind
from portal.records.entries.adding import agencies_on
from portal.records.entries.correcting import EntryFacts, other_kinds, put_right
from portal.records.entries.forms import ReadersForm
from portal.records.entries.policy import entry_label
from portal.records.entries.presenter.words import entry_page
from portal.records.entries.reading import case_page
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.missing.facts import talks_unheld
from portal.records.missing.presenter.running import Search
from portal.records.missing.telling import closing_off
from portal.records.people.agencies import teams_at
from portal.records.people.model import User
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.referrals.facts import forms_owed
from portal.records.referrals.presenter import came_words
from portal.vocabulary import Desk, Sensitivity
from portal.web.choices import choices, identifiers
from portal.web.page import render, see_other
from portal.web.steps import Words, carry_out, take


@blueprint.route("/<reference>/sensitivity", methods=["GET", "POST"])
@allow("case:view", shows="case")
def change_sensitivity(reference: str) -> ResponseReturnValue:
    """Hold a case more closely at once, or ask that it be held less closely."""
    record = record_of(reference)
    may_raise = permitted(current(), "sensitivity:raise", facts(record))
    may_lower = permitted(current(), "sensitivity:lower")
    if not (may_raise or may_lower):
        raise Forbidden("A coordinator or the lead professional changes how closely a case is held.")
    case = view_case(reference)
    reading_on = case_page.grants(case_id=case.id)
    named = [one for one in reading_on if one.kind == GrantKind.NAMED]
    search = Search(closing_off(case=record))
    desk = case_records.practising_in(teams=teams_at(Desk.MISSING)) if search.police else []
    form = SensitivityForm.of(
        Sensitivity(record.sensitivity), record.version, may_raise, may_lower, _people(case, named, desk)
    )
    _ask_of_search(form, search, desk, reading_on)
    return take(
        form,
        lambda: _change(record, form),
        template="cases/sensitivity.html",
        page=lambda: page_context(case),
        to=lambda _: (
            address(case) if case_records.find_case(reference=case.reference) else url_for("cases.index")
        ),
        done=lambda mine: (
            "Asked. A second person has to agree before anything changes"
            if mine is None
            else f"{case.reference} is now {form.chosen.label.lower()}{search.done(form.chosen)}"
            f"{_talks_unheld(case, form.chosen)}{f'. {mine}' if mine else ''}"
        ),
        search=search,
        now_held=Sensitivity(case.sensitivity).label,
        reading_on=reading_on,
        grant_label=presenter.grant_label,
    )


@blueprint.get("/<reference>/sensitivity/confirm")
@allow("case:view", shows="case")
def confirm_sensitivity(reference: str) -> ResponseReturnValue:
    """What waits for a second person."""
    case = view_case(reference)
    change = case_page.pending_change(case_id=case.id) or abort(404)
    return render(
        "cases/confirm_sensitivity.html",
        **page_context(case),
        change=change,
        before=Sensitivity(change.before).label,
        after=Sensitivity(change.after).label,
        asked_it=change.asked_by == current().user_id,
        can=verbs(case),
    )


@blueprint.post("/<reference>/sensitivity/<uuid:change_id>/<any(agree, keep):answer>")
@allow("case:view")
def answer_sensitivity(reference: str, change_id: UUID, answer: str) -> ResponseReturnValue:
    """The second person's answer; or the asker takes it back."""
    record = record_of(reference)
    act = sensitivity.confirm_lower if answer == "agree" else sensitivity.turn_down_lower
    try:
        act(actor=current(), case=record, change_id=change_id)
    except NotFound:
        abort(404)
    return see_other(
        address(record),
        done="The case is held less closely"
        if answer == "agree"
        else "The case stays as closely held as it is",
    )


def _change(record: Case, form: SensitivityForm) -> str | None:
    """None where it waits for a second person; else it holds, maybe out of sight of whoever chose it, and
    which forms are theirs by it.
    """
    to = form.chosen
    if to < record.sensitivity:
        sensitivity.ask_to_lower(actor=current(), case=record, to=to, reason=form.said("reason"))
        return None
    had = forms_owed(person=current())
    named = [case_records.find_person(user_id=UUID(one)) for one in form.named.data or ()]
    sensitivity.raise_sensitivity(
        actor=current(),
        case=record,
        to=to,
        reason=form.why,
        named=[person for person in named if person is not None],
        version=form.seen_version,
    )
    return came_words(forms_owed(person=current()) - had)


def _ask_of_search(form: SensitivityForm, search: Search, desk: Rows, reading_on: Rows) -> None:
    """Ask how the police go on looking for the child, where they would lose sight of the report by it."""
    if search.police:
        at_desk = {one.id for one in desk}
        is_named = any(one.user_id in at_desk for one in reading_on)
        form.ask_of_search({str(one) for one in at_desk}, is_named)
    else:
        form.ask_nothing_of_search()


def _talks_unheld(case: Any, held: Sensitivity) -> str:
    """What the police owe and see no more, because the case is sealed and nobody of them is named on it."""
    if held is not Sensitivity.SEALED:
        return ""
    waiting = [one.reference for one in talks_unheld(case_id=case.id, child_id=case.child_id)]
    if not waiting:
        return ""
    return (
        f". The police still have to talk with the child after {' and '.join(waiting)}, and nobody of them is"
        f" named on the case, so they see it no more. Ring {' or '.join(numbers_instead(Ground.POLICE_DESK))}"
    )


def _people(case: Any, named: Rows, desk: Rows) -> list[tuple[str, str]]:
    """Who could be named at once: the workers of the teams on the case, oneself, and coordinators for whoever
    is none: a sealed case keeps one. While the child is missing the police missing `desk` too. Whoever is
    named already goes on reading it, ticked or not.
    """
    people = {str(current().user_id): f"{current().name} (you)"}
    for one in () if current().is_coordinator else case_records.coordinators():
        people[str(one.id)] = f"{one.name}, {one.agency} (coordinator)"
    for row in case_page.network(case=case):
        if row.worker_id and row.worker_id != case.lead_professional_id:
            people.setdefault(str(row.worker_id), f"{row.worker}, {row.agency}")
    for one in desk:
        people[str(one.id)] = f"{one.name}, {one.agency} (police missing desk)"
    if current().user_id == case.lead_professional_id:
        people.pop(str(current().user_id))
    for one in named:
        people.pop(str(one.user_id), None)
    return list(people.items())


@blueprint.route("/<reference>/named/new", methods=["GET", "POST"])
@allow("grant:add", shows="case")
def name_somebody(reference: str) -> ResponseReturnValue:
    """Let a person read the case by name."""
    record = record_of(reference)
    require(current(), "grant:add", facts(record))
    form = NameForm()
    form.email.seek(people_who_fit)
    return on_case.take(
        record,
        form,
        partial(_name, form=form),
        Words(
            heading="Name somebody on the case",
            title="Name somebody",
            lead=["They can then read the case until they are taken off."],
            button="Name them",
        ),
        to=address(record, "named"),
        done=lambda person: f"{person.name} can now read the case",
    )


def _name(*, form: NameForm, actor: Principal, case: Case) -> User:
    person = picked_person(form.email)
    name_person(actor=actor, case=case, person=person, reason=form.said("reason"))
    return person


@blueprint.route("/<reference>/ask-for-access", methods=["GET", "POST"])
@allow("access:ask", shows="case")
def ask_access(reference: str) -> ResponseReturnValue:
    """Say why one needs to read a case. Whoever reads it already is told so."""
    stored = reference_of(reference)
    notice = case_page.notice(reference=stored) or abort(404)
    reads = case_page.head(reference=stored) is not None
    audit.record("case:notice", subject_kind="case", subject_id=notice.case_id, case_id=notice.case_id)
    form = AskAccessForm()
    if not reads and form.validate_on_submit():
        ask_for_access(
            actor=current(), case_id=notice.case_id, reference=notice.reference, reason=form.said("reason")
        )
        return see_other(url_for("cases.show", reference=notice.reference), done="You asked to read the case")
    return render("cases/ask_access.html", notice=notice, form=form, reads=reads, marking=True)


@blueprint.get("/<reference>/access")
@allow("access:answer", shows="case")
def access_asked(reference: str) -> ResponseReturnValue:
    """Who asks for access to a case."""
    record = record_of(reference)
    require(current(), "access:answer", facts(record))
    return render(
        "cases/access_asked.html",
        **page_context(view_case(reference)),
        asked=case_records.waiting(case_id=record.id),
        answered=[presenter.answered_words(one) for one in case_records.answered(case_id=record.id)],
    )


@blueprint.route("/<reference>/access/<uuid:request_id>", methods=["GET", "POST"])
@allow("access:answer", shows="case")
def answer_asked_access(reference: str, request_id: UUID) -> ResponseReturnValue:
    """Let somebody read the case, or say why not."""
    record = record_of(reference)
    require(current(), "access:answer", facts(record))
    form = AnswerAccessForm()
    step = carry_out(
        form,
        lambda: answer_access(
            actor=current(),
            case=record,
            request_id=request_id,
            granted=form.said("decision") == "grant",
            answer=form.said("answer"),
        ),
    )
    if step.done:
        granted = step.result.granted
        return see_other(
            address(record), done="They can now read the case" if granted else "They cannot read the case"
        )
    case = view_case(reference)
    asked = case_records.one_of(case_id=record.id, request_id=request_id) or abort(404)
    if asked.answered_at is not None and step.problem is None:
        here = url_for("cases.access_asked", reference=record.reference)
        return see_other(here, done=presenter.answered_words(asked))
    return render(
        "cases/answer_access.html", **page_context(case), form=form, asked=asked, problem=step.problem
    )


@blueprint.route("/<reference>/entries/<uuid:entry_id>/readers", methods=["GET", "POST"])
@allow("entry:correct", shows="case")
def put_readers_right(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Put right who reads an entry of one's own agency, its kind, its day and what the family may know."""
    record, entry = own_entry("entry:correct", reference, entry_id)
    form = _readers_of(record, entry)
    return on_case.take(
        record,
        form,
        lambda **given: put_right(
            entry=entry,
            facts=EntryFacts(
                kind=form.kind.data if "kind" in form else None,
                happened_on=form.happened_on.data,
                handling=Handling(form.handling.data),
                listed=identifiers(form.agencies.data),
                family_safe=FamilySafe(form.family_safe.data),
            ),
            reason=form.said("reason"),
            **given,
        ),
        Words(
            heading="Correct who may read an entry",
            lead=[
                "You can also correct its kind, its day and what the family may know. It changes at once, "
                "wherever the entry stands. What somebody has read, printed or taken already stays with them."
            ],
            above="cases/_says_now.html",
            button="Correct it",
        ),
        to=entry_page(record.reference, entry.id),
        done="Corrected. How it was stays on record",
        entry=entry,
    )


def _readers_of(record: Case, entry: ChronologyEntry) -> ReadersForm:
    policy = current_policy(record.authority)
    agencies = case_records.agency_names(ids=agencies_on(record) - {entry.agency_id})
    kinds = [(entry.kind, entry_label(policy, entry.kind))]
    kinds += [(one.code, one.label) for one in other_kinds(policy, entry)]
    return ReadersForm.of(entry, agencies=[(str(one.id), one.name) for one in agencies], kinds=choices(kinds))
