"""What on a case has a day by which somebody looks at it again: alerts, which everyone must know before
they act, each with an owner; and duties, whose date a person changes with a reason. The first date stays.
"""

from datetime import date, datetime, time
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import CompoundSelect, or_, select, union

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound, Versions, require_text
from portal.changes.versions import insert_now, lock, lock_row
from portal.deadlines.changes import Owner, finish_deadlines, move_deadline, open_deadline
from portal.deadlines.model import Deadline
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, around_case, heard_of, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import at_local, end_of_day
from portal.policy import Policy, current_policy
from portal.records.cases.facts import about_case, refuse_closed
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import AccessGrant, Alert, Case, Involvement
from portal.records.cases.vocabulary import (
    ALERT_CHANGED,
    ALERT_ENDED,
    ALERT_SET,
    DATE_CHANGED,
    WARNING_ENDED,
    WARNING_SET,
)
from portal.records.children.model import Child
from portal.records.children.statements import follow_alert, seen_of
from portal.records.children.telling import tell_of_alerts_by_link
from portal.records.people.model import User

#: Duties whose date a person may change; whether an hour is part of it.
MOVABLE = MappingProxyType(
    {
        DeadlineKind.MEETING: False,
        DeadlineKind.REVIEW: False,
        DeadlineKind.ASSESSMENT: False,
        DeadlineKind.STRATEGY: True,
    }
)


def change_due_date(
    *,
    actor: Principal,
    case: Case,
    deadline: Deadline,
    on: date,
    at: time | None = None,
    code: str,
    reason: str,
    seen: datetime,
) -> None:
    """Let a duty of a case be due on another day.

    Args:
        at: the hour, for what is counted in hours; everything else is due with the end of the day.
        code: of policy `cases.due_date_reasons`.
        reason: in words.
        seen: when it was due as the actor saw it.

    Raises:
        Forbidden: the actor neither coordinates nor leads the case nor chairs an open meeting on it.
        NotFound: it is no duty of this case whose date can be changed.
        Conflict: somebody else moved it meanwhile.
        DomainError: it is not due any more, the new time is past or the same, or the reason is missing.
    """
    require(actor, "due_date:change", moving_facts(actor, case))
    if not may_move(deadline, case):
        raise NotFound("There is no such duty on this case")
    lock_row(case)
    lock_row(deadline)
    if deadline.due_at != seen:
        raise Conflict(
            "Somebody else changed this date meanwhile. Look at it again",
            Versions(theirs={"Due": clock.local(deadline.due_at)}, mine={"Due": on}),
        )
    if code not in current_policy(case.authority).cases.due_date_reasons:
        raise DomainError("Choose why the date changes", field="code")
    require_text(reason, "Say in a few words why the date changes", field="reason")
    due_at = _when(DeadlineKind(deadline.kind), on, at)
    if due_at <= clock.now():
        raise DomainError("Choose a time that is still to come", field="on")
    if due_at == deadline.due_at:
        raise DomainError("It is due then already. Choose another day", field="on")
    before = deadline.due_at
    move_deadline(actor=actor, deadline=deadline, due_at=due_at, reason=reason, code=code)
    audit.record(
        "due_date:change",
        deadline,
        case=case,
        kind=deadline.kind,
        before=before.isoformat(),
        after=due_at.isoformat(),
        code=code,
    )
    tell(actor=actor, event=DATE_CHANGED, about=about_case(case), once=str(deadline.id))


def may_move(deadline: Deadline, case: Case) -> bool:
    """Whether a duty is one of the case itself whose date a person may change."""
    return (
        deadline.subject_kind == Case.__tablename__
        and deadline.case_id == case.id
        and deadline.kind in MOVABLE
    )


