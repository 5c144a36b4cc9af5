"""What happened to something of concern, in words: what a change made of what, by whom and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from portal.policy import Catalogue, Policy
from portal.records.concerns.policy import Concerns
from portal.records.concerns.presenter.words import detail, made_from, yes_or_no
from portal.records.concerns.vocabulary import ConcernChangeKind
from portal.web.filters import day

_COLUMNS = {
    "name": "Name",
    "description": "What is known",
    "first_on": "First known",
    "last_on": "Last known",
    "risk": "How dangerous",
    "district": "District",
    "also_child": "Could be a child, or exploited too",
    "do_not_approach": "Do not approach",
    "review_on": "Look at it again by",
    "police_status": "Known to police",
    "source_grade": "Source",
    "information_grade": "Information",
    "handling_code": "Handling",
    "sensitivity": "Held closely",
    "agency": "Agency",
    "team": "Team",
}


def history(rows: Iterable[Any], kind: str, policy: Policy) -> list[dict[str, Any]]:
    """What happened to it, the last first, for the timeline."""
    return [
        {
            "title": ConcernChangeKind(row.kind).label,
            "by": f"{row.by}, {row.agency}",
            "at": row.changed_at,
            "tags": [f"Made from {made_from(row.source_kind).lower()}"] if row.source_kind else [],
            "text": "\n".join(filter(None, (*differences(row, kind, policy), row.reason))),
        }
        for row in rows
    ]


def differences(row: Any, kind: str, policy: Policy) -> Sequence[str]:
    """What a change made of what, a line for each fact; of the first recording nothing."""
    if row.kind == ConcernChangeKind.RECORDED:
        return ()
    before, after = _flat(row.before, kind, policy), _flat(row.after, kind, policy)
    return [
        f"{name}: {before.get(name) or 'nothing'} → {after.get(name) or 'nothing'}"
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _flat(facts_then: Mapping[str, Any], kind: str, policy: Policy) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in facts_then.items():
        if name == "details":
            found |= {
                one.label.rstrip("?"): str(detail(one.shape, (value or {}).get(one.code), policy))
                for one in policy.of(Concerns).fields_of(kind)
            }
        elif name in _COLUMNS:
            found[_COLUMNS[name]] = _said(name, value, policy)
    return found


def _said(name: str, value: Any, policy: Policy) -> str:
    catalogues: Mapping[str, Catalogue[Any]] = {
        "risk": policy.of(Concerns).risks,
        "district": policy.areas.districts,
        "police_status": policy.of(Concerns).police_statuses,
        "source_grade": policy.decisions.source_grades,
        "information_grade": policy.decisions.information_grades,
        "handling_code": policy.decisions.handling_grades,
    }
    if name in catalogues:
        return catalogues[name].label(value)
    if name == "also_child":
        return yes_or_no(value)
    if name in {"do_not_approach", "sensitivity"}:
        return "yes" if value else "no"
    if name.endswith("_on") and value:
        return str(day(date.fromisoformat(value)))
    return str(value or "")
