"""What documents say of a case: whom it is on, what is to be heeded, where it stands, who works on it."""

from collections.abc import Iterable
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.policy import Policy
from portal.records.cases.presenter import case_facts, duties, level_words, strip_item
from portal.records.children.presenter import born, full_name
from portal.records.entries.reading import case_page
from portal.vocabulary import Sensitivity
from portal.web.filters import day


def about_child(child: Any) -> str:
    """Who a child is, on one line."""
    known = born(child.dob, is_estimate=child.dob_is_estimate)
    return f"{full_name(child)}, born {known}" if known else full_name(child)


def warnings_of(case: Any, policy: Policy, alerts: Iterable[Any]) -> list[str]:
    """How closely a case is held, and its alerts, which stand at the head of every document on it."""
    held = Sensitivity(case.sensitivity)
    closely = {
        Sensitivity.RESTRICTED: "Restricted. Only the hub and named people may read this.",
        Sensitivity.SEALED: "Sealed. Only named people may read this.",
    }
    shown = [strip_item(one, policy) for one in alerts]
    return [
        *(
            [f"{closely[held]} Do not talk about it with others, also in your own team."]
            if held in closely
            else ()
        ),
        *(f"{one['label']}: {one['text']}" for one in shown),
    ]


def at_a_glance(case: Any, policy: Policy) -> list[Block]:
    """Level, what is due next, other statuses, and what the case is about."""
    owed = duties(case_page.deadlines(case_id=case.id), case.authority)
    due = [
        f"{one.what}: {day(one.due_at)}{' (overdue)' if one.overdue else ''}, for {one.owner}" for one in owed
    ]
    since = f" since {day(case.level_since)}" if case.level and case.level_since else ""
    statuses = [
        f"{policy.people.statuses.label(one.status)} ({one.agency})" for one in case_page.statuses(case=case)
    ]
    return blocks.facts(
        [
            {"key": "Level", "value": f"{level_words(case.level)}{since}"},
            *case_facts(case, policy),
            {"key": "Other statuses", "value": statuses},
            {"key": "What is due", "value": due or "Nothing"},
        ]
    )


def network_of(case: Any) -> list[Block]:
    """Who works on a case, and who is named on it."""
    rows = [
        (
            f"{one.agency} (lead)" if one.leads else one.agency,
            one.team,
            one.worker or "Not named yet",
            one.duty_phone,
        )
        for one in case_page.network(case=case)
    ]
    named = [f"{one.name}, {one.agency}" for one in case_page.grants(case_id=case.id)]
    return [
        *([blocks.heading("Who works on it")] if rows or named else ()),
        *blocks.table(("Agency", "Team", "Worker", "Duty phone"), rows, (2, 2, 2, 0)),
        *blocks.labelled("Named people", "; ".join(named)),
    ]
