"""When somebody is away, and who covers which of their cases: named ones, never a whole list."""

from collections.abc import Sequence
from datetime import date, time
from functools import partial, reduce
from operator import or_
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy import or_ as either

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.versions import insert_now, lock_row, take_turns
from portal.deadlines.rules import due
from portal.extensions import db
from portal.messages.model import Absence, AbsenceCover
from portal.messages.telling import NOBODY, About, Whom, around_case, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import at_local
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.absences.vocabulary import COVERED, ENDED, ENTERED, LEFT_UNCOVERED, UNCOVERED
from portal.records.cases.facts import about_case, managers_of
from portal.records.cases.model import Case, Involvement
from portal.records.people.model import Team, TeamMember, User
from portal.vocabulary import RiskLevel


def absence_facts(actor: Principal, person: User) -> Facts:
    """What decides whether somebody may enter when a person is away."""
    return Facts(owner=person.id == actor.user_id, own_agency=person.agency_id == actor.agency_id)


def enter_absence(*, actor: Principal, person: User, first_day: date, last_day: date) -> Absence:
    """Say from when until when somebody is away, both days included.

    Raises:
        Forbidden: it is neither the actor nor one of the people whom they manage.
        DomainError: the days make no sense, are over, or are entered already.
    """
    require(actor, "absence:enter", absence_facts(actor, person))
    if last_day < first_day:
        raise DomainError("The last day must be the first day or later", field="last_day")
    if last_day < clock.today():
        raise DomainError("The last day must be today or later", field="last_day")
    take_turns("absence", person.id)
    overlapping = select(Absence.id).where(
        Absence.user_id == person.id,
        Absence.ended_at.is_(None),
        Absence.first_day <= last_day,
        Absence.last_day >= first_day,
    )
    if db.session.scalar(overlapping.limit(1)) is not None:
        raise DomainError("Some of these days are entered already", field="first_day")
    absence = Absence(
        user_id=person.id,
        first_day=first_day,
        last_day=last_day,
        entered_by=actor.user_id,
        entered_at=clock.now(),
    )
    insert_now(absence)
    audit.record("absence:enter", absence)
    about, given = About("app_user", person.id), {Ground.PERSON: to_people(person.id)}
    tell(actor=actor, event=ENTERED, about=about, given=given, once=str(absence.id))
    _tell_unless_covered(actor, person, _cases_at_high(person), once=str(absence.id))
    return absence


def cover_case(*, actor: Principal, absence: Absence, person: User, case: Case, deputy: User) -> None:
    """Have a deputy get what is due on one case while somebody is away. It gives the deputy no reach.

    Args:
        person: who is away.

    Raises:
        Forbidden: the actor may not enter this absence.
        DomainError: it is over, the deputy is no one who reads the case, or the case is covered already.
    """
    require(actor, "absence:enter", absence_facts(actor, person))
    lock_row(absence)
    _check_open(absence)
    if deputy.id == person.id:
        raise DomainError("Choose somebody else than whoever is away", field="deputy")
    if not deputy.active or not db.session.scalar(select(func.ctx.may_cover(case.id, deputy.id))):
        raise DomainError(
            f"{deputy.name} does not read this case. Choose somebody who works on it,"
            " or have them brought onto it first",
            field="deputy",
        )
    _check_uncovered(absence, case)
    insert_now(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=deputy.id))
    audit.record("absence:cover", absence, case_id=case.id, deputy=str(deputy.id))
    given, once = {Ground.DEPUTY: to_people(deputy.id)}, f"{absence.id}:{clock.now().isoformat()}"
    begins = at_local(absence.first_day, time())
    tell(actor=actor, event=COVERED, about=about_case(case), given=given, once=once, before=begins)


def _check_uncovered(absence: Absence, case: Case) -> None:
    """Nobody covers a case who reads it; whoever does not any more is taken off it."""
    covered = db.session.scalar(select(AbsenceCover).filter_by(absence_id=absence.id, case_id=case.id))
    if covered is None:
        return
    if db.session.scalar(select(func.ctx.may_cover(case.id, covered.deputy_id))):
        raise DomainError("This case is covered already. Remove that first", field="case")
    db.session.delete(covered)
    db.session.flush()


def cover_cases(
    *, actor: Principal, absence: Absence, person: User, cases: Sequence[Case], deputy: User
) -> list[Case]:
    """Have a deputy get what is due on several cases; those that they may not cover are left out.

    Returns:
        the cases that the deputy covers from now on.

    Raises:
        Forbidden, DomainError: as `cover_case`, where the deputy can cover none of them.
    """
    covered, problem = [], None
    for case in cases:
        try:
            cover_case(actor=actor, absence=absence, person=person, case=case, deputy=deputy)
        except DomainError as refused:
            problem = refused
            continue
        covered.append(case)
    if problem is not None and not covered:
        raise problem
    return covered


