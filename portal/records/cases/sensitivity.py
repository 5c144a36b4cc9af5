"""How closely a case is held: upward by one person with a reason, downward by two."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, or_, select, text

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, tell, to_people, to_teams
from portal.messages.vocabulary import OF_CASE, Ground
from portal.records.cases.facts import about_case
from portal.records.cases.grants import (
    current_grants,
    people_to_name,
    telling_of_lost_covers,
    write_grant,
)
from portal.records.cases.model import Case, Involvement, SensitivityChange
from portal.records.cases.vocabulary import HELD_CLOSELY, LOWERING_ANSWERED, LOWERING_ASKED
from portal.records.linked_processes.facts import personal_duties
from portal.records.people.model import User
from portal.vocabulary import Role, Sensitivity


def raise_sensitivity(
    *, actor: Principal, case: Case, to: Sensitivity, reason: str, named: Iterable[User] = (), version: int
) -> None:
    """Restrict or seal a case from now on. Sealing comes last: it may take away the actor's own sight.

    Args:
        to: higher than now.
        named: people who are to read it, beside the lead professional and those who are named already.
        version: the version of the case that the actor saw.

    Raises:
        Forbidden: the actor is neither a coordinator nor the lead professional.
        Conflict: somebody changed the case meanwhile.
        DomainError: it is not higher, lacks a reason, or lacks the people that a sealed case keeps.
    """
    require(actor, "sensitivity:raise", Facts(lead_professional=case.lead_professional_id == actor.user_id))
    lock(
        case,
        version,
        lambda now: {"Sensitivity": Sensitivity(now.sensitivity).label},
        mine={"Sensitivity": to.label},
    )
    before = Sensitivity(case.sensitivity)
    if to <= before:
        raise DomainError("Choose how the case is to be held more closely", field="to")
    require_text(reason, "Say why", field="reason")
    kept = _people(actor, case, to, named)
    read_before = _read_it(case, kept)
    for person in kept:
        write_grant(actor=actor, case=case, person=person, reason="Named when the case was held more closely")
    registry.case_held(actor=actor, case=case, before=before, to=to)
    had = _asked_on(case)  # before others take it over
    if to is Sensitivity.SEALED:
        _give_duties_to_people(actor, case)
        registry.case_sealed(actor=actor, case=case)
    now = clock.now()
    insert_now(
        SensitivityChange(
            case_id=case.id,
            before=int(before),
            after=int(to),
            reason=reason.strip(),
            asked_by=actor.user_id,
            asked_at=now,
            confirmed_by=actor.user_id,
            confirmed_at=now,
        )
    )
    _record(case, "sensitivity:raise", before, to)
    _tell_of_raising(actor, case, to, frozenset(person.id for person in kept), read_before, had=had)
    with telling_of_lost_covers(actor, case):
        _set(case, to, reason)


def _tell_of_raising(
    actor: Principal,
    case: Case,
    to: Sensitivity,
    kept: frozenset[UUID],
    read_before: frozenset[UUID],
    *,
    had: Whom,
) -> None:
    """Those who are named by it, and whoever of them read it before that it is held more closely; as a last
    word the teams that lose sight by it, but for whoever of them reads on; of a sealed one also whoever had
    something of it without reading it.
    """
    leaving = db.session.execute(
        select(Involvement.team_id, Involvement.worker_id).where(
            Involvement.case_id == case.id, Involvement.ended_at.is_(None)
        )
    ).all()
    loses_sight = Whom(
        frozenset(row.worker_id for row in leaving if row.worker_id) - kept,
        frozenset(row.team_id for row in leaving),
    )
    given = {
        Ground.PERSON: Whom(people=kept - read_before),
        Ground.READER: Whom(people=kept & read_before),
        Ground.LEAVING: NOBODY,
    }
    about, once = about_case(case), str(case.version)
    tell(actor=actor, event=HELD_CLOSELY, about=about, given=given, once=once)
    if to is Sensitivity.SEALED:  # whoever loses sight of a sealed case learns no reference of it
        about = About("cre_case", case.id)
        loses_sight |= had
    only_leaving = {**dict.fromkeys(OF_CASE, NOBODY), Ground.PERSON: NOBODY, Ground.LEAVING: loses_sight}
    tell(actor=actor, event=HELD_CLOSELY, about=about, given=only_leaving, once=once, but=kept)


def _asked_on(case: Case) -> Whom:
    """Who has an action on a case, or the minutes of a meeting on it, and does not read the case."""
    rows = db.session.execute(text("select * from ctx.asked_on(:case_id)"), {"case_id": case.id}).all()
    people, teams = ({row[part] for row in rows if row[part]} for part in (0, 1))
    return Whom(frozenset(people), frozenset(teams))


def _read_it(case: Case, people: Iterable[User]) -> frozenset[UUID]:
    """Which of some persons read a case before it is held more closely."""
    those = [person.id for person in people]
    reads = select(User.id).where(User.id.in_(those), func.ctx.reads_too(case.id, User.id))
    return frozenset(db.session.scalars(reads))


def ask_to_lower(*, actor: Principal, case: Case, to: Sensitivity, reason: str) -> SensitivityChange:
    """Ask that a case be held less closely. Nothing changes until a second person confirms.

    Raises:
        Forbidden: the actor is no coordinator.
        DomainError: it is not lower, lacks a reason, or somebody has asked already.
    """
    require(actor, "sensitivity:lower")
    lock_row(case)  # of two who ask at once, the second sees that the first has
    before = Sensitivity(case.sensitivity)
    if to >= before:
        raise DomainError("Choose how the case is to be held less closely", field="to")
    require_text(reason, "Say why", field="reason")
    if pending_change(case) is not None:
        raise DomainError("Somebody has asked for this already. It waits for a second person", field="to")
    change = SensitivityChange(
        case_id=case.id,
        before=int(before),
        after=int(to),
        reason=reason.strip(),
        asked_by=actor.user_id,
        asked_at=clock.now(),
    )
    insert_now(change)
    _record(case, "sensitivity:ask_to_lower", before, to)
    tell(actor=actor, event=LOWERING_ASKED, about=about_case(case), once=str(change.id))
    return change


def confirm_lower(*, actor: Principal, case: Case, change_id: UUID) -> None:
    """Agree, as the second person, that a case is held less closely; it is so at once.

    Raises:
        NotFound: nothing waits under this identifier on this case.
        Forbidden: the actor asked for it, or is not one who may agree, or the asker coordinates no more.
    """
    change = _waiting(case, change_id)
    _may_answer(actor, case)
    if change.asked_by == actor.user_id:
        raise Forbidden("You asked for this. A second person has to agree.")
    if Role.COORDINATOR not in db.session.get_one(User, change.asked_by).roles:
        raise Forbidden("Whoever asked for this is no coordinator any more. Turn it down, and ask anew.")
    change.confirmed_by, change.confirmed_at = actor.user_id, clock.now()
    db.session.flush()
    _record(case, "sensitivity:lower", Sensitivity(change.before), Sensitivity(change.after))
    _set(case, Sensitivity(change.after), change.reason)
    _tell_asker(actor, case, change)


def turn_down_lower(*, actor: Principal, case: Case, change_id: UUID) -> None:
    """Leave a case as closely held as it is: the second person says no, or the asker takes it back.

    Raises:
        NotFound: nothing waits under this identifier on this case.
        Forbidden: the actor neither asked nor may answer.
    """
    change = _waiting(case, change_id)
    if change.asked_by != actor.user_id:
        _may_answer(actor, case)
    change.withdrawn_at = clock.now()
    db.session.flush()
    _record(case, "sensitivity:keep", Sensitivity(change.before), Sensitivity(change.after))
    _tell_asker(actor, case, change)


def _tell_asker(actor: Principal, case: Case, change: SensitivityChange) -> None:
    """Whoever asked hears the answer; the teams that see the case again hear that they do."""
    sees_again = change.confirmed_at is not None and case.sensitivity == Sensitivity.NORMAL
    working = select(Involvement.team_id).where(
        Involvement.case_id == case.id, Involvement.ended_at.is_(None)
    )
    given = {
        Ground.ASKER: to_people(change.asked_by),
        Ground.JOINING: to_teams(*db.session.scalars(working)) if sees_again else NOBODY,
    }
    tell(actor=actor, event=LOWERING_ANSWERED, about=about_case(case), given=given, once=str(change.id))


def pending_change(case: Case) -> SensitivityChange | None:
    """What waits for a second person on a case."""
    wanted = select(SensitivityChange).filter_by(case_id=case.id, confirmed_at=None, withdrawn_at=None)
    return db.session.scalar(wanted)


def second_person_facts(actor: Principal, case: Case) -> Facts:
    """What decides whether somebody may be the second person."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        own_agency=actor.has(Role.MANAGER) and case.lead_agency_id == actor.agency_id,
    )


