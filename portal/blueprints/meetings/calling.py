"""Calling a meeting: from a case, with others beside it, or on a district; and who is offered for one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import current
from portal.blueprints.cases import record_of, view_case
from portal.blueprints.meetings import blueprint
from portal.changes.errors import DomainError
from portal.pages import picking
from portal.policy import current_policy
from portal.policy.telling import MeetingOn
from portal.records.assessments.presenter import asked_of_meeting
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.meetings.calling import (
    Convened,
    NotNeeded,
    Plan,
    called_before,
    convene,
    level_rule,
    required_sectors,
)
from portal.records.meetings.forms.calling import CallForm, ElsewhereForm, InviteForm, LearnsForm
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.preparing import Report, child_of, who_learns
from portal.records.meetings.presenter import words
from portal.records.meetings.reading import calls as meeting_calls
from portal.records.meetings.rules import MEETS
from portal.records.people.model import User
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.people.reading import agencies
from portal.vocabulary import Role, Sensitivity
from portal.web.choices import OfferingForm, terms
from portal.web.fields import Choice
from portal.web.filters import day
from portal.web.page import render
from portal.web.steps import Link, take

#: The button that only changes the page: what was typed stays, and nothing is checked.
FIND = "find"


def only_changes_page() -> bool:
    """Whether a form is sent to search, or to make room for one more."""
    return request.method == "POST" and bool(request.form.get("add") or request.form.get("action") == FIND)


def offer_guests(form: InviteForm, *, sealed: bool) -> None:
    """Set whom a form offers; to the meeting on a sealed case only people are invited."""
    if request.form.get("add"):
        form.add_row(request.form["add"])
    offered = () if sealed else agencies.teams_to_choose()
    form.offer("teams", [Choice(str(one.id), one.label) for one in offered])
    form.offer_roles(words.inside_roles(), words.outside_roles())
    for row in form.people:
        row.form.email.seek(people_who_fit)


def offer_people(
    form: OfferingForm, case_ids: Collection[UUID], *names: str, but: UUID | None = None
) -> None:
    """Set who can be chosen to chair or to take notes.

    Args:
        names: the fields.
        but: whoever does it now.
    """
    rows = meeting_calls.people_to_run(case_ids=case_ids, person=current())
    offered = words.person_choices((row for row in rows if row.id != but), current().user_id)
    for name in names:
        form.offer(name, offered)
        form[f"{name}_email"].seek(people_who_fit)


def person_of(form: OfferingForm, name: str) -> User:
    """Who was chosen as ``chair`` or ``note_taker``; somebody who was looked up goes before the list.

    Raises:
        DomainError: they have left meanwhile.
    """
    if form[f"{name}_email"].chosen:
        return picked_person(form[f"{name}_email"])
    found = case_records.find_person(user_id=UUID(form.said(name)))
    if found is None:
        raise DomainError("They have left. Choose somebody else", field=name)
    return found


def ask_whether_free(
    form: ElsewhereForm,
    chair: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    but: UUID | None = None,
    others: Iterable[User] = (),
    place: str = "",
) -> None:
    """Ask whether it is right that somebody is to chair or to come who is at another meeting at that time, or
    that it is in a room where another is. Yes is an answer.

    Args:
        but: the meeting itself, where it was called before.
        others: the note-taker, and who is invited by name.

    Raises:
        DomainError: that is to be answered yet, of these people, this place and this time.
    """
    when: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, "but": but}
    people = {one.id: one for one in (chair, *others)}
    found = {one: meeting_calls.elsewhere(person_id=one, **when) for one in people}
    taken = meeting_calls.place_is_taken(place=place, **when)
    about = f"{' '.join(map(str, people))} {place} {starts_at.isoformat()} {ends_at.isoformat()}"
    asked = sha256(about.encode()).hexdigest()
    said = [words.elsewhere_words(people[one].name, at) for one, at in found.items() if at]
    said += [words.TAKEN] if taken else []
    if said and form.answered != asked:
        form.ask(asked)
        raise DomainError(" ".join(said), field="all_the_same")


def ask_who_learns(form: LearnsForm, cases: Sequence[Case], guests: Sequence[Invitee]) -> None:
    """Ask whether whoever does not work on a case that is closely held may know its child, where the meeting
    is on others too. Yes is an answer; else they or the child are left out.

    Raises:
        DomainError: that is to be answered yet, of these people and this child.
    """
    found = who_learns(cases=cases, invitees=guests)
    about = " ".join(f"{case.id} {' '.join(names)}" for case, names in found)
    asked = sha256(about.encode()).hexdigest()
    if found and form.answered_learns != asked:
        form.ask_learns(asked)
        said = [words.learns_words(case, child_of(case), names) for case, names in found]
        raise DomainError(" ".join(said), field="may_know")


def guests_of(form: InviteForm, needed: Callable[[str], bool]) -> list[Invitee]:
    """Everybody who is named on a form.

    Args:
        needed: whether the meeting needs people of a sector.

    Raises:
        DomainError: a team is not in use any more, or nobody works here under an address.
    """
    return [*_teams(form, needed), *_colleagues(form, needed), *_outsiders(form)]


def _teams(form: InviteForm, needed: Callable[[str], bool]) -> list[Invitee]:
    found = []
    for value in form.teams.data or ():
        team = meeting_calls.find_team(team_id=UUID(value))
        if team is None:
            raise DomainError("Choose teams that are in use", field="teams")
        sector = meeting_calls.sector_of(agency_id=team.agency_id)
        role = form.roles_of_teams.get(value) or words.role_of(sector)
        found.append(Invitee(role=role, team=team, required=needed(sector)))
    return found


def _colleagues(form: InviteForm, needed: Callable[[str], bool]) -> list[Invitee]:
    found = []
    for row in form.people:
        if row.form.whom:
            person = picked_person(row.form.email)
            sector = meeting_calls.sector_of(agency_id=person.agency_id)
            found.append(Invitee(role=row.form.role.data, person=person, required=needed(sector)))
    return found


def _outsiders(form: InviteForm) -> list[Invitee]:
    return [Invitee(role=row.form.role.data, name=row.form.whom) for row in form.outsiders if row.form.whom]


_TEMPLATE = "meetings/call.html"
OTHER_IS_LED = (
    "You do not lead one of the other cases. Its own lead professional, a chair or a coordinator calls a"
    " meeting on it"
)


@blueprint.route("/meetings/call/case/<reference>", methods=["GET", "POST"])
@allow("meeting:call", shows="case")
def call_on_case(reference: str) -> ResponseReturnValue:
    """Call a meeting on the child of a case, and on others whose cases one reads."""
    case, person = record_of(reference), current()
    require(person, "meeting:call", Facts(lead_professional=case.lead_professional_id == person.user_id))
    beside = meeting_calls.beside(record=case)
    form, due = CallForm(), meeting_calls.due_on(case_id=case.id)
    _offer(form, MeetingOn.CASES, [case], words.case_choices(beside))
    if not form.is_submitted():
        _start(form, case, due)
    form.other_cases.seek(picking.cases)
    cases, unknown = _cases(form, case)

    def call() -> Convened:
        if unknown:
            raise DomainError(f"You read no case {unknown[0]}. Check it", field="other_cases")
        try:
            return _convene(form, cases)
        except Forbidden as refused:  # on the first they may: so it is another
            raise DomainError(OTHER_IS_LED, field="other_cases") from refused

    def page() -> dict[str, Any]:
        head = view_case(reference)
        _look_at(beside)
        return _page(form, cases, due) | {
            "caption": child_page.full_name(head),
            "back": Link(url_for("cases.show", reference=case.reference), f"Case {case.reference}"),
        }

    return _call(form, call, page, due)


@blueprint.route("/meetings/call/district", methods=["GET", "POST"])
@allow("meeting:call", shows="people")
def call_on_district() -> ResponseReturnValue:
    """Call a meeting on a district: its places, people and patterns, and no one child."""
    require(current(), "meeting:call")
    form = CallForm()
    _offer(form, MeetingOn.DISTRICT, [], [])
    form.start(day=None, kind="", chair=_own_chair(), teams=())

    def page() -> dict[str, Any]:
        audit.record("meeting:offer", ground="district")
        return _page(form, [], None) | {"caption": "", "back": Link(url_for("meetings.index"), "Meetings")}

    return _call(form, lambda: _convene(form, []), page, None)


def _call(
    form: CallForm, act: Callable[[], Convened], page: Callable[[], dict[str, Any]], due: Any
) -> ResponseReturnValue:
    """Call it. A search, or room for one more, leaves what was typed and is no error."""
    if only_changes_page():
        return render(_TEMPLATE, **page(), form=form)
    return take(
        form,
        act,
        template=_TEMPLATE,
        page=page,
        to=lambda called: url_for("meetings.show", reference=called.meeting.reference),
        done=lambda called: _done(called, due),
    )


def _look_at(beside: Sequence[Any]) -> None:
    for one in beside:
        audit.record("case:offer", subject_kind="case", subject_id=one.case_id, of_case=one)


def _offer(form: CallForm, on: MeetingOn, cases: Sequence[Case], beside: Sequence[Choice]) -> None:
    policy = current_policy()
    form.offer("kind", [Choice(one.code, one.label) for one in policy.meetings.kinds.offered if one.on is on])
    form.offer("district", [Choice(*one) for one in policy.areas.districts.choices()])
    form.offer("beside", beside)
    papers = [one for one in policy.meetings.papers.offered if not one.from_agency]
    form.offer("papers", terms(papers))
    offer_guests(form, sealed=_sealed(cases))
    offer_people(form, [one.id for one in cases], "chair", "note_taker")


def _start(form: CallForm, case: Case, due: Any) -> None:
    kind, on = words.suggested(due)
    on_case = () if _sealed([case]) else meeting_calls.teams_on(case_ids=[case.id])
    form.start(day=on, kind=kind, chair=_own_chair(), teams=on_case)


def _own_chair() -> str:
    """Somebody with the chair’s role mostly calls a meeting to chair it."""
    return str(current().user_id) if current().has(Role.CHAIR) else ""


def _cases(form: CallForm, case: Case) -> tuple[list[Case], list[str]]:
    """The case of the page with those ticked or typed, and what stands for no case that one reads."""
    found, unknown = meeting_calls.find_cases(typed=form.references)
    return [case, *(one for one in found if one.id != case.id)], unknown


def _convene(form: CallForm, cases: Sequence[Case]) -> Convened:
    required = required_sectors(cases)
    plan = Plan(
        kind=form.said("kind"),
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        chair=person_of(form, "chair"),
        note_taker=person_of(form, "note_taker"),
        place=form.said("place"),
        link=form.said("link"),
    )
    guests = guests_of(form, lambda sector: sector in required)
    if not called_before(actor=current(), once=form.nonce):
        ask_whether_free(
            form,
            plan.chair,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            others=[plan.note_taker, *(one.person for one in guests if one.person)],
            place=plan.place,
        )
        ask_who_learns(form, cases, [*plan.run_by, *guests])
    return convene(
        actor=current(),
        plan=plan,
        cases=cases,
        district=None if cases else form.said("district"),
        invitees=guests,
        not_needed=NotNeeded(form.papers_left_out, form.said("papers_reason")) if cases else None,
        report=Report(form.said("question"), form.said("why")) if cases and form.asks_for_reports else None,
        once=form.nonce,
    )


def _done(done: Convened, due: Any) -> str:
    asked = {0: "", 1: " 1 report is asked for."}.get(done.asked, f" {done.asked} reports are asked for.")
    owed = due is not None and due.kind == MEETS.get(done.meeting.kind)
    late = f" It was due by {day(due.due_at)}." if owed and done.meeting.starts_at > due.due_at else ""
    return f"The meeting is called.{asked}{late}"


def _sealed(cases: Sequence[Case]) -> bool:
    return any(one.sensitivity == Sensitivity.SEALED for one in cases)


def _page(form: CallForm, cases: Sequence[Case], due: Any) -> dict[str, Any]:
    sealed = _sealed(cases)
    offered = () if sealed else agencies.teams_to_choose()
    on_case = meeting_calls.teams_on(case_ids=[one.id for one in cases]) if cases else ()
    ticked = form.teams.data or ()
    teams_offered = words.teams_of(
        offered,
        on_case=on_case,
        ticked=ticked,
        roles=form.roles_of_teams,
        sought=form.said("find"),
    )
    return {
        "cases": cases,
        "sealed": sealed,
        "due": due,
        "here": request.path,
        "teams": teams_offered,
        "open_others": bool(form.said("find")),
        "inside_roles": words.inside_roles(),
        "now": clock.now(),
        "asked": asked_of_meeting(
            level_rule(cases),
            due,
            bring={one.sector for one in offered if str(one.id) in ticked},
            authority=cases[0].authority if cases else None,
        ),
        "marking": bool(cases),
    }
