"""The shared case: opened once for a child, led by one agency and one professional in it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, insert_now, lock
from portal.deadlines.changes import open_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Policy
from portal.records.cases.facts import about_case, managers_of
from portal.records.cases.grants import case_owner, people_to_name, write_grant
from portal.records.cases.involvements import add_involvement, check_lead, current_involvement, who_joins
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.cases.vocabulary import LEAD_CHANGED, OPENED
from portal.records.children.model import Child
from portal.records.children.reading import same_child
from portal.records.entries.adding import add_entry, add_entry_from_referral
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import CaseState, Sensitivity

__all__ = ["add_entry", "add_entry_from_referral", "add_involvement", "open_case"]


def open_case(
    *,
    actor: Principal,
    child: Child,
    lead_team: Team,
    lead_professional: User | None = None,
    authority: str | None,
    district: str | None,
    types: Iterable[str],
    contexts: Iterable[str] = (),
    sensitivity: Sensitivity = Sensitivity.NORMAL,
    sensitivity_reason: str = "",
    named: Iterable[User] = (),
    reason: str,
    policy: Policy,
) -> Case:
    """Open the one case of a child, with the agency that leads it and its first deadline.

    A restricted or sealed case is read by the people named on it: the lead professional is always one, and
    a sealed case always has a coordinator (the opener, unless another is named) and one of the lead agency.
    Sealing comes last, because it takes away the opener's own sight: whoever opened a sealed case under
    another coordinator's name must not read it again in the same request.

    Args:
        authority: code of the authority responsible for the child (policy `areas.authorities`).
        district: code of the district (policy `areas.districts`).
        types, contexts: codes of policy `exploitation`.
        sensitivity: at least what policy names for the types (`exploitation.types.starts_restricted`).
        sensitivity_reason: why it is held more closely; may be left out when its types say so.
        named: people who may read a restricted or sealed case, beside those above.
        reason: why the case is opened.
        policy: the edition that the case is opened under.

    Raises:
        Forbidden: the actor is no coordinator.
        DomainError: the child has an open case; the lead cannot lead; the sensitivity is too low, lacks its
            reason or its people.
    """
    require(actor, "case:open")
    types, contexts = list(types), list(contexts)
    reason = require_text(reason, "Say why the case is opened", field="reason")
    check_lead(lead_team, lead_professional)
    sensitivity_reason = _checked_sensitivity(sensitivity, sensitivity_reason, types, policy)
    named_people = people_to_name(
        actor=actor,
        sensitivity=sensitivity,
        lead_agency_id=lead_team.agency_id,
        lead_professional=lead_professional,
        named=named,
    )
    _refuse_second_case(child)
    now = clock.now()
    case = Case(
        id=new_id(),
        child_id=child.id,
        state=CaseState.AWAITING_ASSESSMENT,
        sensitivity=int(min(sensitivity, Sensitivity.RESTRICTED)),
        sensitivity_reason=sensitivity_reason,
        types=types,
        contexts=contexts,
        authority=authority or policy.authority_of(district),
        district=district,
        lead_agency_id=lead_team.agency_id,
        lead_professional_id=lead_professional.id if lead_professional else None,
        reason=reason,
        opened_at=now,
        opened_by=actor.user_id,
        policy_version=policy.version,
    )
    _insert(case)
    involvement = _involve_lead(actor, case, lead_team, lead_professional, now)
    for person in named_people:
        write_grant(actor=actor, case=case, person=person, reason="Named when the case was opened")
    _tell_of_opening(actor, case, involvement, named_people)
    open_deadline(
        kind=DeadlineKind.ASSESSMENT,
        subject=case,
        owner=case_owner(sensitivity, lead_team, lead_professional, named_people),
        started_at=now,
        policy=policy,
    )
    audit.record(
        "case:open", case, child_id=child.id, case_id=case.id, ground="hub", sensitivity=int(sensitivity)
    )
    if sensitivity > Sensitivity.NORMAL:
        registry.case_held(actor=actor, case=case, before=Sensitivity.NORMAL, to=sensitivity)
    if sensitivity is Sensitivity.SEALED:
        case.sensitivity = int(sensitivity)
        db.session.flush()
    return case


def _tell_of_opening(actor: Principal, case: Case, involvement: Involvement, named: Iterable[User]) -> None:
    """The team that leads and its professional; of a closely held case the people named on it alone."""
    given = {} if case.sensitivity else who_joins(involvement)
    given[Ground.PERSON] = Whom(people=frozenset(one.id for one in named))
    managers = () if case.sensitivity else managers_of(case.lead_agency_id)
    given[Ground.MANAGER] = Whom(people=frozenset(managers))
    tell(actor=actor, event=OPENED, about=about_case(case), given=given)


def _checked_sensitivity(sensitivity: Sensitivity, why: str, types: list[str], policy: Policy) -> str:
    """The reason that goes with a sensitivity, or what stands against it."""
    least = policy.exploitation.starting_sensitivity(frozenset(types))
    if sensitivity < least:
        raise DomainError(
            f"A case of this type starts as {least.label.lower()}. It can be lowered later, by two people",
            field="sensitivity",
        )
    if why.strip() or sensitivity is Sensitivity.NORMAL:
        return why.strip()
    if sensitivity > least:
        raise DomainError("Say why the case is held more closely", field="sensitivity_reason")
    closely_held = [
        t.label.lower() for t in policy.exploitation.types if t.code in types and t.starts_restricted
    ]
    return f"Starts {least.label.lower()} because of its type: {', '.join(closely_held)}"


def _refuse_second_case(child: Child) -> None:
    found = db.session.scalar(
        select(Case.reference).where(
            Case.child_id.in_(same_child(child.id)), Case.state.in_(OPEN_CASE_STATES)
        )
    )
    if found:
        raise DomainError(f"This child has an open case, {found}. Add to that case instead")
    closed = last_closed_case(child)
    if closed is not None:
        raise DomainError(
            f"This child has a closed case, {closed.reference}. Reopen that case, so that what is known stays"
            " together",
            field="outcomes",
        )


def last_closed_case(child: Child) -> Case | None:
    """The case of a child that ended last, as far as the person who asks reads it."""
    return db.session.scalar(
        select(Case)
        .where(Case.child_id == child.id, Case.state.not_in(OPEN_CASE_STATES))
        .order_by(Case.closed_at.desc().nulls_last(), Case.opened_at.desc())
        .limit(1)
    )


def _insert(case: Case) -> None:
    """Write the case under a new reference. The database refuses a second open case of one child, also
    when this coordinator may not see the first: the answer then says no more than that.
    """
    for _ in range(3):
        case.reference = new_reference(Prefix.CASE)
        try:
            with db.session.begin_nested():
                insert_now(case)
        except (IntegrityError, ProgrammingError) as error:  # a second case, or a child out of reach
            if "uq_cre_case_reference" not in str(error.orig):
                raise DomainError(
                    "A case cannot be opened for this child now. A colleague is dealing with it"
                ) from error
        else:
            return
    raise DomainError("The case could not be given a reference. Try again")


def _involve_lead(
    actor: Principal, case: Case, team: Team, professional: User | None, now: datetime
) -> Involvement:
    involvement = Involvement(
        case_id=case.id,
        agency_id=team.agency_id,
        team_id=team.id,
        worker_id=professional.id if professional else None,
        reason="Leads the case",
        started_at=now,
        started_by=actor.user_id,
    )
    return insert_now(involvement)


def change_lead(
    *, actor: Principal, case: Case, team: Team, professional: User, reason: str, version: int
) -> None:
    """Give the lead to a team that works on the case and to a person of its agency, who is then its worker.

    The case's duties that the lead before them owned go over to them.

    Args:
        version: the version of the case that the actor saw.

    Raises:
        Forbidden: the actor is neither a coordinator nor a manager of the agency that leads.
        Conflict: somebody changed the case meanwhile.
        DomainError: the team does not work on the case, the person is not theirs, or no reason was given.
    """
    require(actor, "case:lead", Facts(own_agency=case.lead_agency_id == actor.agency_id))
    lock(case, version, _lead_in_words, mine={"Lead": f"{professional.name}, {team.name}"})
    require_text(reason, "Say why the lead changes", field="reason")
    check_lead(team, professional)
    involvement = current_involvement(case, team.id)
    if involvement is None:
        raise DomainError("Bring the team onto the case first", field="lead_team")
    before = {"agency": str(case.lead_agency_id), "professional": str(case.lead_professional_id)}
    _hand_duties_over(case, team, professional)
    if case.sensitivity:
        write_grant(actor=actor, case=case, person=professional, reason="Leads the case")
    led_through_it = involvement.worker_id == case.lead_professional_id is not None
    involvement.worker_id = professional.id
    db.session.flush()  # while the agency that gives the lead away still has it, and may
    audit.record(
        "case:lead",
        case,
        case=case,
        before=before,
        after={"agency": str(team.agency_id), "professional": str(professional.id)},
        reason_given=True,
    )
    had = case.lead_professional_id
    case.lead_agency_id = team.agency_id
    case.lead_professional_id = professional.id
    count_change(case)
    given = {
        Ground.OWNER: to_people(professional.id),
        Ground.OWNER_BEFORE: to_people(had if had != professional.id else None),
        # A team through which the lead before them led learns nothing new by it.
        Ground.JOINING: NOBODY if case.sensitivity or led_through_it else to_teams(team.id),
        Ground.MANAGER: NOBODY if case.sensitivity else to_people(team.manager_id),
    }
    called = {Ground.JOINING: "leads the case now"}  # it is on the case already
    tell(
        actor=actor,
        event=LEAD_CHANGED,
        about=about_case(case),
        given=given,
        called=called,
        once=str(case.version),
    )


def _hand_duties_over(case: Case, team: Team, professional: User) -> None:
    """Duties of the lead before: those of the lead agency or its teams, and the lead professional's own."""
    of_agency = select(Team.id).where(Team.agency_id == case.lead_agency_id)
    owned_by: list[UUID] = [case.lead_professional_id] if case.lead_professional_id else []
    duties = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.subject_kind.in_((Case.__tablename__, ChronologyEntry.__tablename__)),
        Deadline.state == DeadlineState.OPEN,
        or_(
            Deadline.owner_agency_id == case.lead_agency_id,
            Deadline.owner_team_id.in_(of_agency),
            Deadline.owner_id.in_(owned_by),
        ),
    )
    for duty in db.session.scalars(duties):
        duty.owner_id = professional.id
        duty.owner_team_id = None if case.sensitivity == Sensitivity.SEALED else team.id
        duty.owner_agency_id = None
    db.session.flush()


def _lead_in_words(case: Case) -> dict[str, str]:
    agency = db.session.get_one(Agency, case.lead_agency_id).name
    person = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    return {"Lead": f"{person.name}, {agency}" if person else agency}
