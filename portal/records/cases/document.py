"""The chronology of a case, and what other documents say of a case too."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.policy import Policy
from portal.queries.paging import MomentCursor, Page
from portal.records.cases.presenter import case_facts, duties, level_words, strip_item
from portal.records.children.presenter import born, full_name
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.entries.presenter.words import Entry, entry_items
from portal.records.entries.reading import case_page
from portal.records.entries.reading.case_page import entries_within
from portal.vocabulary import Sensitivity
from portal.web.filters import day, lower_first, short_day

#: How many entries one document holds of a case; a longer chronology says that it goes on.
ENTRIES = 500


#: What stands in a chronology beside its entries: when it happened, and what it says.
Beside = Sequence[tuple[datetime, list[Block]]]


def chronology(*, case: Any, policy: Policy, alerts: Sequence[Any], beside: Beside) -> Document:
    """What the reader may read of a case, oldest first: what is right to print is right to take.

    Args:
        case: the row of `portal.records.entries.reading.case_page.head`.
        alerts: the alerts that stand on it.
        beside: what agencies answered, under headings of level 2.
    """
    found = entries_within(case_id=case.id, limit=ENTRIES)
    return Document.of(
        case,
        CopyKind.CHRONOLOGY,
        called="chronology",
        title="Chronology",
        about=[about_child(case)],
        warnings=warnings_of(case, policy, alerts),
        case_ids=[case.id],
        blocks=[
            blocks.heading("About the case"),
            *at_a_glance(case, policy),
            *_network(case),
            *entries_of(case, found, level=1, beside=beside),
        ],
    )


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


def entries_of(case: Any, found: Page[MomentCursor], *, level: int, beside: Beside = ()) -> list[Block]:
    """Entries and what stands beside them under their heading, the oldest first."""
    entries = [(one.at, _entry(one, level + 1)) for one in reversed(entry_items(found.rows, case))]
    items = sorted([*entries, *beside], key=itemgetter(0))
    older = "There are older entries. They are on the page of the case." if found.next else ""
    nothing = "" if items else "Nothing that is for you to read."
    return [
        blocks.heading("What agencies know", level),
        *blocks.words(older or nothing),
        *(block for _, said in items for block in said),
    ]


def _entry(one: Entry, level: int) -> list[Block]:
    later = one.written_at.date() != one.at.date()
    written = f", written {short_day(one.written_at)}" if later else ""
    source = f"Conditions of {one.disclosure}" if one.disclosure else "Conditions"
    return [
        blocks.heading(f"{day(one.at)}: {one.title}", level),
        *blocks.labelled("Critical moment", one.critical_moment),
        *blocks.labelled("Corrected", one.correction_reason if one.corrects else None),
        *blocks.labelled(
            "Earlier text, since corrected", "see the later entry" if one.corrected_by else None
        ),
        *blocks.words(one.text),
        *(blocks.labelled("Graded", one.grading.in_words) if one.grading and not one.held else ()),
        *(block for each in one.details for block in blocks.labelled(each.label.rstrip("?"), each.text)),
        *blocks.note(one.review),
        *blocks.labelled(source, one.conditions),
        *blocks.note(f"{one.by}{written}. {one.readers}. Child or family: {lower_first(one.family_safe)}."),
    ]


def _network(case: Any) -> list[Block]:
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
