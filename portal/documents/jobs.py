"""Long documents: asked for, made beside the pages, and taken. One sees those that were made for oneself,
in this sign-in, until they are deleted.
"""

import json
import logging
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import defer

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import TooFast
from portal.documents import LARGEST, LONGEST, Document, NoDocument, Taker, render
from portal.documents.model import DocumentJob
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy
from portal.records.disclosures.ledger import new_copy_reference
from portal.records.disclosures.vocabulary import DocumentState
from portal.reminders.worker import beat, connect

#: Without what is in them.
_LIGHT = select(DocumentJob).options(defer(DocumentJob.payload), defer(DocumentJob.content))


def find_job(*, job_id: UUID) -> DocumentJob | None:
    """One of them, without what is in it."""
    return db.session.scalar(_LIGHT.where(DocumentJob.id == job_id, DocumentJob.expires_at > clock.now()))


def mine() -> Sequence[DocumentJob]:
    """All of them, in the order in which they were asked for."""
    kept = _LIGHT.where(DocumentJob.expires_at > clock.now())
    return db.session.scalars(kept.order_by(DocumentJob.asked_at, DocumentJob.id)).all()


#: Bytes of what is gathered. A shorter document takes less than a quarter second of one core.
SHORT = 100_000
#: How long one is kept that was taken, for a browser that asks again because the first answer was lost.
AFTER_TAKING = timedelta(minutes=1)
_UNDER_WAY = (DocumentState.WAITING, DocumentState.MAKING)
#: Seconds after which whoever has too many under way may ask again.
_SOON = 20


def is_short(document: Document) -> bool:
    """Whether it is made at once."""
    return len(document.gathered) <= SHORT


def is_too_long(document: Document) -> bool:
    """Whether it says more than fits into one file."""
    return len(document.gathered) > LARGEST


def ask(*, actor: Principal, document: Document, service: str, address: str) -> UUID:
    """Have a long document made for the actor in this sign-in; asked for twice, it is made once.

    Args:
        address: where it was asked for, and will be taken.

    Raises:
        TooFast: as many as policy allows are under way for them.
    """
    rules, now = current_policy().rates.documents, clock.now()
    under_way = db.session.scalar(select(func.ctx.documents_under_way())) or 0  # one at a time from here on
    known = db.session.scalar(_of(document.digest).where(DocumentJob.state.in_(_UNDER_WAY)))
    if known is not None:
        return known
    if under_way >= rules.under_way:
        raise TooFast(
            f"{rules.under_way} long documents are being made for you. Wait until one of them is ready.",
            seconds=_SOON,
        )
    db.session.execute(delete(DocumentJob).where(DocumentJob.id.in_(_of(document.digest))))
    taker = Taker(actor.name, actor.agency_name, new_copy_reference(), now)
    data = document.data(taker, service=service)
    job_id = new_id()
    db.session.execute(
        insert(DocumentJob).inline(),
        {
            "id": job_id,
            "session_id": actor.session_id,
            "asked_by": actor.user_id,
            "asked_at": now,
            "expires_at": now + timedelta(minutes=rules.kept_minutes),
            "title": f"{document.title} {document.reference}",
            "address": address,
            "digest": document.digest,
            "copy_reference": taker.copy,
            "payload": json.dumps(
                {"template": document.template, "data": data, "at": now.isoformat()}, ensure_ascii=False
            ),
            "state": DocumentState.WAITING,
            "attempts": 0,
        },
    )
    audit.record("document:ask", subject_id=document.subject_id, kind=document.kind.value)
    return job_id


@dataclass(frozen=True)
class Made:
    """What was made: the file, the reference of the copy, and whether it leaves for the first time."""

    content: bytes
    copy: str
    first: bool


