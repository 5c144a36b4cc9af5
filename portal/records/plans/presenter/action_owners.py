"""Whom an action can be given to."""

from portal.access.principal import current
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.concerns.model import Concern
from portal.records.people.model import Team, User
from portal.records.people.reading import agencies
from portal.records.plans.forms import OwnerForm
from portal.records.plans.reading import actions, concern_actions
from portal.services.errors import DomainError
from portal.vocabulary import Sensitivity


def offer_owners(form: OwnerForm, on: Case | Concern) -> None:
    """The people around a case, or for a concern one's colleagues and the keepers', and every team; on a
    sealed case or a restricted concern only who reads it.
    """
    if isinstance(on, Concern):
        sealed = on.sensitivity > 0
        people = concern_actions.people_for(concern=on, agency_id=current().agency_id)
    elif sealed := on.sensitivity == Sensitivity.SEALED:
        people = actions.people_named_on(case_id=on.id)
    else:
        people = actions.people_on(case_id=on.id, agency_id=current().agency_id)
    form.offer_owners(
        [(str(one.id), f"{one.name}, {one.agency}") for one in people],
        [] if sealed else [(str(one.id), f"Team: {one.label}") for one in agencies.teams_to_choose()],
    )


def owner_of(form: OwnerForm) -> User | Team:
    """Who was chosen, or whose address was typed.

    Raises:
        DomainError: nobody works here under the address.
    """
    kind, identifier = form.chosen
    if identifier is None:
        found: User | Team | None = agencies.find_person(email=form.said("email"))
        if found is None:
            raise DomainError("Nobody who works here has this address. Check it", field="email")
        return found
    if kind == "person":
        found = case_records.find_person(user_id=identifier)
    else:
        found = next(iter(agencies.find_teams(ids=[identifier])), None)
    if found is None:
        raise DomainError("Choose a person or team that is in use", field="owner")
    return found
