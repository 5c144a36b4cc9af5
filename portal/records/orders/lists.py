"""The list of orders and notices that a person may see: those that have not ended, and those that have."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, or_

from portal import clock
from portal.access import principal
from portal.labelled import Labelled
from portal.pathway.calendar import add_working_days
from portal.policy import current_policy
from portal.queries.listing import Asked, Column, Filter, Found, Listing, Options, Sort, find, rows_for_file
from portal.queries.rows import Rows
from portal.records.concerns.model import Concern
from portal.records.orders.model import ConcernOrder
from portal.records.orders.policy import Orders
from portal.records.orders.reading import LAST, SOON, listed


class Standing(Labelled):
    """Which of those that have not ended somebody looks for."""

    IN_FORCE = "in_force", "In force"
    PAST = "past", "Past its day"
    SOON = "soon", "Runs out soon"
    NOT_SERVED = "not_served", "Not served yet"
    OURS = "ours", "Your agency’s"


def _stands(codes: Sequence[str]) -> ColumnElement[bool]:
    today = clock.today()
    holds: dict[Standing, ColumnElement[bool]] = {
        Standing.IN_FORCE: and_(
            ConcernOrder.served_on.is_not(None), ConcernOrder.starts_on <= today, today <= LAST
        ),
        Standing.PAST: today > LAST,
        Standing.SOON: and_(today <= LAST, add_working_days(today, SOON) >= LAST),
        Standing.NOT_SERVED: ConcernOrder.served_on.is_(None),
        Standing.OURS: ConcernOrder.agency_id == principal.current().agency_id,
    }
    return or_(*(holds[Standing(one)] for one in codes))


def _types() -> Options:
    return [(one.code, one.label) for one in current_policy().of(Orders).types.offered]


def _outcomes() -> Options:
    return [(one.code, one.label) for one in current_policy().of(Orders).outcomes.offered]


_NAME = Sort(
    code="on",
    by=(func.lower(Concern.name, type_=Text),),
    says="By whom or what they are on, from A to Z",
    says_backwards="By whom or what they are on, from Z to A",
    personal=True,
)
_KIND = Filter(name="kind", label="What kind", options=_types, where=ConcernOrder.kind.in_)

#: What has not ended: in force, not served yet, past its day.
STANDING = Listing(
    name="orders",
    noun=("order or notice", "orders and notices"),
    key=ConcernOrder.id,
    columns=(
        Column(label="Order or notice", text=lambda line: f"{line.what}, {line.reference}"),
        Column(label="On", text=lambda line: line.concern_name, sort="on"),
        Column(label="How long", text=lambda line: line.ended or f"{line.until}. {line.tag}", sort="last"),
        Column(label="Served", text=lambda line: line.served or "No"),
        Column(label="Who answers for it", text=lambda line: line.owner),
    ),
    sorts=(
        Sort(
            code="last",
            by=(LAST,),
            says="The first to run out first",
            says_backwards="The last to run out first",
        ),
        _NAME,
    ),
    filters=(
        Filter(
            name="stands",
            label="Look out for",
            options=lambda: [(one.value, one.label) for one in Standing],
            where=_stands,
        ),
        _KIND,
    ),
)

#: What has ended.
ENDED = replace(
    STANDING,
    columns=tuple(
        replace(one, label={"How long": "Ended"}.get(one.label, one.label)) for one in STANDING.columns
    ),
    sorts=(
        replace(
            STANDING.sorts[0],
            says="The last to have run out first",
            says_backwards="The first to have run out first",
            downwards=True,
        ),
        _NAME,
    ),
    filters=(
        Filter(name="outcome", label="How it ended", options=_outcomes, where=ConcernOrder.outcome.in_),
        _KIND,
    ),
)


def find_orders(asked: Asked) -> Found:
    """A page of what the person may see, as it was asked for."""
    return find(asked, _rows(ended=asked.listing is ENDED))


def orders_for_file(asked: Asked) -> Rows | None:
    """All of them that fit, in their order; None where there are too many for one file."""
    return rows_for_file(asked, _rows(ended=asked.listing is ENDED))


def _rows(*, ended: bool) -> Select[Any]:
    found: Select[Any] = listed().where(
        ConcernOrder.ended_at.is_not(None) if ended else ConcernOrder.ended_at.is_(None)
    )
    return found