def take(*, digest: str) -> Made | None:
    """What was made of exactly what its taker may read now, if it was; it is kept for a minute more."""
    statement = (
        select(DocumentJob.id, DocumentJob.content, DocumentJob.copy_reference, DocumentJob.taken_at)
        .where(DocumentJob.id.in_(_of(digest)), DocumentJob.state == DocumentState.READY)
        .order_by(DocumentJob.asked_at)
        .limit(1)
        .with_for_update()
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    if row.taken_at is None:
        now = clock.now()
        db.session.execute(
            update(DocumentJob)
            .where(DocumentJob.id == row.id)
            .values(taken_at=now, expires_at=func.least(DocumentJob.expires_at, now + AFTER_TAKING))
            .execution_options(synchronize_session=False)
        )
    return Made(row.content, row.copy_reference, first=row.taken_at is None)


def _of(digest: str) -> Select[UUID]:
    return select(DocumentJob.id).where(DocumentJob.digest == digest, DocumentJob.expires_at > clock.now())


#: The name of its heartbeat, and the seconds between two.
NAME, BETWEEN_BEATS = "make documents", 15
#: Seconds between two looks for work; a document is asked for by somebody who waits.
PAUSE = 0.5
#: What was taken up by a process that died is taken up again after so long, and so often.
LEASE, MOST_ATTEMPTS = timedelta(seconds=LONGEST + 15), 2

log = logging.getLogger(__name__)


def run(database_url: str) -> None:
    """Make documents until the process is asked to stop; one under way is finished first.

    Args:
        database_url: the database as portal_documents.
    """
    engine, asked_to_stop = connect(database_url), _StopAsked()
    log.info("Documents are made from here on.")
    beaten = -float(BETWEEN_BEATS)
    while not asked_to_stop:
        try:
            if clock.ticks() - beaten >= BETWEEN_BEATS:
                with engine.begin() as connection:
                    beat(connection, NAME)
                beaten = clock.ticks()
            busy = make_next(engine)
        except Exception:
            log.exception("Making documents failed and goes on in a moment.")
            busy = False
        if not busy:
            time.sleep(PAUSE)
    engine.dispose()
    log.info("No more documents are made from here.")


def make_next(engine: Engine) -> bool:
    """Make the document that has waited longest; whether there was one."""
    with engine.begin() as connection:
        claimed = _claim(connection)
    if claimed is None:
        return False
    job_id, lease, payload = claimed
    content = _made(job_id, payload) if payload else None
    state = DocumentState.FAILED if content is None else DocumentState.READY
    with engine.begin() as connection:
        connection.execute(
            update(DocumentJob)
            .where(DocumentJob.id == job_id, DocumentJob.lease_until == lease)
            .values(state=state, content=content, payload=None, lease_until=None)
        )
    return True


def _claim(connection: Connection) -> tuple[UUID, datetime, str | None] | None:
    """Take one up for as long as it may take. One that was taken up too often has nothing to be made of."""
    now = clock.now()
    row = connection.execute(
        select(DocumentJob.id, DocumentJob.attempts, DocumentJob.payload)
        .where(
            DocumentJob.expires_at > now,
            or_(
                DocumentJob.state == DocumentState.WAITING,
                and_(DocumentJob.state == DocumentState.MAKING, DocumentJob.lease_until < now),
            ),
        )
        .order_by(DocumentJob.asked_at, DocumentJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    lease = now + LEASE
    connection.execute(
        update(DocumentJob)
        .where(DocumentJob.id == row.id)
        .values(state=DocumentState.MAKING, lease_until=lease, attempts=row.attempts + 1)
    )
    return row.id, lease, row.payload if row.attempts < MOST_ATTEMPTS else None


def _made(job_id: UUID, payload: str) -> bytes | None:
    asked: dict[str, Any] = json.loads(payload)
    try:
        return render(
            asked["template"], asked["data"], at=datetime.fromisoformat(asked["at"]), patience=LONGEST
        )
    except NoDocument as problem:
        # what Typst says of it could quote it
        log.error("A document was not made: %s, job %s", type(problem).__name__, job_id)
        return None


class _StopAsked:
    """Whether somebody asked this process to stop."""

    def __init__(self) -> None:
        self._asked = False
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._hear)

    def __bool__(self) -> bool:
        return self._asked

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
