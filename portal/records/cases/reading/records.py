"""The records that forms about a case work on. Each is found on its own case only."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, func, literal, or_, select

from portal.extensions import db
from portal.records.cases.model import Alert, Case, ChronologyEntry, EntryDraft, Involvement
from portal.records.disclosures.model.disclosures import Disclosure, DisclosureChild
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import ROLES_THAT_SEE_CASES

Rows = Sequence[Any]  # rows named by their columns


def find_case(*, reference: str) -> Case | None:
    """A case that one reads in full."""
    return db.session.scalar(select(Case).where(Case.reference == reference))


def find_alert(*, case_id: UUID, alert_id: UUID) -> Alert | None:
    """An alert that stands on this case."""
    return db.session.scalar(
        select(Alert).where(Alert.id == alert_id, Alert.case_id == case_id, Alert.ended_at.is_(None))
    )


def find_entry(*, case_id: UUID, entry_id: UUID) -> ChronologyEntry | None:
    """An entry of this case that one may read."""
    return db.session.scalar(
        select(ChronologyEntry).where(ChronologyEntry.id == entry_id, ChronologyEntry.case_id == case_id)
    )


def find_involvement(*, case_id: UUID, involvement_id: UUID) -> Involvement | None:
    """A team's current work on this case."""
    return db.session.scalar(
        select(Involvement).where(
            Involvement.id == involvement_id,
            Involvement.case_id == case_id,
            Involvement.ended_at.is_(None),
        )
    )


def find_draft(*, case_id: UUID) -> EntryDraft | None:
    """What one has begun to add to this case."""
    return db.session.scalar(select(EntryDraft).where(EntryDraft.case_id == case_id))


def find_team(*, team_id: UUID) -> Row[Team, Agency] | None:
    """A team that is in use, with its agency."""
    return db.session.execute(
        select(Team, Agency)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id == team_id, Team.active, Agency.active)
    ).one_or_none()


def find_person(*, user_id: UUID) -> User | None:
    """Somebody who works here."""
    return db.session.scalar(select(User).where(User.id == user_id, User.active))


def find_person_by_email(*, email: str) -> User | None:
    """The one person who works here under a work e-mail address; nobody when two share it."""
    found = db.session.scalars(
        select(User).where(func.lower(User.email) == email.strip().lower(), User.active).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def teams_not_on(*, case_id: UUID) -> Rows:
    """The teams that could be brought onto a case: id, team, agency."""
    current = select(Involvement.team_id).where(
        Involvement.case_id == case_id, Involvement.ended_at.is_(None)
    )
    return db.session.execute(
        select(Team.id, Team.name.label("team"), Agency.name.label("agency"))
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.active, Agency.active, Team.id.not_in(current))
        .order_by(Agency.name, Team.name)
    ).all()


def case_people_of(*, agency_id: UUID) -> Rows:
    """The people of an agency whose role lets them work on cases: id, name, job_title."""
    return db.session.execute(
        select(User.id, User.name, User.job_title)
        .where(
            User.agency_id == agency_id,
            User.active,
            or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES)),
        )
        .order_by(User.name)
    ).all()


def agency_names(*, ids: set[UUID]) -> Rows:
    """Agencies by name: id, name."""
    return db.session.execute(
        select(Agency.id, Agency.name).where(Agency.id.in_(ids)).order_by(Agency.name)
    ).all()


def conditions_told(*, child_id: UUID, agency_id: UUID) -> Rows:
    """What an agency was told about a child under conditions, which an entry that uses it has to cite:
    id, reference, conditions, decided_at.
    """
    return db.session.execute(
        select(Disclosure.id, Disclosure.reference, Disclosure.conditions, Disclosure.decided_at)
        .join(DisclosureChild, DisclosureChild.disclosure_id == Disclosure.id)
        .where(
            DisclosureChild.child_id == child_id,
            Disclosure.receiver_agency_id == agency_id,
            Disclosure.conditions.is_not(None),
            Disclosure.withdrawn_at.is_(None),
        )
        .order_by(Disclosure.decided_at.desc())
        .limit(20)
    ).all()


def find_disclosure(*, disclosure_id: UUID) -> Disclosure | None:
    """Something that one may read on the sharing ledger."""
    return db.session.get(Disclosure, disclosure_id)
