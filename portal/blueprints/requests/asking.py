"""Asking teams about a child: from a case, for a meeting on it, or from a form in triage."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import Principal, current
from portal.blueprints.cases.looking import look, record_of
from portal.blueprints.requests.blueprint import blueprint
from portal.forms.requests import AskForm
from portal.models import Case, InformationRequest, Meeting
from portal.pathway.asking import answer_due, report_due
from portal.pathway.calendar import end_of_day
from portal.policy import current_policy
from portal.queries import case_page, requests, teams
from portal.services import triage
from portal.services.errors import DomainError
from portal.services.requests import ask, asking_facts, is_sealed
from portal.web import child_page
from portal.web.ask_view import teams_by_agency
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/ask/case/<reference>", methods=["GET", "POST"])
@allow("request:ask", shows="case")
def ask_about_case(reference: str) -> ResponseReturnValue:
    """Ask about the child of a case; with `?meeting=`, for a meeting on it."""
    case, person = record_of(reference), current()
    require(person, "request:ask", asking_facts(actor=person, case=case))
    meeting = requests.find_meeting(reference=request.args.get("meeting"), case_id=case.id)
    sealed = is_sealed(child_id=case.child_id)
    form = AskForm()
    _offer(form, _named(case, person) if sealed else (), sealed=sealed)
    if not form.is_submitted():
        form.start(due_on=_due_on(case, meeting))
    problem = None
    if _sends() and form.validate_on_submit():
        try:
            with attempt():
                said = _said(form, sealed=sealed)
                asked = ask(actor=person, child_id=case.child_id, case=case, meeting=meeting, **said)
        except DomainError as refused:
            problem = refused
        else:
            flash(_done(asked))
            return see_other(url_for("cases.show", reference=case.reference, _anchor="asked"))
    back = (url_for("cases.show", reference=case.reference), f"Case {case.reference}")
    return _page(form, problem, [look(reference)], back=back, sealed=sealed, meeting=meeting)


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
    _offer(form, (), sealed=sealed)
    if not form.is_submitted():
        form.start(due_on=_due_on(None, None))
    problem = None
    if _sends() and form.validate_on_submit():
        try:
            with attempt():
                asked = ask(
                    actor=person, child_id=_known(child), referral=referral, **_said(form, sealed=sealed)
                )
        except DomainError as refused:
            problem = refused
        else:
            flash(_done(asked))
            return see_other(url_for("hub.referral", reference=reference, _anchor="asked"))
    for child_id in [one.id for one in children] or [None]:
        audit.record(
            "referral:view", subject_kind="referral", subject_id=referral.id, child_id=child_id, ground="hub"
        )
    back = (url_for("hub.referral", reference=reference), reference)
    return _page(form, problem, children, back=back, sealed=sealed, meeting=None)


def _page(
    form: AskForm,
    problem: DomainError | None,
    children: Any,
    *,
    back: tuple[str, str],
    sealed: bool,
    meeting: Meeting | None,
) -> Response:
    """The form; a search for teams leaves what was typed and is no error."""
    offered = () if sealed else teams.teams_to_choose()
    return render(
        "requests/ask.html",
        form=form,
        problem=problem,
        children=children,
        sealed=sealed,
        meeting=meeting,
        back=back,
        here=request.full_path.rstrip("?"),
        agencies=teams_by_agency(offered, ticked=form.teams.data or (), sought=form.said("find")),
        by_email=current().is_coordinator,
        words=child_page,
        marking=True,
    )


def _sends() -> bool:
    """Whether the form is sent, and not only its list of teams searched."""
    return request.method == "POST" and request.form.get("action") != "find"


def _offer(form: AskForm, named: Any, *, sealed: bool) -> None:
    offered = () if sealed else teams.teams_to_choose()
    form.offer("teams", [Choice(str(one.id), one.label) for one in offered])
    form.offer("people", [Choice(str(one.user_id), f"{one.name}, {one.agency}") for one in named])


def _named(case: Case, person: Principal) -> list[Any]:
    """The people named on a sealed case, each once, beside the one who asks."""
    grants = {one.user_id: one for one in case_page.grants(case_id=case.id)}
    return [one for one in grants.values() if one.user_id != person.user_id]


def _said(form: AskForm, *, sealed: bool) -> dict[str, Any]:
    """What the service needs, from the answers.

    Raises:
        DomainError: nobody works here under the address that was typed.
    """
    people = [UUID(one) for one in form.people.data or ()] if sealed else []
    if sealed and form.said("email") and current().is_coordinator:
        found = teams.find_person(email=form.said("email"))
        if found is None:
            raise DomainError("Nobody who works here has this address. Check it", field="email")
        people.append(found.id)
    return {
        "teams": [UUID(one) for one in form.teams.data or ()],
        "people": people,
        "question": form.said("question"),
        "why": form.said("why"),
        "due_at": end_of_day(form.due_on.data),
        "once": form.nonce,
    }


def _due_on(case: Case | None, meeting: Meeting | None) -> Any:
    policy, now = current_policy(case.authority if case else None).meetings, clock.now()
    if meeting is not None:
        return clock.local(report_due(policy.report_before, meeting.starts_at, now)).date()
    return clock.local(answer_due(policy.answer_within, now)).date()


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


def _done(asked: Sequence[InformationRequest]) -> str:
    number = "1 team is asked" if len(asked) == 1 else f"{len(asked)} teams are asked"
    if any(one.asked_user_id for one in asked):
        number = "1 person is asked" if len(asked) == 1 else f"{len(asked)} people are asked"
    return f"{number}. You are told of each answer"
