"""Asking for access to a case of which one sees only that it exists, and the answer of those who lead it."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.grants import name_person
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.requests.model import AccessRequest
from portal.services.errors import DomainError, NotFound
from portal.services.hub import tell_hub
from portal.services.messages import About, tell_people

_LEAD = text("select ctx.lead_to_ask(:case_id)").bindparams(bindparam("case_id", type_=Uuid))


def ask_for_access(*, actor: Principal, case_id: UUID, reference: str, reason: str) -> AccessRequest:
    """Ask to read a restricted case. The lead professional and the hub are told; asking again asks once.

    Args:
        reference: of the case, which is all that its notice shows.

    Raises:
        DomainError: no reason was given.
    """
    require(actor, "access:ask")
    if not reason.strip():
        raise DomainError("Say why you need to read the case", field="reason")
    waiting = db.session.scalar(
        select(AccessRequest).where(
            AccessRequest.case_id == case_id,
            AccessRequest.asked_by == actor.user_id,
            AccessRequest.answered_at.is_(None),
        )
    )
    if waiting:
        return waiting
    asked = AccessRequest(
        id=new_id(),
        case_id=case_id,
        asked_by=actor.user_id,
        asked_agency_id=actor.agency_id,
        reason=reason.strip(),
        asked_at=clock.now(),
    )
    db.session.add(asked)
    db.session.flush()
    audit.record("access:ask", subject_kind="access_request", subject_id=asked.id, case_id=case_id)
    about = About("access_request", asked.id, reference=reference, case_id=case_id)
    lead = db.session.scalar(_LEAD, {"case_id": case_id})
    tell_people(actor=actor, kind="access_asked", about=about, people=[lead] if lead else [])
    tell_hub(actor=actor, kind="access_asked", about=about)
    return asked


def answer_access(
    *, actor: Principal, case: Case, request_id: UUID, granted: bool, answer: str
) -> AccessRequest:
    """Name whoever asked on the case, or say why not; the second of two answers changes nothing.

    Raises:
        Forbidden: the actor is neither a coordinator nor the lead professional.
        NotFound: nobody asked this on this case.
        DomainError: no answer was given, or whoever asked may not be named any more.
    """
    require(actor, "access:answer", Facts(lead_professional=case.lead_professional_id == actor.user_id))
    asked = db.session.scalar(
        select(AccessRequest)
        .where(AccessRequest.id == request_id, AccessRequest.case_id == case.id)
        .with_for_update()
    )
    if asked is None:
        raise NotFound("Nobody asked this")
    if asked.answered_at is not None:
        return asked
    if not answer.strip():
        raise DomainError("Say why", field="answer")
    asker = db.session.get_one(User, asked.asked_by)
    if granted:
        if asker.agency_id != asked.asked_agency_id:
            raise DomainError(f"{asker.name} has moved to another agency since")
        name_person(actor=actor, case=case, person=asker, reason=answer, tells=False)
    asked.granted = granted
    asked.answer = answer.strip()
    asked.answered_by = actor.user_id
    asked.answered_at = clock.now()
    db.session.flush()
    audit.record(
        "access:answer",
        subject_kind="access_request",
        subject_id=asked.id,
        child_id=case.child_id,
        case_id=case.id,
        granted=granted,
    )
    tell_people(
        actor=actor,
        kind="access_answered",
        about=About("access_request", asked.id, reference=case.reference, case_id=case.id),
        people=[asked.asked_by],
    )
    return asked
