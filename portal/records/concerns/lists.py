"""The list of places, people and things of concern: its columns, orders and filters."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func

from portal import clock
from portal.access import principal
from portal.labelled import Labelled
from portal.policy import current_policy
from portal.queries.listing import Asked, Column, Filter, Found, Listing, Options, Sort, find, rows_for_file
from portal.queries.rows import Rows
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading.records import listed
from portal.records.concerns.vocabulary import ConcernKind
from portal.web.filters import short_day


class Standing(Labelled):
    """Which of them somebody looks for."""

    OURS = "ours", "Owned by your agency"
    OVERDUE = "overdue", "To be looked at again by now"
    CLOSELY = "closely", "Held closely"


def _stands(codes: Sequence[str]) -> ColumnElement[bool]:
    holds: dict[Standing, ColumnElement[bool]] = {
        Standing.OURS: Concern.owner_agency_id == principal.current().agency_id,
        Standing.OVERDUE: Concern.review_on < clock.today(),
        Standing.CLOSELY: Concern.sensitivity > 0,
    }
    found, *more = (holds[Standing(one)] for one in codes)
    for one in more:
        found = found | one
    return found


def _risks() -> Options:
    return [(one.code, one.label) for one in current_policy().of(Concerns).risks.offered]


def _districts() -> Options:
    return current_policy().areas.districts.choices()


def _linked(row: Any) -> str:
    children = f"{row.children} {'child' if row.children == 1 else 'children'}"
    return f"{children}, {row.others} {'other' if row.others == 1 else 'others'}"


CONCERNS = Listing(
    name="places and people",
    noun=("place, person or thing", "places, people and things"),
    key=Concern.id,
    columns=(
        Column(label="Name", text=lambda row: row.name, sort="name"),
        Column(label="Reference", text=lambda row: row.reference),
        Column(label="What", text=lambda row: ConcernKind(row.kind).label),
        Column(
            label="Danger",
            text=lambda row: current_policy().of(Concerns).risks.label(row.risk) if row.risk else "Not said",
        ),
        Column(
            label="Where",
            text=lambda row: current_policy().areas.districts.label(row.district) or "Not known",
        ),
        Column(label="Linked", text=_linked),
        Column(
            label="Answers for it",
            text=lambda row: ", ".join(filter(None, (row.owner_agency, row.owner_team))),
        ),
        Column(
            label="Look again by",
            text=lambda row: f"Ended {short_day(row.ended_at)}" if row.ended_at else short_day(row.review_on),
            sort="review",
        ),
    ),
    sorts=(
        Sort(
            code="newest",
            by=(),
            says="The last recorded first. Numbers count what you may see",
            says_backwards="The first recorded first. Numbers count what you may see",
            downwards=True,
        ),
        Sort(
            code="name",
            by=(func.lower(Concern.name, type_=Text),),
            says="By name, from A to Z. Numbers count what you may see",
            says_backwards="By name, from Z to A. Numbers count what you may see",
            personal=True,
        ),
        Sort(
            code="review",
            by=(Concern.review_on,),
            says="What is looked at again first. Numbers count what you may see",
            says_backwards="What is looked at again last. Numbers count what you may see",
        ),
    ),
    filters=(
        Filter(
            name="kind",
            label="What",
            options=lambda: [(one.value, one.label) for one in ConcernKind],
            where=Concern.kind.in_,
        ),
        Filter(
            name="stands",
            label="Look out for",
            options=lambda: [(one.value, one.label) for one in Standing],
            where=_stands,
        ),
        Filter(name="risk", label="Danger", options=_risks, where=Concern.risk.in_),
        Filter(name="district", label="Where", options=_districts, where=Concern.district.in_),
    ),
)


NOT_SAID = "not_said"


def _statuses() -> Options:
    known = current_policy().of(Concerns).police_statuses.offered
    return [(NOT_SAID, "Not said yet"), *((one.code, one.label) for one in known)]


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
            label="How police know them",
            text=lambda row: (
                current_policy().of(Concerns).police_statuses.label(row.police_status)
                if row.police_status
                else "Not said yet"
            ),
        ),
    ),
    filters=(
        Filter(name="status", label="How police know them", options=_statuses, where=_known),
        *CONCERNS.filters[1:],
    ),
)


def find_people(asked: Asked) -> Found:
    """A page of the people of concern whom the person may see, as they were asked for."""
    return find(asked, _people())


def people_for_file(asked: Asked) -> Rows | None:
    """All of them that fit, in their order; None where there are too many for one file."""
    return rows_for_file(asked, _people())


def _people() -> Select[Any]:
    return rows_of(ended=False).where(Concern.kind == ConcernKind.PERSON)


def find_concerns_listed(asked: Asked, *, ended: bool) -> Found:
    """A page of what the person may see, as it was asked for.

    Args:
        ended: what is no longer of concern, instead of what is.
    """
    return find(asked, rows_of(ended=ended))


def rows_of(*, ended: bool) -> Select[Any]:
    """Every row that the person may see of what is of concern, or no longer is."""
    chosen = Concern.ended_at.is_not(None) if ended else Concern.ended_at.is_(None)
    found: Select[Any] = listed().where(chosen)
    return found
