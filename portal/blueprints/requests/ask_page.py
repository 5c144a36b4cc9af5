"""The page on which teams are asked, whatever it is asked from."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Response, request

from portal import clock
from portal.access.principal import Principal, current
from portal.pathway.calendar import end_of_day
from portal.records.cases.model import Case
from portal.records.children import presenter as child_page
from portal.records.entries.reading import case_page
from portal.records.meetings.model import Meeting
from portal.records.people.reading import agencies
from portal.records.referrals.model import Referral
from portal.records.requests.asking import ask, default_due
from portal.records.requests.forms import AskForm
from portal.records.requests.model import InformationRequest
from portal.records.requests.presenter import TeamLine, teams_by_agency
from portal.services.errors import DomainError
from portal.web.fields import Choice
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
) -> Response:
    """The page, and asking from it; a search for teams leaves what was typed and is no error.

    Args:
        children: whom it is about; asked only when the page is shown, because looking goes on record.
        to: where asking leads, if not back.
        sealed_cases: references of cases on the meeting that this page cannot ask about.
    """
    return take(
        form,
        act,
        template="requests/ask.html",
        page=lambda: {"children": children(), "agencies": () if sealed else _agencies(form)},
        to=to or back.href,
        done=done,
        sealed=sealed,
        sealed_cases=sealed_cases,
        meeting=meeting,
        back=back,
        here=request.full_path.rstrip("?"),
        by_email=current().is_coordinator,
        words=child_page,
        marking=True,
    )


def _agencies(form: AskForm) -> list[tuple[str, list[TeamLine]]]:
    return teams_by_agency(agencies.teams_to_choose(), ticked=form.teams.data or (), sought=form.said("find"))


def offer(form: AskForm, named: Any = (), *, sealed: bool = False) -> None:
    """Offer the teams, or on a sealed case the people who are named on it."""
    offered = () if sealed else agencies.teams_to_choose()
    form.offer("teams", [Choice(str(one.id), one.label) for one in offered])
    form.offer("people", [Choice(str(one.user_id), f"{one.name}, {one.agency}") for one in named])


def named_on(case: Case, person: Principal) -> list[Any]:
    """The people named on a sealed case, each once, beside the one who asks."""
    grants = {one.user_id: one for one in case_page.grants(case_id=case.id)}
    return [one for one in grants.values() if one.user_id != person.user_id]


def send(
    form: AskForm,
    *,
    child_id: UUID,
    case: Case | None = None,
    referral: Referral | None = None,
    meeting: Meeting | None = None,
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
        teams=[UUID(one) for one in form.teams.data or ()],
        people=_people(form) if sealed else (),
        question=form.said("question"),
        why=form.said("why"),
        due_at=end_of_day(form.due_on.data),
        once=form.nonce,
    )


def _people(form: AskForm) -> list[UUID]:
    people = [UUID(one) for one in form.people.data or ()]
    if form.said("email") and current().is_coordinator:
        found = agencies.find_person(email=form.said("email"))
        if found is None:
            raise DomainError("Nobody who works here has this address. Check it", field="email")
        people.append(found.id)
    return people


def due_on(case: Case | None = None, meeting: Meeting | None = None) -> Any:
    """The day that a new page begins with."""
    return clock.local(default_due(case=case, meeting=meeting)).date()


def done(asked: Sequence[InformationRequest]) -> str:
    """How many were asked, in words."""
    whom = {one.asked_team_id or one.asked_user_id for one in asked}
    who, several = ("person", "people") if any(one.asked_user_id for one in asked) else ("team", "teams")
    number = f"1 {who} is asked" if len(whom) == 1 else f"{len(whom)} {several} are asked"
    return f"{number}. You are told of each answer"
