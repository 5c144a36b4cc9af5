"""Missing episodes as pages read them: the shared list, and one episode with its counts."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Select, and_, any_, func, literal, select, union, union_all
from sqlalchemy.orm import aliased

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.paging import MomentCursor, Page, page_by_moment
from portal.queries.rows import WHO, Rows, agency_names, name_of, owner_of
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.children.reading import same_child
from portal.records.missing.facts import authority_column, running_too_column
from portal.records.missing.lists import (
    interview_owner,
    most_urgent_first,
    picture,
    reported_alike,
    running_with,
)
from portal.records.missing.model import MissingEpisode, MissingPrompt, PreventionTalk
from portal.records.missing.policy import Missing
from portal.records.missing.rules import WINDOWS, days_before
from portal.records.people.model import Team
from portal.records.return_interviews.model import ReturnInterview, ReturnInterviewEpisode

MOST = 50
OTHERS = 12
PAGE = 50


def find_episode(*, reference: str) -> MissingEpisode | None:
    """The episode of a reference as an address has it, or nothing."""
    known = read_reference(reference, Prefix.MISSING)
    return db.session.scalar(select(MissingEpisode).where(MissingEpisode.reference == known))


def details_of(*, episode: MissingEpisode) -> Any:
    """Who the child is, for whoever may know, who recorded and withdrew it, its interview and its picture.

    `has_record` says whether the reader sees the child's record too. None for one that was seen a moment ago.
    """
    return db.session.execute(
        select(
            Child.reference.label("child_reference"),
            *WHO,
            Child.nhs_number,
            authority_column(),
            running_too_column(),
            ChildRecord.child_id.is_not(None).label("has_record"),
            name_of(MissingEpisode.recorded_by, "recorder"),
            name_of(MissingEpisode.recorded_agency_id, "agency"),
            Team.name.label("team"),
            Team.duty_phone.label("phone"),
            Team.answers_at_night.label("at_night"),
            name_of(MissingEpisode.withdrawn_by, "withdrawn_by"),
            PreventionTalk.words.label("talk_words"),
            PreventionTalk.handling.label("talk_handling"),
            agency_names(PreventionTalk.listed_agencies, "talk_listed"),
            name_of(MissingEpisode.prevention_agency_id, "talk_agency"),
            _interview(),
            _interview_of(),
            interview_owner().label("interview_owner"),
            _leads(),
            picture(),
        )
        .select_from(MissingEpisode)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .outerjoin(ChildRecord, ChildRecord.child_id == MissingEpisode.child_id)
        .outerjoin(Team, Team.id == MissingEpisode.recorded_team_id)
        .outerjoin(PreventionTalk, PreventionTalk.episode_id == MissingEpisode.id)
        .where(MissingEpisode.id == episode.id)
    ).one_or_none()


def _interview() -> Any:
    """The return interview that covers an episode, if one was begun."""
    said = func.json_build_object(
        *("reference", ReturnInterview.reference, "offered", ReturnInterview.offered),
        *("accepted", ReturnInterview.accepted, "done_at", ReturnInterview.done_at),
        *("completed_at", ReturnInterview.completed_at),
        type_=JSON,
    )
    return (
        select(said)
        .join(ReturnInterviewEpisode, ReturnInterviewEpisode.interview_id == ReturnInterview.id)
        .where(ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .correlate(MissingEpisode)
        .scalar_subquery()
        .label("interview")
    )


def _interview_of() -> Any:
    """Of which agency the interview is that covers an episode, also where one may not read it."""
    return (
        select(name_of(ReturnInterviewEpisode.agency_id, "agency"))
        .where(ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .correlate(MissingEpisode)
        .scalar_subquery()
        .label("interview_of")
    )


def _leads() -> Any:
    """Whether the reader leads an open case of the child, and so begins return interviews."""
    return (
        select(Case.id)
        .where(
            Case.child_id == MissingEpisode.child_id,
            Case.lead_professional_id == func.ctx.user_id(),
            Case.state.in_(OPEN_CASE_STATES),
        )
        .correlate(MissingEpisode)
        .exists()
        .label("leads")
    )


def read_as_same(child_id: UUID) -> Any:
    """The child and the records that are linked with it: of those that the reader sees, and of those whose
    episodes whoever works with the child may read without the record.
    """
    return union(same_child(child_id), select(func.unnest(func.ctx.read_as_same(child_id))))


def times_of(*, child_id: UUID, limit: int = OTHERS, beside: MissingEpisode | None = None) -> Rows:
    """The latest episodes of a child, each with how many there are in all and in 30, 90 and 365 days.

    Episodes on records that are linked with the child's are among them: `linked` says so. Withdrawn ones
    stand in the list and count nowhere. Nothing for a child with none that one may see.

    Args:
        beside: the episode that they stand beside. Whoever sees that and not the child has those alone that
            were reported as it was: others would say that the portal knows the child.
    """
    as_said = [] if beside is None else [reported_alike(MissingEpisode, beside)]
    return db.session.execute(
        select(*_times(), *_counts(child_id), _is_linked(child_id))
        .where(MissingEpisode.child_id.in_(read_as_same(child_id)), *as_said)
        .order_by(MissingEpisode.missing_since.desc(), MissingEpisode.id.desc())
        .limit(limit)
    ).all()


def page_of_child(
    *, child_id: UUID, after: MomentCursor | None = None, limit: int = PAGE
) -> Page[MomentCursor]:
    """One page of all episodes of a child, the latest first."""
    listed = select(*_times(), _is_linked(child_id)).where(
        MissingEpisode.child_id.in_(read_as_same(child_id))
    )
    return page_by_moment(listed, MissingEpisode.missing_since, MissingEpisode.id, after=after, limit=limit)


def prompt_with(*, episode: MissingEpisode) -> MissingPrompt | None:
    """The latest question that an episode belongs to, for whoever sees it; it may hang on a linked record."""
    return db.session.scalar(
        select(MissingPrompt)
        .where(
            MissingPrompt.child_id.in_(read_as_same(episode.child_id)),
            literal(episode.id) == any_(MissingPrompt.episode_ids),
        )
        .order_by(MissingPrompt.prompted_at.desc(), MissingPrompt.id.desc())
        .limit(1)
    )


def prompt_facts(*, prompt: MissingPrompt) -> Any:
    """Until when it is to be decided and by whom; who decided."""
    return db.session.execute(
        select(
            Deadline.due_at,
            Deadline.original_due_at,
            Deadline.state,
            owner_of(Deadline),
            name_of(MissingPrompt.answered_by, "by"),
            name_of(MissingPrompt.answered_agency_id, "by_agency"),
        )
        .select_from(MissingPrompt)
        .outerjoin(
            Deadline,
            (Deadline.subject_id == MissingPrompt.id)
            & (Deadline.subject_kind == MissingPrompt.__tablename__),
        )
        .where(MissingPrompt.id == prompt.id)
        .limit(1)
    ).one()


def episodes_in(*, prompt: MissingPrompt) -> Rows:
    """The episodes in question, as far as the reader sees them, the latest first."""
    return db.session.execute(
        select(*_times())
        .where(MissingEpisode.id.in_(prompt.episode_ids))
        .order_by(MissingEpisode.missing_since.desc(), MissingEpisode.id.desc())
    ).all()


def open_case_of(*, child_id: UUID) -> str | None:
    """The reference of the child's open case, for whoever reads it."""
    return db.session.scalar(
        select(Case.reference).where(Case.child_id == child_id, Case.state.in_(OPEN_CASE_STATES)).limit(1)
    )


