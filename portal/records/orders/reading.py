"""Orders and notices that a person may see: those in force by when they run out, and the page of one."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, union_all

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.calendar import add_working_days
from portal.queries.rows import NAMED, Rows, latest_on, name_of
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.orders.model import ConcernOrder, OrderChild, OrderStep
from portal.records.people.model import Team

SHOWN = 50

#: What is counted as running out in a workspace: within so many working days, or past its day.
SOON = 20

#: The last day of an order, or that by which it is looked at again.
LAST = func.coalesce(ConcernOrder.expires_on, ConcernOrder.review_on)


def find_order(*, reference: str) -> ConcernOrder | None:
    """One that the person may see."""
    return db.session.scalar(select(ConcernOrder).where(ConcernOrder.reference == reference))


def who_answers(*, message_id: UUID) -> Any:
    """Who answers for the order of a message, their number, and which cases of the reader's it concerns
    (`cases`): for whoever was told because of the child and may not see the order. None for everybody else.
    """
    return db.session.execute(
        text("select team, team_phone, agency, cases from ctx.who_answers_for_order(:message)"),
        {"message": message_id},
    ).one_or_none()


def of_concern(*, concern_id: UUID, limit: int = SHOWN) -> Rows:
    """Every order on something of concern, those in force first."""
    return db.session.execute(
        listed()
        .where(ConcernOrder.concern_id == concern_id)
        .order_by(ConcernOrder.ended_at.is_not(None), LAST.desc(), ConcernOrder.id)
        .limit(limit)
    ).all()


def page_of(*, order: ConcernOrder) -> Any:
    """What an order is on, who recorded it and who answers for it."""
    return db.session.execute(listed().where(ConcernOrder.id == order.id)).one()


def protects(*, order_id: UUID) -> Rows:
    """The children whom an order protects, of those whose record the person reads: reference, given_name,
    family_name.
    """
    return db.session.execute(
        select(Child.id, Child.reference, *NAMED)
        .join(OrderChild, OrderChild.child_id == Child.id)
        .where(OrderChild.order_id == order_id)
        .order_by(Child.family_name, Child.given_name)
    ).all()


def find_protected(*, reference: str) -> Any | None:
    """A child whose record the person reads: id, reference, given_name, family_name."""
    return db.session.execute(
        select(Child.id, Child.reference, *NAMED)
        .join(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Child.reference == reference)
    ).one_or_none()


def protecting(*, child_id: UUID) -> Rows:
    """The orders in force that protect a child, on what the person may see: what runs out first on top."""
    return db.session.execute(
        listed()
        .join(OrderChild, OrderChild.order_id == ConcernOrder.id)
        .where(OrderChild.child_id == child_id, ConcernOrder.ended_at.is_(None))
        .order_by(LAST, ConcernOrder.id)
        .limit(SHOWN)
    ).all()


def steps(*, order_id: UUID) -> Rows:
    """What happened to an order, the last first: its columns, by and agency."""
    s = OrderStep
    return latest_on(s.order_id, order_id, s.made_at, by=s.made_by, agency=s.agency_id)


def records_around(*, order: ConcernOrder) -> list[str]:
    """References of what an order is on and of the children whom it protects, as far as one sees them."""
    on = select(Concern.reference).where(Concern.id == order.concern_id)
    children = (
        select(Child.reference)
        .join(OrderChild, OrderChild.child_id == Child.id)
        .where(OrderChild.order_id == order.id)
    )
    return list(db.session.scalars(union_all(on, children)))


def linked_children(*, concern_id: UUID) -> Rows:
    """The children linked to something of concern whom the person may see: reference and names."""
    return db.session.execute(
        select(Child.reference, *NAMED)
        .join(ConcernLink, ConcernLink.child_id == Child.id)
        .where(
            ConcernLink.concern_id == concern_id,
            ConcernLink.ended_at.is_(None),
            ConcernLink.do_not_disclose.is_(False),
        )
        .distinct()
        .order_by(Child.family_name, Child.given_name)
        .limit(SHOWN)
    ).all()


def running_out(_person: Principal) -> Select[Any]:
    """One row for each order in force that runs out soon, or whose day is past."""
    soon = add_working_days(clock.today(), SOON)
    return select(ConcernOrder.id.label("waits")).where(ConcernOrder.ended_at.is_(None), soon >= LAST)


def listed() -> Any:
    """Orders with what they are on and who answers for them."""
    return (
        select(
            ConcernOrder.__table__,
            LAST.label("last"),
            Concern.reference.label("concern"),
            Concern.name.label("concern_name"),
            Concern.kind.label("concern_kind"),
            Concern.do_not_approach,
            name_of(ConcernOrder.agency_id, "agency"),
            Team.name.label("team"),
            Team.duty_phone,
            name_of(ConcernOrder.author_id, "author"),
            name_of(ConcernOrder.ended_by, "ended_by_name"),
        )
        .join(Concern, Concern.id == ConcernOrder.concern_id)
        .outerjoin(Team, Team.id == ConcernOrder.owner_team_id)
    )
