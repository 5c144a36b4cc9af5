"""The chair and the note-taker read the cases of their meeting, from appointment until its minutes are
distributed, or until somebody takes their place.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import AccessGrant, Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import Meeting
from portal.records.people.model.people import User


def appoint(*, actor: Principal, meeting: Meeting, cases: Sequence[Case], person: User, as_what: str) -> None:
    """Let whoever chairs or takes notes read every case of the meeting.

    Args:
        as_what: "Chair" or "Note-taker", for people who look up who reads a case.
    """
    for case in cases:
        grant = AccessGrant(
            id=new_id(),
            case_id=case.id,
            user_id=person.id,
            kind=GrantKind.MEETING,
            reason=f"{as_what} of meeting {meeting.reference}",
            starts_at=clock.now(),
            granted_by=actor.user_id,
            meeting_id=meeting.id,
        )
        db.session.add(grant)
        db.session.flush()
        _record("grant:add", case, grant)


def dismiss(*, meeting: Meeting, cases: Sequence[Case], person: User | None = None) -> None:
    """End the reach that a meeting gave, of one person or of both. The last step of a change: it may be
    one's own. A grant of another meeting on the same case stays.
    """
    now = clock.now()
    statement = select(AccessGrant).where(
        AccessGrant.meeting_id == meeting.id,
        AccessGrant.kind == GrantKind.MEETING,
        or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
    )
    if person is not None:
        statement = statement.where(AccessGrant.user_id == person.id)
    by_case = {case.id: case for case in cases}
    grants = [one for one in db.session.scalars(statement) if one.case_id in by_case]
    for grant in sorted(grants, key=lambda one: one.case_id):
        _record("grant:end", by_case[grant.case_id], grant)
    # All at once: after one's own grant on the first case one might not reach the second.
    for grant in grants:
        grant.ends_at = now
    db.session.flush()


def _record(action: str, case: Case, grant: AccessGrant) -> None:
    audit.record(
        action,
        subject_kind="grant",
        subject_id=grant.id,
        child_id=case.child_id,
        case_id=case.id,
        person=str(grant.user_id),
        meeting=str(grant.meeting_id),
    )
