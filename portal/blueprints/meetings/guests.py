"""What the pages on which people are invited or named share: who is offered, and who was meant."""

from collections.abc import Callable, Collection
from uuid import UUID

from flask import request

from portal.access.principal import current
from portal.forms.offering import OfferingForm
from portal.records.cases.reading import records as case_records
from portal.records.meetings.forms.calling import InviteForm
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.presenter.words import inside_roles, outside_roles, person_choices, role_of
from portal.records.meetings.reading import calls as meeting_calls
from portal.records.people.model import User
from portal.records.people.reading import agencies
from portal.services.errors import DomainError
from portal.web.fields import Choice

#: The buttons that only change the page: what was typed stays, and nothing is checked.
FIND, ADD_COLLEAGUE, ADD_OUTSIDER = "find", "people", "outsiders"


def only_changes_page() -> bool:
    """Whether a form is sent to search, or to make room for one more."""
    return request.method == "POST" and bool(request.form.get("add") or request.form.get("action") == FIND)


def offer_guests(form: InviteForm, *, sealed: bool) -> None:
    """Set whom a form offers; to the meeting on a sealed case only people are invited."""
    if request.form.get("add"):
        form.add_row(request.form["add"])
    offered = () if sealed else agencies.teams_to_choose()
    form.offer("teams", [Choice(str(one.id), one.label) for one in offered])
    form.offer_roles(inside_roles(), outside_roles())


def offer_people(
    form: OfferingForm, case_ids: Collection[UUID], *names: str, but: UUID | None = None
) -> None:
    """Set who can be chosen to chair or to take notes.

    Args:
        names: the fields.
        but: whoever does it now.
    """
    rows = meeting_calls.people_to_run(case_ids=case_ids, person=current())
    offered = person_choices((row for row in rows if row.id != but), current().user_id)
    for name in names:
        form.offer(name, offered, prompt=True)


def person_of(form: OfferingForm, name: str) -> User:
    """Who was chosen as ``chair`` or ``note_taker``; an address that was typed goes before the list.

    Raises:
        DomainError: nobody works here under the address.
    """
    if form.said(f"{name}_email"):
        return colleague(form.said(f"{name}_email"), field=f"{name}_email")
    found = case_records.find_person(user_id=UUID(form.said(name)))
    if found is None:
        raise DomainError("They have left. Choose somebody else", field=name)
    return found


def colleague(email: str, *, field: str) -> User:
    """Somebody who works here, by work address.

    Raises:
        DomainError: nobody does.
    """
    found = agencies.find_person(email=email)
    if found is None:
        raise DomainError(f"Nobody who works here has the address {email}. Check it", field=field)
    return found


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
        role = form.roles_of_teams.get(value) or role_of(sector)
        found.append(Invitee(role=role, team=team, required=needed(sector)))
    return found


def _colleagues(form: InviteForm, needed: Callable[[str], bool]) -> list[Invitee]:
    found = []
    for row in form.people:
        if row.form.whom:
            person = colleague(row.form.whom, field="people")
            sector = meeting_calls.sector_of(agency_id=person.agency_id)
            found.append(Invitee(role=row.form.role.data, person=person, required=needed(sector)))
    return found


def _outsiders(form: InviteForm) -> list[Invitee]:
    return [Invitee(role=row.form.role.data, name=row.form.whom) for row in form.outsiders if row.form.whom]
