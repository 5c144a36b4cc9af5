"""The list of places, people and things of concern: its columns, orders and filters."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement

from portal import clock
from portal.access import principal
from portal.policy import current_policy
from portal.queries.declared import (
    AnyOf,
    Column,
    Filter,
    Listing,
    Options,
    Sort,
    a_to_z,
    labels,
    offered,
    one_of,
)
from portal.queries.listing import Whole
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading.records import called_child, listed
from portal.records.concerns.vocabulary import ConcernKind
from portal.vocabulary import Labelled
from portal.web.filters import short_day


class Standing(Labelled):
    """Which of them somebody looks for."""

    OURS = "ours", "Owned by your agency"
    OVERDUE = "overdue", "To be looked at again by now"
    CLOSELY = "closely", "Held closely"


def _stands() -> dict[Standing, ColumnElement[bool]]:
    return {
        Standing.OURS: Concern.owner_agency_id == principal.current().agency_id,
        Standing.OVERDUE: Concern.review_on < clock.today(),
        Standing.CLOSELY: Concern.sensitivity > 0,
    }


def _linked(row: Any) -> str:
    children = f"{row.children} {'child' if row.children == 1 else 'children'}"
    return f"{children}, {row.others} {'other' if row.others == 1 else 'others'}"


CONCERNS = Listing(
    name="places and people",
    noun=("place, person or thing", "places, people and things"),
    key=Concern.id,
    columns=(
        Column("Name", lambda row: row.name, sort="name"),
        Column("Reference", lambda row: row.reference),
        Column("What", lambda row: ". ".join(filter(None, (ConcernKind(row.kind).label, called_child(row))))),
        Column(
            "Danger",
            lambda row: current_policy().of(Concerns).risks.label(row.risk) if row.risk else "Not said",
        ),
        Column("Where", lambda row: current_policy().areas.districts.label(row.district) or "Not known"),
        Column("Linked", _linked),
        Column("Answers for it", lambda row: ", ".join(filter(None, (row.owner_agency, row.owner_team)))),
        Column(
            "Look again by",
            lambda row: f"Ended {short_day(row.ended_at)}" if row.ended_at else short_day(row.review_on),
            sort="review",
        ),
    ),
    sorts=(
        Sort(
            "newest",
            "The last recorded first. Numbers count what you may see",
            "The first recorded first. Numbers count what you may see",
            by=(),
            downwards=True,
        ),
        a_to_z("name", "By name", Concern.name, more=". Numbers count what you may see"),
        Sort(
            "review",
            "What is looked at again first. Numbers count what you may see",
            "What is looked at again last. Numbers count what you may see",
            by=(Concern.review_on,),
        ),
    ),
    filters=(
        Filter("kind", "What", labels(ConcernKind), one_of(Concern.kind)),
        Filter("stands", "Look out for", labels(Standing), AnyOf(_stands)),
        Filter("risk", "Danger", offered(lambda policy: policy.of(Concerns).risks), one_of(Concern.risk)),
        Filter("district", "Where", offered(lambda policy: policy.areas.districts), one_of(Concern.district)),
    ),
)


NOT_SAID = "not_said"


def statuses() -> Options:
    """How police may know somebody, and that nobody has said how."""
    return [(NOT_SAID, "Not said yet"), *current_policy().of(Concerns).police_statuses.choices()]


def _known(codes: Sequence[str]) -> ColumnElement[bool]:
    said = Concern.police_status.in_(codes)
    return said | Concern.police_status.is_(None) if NOT_SAID in codes else said


#: People of concern, for the police, who say how they know them.
PEOPLE = replace(
    CONCERNS,
    name="people of concern",
    noun=("person", "people"),
    columns=(
        *CONCERNS.columns,
        Column(
            "How police know them",
            lambda row: (
                current_policy().of(Concerns).police_statuses.label(row.police_status)
                if row.police_status
                else "Not said yet"
            ),
        ),
    ),
    filters=(
        Filter("status", "How police know them", statuses, _known),
        *CONCERNS.filters[1:],
    ),
)


def people_of_concern() -> Whole:
    """The people of concern whom the person may see."""
    return Whole(rows_of(ended=False).rows.where(Concern.kind == ConcernKind.PERSON))


def rows_of(*, ended: bool) -> Whole:
    """What the person may see.

    Args:
        ended: what is no longer of concern, instead of what is.
    """
    return Whole(listed().where(Concern.ended_at.is_not(None) if ended else Concern.ended_at.is_(None)))
