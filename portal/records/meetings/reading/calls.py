"""What somebody who calls a meeting chooses from: cases beside the first, teams on them, people, a date."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, any_, bindparam, case, literal, or_, select, text, union

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.rows import WHO, Rows
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import Child
from portal.records.children.reading import same_child
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.rules import KIND_OF_DUTY
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role

#: Cases that are offered beside the one from which a meeting is called.
BESIDE = 8


def due_on(*, case_id: UUID) -> Any:
    """The next meeting that a case owes, where none is booked for it yet: its kind, when it is due and was
    first, and where that date comes from.
    """
    return db.session.execute(
        select(
            Deadline.kind,
            Deadline.due_at,
            Deadline.original_due_at,
            Deadline.source,
            Deadline.confirmed,
            Deadline.policy_version,
        )
        .where(
            Deadline.case_id == case_id,
            Deadline.meeting_id.is_(None),
            Deadline.kind.in_(KIND_OF_DUTY),
            Deadline.state == DeadlineState.OPEN,
        )
        .order_by(Deadline.due_at)
        .limit(1)
    ).one_or_none()


def beside(*, record: Case) -> Rows:
    """Open cases that are often met on together, of those that one reads in full: of children whose records
    are linked, and of the same family name with the same lead professional.

    Rows of case_id, reference, child_id, given_name, family_name, dob.
    """
    family = select(Child.family_name).where(Child.id == record.child_id).scalar_subquery()
    siblings = (
        select(Case.child_id)
        .join(Child, Child.id == Case.child_id)
        .where(Case.lead_professional_id == record.lead_professional_id, Child.family_name == family)
    )
    near = union(same_child(record.child_id), siblings).subquery()
    return db.session.execute(
        select(
            Case.id.label("case_id"),
            Case.reference,
            Case.child_id,
            *WHO,
        )
        .join(Child, Child.id == Case.child_id)
        .where(Case.child_id.in_(select(near)), Case.id != record.id, Case.state.in_(OPEN_CASE_STATES))
        .order_by(Child.dob, Child.given_name, Case.id)
        .limit(BESIDE)
    ).all()


def find_cases(*, typed: Collection[str]) -> tuple[list[Case], list[str]]:
    """The cases that one reads in full under some references, in order; and what stands for none of them.

    A case that one may not read and one that is not there are the same.
    """
    read = {one: read_reference(one, Prefix.CASE) for one in typed}
    wanted = [one for one in read.values() if one]
    found = {one.reference: one for one in db.session.scalars(select(Case).where(Case.reference.in_(wanted)))}
    cases = [found[one] for one in dict.fromkeys(read.values()) if one in found]
    return cases, [said for said, one in read.items() if one not in found]


def teams_on(*, case_ids: Collection[UUID]) -> set[UUID]:
    """The teams that work on any of some cases now."""
    return set(
        db.session.scalars(
            select(Involvement.team_id).where(
                Involvement.case_id.in_(case_ids), Involvement.ended_at.is_(None)
            )
        )
    )


def people_to_run(*, case_ids: Collection[UUID], person: Principal) -> Rows:
    """Who may chair a meeting or take its notes, without being looked for: oneself first, then whoever works
    on one of the cases, then one's own team and the hub, then everybody else with the chair’s role.

    Rows of id, name, job_title, agency.
    """
    now = clock.now()
    on_case = select(TeamMember.user_id).where(TeamMember.team_id.in_(teams_on(case_ids=case_ids)))
    named = select(AccessGrant.user_id).where(
        AccessGrant.case_id.in_(case_ids), or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now)
    )
    own = select(TeamMember.user_id).where(TeamMember.team_id.in_(person.team_ids))
    chairs = literal(Role.CHAIR.value) == any_(User.roles)
    hub = literal(Role.COORDINATOR.value) == any_(User.roles)
    rank = case(
        (User.id == person.user_id, 0),
        (User.id.in_(on_case), 1),
        (User.id.in_(named), 1),
        (User.id.in_(own), 2),
        (hub, 3),
        (chairs, 4),
    )
    return db.session.execute(
        select(User.id, User.name, User.job_title, Agency.name.label("agency"))
        .join(Agency, Agency.id == User.agency_id)
        .where(
            User.active,
            rank.is_not(None),
            or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES)),
        )
        .order_by(rank, Agency.name, User.name, User.id)
    ).all()


def sector_of(*, agency_id: UUID) -> str:
    """The line of work of an agency."""
    return db.session.scalars(select(Agency.sector).where(Agency.id == agency_id)).one()


def find_team(*, team_id: UUID) -> Team | None:
    """A team in use."""
    return db.session.scalar(
        select(Team)
        .join(Agency, and_(Agency.id == Team.agency_id, Agency.active))
        .where(Team.id == team_id, Team.active)
    )


_ELSEWHERE = text("select reference from ctx.elsewhere(:person, :starts_at, :ends_at, :but)").bindparams(
    bindparam("person", type_=Uuid), bindparam("but", type_=Uuid)
)


def elsewhere(*, person_id: UUID, starts_at: datetime, ends_at: datetime, but: UUID | None) -> list[str]:
    """The other meetings that somebody runs or is invited to at a time, by the references that one may know.

    Args:
        but: a meeting that does not count.

    Returns:
        For one that whoever asks may not know, an empty reference, however many there are.
    """
    said = {"person": person_id, "starts_at": starts_at, "ends_at": ends_at, "but": but}
    return [reference or "" for reference in db.session.scalars(_ELSEWHERE, said)]


MOST_COMING = 20


def coming_on(*, children: Any) -> Rows:
    """The meetings still to be held on a child that the reader sees, the soonest first: what and when.

    Args:
        children: the child and the records of the same, as a select of identifiers.
    """
    return db.session.execute(
        select(Meeting.reference, Meeting.kind, Meeting.starts_at)
        .where(
            Meeting.id.in_(select(MeetingCase.meeting_id).where(MeetingCase.child_id.in_(children))),
            Meeting.state == MeetingState.BOOKED,
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(MOST_COMING)
    ).all()


_TAKEN = text("select ctx.place_is_taken(:place, :starts_at, :ends_at, :but)").bindparams(
    bindparam("but", type_=Uuid)
)


def place_is_taken(*, place: str, starts_at: datetime, ends_at: datetime, but: UUID | None) -> bool:
    """Whether another meeting is held in a place at a time; which one is said to nobody.

    Args:
        but: a meeting that does not count.
    """
    if not place.strip():
        return False
    said = {"place": place, "starts_at": starts_at, "ends_at": ends_at, "but": but}
    return bool(db.session.scalar(_TAKEN, said))
