"""What somebody leads and owns goes to a colleague: when they leave, move to another team, or hold too much.

Each thing is given by the service that gives it one by one, as whoever hands over may: nothing here decides
who may. What is refused stays where it is, and is listed with the reason.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found, require_text
from portal.changes.versions import lock_row
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Unseen, tell, to_people
from portal.messages.unseen import telling_nothing_to
from portal.messages.vocabulary import Event, Ground
from portal.pages.held_work.reading import Item, Owned, in_team, owned_on
from portal.policy import current_policy
from portal.records.cases.alerts import review_alert
from portal.records.cases.grants import current_grants, end_grant, reads_without_name, tell_each_lost_cover
from portal.records.cases.involvements import name_worker
from portal.records.cases.model import Alert, Case, Involvement
from portal.records.cases.opening import change_lead
from portal.records.cases.vocabulary import GrantKind
from portal.records.linked_processes import steps as linked_steps
from portal.records.linked_processes.facts import refuse_who_owes
from portal.records.linked_processes.model import LinkedProcess
from portal.records.meetings.chairing import cases_of, require_running
from portal.records.meetings.changes import change_chair, change_note_taker
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER, Invitee
from portal.records.meetings.model import Meeting
from portal.records.meetings.preparing import who_learns
from portal.records.people.model import Agency, Team, User
from portal.records.people.vocabulary import (
    MEETING_PART_LEFT,
    SEALED_LEAD_LEFT,
    SEALED_WORK_LEFT,
    SENDER_LEFT,
    TEAM_MOVED,
    WORK_LEFT,
    WORKER_GONE,
)
from portal.records.plans import action_changes
from portal.records.plans.model import Action
from portal.records.triage import working as triage
from portal.reminders.receivers import holds
from portal.vocabulary import ROLES_THAT_STAND_APART, HeldWork, Role

Record = TypeVar("Record", Case, Involvement, Action, Alert, Deadline, LinkedProcess, Meeting)


#: What only coordinators hand over in part: closely held cases, and meetings.
_FOR_THE_HUB = frozenset({HeldWork.LEADS, HeldWork.CHAIRS, HeldWork.NOTES, HeldWork.FORMS})


@dataclass(frozen=True)
class Refused:
    """Something that could not be handed over, and why."""

    item: Item
    why: str


@dataclass(frozen=True)
class Handed:
    """What became of giving all that somebody holds to a colleague, for the page that follows."""

    to: str
    given: int
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Handing:
    """Handing over from one person to another."""

    actor: Principal
    person: User
    to: User
    reason: str


def handing_facts(actor: Principal, person: User) -> Facts:
    """What decides whether somebody may hand a person’s work over."""
    return Facts(own_agency=person.agency_id == actor.agency_id)


def require_to_hand_over(actor: Principal, person: User | None) -> User:
    """Go on only with a person whose work the actor may hand over.

    Raises:
        NotFound: there is nobody, or nobody of the actor's agency, or they see no cases.
        Forbidden: the actor is neither a coordinator nor a manager of the person's agency.
    """
    if person is None or person.id == actor.user_id or ROLES_THAT_STAND_APART.intersection(person.roles):
        raise NotFound("There is no such person.")
    if not actor.is_coordinator and person.agency_id != actor.agency_id:
        raise NotFound("There is no such person.")
    require(actor, "work:hand_over", handing_facts(actor, person))
    return person


def hand_work_over(
    *, actor: Principal, person: User, to: User, reason: str, items: Iterable[Item]
) -> list[Refused]:
    """Give things that somebody holds to a colleague of their agency; what was refused, with the reasons.

    Raises:
        NotFound, Forbidden: as `require_to_hand_over`.
        DomainError: there is no reason, or the colleague cannot take over anything.
    """
    require_to_hand_over(actor, person)
    reason = require_text(reason, "Say why somebody else takes over", field="reason")
    if to.id == person.id or not to.active or to.agency_id != person.agency_id:
        raise DomainError("Choose a colleague of the same agency", field="hand_to")
    handing, refused, given = Handing(actor, person, to, reason), [], 0
    # Their team would get what was for whoever has left, and goes on as before.
    with nullcontext() if person.active else telling_nothing_to(person.id):
        for item in items:
            try:
                with db.session.begin_nested():
                    _GIVE[item.kind](handing, item.id)
                given += 1
            except (DomainError, Forbidden) as problem:
                why = problem.reason if isinstance(problem, Forbidden) else problem.message
                refused.append(Refused(item, why))
    audit.record("work:hand_over", person, to=str(to.id), handed_over=given, refused=len(refused))
    return refused


def take_off(*, actor: Principal, case: Case, grant_id: UUID, to: User | None, reason: str) -> None:
    """Take a named person off a case, and give what they own on it to somebody who goes on reading it: all of
    it, or nobody is taken off.

    Args:
        to: who takes over; None where the person owns nothing on the case, or reads it without their name.

    Raises:
        NotFound, Forbidden: as `end_grant`.
        DomainError: as `end_grant`; nobody was chosen, or something cannot go to them.
    """
    require(actor, "grant:add", Facts(lead_professional=case.lead_professional_id == actor.user_id))
    lock_row(case)
    named = {one.id: one.user_id for one in current_grants(case) if one.kind == GrantKind.NAMED}
    person_id = or_not_found(named.pop(grant_id, None), "No such person is named on this case")
    if not reads_without_name(case, person_id):
        refuse_who_owes(case, [person_id])
        if owned := owned_on(case_id=case.id, person_id=person_id):
            taker = _who_takes_over(to, {*named.values(), actor.user_id} - {person_id})
            reason = require_text(reason, "Say why somebody else takes over", field="reason")
            _give_all(Handing(actor, db.session.get_one(User, person_id), taker, reason), owned)
    end_grant(actor=actor, case=case, grant_id=grant_id)


def _who_takes_over(to: User | None, readers: Collection[UUID]) -> User:
    if to is None or not to.active or to.id not in readers:
        raise DomainError("Choose who takes over, of those who read the case", field="take_over")
    return to


def _give_all(handing: Handing, owned: Iterable[Owned]) -> None:
    for one in owned:
        try:
            _GIVE[one.kind](handing, one.id)
        except Forbidden as problem:
            raise DomainError(f"{one.kind.label}: {problem.reason}", field="take_over") from problem


def tell_left(
    *, actor: Principal, person: User, teams: Iterable[UUID], left: Iterable[HeldWork], moved: bool
) -> None:
    """Tell whoever has to hand over what somebody left behind: managers of their teams or agency, and who
    leads it. The hub hears of what managers may not see or do. Whoever was moved is told too.

    Args:
        left: what is still theirs.
    """
    about, once = About("app_user", person.id), clock.now().isoformat()
    if moved:
        moved_person = {Ground.PERSON: to_people(person.id)}
        tell(actor=actor, event=TEAM_MOVED, about=about, given=moved_person, once=once)
    people = _answerable(person, list(teams))
    agency = db.session.get_one(Agency, person.agency_id)
    given = {Ground.MANAGER: to_people(*people), Ground.AGENCY_LEAD: to_people(agency.lead_id)}
    if people and not _FOR_THE_HUB.intersection(left):
        given[Ground.HUB] = NOBODY
    tell(actor=actor, event=WORK_LEFT, about=about, given=given, once=once)


def tell_leads(
    *, actor: Principal, person: User, leaves: Collection[UUID] | None = None, keeps: Collection[UUID] = ()
) -> None:
    """Tell whoever leads a case on which somebody who left still has something to do: of a sealed one
    `tell_sealed_left` does. The page says the same of everybody.

    Args:
        leaves, keeps: as `portal.pages.held_work.reading.counts` takes them.
    """
    asks = {
        "each": "left_work",
        "person": str(person.id),
        "leaves": None if leaves is None else sorted(map(str, leaves)),
        "keeps": sorted(map(str, keeps)),
    }
    tell(
        actor=actor,
        event=WORKER_GONE,
        about=About("cre_case", person.id),  # the database puts each case in its place
        once=f"{person.id}:{clock.now().isoformat()}",
        unseen=Unseen("left_work", asks),
    )


def tell_meetings(*, actor: Principal, person: User) -> None:
    """Tell whoever chairs a meeting that somebody who takes its notes, or is to come, has left; where it is
    the chair, whoever called it and takes its notes. Of one on a sealed case `tell_sealed_left` does. The
    page says the same of everybody.
    """
    _tell_of_each(actor, person, MEETING_PART_LEFT, "meeting", asks="meeting_parts")


def tell_unanswered(*, actor: Principal, person: User) -> None:
    """Tell whoever has a form that somebody sent who has left, and that waits for their answer; else the hub.
    The page says the same of everybody.
    """
    _tell_of_each(actor, person, SENDER_LEFT, "referral", asks="unanswered_forms")


def _tell_of_each(actor: Principal, person: User, event: Event, kind: str, *, asks: str) -> None:
    tell(
        actor=actor,
        event=event,
        about=About(kind, person.id),  # the database puts each record in its place
        once=f"{person.id}:{clock.now().isoformat()}",
        unseen=Unseen(asks, {"each": asks, "person": str(person.id)}),
    )


def tell_lost_covers(*, actor: Principal, deputy: User) -> None:
    """Tell whoever has to find somebody else that cases of colleagues who are away are covered no more, since
    whoever was to, and has left or lost a team or role, does not read them: at once where a case is at HIGH
    or the child is missing. The page says the same of everybody.
    """
    about = About("cre_case", deputy.id)  # the database puts each case in its place
    tell_each_lost_cover(actor=actor, about=about, asks={"deputy": str(deputy.id)})


def tell_sealed_left(*, actor: Principal, person: User) -> None:
    """Tell those who are named on a sealed case that somebody who is named there too, or holds something on
    it, has left or lost a role; at once where they led it and the child is missing. The page says the same
    of everybody, whether there is such a case or not.
    """
    for event in (SEALED_LEAD_LEFT, SEALED_WORK_LEFT):
        tell(
            actor=actor,
            event=event,
            about=About("cre_case", person.id),  # the database puts each case in its place
            once=f"{person.id}:{clock.now().isoformat()}",
            unseen=Unseen("sealed_work", {"each": "sealed_work", "person": str(person.id)}),
        )


def _answerable(person: User, teams: list[UUID]) -> set[UUID]:
    """Managers who may hand it over: of the teams, else everybody who manages in the agency."""
    of_teams = select(Team.manager_id).where(Team.id.in_(teams), Team.manager_id.is_not(None))
    managing = select(User.id).where(
        User.agency_id == person.agency_id,
        User.id != person.id,
        User.active,
        holds(Role.MANAGER),
    )
    nearest = set(db.session.scalars(managing.where(User.id.in_(of_teams))))
    return nearest or set(db.session.scalars(managing))


def _leads(handing: Handing, case_id: UUID) -> None:
    case = _found(Case, case_id)
    works = select(Involvement).filter_by(case_id=case_id, worker_id=handing.person.id, ended_at=None)
    involvement = db.session.scalar(works)
    if case.lead_professional_id != handing.person.id or involvement is None:
        raise DomainError("They do not lead it through a team any more. Change who leads it on the case")
    team = _of_the_team(handing, involvement.team_id)
    change_lead(
        actor=handing.actor,
        case=case,
        team=team,
        professional=handing.to,
        reason=handing.reason,
        version=case.version,
    )


def _works(handing: Handing, involvement_id: UUID) -> None:
    involvement = _found(Involvement, involvement_id)
    _of_the_team(handing, involvement.team_id)
    name_worker(
        actor=handing.actor,
        case=_found(Case, involvement.case_id),
        involvement=involvement,
        worker=handing.to,
        seen_worker_id=handing.person.id,
    )


def _actions(handing: Handing, action_id: UUID) -> None:
    action = _found(Action, action_id)
    action_changes.hand_over(
        actor=handing.actor, action=action, owner=handing.to, reason=handing.reason, version=action.version
    )


def _alerts(handing: Handing, alert_id: UUID) -> None:
    alert = _found(Alert, alert_id)
    review_alert(
        actor=handing.actor,
        case=_found(Case, alert.case_id),
        alert=alert,
        owner=handing.to,
        review_on=max(alert.review_on, clock.today()),  # one that is overdue is due for them at once
        version=alert.version,
        policy=current_policy(),
    )


def _processes(handing: Handing, process_id: UUID) -> None:
    process = _found(LinkedProcess, process_id)
    linked_steps.hand_over(
        actor=handing.actor, process=process, owner=handing.to, reason=handing.reason, version=process.version
    )


def _duties(handing: Handing, deadline_id: UUID) -> None:
    duty = _found(Deadline, deadline_id)
    lock_row(duty)
    if duty.owner_id != handing.person.id or duty.state != DeadlineState.OPEN:
        raise DomainError("Somebody changed who owes a duty on the case meanwhile. Look at it again")
    duty.owner_id = handing.to.id
    db.session.flush()


def _meetings(change: Callable[..., None], role: str) -> Callable[[Handing, UUID], None]:
    def give(handing: Handing, meeting_id: UUID) -> None:
        meeting = _found(Meeting, meeting_id)
        require_running(handing.actor, meeting)
        if who_learns(cases=cases_of(meeting), invitees=[Invitee(role=role, person=handing.to)]):
            raise DomainError(
                f"{handing.to.name} would read a closely held case of the meeting, and does not read it now."
                " Say whether that is right on the page of the meeting, and hand it over there"
            )
        change(
            actor=handing.actor,
            meeting=meeting,
            person=handing.to,
            reason=handing.reason,
            version=meeting.version,
        )

    return give


def _forms(handing: Handing, referral_id: UUID) -> None:
    referral = triage.referral_of(actor=handing.actor, referral_id=referral_id)
    triage.hand_over(actor=handing.actor, referral=referral, to=handing.to, note=handing.reason)


def _of_the_team(handing: Handing, team_id: UUID) -> Team:
    """The team through which somebody works on a case; whoever takes over is in it, or would not read it."""
    team = db.session.get_one(Team, team_id)
    if not in_team(person_id=handing.to.id, team_id=team_id):
        raise DomainError(f"{handing.to.name} is not in {team.name}, and would not read the case")
    return team


def _found(model: type[Record], key: UUID) -> Record:
    return or_not_found(db.session.get(model, key), "It is not there any more.")


_GIVE: Mapping[HeldWork, Callable[[Handing, UUID], None]] = {
    HeldWork.LEADS: _leads,
    HeldWork.WORKS: _works,
    HeldWork.ACTIONS: _actions,
    HeldWork.ALERTS: _alerts,
    HeldWork.PROCESSES: _processes,
    HeldWork.DUTIES: _duties,
    HeldWork.CHAIRS: _meetings(change_chair, CHAIR),
    HeldWork.NOTES: _meetings(change_note_taker, NOTE_TAKER),
    HeldWork.FORMS: _forms,
}
