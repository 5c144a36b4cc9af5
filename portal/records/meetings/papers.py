"""Papers that a meeting needs, child by child, and whether they are there."""

from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, require_running
from portal.records.meetings.model import Meeting, MeetingPaper
from portal.records.meetings.vocabulary import MeetingState
from portal.services.errors import DomainError
from portal.services.versions import lock


class PaperMark(StrEnum):
    """What is said of a paper."""

    THERE = "there"
    MISSING = "missing"
    NOT_NEEDED = "not_needed"


def mark_paper(
    *,
    actor: Principal,
    meeting: Meeting,
    case_id: UUID,
    kind: str,
    mark: PaperMark,
    reason: str = "",
    version: int,
) -> MeetingPaper:
    """Say that a paper on one child is there, is missing after all, or is not needed.

    Args:
        kind: a code of policy `meetings.papers` that is not asked of agencies.
        reason: why it is not needed.
        version: of the paper as it was shown; 0 when nothing had been said of it.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case, or it is not theirs to read.
        Conflict: somebody else said something of it meanwhile.
        DomainError: there is no such paper, no reason, or the meeting was cancelled.
    """
    require_running(actor, meeting)
    case = case_of(meeting=meeting, case_id=case_id)
    rule = current_policy().meetings.papers.get(kind)
    if rule is None or rule.from_agency:
        raise DomainError("Choose a paper of this meeting")
    if MeetingState(meeting.state) is MeetingState.CANCELLED:
        raise DomainError("This meeting was cancelled")
    if mark is PaperMark.NOT_NEEDED and not reason.strip():
        raise DomainError("Say why it is not needed", field="reason")
    paper = _paper(meeting, case, kind)
    if not lock(
        paper,
        version,
        lambda now: {rule.label: words(now)},
        same=lambda now: standing(now) is mark and (now.not_needed_reason or "") == reason.strip(),
        mine={rule.label: _label(mark, reason)},
    ):
        return paper  # a form that is sent twice
    there = mark is PaperMark.THERE
    paper.received_at = clock.now() if there else None
    paper.received_by = actor.user_id if there else None
    paper.not_needed_reason = reason.strip() if mark is PaperMark.NOT_NEEDED else None
    paper.version += 1
    db.session.flush()
    audit.record(
        "meeting:paper",
        subject_kind="meeting",
        subject_id=meeting.id,
        case_id=case.id,
        child_id=case.child_id,
        kind=kind,
        mark=mark.value,
    )
    return paper


def standing(paper: MeetingPaper) -> PaperMark:
    """What is said of a paper now."""
    if paper.received_at is not None:
        return PaperMark.THERE
    return PaperMark.NOT_NEEDED if paper.not_needed_reason else PaperMark.MISSING


def words(paper: MeetingPaper) -> str:
    """The same for people."""
    return _label(standing(paper), paper.not_needed_reason or "")


def _label(mark: PaperMark, reason: str) -> str:
    if mark is PaperMark.NOT_NEEDED:
        return f"Not needed: {reason.strip()}"
    return "It is there" if mark is PaperMark.THERE else "Missing"


def _paper(meeting: Meeting, case: Case, kind: str) -> MeetingPaper:
    """The one paper of a kind on a child: its id is made of the three, so that two people make one row."""
    paper_id = uuid5(meeting.id, f"paper:{case.id}:{kind}")
    db.session.execute(
        insert(MeetingPaper)
        .inline()
        .values(id=paper_id, meeting_id=meeting.id, case_id=case.id, kind=kind, version=0)
        .on_conflict_do_nothing()
    )
    return db.session.get_one(MeetingPaper, paper_id)
