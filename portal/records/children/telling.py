"""Who hears of the record of a child: those around each open case of theirs that the actor reads."""

from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.telling import About, Given, tell
from portal.messages.vocabulary import Event
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case
from portal.records.children.model import Child


def tell_of_child(
    *, actor: Principal, event: Event, child: Child, given: Given | None = None, once: str
) -> None:
    """Tell of something that happened to the record of a child.

    Args:
        given, once: as of `portal.messages.telling.tell`.
    """
    for case_id in (*open_cases(child),) or (None,):
        about = About("child", child.id, child.reference, case_id)
        tell(actor=actor, event=event, about=about, given=given, once=once)


def open_cases(child: Child) -> list[UUID]:
    """The open cases of a child that the actor knows of."""
    wanted = select(Case.id).where(Case.child_id == child.id, Case.state.in_(OPEN_CASE_STATES))
    return list(db.session.scalars(wanted.order_by(Case.id)))