def _times() -> tuple[Any, ...]:
    return (
        MissingEpisode.id,
        MissingEpisode.reference,
        MissingEpisode.status,
        MissingEpisode.missing_since,
        MissingEpisode.returned_at,
        MissingEpisode.missing_from,
        MissingEpisode.how_found,
        MissingEpisode.grade,
        MissingEpisode.prevention_at,
        MissingEpisode.withdrawn_at,
        name_of(MissingEpisode.recorded_agency_id, "agency"),
    )


def _is_linked(child_id: UUID) -> ColumnElement[bool]:
    """Whether an episode is on another record of the child."""
    return (MissingEpisode.child_id != child_id).label("is_linked")


def _counts(child_id: UUID) -> list[ColumnElement[Any]]:
    """How many episodes there are in all and in each window; the same beside each row."""
    now = clock.now()
    counts = MissingEpisode.withdrawn_at.is_(None) & MissingEpisode.status.in_(counted_statuses())
    whole: list[ColumnElement[Any]] = [
        func.count().over().label("listed"),
        func.count().filter(counts).over().label("in_all"),
        func.count().filter(counts, MissingEpisode.child_id != child_id).over().label("linked"),
        func.ctx.missing_unshown(child_id).label("unshown"),
    ]
    return whole + [
        func.count()
        .filter(counts, MissingEpisode.missing_since >= days_before(now, days))
        .over()
        .label(f"in_{days}")
        for days in WINDOWS
    ]


def counted_statuses() -> list[str]:
    """Which episodes count, by policy `missing.prompt`."""
    return [one.value for one in current_policy().of(Missing).prompt.counted]


