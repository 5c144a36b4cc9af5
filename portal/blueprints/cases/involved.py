"""The teams on a case, who leads it, and taking a named person off it: what they own on it is listed
first, and goes to one who reads it.
"""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases import (
    address,
    blueprint,
    chairs,
    facts,
    on_case,
    page_context,
    record_of,
    step_on,
    view_case,
)
from portal.changes.errors import Conflict, DomainError
from portal.pages.held_work.handing import take_off
from portal.pages.held_work.presenter import owned_words
from portal.pages.held_work.reading import Owned, owned_on
from portal.pathway.characters import identifier
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.cases import forms, involvements
from portal.records.cases.grants import reads_without_name
from portal.records.cases.model import Case, Involvement
from portal.records.cases.opening import change_lead
from portal.records.cases.reading import records as case_records
from portal.records.cases.vocabulary import GrantKind
from portal.records.entries.reading import case_page
from portal.records.linked_processes.facts import refuse_who_owes
from portal.records.people.model import User
from portal.records.people.reading import agencies
from portal.records.safety_plans import ending as safety_plans
from portal.records.triage.reading.form import senders_teams_of_case
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, carry_out

#: What stands beside the team whose form the case came of.
SENDERS = "This team sent the form that the case came of"


@blueprint.route("/<reference>/network/add", methods=["GET", "POST"])
@allow("involvement:add", shows="case")
def add_team(reference: str) -> ResponseReturnValue:
    """Choose teams and say why; or one, and who of it works on the case."""
    record = record_of(reference)
    chairs_open_meeting = chairs(record)
    require(current(), "involvement:add", facts(record, chairs_open_meeting=chairs_open_meeting))
    found = _team_asked_for()
    if found is None:
        return _choose_teams(record, chairs_open_meeting=chairs_open_meeting)
    team, agency = found
    form = forms.JoinForm()
    form.offer("worker", people_of(agency.id))
    return on_case.take(
        record,
        form,
        lambda **given: involvements.add_involvement(
            team=team,
            worker=case_records.find_person(user_id=UUID(form.worker.data)) if form.worker.data else None,
            reason=form.said("reason"),
            chairs_open_meeting=chairs_open_meeting,
            **given,
        ),
        template="cases/join.html",
        page=lambda: _joining_page(record),
        to=address(record, "network"),
        done=f"{team.name}, {agency.name} now works on the case",
        team=team,
        agency=agency,
    )


@blueprint.route("/<reference>/network/<uuid:involvement_id>/worker", methods=["GET", "POST"])
@allow("worker:name", shows="case")
def name_team_worker(reference: str, involvement_id: UUID) -> ResponseReturnValue:
    """Say who of a team works on the case."""
    record, involvement = _found(reference, involvement_id)
    own_agency = involvement.agency_id == current().agency_id
    require(current(), "worker:name", facts(record, own_agency=own_agency))
    form = forms.WorkerForm(
        data={"worker": str(involvement.worker_id or ""), "seen": str(involvement.worker_id or "")}
    )
    form.offer("worker", people_of(involvement.agency_id))
    step = carry_out(form, lambda: _name(record, involvement, form))
    if step.done:
        return see_other(address(record, "network"), done=f"{step.result.name} works on the case")
    if isinstance(step.problem, Conflict):
        form.seen.data = str(involvement.worker_id or "")
    page = _team_page(reference, involvement)
    return render("cases/worker.html", **page, form=form, problem=step.problem)


@blueprint.route("/<reference>/network/<uuid:involvement_id>/end", methods=["GET", "POST"])
@allow("involvement:end", shows="case")
def end_team(reference: str, involvement_id: UUID) -> ResponseReturnValue:
    """Take a team off a case; it may be the person's own, who then no longer sees the case."""
    record, involvement = _found(reference, involvement_id)
    own_agency = involvement.agency_id == current().agency_id
    require(current(), "involvement:end", facts(record, own_agency=own_agency))
    form = forms.WhyForm()
    still_sees = current().is_coordinator
    return on_case.take(
        record,
        form,
        partial(involvements.end_involvement, involvement=involvement, reason=form.said("reason")),
        Words(
            heading="End a team’s work on the case",
            lead=[
                "From then on the team no longer reads this case. What it wrote stays.",
                "Whoever is named on it, has an action or was given minutes still reads that.",
                *_counted_on(record, involvement),
                *_owed_first(record, involvement),
            ],
            button="End the team’s work",
            warns=True,
        ),
        page=lambda: _team_page(reference, involvement),
        to=url_for("cases.show", reference=reference) if still_sees else url_for("cases.index"),
        done="The team no longer works on the case",
    )


def _counted_on(record: Case, involvement: Involvement) -> list[str]:
    """That a safety plan in force says what the team does, and nobody else of theirs works on the case."""
    if not (found := safety_plans.counts_on(record, involvement)):
        return []
    plan, sector = found
    return [
        f"The safety plan {plan.reference} in force says what {safety_plans.THEY[sector]}, and nobody else of"
        " theirs works on the case. Who does it from now on? If you can, first change the plan, or bring"
        " somebody else of theirs onto the case. Whoever leads the case is told that nobody is left for it.",
    ]


def _owed_first(record: Case, involvement: Involvement) -> list[str]:
    """What the team owes on the case, which goes to others or is done before its work can end."""
    try:
        involvements.refuse_while_owed(record, involvement)
    except DomainError as owed:
        return [f"{owed.message}."]
    return []


