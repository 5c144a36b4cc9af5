"""Teams on a case: how they join and what that opens to them, who works on it, and when that ends."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound, Versions, require_text
from portal.changes.versions import insert_now, insert_unless_taken, lock_row
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.telling import Whom, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import current_policy
from portal.records.cases.facts import about_case, refuse_closed
from portal.records.cases.grants import close_grant, current_grants, name_person, telling_of_lost_covers
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.cases.vocabulary import TEAM_JOINED, TEAM_LEFT, WORKER_NAMED, GrantKind
from portal.records.disclosures.facts import tell_receiver
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.entries.vocabulary import Handling
from portal.records.linked_processes.facts import refuse_who_owes
from portal.records.people.model import Team, TeamMember, User
from portal.records.plans.model import Action
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sensitivity, TriageColour


def check_lead(team: Team, professional: User | None) -> None:
    """A team that leads is active, and its lead professional works for the same agency.

    Raises:
        DomainError: it or they cannot lead.
    """
    if not team.active:
        raise DomainError("Choose a team that is in use", field="lead_team")
    if professional is not None:
        check_worker(team, professional, field="lead_professional")


def check_worker(team: Team, person: User, *, field: str = "worker") -> None:
    """A worker is an active person of the team's agency whose role lets them see cases.

    Raises:
        DomainError: they are not.
    """
    if not person.active or person.agency_id != team.agency_id:
        raise DomainError("Choose somebody who works for this agency", field=field)
    if not ROLES_THAT_SEE_CASES.intersection(person.roles):
        raise DomainError(f"{person.name} cannot work on cases: their role does not let them", field=field)


def who_joins(involvement: Involvement) -> dict[Ground, Whom]:
    """A team that works on a case from now on, and its worker, who is told by e-mail of their own."""
    return {
        Ground.JOINING: to_teams(involvement.team_id),
        Ground.JOINING_WORKER: to_people(involvement.worker_id),
    }


def name_worker(
    *,
    actor: Principal,
    case: Case,
    involvement: Involvement,
    worker: User,
    seen_worker_id: UUID | None,
) -> None:
    """Say who of a team works on the case. On a restricted or sealed case that names them on it, too, and
    takes the name of the worker before them off.

    Args:
        seen_worker_id: whom the actor saw as the worker, so that two people do not undo each other.

    Raises:
        NotFound: the involvement is another case's, or has ended.
        Forbidden: the actor may not name this team's worker, or nobody on a closely held case.
        Conflict: somebody named another worker meanwhile.
        DomainError: the worker is not of the team's agency, or the worker before leads the case.
    """
    lock_row(involvement)
    _must_be_current(case, involvement)
    is_lead = case.lead_professional_id == actor.user_id
    own_agency = involvement.agency_id == actor.agency_id
    require(actor, "worker:name", Facts(lead_professional=is_lead, own_agency=own_agency))
    if involvement.worker_id != seen_worker_id:
        raise Conflict(
            "Somebody else named a worker while you were choosing",
            Versions(theirs={"Worker": _name(involvement.worker_id)}, mine={"Worker": worker.name}),
        )
    check_worker(db.session.get_one(Team, involvement.team_id), worker)
    before = involvement.worker_id
    if before == case.lead_professional_id and before is not None and before != worker.id:
        raise DomainError("This worker leads the case. Change who leads it instead", field="worker")
    if case.sensitivity:
        name_person(actor=actor, case=case, person=worker, reason="Works on the case", tells=False)
        if before not in {None, worker.id}:
            with telling_of_lost_covers(actor, case):
                _unname(case, before)
    involvement.worker_id = worker.id
    audit.record("worker:name", involvement, case=case, team=str(involvement.team_id))
    db.session.flush()
    if before != worker.id:
        once = f"{involvement.id}:{clock.now().isoformat()}"
        given = {Ground.OWNER: to_people(worker.id), Ground.OWNER_BEFORE: to_people(before)}
        tell(actor=actor, event=WORKER_NAMED, about=about_case(case), given=given, once=once)


def end_involvement(*, actor: Principal, case: Case, involvement: Involvement, reason: str) -> None:
    """Take a team off a case: from now on it reads nothing of it.

    Raises:
        NotFound: the involvement is another case's, or has ended.
        Forbidden: the actor is neither a coordinator nor a manager of the team's agency.
        DomainError: the team leads the case, still owes something on it, such as an action of one of its
            people or a duty that is theirs alone, or no reason was given.
    """
    lock_row(involvement)
    _must_be_current(case, involvement)
    require(actor, "involvement:end", Facts(own_agency=involvement.agency_id == actor.agency_id))
    reason = require_text(reason, "Say why the team’s work on the case ends", field="reason")
    if _leads(case, involvement):
        raise DomainError("This team leads the case. Change who leads it first")
    refuse_while_owed(case, involvement)
    registry.team_leaving(actor=actor, case=case, involvement=involvement)
    # The row in the trail first: ending one's own team's work ends one's sight of the case.
    audit.record("involvement:end", involvement, case=case, team=str(involvement.team_id))
    leaving = {
        Ground.LEAVING: Whom(to_people(involvement.worker_id).people, frozenset({involvement.team_id}))
    }
    once = f"{involvement.id}:ended"  # another than that it joined, of which the lead professional was told
    tell(actor=actor, event=TEAM_LEFT, about=about_case(case), given=leaving, once=once)
    with telling_of_lost_covers(actor, case):
        if case.sensitivity and involvement.worker_id:
            _unname(case, involvement.worker_id)
        involvement.ended_at = clock.now()
        involvement.ended_by = actor.user_id
        involvement.end_reason = reason
        db.session.flush()


def refuse_while_owed(case: Case, involvement: Involvement) -> None:
    """A team goes on with a case while it, or somebody of it who would read the case no more, owes something
    on it.

    Raises:
        DomainError: they do; it says what.
    """
    people = _losing_sight(case, involvement)
    refuse_who_owes(case, people)
    if owed := _owed(case, involvement, people):
        raise DomainError(f"This team still has to: {'; '.join(owed)}. Finish it or hand it over first")


def _losing_sight(case: Case, involvement: Involvement) -> set[UUID]:
    """Who of a team reads the case no more once its work on it ends: on a closely held one its worker, else
    everybody whom neither another team of theirs nor their own name lets read it.
    """
    worker = to_people(involvement.worker_id).people
    if case.sensitivity:
        return set(worker)
    members = select(TeamMember.user_id).where(TeamMember.team_id == involvement.team_id)
    elsewhere = (
        select(TeamMember.user_id)
        .join(Involvement, Involvement.team_id == TeamMember.team_id)
        .where(
            Involvement.case_id == case.id,
            Involvement.ended_at.is_(None),
            Involvement.id != involvement.id,
        )
    )
    named = {grant.user_id for grant in current_grants(case)}
    return {*worker, *db.session.scalars(members)} - set(db.session.scalars(elsewhere)) - named


def _must_be_current(case: Case, involvement: Involvement) -> None:
    if involvement.case_id != case.id or involvement.ended_at is not None:
        raise NotFound("This team does not work on this case")


def _leads(case: Case, involvement: Involvement) -> bool:
    """Whether a case would be without its lead: the lead professional's team, or the agency's last one."""
    if involvement.agency_id != case.lead_agency_id:
        return False
    if involvement.worker_id is not None and involvement.worker_id == case.lead_professional_id:
        return True
    return _is_last_of_agency(case, involvement)


def _is_last_of_agency(case: Case, involvement: Involvement) -> bool:
    others = select(func.count()).where(
        Involvement.case_id == case.id,
        Involvement.agency_id == involvement.agency_id,
        Involvement.ended_at.is_(None),
        Involvement.id != involvement.id,
    )
    return not db.session.scalar(others)


def _owed(case: Case, involvement: Involvement, people: Collection[UUID]) -> list[str]:
    """What the team, its worker or one of these people has still to do on the case, in words."""
    kinds = db.session.scalars(
        select(Deadline.kind).where(
            Deadline.case_id == case.id,
            Deadline.state == DeadlineState.OPEN,
            Deadline.kind != DeadlineKind.ACTION,
            or_(
                Deadline.owner_team_id == involvement.team_id,
                Deadline.owner_id.in_(people),
            ),
        )
    )
    actions = db.session.scalars(
        select(Action.reference)
        .where(
            Action.case_id == case.id,
            Action.owner_agency_id == involvement.agency_id,
            Action.state.in_(OPEN_ACTION_STATES),
            *_of_team(case, involvement),
        )
        .order_by(Action.due_on, Action.id)
    )
    return [DeadlineKind(kind).label.lower() for kind in kinds] + [f"do action {one}" for one in actions]


def _of_team(case: Case, involvement: Involvement) -> list[ColumnElement[bool]]:
    """Which of an agency's actions hold a team back: those of its own, and of the last team every one."""
    if _is_last_of_agency(case, involvement):
        return []
    people = select(TeamMember.user_id).where(TeamMember.team_id == involvement.team_id)
    return [
        or_(
            Action.owner_team_id == involvement.team_id,
            Action.owner_id.in_(to_people(involvement.worker_id).people),
            Action.owner_id.in_(people),
        )
    ]


