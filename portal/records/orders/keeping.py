"""Orders and notices on people and places of concern: recorded, served, broken, moved, ended."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_past, require_text
from portal.changes.versions import count_change, insert_now, insert_once, lock, lock_row
from portal.deadlines.changes import Owner, finish_deadlines, move_deadline, open_deadline, open_deadlines
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import BY_A_PERSON, DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Unseen, by_ground, tell, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, current_policy
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.keeping import own_team
from portal.records.concerns.model import Concern
from portal.records.concerns.records import councils_of, refuse_ended
from portal.records.orders.model import ConcernOrder, OrderChild, OrderStep
from portal.records.orders.policy import Orders
from portal.records.orders.rules import OrderSaid
from portal.records.orders.vocabulary import BROKEN, CHANGED, ENDED, RECORDED, OrderStepKind
from portal.records.people.agencies import teams_at
from portal.records.people.model import Agency
from portal.vocabulary import Desk, Sector


def check_order(said: OrderSaid, concern: Concern, policy: Policy) -> None:
    """Go on only with an order that can be, on what it is on.

    Raises:
        DomainError: something is missing or makes no sense; `field` says what.
    """
    if said.kind not in {one.code for one in policy.of(Orders).types_on(concern.kind)}:
        raise DomainError("Choose what sort of order or notice it is", field="kind")
    require_text(said.conditions, "Write what it forbids or asks for", field="conditions")
    if said.expires_on is None and said.review_on is None:
        raise DomainError("Enter its last day, or the day by which it is looked at again", field="expires_on")
    if said.expires_on is not None and said.expires_on < said.starts_on:
        raise DomainError("Its last day cannot be before its first", field="expires_on")
    if said.expires_on is not None and said.expires_on < clock.today():
        raise DomainError("It has run out. Add a note about it instead", field="expires_on")
    if said.expires_on is None:
        check_review(said.review_on or clock.today(), policy, field="review_on")
    if said.served_on is not None:
        check_past(said.served_on, "It was served on a day that is past, or today", field="served_on")
    if said.served_words.strip() and said.served_on is None:
        raise DomainError("Enter when it was served", field="served_on")


def check_review(day: date, policy: Policy, *, field: str) -> None:
    """Go on only with a day by which somebody looks again that is not too far.

    Raises:
        DomainError: it is past, or later than the policy lets.
    """
    latest = last_day(policy.of(Orders).review_within, clock.today())
    if not clock.today() <= day <= latest:
        raise DomainError(f"Choose a day until {latest.day} {latest:%B %Y}", field=field)


def children_by_reference(*, references: Collection[str]) -> list[Child]:
    """Children whose record the actor may read, by reference.

    Raises:
        DomainError: one is not there, or not for the actor.
    """
    wanted = set(references)
    readable = (
        select(Child).join(ChildRecord, ChildRecord.child_id == Child.id).where(Child.reference.in_(wanted))
    )
    found = list(db.session.scalars(readable)) if wanted else []
    if {one.reference for one in found} != wanted:
        raise DomainError("You see no child with this reference", field="child")
    return found


_EXPIRY = DeadlineKind.ORDER_EXPIRY


def record_order(
    *,
    actor: Principal,
    concern: Concern,
    said: OrderSaid,
    protects: Collection[Child] = (),
    team_id: UUID | None = None,
    once: UUID | None = None,
) -> ConcernOrder:
    """Record an order or notice. The actor's team answers for it.

    Args:
        protects: children whose record the actor reads.
        team_id: the team that answers for it; by default the actor's own, where they have one.
        once: made when the page was made, so that sending it twice records it once.

    Raises:
        Forbidden: the actor is neither of police or council, nor a coordinator.
        DomainError: what it is on is no longer of concern, or something is missing or makes no sense.
    """
    require(actor, "order:record")
    refuse_ended(concern)
    policy = current_policy()
    check_order(said, concern, policy)
    order_id = uuid5(once, actor.user_id.hex) if once else new_id()
    order = ConcernOrder(
        id=order_id,
        reference=new_reference(Prefix.ORDER),
        concern_id=concern.id,
        kind=said.kind,
        made_by_words=said.made_by.strip(),
        starts_on=said.starts_on,
        expires_on=said.expires_on,
        original_expires_on=said.expires_on,
        review_on=None if said.expires_on else said.review_on,
        conditions=said.conditions.strip(),
        served_on=said.served_on,
        served_words=said.served_words.strip(),
        agency_id=actor.agency_id,
        owner_team_id=own_team(actor, team_id),
        author_id=actor.user_id,
        policy_version=policy.version,
    )
    if (kept := insert_once(order)) is not order:
        return kept
    for child in {one.id: one for one in protects}.values():
        db.session.add(
            OrderChild(order_id=order.id, child_id=child.id, added_by=actor.user_id, added_at=clock.now())
        )
    _step(actor, order, OrderStepKind.RECORDED, on=said.starts_on)
    if said.served_on:
        _step(actor, order, OrderStepKind.SERVED, on=said.served_on, words=said.served_words)
    open_deadline(
        kind=_EXPIRY,
        subject=order,
        owner=_owner(order),
        due_at=end_of_day(max(last_of(order), clock.today())),
        source=BY_A_PERSON if said.expires_on else "orders.review_within",
        confirmed=bool(said.expires_on) or policy.of(Orders).review_within.confirmed,
        policy=policy,
    )
    _tell(actor, order, RECORDED)
    return order


def serve(*, actor: Principal, order: ConcernOrder, on: date, words: str, version: int) -> None:
    """Say that an order was served, on whom and by whom.

    Raises:
        Forbidden: the actor is neither of the agency that recorded it, nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it was served already or has ended, the day is to come, or nothing is said.
    """
    _keep(actor, order, version, lambda now: {"Served": now.served_on}, {"Served": on})
    if order.served_on is not None:
        raise DomainError("It was served already", field="on")
    check_past(on, "It was served on a day that is past, or today", field="on")
    require_text(words, "Say who served it, and how", field="words")
    order.served_on, order.served_words = on, words.strip()
    count_change(order)
    _step(actor, order, OrderStepKind.SERVED, on=on, words=words)
    _tell(actor, order, CHANGED)


def say_broken(*, actor: Principal, order: ConcernOrder, on: date, words: str) -> None:
    """Say that somebody broke an order, and what was done.

    Raises:
        Forbidden: the actor is neither of the agency that recorded it, nor a coordinator.
        DomainError: it has ended, the day is to come, or nothing is said.
    """
    require(actor, "order:keep", keeping_facts(actor, order))
    lock_row(order)
    _still_open(order)
    check_past(on, "It was broken on a day that is past, or today", field="on")
    require_text(words, "Say what happened, and what was done", field="words")
    broken = _step(actor, order, OrderStepKind.BREACHED, on=on, words=words)
    _tell(actor, order, BROKEN, once=str(broken.id))


def move(*, actor: Principal, order: ConcernOrder, until: date, words: str, version: int) -> None:
    """Say that an order runs until another day, or is looked at again by another. The first day stays.

    Raises:
        Forbidden: the actor is neither of the agency that recorded it, nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, the day is past or the same, too far for a review, or nothing is said.
    """
    _keep(actor, order, version, lambda now: {"Until": last_of(now)}, {"Until": until})
    before = last_of(order)
    if until == before:
        raise DomainError("Enter another day, or go back", field="until")
    if until < clock.today():
        raise DomainError(
            "Enter today or a later day. If it has run out, say that it has ended", field="until"
        )
    require_text(words, "Say who decided, and why", field="words")
    if order.expires_on is None:
        check_review(until, current_policy(), field="until")
        order.review_on = until
    else:
        order.expires_on = until
    count_change(order)
    _step(actor, order, OrderStepKind.MOVED, on=clock.today(), words=words, before=before, after=until)
    for duty in open_deadlines(subject=order, kind=_EXPIRY):
        move_deadline(actor=actor, deadline=duty, due_at=end_of_day(until), reason=words)
    # One that now ends before anybody would read of it is told while it still holds.
    _tell(actor, order, CHANGED, before=end_of_day(until) if until < before else None)


def end(*, actor: Principal, order: ConcernOrder, on: date, outcome: str, words: str, version: int) -> None:
    """Say that an order has ended, and how. It stays on record.

    Args:
        outcome: code of policy `orders.outcomes`.

    Raises:
        Forbidden: the actor is neither of the agency that recorded it, nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, or the day is to come or before it began.
    """
    _keep(actor, order, version, lambda now: {"Ended": now.ended_on, "Until": last_of(now)}, {"Ended": on})
    policy = current_policy()
    how = policy.of(Orders).outcomes.get(outcome)
    if how is None:
        raise DomainError("Choose how it ended", field="outcome")
    check_past(on, "It ended on a day that is past, or today", field="on")
    if on < order.starts_on:
        raise DomainError("It cannot end before it began", field="on")
    order.ended_on, order.ended_at, order.ended_by = on, clock.now(), actor.user_id
    order.outcome, order.ended_words = outcome, words.strip()
    count_change(order)
    _step(actor, order, OrderStepKind.ENDED, on=on, words=words)
    finish_deadlines(subject=order, kind=_EXPIRY)
    _tell(actor, order, CHANGED if how.still_protects else ENDED)


def _tell(
    actor: Principal, order: ConcernOrder, event: Event, once: str = "", before: datetime | None = None
) -> None:
    """Whoever works with the children whom it protects, whose cases the actor need not read and who need not
    see the order, and whoever answers for it; of one that was broken the police.
    """
    statement = text("select * from ctx.hear_of_order(:order)")
    given = by_ground(db.session.execute(statement, {"order": order.id}))
    concern = db.session.get_one(Concern, order.concern_id)
    given[Ground.COUNCIL] = councils_of(concern)
    desk = NOBODY if concern.sensitivity else to_teams(*teams_at(Desk.EXPLOITATION))
    # Of what is held closely it hears nothing, and the police may answer for it themselves.
    needs_no_desk = concern.sensitivity or db.session.get_one(Agency, order.agency_id).sector == Sector.POLICE
    about = About("concern_order", order.id, order.reference)
    tell(
        actor=actor,
        event=event,
        about=about,
        given={**given, Ground.EXPLOITATION_DESK: desk},
        once=once or str(order.version),
        nobody_at={Ground.EXPLOITATION_DESK: ()} if needs_no_desk else None,
        before=before,
        unseen=Unseen("order"),
    )


def last_of(order: Any) -> date:
    """The day on which an order runs out, or by which it is looked at."""
    last: date = order.expires_on or order.review_on
    return last


def keeping_facts(actor: Principal, order: Any) -> Facts:
    """What decides who says what happens to an order."""
    return Facts(own_agency=order.agency_id == actor.agency_id)


def _keep(
    actor: Principal,
    order: ConcernOrder,
    version: int,
    words: Callable[[ConcernOrder], dict[str, Any]],
    mine: dict[str, Any],
) -> None:
    require(actor, "order:keep", keeping_facts(actor, order))
    lock(order, version, words, first=_still_open, mine=mine)


def _still_open(order: ConcernOrder) -> None:
    if order.ended_at is not None:
        raise DomainError("This has ended already")


def _owner(order: ConcernOrder) -> Owner:
    return Owner(team_id=order.owner_team_id) if order.owner_team_id else Owner(agency_id=order.agency_id)


def _step(
    actor: Principal, order: ConcernOrder, kind: OrderStepKind, *, on: date, words: str = "", **days: date
) -> OrderStep:
    step = insert_now(
        OrderStep(
            order_id=order.id,
            kind=kind,
            happened_on=on,
            words=words.strip(),
            made_by=actor.user_id,
            agency_id=actor.agency_id,
            made_at=clock.now(),
            **days,
        )
    )
    audit.record(f"order:{kind.value}", order, concern=str(order.concern_id))
    return step
