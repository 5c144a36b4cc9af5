"""Who runs a meeting and reads its cases meanwhile, what a step on it asks first, and saying that it is
over, so that whoever it gave something to do is told.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, Found, or_not_found
from portal.changes.versions import insert_now, lock_row
from portal.extensions import db
from portal.pathway.states import COMING_MEETING_STATES, OPEN_MEETING_STATES
from portal.records.cases.model import AccessGrant, Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.plans.actions import is_under_way, release_messages
from portal.vocabulary import ROLES_THAT_SEE_CASES

#: States of a meeting that was held; who came can be corrected in each of them.
HELD_STATES = frozenset(
    {MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED, MeetingState.DISTRIBUTED}
)


#: States in which a meeting is recorded: from approval on, what was recorded stands.
RECORDED_STATES = frozenset({MeetingState.BOOKED, MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT})


def run_facts(actor: Principal, meeting: Meeting) -> Facts:
    """What decides whether somebody may run a meeting."""
    leads = select(MeetingCase.case_id).join(Case, Case.id == MeetingCase.case_id)
    return Facts(
        lead_professional=db.session.scalar(
            leads.where(
                MeetingCase.meeting_id == meeting.id, Case.lead_professional_id == actor.user_id
            ).limit(1)
        )
        is not None,
        runs_meeting=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
    )


def require_running(actor: Principal, meeting: Meeting) -> None:
    """Go on only if the actor may run the meeting, and reads one of its cases in full.

    Raises:
        Forbidden: they may not, or are invited and no more.
    """
    _require(actor, meeting, "meeting:run")


def require_recording(actor: Principal, meeting: Meeting, verb: str) -> None:
    """Go on only if the actor may do `verb` to the record of a meeting, and it is still being recorded.

    Raises:
        Forbidden: they may not, or are invited and no more.
        DomainError: its day is not there yet, it was cancelled, or its minutes are approved.
    """
    _require(actor, meeting, verb)
    _refuse_recording(meeting)


def why_not_recorded(meeting: Meeting) -> str:
    """Why nothing can be recorded of a meeting now; empty where it can."""
    try:
        _refuse_recording(meeting)
    except DomainError as refused:
        return refused.message
    return ""


def runs(meeting: Meeting) -> bool:
    """Whether the person who asks may know of the meeting as a whole."""
    return bool(db.session.scalar(select(func.ctx.runs_meeting(meeting.id))))


def case_of(*, meeting: Meeting, case_id: UUID) -> Case:
    """A case of the meeting that the person who asks reads in full.

    Raises:
        NotFound: the meeting is not on it, or it is not theirs to read.
    """
    return or_not_found(
        db.session.scalar(_cases(meeting).where(Case.id == case_id)), "The meeting is not on this case"
    )


def cases_of(meeting: Meeting) -> Sequence[Case]:
    """The cases of the meeting that the person who asks reads in full."""
    return db.session.scalars(_cases(meeting).order_by(Case.opened_at, Case.id)).all()


def refuse_before_its_day(meeting: Meeting) -> None:
    """Who came to a meeting is known from its day on.

    Raises:
        DomainError: its day is not there yet, it is not booked, or it was cancelled.
    """
    state = MeetingState(meeting.state)
    if state is MeetingState.CANCELLED:
        raise DomainError("This meeting was cancelled")
    if state is MeetingState.DUE:
        raise DomainError("This meeting is not booked yet")
    day = clock.local(meeting.starts_at).date()
    if clock.today() < day:
        raise DomainError(
            f"This meeting is on {day.day} {day:%B %Y}. "
            "Who came and what was said can be entered from that day on"
        )


def _refuse_recording(meeting: Meeting) -> None:
    refuse_before_its_day(meeting)
    if MeetingState(meeting.state) not in RECORDED_STATES:
        raise DomainError(
            "The minutes of this meeting are approved, so they stand. What is wrong is noted beside them"
        )


def find_on(table: type[Found], meeting: Meeting, key: UUID, missing: str) -> Found:
    """One of what a meeting has, as far as whoever asks may see it.

    Raises:
        NotFound: it is another meeting's, gone, or not theirs to see; says `missing`.
    """
    return or_not_found(db.session.scalar(select(table).filter_by(id=key, meeting_id=meeting.id)), missing)


def _require(actor: Principal, meeting: Meeting, verb: str) -> None:
    require(actor, verb, run_facts(actor, meeting))
    require_reading(meeting)


def require_reading(meeting: Meeting) -> None:
    """Go on only for somebody who reads one of the meeting's cases in full.

    Raises:
        Forbidden: they are invited and no more.
    """
    if not runs(meeting):
        raise Forbidden("You are invited to this meeting, but you cannot read the case that it is on.")


def _cases(meeting: Meeting) -> Select[Case]:
    return (
        select(Case)
        .join(MeetingCase, MeetingCase.case_id == Case.id)
        .where(MeetingCase.meeting_id == meeting.id)
    )


def appoint(*, actor: Principal, meeting: Meeting, cases: Sequence[Case], person: User, as_what: str) -> None:
    """Let whoever chairs or takes notes read every case of the meeting.

    Args:
        as_what: "Chair" or "Note-taker", for people who look up who reads a case.
    """
    for case in cases:
        grant = AccessGrant(
            case_id=case.id,
            user_id=person.id,
            kind=GrantKind.MEETING,
            reason=f"{as_what} of meeting {meeting.reference}",
            starts_at=clock.now(),
            granted_by=actor.user_id,
            meeting_id=meeting.id,
        )
        insert_now(grant)
        _record("grant:add", case, grant)


def dismiss(*, meeting: Meeting, cases: Sequence[Case], person: User | None = None) -> None:
    """End the reach that a meeting gave, of one person or of both. The last step of a change: it may be
    one's own. A grant of another meeting on the same case stays.
    """
    now = clock.now()
    statement = select(AccessGrant).where(
        AccessGrant.meeting_id == meeting.id,
        AccessGrant.kind == GrantKind.MEETING,
        or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
    )
    if person is not None:
        statement = statement.where(AccessGrant.user_id == person.id)
    by_case = {case.id: case for case in cases}
    grants = [one for one in db.session.scalars(statement) if one.case_id in by_case]
    for grant in sorted(grants, key=lambda one: one.case_id):
        _record("grant:end", by_case[grant.case_id], grant)
    # In one statement: after one's own grant one might not reach the other's, or that on another case.
    ended = update(AccessGrant).where(AccessGrant.id.in_([one.id for one in grants]))
    db.session.execute(ended.values(ends_at=now), execution_options={"synchronize_session": "evaluate"})


def _record(action: str, case: Case, grant: AccessGrant) -> None:
    audit.record(action, grant, case=case, person=str(grant.user_id), meeting=str(grant.meeting_id))


def require_ahead(meeting: Meeting) -> None:
    """Go on only while people are still asked to come.

    Raises:
        DomainError: it was held or cancelled.
    """
    if meeting.state not in COMING_MEETING_STATES:
        raise DomainError(f"This meeting is over: {MeetingState(meeting.state).label.lower()}")


def require_open(meeting: Meeting) -> None:
    """Go on only until the minutes are given out.

    Raises:
        DomainError: they are, or the meeting was cancelled.
    """
    if meeting.state not in OPEN_MEETING_STATES:
        raise DomainError(f"This meeting is over: {MeetingState(meeting.state).label.lower()}")


def require_reach_on_all(meeting: Meeting) -> None:
    """Go on only for somebody who reads every case of the meeting: the chair's reach is on all of them.

    Raises:
        DomainError: they do not.
    """
    if not db.session.scalar(select(func.ctx.reaches_all_of_meeting(meeting.id))):
        raise DomainError("This meeting is also on a case that you do not reach. Ask its chair to do this")


def check_can_come(person: User, *, field: str) -> None:
    """Only somebody who works here and whose role lets them see cases can chair, take notes or be invited.

    Raises:
        DomainError: they cannot.
    """
    if not person.active or not ROLES_THAT_SEE_CASES.intersection(person.roles):
        raise DomainError(
            f"{person.name} cannot be invited: their role does not let them see cases", field=field
        )


def live_invitations(meeting_id: UUID) -> Sequence[Invitation]:
    """The invitations to a meeting that were not withdrawn, in the order in which they were given."""
    wanted = select(Invitation).filter_by(meeting_id=meeting_id, withdrawn_at=None)
    return db.session.scalars(wanted.order_by(Invitation.invited_at, Invitation.id)).all()


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """A meeting lies ahead and ends after it starts.

    Raises:
        DomainError: it does not.
    """
    if starts_at <= clock.now():
        raise DomainError("Choose a date and time that are still to come", field="day")
    if ends_at <= starts_at:
        raise DomainError("The meeting must end after it starts", field="ends")


def say_over(*, actor: Principal, meeting: Meeting) -> int:
    """Say that a meeting is over. What it gave is told now, and what it gives after that at once. Saying it
    again changes nothing.

    Returns:
        How many e-mails go out.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: it has not begun.
    """
    _hold(actor, meeting)
    if is_under_way(meeting):
        meeting.over_at = clock.now()
        db.session.flush()
        audit.record("meeting:over", meeting)
    return release_messages(meeting=meeting)


def send_now(*, actor: Principal, meeting: Meeting) -> int:
    """Tell whoever a meeting gave something to do until now; it goes on, and what it gives next waits again.

    Returns:
        How many e-mails go out.

    Raises:
        as `say_over`.
    """
    _hold(actor, meeting)
    sent = release_messages(meeting=meeting)
    if sent:
        audit.record("meeting:send_now", meeting, messages=sent)
    return sent


def _hold(actor: Principal, meeting: Meeting) -> None:
    require_running(actor, meeting)
    lock_row(meeting)
    if meeting.starts_at > clock.now():
        raise DomainError("This meeting has not begun yet")
