"""Looking at a place: found for whoever sees it, and on record."""

from typing import Any

from flask import abort, url_for

from portal.access import audit
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.places.guardians import place_facts
from portal.web.steps import Link


def place_of(reference: str) -> Concern:
    """The place of an address; what is no place is answered like none."""
    found = concerns.find_concern(reference=reference)
    if found is None or found.kind != ConcernKind.PLACE:
        abort(404)
    return found


def place_to(verb: str, reference: str) -> Concern:
    """The same for whoever may do something there.

    Raises:
        Forbidden: the person only reads it.
    """
    place = place_of(reference)
    require(current(), verb, place_facts(current(), place))
    return place


def address(place: Concern, part: str = "") -> str:
    """The page of who watches it."""
    return url_for("places.show", reference=place.reference, _anchor=part or None)


def around(place: Concern) -> dict[str, Any]:
    """What every page of a place shows, with the row in the trail that somebody looked."""
    audit.record("place:view", subject_kind="concern", subject_id=place.id)
    facts, open_ = place_facts(current(), place), place.ended_at is None
    return {
        "caption": f"{place.name}, {place.reference}",
        "back": Link(address(place), f"Who watches {place.name}"),
        "place": place,
        "may_name": open_ and permitted(current(), "guardian:write", facts),
        "may_say": open_ and permitted(current(), "place:describe", facts),
        "marking": True,
    }
