"""Corrections of minutes: asked while they are a draft, answered by chair or note-taker; afterwards notes
beside what was approved. Nothing that was said is overwritten.
"""

from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.checks import require_minutes, require_state
from portal.records.minutes.copies import about_issue
from portal.records.minutes.model import MinutesCorrection, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.services.errors import DomainError, NotFound
from portal.services.messages import tell_people
from portal.services.versions import insert_once


def ask(
    *,
    actor: Principal,
    issue: MinutesIssue,
    text: str,
    item_id: UUID | None = None,
    once: UUID | None = None,
) -> MinutesCorrection:
    """Ask that minutes which one may read be put right. After approval it is a note beside them.

    Args:
        item_id: the heading that it is about, one of the issue.
        once: made when the page was made, so that sending the page twice asks once.

    Raises:
        DomainError: there is no text, or it is the version for the child and family.
        NotFound: the heading is another record's.
    """
    require(actor, "minutes:correct")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        raise DomainError("Ask for the correction in the professional version")
    if not text.strip():
        raise DomainError("Say what is wrong and how it should be", field="text")
    if item_id is not None and str(item_id) not in {one["item_id"] for one in issue.content["items"]}:
        raise NotFound("There is no such heading in these minutes")
    correction = MinutesCorrection(
        id=once or new_id(),
        meeting_id=issue.meeting_id,
        case_id=issue.case_id,
        item_id=item_id,
        text=text.strip(),
        asked_by=actor.user_id,
        agency_id=actor.agency_id,
        asked_at=clock.now(),
    )
    if (asked := insert_once(correction)) is not correction:
        return asked
    _record("minutes:ask_correction", correction)
    tell_people(
        actor=actor,
        kind="minutes_correction",
        about=about_issue(issue),
        people=_responsible(issue),
        once=str(correction.id),
    )
    return correction


def settle(
    *, actor: Principal, meeting: Meeting, correction_id: UUID, taken: bool, answer: str
) -> MinutesCorrection:
    """Say what becomes of a correction; whoever asked hears. Taking it changes no text: that is written anew.

    Raises:
        Forbidden: the actor neither chairs the meeting nor takes its notes.
        NotFound: it is another meeting's.
        DomainError: the minutes are approved, it is answered already, or nothing is said to a refusal.
    """
    require_minutes(actor, "minutes:circulate", meeting)
    require_state(meeting, MeetingState.MINUTES_IN_DRAFT)
    correction = find(meeting=meeting, correction_id=correction_id)
    if correction.settled_at is not None:
        raise DomainError("This correction is answered already")
    if not taken and not answer.strip():
        raise DomainError("Say why it is not taken", field="answer")
    correction.taken = taken
    correction.answer = answer.strip()
    correction.settled_by = actor.user_id
    correction.settled_at = clock.now()
    db.session.flush()
    _record("minutes:settle_correction", correction)
    issue = db.session.scalar(
        select(MinutesIssue)
        .where(
            MinutesIssue.meeting_id == meeting.id,
            MinutesIssue.case_id.is_not_distinct_from(correction.case_id),
            MinutesIssue.kind == MinutesKind.DRAFT,
        )
        .order_by(MinutesIssue.number.desc())
        .limit(1)
    )
    if issue is not None:
        tell_people(
            actor=actor,
            kind="minutes_answered",
            about=about_issue(issue),
            people=[correction.asked_by],
            once=str(correction.id),
        )
    return correction


def find(*, meeting: Meeting, correction_id: UUID) -> MinutesCorrection:
    """A correction of the minutes of this meeting that the person who asks may see.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(
        select(MinutesCorrection).where(
            MinutesCorrection.id == correction_id, MinutesCorrection.meeting_id == meeting.id
        )
    )
    if found is None:
        raise NotFound("There is no such correction of these minutes")
    return found


def _responsible(issue: MinutesIssue) -> set[UUID]:
    """Chair and note-taker, and whoever made the issue, for somebody who no longer sees the meeting."""
    run = db.session.execute(
        select(Meeting.chair_id, Meeting.note_taker_id).where(Meeting.id == issue.meeting_id)
    ).one_or_none()
    return {issue.made_by, *(run or ())}


def _record(action: str, correction: MinutesCorrection) -> None:
    audit.record(
        action,
        subject_kind="minutes_correction",
        subject_id=correction.id,
        case_id=correction.case_id,
        meeting=str(correction.meeting_id),
        taken=correction.taken,
    )
