"""Whether what a message says still holds when its time has come, and to whom it goes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Connection, exists, func, select, true

from portal import clock
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import (
    Absence,
    AbsenceCover,
    MessagePreference,
    OutboxMessage,
    OutboxSubject,
    ReminderPlan,
)
from portal.messages.vocabulary import (
    CancelReason,
    Ground,
    HandReason,
    MessageChannel,
    MessageRecipient,
    MessageState,
)
from portal.pathway.characters import identifier
from portal.pathway.states import OPEN_ACTION_STATES, UNDECIDED_REFERRAL_STATES
from portal.policy import current_policy
from portal.policy.telling import ReminderStep, RungWhen
from portal.records.disclosures.model import Disclosure
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.plans.model import Action
from portal.records.plans.vocabulary import ActionState
from portal.records.referrals.model import ReferralNotice
from portal.records.requests.model import InformationRequest
from portal.reminders import digests, mornings, unanswered, unopened
from portal.reminders.claims import Cancel, HandOn, Nobody, Send, Show, Standing, Waiting
from portal.reminders.covers import STILL_SHOWN, StandIns, stand_ins
from portal.reminders.deliverability import Fitness, fitness_of_people, fitness_of_teams, permission_of
from portal.reminders.owed import duties
from portal.reminders.receivers import WHILE_LACKING, Directory, Duty
from portal.reminders.writing import key_at_first
from portal.vocabulary import ReferralState

_BEFORE_IT_IS_HELD = {MeetingState.DUE, MeetingState.BOOKED}
#: The kinds of message that say to whoever was invited that they need not come.
_NOT_COMING = frozenset({"meeting_cancelled", "meeting_uninvited"})
#: What is told of a meeting that is to come. All else that is told of one stays true when it is over: that a
#: part of its minutes is for somebody, or that it was not held.
_OF_ONE_TO_COME = frozenset(
    {
        *("meeting_soon", "meeting_reply", "sector_missing", "papers_missing", "not_answered"),
        *("panel_proposed", "panel_proposal_gone"),
    }
)
#: The kind of message that says who leads a case from now on.
LEAD_GIVEN = "lead_given"
_A_LITTLE = timedelta(hours=1)
#: The kind of message that says that nobody covers a case.
_UNCOVERED = "cover_missing"
_LIVE = [MessageState.OWED, MessageState.QUEUED, MessageState.ACCEPTED, MessageState.SHOWN]


def cancel_reason(connection: Connection, message: Waiting) -> CancelReason | None:
    """Why a message is no longer owed; None while it is. That a meeting was cancelled is always told."""
    if message.passes_on_id is not None and unopened.opened(connection, [message.id]):
        return CancelReason.OPENED
    if message.method == "CANCEL" or message.kind in _NOT_COMING or _says_that_it_ended(message):
        return None
    if message.deadline_id is not None:
        return _duty(connection, message, message.deadline_id)
    check = _CHECKS.get(message.subject_kind)
    return unanswered.no_longer(connection, message) or (check(connection, message) if check else None)


def _says_that_it_ended(message: Waiting) -> bool:
    kind = current_policy().reminders.kinds.get(message.kind)
    return message.last_word or (kind is not None and kind.ended)


def meant_for(message: Waiting) -> UUID:
    """The person or team that a message was written for, who may not be its recipient any more."""
    return UUID(key_at_first(message.key).rpartition(":")[2])


def _duty(connection: Connection, message: Waiting, deadline_id: UUID) -> CancelReason | None:
    duty = connection.execute(duties([deadline_id])).one()
    if duty.state != DeadlineState.OPEN:
        return CancelReason.DONE if duty.state == DeadlineState.DONE else CancelReason.NO_LONGER_NEEDED
    rungs = current_policy().reminders.ladder(duty.kind, duty.source, duty.subject_kind).rungs
    rung = next((one for one in rungs if one.code == message.rung), None)
    if rung is not None and rung.when is RungWhen.OPENED:
        if duty.owner_id != meant_for(message):
            return CancelReason.HANDED_OVER
        if _leads_from_now(connection, message):
            return CancelReason.TOLD_ALREADY
    elif duty.due_at != message.due_at:
        return CancelReason.MOVED
    elif rung is not None and (reason := _receiver(connection, message, duty, rung)):
        return reason
    return CancelReason.NEWER if _is_overtaken(connection, message) else None


def _leads_from_now(connection: Connection, message: Waiting) -> bool:
    """Whether they were told a little before that they lead the case with all that is owed on it."""
    told = exists().where(
        OutboxSubject.case_id == message.case_id,
        OutboxMessage.id == OutboxSubject.message_id,
        OutboxMessage.kind == LEAD_GIVEN,
        OutboxMessage.recipient_id == meant_for(message),
        OutboxMessage.created_at.between(message.created_at - _A_LITTLE, message.created_at),
    )
    return bool(connection.scalar(select(told)))


def _is_overtaken(connection: Connection, message: Waiting) -> bool:
    """Whether a later rung told, or is about to tell, the same receiver of the same due time: a mail server
    that was away for days would otherwise take them all in one minute. One that waits for the hours does not
    stand for one that does not.
    """
    meant = func.coalesce(
        OutboxMessage.handed_from_id, OutboxMessage.recipient_id, OutboxMessage.recipient_team_id
    )
    later = exists().where(
        OutboxSubject.deadline_id == message.deadline_id,
        OutboxSubject.due_at == message.due_at,
        OutboxMessage.id == OutboxSubject.message_id,
        OutboxMessage.channel == MessageChannel.MAIL,
        OutboxMessage.state.in_(_LIVE),
        OutboxMessage.created_at > message.created_at,
        OutboxMessage.urgent if message.urgent else true(),
        meant == meant_for(message),
    )
    return bool(connection.scalar(select(later)))


def _receiver(
    connection: Connection, message: Waiting, duty: Duty, rung: ReminderStep
) -> CancelReason | None:
    """Whoever has a duty no longer, or does not come, is not told; those in their place have own messages."""
    invited = MessageRecipient.INVITED in rung.to
    lacking = next((why for one, why in WHILE_LACKING.items() if one in rung.to), None)
    given_at = connection.scalar(select(ReminderPlan.given_at).filter_by(deadline_id=message.deadline_id))
    if not (invited or lacking) and (given_at is None or given_at <= message.created_at):
        return None
    now_told = {receiver.id for receiver in Directory(connection, [duty]).of(duty, rung.to)}
    if meant_for(message) in now_told:
        return None
    return lacking or (CancelReason.NOT_COMING if invited else CancelReason.HANDED_OVER)


def _request(connection: Connection, message: Waiting) -> CancelReason | None:
    request = connection.execute(
        select(InformationRequest.answered_at, InformationRequest.withdrawn_at).where(
            InformationRequest.id == message.subject_id
        )
    ).one()
    if message.kind == "asked" and request.answered_at is not None:
        return CancelReason.ANSWERED
    return CancelReason.WITHDRAWN if request.withdrawn_at is not None else None


def _action(connection: Connection, message: Waiting) -> CancelReason | None:
    if message.kind != "action_given":
        return None
    action = connection.execute(
        select(Action.state, Action.owner_id, Action.owner_team_id).where(Action.id == message.subject_id)
    ).one()
    if action.state in {ActionState.DONE, ActionState.CONFIRMED}:
        return CancelReason.DONE
    if action.state not in OPEN_ACTION_STATES:
        return CancelReason.NO_LONGER_NEEDED
    is_theirs = (action.owner_id or action.owner_team_id) == meant_for(message)
    return None if is_theirs else CancelReason.HANDED_OVER


def _disclosure(connection: Connection, message: Waiting) -> CancelReason | None:
    told = connection.execute(
        select(Disclosure.withdrawn_at, Disclosure.confirmed_at).where(Disclosure.id == message.subject_id)
    ).one()
    if told.withdrawn_at is not None:
        return CancelReason.WITHDRAWN
    is_asked = message.kind in {"told", "told_urgent"}
    return CancelReason.DONE if is_asked and told.confirmed_at is not None else None


def _invitation(connection: Connection, message: Waiting) -> CancelReason | None:
    invitation = connection.execute(
        select(Invitation.meeting_id, Invitation.withdrawn_at).where(Invitation.id == message.subject_id)
    ).one()
    if invitation.withdrawn_at is not None:
        return CancelReason.WITHDRAWN
    return _meeting_itself(connection, message, invitation.meeting_id)


def _meeting(connection: Connection, message: Waiting) -> CancelReason | None:
    if message.kind not in _OF_ONE_TO_COME:
        return None
    return _meeting_itself(connection, message, message.subject_id)


def _meeting_itself(connection: Connection, message: Waiting, meeting_id: UUID) -> CancelReason | None:
    meeting = connection.execute(select(Meeting.state, Meeting.ends_at).where(Meeting.id == meeting_id)).one()
    if meeting.state == MeetingState.CANCELLED:
        return CancelReason.MEETING_CANCELLED
    if meeting.state not in _BEFORE_IT_IS_HELD or meeting.ends_at <= clock.now():
        return CancelReason.MEETING_OVER
    return CancelReason.NEWER if _is_outdated(connection, message) else None


def _is_outdated(connection: Connection, message: Waiting) -> bool:
    """Whether the same receiver is told of a later change of the same entry in the calendar."""
    if message.sequence is None:
        return False
    later = exists().where(
        OutboxSubject.subject_kind == message.subject_kind,
        OutboxSubject.subject_id == message.subject_id,
        OutboxSubject.sequence > message.sequence,
        OutboxMessage.id == OutboxSubject.message_id,
        OutboxMessage.state.in_(_LIVE),
        OutboxMessage.recipient_id.is_not_distinct_from(message.recipient_id),
        OutboxMessage.recipient_team_id.is_not_distinct_from(message.recipient_team_id),
    )
    return bool(connection.scalar(select(later)))


def _referral(connection: Connection, message: Waiting) -> CancelReason | None:
    notice = connection.execute(
        select(ReferralNotice.state, ReferralNotice.saved_at).where(
            ReferralNotice.referral_id == message.subject_id
        )
    ).one_or_none()
    if message.kind in {"unsent_draft", "unsent_draft_of_team"}:
        if notice is None or notice.state != ReferralState.DRAFT:
            return CancelReason.SENT_MEANWHILE
        written_for = date.fromisoformat(message.key.split(":")[3])  # portal.reminders.drafts makes the key
        return CancelReason.NEWER if clock.local(notice.saved_at).date() > written_for else None
    if notice is None:
        return CancelReason.NO_LONGER_NEEDED
    waits = UNDECIDED_REFERRAL_STATES if message.ground == Ground.OWNER else {ReferralState.SENT}
    if message.kind in {"red_form", "form_arrived"} and notice.state not in waits:
        return CancelReason.DONE
    if message.kind == "form_question" and notice.state != ReferralState.WAITING_FOR_SENDER:
        return CancelReason.ANSWERED
    return None


def _case(connection: Connection, message: Waiting) -> CancelReason | None:
    """That nobody covers a case is said while it is so."""
    if message.kind != _UNCOVERED:
        return None
    covered = select(AbsenceCover.case_id).where(
        AbsenceCover.absence_id == _absence(message), AbsenceCover.case_id == message.subject_id
    )
    return _absence_over(connection, message) or _done(connection.scalar(select(covered.exists())))


def _of_person(connection: Connection, message: Waiting) -> CancelReason | None:
    """A digest; or that nobody covers cases of somebody, as long as the receiver reads one that is so."""
    if message.kind != _UNCOVERED:
        return _digest(connection, message)
    waits = connection.scalar(select(func.ctx.left_uncovered(_absence(message), meant_for(message))))
    return _absence_over(connection, message) or _done(not waits)


def _done(is_done: object) -> CancelReason | None:
    return CancelReason.DONE if is_done else None


def _absence_over(connection: Connection, message: Waiting) -> CancelReason | None:
    absence = connection.execute(
        select(Absence.ended_at, Absence.last_day).where(Absence.id == _absence(message))
    ).one_or_none()
    ended = absence and (absence.ended_at is not None or absence.last_day < clock.today())
    return CancelReason.NO_LONGER_NEEDED if ended else None


def _absence(message: Waiting) -> UUID | None:
    """That a message is about: its key begins with it (`absences.keeping`)."""
    return identifier("".join(key_at_first(message.key).split(":")[3:4]))


def _digest(connection: Connection, message: Waiting) -> CancelReason | None:
    if message.kind not in {digests.MORNING, digests.WEEKLY} or message.recipient_id is None:
        return None
    day, today = digests.day_of(message.key), clock.today()
    this_week = day.isocalendar()[:2] == today.isocalendar()[:2]
    if day != today and not (message.kind == digests.WEEKLY and this_week):
        return CancelReason.PAST_DAY
    found = digests.lines(connection, message.recipient_id, message.kind)
    if message.kind == digests.MORNING:
        news: Sequence[object] = mornings.news_lines(connection, message.recipient_id)
    else:
        news = mornings.weekly_lines(connection, message.recipient_id, message.created_at)
    return None if found or news else CancelReason.NOTHING_DUE


_CHECKS: Mapping[str, Callable[[Connection, Waiting], CancelReason | None]] = {
    "information_request": _request,
    "action": _action,
    "disclosure": _disclosure,
    "invitation": _invitation,
    "meeting": _meeting,
    "referral": _referral,
    "cre_case": _case,
    "app_user": _of_person,
}


#: For one person alone: somebody else would learn nothing from it that they are not told anyway.
_PERSONAL = frozenset({"digest", "team_digest", "unsent_draft"})
_NOT_FOR_OTHERS: Mapping[HandReason, CancelReason] = {
    HandReason.LEFT: CancelReason.LEFT,
    HandReason.AWAY: CancelReason.AWAY,
    HandReason.ADDRESS: CancelReason.ADDRESS,
    HandReason.NO_REACH: CancelReason.NO_REACH,
}


def decide(connection: Connection, message: Waiting) -> Standing:
    """What is to become of a message now: the worker asks for each one, just before it is sent.

    In this order: is it still owed, is the recipient still here, may they still know of it, are they not
    away, does their address work; and do they want e-mail of this kind, where that is theirs to say.
    """
    no_longer = cancel_reason(connection, message)
    if no_longer is not None:
        return Cancel(no_longer)
    recipient = _recipient(connection, message)
    if _wants_no_mail(connection, message, recipient):
        return Show()
    if recipient.obstacle is None:
        return Send(recipient.address)
    if message.kind in _PERSONAL:
        return Cancel(_NOT_FOR_OTHERS[recipient.obstacle])
    return _instead(connection, message, recipient)


def _recipient(connection: Connection, message: Waiting) -> Fitness:
    about, opens = message.about, permission_of(message.kind, message.subject_kind)
    reach = not message.last_word
    if message.recipient_id is not None:
        person = message.recipient_id
        people = fitness_of_people(
            connection, [person], about, message.agency_id, opens=opens, needs_reach=reach
        )
        return people[person]
    if message.recipient_team_id is not None:
        team = message.recipient_team_id
        teams = fitness_of_teams(connection, [team], about, opens=opens, needs_reach=reach)
        return teams[message.recipient_team_id]
    raise LookupError(f"The message {message.id} has no recipient.")


def is_statutory(message: Waiting) -> bool:
    """Whether its kind is one that nobody can switch off; a kind that policy no longer knows is."""
    kind = current_policy().reminders.kinds.get(message.kind)
    return kind is None or kind.statutory


def _wants_no_mail(connection: Connection, message: Waiting, recipient: Fitness) -> bool:
    """Somebody who left, or may not know of it any more, has no say in it."""
    if is_statutory(message) or recipient.obstacle in {HandReason.LEFT, HandReason.NO_REACH}:
        return False
    wanted = select(MessagePreference.by_mail).filter_by(user_id=message.recipient_id, kind=message.kind)
    return connection.scalar(wanted) is False


def _told_as_well(message: Waiting, found: StandIns, reason: HandReason) -> Standing:
    """They have an e-mail of this event: one more says nothing. Whoever is away finds it in the portal. That
    of what is urgent nobody where they work has one is news to the hub, which has its own.
    """
    if message.recipient_id and message.urgent and found.nobody_near:
        return Nobody(reason)
    return Show() if reason in STILL_SHOWN and message.recipient_id else Cancel(CancelReason.TOLD_ALREADY)


def _instead(connection: Connection, message: Waiting, recipient: Fitness) -> Standing:
    """The nearest who can be told. What is only news ends with the agency that may not know of it any more; a
    duty goes on until somebody who may know of it is told.
    """
    found = stand_ins(connection, message, reason := recipient.obstacle or HandReason.AWAY)
    of_event = message.event is not None and message.deadline_id is None
    if of_event and reason is not HandReason.NO_REACH and found.nearest_knows:
        return _told_as_well(message, found, reason)
    chosen = found.first(found.near)
    if chosen is None and reason is HandReason.NO_REACH and message.deadline_id is None:
        return Cancel(CancelReason.NO_REACH)
    chosen = chosen or found.first(found.far)
    if chosen is not None:
        to = chosen.to
        return HandOn(chosen.address, reason, agency_id=to.agency_id, user_id=to.user_id, team_id=to.team_id)
    if not found.nobody_near or any(one.obstacle is None for one in found.far):
        return Cancel(CancelReason.TOLD_ALREADY)
    if reason is HandReason.AWAY and not is_statutory(message):
        return Send(recipient.address)  # it waits in their mailbox: better than that nobody hears of it
    return Nobody(reason)
