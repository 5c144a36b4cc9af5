"""Long documents that are made for whoever is asking: in this sign-in, and until they are deleted."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

from portal import clock
from portal.documents.model import DocumentJob
from portal.extensions import db

#: Without what is in them.
_LIGHT = select(DocumentJob).options(defer(DocumentJob.payload), defer(DocumentJob.content))


def find_job(*, job_id: UUID) -> DocumentJob | None:
    """One of them, without what is in it."""
    return db.session.scalar(_LIGHT.where(DocumentJob.id == job_id, DocumentJob.expires_at > clock.now()))


def mine() -> Sequence[DocumentJob]:
    """All of them, in the order in which they were asked for."""
    kept = _LIGHT.where(DocumentJob.expires_at > clock.now())
    return db.session.scalars(kept.order_by(DocumentJob.asked_at, DocumentJob.id)).all()