def moving_facts(actor: Principal, case: Case) -> Facts:
    """What decides who changes a due date."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id),
    )


def _when(kind: DeadlineKind, on: date, at: time | None) -> datetime:
    if not MOVABLE[kind]:
        return end_of_day(on)
    if at is None:
        raise DomainError("Enter the time of day", field="at")
    return at_local(on, at)


def add_alert(
    *,
    actor: Principal,
    case: Case,
    kind: str,
    text: str,
    owner: User,
    review_on: date,
    child_told: bool,
    told_reason: str = "",
    policy: Policy,
) -> Alert:
    """Put an alert at the head of every page and print of a case.

    One of a kind that holds back what agencies say of the child (`holds_back` of policy) does so from now on:
    what stands already is held back with it, and what is added while it stands (`statement_is_held`).

    Args:
        kind: code of policy `cases.alerts`.
        text: what is known and what to do.
        owner: who answers for it; somebody who reads the case.
        review_on: at the latest the day that policy sets for this kind (`review_within`).
        child_told: whether the child knows of the alert.
        told_reason: why not, if not.

    Raises:
        DomainError: something is missing, the day is too late, or the owner does not read the case.
    """
    require(actor, "alert:add")
    refuse_closed(case)
    text = require_text(text, "Say what people must know", field="text")
    if not child_told and not told_reason.strip():
        raise DomainError("Say why the child has not been told", field="told_reason")
    _check_owner(actor, case, owner)
    _check_review(kind, review_on, policy)
    same = select(Alert.id).filter_by(case_id=case.id, kind=kind, text=text, ended_at=None)
    if db.session.scalar(same) is not None:
        raise DomainError("This alert stands on the case already", field="text")
    alert = Alert(
        case_id=case.id,
        kind=kind,
        text=text,
        owner_id=owner.id,
        review_on=review_on,
        child_told=child_told,
        told_reason=told_reason.strip() or None,
        holds_back=list(policy.cases.alerts[kind].holds_back),
        created_at=clock.now(),
    )
    child = db.session.get_one(Child, case.child_id)
    lock_row(child)  # whoever adds an address at the same time takes their turn
    seen = seen_of(child_id=child.id, kinds=policy.cases.alerts[kind].holds_back)
    insert_now(alert)
    follow_alert(actor=actor, child=child, before=seen)
    if alert.holds_back:
        tell_of_alerts_by_link(actor=actor, child_ids=[child.id], alert_id=alert.id, once=str(alert.id))
    _start_review_clock(alert, policy)
    _record(case, alert, "alert:add")
    rule = policy.cases.alerts[kind]
    tell(
        actor=actor,
        event=WARNING_SET if rule.told else ALERT_SET,
        about=about_case(case),
        once=str(alert.id),
        at_once=rule.urgent,
    )
    registry.alert_set(actor=actor, case=case, alert=alert)
    return alert


def review_alert(
    *,
    actor: Principal,
    case: Case,
    alert: Alert,
    owner: User,
    review_on: date,
    version: int,
    policy: Policy,
) -> None:
    """Keep an alert as it is until another day. What it says is not rewritten: end it and add another.

    Raises:
        NotFound: the alert is another case's.
        Forbidden: the actor is neither its owner nor the lead professional nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, the day is too late, or the owner does not read the case.
    """
    _may_change(actor, case, alert)
    lock(
        alert,
        version,
        lambda now: {"Review by": now.review_on, "Owner": db.session.get_one(User, now.owner_id).name},
        first=_refuse_ended,
        mine={"Review by": review_on, "Owner": owner.name},
    )
    _check_owner(actor, case, owner)
    _check_review(alert.kind, review_on, policy)
    finish_deadlines(subject=alert, kind=DeadlineKind.ALERT_REVIEW)
    alert.owner_id = owner.id
    alert.review_on = review_on
    alert.version += 1
    _start_review_clock(alert, policy)
    _record(case, alert, "alert:review")
    tell(actor=actor, event=ALERT_CHANGED, about=about_case(case), once=f"{alert.id}:{alert.version}")


def end_alert(*, actor: Principal, case: Case, alert: Alert, reason: str, version: int) -> None:
    """Take an alert off the case. It stays on record, with why it ended, and its owner hears of it.

    Raises:
        NotFound: the alert is another case's.
        Forbidden: the actor is neither its owner nor the lead professional nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: no reason was given, or it has ended.
    """
    _may_change(actor, case, alert)
    lock(
        alert,
        version,
        lambda now: {"Review by": now.review_on},
        first=_refuse_ended,
        mine={"Ended because": reason.strip()},
    )
    reason = require_text(reason, "Say why the alert ends", field="reason")
    alert.ended_at = clock.now()
    alert.ended_by = actor.user_id
    alert.end_reason = reason
    alert.version += 1
    finish_deadlines(subject=alert, kind=DeadlineKind.ALERT_REVIEW)
    _record(case, alert, "alert:end")
    rule = current_policy(case.authority).cases.alerts.get(alert.kind)
    tell(
        actor=actor,
        event=WARNING_ENDED if rule and rule.told else ALERT_ENDED,
        about=about_case(case),
        given=_who_hears_of_end(case, alert),
        once=f"{alert.id}:{alert.version}",
        at_once=bool(rule and rule.urgent),
    )
    registry.alert_set(actor=actor, case=case, alert=alert)


def _who_hears_of_end(case: Case, alert: Alert) -> dict[Ground, Whom]:
    """Who is around the case, and whose the alert was. Whoever has something to do there and may not read the
    case only where they were told to ask because of this alert: others would learn that there was one.
    """
    around = around_case(case.id)
    asked = heard_of(WARNING_SET, about=about_case(case), once=str(alert.id))
    for ground in (Ground.ACTION_OWNER, Ground.INVITED_LATER):
        those = around.get(ground, NOBODY)
        around[ground] = those - (those - asked)
    return around | {Ground.OWNER_BEFORE: to_people(alert.owner_id)}


def restart_review_clocks(*, case: Case, policy: Policy, instead: Owner) -> None:
    """A case goes on: every alert that stands is reviewed by its day, or today where that is over.

    Args:
        instead: who reviews an alert whose owner has left.
    """
    standing = (
        select(Alert, User.active)
        .join(User, User.id == Alert.owner_id)
        .where(Alert.case_id == case.id, Alert.ended_at.is_(None))
    )
    for alert, is_here in db.session.execute(standing).all():
        _start_review_clock(alert, policy, owner=None if is_here else instead)


def alert_facts(actor: Principal, case: Case, owner_id: object) -> Facts:
    """What decides whether somebody may review or end an alert."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id, owner=owner_id == actor.user_id
    )


