"""What is sent twice is done once: by a double click, by a reload, or again after no answer came.

The key of a sending is written before anything else, in the transaction that does what was asked. A second
request with the same key waits for the first to end, and then finds its answer; or, where the first was
refused and left nothing, takes its place.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access.principal import Principal
from portal.changes.model import IdempotencyKey
from portal.extensions import Base, db

Written = TypeVar("Written", bound=Base)

#: For so long a form that is sent again is known. The worker then forgets it.
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Claim:
    """Whether a request is the first of its key; if not, what the first was answered."""

    first: bool
    answer: dict[str, Any] | None = None


def key_of(*parts: str | bytes) -> str:
    """A digest of what a request says, which tells neither."""
    digest = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def claim(*, actor: Principal, key: str) -> Claim:
    """Be the first to do what a key stands for, or wait for who is and take their answer."""
    written = db.session.scalar(
        insert(IdempotencyKey)
        .values(user_id=actor.user_id, key=key, made_at=clock.now())
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if written is not None:
        return Claim(first=True)
    answered = select(IdempotencyKey.answer).where(*_one(actor, key))
    return Claim(first=False, answer=db.session.scalar(answered))


def wait_for_same(actor: Principal, *said: str) -> None:
    """Let two requests of a person that say the same take their turn, so that the second finds what the first
    has written. For what has no form with a key, or none yet.
    """
    claim(actor=actor, key=key_of(*said))


def sent_before(actor: Principal, model: type[Written], record_id: UUID) -> Written | None:
    """The record that the same page has made already, whose identifier is made of it; also at this moment."""
    wait_for_same(actor, model.__tablename__, str(record_id))
    return db.session.get(model, record_id)


def remember(*, actor: Principal, key: str, answer: dict[str, Any]) -> None:
    """Keep what a request was answered, for whoever sends it again."""
    db.session.execute(update(IdempotencyKey).where(*_one(actor, key)).values(answer=answer))


def forget(*, actor: Principal, key: str) -> None:
    """Nothing came of it: sent again, it is looked at anew."""
    db.session.execute(delete(IdempotencyKey).where(*_one(actor, key)))


def _one(actor: Principal, key: str) -> tuple[Any, Any]:
    return IdempotencyKey.user_id == actor.user_id, IdempotencyKey.key == key
