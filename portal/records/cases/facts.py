"""What others ask of a case: who answers for it, what a message calls it, and whether it is open."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from sqlalchemy import select

from portal.changes.errors import DomainError
from portal.deadlines.changes import Owner, open_deadlines
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, around_case, of_agencies, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.people.model import Agency, Team, User
from portal.reminders.receivers import holds
from portal.vocabulary import CaseState, Role, Sector


def owner_of(case: Case) -> Owner:
    """Whoever owed the assessment sees to what follows from it; else whoever leads the case."""
    for duty in open_deadlines(subject=case, kind=DeadlineKind.ASSESSMENT):
        return same_owner(duty)
    return lead_of(case)


def same_owner(duty: Deadline) -> Owner:
    """Whoever owes a duty, to owe another."""
    return Owner(duty.owner_id, duty.owner_team_id, duty.owner_agency_id)


def lead_of(case: Case) -> Owner:
    """Whoever leads a case; in the place of somebody who does not read it, a team of that agency which works
    on it, else a manager there who reads it; where there is nobody, the agency that leads.
    """
    lead, agency = case.lead_professional_id, Owner(agency_id=case.lead_agency_id)
    if lead is None:
        return agency
    instead = around_case(case.id).get(Ground.LEAD_PROFESSIONAL, NOBODY)
    if not instead.instead:
        return Owner(user_id=lead)
    if instead.teams:
        return Owner(team_id=min(instead.teams))
    return Owner(user_id=min(instead.people)) if instead.people else agency


def check_after_birth(case: Case, on: date, *, field: str) -> None:
    """Go on only with a day on which the child of a case was born, as far as that is known.

    Raises:
        DomainError: it is before their birth.
    """
    child = db.session.get_one(Child, case.child_id)
    born = child.dob
    if born is not None and child.dob_is_estimate:  # from an age, which may be a year wrong, and more
        born = date(born.year - _AGE_MAY_BE_WRONG_BY, 1, 1)
    if born is not None and on < born:
        raise DomainError("This is before the child was born. Check the date", field=field)


#: In years, an age that somebody guessed.
_AGE_MAY_BE_WRONG_BY = 3


def managers_of(agency_id: UUID) -> Sequence[UUID]:
    """Who manages in an agency."""
    managing = select(User.id).where(User.agency_id == agency_id, User.active, holds(Role.MANAGER))
    return db.session.scalars(managing.order_by(User.id)).all()


def on_case_from(case: Case, sector: Sector) -> Whom:
    """Whoever of a sector works on a case or reads it by name, for whoever reads it themselves."""
    of_sector = select(Agency.id).where(Agency.sector == sector)
    return of_agencies(_working_on(case), db.session.scalars(of_sector).all())


def agencies_working_on(case: Case) -> set[UUID]:
    """The agencies of whoever works on a case or reads it by name, for whoever reads it themselves."""
    those = _working_on(case)
    of_people = select(User.agency_id).where(User.id.in_(those.people))
    of_teams = select(Team.agency_id).where(Team.id.in_(those.teams))
    return {*db.session.scalars(of_people), *db.session.scalars(of_teams)}


def _working_on(case: Case) -> Whom:
    around = around_case(case.id)
    return reduce(or_, (around.get(one, NOBODY) for one in (Ground.TEAM, Ground.WORKER, Ground.READER)))


def workers_on(case_ids: Iterable[UUID], team_id: UUID) -> Whom:
    """Who of a team works on some cases, as far as the person who asks reads that."""
    working = select(Involvement.worker_id).where(
        Involvement.case_id.in_(list(case_ids)),
        Involvement.team_id == team_id,
        Involvement.ended_at.is_(None),
    )
    return to_people(*db.session.scalars(working))


def about_case(case: Case) -> About:
    """What a message about a case is about."""
    return About("cre_case", case.id, case.reference, case.id)


def refuse_closed(case: Case) -> None:
    """Go on only while the case is open.

    Raises:
        DomainError: it is closed or transferred.
    """
    if case.state not in OPEN_CASE_STATES:
        raise DomainError("This case is closed. Reopen it first")


def state_in_words(case: Case) -> dict[str, str]:
    """Where a case stands, for somebody who meets another's change."""
    return {"State": CaseState(case.state).label}
