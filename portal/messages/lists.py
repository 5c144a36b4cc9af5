"""The list of what somebody was told: not read or urgent, since when, and of what kind."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.labelled import Labelled
from portal.messages.model import OutboxMessage
from portal.messages.reading import PAGE, listed, own
from portal.policy import current_policy
from portal.queries.listing import (
    MOST,
    Asked,
    Column,
    Filter,
    Found,
    Listing,
    Options,
    Sort,
    counts_of,
    in_usual_order,
    page_of,
)


class Show(Labelled):
    """Which of them somebody wants to see."""

    UNREAD = "unread", "Not read"
    URGENT = "urgent", "Urgent"


class Since(Labelled):
    """Since when somebody was told."""

    DAY = "day", "In the last 24 hours"
    WEEK = "week", "In the last 7 days"


def _shown(codes: Sequence[str]) -> ColumnElement[bool]:
    holds = {Show.UNREAD: OutboxMessage.read_at.is_(None), Show.URGENT: OutboxMessage.urgent.is_(True)}
    return or_(*(holds[Show(one)] for one in codes))


def _since(codes: Sequence[str]) -> ColumnElement[bool]:
    days = max(7 if Since(one) is Since.WEEK else 1 for one in codes)
    return OutboxMessage.created_at >= clock.now() - timedelta(days=days)


def _kinds() -> Options:
    return [(one.code, one.label) for one in current_policy().reminders.kinds.offered]


MESSAGES = Listing(
    name="messages",
    noun=("message", "messages"),
    key=OutboxMessage.id,
    columns=(Column(label="When", sort="newest"),),
    sorts=(
        Sort(
            code="newest",
            by=(OutboxMessage.created_at,),
            says="The newest first",
            says_backwards="The oldest first",
            downwards=True,
        ),
    ),
    filters=(
        Filter(
            name="show",
            label="Which",
            options=lambda: [(one.value, one.label) for one in Show],
            where=_shown,
        ),
        Filter(
            name="since",
            label="When",
            options=lambda: [(one.value, one.label) for one in Since],
            where=_since,
        ),
        Filter(name="kind", label="What about", options=_kinds, where=OutboxMessage.kind.in_, counted=False),
    ),
)


def find_told(asked: Asked, *, person: Principal) -> Found:
    """A page of what the person was told, as they asked for it.

    It is counted by the messages alone: what each is about is looked up for those that are shown.
    """
    counts = counts_of(asked, select(OutboxMessage.id).where(own(person)))
    if counts.all > MOST:
        asked = in_usual_order(asked)
    page = page_of(asked, listed().where(own(person)), limit=PAGE)
    return Found(asked=asked, page=page, counts=counts if counts.all <= MOST else None)
