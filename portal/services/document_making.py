"""Makes long documents beside the pages. Any number of processes may: each takes one that nobody else has.

It is nobody to the row policies and reads no table but that of the jobs: what is in a document, whoever asked
for it was allowed to read. It is set by a process of its own, with bounds of memory and time.
"""

import json
import logging
import signal
import time
from datetime import datetime, timedelta
from types import FrameType
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, or_, select, update

from portal import clock
from portal.documents import LONGEST, NoDocument, render
from portal.models.documents import DocumentJob
from portal.records.disclosures.vocabulary import DocumentState
from portal.reminders.worker import beat, connect

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
