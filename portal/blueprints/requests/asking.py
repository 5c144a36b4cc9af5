"""Asking teams about a child: from a case, for a meeting on it, or from a form in triage."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import Principal, current
from portal.blueprints.cases import record_of, view_case
from portal.blueprints.meetings import record_of as meeting_record_of
from portal.blueprints.requests import blueprint
from portal.changes.errors import DomainError
from portal.pathway.calendar import end_of_day
from portal.pathway.characters import identifier
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.children.model import Child
from portal.records.entries.reading import case_page
from portal.records.intelligence.gradings import police_on
from portal.records.meetings.model import Meeting
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.people.reading import agencies
from portal.records.referrals.model import Referral
from portal.records.requests import reading as requests
from portal.records.requests.asking import ask, asking_facts, default_due, is_sealed
from portal.records.requests.forms import AskForm
from portal.records.requests.model import InformationRequest
from portal.records.requests.presenter import TeamLine, teams_by_agency
from portal.records.triage import working as triage
from portal.vocabulary import Sector
from portal.web.fields import Choice
from portal.web.filters import day
from portal.web.page import see_other
from portal.web.steps import Link, take


def show(
    form: AskForm,
    act: Callable[[], Sequence[InformationRequest]],
    *,
    children: Callable[[], Sequence[Any]],
    back: Link,
    to: str = "",
    sealed: bool = False,
    meeting: Meeting | None = None,
    sealed_cases: Sequence[str] = (),
    to_release: ChronologyEntry | None = None,
) -> Response:
    """The page, and asking from it; a search for teams leaves what was typed and is no error.

    Args:
        children: whom it is about; asked only when the page is shown, because looking goes on record.
        to: where asking leads, if not back.
        sealed_cases: references of cases on the meeting that this page cannot ask about.
        to_release: the entry that the police are asked to release: of the question only its readers know.
    """
    return take(
        form,
        act,
        template="requests/ask.html",
        page=lambda: {"children": children(), "agencies": () if sealed else _agencies(form, to_release)},
        to=to or back.href,
        done=done,
        sealed=sealed,
        sealed_cases=sealed_cases,
        meeting=meeting,
        to_release=to_release,
        back=back,
        here=request.full_path.rstrip("?"),
        by_email=current().is_coordinator,
        words=child_page,
        marking=True,
    )


def _agencies(form: AskForm, to_release: ChronologyEntry | None) -> list[tuple[str, list[TeamLine]]]:
    offered = _teams(to_release)
    return teams_by_agency(offered, ticked=form.teams.data or (), sought=form.said("find"))


def _teams(to_release: ChronologyEntry | None = None) -> Sequence[Any]:
    """The teams that can be asked: to release something those alone that read it and may; where none of the
    police works on the case, any of theirs, who say who can.
    """
    offered = agencies.teams_to_choose()
    if to_release is None:
        return offered
    able = set(police_on(case_id=to_release.case_id, entry=to_release))
    return [one for one in offered if one.sector is Sector.POLICE and (not able or one.id in able)]


def offer(
    form: AskForm, named: Any = (), *, sealed: bool = False, to_release: ChronologyEntry | None = None
) -> None:
    """Offer the teams, or on a sealed case the people who are named on it."""
    offered = () if sealed else _teams(to_release)
    form.email.seek(people_who_fit)
    form.offer("teams", [Choice(str(one.id), one.label) for one in offered])
    form.offer("people", [Choice(str(one.user_id), f"{one.name}, {one.agency}") for one in named])


def named_on(case: Case, person: Principal, *, police: bool = False) -> list[Any]:
    """The people named on a case that is held closely, each once, beside the one who asks; or the police."""
    grants = {one.user_id: one for one in case_page.grants(case_id=case.id)}
    return [
        one
        for one in grants.values()
        if one.user_id != person.user_id and (not police or one.sector == Sector.POLICE)
    ]


def send(
    form: AskForm,
    *,
    child_id: UUID,
    case: Case | None = None,
    referral: Referral | None = None,
    meeting: Meeting | None = None,
    entry: ChronologyEntry | None = None,
    sealed: bool = False,
) -> Sequence[InformationRequest]:
    """Ask as the form says.

    Raises:
        DomainError: nobody works here under the address that was typed, or as for `ask`.
    """
    return ask(
        actor=current(),
        child_id=child_id,
        case=case,
        referral=referral,
        meeting=meeting,
        entry=entry,
        teams=[UUID(one) for one in form.teams.data or ()],
        people=_people(form) if sealed else (),
        question=form.said("question"),
        why=form.said("why"),
        due_at=end_of_day(form.due_on.data),
        once=form.nonce,
    )


def _people(form: AskForm) -> list[UUID]:
    people = [UUID(one) for one in form.people.data or ()]
    if form.email.chosen and current().is_coordinator:
        people.append(picked_person(form.email).id)
    return people


def due_on(case: Case | None = None, meeting: Meeting | None = None) -> Any:
    """The day that a new page begins with."""
    return clock.local(default_due(case=case, meeting=meeting)).date()


def done(asked: Sequence[InformationRequest]) -> str:
    """How many were asked, in words."""
    whom = {one.asked_team_id or one.asked_user_id for one in asked}
    who, several = ("person", "people") if any(one.asked_user_id for one in asked) else ("team", "teams")
    return f"1 {who} is asked" if len(whom) == 1 else f"{len(whom)} {several} are asked"


@blueprint.route("/ask/case/<reference>", methods=["GET", "POST"])
@allow("request:ask", shows="case")
def ask_about_case(reference: str) -> ResponseReturnValue:
    """Ask about the child of a case; with `?meeting=`, for a meeting on it."""
    case, person = record_of(reference), current()
    require(person, "request:ask", asking_facts(actor=person, case=case))
    meeting = requests.find_meeting(reference=request.args.get("meeting"), case_id=case.id)
    entry = _entry_to_release(case)
    # Of a case that is held closely only those named on it read the entry, and so may release it.
    sealed = is_sealed(child_id=case.child_id) or (entry is not None and case.sensitivity > 0)
    form = AskForm()
    named = named_on(case, person, police=entry is not None) if sealed else ()
    offer(form, named, sealed=sealed, to_release=entry)
    form.start(due_on=due_on(case, meeting), **_to_release(entry))
    return show(
        form,
        lambda: send(form, child_id=case.child_id, case=case, meeting=meeting, entry=entry, sealed=sealed),
        children=lambda: [view_case(reference)],
        back=Link(url_for("cases.show", reference=case.reference), f"Case {case.reference}"),
        to=url_for("cases.show", reference=case.reference, _anchor="asked"),
        sealed=sealed,
        meeting=meeting,
        to_release=entry,
    )


def _entry_to_release(case: Case) -> ChronologyEntry | None:
    """With `?release=`, an entry that is bound by conditions: the police are asked to end them."""
    entry_id = identifier(request.args.get("release"))
    return case_records.find_entry(case_id=case.id, entry_id=entry_id) if entry_id else None


def _to_release(entry: ChronologyEntry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    return {
        "teams": [str(one) for one in police_on(case_id=entry.case_id, entry=entry)],
        "question": f"Can you release the intelligence on the case of {day(entry.happened_at)}?"
        " Until you do, it stays out of assessments, plans, minutes and print as its conditions say.",
    }


@blueprint.route("/ask/form/<reference>", methods=["GET", "POST"])
@allow("referral:triage", shows="child")
def ask_about_form(reference: str) -> ResponseReturnValue:
    """Ask about a child that was recognised on a form in triage."""
    person = current()
    referral = triage.find_referral(actor=person, reference=reference)
    require(person, "request:ask", asking_facts(actor=person, case=None))
    children = requests.children_on(referral_id=referral.id)
    form = AskForm()
    child = _chosen(form, children)
    sealed = child is not None and is_sealed(child_id=child.id)
    offer(form, sealed=sealed)
    form.start(due_on=due_on())
    return show(
        form,
        lambda: send(form, child_id=_known(child), referral=referral, sealed=sealed),
        children=lambda: _looked(referral, children),
        back=Link(url_for("hub.referral", reference=reference), reference),
        to=url_for("hub.referral", reference=reference, _anchor="asked"),
        sealed=sealed,
    )


def _looked(referral: Referral, children: Sequence[Any]) -> Sequence[Any]:
    for child_id in [one.id for one in children] or [None]:
        audit.record(
            "referral:view", subject_kind="referral", subject_id=referral.id, child_id=child_id, ground="hub"
        )
    return children


def _known(child: Any) -> UUID:
    if child is None:
        raise DomainError("Choose which child you ask about", field="about")
    return UUID(str(child.id))


def _chosen(form: AskForm, children: Sequence[Any]) -> Any:
    """The child that is asked about: the one chosen, or the only one on the form."""
    form.offer("about", [Choice(one.reference, child_page.full_name(one)) for one in children])
    if len(children) == 1:
        return children[0]
    return next((one for one in children if one.reference == form.said("about")), None)


@blueprint.route("/ask/meeting/<reference>", methods=["GET", "POST"])
@allow("request:ask", shows="case")
def ask_for_meeting(reference: str) -> ResponseReturnValue:
    """Ask teams for a report; the invited are ticked. A sealed case has a page of its own, with people."""
    meeting = meeting_record_of(reference)
    mine = _children(meeting)
    sealed = [case.reference for case, _ in mine if is_sealed(child_id=case.child_id)]
    on = [(case, child) for case, child in mine if case.reference not in sealed]
    if not on and len(sealed) == 1:
        return see_other(url_for("requests.ask_about_case", reference=sealed[0], meeting=meeting.reference))
    form = _form(meeting, on)
    return show(
        form,
        lambda: _ask(form, meeting, [case for case, _ in on]),
        children=lambda: [child for _, child in on],
        back=Link(url_for("meetings.show", reference=meeting.reference), f"Meeting {meeting.reference}"),
        meeting=meeting,
        sealed_cases=sealed,
    )


def _children(meeting: Meeting) -> list[tuple[Case, Child]]:
    """The cases that the person may ask about for the meeting; 404 for one that is on no child's case."""
    person, on = current(), requests.cases_of_meeting(meeting_id=meeting.id)
    if not on:
        abort(404)
    facts = {case.id: asking_facts(actor=person, case=case) for case, _ in on}
    mine = [(case, child) for case, child in on if permitted(person, "request:ask", facts[case.id])]
    if not mine:
        require(person, "request:ask", facts[on[0][0].id])
    return mine


def _form(meeting: Meeting, on: Sequence[tuple[Case, Child]]) -> AskForm:
    form = AskForm()
    offer(form)
    form.offer("children", [Choice(case.reference, child_page.full_name(child)) for case, child in on])
    form.start(
        due_on=due_on(meeting=meeting),
        children=[case.reference for case, _ in on],
        teams=map(str, requests.invited_teams(meeting_id=meeting.id)),
    )
    return form


def _ask(form: AskForm, meeting: Meeting, cases: Sequence[Case]) -> list[InformationRequest]:
    chosen = form.children.data or ()
    wanted = [case for case in cases if len(cases) == 1 or case.reference in chosen]
    if not wanted:
        raise DomainError("Choose at least one child", field="children")
    return [one for case in wanted for one in send(form, child_id=case.child_id, case=case, meeting=meeting)]
