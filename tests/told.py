"""What was told to whom, as it is in the database."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.model import CaseNews, OutboxMessage, OutboxSubject, Untold
from portal.records.by_hand.model import ToldByHand
from tests.cast import Cast

#: What the running test looked at: event, ground, channel and kind of each message, and an event's news.
LOOKED_AT: set[tuple[str, str, str, str]] = set()


def look_at(found: Iterable[OutboxMessage]) -> list[OutboxMessage]:
    """The same messages; that a test compares them with what it expects is noted."""
    messages = list(found)
    LOOKED_AT.update((one.event or "", one.ground or "", one.channel, one.kind) for one in messages)
    return messages


def told(rows: Session, kind: str) -> list[Any]:
    """What was told of a kind: to whom, by which way, about what."""
    rows.rollback()
    look_at(rows.scalars(select(OutboxMessage).filter_by(kind=kind)))
    return list(
        rows.execute(
            select(
                OutboxMessage.recipient_id,
                OutboxMessage.recipient_team_id,
                OutboxMessage.channel,
                OutboxMessage.state,
                OutboxMessage.urgent,
                OutboxSubject.subject_kind,
                OutboxSubject.subject_id,
                OutboxSubject.reference,
                OutboxSubject.case_id,
            )
            .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
            .where(OutboxMessage.kind == kind)
            .order_by(OutboxMessage.channel, OutboxMessage.key)
        )
    )


def of_event(
    rows: Session, event: str, *, last_word: bool | None = False
) -> set[tuple[UUID | None, str, str]]:
    """Whom an event was told: the person or team, by which way, and of which kind.

    Args:
        last_word: whether they are told although they lose sight by it; None where some are.
    """
    rows.rollback()
    found = _messages(rows, event)
    assert last_word is None or {one.last_word for one in found} <= {last_word}
    return {(_receiver(one), one.channel, one.kind) for one in found}


def untold(rows: Session) -> set[tuple[str, str, str]]:
    """Who had to be told and could not be: of which event, on which ground, and why."""
    rows.rollback()
    found = rows.scalars(select(Untold)).all()
    LOOKED_AT.update((one.event, one.ground, "untold", "") for one in found)
    return {(one.event, one.ground, one.reason) for one in found}


def to_tell(rows: Session, event: str) -> set[tuple[str, UUID | None, str]]:
    """Whom somebody has to tell by hand of an event, who owes it, and how that duty stands."""
    rows.rollback()
    found = rows.execute(
        select(ToldByHand, Deadline)
        .join(Deadline, Deadline.subject_id == ToldByHand.id)
        .where(ToldByHand.event == event, Deadline.kind == "by_hand")
    ).all()
    LOOKED_AT.update((one.event, one.ground, "hand", "") for one, _ in found)
    return {(one.name, duty.owner_id, duty.state) for one, duty in found}


def page_words() -> str:
    """What the next page will say of telling, asked within the request that tells."""
    return " ".join(one.words for one in g.told) if "told" in g else ""


def heard(rows: Session, cast: Cast, event: str) -> set[str]:
    """Who heard of an event, how, and in which words: “nurse mail alert_set”; a line of news is “news”."""
    rows.rollback()
    names = {getattr(one, "id", None): name for name, one in vars(cast).items()}
    found = _messages(rows, event)
    lines = rows.scalars(select(CaseNews.id).filter_by(event=event)).all()
    messages = {f"{names[_receiver(one)]} {one.channel} {one.kind}" for one in found}
    return messages | ({"news"} if lines else set())


def _messages(rows: Session, event: str) -> list[OutboxMessage]:
    """Every message of an event; that a test looked at them is noted."""
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(event=event)))
    if rows.scalars(select(CaseNews.id).filter_by(event=event)).all():
        LOOKED_AT.add((event, "", "news", ""))
    return found


def _receiver(message: OutboxMessage) -> Any:
    return message.recipient_id or message.recipient_team_id
