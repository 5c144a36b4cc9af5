"""Verbs: may this person do this to a record that they can see? What they can see, the database decides.

Each permission is one row of the table below: its name (`noun:verb`), a sentence for people, the roles
that may come near it, and, where roles do not settle it, the facts of the record that must hold.
"""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug import exceptions as http

from portal.access.principal import Principal
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role


class Forbidden(http.Forbidden):
    """A person sees a record but may not do this to it. `reason` is a sentence for them."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Facts:
    """What is true between a person and a record, where roles alone do not settle a verb."""

    lead_professional: bool = False  # the person is the case's lead professional
    chairs_open_meeting: bool = False  # the person chairs a meeting on the case that is not over
    own_agency: bool = False  # the record (involvement, entry, statement) is the person's agency's
    receiver: bool = False  # the disclosure or request is addressed to the person's team or agency
    owner: bool = False  # the person owns the record (alert, deadline, draft, question, absence)
    runs_meeting: bool = False  # the person chairs the meeting in question, or takes its notes


NO_FACTS = Facts()


@dataclass(frozen=True)
class Permission:
    """One verb."""

    name: str
    sentence: str
    roles: frozenset[Role]
    holds: Callable[[Principal, Facts], bool] = lambda _person, _facts: True
    refusal: str = "Your role does not allow this."


EVERYONE = frozenset(Role)
COORDINATOR = frozenset({Role.COORDINATOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
PEOPLE_MANAGERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
GOVERNANCE = frozenset({Role.GOVERNANCE})
CASE_PEOPLE = ROLES_THAT_SEE_CASES


def _coordinator_or_lead(person: Principal, facts: Facts) -> bool:
    return person.is_coordinator or facts.lead_professional


PERMISSIONS: dict[str, Permission] = {
    permission.name: permission
    for permission in (
        Permission(
            "home:view",
            "Open the home page",
            EVERYONE,
            refusal="You have no role yet. A second administrator still has to confirm what you may do.",
        ),
        Permission("session:manage", "See and end your own sign-ins", EVERYONE),
        Permission("workspace:view", "Open your sector’s workspace", CASE_PEOPLE),
        Permission("referral:write", "Share information with the hub", CASE_PEOPLE),
        Permission("referral:view", "See information you or your team sent", CASE_PEOPLE),
        Permission("referral:reply", "Answer the hub’s questions about what you sent", CASE_PEOPLE),
        Permission(
            "draft:open",
            "Open, once and with a reason, an unsent draft of someone who left your team",
            frozenset({Role.MANAGER}),
        ),
        Permission(
            "referral:triage",
            "Triage and decide what reaches the hub",
            COORDINATOR,
            lambda person, _facts: person.is_coordinator,
            "Only the hub’s coordinators triage.",
        ),
        Permission(
            "disclosure:make",
            "Tell an agency, and record it on the sharing ledger",
            COORDINATOR,
            lambda person, _facts: person.is_coordinator,
            "Only the hub’s coordinators tell agencies.",
        ),
        Permission("disclosure:view", "See what your team was told", CASE_PEOPLE | GOVERNANCE),
        Permission(
            "disclosure:confirm",
            "Confirm that your team has received what it was told",
            CASE_PEOPLE,
            lambda _person, facts: facts.receiver,
            "Only the team that was told can confirm receipt.",
        ),
        Permission("case:list", "List the cases you can see", CASE_PEOPLE | GOVERNANCE),
        Permission("case:notice", "See that a case exists and who leads it", CASE_PEOPLE | GOVERNANCE),
        Permission("case:view", "See a case", CASE_PEOPLE | GOVERNANCE),
        Permission(
            "case:open",
            "Open a case",
            COORDINATOR,
            lambda person, _facts: person.is_coordinator,
            "Only the hub’s coordinators open cases.",
        ),
        Permission("entry:add", "Add what your agency knows", CASE_PEOPLE),
        Permission(
            "entry:correct",
            "Correct an entry; the earlier text stays",
            CASE_PEOPLE,
            lambda _person, facts: facts.own_agency,
            "Only the agency that wrote an entry can correct it.",
        ),
        Permission(
            "involvement:add",
            "Bring a team onto a case",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
            "A coordinator, the lead professional or the chair of an open meeting brings a team onto a case.",
        ),
        Permission(
            "involvement:end",
            "End a team’s involvement",
            CASE_PEOPLE,
            lambda person, facts: person.is_coordinator or (person.has(Role.MANAGER) and facts.own_agency),
            "A coordinator or the agency’s own manager ends an involvement.",
        ),
        Permission(
            "worker:name",
            "Name the worker of a team on a case",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or facts.own_agency,
            "A coordinator, the lead professional or the agency itself names its worker.",
        ),
        Permission(
            "grant:add",
            "Name a person on a restricted or sealed case, or take them off",
            CASE_PEOPLE,
            _coordinator_or_lead,
            "A coordinator or the lead professional names the people who read a closely held case.",
        ),
        Permission(
            "case:lead",
            "Change who leads a case",
            CASE_PEOPLE,
            lambda person, facts: person.is_coordinator or (person.has(Role.MANAGER) and facts.own_agency),
            "A coordinator or a manager of the lead agency changes who leads.",
        ),
        Permission(
            "sensitivity:raise",
            "Restrict or seal a case",
            CASE_PEOPLE,
            _coordinator_or_lead,
            "A coordinator or the lead professional raises sensitivity.",
        ),
        Permission(
            "sensitivity:lower",
            "Ask that a case be held less closely; a second person confirms",
            COORDINATOR,
            lambda person, _facts: person.is_coordinator,
            "A coordinator and a second person lower sensitivity.",
        ),
        Permission(
            "sensitivity:confirm",
            "Agree, as the second person, that a case is held less closely",
            CASE_PEOPLE,
            lambda person, facts: (
                _coordinator_or_lead(person, facts) or (person.has(Role.MANAGER) and facts.own_agency)
            ),
            "A coordinator, the lead professional or a manager of the lead agency agrees as second person.",
        ),
        Permission("alert:add", "Add an alert to a case", CASE_PEOPLE),
        Permission(
            "alert:change",
            "Review or end an alert",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or facts.owner,
            "The alert’s owner, the lead professional or a coordinator reviews an alert.",
        ),
        Permission("child:view", "See a child’s record", CASE_PEOPLE),
        Permission("child:search", "Search the children you can see", CASE_PEOPLE),
        Permission("child:state", "Add a dated address, school, status or other statement", CASE_PEOPLE),
        Permission(
            "child:restate",
            "Say again, or end, what your agency said about a child",
            CASE_PEOPLE,
            lambda _person, facts: facts.own_agency,
            "Only the agency that recorded this can change it. Add what your agency knows instead.",
        ),
        Permission(
            "child:correct",
            "Correct a child’s name, date of birth or NHS number",
            CASE_PEOPLE,
            _coordinator_or_lead,
            "A coordinator or the lead professional corrects identity; others propose a correction.",
        ),
        Permission(
            "child:link",
            "Link or unlink two records of the same child",
            COORDINATOR,
            lambda person, _facts: person.is_coordinator,
            "Only the hub’s coordinators link records.",
        ),
        Permission("request:view", "See what your team is asked", CASE_PEOPLE),
        Permission(
            "request:ask",
            "Ask teams for what they hold about a child",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
            "A coordinator, the lead professional or the chair of an open meeting asks for information.",
        ),
        Permission(
            "request:answer",
            "Answer what your team is asked",
            CASE_PEOPLE,
            lambda _person, facts: facts.receiver,
            "Only the team that is asked can answer.",
        ),
        Permission(
            "request:withdraw",
            "Withdraw a question, or give more time for it",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or facts.owner,
            "Whoever asked, the lead professional or a coordinator withdraws a question.",
        ),
        Permission(
            "meeting:view", "See a meeting on a case that you reach, or that you are invited to", CASE_PEOPLE
        ),
        Permission(
            "meeting:call",
            "Call a meeting",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or person.has(Role.CHAIR),
            "A coordinator, the lead professional or somebody with the chair’s role calls a meeting.",
        ),
        Permission(
            "meeting:run",
            "Invite, move, cancel and record a meeting",
            CASE_PEOPLE,
            lambda person, facts: _coordinator_or_lead(person, facts) or facts.runs_meeting,
            "The chair, the note-taker, the lead professional or a coordinator runs a meeting.",
        ),
        Permission(
            "invitation:reply",
            "Answer an invitation",
            CASE_PEOPLE,
            lambda _person, facts: facts.receiver,
            "Only whoever is invited can answer.",
        ),
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
            "address:lift",
            "Use an e-mail address again that came back",
            frozenset({Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR}),
            lambda person, facts: person.is_coordinator or person.has(Role.ADMINISTRATOR) or facts.own_agency,
            "A coordinator, an administrator or the agency’s own manager lifts the suspension of an address.",
        ),
        Permission("work:view", "See what is due for you, your team and your meetings", CASE_PEOPLE),
        Permission(
            "work:print",
            "Print the sheet for when the portal is down",
            frozenset({Role.COORDINATOR, Role.MANAGER}),
        ),
        Permission(
            "absence:enter",
            "Enter when you, or one of your people, are away and who covers which case",
            CASE_PEOPLE,
            lambda person, facts: facts.owner or (person.has(Role.MANAGER) and facts.own_agency),
            "People enter their own absence; a manager that of their own people.",
        ),
        Permission("access:ask", "Ask those who lead a case for access to it", CASE_PEOPLE),
        Permission(
            "access:answer",
            "Answer somebody who asks for access to a case",
            CASE_PEOPLE,
            _coordinator_or_lead,
            "A coordinator or the lead professional answers who asks for access.",
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
        Permission("audit:view", "See who looked, and why", GOVERNANCE),
    )
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
