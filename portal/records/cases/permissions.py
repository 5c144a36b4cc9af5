"""Verbs on cases and children."""

from portal.access.permission import (
    CASE_PEOPLE,
    COORDINATOR,
    GOVERNANCE,
    Permission,
    coordinator_or_lead,
    for_case_people,
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
    for_case_people("entry:add", "Add what your agency knows"),
    for_case_people(
        "entry:correct",
        "Correct an entry; the earlier text stays",
        lambda _person, facts: facts.own_agency,
        "Only the agency that wrote an entry can correct it.",
    ),
    for_case_people(
        "moment:review",
        "Say that nothing changes after a critical moment, and why",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.own_agency,
        "A coordinator, the lead professional or the agency that leads answers for a critical moment.",
    ),
    for_case_people("entry:cite", "Cite an entry in a record that everyone on the case reads"),
    for_case_people(
        "citation:withdraw",
        "Take a citation back",
        lambda _person, facts: facts.own_agency,
        "The agency that cited an entry, or the one that wrote it, takes the citation back.",
    ),
    for_case_people("attachment:view", "Open a file that was added to what you can see"),
    for_case_people(
        "attachment:add",
        "Add a file to an entry of your agency",
        lambda _person, facts: facts.own_agency,
        "Only the agency that wrote an entry can add files to it.",
    ),
    for_case_people(
        "attachment:withdraw",
        "Withdraw a file; that it was there stays",
        lambda _person, facts: facts.own_agency or facts.runs_meeting,
        "Only the agency that added a file, or who chairs or notes its meeting, withdraws it.",
    ),
    for_case_people(
        "involvement:add",
        "Bring a team onto a case",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
        "A coordinator, the lead professional or the chair of an open meeting brings a team onto a case.",
    ),
    for_case_people(
        "involvement:end",
        "End a team’s involvement",
        lambda person, facts: person.is_coordinator or (person.has(Role.MANAGER) and facts.own_agency),
        "A coordinator or the agency’s own manager ends an involvement.",
    ),
    for_case_people(
        "worker:name",
        "Name the worker of a team on a case",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.own_agency,
        "A coordinator, the lead professional or the agency itself names its worker.",
    ),
    for_case_people(
        "grant:add",
        "Name a person on a restricted or sealed case, or take them off",
        coordinator_or_lead,
        "A coordinator or the lead professional names the people who read a closely held case.",
    ),
    for_case_people(
        "case:lead",
        "Change who leads a case",
        lambda person, facts: person.is_coordinator or (person.has(Role.MANAGER) and facts.own_agency),
        "A coordinator or a manager of the lead agency changes who leads.",
    ),
    for_case_people(
        "sensitivity:raise",
        "Restrict or seal a case",
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
    for_case_people(
        "sensitivity:confirm",
        "Agree, as the second person, that a case is held less closely",
        lambda person, facts: (
            coordinator_or_lead(person, facts) or (person.has(Role.MANAGER) and facts.own_agency)
        ),
        "A coordinator, the lead professional or a manager of the lead agency agrees as second person.",
    ),
    for_case_people(
        "due_date:change",
        "Change when a meeting, review, strategy discussion or assessment is due",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
        "A coordinator, the lead professional or the chair of an open meeting changes a due date.",
    ),
    for_case_people("alert:add", "Add an alert to a case"),
    for_case_people(
        "alert:change",
        "Review or end an alert",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.owner,
        "The alert’s owner, the lead professional or a coordinator reviews an alert.",
    ),
    for_case_people("child:view", "See a child’s record"),
    for_case_people("child:search", "Search the children you can see"),
    for_case_people("child:state", "Add a dated address, school, status or other statement"),
    for_case_people(
        "child:restate",
        "Say again, or end, what your agency said about a child",
        lambda _person, facts: facts.own_agency,
        "Only the agency that recorded this can change it. Add what your agency knows instead.",
    ),
    for_case_people(
        "child:correct",
        "Correct a child’s name, date of birth or NHS number",
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
    for_case_people("access:ask", "Ask those who lead a case for access to it"),
    for_case_people(
        "access:answer",
        "Answer somebody who asks for access to a case",
        coordinator_or_lead,
        "A coordinator or the lead professional answers who asks for access.",
    ),
)
