"""Verbs on orders and notices on people and places of concern."""

from portal.access.permissions.permission import CASE_PEOPLE, Permission
from portal.vocabulary import Sector

VERBS = (
    Permission("order:list", "See the orders and notices in force that you may see", CASE_PEOPLE),
    Permission("order:view", "See an order or notice on what you may see", CASE_PEOPLE),
    Permission(
        "order:record",
        "Record an order or notice on a person or place of concern",
        CASE_PEOPLE,
        lambda person, _facts: person.is_coordinator or person.sector in {Sector.POLICE, Sector.COUNCIL},
        "Police, councils and the hub’s coordinators record orders and notices. Add a note instead.",
    ),
    Permission(
        "order:keep",
        "Say that an order or notice was served, broken, moved or has ended",
        CASE_PEOPLE,
        lambda person, facts: person.is_coordinator or facts.own_agency,
        "The agency that recorded an order, or a coordinator, says what happens to it.",
    ),
)
