"""Who hears that a duty moved, or went to somebody else. Whoever is given one is told by its ladder."""

from collections.abc import Iterable

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import HANDED_OVER, MOVED
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, tell, to_people
from portal.messages.vocabulary import Ground, MessageRecipient
from portal.reminders.owed import duties
from portal.reminders.receivers import Directory, Duty
from portal.reminders.writing import Receiver


def tell_of_moving(*, actor: Principal, deadline: Deadline) -> None:
    """Whoever owes it; whoever manages them too, where it is due later than policy first said."""
    duty, directory = _look_up(deadline)
    later = deadline.due_at > deadline.original_due_at
    given = {
        Ground.OWNER: _whom(directory.of(duty, [MessageRecipient.OWNER])),
        Ground.MANAGER: _whom(directory.of(duty, [MessageRecipient.OWNER_MANAGER])) if later else NOBODY,
    }
    once = f"{deadline.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=MOVED, about=_about(duty), given=given, once=once)


def tell_of_handing_over(*, actor: Principal, deadline: Deadline) -> None:
    """Whoever owes it until now; a team or an agency gives it to its own people without being told."""
    if deadline.owner_id is None:
        return
    duty, _ = _look_up(deadline)
    given = {Ground.OWNER_BEFORE: to_people(deadline.owner_id)}
    once = f"{deadline.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=HANDED_OVER, about=_about(duty), given=given, once=once)


def _look_up(deadline: Deadline) -> tuple[Duty, Directory]:
    connection = db.session.connection()
    duty = connection.execute(duties([deadline.id])).one()
    return duty, Directory(connection, [duty])


def _about(duty: Duty) -> About:
    return About(duty.subject_kind, duty.subject_id, duty.reference, duty.case_id)


def _whom(found: Iterable[Receiver]) -> Whom:
    found = list(found)
    return Whom(
        frozenset(one.user_id for one in found if one.user_id),
        frozenset(one.team_id for one in found if one.team_id),
    )
