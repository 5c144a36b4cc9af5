"""The list of orders and notices that a person may see: those that have not ended, and those that have."""

from dataclasses import replace

from sqlalchemy import ColumnElement, and_

from portal import clock
from portal.access import principal
from portal.pathway.calendar import add_working_days
from portal.queries.declared import AnyOf, Column, Filter, Listing, Sort, a_to_z, labels, offered, one_of
from portal.queries.listing import Whole
from portal.records.concerns.model import Concern
from portal.records.orders.model import ConcernOrder
from portal.records.orders.policy import Orders
from portal.records.orders.reading import LAST, SOON, listed
from portal.vocabulary import Labelled


class Standing(Labelled):
    """Which of those that have not ended somebody looks for."""

    IN_FORCE = "in_force", "In force"
    PAST = "past", "Past its day"
    SOON = "soon", "Runs out soon"
    NOT_SERVED = "not_served", "Not served yet"
    OURS = "ours", "Your agency’s"


def _stands() -> dict[Standing, ColumnElement[bool]]:
    today = clock.today()
    return {
        Standing.IN_FORCE: and_(
            ConcernOrder.served_on.is_not(None), ConcernOrder.starts_on <= today, today <= LAST
        ),
        Standing.PAST: today > LAST,
        Standing.SOON: and_(today <= LAST, add_working_days(today, SOON) >= LAST),
        Standing.NOT_SERVED: ConcernOrder.served_on.is_(None),
        Standing.OURS: ConcernOrder.agency_id == principal.current().agency_id,
    }


_NAME = a_to_z("on", "By whom or what they are on", Concern.name)
_KIND = Filter(
    "kind", "What kind", offered(lambda policy: policy.of(Orders).types), one_of(ConcernOrder.kind)
)

#: What has not ended: in force, not served yet, past its day.
STANDING = Listing(
    name="orders",
    noun=("order or notice", "orders and notices"),
    key=ConcernOrder.id,
    columns=(
        Column("Order or notice", lambda line: f"{line.what}, {line.reference}"),
        Column("On", lambda line: line.concern_name, sort="on"),
        Column("How long", lambda line: line.ended or f"{line.until}. {line.tag}", sort="last"),
        Column("Served", lambda line: line.served or "No"),
        Column("Who answers for it", lambda line: line.owner),
    ),
    sorts=(Sort("last", "The first to run out first", "The last to run out first", by=(LAST,)), _NAME),
    filters=(Filter("stands", "Look out for", labels(Standing), AnyOf(_stands)), _KIND),
)

#: What has ended.
ENDED = replace(
    STANDING,
    columns=tuple(
        replace(one, label={"How long": "Ended"}.get(one.label, one.label)) for one in STANDING.columns
    ),
    sorts=(
        Sort(
            "last",
            "The last to have run out first",
            "The first to have run out first",
            by=(LAST,),
            downwards=True,
        ),
        _NAME,
    ),
    filters=(
        Filter(
            "outcome",
            "How it ended",
            offered(lambda policy: policy.of(Orders).outcomes),
            one_of(ConcernOrder.outcome),
        ),
        _KIND,
    ),
)


def rows_of(listing: Listing) -> Whole:
    """What the person may see of one of the lists."""
    ended = ConcernOrder.ended_at
    return Whole(listed().where(ended.is_not(None) if listing is ENDED else ended.is_(None)))