def people_of(agency_id: UUID) -> list[Choice]:
    """The people of an agency who can work on cases, as answers."""
    return [
        Choice(str(one.id), f"{one.name}, {one.job_title}" if one.job_title else one.name)
        for one in case_records.case_people_of(agency_id=agency_id)
    ]


def _team_asked_for() -> Any:
    team_id = identifier(request.args.get("team"))
    return (case_records.find_team(team_id=team_id) or abort(404)) if team_id else None


def _choose_teams(record: Case, *, chairs_open_meeting: bool) -> ResponseReturnValue:
    form, one = forms.JoinTeamsForm(), forms.ChooseTeamForm(request.args)
    rows = case_records.teams_not_on(case_id=record.id)
    senders = senders_teams_of_case(case_id=record.id)
    offered = [
        Choice(str(row.id), f"{row.agency}: {row.team}", hint=SENDERS if row.id in senders else "")
        for row in sorted(
            rows, key=lambda row: row.id not in senders
        )  # stands first, for it may be forgotten
    ]
    form.offer("teams", offered)
    one.offer("team", offered)
    if "team" in request.args:
        one.validate()
    return on_case.take(
        record,
        form,
        lambda actor, case: [
            involvements.add_involvement(
                actor=actor,
                case=case,
                team=team,
                reason=form.said("reason"),
                chairs_open_meeting=chairs_open_meeting,
            )
            for team in agencies.find_teams(ids=[UUID(each) for each in form.teams.data or ()])
        ],
        template="cases/choose_team.html",
        page=lambda: _joining_page(record),
        to=address(record, "network"),
        done=lambda joined: (
            "The team now works on the case"
            if len(joined) == 1
            else f"{len(joined)} teams now work on the case"
        ),
        one=one,
    )


def _joining_page(record: Case) -> dict[str, Any]:
    opened, closed = involvements.what_joining_opens(record)
    return page_context(view_case(record.reference)) | {"opened": opened, "closed": closed}


def _team_page(reference: str, involvement: Involvement) -> dict[str, Any]:
    found = case_records.find_team(team_id=involvement.team_id)
    return step_on(view_case(reference)) | {"caption": f"{found[0].name}, {found[1].name}" if found else ""}


def _name(record: Case, involvement: Involvement, form: forms.WorkerForm) -> User:
    worker = case_records.find_person(user_id=UUID(form.worker.data)) or abort(404)
    involvements.name_worker(
        actor=current(),
        case=record,
        involvement=involvement,
        worker=worker,
        seen_worker_id=identifier(form.seen.data),
    )
    return worker


def _found(reference: str, involvement_id: UUID) -> tuple[Case, Involvement]:
    record = record_of(reference)
    found = case_records.find_involvement(case_id=record.id, involvement_id=involvement_id)
    return record, found or abort(404)


@blueprint.route("/<reference>/lead", methods=["GET", "POST"])
@allow("case:lead", shows="case")
def change_case_lead(reference: str) -> ResponseReturnValue:
    """Choose the team that leads; then who of its agency, and why."""
    record = record_of(reference)
    require(current(), "case:lead", facts(record, own_agency=record.lead_agency_id == current().agency_id))
    case = view_case(reference)
    teams = {str(row.team_id): row for row in case_page.network(case=case)}
    asked = request.args.get("team")
    if asked is None:
        return render("cases/lead_team.html", **page_context(case), teams=teams)
    chosen = teams.get(asked) or abort(404)
    form = forms.LeadForm.opened(record, professional=str(chosen.worker_id or ""))
    form.offer("professional", people_of(chosen.agency_id))
    return on_case.take(
        record,
        form,
        lambda **given: change_lead(
            team=(case_records.find_team(team_id=chosen.team_id) or abort(404))[0],
            professional=case_records.find_person(user_id=UUID(form.professional.data)) or abort(404),
            reason=form.said("reason"),
            **given,
        ),
        Words(
            heading=f"Give the lead to {chosen.agency}",
            title="Change who leads",
            back=Link(url_for("cases.change_case_lead", reference=case.reference), "Choose another team"),
            lead=[_leads_now(case)],
            button="Change the lead",
        ),
        page=lambda: step_on(case),
        done="The lead has changed",
    )


def _leads_now(case: Any) -> str:
    who = ", ".join(filter(None, (case.lead_agency, case.lead_professional)))
    return (
        f"Led now by {who}. The dates of the case itself go over to the new lead."
        " Actions, alerts and processes stay with whoever has them."
    )


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


def _form(named: Rows | list[Any], person: Any, owned: list[Owned]) -> forms.TakeOffForm:
    """The form; it asks who takes over only where there is something to be taken over."""
    form = forms.TakeOffForm()
    if not owned:
        form.ask_nothing()
        return form
    people = {} if person.user_id == current().user_id else {current().user_id: f"{current().name} (you)"}
    for one in named:
        if one.user_id != person.user_id:
            people.setdefault(one.user_id, f"{one.name}, {one.agency}")
    form.offer("take_over", [Choice(str(key), label) for key, label in people.items()])
    return form


def _chosen(form: forms.TakeOffForm) -> Any:
    chosen = identifier(form.said("take_over")) if "take_over" in form else None
    return case_records.find_person(user_id=chosen) if chosen else None


def _reason(form: forms.TakeOffForm) -> str:
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