def now_missing(*, limit: int = MOST) -> Rows:
    """The children who are missing now, the most urgent first."""
    return db.session.execute(
        running_with(*_list_columns())
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .order_by(*most_urgent_first())
        .limit(limit)
    ).all()


def recently_returned(*, limit: int = MOST) -> Rows:
    """The children who came back lately (policy `missing.recent`), the latest first."""
    since = clock.now() - timedelta(days=current_policy().of(Missing).recent.value)
    return db.session.execute(
        select(*_list_columns())
        .select_from(MissingEpisode)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .where(MissingEpisode.returned_at >= since, MissingEpisode.withdrawn_at.is_(None))
        .order_by(MissingEpisode.returned_at.desc(), MissingEpisode.id.desc())
        .limit(limit)
    ).all()


def without_prevention(*, limit: int = MOST) -> Rows:
    """Children who are back and whom the police have not talked with yet, the longest wait first."""
    return db.session.execute(
        _without_prevention(*_list_columns())
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .order_by(MissingEpisode.returned_at, MissingEpisode.id)
        .limit(limit)
    ).all()


def waiting_for_police() -> Select[Any]:
    """What waits for the police: children who are missing now, and talks with those who are back."""
    return _both(running_with(MissingEpisode.id), _without_prevention(MissingEpisode.id))


def waiting_for_social_care() -> Select[Any]:
    """What waits for social care: children who are missing now, and what repeated episodes ask."""
    asking = select(MissingPrompt.id).filter_by(answered_at=None, fell_away_at=None)
    return _both(running_with(MissingEpisode.id), asking)


def undecided(*, limit: int = MOST) -> Rows:
    """Children whose repeated episodes ask for a decision, the earliest due first."""
    return db.session.execute(
        select(
            MissingPrompt.reference,
            MissingPrompt.prompted_at,
            func.cardinality(MissingPrompt.episode_ids).label("episodes"),
            *WHO,
            MissingEpisode.reported_name,
            Deadline.due_at,
            Deadline.original_due_at,
            owner_of(Deadline),
        )
        .select_from(MissingPrompt)
        .outerjoin(Child, Child.id == MissingPrompt.child_id)
        .outerjoin(MissingEpisode, MissingEpisode.reference == MissingPrompt.reference)
        .outerjoin(
            Deadline,
            (Deadline.subject_id == MissingPrompt.id)
            & (Deadline.subject_kind == MissingPrompt.__tablename__)
            & (Deadline.state == DeadlineState.OPEN),
        )
        .where(MissingPrompt.answered_at.is_(None), MissingPrompt.fell_away_at.is_(None))
        .order_by(Deadline.due_at, MissingPrompt.prompted_at, MissingPrompt.id)
        .limit(limit)
    ).all()


def _list_columns() -> tuple[Any, ...]:
    same = aliased(MissingEpisode)
    counts = and_(
        same.withdrawn_at.is_(None),
        same.status.in_(counted_statuses()),
        same.missing_since >= days_before(clock.now(), WINDOWS[0]),
        reported_alike(same, MissingEpisode),
    )
    own = select(func.count()).select_from(same).where(same.child_id == MissingEpisode.child_id, counts)
    linked = (
        select(func.count())
        .select_from(same)
        .where(
            same.child_id == any_(func.ctx.read_as_same(MissingEpisode.child_id)),
            same.child_id != MissingEpisode.child_id,
            counts,
        )
    )
    in_a_month, in_a_month_linked = (one.correlate(MissingEpisode).scalar_subquery() for one in (own, linked))
    return (
        MissingEpisode.child_id,
        MissingEpisode.reference,
        MissingEpisode.reported_name,
        MissingEpisode.reported_dob,
        MissingEpisode.status,
        MissingEpisode.missing_since,
        MissingEpisode.returned_at,
        MissingEpisode.missing_from,
        MissingEpisode.how_found,
        MissingEpisode.grade,
        MissingEpisode.police_reference,
        authority_column(),
        MissingEpisode.host_authority,
        MissingEpisode.prevention_at,
        *WHO,
        (in_a_month + in_a_month_linked).label("in_a_month"),
        in_a_month_linked.label("in_a_month_linked"),
    )


def _without_prevention(*columns: Any) -> Select[Any]:
    """Episodes whose prevention interview is outstanding. After a year none is asked for any more."""
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(
            MissingEpisode.returned_at >= days_before(clock.now(), WINDOWS[-1]),
            MissingEpisode.prevention_at.is_(None),
            MissingEpisode.withdrawn_at.is_(None),
        )
    )


def _both(one: Select[Any], other: Select[Any]) -> Select[Any]:
    return select(union_all(one, other).subquery().c.id)
