"""Looking at something of concern: found or not, recorded, and what stands at the head of its pages."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import abort

from portal.access import audit
from portal.access.principal import current
from portal.pathway.references import Prefix, read_reference
from portal.policy import Policy, current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.presenter.words import risk_tag
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.records import concern_facts
from portal.records.concerns.vocabulary import ConcernKind


def find(reference: str) -> Concern:
    """What an address names; for everybody who may not see it there is none."""
    read = read_reference(reference, Prefix.CONCERN) or abort(404)
    return concerns.find_concern(reference=read) or abort(404)


def look(concern: Concern, verb: str = "concern:view", children: Iterable[UUID] = ()) -> None:
    """Put on record that somebody looks at it, and at each child that the page names."""
    facts = concern_facts(current(), concern)
    person = current()
    ground = (
        "owner"
        if facts.owner
        else "hub"
        if person.is_coordinator
        else "recorded it"
        if facts.own_agency
        else person.sector.value
    )
    audit.record(verb, subject_kind="concern", subject_id=concern.id, ground=ground)
    for child_id in sorted(set(children)):
        audit.record(verb, subject_kind="concern", subject_id=concern.id, child_id=child_id, ground=ground)


def around(concern: Concern, policy: Policy | None = None) -> dict[str, Any]:
    """What every page of something of concern needs."""
    policy = policy or current_policy()
    return {
        "concern": concern,
        "kind": ConcernKind(concern.kind),
        "policy": policy,
        "risk": risk_tag(concern.risk, policy),
        "marking": True,
    }
