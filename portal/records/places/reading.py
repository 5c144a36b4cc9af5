"""The places board of a council, one place with who could watch it, and the directory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.states import OPEN_ACTION_STATES
from portal.queries.rows import Rows, latest_on, name_of
from portal.records.concerns.model import Concern
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model import Agency
from portal.records.places.model import DirectoryChange, DirectoryEntry, Guardian, GuardianStep, PlaceFact
from portal.records.places.vocabulary import GuardianState
from portal.records.plans.model import Action

MOST_CONTACTS = 500


def contacts(
    *,
    districts: Collection[str] = (),
    roles: Collection[str] = (),
    agency_id: UUID | None = None,
    checked_before: date | None = None,
) -> Rows:
    """Contacts, by district, role and agency.

    Args:
        districts, roles: only these; without any, all.
        agency_id: only those of one agency.
        checked_before: only those that nobody has looked at since.
    """
    found = (
        select(
            DirectoryEntry.__table__,
            Agency.name.label("agency"),
            name_of(DirectoryEntry.checked_by, "checker"),
        )
        .join(Agency, Agency.id == DirectoryEntry.agency_id)
        .where(DirectoryEntry.ended_at.is_(None), Agency.active)
    )
    if districts:
        found = found.where(DirectoryEntry.district.in_(districts))
    if roles:
        found = found.where(DirectoryEntry.role.in_(roles))
    if agency_id:
        found = found.where(DirectoryEntry.agency_id == agency_id)
    if checked_before:
        found = found.where(DirectoryEntry.checked_on < checked_before)
    ordered = found.order_by(
        DirectoryEntry.district, DirectoryEntry.role, Agency.name, DirectoryEntry.name, DirectoryEntry.id
    )
    return db.session.execute(ordered.limit(MOST_CONTACTS)).all()


def find_entry(*, entry_id: UUID) -> DirectoryEntry | None:
    """A contact that is in the directory."""
    return db.session.scalar(select(DirectoryEntry).filter_by(id=entry_id, ended_at=None))


def changes_of(*, entry_id: UUID) -> Rows:
    """What a contact said before, the latest first; only its own agency finds any."""
    c = DirectoryChange
    return latest_on(c.entry_id, entry_id, c.changed_at, 50, by=c.changed_by)


def to_check(person: Principal) -> Select[Any]:
    """The contacts of a person's agency that have to be looked at again, for `workspace_tasks`."""
    return select(Deadline.id).where(
        Deadline.kind == DeadlineKind.DIRECTORY_CHECK,
        Deadline.state == DeadlineState.OPEN,
        Deadline.owner_agency_id == person.agency_id,
        Deadline.due_at <= clock.now(),
    )


MOST = 100

#: Which places of the board are shown.
ALL, UNWATCHED, LATE, REVIEW = "all", "unwatched", "late", "review"


def districts_of(*, agency_id: UUID) -> list[str]:
    """The districts of an agency, by code."""
    return list(db.session.scalar(select(Agency.districts).where(Agency.id == agency_id)) or ())


def board(*, districts: Sequence[str], show: str = ALL) -> Rows:
    """The places of some districts that one may see, those first that need somebody: how many could watch,
    how many agreed, what is to do and what is late there.
    """
    today = clock.today()
    watching = select(Guardian.id).where(Guardian.concern_id == Concern.id, Guardian.ended_at.is_(None))
    doing = select(Action.id).where(Action.concern_id == Concern.id, Action.state.in_(OPEN_ACTION_STATES))
    agreed = watching.where(Guardian.state == GuardianState.AGREED)
    late = doing.where(Action.due_on < today)
    found = select(
        Concern.id,
        Concern.reference,
        Concern.name,
        Concern.description,
        Concern.details,
        Concern.risk,
        Concern.district,
        Concern.last_on,
        Concern.review_on,
        name_of(Concern.owner_agency_id, "keeper"),
        _count(watching).label("named"),
        _count(agreed).label("agreed"),
        _count(doing).label("to_do"),
        _count(late).label("late"),
    ).where(
        Concern.kind == ConcernKind.PLACE,
        Concern.ended_at.is_(None),
        Concern.district.in_(list(districts)),
    )
    if show == UNWATCHED:
        found = found.where(~agreed.exists())
    elif show == LATE:
        found = found.where(late.exists())
    elif show == REVIEW:
        found = found.where(Concern.review_on < today)
    needs = case((late.exists(), 0), (Concern.review_on < today, 1), (~agreed.exists(), 2), else_=3)
    return db.session.execute(found.order_by(needs, Concern.review_on, Concern.id).limit(MOST)).all()


def need_somebody(person: Principal) -> Select[Any]:
    """The places in the districts of a person's council where an action or the review is overdue, for
    `workspace_tasks`.
    """
    mine = select(func.unnest(Agency.districts)).where(Agency.id == person.agency_id)
    late = select(Action.id).where(
        Action.concern_id == Concern.id,
        Action.state.in_(OPEN_ACTION_STATES),
        Action.due_on < clock.today(),
    )
    return select(Concern.id).where(
        Concern.kind == ConcernKind.PLACE,
        Concern.ended_at.is_(None),
        Concern.district.in_(mine),
        or_(Concern.review_on < clock.today(), late.exists()),
    )


def guardians_of(*, concern_id: UUID) -> Rows:
    """Who could watch or act in a place, those that still may first: with the agency that named them."""
    return db.session.execute(
        select(Guardian.__table__, name_of(Guardian.agency_id, "agency"))
        .where(Guardian.concern_id == concern_id)
        .order_by(Guardian.ended_at.is_not(None), Guardian.created_at, Guardian.id)
        .limit(MOST)
    ).all()


def steps_of(*, concern_id: UUID) -> Mapping[UUID, Rows]:
    """What happened with each of them, the latest first."""
    rows = db.session.execute(
        select(
            GuardianStep.__table__,
            name_of(GuardianStep.made_by, "by"),
            name_of(GuardianStep.made_agency_id, "agency"),
        )
        .join(Guardian, Guardian.id == GuardianStep.guardian_id)
        .where(Guardian.concern_id == concern_id)
        .order_by(GuardianStep.made_at.desc(), GuardianStep.id.desc())
    ).all()
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.guardian_id, []).append(row)
    return found


def facts_of(*, concern_id: UUID) -> Rows:
    """What is said of a place, what still holds first and the latest of it first."""
    return db.session.execute(
        select(
            PlaceFact.__table__,
            name_of(PlaceFact.author_id, "author"),
            name_of(PlaceFact.agency_id, "agency"),
        )
        .where(PlaceFact.concern_id == concern_id)
        .order_by(PlaceFact.ended_at.is_not(None), PlaceFact.said_at.desc(), PlaceFact.id)
        .limit(MOST)
    ).all()


def find_guardian(*, concern_id: UUID, guardian_id: UUID) -> Guardian | None:
    """Somebody who was named for a place that one may see."""
    return db.session.scalar(select(Guardian).filter_by(id=guardian_id, concern_id=concern_id))


def find_fact(*, concern_id: UUID, fact_id: UUID) -> PlaceFact | None:
    """What somebody said of a place that one may see."""
    return db.session.scalar(select(PlaceFact).filter_by(id=fact_id, concern_id=concern_id))


def _count(found: Any) -> Any:
    return select(func.count()).select_from(found.correlate(Concern).subquery()).scalar_subquery()
