"""What somebody leads, owns and is invited to: how much of it, and each as far as whoever asks sees it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, cast, func, literal, null, or_, select, union_all

from portal import clock
from portal.access.permissions import Facts, permitted
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pages.about import Subject
from portal.pathway.states import OPEN_ACTION_STATES, OPEN_CASE_STATES, OPEN_MEETING_STATES
from portal.records.cases.model import AccessGrant, Alert, Case, Involvement
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.vocabulary import LinkedState
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.people.model import Team, TeamMember, User
from portal.records.plans.model import Action
from portal.records.referrals.model import Referral
from portal.vocabulary import ROLES_THAT_SEE_CASES, HeldWork, ReferralState

#: As many of one kind as one page offers; when those are handed over, the next are offered.
MOST = 100


@dataclass(frozen=True)
class Item:
    """One thing that somebody holds, and that the person who asks sees."""

    kind: HeldWork
    id: UUID
    reference: str
    subject: Subject
    team: str = ""  # through which somebody works on a case

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{self.kind}:{self.id}"


def counts(
    *,
    person_id: UUID,
    leaves: Collection[UUID] | None = None,
    keeps: Collection[UUID] = (),
    sealed: bool = True,
) -> Mapping[HeldWork, int]:
    """How much somebody holds, by kind, also of what whoever asks does not see. Empty to everybody but those
    who look after the person, and coordinators. What hangs on a sealed case is counted for those alone who
    read it: to anybody else a number would say that there is one.

    Args:
        leaves: teams that they leave: only what hangs on cases that they read no more without them.
        keeps: the teams that they are in afterwards.
        sealed: also what hangs on sealed cases that whoever asks reads.
    """
    gone = cast(list(leaves), ARRAY(Uuid)) if leaves is not None else null()
    kept = cast(list(keeps), ARRAY(Uuid))
    held = func.ctx.held_work(person_id, gone, kept, sealed).table_valued("kind", "held")
    found = {row.kind: row.held for row in db.session.execute(select(held.c.kind, held.c.held))}
    return {kind: found[kind] for kind in HeldWork if kind in found}


def items(*, person_id: UUID, only_cases: Collection[UUID] | None = None) -> Sequence[Item]:
    """What of it can be handed over and whoever asks sees, in the order of `HeldWork`.

    Args:
        only_cases: leave out what does not hang on one of these cases.
    """
    found = []
    for kind, (statement, subject) in _SEEN.items():
        for row in db.session.execute(statement(person_id).limit(MOST)):
            if only_cases is None or row.case_id in only_cases:
                about = Subject(subject, row.about, row.case_id)
                found.append(Item(kind, row.id, row.reference or "", about, row.team or ""))
    return found


_PARTS = frozenset({HeldWork.CHAIRS, HeldWork.NOTES})


def for_others(*, actor: Principal, items: Collection[Item]) -> list[Item]:
    """What of it whoever asks sees and may give to nobody: parts in meetings that they do not run, and alerts
    on cases that they do not answer for. Whoever does is told when the person leaves.
    """
    if permitted(actor, "meeting:run") and permitted(actor, "alert:change"):
        return []
    parts = {one.id for one in items if one.kind in _PARTS}
    cases = {one.subject.case_id for one in items if one.kind is HeldWork.ALERTS}
    runs = _run_by(actor, parts) if parts else set()
    led = select(Case.id).where(Case.id.in_(cases), Case.lead_professional_id == actor.user_id)
    leads = set(db.session.scalars(led)) if cases else set()

    def may_give(item: Item) -> bool:
        if item.kind in _PARTS:
            return permitted(actor, "meeting:run", Facts(runs_meeting=item.id in runs))
        facts = Facts(lead_professional=item.subject.case_id in leads)
        return item.kind is not HeldWork.ALERTS or permitted(actor, "alert:change", facts)

    return [one for one in items if not may_give(one)]


def _run_by(actor: Principal, meetings: Collection[UUID]) -> set[UUID]:
    """Those of some meetings that somebody runs, as `chairing.run_facts` has it: a part in it is theirs, or
    they lead a case of it.
    """
    led = select(MeetingCase.meeting_id).join(Case, Case.id == MeetingCase.case_id)
    theirs = or_(
        Meeting.chair_id == actor.user_id,
        Meeting.note_taker_id == actor.user_id,
        Meeting.id.in_(led.where(Case.lead_professional_id == actor.user_id)),
    )
    return set(db.session.scalars(select(Meeting.id).where(Meeting.id.in_(meetings), theirs)))


class Owned(NamedTuple):
    """One thing that somebody owns on a case: of a duty the kind, of an alert too, else its reference."""

    kind: HeldWork
    id: UUID
    name: str


def owned_on(*, case_id: UUID, person_id: UUID) -> list[Owned]:
    """What somebody owns on one case, as far as whoever asks sees it, in the order of `HeldWork`. Duties that
    are theirs alone (`LinkedProcess.personal`) are not of it: nobody takes them over.
    """
    duties = select(literal(HeldWork.DUTIES.value), Deadline.id, Deadline.kind).where(
        Deadline.case_id == case_id,
        Deadline.owner_id == person_id,
        Deadline.state == DeadlineState.OPEN,
        Deadline.subject_kind.not_in(_WITH_THEIR_OWN_OWNER),
    )
    found = db.session.execute(
        union_all(
            select(literal(HeldWork.ACTIONS.value), Action.id, Action.reference).where(
                Action.case_id == case_id,
                Action.owner_id == person_id,
                Action.state.in_(OPEN_ACTION_STATES),
            ),
            select(literal(HeldWork.ALERTS.value), Alert.id, Alert.kind).where(
                Alert.case_id == case_id, Alert.owner_id == person_id, Alert.ended_at.is_(None)
            ),
            select(literal(HeldWork.PROCESSES.value), LinkedProcess.id, LinkedProcess.reference).where(
                LinkedProcess.case_id == case_id,
                LinkedProcess.owner_id == person_id,
                LinkedProcess.state == LinkedState.RUNNING,
                ~LinkedProcess.personal,
            ),
            duties,
        )
    ).all()
    order = list(HeldWork)
    owned = [Owned(HeldWork(kind), key, name) for kind, key, name in found]
    return sorted(owned, key=lambda one: (order.index(one.kind), one.name, one.id))


#: Records whose duty goes with whoever owns the record.
_WITH_THEIR_OWN_OWNER = (
    *("action", "alert", "linked_process", "meeting", "referral", "information_request"),
    *("missing_episode", "missing_prompt", "return_interview"),
)


def cases_through(*, person_id: UUID, leaves: Collection[UUID], keeps: Collection[UUID]) -> set[UUID]:
    """The cases, of those that whoever asks sees, that somebody reads only through teams that they leave."""
    now = clock.now()
    gone = select(Involvement.case_id).where(Involvement.ended_at.is_(None), Involvement.team_id.in_(leaves))
    kept = select(Involvement.case_id).where(Involvement.ended_at.is_(None), Involvement.team_id.in_(keeps))
    named = select(AccessGrant.case_id).where(
        AccessGrant.user_id == person_id,
        AccessGrant.starts_at <= now,
        or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
    )
    return set(db.session.scalars(gone)) - set(db.session.scalars(kept)) - set(db.session.scalars(named))


def colleagues(*, person: User) -> Sequence[User]:
    """Who of somebody’s agency could take something over from them."""
    return db.session.scalars(
        select(User)
        .where(
            User.agency_id == person.agency_id,
            User.id != person.id,
            User.active,
            or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES)),
        )
        .order_by(User.name, User.id)
    ).all()


def find_person(*, user_id: UUID) -> User | None:
    """Somebody, whether they are here or have left."""
    return db.session.get(User, user_id)


def in_team(*, person_id: UUID, team_id: UUID) -> bool:
    """Whether somebody is in a team."""
    return db.session.get(TeamMember, (team_id, person_id)) is not None


def _leads(person_id: UUID) -> Select[Any]:
    team = (
        select(Team.name)
        .join(Involvement, Involvement.team_id == Team.id)
        .where(
            Involvement.case_id == Case.id,
            Involvement.worker_id == person_id,
            Involvement.ended_at.is_(None),
        )
        .limit(1)
        .scalar_subquery()
    )
    return (
        _row(Case.id, Case.id, Case.reference, team=team)
        .where(Case.lead_professional_id == person_id, Case.state.in_(OPEN_CASE_STATES))
        .order_by(Case.reference)
    )


def _works(person_id: UUID) -> Select[Any]:
    return (
        _row(Involvement.id, Case.id, Case.reference, about=Case.id, team=Team.name)
        .join(Case, Case.id == Involvement.case_id)
        .join(Team, Team.id == Involvement.team_id)
        .where(
            Involvement.worker_id == person_id,
            Involvement.ended_at.is_(None),
            Case.state.in_(OPEN_CASE_STATES),
            Case.lead_professional_id.is_distinct_from(person_id),
        )
        .order_by(Case.reference)
    )


def _actions(person_id: UUID) -> Select[Any]:
    return (
        _row(Action.id, Action.case_id, Action.reference)
        .where(Action.owner_id == person_id, Action.state.in_(OPEN_ACTION_STATES))
        .order_by(Action.due_on, Action.reference)
    )


def _alerts(person_id: UUID) -> Select[Any]:
    return (
        _row(Alert.id, Alert.case_id, Case.reference, about=Alert.case_id)
        .join(Case, Case.id == Alert.case_id)
        .where(Alert.owner_id == person_id, Alert.ended_at.is_(None))
        .order_by(Case.reference)
    )


def _processes(person_id: UUID) -> Select[Any]:
    return (
        _row(LinkedProcess.id, LinkedProcess.case_id, LinkedProcess.reference)
        .where(LinkedProcess.owner_id == person_id, LinkedProcess.state == LinkedState.RUNNING)
        .order_by(LinkedProcess.reference)
    )


def _chairs(person_id: UUID) -> Select[Any]:
    return _meetings().where(Meeting.chair_id == person_id)


def _notes(person_id: UUID) -> Select[Any]:
    return _meetings().where(Meeting.note_taker_id == person_id)


def _meetings() -> Select[Any]:
    return (
        _row(Meeting.id, null(), Meeting.reference)
        .where(Meeting.state.in_(OPEN_MEETING_STATES))
        .order_by(Meeting.starts_at, Meeting.reference)
    )


def _forms(person_id: UUID) -> Select[Any]:
    return (
        _row(Referral.id, null(), Referral.reference)
        .where(
            Referral.claimed_by == person_id,
            Referral.state.in_(
                [ReferralState.SENT, ReferralState.IN_TRIAGE, ReferralState.WAITING_FOR_SENDER]
            ),
        )
        .order_by(Referral.reference)
    )


def _row(key: Any, case_id: Any, reference: Any, *, about: Any = None, team: Any = None) -> Select[Any]:
    """The columns of an `Item`, in the one shape that every kind has."""
    columns: list[Any] = [
        key.label("id"),
        (key if about is None else about).label("about"),
        case_id.label("case_id"),
        reference.label("reference"),
        (null() if team is None else team).label("team"),
    ]
    return select(*columns)


_SEEN = {
    HeldWork.LEADS: (_leads, "cre_case"),
    HeldWork.WORKS: (_works, "cre_case"),
    HeldWork.ACTIONS: (_actions, "action"),
    HeldWork.ALERTS: (_alerts, "cre_case"),
    HeldWork.PROCESSES: (_processes, "linked_process"),
    HeldWork.CHAIRS: (_chairs, "meeting"),
    HeldWork.NOTES: (_notes, "meeting"),
    HeldWork.FORMS: (_forms, "referral"),
}
