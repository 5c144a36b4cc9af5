"""The sharing ledger: who took which record out of the portal as a file."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.references import Prefix, new_reference
from portal.records.disclosures.model.copies import TakenCopy
from portal.records.disclosures.vocabulary import CopyKind


def new_copy_reference() -> str:
    """The reference of a file that is about to be made, so that it can stand in the file itself."""
    return new_reference(Prefix.COPY)


def record_copy(
    *,
    actor: Principal,
    kind: CopyKind,
    subject_id: UUID,
    subject_reference: str,
    content: bytes,
    case_ids: Iterable[UUID] = (),
    reference: str | None = None,
) -> str:
    """Put on the ledger that the actor takes a file, in the transaction that answers with it.

    Whether they may have it is settled before: a refusal leaves no row.

    Args:
        subject_id, subject_reference: the record that the file is a copy of.
        content: the file, of which the digest and the size are kept.
        case_ids: the cases that it is on; none for what belongs to no case.
        reference: from `new_copy_reference`, where it stands in the file.

    Returns:
        The reference of the copy.
    """
    found = reference or new_copy_reference()
    digest, now = sha256(content).hexdigest(), clock.now()
    db.session.add_all(
        TakenCopy(
            reference=found,
            kind=kind,
            subject_id=subject_id,
            subject_reference=subject_reference,
            case_id=case_id,
            taken_by=actor.user_id,
            taken_agency_id=actor.agency_id,
            taken_at=now,
            digest=digest,
            size=len(content),
        )
        for case_id in dict.fromkeys(case_ids) or (None,)
    )
    db.session.flush()
    return found
