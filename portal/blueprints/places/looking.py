"""Looking at a place: found for whoever sees it, and on record."""

from typing import Any

from flask import abort

from portal.access import audit
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.places.guardians import place_facts


def place_of(reference: str) -> Concern:
    """The place of an address; what is no place is answered like none."""
    found = concerns.find_concern(reference=reference)
    if found is None or found.kind != ConcernKind.PLACE:
        abort(404)
    return found


def around(place: Concern) -> dict[str, Any]:
    """What every page of a place shows, with the row in the trail that somebody looked."""
    audit.record("place:view", subject_kind="concern", subject_id=place.id)
    facts, open_ = place_facts(current(), place), place.ended_at is None
    return {
        "place": place,
        "may_name": open_ and permitted(current(), "guardian:write", facts),
        "may_say": open_ and permitted(current(), "place:describe", facts),
        "marking": True,
    }
