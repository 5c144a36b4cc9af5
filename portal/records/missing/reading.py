"""Missing episodes as pages read them: one episode with its counts, and what was added to it: what it said
before, what was done to find the child, and what came of the talk of the police.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, and_, any_, func, literal, or_, select, true, union

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.paging import MomentCursor, Page, page_by_moment
from portal.queries.rows import WHO, Rows, agency_names, latest_on, name_of, owner_of
from portal.records.attachments.model import Attachment
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.children.reading import involved_agencies, same_child
from portal.records.missing.facts import authority_column, back_by_column, reported_alike, running_too_column
from portal.records.missing.lists import counted_statuses
from portal.records.missing.model import (
    MissingChange,
    MissingEnquiry,
    MissingEpisode,
    MissingPrompt,
    PreventionTalk,
)
from portal.records.missing.rules import WINDOWS, days_before
from portal.records.people.model import Agency, Team, User
from portal.records.return_interviews.model import ReturnInterview, ReturnInterviewEpisode
from portal.vocabulary import Sector

MOST = MOST_CHANGES = 50
MOST_ENQUIRIES = 200
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
            back_by_column(),
            func.ctx.reads_as_reported(MissingEpisode.id).label("reads_as_reported"),
            func.ctx.is_of_reported(MissingEpisode.id).label("is_of_reported"),
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
            _interview_withheld(),
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


def interview_owner() -> Any:
    """SQL for who owes the return interview of an episode, as far as the reader sees that duty."""
    open_ = Deadline.state == DeadlineState.OPEN, Deadline.kind == DeadlineKind.RETURN_INTERVIEW
    return (
        select(owner_of(Deadline))
        .where(Deadline.subject_id == MissingEpisode.id, *open_)
        .limit(1)
        .correlate(MissingEpisode)
        .scalar_subquery()
    )


def picture() -> Any:
    """The reference of the picture that was added last and can be shown, or may be once it was scanned."""
    return (
        select(Attachment.reference)
        .where(
            Attachment.episode_id == MissingEpisode.id,
            Attachment.removed_at.is_(None),
            Attachment.state != AttachmentState.REFUSED,
        )
        .order_by(Attachment.added_at.desc(), Attachment.id.desc())
        .limit(1)
        .correlate(MissingEpisode)
        .scalar_subquery()
        .label("picture")
    )


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


def _interview_withheld() -> Any:
    """The reference of the interview on an episode, where its words are held back from the reader."""
    held = func.ctx.interview_withheld(ReturnInterviewEpisode.interview_id).table_valued(
        "reference", name="w"
    )
    covers = select(held.c.reference).select_from(ReturnInterviewEpisode).join(held, true())
    covers = covers.where(ReturnInterviewEpisode.episode_id == MissingEpisode.id).correlate(MissingEpisode)
    return covers.scalar_subquery().label("interview_withheld")


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


def numbers_of_recorder(*, episode: MissingEpisode) -> Any:
    """The numbers at which those are reached who recorded an episode: `phone`, `team` and `team_phone`."""
    return db.session.execute(
        select(User.phone, Team.name.label("team"), Team.duty_phone.label("team_phone"))
        .select_from(User)
        .outerjoin(Team, Team.id == episode.recorded_team_id)
        .where(User.id == episode.recorded_by)
    ).one()


def changes_of(*, episode_id: UUID) -> Rows:
    """What an episode said before it was changed, the latest change first."""
    c = MissingChange
    return latest_on(
        c.episode_id, episode_id, c.changed_at, MOST_CHANGES, by=c.changed_by, agency=c.changed_agency_id
    )


def enquiries_of(*, episode_id: UUID) -> Rows:
    """What was done to find the child, the latest first, who did it, and who recorded it."""
    e = MissingEnquiry
    return latest_on(
        e.episode_id, episode_id, e.made_at, MOST_ENQUIRIES, by=e.recorded_by, agency=e.recorded_agency_id
    )


def held_on(*, episode_id: UUID) -> dict[str, str]:
    """What an episode says in words that are held back from the reader, by column, each with who said it."""
    found = func.ctx.held_on_episode(episode_id).table_valued("field", "user_id", "agency_id")
    said = select(found.c.field, (User.name + ", " + Agency.name).label("who"))
    said = said.join(User, User.id == found.c.user_id).join(Agency, Agency.id == found.c.agency_id)
    return {row.field: row.who for row in db.session.execute(said)}


def plans_over(*, enquiry_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When a plan ended that held as something was passed on from it, by what was passed on."""
    if not enquiry_ids:
        return {}
    over = func.ctx.plan_ended_since(MissingEnquiry.id).label("over")
    found = select(MissingEnquiry.id, over).where(MissingEnquiry.id.in_(enquiry_ids))
    return {row.id: row.over for row in db.session.execute(found) if row.over}


def double_of(*, episode: MissingEpisode) -> MissingEpisode | None:
    """The report of which one is a double, for whoever reads that too."""
    return db.session.get(MissingEpisode, episode.double_of) if episode.double_of else None


def talk_on(*, episode: MissingEpisode) -> PreventionTalk | None:
    """What came of the talk of the police, for whoever may read it."""
    return db.session.get(PreventionTalk, episode.id)


def may_be_named(*, episode: MissingEpisode, person: Principal) -> list[tuple[UUID, str]]:
    """The other agencies that somebody may name to read what came of the talk: those that work with the child
    as far as they see them, which recorded it, and social care of the authorities that it names.
    """
    authorities = [one for one in (episode.responsible_authority, episode.host_authority) if one]
    working = {row.id for row in involved_agencies(child_id=episode.child_id)}
    found = select(Agency.id, Agency.name).where(
        Agency.active,
        Agency.id != person.agency_id,
        or_(
            Agency.id.in_({*working, episode.recorded_agency_id}),
            Agency.sector == Sector.HUB,
            and_(Agency.sector == Sector.SOCIAL_CARE, Agency.authority.in_(authorities)),
        ),
    )
    return [(row.id, row.name) for row in db.session.execute(found.order_by(Agency.name)).all()]


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
