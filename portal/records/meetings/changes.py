"""Changing a meeting that was called: when, where, who runs it, or whether it is at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, lock
from portal.deadlines.changes import (
    Owner,
    cancel_deadlines,
    hand_deadlines_over,
    move_deadline,
    open_deadlines,
)
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Event, Ground
from portal.pathway.states import COMING_MEETING_STATES
from portal.policy import current_policy
from portal.records.assessments.model import LevelDecision
from portal.records.cases.model import Case
from portal.records.meetings import chairing, invitations, telling
from portal.records.meetings.calling import check_two_people, check_where
from portal.records.meetings.model import Invitation, Meeting, MeetingChange
from portal.records.meetings.vocabulary import (
    CALLED_OFF,
    CANCELLED,
    CHANGED,
    PART_HANDED_OVER,
    Attendance,
    InvitationReply,
    MeetingChangeKind,
    MeetingState,
)
from portal.records.minutes.model import LevelProposal
from portal.records.people.model import User
from portal.records.requests.answering import move_date, take_back
from portal.records.requests.model import InformationRequest
from portal.records.requests.rules import report_due


def follow_move(*, actor: Principal, meeting: Meeting, was: datetime) -> None:
    """Let reports follow a meeting that was moved. A date that somebody chose stays while it is before it.

    Args:
        was: when the meeting was to start before.
    """
    for request in _waiting(meeting):
        case = db.session.get(Case, request.case_id)
        before = current_policy(case.authority if case else None).meetings.report_before
        is_usual = request.due_at == report_due(before, was, request.asked_at)
        if is_usual or request.due_at > meeting.starts_at:
            due_at = report_due(before, meeting.starts_at, clock.now())
            reason = f"Meeting {meeting.reference} was moved"
            move_date(actor=actor, request=request, due_at=due_at, reason=reason)


def follow_cancelling(*, actor: Principal, meeting: Meeting) -> None:
    """Withdraw what was asked for a meeting that is cancelled and not answered."""
    for request in _waiting(meeting):
        take_back(actor=actor, request=request, reason=f"Meeting {meeting.reference} was cancelled")


def _waiting(meeting: Meeting) -> Sequence[InformationRequest]:
    wanted = select(InformationRequest).filter_by(meeting_id=meeting.id, answered_at=None, withdrawn_at=None)
    return db.session.scalars(wanted).all()


@dataclass(frozen=True)
class _Change:
    """What is changed, from what to what, and why."""

    kind: MeetingChangeKind
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


def move_meeting(
    *,
    actor: Principal,
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    version: int,
) -> None:
    """Move a meeting to another time. Everyone who is invited is asked again whether they come.

    Args:
        version: of the meeting when the page was opened.

    Raises:
        Forbidden: the actor does not run the meeting.
        Conflict: somebody changed it meanwhile.
        DomainError: no reason, the time lies in the past, nothing changes, or the meeting is over or decided
            a level.
    """
    after = _times(starts_at, ends_at)
    change = _begin(actor, meeting, MeetingChangeKind.MOVED, after, reason=reason, version=version)
    _refuse_where_decided(meeting)
    chairing.check_times(starts_at, ends_at)
    was, meeting.starts_at, meeting.ends_at = meeting.starts_at, starts_at, ends_at
    for deadline in open_deadlines(subject=meeting, kind=DeadlineKind.MEETING):
        move_deadline(actor=actor, deadline=deadline, due_at=starts_at, reason=reason, told=True)
    for invitation in chairing.live_invitations(meeting.id):
        _ask_again(invitation)
    follow_move(actor=actor, meeting=meeting, was=was)
    _keep(actor, meeting, change)
    _tell_everyone(actor, meeting, CHANGED, was_to_start=was)


def begin_earlier(*, actor: Principal, meeting: Meeting, began_at: datetime) -> None:
    """Put right when a meeting began, by a step that the actor may take; it is as long as planned. Nobody is
    asked again.
    """
    before = _times(meeting.starts_at, meeting.ends_at)
    earlier = meeting.starts_at - began_at
    meeting.starts_at, meeting.ends_at = began_at, meeting.ends_at - earlier
    after = _times(meeting.starts_at, meeting.ends_at)
    _keep(actor, meeting, _Change(MeetingChangeKind.MOVED, before, after, "It began earlier than planned"))


def tell_absent(*, actor: Principal, meeting: Meeting, was_to_start: datetime) -> None:
    """Tell whoever is expected and did not come that it began earlier, so that nobody comes in vain."""
    for invitation in chairing.live_invitations(meeting.id):
        if invitation.attendance == Attendance.ABSENT:
            telling.tell_invited(
                actor=actor,
                meeting=meeting,
                invitation=invitation,
                event=CHANGED,
                once=str(meeting.sequence),
                was_to_start=was_to_start,
            )


def change_place(
    *, actor: Principal, meeting: Meeting, place: str, link: str, reason: str, version: int
) -> None:
    """Hold a meeting somewhere else.

    Raises:
        as `move_meeting`; DomainError also without place and link.
    """
    after = {"place": place.strip(), "link": link.strip()}
    change = _begin(actor, meeting, MeetingChangeKind.PLACE, after, reason=reason, version=version)
    check_where(place, link)
    meeting.place, meeting.link = after["place"], after["link"]
    _keep(actor, meeting, change)
    _tell_everyone(actor, meeting, CHANGED)


def change_chair(*, actor: Principal, meeting: Meeting, person: User, reason: str, version: int) -> None:
    """Let somebody else chair: they read the cases from now on, and whoever did it before no longer. After
    the meeting too, until the minutes are given out, which are the new chair's to approve.

    Raises:
        as `move_meeting`, but not of a meeting that is over; DomainError also for somebody who takes the
            notes or cannot see cases, and where the actor does not reach all its cases.
    """
    chair, note_taker = (db.session.get_one(User, one) for one in (meeting.chair_id, meeting.note_taker_id))
    after = {"chair": person.name}
    change = _begin(actor, meeting, MeetingChangeKind.CHAIR, after, reason=reason, version=version)
    _may_replace(actor, meeting, chair)
    chairing.check_can_come(person, field="chair")
    check_two_people(person, note_taker, field="chair")
    meeting.chair_id = person.id
    owner = Owner(user_id=person.id)
    for kind in (DeadlineKind.MEETING, DeadlineKind.MINUTES):
        hand_deadlines_over(actor=actor, subject=meeting, kind=kind, owner=owner, told=True)
    _hand_over(actor, meeting, change, old=chair, new=person)


def change_note_taker(*, actor: Principal, meeting: Meeting, person: User, reason: str, version: int) -> None:
    """Let somebody else take the notes.

    Raises:
        as `change_chair`.
    """
    chair, old = (db.session.get_one(User, one) for one in (meeting.chair_id, meeting.note_taker_id))
    after = {"note_taker": person.name}
    change = _begin(actor, meeting, MeetingChangeKind.NOTE_TAKER, after, reason=reason, version=version)
    _may_replace(actor, meeting, old)
    chairing.check_can_come(person, field="note_taker")
    check_two_people(chair, person)
    meeting.note_taker_id = person.id
    owner = Owner(user_id=person.id)
    hand_deadlines_over(actor=actor, subject=meeting, kind=DeadlineKind.MINUTES_DRAFT, owner=owner, told=True)
    _hand_over(actor, meeting, change, old=old, new=person)


def cancel_meeting(*, actor: Principal, meeting: Meeting, reason: str, version: int) -> None:
    """Cancel a meeting: everyone who was invited is told, and reach that it gave ends. It may be one's own.

    Raises:
        as `move_meeting`; DomainError also where the actor does not reach all its cases.
    """
    change = _begin(
        actor,
        meeting,
        MeetingChangeKind.CANCELLED,
        {"state": MeetingState.CANCELLED.value},
        reason=reason,
        version=version,
    )
    chairing.require_reach_on_all(meeting)
    _refuse_where_decided(meeting)
    cases = chairing.cases_of(meeting)
    _keep(actor, meeting, change)
    _tell_everyone(actor, meeting, CANCELLED, method=telling.CANCEL)
    telling.tell_leads(actor=actor, meeting=meeting, event=CALLED_OFF)
    telling.tell_that_gaps_are_over(actor=actor, meeting=meeting, cases=cases)
    cancel_deadlines(subject=meeting, kind=DeadlineKind.MEETING, reason=reason.strip())
    follow_cancelling(actor=actor, meeting=meeting)
    meeting.state = MeetingState.CANCELLED
    db.session.flush()
    chairing.dismiss(meeting=meeting, cases=cases)


def _refuse_where_decided(meeting: Meeting) -> None:
    """What decided a level took place: people were told what it decided."""
    found = (select(one.id).where(one.meeting_id == meeting.id) for one in (LevelDecision, LevelProposal))
    if any(db.session.scalar(one.limit(1)) for one in found):
        raise DomainError(
            "A level was decided in this meeting, so it took place. Record it as held, and who came"
        )


def _begin(
    actor: Principal,
    meeting: Meeting,
    kind: MeetingChangeKind,
    after: dict[str, Any],
    *,
    reason: str,
    version: int,
) -> _Change:
    """Take the meeting for a change that may be made of it as it was seen."""
    chairing.require_running(actor, meeting)
    says = _SAYS[kind]
    hands_over = kind in (MeetingChangeKind.CHAIR, MeetingChangeKind.NOTE_TAKER)
    first = chairing.require_open if hands_over else chairing.require_ahead
    lock(meeting, version, says, first=first, mine=after)
    before = says(meeting)
    if before == after:
        raise DomainError("Nothing changes. Change something, or go back")
    require_text(reason, "Say why", field="reason")
    return _Change(kind, before, after, reason)


def _may_replace(actor: Principal, meeting: Meeting, old: User) -> None:
    chairing.require_reach_on_all(meeting)
    if actor.user_id != old.id or actor.is_coordinator:
        return
    ahead, me = meeting.state in COMING_MEETING_STATES, actor.user_id
    if meeting.district and not (ahead and me == meeting.called_by):
        raise DomainError("You see this meeting because you run it. Ask whoever called it to do this")
    if not ahead and all(case.lead_professional_id != me for case in chairing.cases_of(meeting)):
        raise DomainError("You cannot hand it over yourself now. Ask a coordinator or the lead professional")


def _hand_over(actor: Principal, meeting: Meeting, change: _Change, *, old: User, new: User) -> None:
    """Reach and invitation of a role go to somebody else; the old reach last: it may be one’s own."""
    chairs = change.kind is MeetingChangeKind.CHAIR
    cases = chairing.cases_of(meeting)
    what = "Chair" if chairs else "Note-taker"
    chairing.appoint(actor=actor, meeting=meeting, cases=cases, person=new, as_what=what)
    _keep(actor, meeting, change)
    if meeting.state not in COMING_MEETING_STATES:  # who was invited and came stays as it was
        given = {Ground.PERSON: to_people(new.id), Ground.LEAVING: to_people(old.id)}
        about, once = telling.about_meeting(meeting), str(meeting.version)
        tell(actor=actor, event=PART_HANDED_OVER, about=about, given=given, once=once)
        chairing.dismiss(meeting=meeting, cases=cases, person=old)
        return
    invited = _hand_invitation_over(
        actor,
        meeting,
        new,
        invitations.Invitee(
            role=invitations.CHAIR if chairs else invitations.NOTE_TAKER, person=new, required=True
        ),
        change,
    )
    _tell_everyone(actor, meeting, CHANGED, but=invited)
    chairing.dismiss(meeting=meeting, cases=cases, person=old)


def _hand_invitation_over(
    actor: Principal, meeting: Meeting, person: User, invitee: invitations.Invitee, change: _Change
) -> Invitation | None:
    """By the invitation that the person has already, or by a new one, which is returned."""
    live = chairing.live_invitations(meeting.id)
    theirs = next((one for one in live if one.user_id == person.id), None)
    for one in live:
        if one.role == invitee.role and one.user_id != person.id:
            invitations.withdraw_invitation(
                actor=actor, meeting=meeting, invitation=one, reason=change.reason
            )
        elif one.comes_id == person.id and one.user_id != person.id:
            one.comes_id = None  # they come as the chair or note-taker now, and that invitation for nobody
            _ask_again(one)
    if theirs is not None:
        theirs.role, theirs.required = invitee.role, True
        count_change(theirs)
        return None
    return invitations.write_invitations(
        actor=actor, meeting=meeting, cases=chairing.cases_of(meeting), invitees=[invitee]
    )[0]


def _ask_again(invitation: Invitation) -> None:
    """A reply was to another time, and so was coming in vain. Who gave the reply and who was to come stays
    known; they are asked again.
    """
    invitation.attendance = invitation.attendance_note = None
    invitation.reply = InvitationReply.WAITING
    invitation.reply_reason = None
    invitation.version += 1  # a reply from a page that was open before is not taken for one to the new time


def _keep(actor: Principal, meeting: Meeting, change: _Change) -> None:
    meeting.sequence += 1
    meeting.version += 1
    db.session.add(
        MeetingChange(
            meeting_id=meeting.id,
            kind=change.kind,
            before=change.before,
            after=change.after,
            reason=change.reason.strip(),
            changed_by=actor.user_id,
            changed_at=clock.now(),
        )
    )
    audit.record(f"meeting:{change.kind}", meeting)
    db.session.flush()


def _tell_everyone(
    actor: Principal,
    meeting: Meeting,
    event: Event,
    *,
    method: str = telling.REQUEST,
    but: Invitation | None = None,
    was_to_start: datetime | None = None,
) -> None:
    for invitation in chairing.live_invitations(meeting.id):
        if but is None or invitation.id != but.id:
            telling.tell_invited(
                actor=actor,
                meeting=meeting,
                invitation=invitation,
                event=event,
                method=method,
                once=str(meeting.sequence),
                was_to_start=was_to_start,
            )


def _times(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "starts_at": starts_at.astimezone(UTC).isoformat(),
        "ends_at": ends_at.astimezone(UTC).isoformat(),
    }


def _name(user_id: UUID) -> str:
    return db.session.get_one(User, user_id).name


#: What a meeting says of each thing that can be changed.
_SAYS: dict[MeetingChangeKind, Callable[[Meeting], dict[str, Any]]] = {
    MeetingChangeKind.MOVED: lambda one: _times(one.starts_at, one.ends_at),
    MeetingChangeKind.PLACE: lambda one: {"place": one.place, "link": one.link},
    MeetingChangeKind.CHAIR: lambda one: {"chair": _name(one.chair_id)},
    MeetingChangeKind.NOTE_TAKER: lambda one: {"note_taker": _name(one.note_taker_id)},
    MeetingChangeKind.CANCELLED: lambda one: {"state": one.state},
}