def _unname(case: Case, user_id: UUID | None) -> None:
    """Whoever no longer works on a closely held case no longer reads it by name."""
    for grant in current_grants(case):
        if grant.user_id == user_id and grant.kind == GrantKind.NAMED:
            close_grant(case, grant)


def _name(user_id: UUID | None) -> str:
    return db.session.get_one(User, user_id).name if user_id else "Nobody"


def current_involvement(case: Case, team_id: UUID) -> Involvement | None:
    """The involvement of a team that has not ended."""
    return db.session.scalar(select(Involvement).filter_by(case_id=case.id, team_id=team_id, ended_at=None))


#: Under which heads of policy `sharing` a team that joins is told: always these, so nobody is asked.
PURPOSE, BASIS = "protect_child", "public_task"


def add_involvement(
    *,
    actor: Principal,
    case: Case,
    team: Team,
    worker: User | None = None,
    reason: str,
    chairs_open_meeting: bool = False,
) -> Involvement:
    """Bring a team onto a case. Joining opens every entry for the network, and is on the sharing ledger.

    On a restricted case the team sees that the case exists; only its worker, who is then named on the case,
    may read it. A sealed case takes named people only, so that no team learns of it.

    Args:
        worker: who of the team works on the case.
        reason: why this team is needed.
        chairs_open_meeting: whether the actor chairs a meeting on the case that is not over.

    Raises:
        Forbidden: the actor may not bring a team onto the case.
        DomainError: the team is on the case, is not in use, or the case is sealed; the worker is not theirs.
    """
    is_lead = case.lead_professional_id == actor.user_id
    require(
        actor, "involvement:add", Facts(lead_professional=is_lead, chairs_open_meeting=chairs_open_meeting)
    )
    reason = require_text(reason, "Say why this team is needed on the case", field="reason")
    refuse_closed(case)
    if case.sensitivity == Sensitivity.SEALED:
        raise DomainError("This case is sealed. Name the people who need to read it instead", field="team")
    if not team.active:
        raise DomainError("Choose a team that is in use", field="team")
    if worker is not None:
        check_worker(team, worker)
    if current_involvement(case, team.id) is not None:
        raise DomainError("This team works on the case already", field="team")
    involvement = Involvement(
        case_id=case.id,
        agency_id=team.agency_id,
        team_id=team.id,
        worker_id=worker.id if worker else None,
        reason=reason,
        started_at=clock.now(),
        started_by=actor.user_id,
    )
    insert_unless_taken(involvement, "This team works on the case already", field="team")
    if worker is not None and case.sensitivity:
        name_person(actor=actor, case=case, person=worker, reason=f"Works on the case: {reason}")
    disclosure = _put_on_ledger(actor, case, team, worker, reason)
    audit.record(
        "involvement:add", involvement, case=case, team=str(team.id), disclosure=disclosure.reference
    )
    _tell(actor, case, involvement, disclosure)
    registry.team_joined(actor=actor, case=case, involvement=involvement)
    return involvement


