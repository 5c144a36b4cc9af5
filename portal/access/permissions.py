"""Verbs: may this person do this to a record that they can see? What they can see, the database decides.

Each permission is one row of `VERBS` in the `permissions.py` of a noun: its name (`noun:verb`), a sentence
for people, the roles that may come near it, and, where roles do not settle it, the facts of the record that
must hold. The table of who may do what, for people, is written from them, so that it never falls behind.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import TypeVar
from uuid import UUID

from werkzeug import exceptions as http

from portal.access.permission import COORDINATOR, EVERY_FACT, NO_FACTS, Facts, Permission
from portal.access.principal import Principal, current
from portal.registry import declared
from portal.vocabulary import Role, Sector

__all__ = [
    "NOTE",
    "NO_FACTS",
    "PERMISSIONS",
    "Facts",
    "Forbidden",
    "Permission",
    "answer",
    "could_ever",
    "markdown",
    "near",
    "permitted",
    "require",
    "require_on",
    "roles_that_count",
]

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


_EVERY_FACT = Facts(**{fact.name: True for fact in fields(Facts)})

YES, DEPENDS, NO = "yes", "depends", ""

NOTE = (
    "“Depends” means that the role alone does not settle it: who leads the case, whose agency wrote the"
    " record, who was told, or which sector somebody works in. Nobody can act on what they cannot see,"
    " whatever stands here."
)


def markdown() -> str:
    """The table in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    heads = ["permission", "what it is", *(role.label for role in Role)]
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for name, permission in PERMISSIONS.items():
        yield _row([f"`{name}`", permission.sentence, *(answer(role, permission) for role in Role)])
    yield ""
    yield NOTE


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def answer(role: Role, permission: Permission) -> str:
    """Whether somebody with this role alone has the permission."""
    sectors = [Sector.HUB] if role is Role.COORDINATOR else [one for one in Sector if one is not Sector.HUB]
    people = [_somebody(role, sector) for sector in sectors]
    if all(permitted(person, permission.name) for person in people):
        return YES
    return DEPENDS if any(permitted(person, permission.name, _EVERY_FACT) for person in people) else NO


def _somebody(role: Role, sector: Sector) -> Principal:
    nobody = UUID(int=0)
    return Principal(
        session_id=nobody,
        user_id=nobody,
        name=role.label,
        agency_id=nobody,
        agency_name="",
        agency_code="",
        sector=sector,
        team_ids=frozenset(),
        roles=frozenset({role}),
    )
