"""Return interviews as their readers see them: everyone who reads the episodes of the child."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, null, or_, select, true

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.pathway.references import Prefix, read_reference
from portal.queries.paging import MomentCursor, Page, page_by_moment
from portal.queries.rows import Rows, agency_names, latest_on, name_of
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Agency, Team, TeamMember
from portal.records.return_interviews.model import (
    ReturnAttempt,
    ReturnChange,
    ReturnInterview,
    ReturnInterviewEpisode,
)
from portal.vocabulary import Sector

PAGE = 50
CHANGES = 100


@dataclass(frozen=True)
class InterviewFound:
    """An interview, the child, and who began and completed it.

    Whoever recorded it reads it also where the case of the child is held closely: then there is no child, and
    the name is the one that was reported.
    """

    interview: ReturnInterview
    child: Child | None
    name: str
    opened_by: str
    agency: str
    completed_by: str
    listed: Sequence[str] = ()  # the agencies that may read it beside its own


def find_interview(*, reference: str) -> InterviewFound | None:
    """The interview of a reference with its child, if one may see them."""
    reported = (
        select(MissingEpisode.reported_name)
        .join(ReturnInterviewEpisode, ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .where(ReturnInterviewEpisode.interview_id == ReturnInterview.id)
        .order_by(MissingEpisode.missing_since)
        .limit(1)
        .correlate(ReturnInterview)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(
            ReturnInterview,
            Child,
            reported,
            name_of(ReturnInterview.opened_by, "opened_by"),
            name_of(ReturnInterview.agency_id, "agency"),
            name_of(ReturnInterview.completed_by, "completed_by"),
            agency_names(ReturnInterview.listed_agencies, "listed"),
        )
        .outerjoin(Child, Child.id == ReturnInterview.child_id)
        .where(ReturnInterview.reference == read_reference(reference, Prefix.INTERVIEW))
    ).one_or_none()
    if row is None:
        return None
    child = row[1]
    name = f"{child.given_name} {child.family_name}".strip() if child else row[2] or "A child"
    return InterviewFound(row[0], child, name, row[3], row[4], row[5] or "", row[6] or ())


def find_withheld(*, reference: str) -> Any:
    """What somebody learns of an interview whose words are held back from them because they give away what
    must not be disclosed of the child: that there is one, whose, when it was completed, who wrote the words,
    and the child (`Child`), if one may see them. None for whoever reads it, and for whoever hears nothing of
    it (`ctx.interview_withheld`).
    """
    found = _withheld(null(), read_reference(reference, Prefix.INTERVIEW))
    those = select(found, Child).outerjoin(Child, Child.id == found.c.child_id)
    return db.session.execute(those).one_or_none()


def _withheld(interview: Any, reference: str | None = None) -> Any:
    columns = ("id", "reference", "child_id", "agency", "completed_at", "writer", "police")
    return func.ctx.interview_withheld(interview, reference).table_valued(*columns, name="withheld")


def episodes_of(*, interview_id: UUID) -> Rows:
    """The episodes that an interview covers, in order, each with its own duty."""
    return db.session.execute(
        _episodes()
        .join(ReturnInterviewEpisode, ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .where(ReturnInterviewEpisode.interview_id == interview_id)
        .order_by(MissingEpisode.missing_since)
    ).all()


def uncovered(*, child_id: UUID, limit: int = PAGE) -> Rows:
    """The times that a child was missing and came back from that no interview covers, the latest first."""
    covered = select(ReturnInterviewEpisode.episode_id).where(ReturnInterviewEpisode.child_id == child_id)
    return db.session.execute(
        _episodes()
        .where(
            MissingEpisode.child_id == child_id,
            MissingEpisode.returned_at.is_not(None),
            MissingEpisode.withdrawn_at.is_(None),
            MissingEpisode.id.not_in(covered),
        )
        .order_by(MissingEpisode.returned_at.desc(), MissingEpisode.id.desc())
        .limit(limit)
    ).all()


def not_read(*, child_id: UUID, limit: int = PAGE) -> tuple[Rows, Rows]:
    """The returns of a child that no interview covers, and those whose interview is not for whoever asks,
    with `agency`, which has it, and what `find_withheld` says where its words are held back; each the latest
    first.
    """
    reads = select(ReturnInterview.id).where(ReturnInterview.child_id == child_id)
    held = _withheld(ReturnInterviewEpisode.interview_id)
    rows = db.session.execute(
        _episodes()
        .add_columns(ReturnInterviewEpisode.interview_id, name_of(ReturnInterviewEpisode.agency_id, "agency"))
        .add_columns(held.c.reference.label("held"), held.c.completed_at)
        .outerjoin(ReturnInterviewEpisode, ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .outerjoin(held, true())
        .where(
            MissingEpisode.child_id == child_id,
            MissingEpisode.returned_at.is_not(None),
            MissingEpisode.withdrawn_at.is_(None),
            func.coalesce(ReturnInterviewEpisode.interview_id.not_in(reads), True),
        )
        .order_by(MissingEpisode.returned_at.desc(), MissingEpisode.id.desc())
        .limit(limit)
    ).all()
    waiting = [row for row in rows if row.interview_id is None]
    return waiting, [row for row in rows if row.interview_id is not None]


def episodes_with(*, child_id: UUID, references: Sequence[str]) -> list[MissingEpisode]:
    """The episodes of a child that somebody chose."""
    return list(
        db.session.scalars(
            select(MissingEpisode)
            .where(MissingEpisode.child_id == child_id, MissingEpisode.reference.in_(references))
            .order_by(MissingEpisode.missing_since)
        )
    )


def _episodes() -> Any:
    """Episodes with the duty of each: the one that counts, not those that a correction took the place of."""
    duty = (
        select(
            Deadline.subject_id,
            Deadline.due_at,
            Deadline.original_due_at,
            Deadline.state,
            Deadline.ended_at,
            Deadline.late_reason,
            Deadline.confirmed,
        )
        .where(
            Deadline.kind == DeadlineKind.RETURN_INTERVIEW,
            Deadline.subject_kind == MissingEpisode.__tablename__,
            Deadline.state != DeadlineState.SUPERSEDED,
            Deadline.subject_id == MissingEpisode.id,
        )
        .order_by(Deadline.started_at.desc())
        .limit(1)
        .lateral("duty")
    )
    return select(
        MissingEpisode.id,
        MissingEpisode.reference,
        MissingEpisode.status,
        MissingEpisode.missing_since,
        MissingEpisode.returned_at,
        duty.c.due_at,
        duty.c.original_due_at,
        duty.c.state,
        duty.c.ended_at,
        duty.c.late_reason,
        duty.c.confirmed,
    ).outerjoin(duty, duty.c.subject_id == MissingEpisode.id)


def attempts(*, interview_id: UUID) -> Rows:
    """Every attempt to reach the child, in order, by whom."""
    return db.session.execute(
        select(
            ReturnAttempt.at,
            ReturnAttempt.way,
            ReturnAttempt.words,
            name_of(ReturnAttempt.made_by, "made_by"),
            name_of(ReturnAttempt.agency_id, "agency"),
        )
        .where(ReturnAttempt.interview_id == interview_id)
        .order_by(ReturnAttempt.at, ReturnAttempt.id)
        .limit(PAGE)
    ).all()


def changes(*, interview_id: UUID, limit: int = CHANGES) -> Rows:
    """What was changed in an interview, the latest first: what it said before and after, by whom and when."""
    c = ReturnChange
    return latest_on(
        c.interview_id, interview_id, c.number, limit, by=c.changed_by, agency=c.changed_agency_id
    )


def of_child(*, child_id: UUID, after: MomentCursor | None = None, limit: int = PAGE) -> Page[MomentCursor]:
    """The interviews with a child, the latest first."""
    covered = (
        select(func.count())
        .where(ReturnInterviewEpisode.interview_id == ReturnInterview.id)
        .correlate(ReturnInterview)
        .scalar_subquery()
    )
    found = select(
        ReturnInterview.id,
        ReturnInterview.reference,
        ReturnInterview.opened_at,
        ReturnInterview.offered,
        ReturnInterview.accepted,
        ReturnInterview.declined_reason,
        ReturnInterview.done_at,
        ReturnInterview.completed_at,
        ReturnInterview.interviewer,
        name_of(ReturnInterview.agency_id, "agency"),
        covered.label("episodes"),
    ).where(ReturnInterview.child_id == child_id)
    return page_by_moment(found, ReturnInterview.opened_at, ReturnInterview.id, after=after, limit=limit)


def who_holds(*, message_id: UUID) -> Any:
    """Whose the interview of a message is, and the number of the team there of whoever told of it (`agency`,
    `team`, `team_phone`): for whoever does not read it, and sees an episode that it covers. None for others.
    The page of the child says the same of each return. Where its words are held back, its own page says so
    (`instead`, its reference).
    """
    covers, teller = ReturnInterviewEpisode, TeamMember.user_id == OutboxMessage.caused_by
    held = _withheld(ReturnInterviewEpisode.interview_id)
    found = (
        select(Agency.name.label("agency"), Team.name.label("team"), Team.duty_phone.label("team_phone"))
        .add_columns(held.c.reference.label("instead"))
        .select_from(OutboxMessage)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .join(covers, covers.interview_id == OutboxSubject.subject_id)
        .join(MissingEpisode, MissingEpisode.id == covers.episode_id)
        .join(Agency, Agency.id == covers.agency_id)
        .outerjoin(TeamMember, teller)
        .outerjoin(Team, and_(Team.id == TeamMember.team_id, Team.agency_id == Agency.id, Team.active))
        .outerjoin(held, true())
        .where(OutboxMessage.id == message_id, OutboxSubject.subject_kind == ReturnInterview.__tablename__)
    )
    return db.session.execute(found.order_by(Team.duty_phone.is_(None), Team.name).limit(1)).one_or_none()


def agencies_to_name(*, child_id: UUID, without: UUID) -> Rows:
    """The agencies that may be named as readers: those that work on a case of the child and, unless one is
    held closely, the hub and the police, who hear of each child that was missing.
    """
    of_child = select(Case.id).where(Case.child_id == child_id)
    works = select(Involvement.agency_id).where(
        Involvement.case_id.in_(of_child), Involvement.ended_at.is_(None)
    )
    hears = Agency.sector.in_((Sector.HUB, Sector.POLICE)) & ~of_child.where(Case.sensitivity > 0).exists()
    wanted = select(Agency.id, Agency.name).where(
        Agency.active, Agency.id != without, or_(Agency.id.in_(works), hears)
    )
    return db.session.execute(wanted.order_by(Agency.name)).all()
