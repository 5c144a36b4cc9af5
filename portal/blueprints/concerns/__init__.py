"""Places, people, vehicles, phones, accounts and groups of concern, and the network around them.

The blueprint of concerns, and what its views share: something of concern found or not, and recorded.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, url_for

from portal.access import audit
from portal.access.permissions import require_on
from portal.access.principal import current
from portal.pathway.references import Prefix, read_reference
from portal.policy import Policy, current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.presenter.words import risk_tag
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.records import concern_facts
from portal.records.concerns.vocabulary import ConcernKind
from portal.web.steps import Link, StepsOn

blueprint = Blueprint("concerns", __name__, url_prefix="/concerns")


#: Above the form of a step: what it is on, and what the step means.
ABOUT = "concerns/_about.html"


def find_concern(reference: str) -> Concern:
    """What an address names; for everybody who may not see it there is none."""
    read = read_reference(reference, Prefix.CONCERN) or abort(404)
    return concerns.find_concern(reference=read) or abort(404)


def found_to(verb: str, reference: str) -> Concern:
    """The same for whoever may do something to it.

    Raises:
        Forbidden: the person only sees it.
    """
    return require_on(verb, find_concern(reference), concern_facts)


def address(concern: Concern, part: str = "") -> str:
    """Its page."""
    return url_for("concerns.show", reference=concern.reference, _anchor=part or None)


def record_viewing(concern: Concern, verb: str = "concern:view", children: Iterable[UUID] = ()) -> None:
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
    audit.record(verb, concern, ground=ground)
    for child_id in sorted(set(children)):
        audit.record(verb, concern, child_id=child_id, ground=ground)


def page_context(concern: Concern, policy: Policy | None = None) -> dict[str, Any]:
    """What every page of something of concern needs."""
    policy = policy or current_policy()
    return {
        "concern": concern,
        "kind": ConcernKind(concern.kind),
        "policy": policy,
        "risk": risk_tag(concern.risk, policy),
        "child": concerns.called_child(concern),
        "marking": True,
    }


def step_on(concern: Concern) -> dict[str, Any]:
    """What the page of a step on it shows, with the look put on record."""
    record_viewing(concern)
    return {
        **page_context(concern),
        "caption": f"{ConcernKind(concern.kind).label} {concern.reference}",
        "back": Link(address(concern), concern.reference),
    }


on_concern = StepsOn[Concern](lambda concern: {"concern": concern}, page=step_on, to=address)