def uncover_case(*, actor: Principal, absence: Absence, person: User, case_id: UUID) -> None:
    """Take a case off the deputy again; when it is covered no more, nothing happens.

    Raises:
        Forbidden: the actor may not enter this absence.
    """
    require(actor, "absence:enter", absence_facts(actor, person))
    covered = delete(AbsenceCover).where(
        AbsenceCover.absence_id == absence.id, AbsenceCover.case_id == case_id
    )
    deputies = db.session.scalars(covered.returning(AbsenceCover.deputy_id)).all()
    audit.record("absence:uncover", absence, case_id=case_id)
    given, once = {Ground.DEPUTY: to_people(*deputies)}, f"{absence.id}:{clock.now().isoformat()}"
    case = db.session.get(Case, case_id)
    about = about_case(case) if case else About("cre_case", case_id, case_id=case_id)
    called = {Ground.DEPUTY: "covered the case until now"}
    tell(actor=actor, event=UNCOVERED, about=about, given=given, once=once, called=called)
    if deputies and case is not None and case in _cases_at_high(person):
        _tell_unless_covered(actor, person, [case], once=once)


def end_absence(*, actor: Principal, absence: Absence, person: User) -> None:
    """Somebody is back early, or does not go: messages reach them again at once. Whoever covers cases of
    theirs hears once that they do so no longer.

    Raises:
        Forbidden: the actor may not enter this absence.
        NotFound: it is over.
    """
    require(actor, "absence:enter", absence_facts(actor, person))
    lock_row(absence)
    if absence.ended_at is not None:
        raise NotFound("There is no such absence")
    absence.ended_at = clock.now()
    db.session.flush()
    audit.record("absence:end", absence)
    deputies = db.session.scalars(select(func.ctx.deputies_of(absence.id))).all()
    given = {Ground.PERSON: to_people(person.id), Ground.DEPUTY: to_people(*deputies)}
    tell(actor=actor, event=ENDED, about=About("app_user", person.id), given=given, once=str(absence.id))


def _cases_at_high(person: User) -> Sequence[Case]:
    """The open cases at HIGH that somebody leads or works on, as far as the actor sees them."""
    works_on = select(Involvement.case_id).filter_by(worker_id=person.id, ended_at=None)
    return db.session.scalars(
        select(Case)
        .where(
            either(Case.lead_professional_id == person.id, Case.id.in_(works_on)),
            Case.level == RiskLevel.HIGH,
            Case.state.in_(OPEN_CASE_STATES),
        )
        .order_by(Case.id)
    ).all()


#: What the page says of when managers hear that nobody covers a case.
_UNLESS_COVERED = "if nobody covers them until then,"


def _tell_unless_covered(actor: Principal, person: User, cases: Sequence[Case], *, once: str) -> None:
    """Have whoever manages somebody hear that nobody covers cases of theirs, unless somebody does by then:
    once of all of them. Of a case that no manager reads, those who do hear by itself.

    Args:
        once: begins with the absence, by which the worker finds whether it is so (`reminders.still_owed`).
    """
    if not cases:
        return
    by_then = due(current_policy().reminders.time_to_cover, clock.now())
    managers = _managers_of(person)
    whom = {case.id: _who_sees_to_cover(case, person, managers) for case in cases}
    managed = [one for one in whom.values() if one.people <= managers.people]
    told = partial(
        tell, actor=actor, event=LEFT_UNCOVERED, once=once, held_until=by_then, held_for=_UNLESS_COVERED
    )
    if managed:
        told(about=About("app_user", person.id), given={Ground.MANAGER: reduce(or_, managed)})
    for case in cases:
        if whom[case.id] not in managed:
            told(
                about=about_case(case),
                given={Ground.MANAGER: whom[case.id]},
                called={Ground.MANAGER: "reads a case, which no manager there does"},
            )


def _who_sees_to_cover(case: Case, person: User, managers: Whom) -> Whom:
    """Whoever manages somebody; of a closely held case those of them who read it, else others who do."""
    if not case.sensitivity:
        return managers
    reading = select(User.id).where(User.id.in_(managers.people), func.ctx.may_cover(case.id, User.id))
    others = around_case(case.id).get(Ground.READER, NOBODY) - to_people(person.id)
    return to_people(*db.session.scalars(reading)) or others


def _managers_of(person: User) -> Whom:
    """The managers of somebody's teams but for themselves; where there is none, the agency's."""
    teams = select(TeamMember.team_id).filter_by(user_id=person.id)
    managing = select(Team.manager_id).where(
        Team.id.in_(teams),
        Team.agency_id == person.agency_id,
        Team.active,
        Team.manager_id.is_not(None),
        Team.manager_id != person.id,
    )
    named = db.session.scalars(managing).all()
    return to_people(*(named or managers_of(person.agency_id))) - to_people(person.id)


def _check_open(absence: Absence) -> None:
    if absence.ended_at is not None or absence.last_day < clock.today():
        raise DomainError("This absence is over")
