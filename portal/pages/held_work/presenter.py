"""What somebody leads and owns, in words."""

from collections import Counter
from collections.abc import Iterable, Mapping

from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.presenter import joined
from portal.pages.about import Key, Seen
from portal.pages.held_work.handing import Handed
from portal.pages.held_work.reading import Item, Owned
from portal.policy import Policy
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


_WHO_DOES = {
    HeldWork.CHAIRS: "Its note-taker, whoever leads a case of it or a coordinator names another chair, "
    "on the page of the meeting.",
    HeldWork.NOTES: "Its chair, whoever leads a case of it or a coordinator names another note-taker, "
    "on the page of the meeting.",
    HeldWork.ALERTS: "Whoever leads the case or a coordinator hands it over, on the page of the case.",
}


def others_words(item: Item, words: str) -> str:
    """One thing that whoever asks may not hand over, and who may.

    Args:
        words: what `item_words` says of it.
    """
    return f"{words}. {_WHO_DOES[item.kind]}"


#: Of so many reasons why something was not handed over a sentence says each.
_REASONS = 3


def given_words(handed: Handed | None) -> str:
    """How much was handed over to whom; empty where nothing was to be."""
    return f"Handed over to {handed.to}: {handed.given or 'nothing'}." if handed else ""


def refused_words(handed: Handed | None) -> str:
    """How much was not handed over, and why; empty where all was, or nothing was to be."""
    if handed is None:
        return ""
    refused = Counter((one.item.kind, one.why) for one in handed.refused)
    said = [
        f"Not handed over: {number} of “{kind.label}”. {why.rstrip('.')}."
        for (kind, why), number in refused.most_common(_REASONS)
    ]
    if more := refused.total() - sum(number for _, number in refused.most_common(_REASONS)):
        said.append(f"Not handed over for other reasons: {more}.")
    return " ".join(said)


def left_words(left: Mapping[HeldWork, int]) -> str:
    """That a page which lists what somebody still holds does so; empty where it is nothing."""
    return "What is still theirs stands on this page, with who hands it over." if left else ""


def owned_words(owned: Iterable[Owned], policy: Policy) -> list[str]:
    """What somebody owns on a case, each kind with its number: “Alerts that they review: 1 (Danger)”."""
    named: dict[HeldWork, list[str]] = {}
    for one in owned:
        name = one.name
        if one.kind is HeldWork.ALERTS:
            name = policy.cases.alerts.label(one.name)
        elif one.kind is HeldWork.DUTIES:
            name = DeadlineKind(one.name).label
        named.setdefault(one.kind, []).append(name)
    return [f"{kind.label}: {len(names)} ({', '.join(names)})" for kind, names in named.items()]
