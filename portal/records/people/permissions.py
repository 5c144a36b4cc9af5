"""Verbs on one’s own work and messages, on people and agencies, and on oversight."""

from portal.access.permission import (
    ADMINISTRATOR,
    COORDINATOR,
    EVERYONE,
    PEOPLE_MANAGERS,
    Permission,
    for_case_people,
)
from portal.vocabulary import Role

VERBS = (
    Permission(
        "home:view",
        "Open the home page",
        EVERYONE,
        refusal="You have no role yet. A second administrator still has to confirm what you may do.",
    ),
    Permission("session:manage", "See and end your own sign-ins", EVERYONE),
    for_case_people("workspace:view", "Open your sector’s workspace"),
    Permission("message:read", "Read what the portal has to tell you", EVERYONE),
    Permission("message:choose", "Choose what you are told by e-mail", EVERYONE),
    Permission(
        "message:watch",
        "See what became of every message, as a manager of those to your own people",
        frozenset({Role.COORDINATOR, Role.MANAGER}),
    ),
    Permission(
        "message:retry",
        "Have a message that could not be sent tried again",
        COORDINATOR,
        lambda person, _facts: person.is_coordinator,
        "Only the hub’s coordinators have messages tried again.",
    ),
    Permission(
        "untold:see_to",
        "See to whoever could not be told of something",
        COORDINATOR,
        lambda person, _facts: person.is_coordinator,
        "Only the hub’s coordinators see to whoever could not be told.",
    ),
    Permission(
        "address:lift",
        "Use an e-mail address again that came back",
        frozenset({Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR}),
        lambda person, facts: person.is_coordinator or person.has(Role.ADMINISTRATOR) or facts.own_agency,
        "A coordinator, an administrator or the agency’s own manager lifts the suspension of an address.",
    ),
    for_case_people("work:view", "See what is due for you, your team and your meetings"),
    Permission(
        "work:print",
        "Print the sheet for when the portal is down",
        frozenset({Role.COORDINATOR, Role.MANAGER}),
    ),
    Permission(
        "work:hand_over",
        "See what one of your people leads and owns, and hand it over",
        frozenset({Role.COORDINATOR, Role.MANAGER}),
        lambda person, facts: person.is_coordinator or facts.own_agency,
        "A coordinator, or a manager of their agency, hands over what somebody leads and owns.",
    ),
    for_case_people(
        "absence:enter",
        "Enter when you, or one of your people, are away and who covers which case",
        lambda person, facts: facts.owner or (person.has(Role.MANAGER) and facts.own_agency),
        "People enter their own absence; a manager that of their own people.",
    ),
    Permission("agency:manage", "Manage agencies and teams", ADMINISTRATOR),
    Permission("provider:manage", "Manage identity providers", ADMINISTRATOR),
    Permission(
        "people:manage",
        "Manage people and their access",
        PEOPLE_MANAGERS,
        lambda person, facts: person.has(Role.ADMINISTRATOR) or facts.own_agency,
        "A manager looks after the people of their own agency; an administrator after everybody.",
    ),
    Permission("roles:ask", "Ask for a role that a second administrator confirms", ADMINISTRATOR),
    Permission("roles:confirm", "Confirm a weighty change of roles", ADMINISTRATOR),
    Permission("policy:view", "See the partnership’s policy", EVERYONE),
)
