"""Verbs: may this person do this to a record that they can see? What they can see, the database decides.

Each permission is one row of `VERBS` in the `permissions.py` of a noun: its name (`noun:verb`), a sentence
for people, the roles that may come near it, and, where roles do not settle it, the facts of the record that
must hold.
"""

from collections.abc import Callable
from typing import TypeVar

from werkzeug import exceptions as http

from portal.access.permission import COORDINATOR, EVERY_FACT
from portal.access.permission import NO_FACTS as NO_FACTS
from portal.access.permission import Facts as Facts
from portal.access.permission import Permission as Permission
from portal.access.principal import Principal, current
from portal.registry import declared
from portal.vocabulary import Role

On = TypeVar("On")


class Forbidden(http.Forbidden):
    """A person sees a record but may not do this to it. `reason` is a sentence for them."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


#: By name, in the order of the nouns.
PERMISSIONS: dict[str, Permission] = {
    permission.name: permission for permission in declared("permissions", "VERBS", Permission)
}


def near(person: Principal, name: str) -> bool:
    """Whether the person's roles let them come near a verb, before any record is loaded.

    The role of coordinator is nothing outside the hub.
    """
    return bool(PERMISSIONS[name].roles & roles_that_count(person))


def roles_that_count(person: Principal) -> frozenset[Role]:
    """What somebody may be here; nothing until an administrator has given them a role."""
    return frozenset(person.roles if person.is_coordinator else person.roles - COORDINATOR)


def permitted(person: Principal, name: str, facts: Facts = NO_FACTS) -> bool:
    """Whether the person may do `name` to a record, given `facts` about them and it."""
    permission = PERMISSIONS[name]
    return near(person, name) and permission.holds(person, facts)


def could_ever(person: Principal, name: str) -> bool:
    """Whether there may be a record to which the person may do `name`: nothing else is offered to them."""
    return permitted(person, name, EVERY_FACT)


def require(person: Principal, name: str, facts: Facts = NO_FACTS) -> None:
    """Go on only if permitted.

    Raises:
        Forbidden: with the reason, as a sentence for the person.
    """
    if not permitted(person, name, facts):
        raise Forbidden(PERMISSIONS[name].refusal)


def require_on(name: str, record: On, facts: Callable[[Principal, On], Facts]) -> On:
    """The record, for whoever asks and may do `name` to it.

    Raises:
        Forbidden: they only read it.
    """
    require(current(), name, facts(current(), record))
    return record
