"""Verbs on cases and children."""

from portal.access.permissions.permission import (
    CASE_PEOPLE,
    COORDINATOR,
    GOVERNANCE,
    Permission,
    coordinator_or_lead,
)
from portal.vocabulary import Role

VERBS = (
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
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
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
        lambda person, facts: coordinator_or_lead(person, facts) or facts.own_agency,
        "A coordinator, the lead professional or the agency itself names its worker.",
    ),
    Permission(
        "grant:add",
        "Name a person on a restricted or sealed case, or take them off",
        CASE_PEOPLE,
        coordinator_or_lead,
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
        coordinator_or_lead,
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
            coordinator_or_lead(person, facts) or (person.has(Role.MANAGER) and facts.own_agency)
        ),
        "A coordinator, the lead professional or a manager of the lead agency agrees as second person.",
    ),
    Permission("alert:add", "Add an alert to a case", CASE_PEOPLE),
    Permission(
        "alert:change",
        "Review or end an alert",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or facts.owner,
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
        coordinator_or_lead,
        "A coordinator or the lead professional corrects identity; others propose a correction.",
    ),
    Permission(
        "child:link",
        "Link or unlink two records of the same child",
        COORDINATOR,
        lambda person, _facts: person.is_coordinator,
        "Only the hub’s coordinators link records.",
    ),
    Permission("access:ask", "Ask those who lead a case for access to it", CASE_PEOPLE),
    Permission(
        "access:answer",
        "Answer somebody who asks for access to a case",
        CASE_PEOPLE,
        coordinator_or_lead,
        "A coordinator or the lead professional answers who asks for access.",
    ),
)
