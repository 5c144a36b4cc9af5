"""What a permission is: a verb, the roles that may come near it, and the facts that it needs."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from portal.access.principal import Principal
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role


@dataclass(frozen=True)
class Facts:
    """What is true between a person and a record, where roles alone do not settle a verb."""

    lead_professional: bool = False  # the person is the case's lead professional
    chairs_open_meeting: bool = False  # the person chairs a meeting on the case that is not over
    own_agency: bool = False  # the record (involvement, entry, statement) is the person's agency's
    receiver: bool = False  # the disclosure or request is addressed to the person's team or agency
    owner: bool = False  # the person owns the record (alert, deadline, draft, question, absence)
    runs_meeting: bool = False  # the person chairs the meeting in question, or takes its notes
    gave: bool = False  # the person gave the action
    confirms: bool = False  # the person may be the second person on an action that is done
    chairs_meeting: bool = False  # the person chairs the meeting in question
    keeps: bool = False  # the person's agency keeps the concern (place, person of concern) in question


NO_FACTS = Facts()
EVERY_FACT = Facts(**{one.name: True for one in fields(Facts)})


#: Whether facts let a person do a verb.
Holds = Callable[[Principal, Facts], bool]


def anybody(_person: Principal, _facts: Facts) -> bool:
    """The role alone settles it."""
    return True


_REFUSAL = "Your role does not allow this."


@dataclass(frozen=True)
class Permission:
    """One verb."""

    name: str
    sentence: str
    roles: frozenset[Role]
    holds: Holds = anybody
    refusal: str = _REFUSAL


EVERYONE = frozenset(Role)
COORDINATOR = frozenset({Role.COORDINATOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
PEOPLE_MANAGERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
GOVERNANCE = frozenset({Role.GOVERNANCE})
CASE_PEOPLE = ROLES_THAT_SEE_CASES


def for_case_people(name: str, sentence: str, holds: Holds = anybody, refusal: str = _REFUSAL) -> Permission:
    """A verb that everybody with a role that sees cases may come near."""
    return Permission(name, sentence, CASE_PEOPLE, holds, refusal)


def coordinator_or_lead(person: Principal, facts: Facts) -> bool:
    """Whether the person is a coordinator, or the lead professional of the case."""
    return person.is_coordinator or facts.lead_professional
