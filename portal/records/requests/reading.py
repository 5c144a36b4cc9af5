"""Questions to teams as their readers see them, and whom one can ask about whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, and_, case, func, not_, null, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.pathway.references import Prefix, read_reference
from portal.queries.rows import CHILD, NAMED, Rows, agency_names, name_of
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.missing.facts import missing_now_column
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.requests.vocabulary import Locates

MOST = 50


def find_request(*, reference: str) -> InformationRequest | None:
    """The question of a reference, if one may see it."""
    wanted = select(InformationRequest).filter_by(reference=read_reference(reference, Prefix.REQUEST))
    return db.session.scalar(wanted)


def was_asked(*, person: Principal, reference: str) -> bool:
    """Whether the person was told of a question to them or their team, and may know that it was."""
    teams = list(person.team_ids & person.readers)
    told = (
        select(OutboxSubject.message_id)
        .join(OutboxMessage, OutboxMessage.id == OutboxSubject.message_id)
        .where(
            OutboxSubject.subject_kind == InformationRequest.__tablename__,
            OutboxSubject.reference == read_reference(reference, Prefix.REQUEST),
            OutboxMessage.kind == "asked",
            or_(
                (OutboxMessage.recipient_id == person.user_id)
                & (OutboxMessage.agency_id == person.agency_id),
                OutboxMessage.recipient_team_id.in_(teams),
            ),
        )
    )
    return db.session.scalar(told.limit(1)) is not None


def details_of(*, request: InformationRequest) -> Any:
    """Who the child is, who asks and how to reach them, who is asked, from what, and the first date.

    None for one that was seen a moment ago, and no longer is.
    """
    asker_agency, asked_agency = aliased(Agency), aliased(Agency)
    asker, asked = aliased(User), aliased(User)
    in_use = asked_agency.active & func.coalesce(Team.active, asked.active)
    return db.session.execute(
        select(
            *CHILD,
            missing_now_column(),
            asker.name.label("asker"),
            asker.job_title.label("asker_job_title"),
            func.coalesce(func.nullif(asker.phone, ""), _duty_phone(asker)).label("asker_phone"),
            asker_agency.id.label("asker_agency_id"),
            asker_agency.name.label("asker_agency"),
            asked_agency.name.label("asked_agency"),
            Team.name.label("asked_team"),
            Team.duty_phone.label("asked_phone"),
            asked.name.label("asked_person"),
            Case.reference.label("case_reference"),
            Referral.reference.label("referral_reference"),
            Meeting.reference.label("meeting_reference"),
            Meeting.starts_at.label("meeting_at"),
            Deadline.original_due_at.label("first_due_at"),
            Deadline.move_reason.label("why_later"),
            in_use.label("asked_in_use"),
        )
        .select_from(InformationRequest)
        .join(Child, Child.id == InformationRequest.child_id)
        .join(asker, asker.id == InformationRequest.asked_by)
        .join(asker_agency, asker_agency.id == asker.agency_id)
        .join(asked_agency, asked_agency.id == InformationRequest.asked_agency_id)
        .outerjoin(Team, Team.id == InformationRequest.asked_team_id)
        .outerjoin(asked, asked.id == InformationRequest.asked_user_id)
        .outerjoin(Case, Case.id == InformationRequest.case_id)
        .outerjoin(Referral, Referral.id == InformationRequest.referral_id)
        .outerjoin(Meeting, Meeting.id == InformationRequest.meeting_id)
        .outerjoin(Deadline, Deadline.request_id == InformationRequest.id)
        .where(InformationRequest.id == request.id)
    ).one_or_none()


def answers_of(*, request_ids: Sequence[UUID]) -> Rows:
    """The answers that one may read, the earliest first."""
    return db.session.execute(
        select(
            InformationAnswer.__table__,
            name_of(InformationAnswer.author_id, "author"),
            name_of(InformationAnswer.agency_id, "agency"),
            agency_names(InformationAnswer.listed_agencies, "listed"),
            held_back().label("held_back"),
        )
        .join(InformationRequest, InformationRequest.id == InformationAnswer.request_id)
        .where(InformationAnswer.request_id.in_(request_ids))
        .order_by(InformationAnswer.answered_at, InformationAnswer.id)
    ).all()


def of_case(*, case_id: UUID, limit: int = MOST) -> Rows:
    """What was asked on a case, the newest first, each with the answers that one may read as JSON."""
    return _listed_with_answers(InformationRequest.case_id == case_id, limit)


def of_referral(*, referral_id: UUID, limit: int = MOST) -> Rows:
    """What was asked from a form, the newest first, each with its answers."""
    return _listed_with_answers(InformationRequest.referral_id == referral_id, limit)


def open_to(*, person: Principal, limit: int = MOST) -> Rows:
    """What the person and their teams are asked and have not answered, the earliest due first."""
    return db.session.execute(
        _open_to(person).order_by(InformationRequest.due_at, InformationRequest.id).limit(limit)
    ).all()


def this_week(*, person: Principal, begins: datetime, ends: datetime, limit: int = MOST * 4) -> Rows:
    """Of these, what is overdue, due until a week ends, or was asked since it began; by name."""
    return db.session.execute(
        _open_to(person)
        .where(or_(InformationRequest.due_at <= ends, InformationRequest.asked_at >= begins))
        .order_by(Child.family_name, Child.given_name, InformationRequest.due_at, InformationRequest.id)
        .limit(limit)
    ).all()


def _duty_phone(person: Any) -> Any:
    """The number of the first team of somebody, by name: it is answered when they are not there."""
    duty = aliased(Team)
    return (
        select(duty.duty_phone)
        .join(TeamMember, TeamMember.team_id == duty.id)
        .where(TeamMember.user_id == person.id)
        .order_by(duty.name)
        .limit(1)
        .correlate(person)
        .scalar_subquery()
    )


def listed() -> Select[Any]:
    """Questions with their child, whom they were asked of and by whom."""
    columns: list[Any] = [
        InformationRequest.__table__,
        *CHILD,
        missing_now_column(),
        name_of(InformationRequest.asked_agency_id, "asked_agency"),
        name_of(InformationRequest.asked_team_id, "asked_team"),
        name_of(InformationRequest.asked_user_id, "asked_person"),
        name_of(InformationRequest.asked_by, "asker"),
        _nothing_held().label("nothing_held"),
    ]
    return select(*columns).join(Child, Child.id == InformationRequest.child_id)


def _nothing_held() -> Any:
    """Whether the answers that one may read say only that nothing is held."""
    return (
        select(func.bool_and(InformationAnswer.nothing_held))
        .where(InformationAnswer.request_id == InformationRequest.id)
        .correlate(InformationRequest)
        .scalar_subquery()
    )


def held_back() -> ColumnElement[bool]:
    """Whether the words of an answer stand on the page of its question alone."""
    said = InformationAnswer.locates
    held_if_alert = or_(said.is_(None), said == Locates.YES)
    may_stand = func.ctx.nothing_held_back(InformationRequest.child_id, type_=Boolean)
    return and_(
        ~InformationAnswer.nothing_held, or_(said == Locates.HELD, and_(held_if_alert, not_(may_stand)))
    ).is_(True)


def _listed_with_answers(condition: Any, limit: int) -> Rows:
    author, agency = aliased(User), aliased(Agency)
    said = func.jsonb_build_object(
        "text",
        case((held_back(), null()), else_=InformationAnswer.text),
        "held_back",
        held_back(),
        "nothing_held",
        InformationAnswer.nothing_held,
        "handling",
        InformationAnswer.handling,
        "author",
        author.name,
        "agency",
        agency.name,
    )
    answers = (
        select(func.jsonb_agg(aggregate_order_by(said, InformationAnswer.answered_at)))
        .select_from(InformationAnswer)
        .join(author, author.id == InformationAnswer.author_id)
        .join(agency, agency.id == InformationAnswer.agency_id)
        .where(InformationAnswer.request_id == InformationRequest.id)
        .correlate(InformationRequest)
        .scalar_subquery()
    )
    return db.session.execute(
        listed()
        .add_columns(answers.label("answers"))
        .where(condition)
        .order_by(InformationRequest.asked_at.desc(), InformationRequest.id)
        .limit(limit)
    ).all()


def _open_to(person: Principal) -> Select[Any]:
    return listed().where(
        _is_asked(person),
        InformationRequest.answered_at.is_(None),
        InformationRequest.withdrawn_at.is_(None),
    )


def _is_asked(person: Principal) -> Any:
    return or_(
        InformationRequest.asked_user_id == person.user_id,
        InformationRequest.asked_team_id.in_(list(person.team_ids & person.readers)),
    )


def children_on(*, referral_id: UUID) -> Rows:
    """The known children of a form: id, reference, given_name, family_name, dob."""
    return db.session.execute(
        select(Child.id, Child.reference, *NAMED, Child.dob)
        .join(ReferralChild, ReferralChild.child_id == Child.id)
        .where(ReferralChild.referral_id == referral_id)
        .distinct()
        .order_by(Child.family_name, Child.given_name, Child.id)
    ).all()


def agencies_to_list(*, without: UUID) -> Rows:
    """The agencies that an answer may be for: id, name."""
    return db.session.execute(
        select(Agency.id, Agency.name).where(Agency.active, Agency.id != without).order_by(Agency.name)
    ).all()


def find_meeting(*, reference: str | None, case_id: UUID) -> Meeting | None:
    """A meeting on this case that one may see."""
    known = read_reference(reference or "", Prefix.MEETING)
    return db.session.scalar(
        select(Meeting)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(Meeting.reference == known, MeetingCase.case_id == case_id)
    )


def cases_of_meeting(*, meeting_id: UUID) -> Sequence[tuple[Case, Child]]:
    """The cases of a meeting that one reads, each with its child, by name."""
    rows = db.session.execute(
        select(Case, Child)
        .join(MeetingCase, MeetingCase.case_id == Case.id)
        .join(Child, Child.id == Case.child_id)
        .where(MeetingCase.meeting_id == meeting_id)
        .order_by(Child.family_name, Child.given_name, Child.id)
    )
    return [(case, child) for case, child in rows]


def invited_teams(*, meeting_id: UUID) -> Sequence[UUID]:
    """The teams that are invited to a meeting."""
    teams = select(Invitation.team_id).filter_by(meeting_id=meeting_id, withdrawn_at=None)
    return [one for one in db.session.scalars(teams) if one is not None]