def _may_answer(actor: Principal, case: Case) -> None:
    require(actor, "sensitivity:confirm", second_person_facts(actor, case))


def _waiting(case: Case, change_id: UUID) -> SensitivityChange:
    lock_row(case)  # of two who answer, or of whoever takes it back meanwhile, the second sees the first
    change = pending_change(case)
    if change is None or change.id != change_id:
        raise NotFound("Nothing waits to be confirmed on this case")
    return change


def _people(actor: Principal, case: Case, to: Sensitivity, named: Iterable[User]) -> list[User]:
    lead = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    held = [grant.user_id for grant in current_grants(case)]
    already = db.session.scalars(select(User).where(User.id.in_(held), User.active)).all() if held else ()
    return people_to_name(
        actor=actor,
        sensitivity=to,
        lead_agency_id=case.lead_agency_id,
        lead_professional=lead,
        named=[*named, *already],
    )


def _give_duties_to_people(actor: Principal, case: Case) -> None:
    """Whoever owns a duty sees it: on a sealed case that is a named person, never a team or an agency."""
    named = {grant.user_id for grant in current_grants(case)}
    person_id = case.lead_professional_id or db.session.scalar(
        select(User.id).where(User.id.in_(named), User.agency_id == case.lead_agency_id).limit(1)
    )
    duties = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.state == DeadlineState.OPEN,
        Deadline.id.not_in(personal_duties(case)),
        or_(
            Deadline.owner_team_id.is_not(None),
            Deadline.owner_agency_id.is_not(None),
            Deadline.owner_id.not_in(named),
        ),
    )
    person = db.session.get_one(User, person_id or actor.user_id)
    registry.case_sealing(actor=actor, case=case, named=named, person=person)
    for duty in db.session.scalars(duties):
        if duty.owner_id not in named:
            duty.owner_id = person_id or actor.user_id
        duty.owner_team_id = duty.owner_agency_id = None
    db.session.flush()


def _set(case: Case, to: Sensitivity, reason: str) -> None:
    case.sensitivity = int(to)
    case.sensitivity_reason = reason.strip()
    count_change(case)


def _record(case: Case, action: str, before: Sensitivity, after: Sensitivity) -> None:
    audit.record(action, case, case=case, before=int(before), after=int(after))
