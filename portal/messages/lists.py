"""The list of what somebody was told: not read or urgent, since when, and of what kind."""

from datetime import timedelta

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.messages.model import OutboxMessage
from portal.messages.reading import PAGE, listed, own
from portal.queries.declared import Column, Filter, Listing, Sort, any_of, labels, offered
from portal.queries.listing import MOST, Asked, Found, counts_of, in_usual_order, page_of
from portal.vocabulary import Labelled


class Show(Labelled):
    """Which of them somebody wants to see."""

    UNREAD = "unread", "Not read"
    URGENT = "urgent", "Urgent"


class Since(Labelled):
    """Since when somebody was told."""

    DAY = "day", "In the last 24 hours"
    WEEK = "week", "In the last 7 days"


MESSAGES = Listing(
    name="messages",
    noun=("message", "messages"),
    key=OutboxMessage.id,
    columns=(Column("When", sort="newest"),),
    sorts=(
        Sort(
            "newest", "The newest first", "The oldest first", by=(OutboxMessage.created_at,), downwards=True
        ),
    ),
    filters=(
        Filter(
            "show",
            "Which",
            labels(Show),
            any_of(
                lambda: {
                    Show.UNREAD: OutboxMessage.read_at.is_(None),
                    Show.URGENT: OutboxMessage.urgent.is_(True),
                }
            ),
        ),
        Filter(
            "since",
            "When",
            labels(Since),
            any_of(
                lambda: {
                    one: OutboxMessage.created_at
                    >= clock.now() - timedelta(days=1 if one is Since.DAY else 7)
                    for one in Since
                }
            ),
        ),
        Filter(
            "kind",
            "What about",
            offered(lambda policy: policy.reminders.kinds),
            OutboxMessage.kind.in_,
            counted=False,
        ),
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
