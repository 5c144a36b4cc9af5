"""Whether a message is still owed when its time has come, and to whom it goes."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from portal.models.messages import MessagePreference
from portal.policy import current_policy
from portal.reminders.fitness import Fitness, fitness_of_people, fitness_of_teams
from portal.reminders.pages import permission_of
from portal.reminders.standins import stand_ins
from portal.reminders.still_owed import why_not
from portal.reminders.waiting import Cancel, HandOn, Nobody, Send, Show, Standing, Waiting
from portal.reminders.writing import About
from portal.vocabulary.messages import CancelReason, HandReason

#: For one person alone: somebody else would learn nothing from it that they are not told anyway.
_PERSONAL = frozenset({"digest", "team_digest", "unsent_draft"})
_NOT_FOR_OTHERS: Mapping[HandReason, CancelReason] = {
    HandReason.LEFT: CancelReason.LEFT,
    HandReason.AWAY: CancelReason.AWAY,
    HandReason.ADDRESS: CancelReason.ADDRESS,
    HandReason.NO_REACH: CancelReason.NO_REACH,
}


def judge(connection: Connection, message: Waiting) -> Standing:
    """What is to become of a message now: the worker asks for each one, just before it is sent.

    In this order: is it still owed, is the recipient still here, may they still know of it, are they not
    away, does their address work; and do they want e-mail of this kind, where that is theirs to say.
    """
    no_longer = why_not(connection, message)
    if no_longer is not None:
        return Cancel(no_longer)
    about = _about(message)
    recipient = _recipient(connection, message, about)
    if _wants_no_mail(connection, message, recipient):
        return Show()
    if recipient.obstacle is None:
        return Send(recipient.address)
    if message.kind in _PERSONAL:
        return Cancel(_NOT_FOR_OTHERS[recipient.obstacle])
    return _instead(connection, message, about, recipient)


def _about(message: Waiting) -> About:
    return About(kind=message.subject_kind, id=message.subject_id, case_id=message.case_id)


def _recipient(connection: Connection, message: Waiting, about: About) -> Fitness:
    opens = permission_of(message.kind, message.subject_kind)
    if message.recipient_id is not None:
        people = fitness_of_people(connection, [message.recipient_id], about, message.agency_id, opens=opens)
        return people[message.recipient_id]
    if message.recipient_team_id is not None:
        teams = fitness_of_teams(connection, [message.recipient_team_id], about, opens=opens)
        return teams[message.recipient_team_id]
    raise LookupError(f"The message {message.id} has no recipient.")


def _is_statutory(message: Waiting) -> bool:
    kind = current_policy().reminders.kinds.get(message.kind)
    return kind is None or kind.statutory


def _wants_no_mail(connection: Connection, message: Waiting, recipient: Fitness) -> bool:
    """Somebody who left, or may not know of it any more, has no say in it."""
    if _is_statutory(message) or recipient.obstacle in {HandReason.LEFT, HandReason.NO_REACH}:
        return False
    by_mail = connection.scalar(
        select(MessagePreference.by_mail).where(
            MessagePreference.user_id == message.recipient_id, MessagePreference.kind == message.kind
        )
    )
    return by_mail is False


def _instead(connection: Connection, message: Waiting, about: About, recipient: Fitness) -> Standing:
    """The nearest who can be told. What is only news ends with the agency that may not know of it any more; a
    duty goes on until somebody who may know of it is told.
    """
    reason = recipient.obstacle or HandReason.AWAY
    found = stand_ins(connection, message, about, reason)
    chosen = found.first(found.near)
    if chosen is None and reason is HandReason.NO_REACH and message.deadline_id is None:
        return Cancel(CancelReason.NO_REACH)
    chosen = chosen or found.first(found.far)
    if chosen is not None:
        return HandOn(
            address=chosen.address,
            reason=reason,
            agency_id=chosen.to.agency_id,
            user_id=chosen.to.user_id,
            team_id=chosen.to.team_id,
        )
    if any(one.obstacle is None for one in (*found.near, *found.far)):
        return Cancel(CancelReason.TOLD_ALREADY)
    if reason is HandReason.AWAY and not _is_statutory(message):
        return Send(recipient.address)  # it waits in their mailbox: better than that nobody hears of it
    return Nobody()
