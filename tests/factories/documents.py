"""Long documents under way."""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.documents.model import DocumentJob
from portal.model import new_id
from portal.records.disclosures.vocabulary import DocumentState
from portal.records.people.model import SignInSession


def make_waiting_document(rows: Session, token: str, *, address: str) -> UUID:
    """One that was asked for at `address` in the sign-in whose cookie holds `token`."""
    digest = hashlib.sha256(token.encode()).digest()
    asked_in = rows.scalars(select(SignInSession).where(SignInSession.token_hash == digest)).one()
    now, job_id = clock.now(), new_id()
    rows.add(
        DocumentJob(
            id=job_id,
            session_id=asked_in.id,
            asked_by=asked_in.user_id,
            asked_at=now,
            expires_at=now + timedelta(hours=1),
            title="Chronology",
            address=address,
            digest=digest.hex(),
            copy_reference="x",
            payload="{}",
            state=DocumentState.WAITING,
        )
    )
    rows.commit()
    return job_id
