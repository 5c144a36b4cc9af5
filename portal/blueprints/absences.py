"""When one is away, and who covers which case; a manager enters it for their people too."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.messages import presenter as message_words
from portal.records.absences import keeping as absences
from portal.records.absences import presenter as absence_words
from portal.records.absences import reading
from portal.records.absences.forms import AbsenceForm, CoverForm
from portal.records.absences.reading import Deputy, PersonFound
from portal.records.cases.model import Case
from portal.records.children import presenter as child_page
from portal.records.people.model import User
from portal.vocabulary import Role
from portal.web.fields import Choice
from portal.web.filters import short_day
from portal.web.page import render, see_other
from portal.web.steps import take

blueprint = Blueprint("absences", __name__, url_prefix="/absences")


@blueprint.get("")
@allow("absence:enter", shows="list")
def index() -> ResponseReturnValue:
    """My own days, what I cover for others, and who else of my agency is away."""
    person = current()
    audit.record("absence:list", subject_kind="absence")
    rows = reading.of_agency()
    return render(
        "absences/index.html",
        mine=[row for row in rows if row.user_id == person.user_id],
        others=[row for row in rows if row.user_id != person.user_id],
        manages=person.has(Role.MANAGER),
        covering=reading.covered_by(person=person),
        ended=reading.ended_of_agency(),
        how_it_ended=absence_words.how_it_ended,
        today=clock.today(),
        words=child_page,
        tabs=message_words.tabs(person),
        marking=True,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@allow("absence:enter", shows="people")
def enter() -> ResponseReturnValue:
    """From when until when; for a manager also who."""
    person = current()
    people = _people()
    form = AbsenceForm(data={"person": str(person.user_id)})
    form.offer("person", [Choice(key, one.name) for key, one in people.items()])
    return take(
        form,
        lambda: absences.enter_absence(
            actor=person,
            person=people[form.said("person")],
            first_day=form.first_day.data,
            last_day=form.last_day.data,
        ),
        template="absences/new.html",
        page=lambda: _look("absence:new", several=len(people) > 1),
        to=lambda entered: url_for("absences.show", absence_id=entered.id),
        done="Entered. Now say who covers which case",
    )


@blueprint.get("/of/<uuid:user_id>")
@allow("absence:enter", shows="list")
def of_person(user_id: UUID) -> ResponseReturnValue:
    """On to the absence of somebody that runs or comes next; where there is none, to the list."""
    found = reading.next_of(user_id=user_id)
    there = url_for("absences.show", absence_id=found) if found else url_for("absences.index")
    return see_other(there)


@blueprint.route("/<uuid:absence_id>", methods=["GET", "POST"])
@allow("absence:enter", shows="list")
def show(absence_id: UUID) -> ResponseReturnValue:
    """One absence: which cases are covered and by whom; add one."""
    found = _found(absence_id)
    every, covers = reading.cases_of(person=found.person), reading.covers(absence_id=absence_id)
    covered = {row.id for row in covers if row.holds}
    cases = {str(row.id): row for row in every if row.id not in covered}
    able = reading.deputies(person=current(), absence=found.absence, cases=[row.id for row in cases.values()])
    deputies = {str(one.person.id): one for one in able}
    form = CoverForm()
    form.offer(
        "case",
        [Choice(key, f"{child_page.full_name(row)}, {row.reference}") for key, row in cases.items()],
    )
    form.offer("deputy", [Choice(key, _able(one, len(cases))) for key, one in deputies.items()])
    form.prefill(case=list(cases))
    return take(
        form,
        lambda: absences.cover_cases(
            actor=current(),
            absence=found.absence,
            person=found.person,
            cases=[reading.find_case(case_id=UUID(one)) or abort(404) for one in form.case.data or ()],
            deputy=deputies[form.said("deputy")].person,
        ),
        template="absences/show.html",
        page=lambda: _look("absence:view", absence_id, marking=True),
        to=url_for("absences.show", absence_id=absence_id),
        done=lambda covered: _covered(
            deputies[form.said("deputy")].person.name, covered, len(form.case.data or ())
        ),
        found=found,
        own=found.person.id == current().user_id,
        covers=covers,
        any_case=bool(every),
        covering=reading.covered_within(absence=found.absence),
        alone=reading.known_alone(person=found.person, absence=found.absence),
        open_cases=[row.reference for row in cases.values()],
        any_deputy=bool(deputies),
        missing=[row for row in cases.values() if row.missing_now],
        joined=message_words.joined,
        address=absence_words.duty_address(reading.teams_of(person=found.person)),
        begun=found.absence.first_day <= clock.today(),
        words=child_page,
    )


def _able(deputy: Deputy, cases: int) -> str:
    """A colleague as one chooses them: how many of the cases they read, and whether they are away too."""
    reads = "" if deputy.reads == cases else f", reads {deputy.reads} of {cases}"
    away = (
        f", away {short_day(deputy.away_from)} to {short_day(deputy.away_until)}" if deputy.away_from else ""
    )
    return f"{deputy.person.name}{reads}{away}"


def _covered(deputy: str, cases: Sequence[Case], asked: int) -> str:
    """Who covers what from now on, and how many cases nobody does because the deputy does not read them."""
    what = cases[0].reference if len(cases) == 1 else f"{len(cases)} cases"
    left = asked - len(cases)
    return f"{deputy} covers {what}" + (f", and does not read {left} of those you ticked" if left else "")


@blueprint.post("/<uuid:absence_id>/uncover")
@allow("absence:enter")
def uncover(absence_id: UUID) -> ResponseReturnValue:
    """Take one case off its deputy."""
    found = _found(absence_id)
    if case_id := request.form.get("case", type=UUID):
        absences.uncover_case(actor=current(), absence=found.absence, person=found.person, case_id=case_id)
        case = reading.find_case(case_id=case_id)
        flash(f"Nobody covers {case.reference if case else 'that case'} for {found.person.name} now")
    return see_other(url_for("absences.show", absence_id=absence_id))


@blueprint.post("/<uuid:absence_id>/end")
@allow("absence:enter")
def end(absence_id: UUID) -> ResponseReturnValue:
    """Back early, or not going."""
    found = _found(absence_id)
    names = sorted({one.deputy for one in reading.covers(absence_id=absence_id) if one.holds})
    absences.end_absence(actor=current(), absence=found.absence, person=found.person)
    over = f". No longer covering: {', '.join(names)}" if names else ""
    return see_other(url_for("absences.index"), done=f"Ended. Messages come again from now on{over}")


def _look(action: str, absence_id: UUID | None = None, **page: Any) -> dict[str, Any]:
    audit.record(action, subject_kind="absence", subject_id=absence_id)
    return page


def _found(absence_id: UUID) -> PersonFound:
    found = reading.find_absence(absence_id=absence_id) or abort(404)
    require(current(), "absence:enter", absences.absence_facts(current(), found.person))
    return found


def _people() -> dict[str, User]:
    """Whom somebody may enter an absence for."""
    person = current()
    return {
        str(one.id): one
        for one in reading.colleagues(person=person)
        if permitted(person, "absence:enter", absences.absence_facts(person, one))
    }
