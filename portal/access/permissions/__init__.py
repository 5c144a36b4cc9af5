"""Verbs: may this person do this to a record that they can see? What they can see, the database decides.

Each permission is one row of the table below: its name (`noun:verb`), a sentence for people, the roles
that may come near it, and, where roles do not settle it, the facts of the record that must hold.
"""

from werkzeug import exceptions as http

from portal.access.permission import COORDINATOR
from portal.access.permission import NO_FACTS as NO_FACTS
from portal.access.permission import Facts as Facts
from portal.access.permission import Permission as Permission
from portal.access.principal import Principal
from portal.records.assessments import permissions as assessments
from portal.records.cases import permissions as cases
from portal.records.closing import permissions as closing
from portal.records.concerns import permissions as concerns
from portal.records.intelligence import permissions as intelligence
from portal.records.linked_processes import permissions as linked
from portal.records.meetings import permissions as meetings
from portal.records.minutes import permissions as minutes
from portal.records.missing import permissions as missing
from portal.records.orders import permissions as orders
from portal.records.panels import permissions as panels
from portal.records.people import permissions as people
from portal.records.places import permissions as places
from portal.records.plans import permissions as plans
from portal.records.referrals import permissions as information
from portal.records.return_interviews import permissions as interviews
from portal.records.safety_plans import permissions as safety


class Forbidden(http.Forbidden):
    """A person sees a record but may not do this to it. `reason` is a sentence for them."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


PERMISSIONS: dict[str, Permission] = {
    permission.name: permission
    for noun in (
        people,
        information,
        cases,
        intelligence,
        assessments,
        places,
        plans,
        linked,
        closing,
        safety,
        meetings,
        minutes,
        concerns,
        missing,
        panels,
        interviews,
        orders,
    )
    for permission in noun.VERBS
}


def near(person: Principal, name: str) -> bool:
    """Whether the person's roles let them come near a verb, before any record is loaded.

    The role of coordinator is nothing outside the hub.
    """
    roles = person.roles if person.is_coordinator else person.roles - COORDINATOR
    return bool(PERMISSIONS[name].roles & roles)


def permitted(person: Principal, name: str, facts: Facts = NO_FACTS) -> bool:
    """Whether the person may do `name` to a record, given `facts` about them and it."""
    permission = PERMISSIONS[name]
    return near(person, name) and permission.holds(person, facts)


def require(person: Principal, name: str, facts: Facts = NO_FACTS) -> None:
    """Go on only if permitted.

    Raises:
        Forbidden: with the reason, as a sentence for the person.
    """
    if not permitted(person, name, facts):
        raise Forbidden(PERMISSIONS[name].refusal)
