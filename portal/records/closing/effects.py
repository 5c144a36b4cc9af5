"""What follows when a case ends: its state, its duties, who works on it; and when it is reopened."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial, reduce
from operator import or_ as united

from sqlalchemy import Select, and_, any_, bindparam, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, lock, lock_row
from portal.deadlines.changes import Owner, finish_deadlines, open_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.telling import (
    NOBODY,
    About,
    Outsider,
    Unseen,
    Whom,
    around_case,
    of_agencies,
    outside,
    tell,
    to_people,
    to_teams,
)
from portal.messages.unseen import parts_found
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import end_of_day
from portal.pathway.states import OPEN_ACTION_STATES, OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.assessments.lifecycle import lead_facts, move_case
from portal.records.cases.alerts import restart_review_clocks
from portal.records.cases.facts import about_case, state_in_words
from portal.records.cases.involvements import add_involvement, current_involvement
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.closing.checks import closure_of
from portal.records.closing.hand_overs import taking_over, told_of_end, who_carried_on
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.reading import workers_before
from portal.records.closing.vocabulary import (
    ENDED,
    REOPENED,
    STRATEGY_NOT_HELD,
    WITH_THE_CASE,
    ClosureGround,
    LeftOver,
)
from portal.records.linked_processes.effects import restart_clocks
from portal.records.linked_processes.facts import personal_duties
from portal.records.missing.facts import episode_now
from portal.records.missing.model import MissingEpisode
from portal.records.missing.vocabulary import CLOSED_OFF
from portal.records.people.model import Agency, Team, User
from portal.records.plans.action_changes import end_with_case
from portal.records.plans.model import Action
from portal.records.plans.rules import CarriedOn, External
from portal.records.plans.vocabulary import ActionState
from portal.records.plans.writing import end_plan
from portal.records.requests.answering import withdraw_at_end
from portal.vocabulary import CaseState, Role, Sector, Sensitivity


def carry_out(*, actor: Principal, case: Case, closure: CaseClosure) -> None:
    """End a case as its closure says. Whoever worked on it is told, and can still read it for some days.

    The agency that leads keeps the case in sight, and so do coordinators: they hear what is new.
    """
    why, owed = WITH_THE_CASE[closure.kind], open_duties(case)
    _settle_actions(actor, case, closure)
    end_plan(actor=actor, case=case)
    _end_duties(case, closure, why)
    move_case(case, CaseState(closure.kind))
    case.closed_at = closure.closed_at
    count_change(case)
    audit.record(
        "case:close" if closure.kind == CaseState.CLOSED else "case:transfer",
        case,
        case=case,
        closure=str(closure.id),
    )
    withdraw_at_end(actor=actor, case=case)
    _tell_of_end(actor, case, closure, owed)
    if any(duty.kind == DeadlineKind.STRATEGY for duty in owed):
        _tell_of_discussion(actor, case, once=str(closure.id))
    _tell_of_search(actor, case, once=str(closure.id))
    _let_go(actor, case, why)


def _tell_of_end(actor: Principal, case: Case, closure: CaseClosure, owed: list[Deadline]) -> None:
    """Whoever works on it or reads it, who leads what follows, and whose duties fall away by it."""
    given = {
        Ground.FOLLOW_UP: to_people(closure.follow_up_id),
        Ground.OWNER_BEFORE: to_people(*(duty.owner_id for duty in owed)),
        Ground.OUTSIDE: _outside(closure),
        Ground.PREPARES_PANEL: to_people(*db.session.scalars(select(func.ctx.prepares_items_of(case.id)))),
    }
    tell(actor=actor, event=ENDED, about=about_case(case), given=given, once=str(closure.id))


def _tell_of_discussion(actor: Principal, case: Case, *, once: str) -> None:
    """The hub hears that a strategy discussion was not held; and the front door that decided it, and the
    sender of the form, whom the database finds. Of a sealed case the coordinators named on it hear.
    """
    given = {}
    if case.sensitivity == Sensitivity.SEALED:
        named = around_case(case.id).get(Ground.READER, NOBODY).people
        of_hub = select(User.id).where(
            User.id.in_(named), literal(Role.COORDINATOR.value) == any_(User.roles)
        )
        given = {Ground.HUB: to_people(*db.session.scalars(of_hub))}
    about, unseen = about_case(case), Unseen("given")
    tell(actor=actor, event=STRATEGY_NOT_HELD, about=about, given=given, once=once, unseen=unseen)
    of = partial(parts_found, STRATEGY_NOT_HELD, actor_id=actor.user_id, once=once)
    said = {"case": str(case.id), "door": of(kind="disclosure"), "sender": of(kind="referral")}
    db.session.flush()
    tells = text("select ctx.tell_strategy_not_held(:said)").bindparams(bindparam("said", type_=JSONB))
    db.session.execute(tells, {"said": said})


def _tell_of_search(actor: Principal, case: Case, *, once: str) -> None:
    """The child is missing now: whoever read the report because they worked on the case reads it no more, and
    hears so at once, and later that the child is back. The police, the hub, whoever recorded it and the
    social care of the authorities that it names read on; of a case held closely so do all who are named.
    """
    episode = episode_now(case.child_id)
    if episode is None or episode.child_id != case.child_id or case.sensitivity != Sensitivity.NORMAL:
        return
    named = [one for one in (episode.responsible_authority, episode.host_authority) if one]
    reads_on = or_(
        Agency.sector.in_([Sector.POLICE, Sector.HUB]),
        and_(Agency.sector == Sector.SOCIAL_CARE, Agency.authority.in_(named)),
    )
    others = set(db.session.scalars(select(Agency.id).where(~reads_on)))
    grounds = (Ground.LEAD_PROFESSIONAL, Ground.WORKER, Ground.TEAM, Ground.READER)
    open_ = select(Case.id).where(Case.child_id == case.child_id, Case.state.in_(OPEN_CASE_STATES))
    around, stays = around_case(case.id), to_teams(episode.recorded_team_id) | to_people(episode.recorded_by)
    for elsewhere in map(around_case, db.session.scalars(open_).all()):
        stays = reduce(united, (elsewhere.get(ground, NOBODY) for ground in grounds), stays)
    lost = reduce(united, (around.get(ground, NOBODY) for ground in grounds), NOBODY)
    given = {row.to: NOBODY for row in current_policy().telling.of(CLOSED_OFF.code)}
    given[Ground.LEAVING] = of_agencies(lost - stays, others)
    what = About("missing_episode", episode.id, episode.reference)
    tell(actor=actor, event=CLOSED_OFF, about=what, given=given, once=once)


def _outside(closure: CaseClosure) -> Whom:
    """Who follows up without an account, and who takes over in the other area."""
    at = f" ({closure.follow_up_agency})" if closure.follow_up_agency else ""
    follows = f"{closure.follow_up_name}{at}" if closure.follow_up_name else ""
    found = outside(Outsider(follows, closure.follow_up_contact))
    if closure.kind == CaseState.TRANSFERRED and closure.hand_over_id is not None:
        found |= taking_over(db.session.get_one(HandOver, closure.hand_over_id))
    return found


def open_duties(case: Case) -> list[Deadline]:
    """Everything that is still owed on a case and on what hangs on it.

    What is owed after a return is owed to the child, and hangs on a case only to be out of sight; whoever has
    to be told by hand still has to; and a manager still says whether they sign an assessment off.
    """
    found = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.state == DeadlineState.OPEN,
        Deadline.subject_kind != MissingEpisode.__tablename__,
        Deadline.kind != DeadlineKind.SIGN_OFF,
        Deadline.kind != DeadlineKind.BY_HAND,  # whoever has to be told does not know it for that
    )
    return list(db.session.scalars(found.order_by(Deadline.due_at)))


def _settle_actions(actor: Principal, case: Case, closure: CaseClosure) -> None:
    """Every action that is open ends as whoever ended the case said: it is carried on, or not needed."""
    still_owed = select(Action).where(Action.case_id == case.id, Action.state.in_(OPEN_ACTION_STATES))
    for action in db.session.scalars(still_owed.order_by(Action.id)).all():
        said = closure.left_over[str(action.id)]
        becomes = LeftOver(said["becomes"])
        state = ActionState.NOT_NEEDED if becomes is LeftOver.NOT_NEEDED else ActionState.COVERED
        follows = ", ".join(filter(None, (_follows_up(closure), closure.follow_up_agency)))
        words = what_becomes(action, becomes, said["words"], follows)
        end_with_case(actor=actor, action=action, state=state, words=words)


def what_becomes(action: Action, becomes: LeftOver, words: str, follows: str) -> str:
    """What an action says when its case ends: who carries it on by name, or why nobody does.

    Args:
        follows: who leads what follows.

    Raises:
        DomainError: its owner is to go on with it, and does not work here any more.
    """
    if becomes is LeftOver.NOT_NEEDED:
        return words
    carries = follows if becomes is LeftOver.CARRIED else _owner_who_stays(action)
    return CarriedOn(carries, words).stored


def who_owns(action: Action) -> User | Team:
    """The person or the team of the portal that owns an action."""
    get = db.session.get_one
    return get(User, action.owner_id) if action.owner_id else get(Team, action.owner_team_id)


def _owner_who_stays(action: Action) -> str:
    owner = who_owns(action)
    if not owner.active:
        raise DomainError(f"{owner.name} is not in use any more. Say who carries it on", field="actions")
    return External(action.external_name, action.external_role).through(owner.name)


def _follows_up(closure: CaseClosure) -> str:
    if closure.follow_up_id is None:
        return closure.follow_up_name
    return db.session.get_one(User, closure.follow_up_id).name


def _end_duties(case: Case, closure: CaseClosure, why: str) -> None:
    """The decision that was owed is made. Nothing else is met: it is no longer needed, which is neither in
    time nor late.
    """
    if closure.ground != ClosureGround.MOVED:
        finish_deadlines(subject=case, kind=DeadlineKind.CASE_END)
    personal = personal_duties(case)
    for duty in open_duties(case):
        if duty.id in personal:
            continue  # the law asks it of one person, whatever becomes of the case
        duty.state, duty.ended_at, duty.move_reason = DeadlineState.CANCELLED, clock.now(), why
    db.session.flush()


def _let_go(actor: Principal, case: Case, why: str) -> None:
    """Teams and named people of other agencies stop working on the case, and read it until policy
    `limits.request_reach` is over. The agency that leads and the hub keep it.
    """
    until = _readable_until(case)
    teams = select(Involvement).where(
        Involvement.case_id == case.id,
        Involvement.ended_at.is_(None),
        Involvement.agency_id != case.lead_agency_id,
    )
    for involvement in db.session.scalars(teams):
        involvement.ended_at, involvement.ended_by = until, actor.user_id
        involvement.end_reason = why
    for grant in db.session.scalars(_others_named(case)):
        grant.ends_at = until
    db.session.flush()


def _others_named(case: Case) -> Select[AccessGrant]:
    keep = (
        select(User.id)
        .join(Agency, Agency.id == User.agency_id)
        .where(or_(User.agency_id == case.lead_agency_id, Agency.sector == Sector.HUB))
    )
    return select(AccessGrant).where(
        AccessGrant.case_id == case.id,
        AccessGrant.kind == GrantKind.NAMED,
        AccessGrant.ends_at.is_(None),
        AccessGrant.user_id.not_in(keep),
    )


def _readable_until(case: Case) -> datetime:
    limit = current_policy(case.authority).clocks.limits.request_reach
    return end_of_day(last_day(limit, clock.today()))


def _is_over(case: Case) -> None:
    if case.state in OPEN_CASE_STATES:
        raise DomainError("This case is open")


def reopen_case(
    *, actor: Principal, case: Case, reason: str, version: int, teams: Iterable[Team] = ()
) -> None:
    """Reopen a case. Its child is assessed anew within the time of the policy, counted from now.

    Args:
        reason: what is new.
        version: of the case when the page was opened.
        teams: of those that worked on the case until it ended, whom it needs again.

    Raises:
        Forbidden: the actor neither coordinates nor works for the agency that leads; a team is brought back
            by whoever may bring one onto a case.
        Conflict: somebody changed the case meanwhile.
        DomainError: the case is open, the child has another that is, or no reason was given.
    """
    require(actor, "case:reopen", lead_facts(actor, case))
    lock(case, version, state_in_words, first=_is_over, mine={"State": "Reopened"})
    closure = closure_of(case)
    if closure is None:
        raise DomainError("This case is open")
    reason = require_text(reason, "Say why the case is reopened", field="reason")
    lock_row(closure)  # of two who reopen it, the second sees the first
    if closure.reopened_at is not None:
        raise DomainError("Somebody has just reopened this case")
    former, now, workers = (
        _out_of_sight(case),
        clock.now(),
        workers_before(case, [team.id for team, _ in former_teams(case)]),
    )
    closure.reopened_by, closure.reopened_at, closure.reopen_reason = actor.user_id, now, reason
    db.session.flush()
    _open(case)
    policy = current_policy(case.authority)
    owner = owner_of(case)
    open_deadline(kind=DeadlineKind.ASSESSMENT, subject=case, owner=owner, started_at=now, policy=policy)
    restart_review_clocks(case=case, policy=policy, instead=owner)
    restart_clocks(case=case, policy=policy, instead=owner)
    audit.record("case:reopen", case, case=case, closure=str(closure.id))
    for team in (brought := list(teams)):
        if current_involvement(case, team.id) is None:
            worker = workers.get(team.id)
            add_involvement(actor=actor, case=case, team=team, worker=worker, reason=f"Reopened: {reason}")
    given = {
        Ground.FORMER_TEAM: former - to_teams(*(team.id for team in brought)),
        Ground.FOLLOW_UP: who_carried_on(case, closure),
        Ground.OUTSIDE: told_of_end(actor, case, closure),
    }
    tell(actor=actor, event=REOPENED, about=about_case(case), given=given, once=str(closure.id))


def _out_of_sight(case: Case) -> Whom:
    """The teams that worked on a case until it ended and may not read it any more. That one which is closely
    held is open again is for those who read it.
    """
    if case.sensitivity != Sensitivity.NORMAL:
        return NOBODY
    return to_teams(*(team.id for team, reads in former_teams(case) if not reads))


def owner_of(case: Case) -> Owner:
    """Who sees to a case: its lead professional while they work for the agency that leads, else it."""
    lead = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    if lead is not None and lead.active and lead.agency_id == case.lead_agency_id:
        return Owner(user_id=lead.id)
    return Owner(agency_id=case.lead_agency_id)


def former_teams(case: Case) -> list[tuple[Team, bool]]:
    """The teams that worked on a case until it ended, each with whether it may still read the case."""
    closure = closure_of(case)
    if closure is None or closure.closed_at is None or case.sensitivity == Sensitivity.SEALED:
        return []
    found = db.session.execute(
        select(Team, Involvement.ended_at)
        .join(Involvement, Involvement.team_id == Team.id)
        .where(
            Involvement.case_id == case.id,
            Involvement.started_at <= closure.closed_at,
            Involvement.ended_at > closure.closed_at,
            Team.active,
        )
        .order_by(Team.name, Team.id)
    ).all()
    return [(team, ended is not None and ended > clock.now()) for team, ended in found]


def _open(case: Case) -> None:
    """The database refuses a second open case of one child, also one that the actor does not see."""
    try:
        with db.session.begin_nested():
            move_case(case, CaseState.AWAITING_ASSESSMENT)
            case.closed_at = None
            count_change(case)
    except IntegrityError as error:
        if "uq_cre_case_open_child" not in str(error.orig):
            raise
        raise DomainError(
            "A case cannot be opened for this child now. Another case of this child is open"
        ) from error
