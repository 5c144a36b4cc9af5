"""What only some may say of something of concern: how police know a person, and how reliable it is."""

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import concern_facts, note_change, refuse_ended
from portal.records.concerns.vocabulary import ConcernChangeKind, ConcernKind
from portal.services.errors import DomainError
from portal.services.versions import lock


def set_police_status(*, actor: Principal, concern: Concern, status: str, reason: str, version: int) -> None:
    """Say how police know a person of concern.

    Raises:
        Forbidden: the actor is not of the police.
        Conflict: somebody changed it meanwhile.
        DomainError: it is no person, has ended, or the status or reason is missing.
    """
    require(actor, "concern:police_status", concern_facts(actor, concern))
    if concern.kind != ConcernKind.PERSON:
        raise DomainError("Only of a person can police say how they know them")
    statuses = current_policy().of(Concerns).police_statuses
    if status not in {one.code for one in statuses.offered}:
        raise DomainError("Choose how police know this person", field="status")
    lock(
        concern,
        version,
        lambda now: {"Known to police": statuses.label(now.police_status) or "Not said"},
        first=refuse_ended,
        mine={"Known to police": statuses.label(status)},
    )
    if not reason.strip():
        raise DomainError("Say what this is based on", field="words")
    before = {"police_status": concern.police_status}
    concern.police_status = status
    concern.police_status_by, concern.police_status_at = actor.user_id, clock.now()
    concern.version += 1
    db.session.flush()
    note_change(
        actor,
        concern,
        ConcernChangeKind.POLICE_STATUS,
        before=before,
        after={"police_status": status},
        reason=reason,
    )


def grade_concern(
    *,
    actor: Principal,
    concern: Concern,
    source_grade: str,
    information_grade: str,
    handling_code: str,
    reason: str = "",
    version: int,
) -> None:
    """Grade what is recorded (3x5x2), as intelligence on a form is graded.

    Raises:
        Forbidden: the actor is neither of the police nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, or a grade is missing or unknown.
    """
    require(actor, "concern:grade", concern_facts(actor, concern))
    rules = current_policy().decisions
    if rules.source_grades.get(source_grade) is None:
        raise DomainError("Choose how reliable the source is", field="source_grade")
    if rules.information_grades.get(information_grade) is None:
        raise DomainError("Choose how the information is known", field="information_grade")
    handling = rules.handling_grades.get(handling_code)
    if handling is None:
        raise DomainError("Choose how it may be handled", field="handling_code")
    if handling.needs_conditions and not reason.strip():
        raise DomainError("State the conditions", field="words")
    after = {
        "source_grade": source_grade,
        "information_grade": information_grade,
        "handling_code": handling_code,
    }
    lock(
        concern,
        version,
        lambda now: _grades({name: getattr(now, name) for name in after}),
        first=refuse_ended,
        mine=_grades(after),
    )
    before = {name: getattr(concern, name) for name in after}
    for name, value in after.items():
        setattr(concern, name, value)
    concern.version += 1
    db.session.flush()
    note_change(actor, concern, ConcernChangeKind.GRADED, before=before, after=after, reason=reason)


def _grades(found: dict[str, str] | dict[str, str | None]) -> dict[str, str]:
    return {"Grading": " ".join(value or "–" for value in found.values())}
