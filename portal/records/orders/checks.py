"""Whether an order or notice can be."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.pathway.deadlines import last_day
from portal.policy import Policy
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.model import Concern
from portal.records.orders.policy import Orders
from portal.records.orders.rules import OrderSaid
from portal.services.errors import DomainError


def check_order(said: OrderSaid, concern: Concern, policy: Policy) -> None:
    """Go on only with an order that can be, on what it is on.

    Raises:
        DomainError: something is missing or makes no sense; `field` says what.
    """
    if said.kind not in {one.code for one in policy.of(Orders).types_on(concern.kind)}:
        raise DomainError("Choose what sort of order or notice it is", field="kind")
    if not said.conditions.strip():
        raise DomainError("Write what it forbids or asks for", field="conditions")
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


def check_past(day: date, why_not: str, *, field: str) -> None:
    """Go on only with a day that is past, or today.

    Raises:
        DomainError: it is to come.
    """
    if day > clock.today():
        raise DomainError(why_not, field=field)


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