def _may_change(actor: Principal, case: Case, alert: Alert) -> None:
    if alert.case_id != case.id:
        raise NotFound("There is no such alert on this case")
    require(actor, "alert:change", alert_facts(actor, case, alert.owner_id))
    _refuse_ended(alert)


def how_it_ended(alert: Alert) -> str:
    """That an alert has ended, by whom and why, for whoever would change it; empty of one that stands."""
    if alert.ended_at is None:
        return ""
    ended_by = db.session.get(User, alert.ended_by) if alert.ended_by else None
    by = f" by {ended_by.name}" if ended_by else ""
    return f"This alert was ended{by}: “{alert.end_reason}”. If it is still true, add it to the case again"


def _refuse_ended(alert: Alert) -> None:
    if ended := how_it_ended(alert):
        raise DomainError(f"{ended}. Nothing was saved")


def _check_owner(actor: Principal, case: Case, owner: User) -> None:
    """An alert is answered for by somebody who works on the case, is named on it, or adds it now."""
    people: CompoundSelect[tuple[UUID | None]] = union(
        select(Involvement.worker_id).where(Involvement.case_id == case.id, Involvement.ended_at.is_(None)),
        select(AccessGrant.user_id).where(
            AccessGrant.case_id == case.id,
            or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now()),
        ),
    )
    if owner.id not in {*db.session.scalars(people), actor.user_id, case.lead_professional_id}:
        raise DomainError("Choose an owner who works on this case", field="owner")


def _check_review(kind: str, review_on: date, policy: Policy) -> None:
    rule = policy.cases.alerts.get(kind)
    if rule is None:
        raise DomainError("Choose the kind of alert", field="kind")
    today = clock.today()
    latest = last_day(rule.review_within, today)
    if review_on < today:
        raise DomainError("The review must be in the future", field="review_on")
    if review_on > latest:
        raise DomainError(
            f"This kind of alert is reviewed by {latest.day} {latest:%B %Y} at the latest", field="review_on"
        )


def _start_review_clock(alert: Alert, policy: Policy, owner: Owner | None = None) -> None:
    open_deadline(
        kind=DeadlineKind.ALERT_REVIEW,
        subject=alert,
        owner=owner or Owner(user_id=alert.owner_id),
        due_at=end_of_day(max(alert.review_on, clock.today())),
        policy=policy,
    )


def _record(case: Case, alert: Alert, action: str) -> None:
    audit.record(action, alert, case=case, kind=alert.kind)
