"""Who hears of the record of a child: those around each open case of theirs that the actor reads."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.telling import About, Given, Unseen, tell
from portal.messages.vocabulary import Event
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.vocabulary import HELD_BY_LINK


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


def tell_of_alerts_by_link(
    *, actor: Principal, child_ids: Collection[UUID], alert_id: UUID | None = None, once: str
) -> None:
    """Tell whoever works with a child on a record that an alert on another, which is linked, holds something
    back there. Whoever sets it, or links the two, may not know of them: no page says anything of it.

    Args:
        child_ids: the records on which alerts stand, or that are linked with such.
        alert_id: the alert that was set; without it all that stand.
    """
    asked = {
        "each": "held_by_link",
        "children": [str(one) for one in sorted(child_ids)],
        "alert": str(alert_id) if alert_id else None,
    }
    about = About("child", actor.user_id)  # in the place of each record that it finds
    tell(actor=actor, event=HELD_BY_LINK, about=about, once=once, unseen=Unseen("held_by_link", asked))


def open_cases(child: Child) -> list[UUID]:
    """The open cases of a child that the actor knows of."""
    wanted = select(Case.id).where(Case.child_id == child.id, Case.state.in_(OPEN_CASE_STATES))
    return list(db.session.scalars(wanted.order_by(Case.id)))
