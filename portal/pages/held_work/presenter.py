"""What somebody leads and owns, in words."""

from collections.abc import Mapping

from portal.messages.presenter import joined
from portal.pages.about import Key, Seen
from portal.pages.held_work.reading import Item
from portal.vocabulary import HeldWork

_ONE = {
    HeldWork.LEADS: "Leads case",
    HeldWork.WORKS: "Works on case",
    HeldWork.ACTIONS: "Action",
    HeldWork.ALERTS: "Reviews an alert on case",
    HeldWork.PROCESSES: "Sees to process",
    HeldWork.CHAIRS: "Chairs meeting",
    HeldWork.NOTES: "Takes the notes of meeting",
    HeldWork.FORMS: "Has in triage form",
}


def item_words(item: Item, seen: Mapping[Key, Seen]) -> str:
    """One thing: “Leads case CRE-7K4M-2PXA, about Ada Fictional, for Locality team”."""
    found = seen.get(item.subject.key)
    names = joined(found.names) if found else ""
    parts = [f"{_ONE[item.kind]} {item.reference}".strip()]
    if names:
        parts.append(f"about {names}")
    if item.team:
        parts.append(f"for {item.team}")
    return ", ".join(parts)
