"""What is done about places, people and other things of concern."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_ACTION_STATES
from portal.records.concerns.model import Concern
from portal.records.people.model import Agency, Team, User
from portal.records.plans.model import Action
from portal.records.plans.reading.records import described, worst_first
from portal.records.plans.vocabulary import ActionState
from portal.vocabulary import ROLES_THAT_SEE_CASES

Rows = Sequence[Any]  # rows named by their columns
MOST = 100


def actions_on(*, concern_id: UUID) -> Rows:
    """The actions on a concern, the worst first."""
    return db.session.execute(
        described().where(Action.concern_id == concern_id).order_by(*worst_first()).limit(MOST)
    ).all()


def open_on_concern() -> Any:
    """What is still to do about a concern, the first due first, as one column of its row: reference, what,
    due_on, state, owner_person, owner_team, owner_agency.
    """
    owner, agency = aliased(User), aliased(Agency)
    one = func.json_build_object(
        *("reference", Action.reference, "what", Action.what, "due_on", Action.due_on, "state", Action.state),
        *("owner_person", owner.name, "owner_team", Team.name, "owner_agency", agency.name),
    )
    return (
        select(func.json_agg(aggregate_order_by(one, Action.due_on, Action.id)))
        .select_from(Action)
        .join(agency, agency.id == Action.owner_agency_id)
        .outerjoin(owner, owner.id == Action.owner_id)
        .outerjoin(Team, Team.id == Action.owner_team_id)
        .where(Action.concern_id == Concern.id, Action.state.in_(OPEN_ACTION_STATES))
        .correlate(Concern)
        .scalar_subquery()
    )


def open_on(*, concern_id: UUID) -> list[str]:
    """The references of what is still to do about a concern."""
    return list(
        db.session.scalars(
            select(Action.reference)
            .where(Action.concern_id == concern_id, Action.state.in_(OPEN_ACTION_STATES))
            .order_by(Action.due_on, Action.id)
        )
    )


def on_concerns(*, agency_id: UUID | None, states: Sequence[ActionState] = ()) -> Rows:
    """The actions on concerns, the worst first.

    Args:
        agency_id: only those that this agency or one of its people or teams owns.
        states: only those in these states; without any, all.
    """
    listed = (
        described()
        .add_columns(Concern.name.label("concern_name"))
        .outerjoin(Concern, Concern.id == Action.concern_id)
        .where(Action.concern_id.is_not(None))
    )
    if agency_id is not None:
        listed = listed.where(Action.owner_agency_id == agency_id)
    if states:
        listed = listed.where(Action.state.in_(states))
    return db.session.execute(listed.order_by(*worst_first()).limit(MOST)).all()


def overdue_on_concerns(person: Principal) -> Select[Any]:
    """The actions of a person's agency on concerns that are overdue, for `workspace_tasks`."""
    return select(Action.id).where(
        Action.concern_id.is_not(None),
        Action.owner_agency_id == person.agency_id,
        Action.state.in_(OPEN_ACTION_STATES),
        Action.due_on < clock.today(),
    )


def people_for(*, concern: Concern, agency_id: UUID) -> Rows:
    """Who an action on a concern is mostly given to: the colleagues of whoever gives it, and those who keep
    it, as far as they may: id, name, agency.
    """
    may_see = or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES))
    return db.session.execute(
        select(User.id, User.name, Agency.name.label("agency"))
        .join(Agency, Agency.id == User.agency_id)
        .where(
            User.active,
            may_see,
            User.agency_id.in_({agency_id, concern.owner_agency_id}),
            func.ctx.may_be_given(None, concern.id, User.id),
        )
        .order_by(Agency.name, User.name, User.id)
    ).all()