def what_joining_opens(case: Case) -> tuple[int, int]:
    """Of the entries that one sees oneself: how many a team that joins can read, and how many it cannot."""
    for_all = func.count().filter(ChronologyEntry.handling == Handling.NETWORK)
    opened, closed = db.session.execute(
        select(for_all, func.count() - for_all).where(ChronologyEntry.case_id == case.id)
    ).one()
    return opened, closed


def _tell(actor: Principal, case: Case, involvement: Involvement, disclosure: Disclosure) -> None:
    """The team, and its worker by e-mail. On a restricted case the worker was told on being named already,
    and a team without one learns only that there is something to confirm.
    """
    if case.sensitivity == Sensitivity.NORMAL:
        given, once = who_joins(involvement), str(involvement.id)
        given[Ground.MANAGER] = to_people(db.session.get_one(Team, involvement.team_id).manager_id)
        tell(actor=actor, event=TEAM_JOINED, about=about_case(case), given=given, once=once)
    elif disclosure.receiver_team_id:
        tell_receiver(actor=actor, disclosure=disclosure)


def _put_on_ledger(actor: Principal, case: Case, team: Team, worker: User | None, reason: str) -> Disclosure:
    """Joining is a telling. On a restricted case it tells the worker alone who the child is; without one it
    tells the team no name, and so covers no child.
    """
    closely_held = bool(case.sensitivity)
    told = worker if closely_held else None
    disclosure = Disclosure(
        reference=new_reference(Prefix.DISCLOSURE),
        case_id=case.id,
        of_joining=True,
        giver_id=actor.user_id,
        giver_agency_id=actor.agency_id,
        receiver_agency_id=team.agency_id,
        receiver_team_id=None if told else team.id,
        receiver_id=told.id if told else None,
        decision=SharingDecision.PART if closely_held else SharingDecision.SHARE,
        purpose=PURPOSE,
        basis=BASIS,
        reason=reason,
        colour=TriageColour.GREEN,
        decided_at=clock.now(),
    )
    insert_now(disclosure)
    db.session.add(DisclosureText(disclosure_id=disclosure.id, text=_told(case, team)))
    if told or not closely_held:
        db.session.add(DisclosureChild(disclosure_id=disclosure.id, child_id=case.child_id))
    db.session.flush()
    open_deadline(
        kind=DeadlineKind.RECEIPT,
        subject=disclosure,
        owner=Owner(user_id=told.id) if told else Owner(team_id=team.id),
        colour=TriageColour.GREEN,
        policy=current_policy(case.authority),
    )
    return disclosure


def _told(case: Case, team: Team) -> str:
    if case.sensitivity:
        return (
            f"{team.name} joined case {case.reference}, which is restricted. The team sees that the case"
            " exists and who leads it. Only people who are named on the case can read it."
        )
    opened, _ = what_joining_opens(case)
    entries = "1 entry" if opened == 1 else f"{opened} entries"
    return (
        f"{team.name} joined case {case.reference}. That opens to them the child’s record, the level, the"
        f" alerts and every entry for the whole network: {entries} so far, and those written from now on."
    )
