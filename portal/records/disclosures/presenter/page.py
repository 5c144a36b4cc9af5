"""Words for the page of one telling."""

from typing import Any

from portal.policy import uses_forbidden
from portal.policy.work import Sharing
from portal.records.disclosures.vocabulary import CopyKind, SharingDecision
from portal.records.entries.rules import bounds
from portal.vocabulary.uses import Use
from portal.web.filters import moment

#: What was decided, once it was.
DECIDED = {
    SharingDecision.SHARE: "Shared",
    SharingDecision.PART: "Shared in part",
    SharingDecision.REFUSE: "Not shared",
}

#: What the ledger calls what was taken.
COPIED = {kind.value: kind.label for kind in CopyKind}


def words_of(disclosure: Any, details: Any, sharing: Sharing) -> dict[str, Any]:
    """What the page of a telling says beside what was said."""
    return {
        "decision_label": DECIDED[SharingDecision(disclosure.decision)],
        "conditions": conditions(disclosure.conditions, sharing),
        "stays_off_paper": bounds(conditions=disclosure.conditions, rules=uses_forbidden()).forbids(
            Use.PRINT
        ),
        "family": _family(disclosure, sharing),
        "receipt": _receipt(disclosure, details),
    }


def conditions(stored: str | None, sharing: Sharing) -> list[str]:
    """The conditions of a telling: codes of policy, one a line, or words of the giver's own."""
    lines = [line.strip() for line in (stored or "").replace(",", "\n").splitlines() if line.strip()]
    if lines and all(line in sharing.conditions for line in lines):
        return list(sharing.conditions.labels(lines))
    return [stored.strip()] if stored and stored.strip() else []


def _family(disclosure: Any, sharing: Sharing) -> str | None:
    if disclosure.family_told is None:
        return None
    if disclosure.family_told:
        return "Yes"
    why = sharing.family_not_told_reasons.label(disclosure.family_reason)
    return f"No. {why}" if why else "No"


def _receipt(disclosure: Any, details: Any) -> str:
    if disclosure.decision == SharingDecision.REFUSE:
        return "Nothing was sent"
    if disclosure.confirmed_at:
        return f"Confirmed by {details.confirmer} on {moment(disclosure.confirmed_at)}"
    ring = f" Duty number: {details.duty_phone}" if details.duty_phone else ""
    return f"Not confirmed yet.{ring}"
