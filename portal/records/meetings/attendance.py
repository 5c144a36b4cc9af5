"""The day of a meeting: who came, and that it was held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, or_, select

from portal import clock, registry
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions
from portal.changes.versions import count_change, lock_row
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import at_local
from portal.pathway.states import check_transition
from portal.policy import current_policy
from portal.records.by_hand.facts import close_moot, owed_of_meeting
from portal.records.by_hand.rules import CAME, OVER
from portal.records.cases.facts import managers_of
from portal.records.meetings import chairing
from portal.records.meetings.changes import begin_earlier, tell_absent
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.rules import TOOK_PART, Invited, missing
from portal.records.meetings.telling import about_meeting, leads_of, tell_leads
from portal.records.meetings.vocabulary import (
    DID_NOT_COME,
    HELD,
    NOT_HELD,
    Attendance,
    InvitationReply,
    MeetingState,
)
from portal.records.people.model import Agency, Team, TeamMember
from portal.vocabulary import Sector

#: What has to be said about whom, by the way in which they took part or did not.
ASKS_FOR_WORDS = {
    Attendance.PART: "which part they were there for",
    Attendance.APOLOGIES: "why they could not come",
}


#: Who was there as a person, so that a team is not.
_IN_THE_ROOM = frozenset({Attendance.PRESENT, Attendance.DEPUTY})


@dataclass(frozen=True)
class Mark:
    """How somebody took part, with words where they are needed: which part, or why not."""

    attendance: Attendance | None = None
    note: str = ""

    @classmethod
    def of(cls, invitation: Invitation) -> "Mark":
        """What is on record."""
        kept = invitation.attendance
        return cls(Attendance(kept) if kept else None, invitation.attendance_note or "")

    @property
    def words(self) -> str:
        """The mark as both versions are shown."""
        label = self.attendance.label if self.attendance else "Not marked"
        return f"{label}: {self.note}" if self.note else label


class BadMarks(DomainError):
    """Some of the marks cannot stand; `faults` says by invitation what is wrong."""

    def __init__(self, faults: Mapping[UUID, str]) -> None:
        super().__init__("Some people are not marked yet, or more has to be said about them")
        self.faults = faults


@dataclass(frozen=True)
class Marking:
    """One person's marks as they were shown and as they come back."""

    seen: Mark
    now: Mark


def mark_attendance(
    *, actor: Principal, meeting: Meeting, marks: Mapping[UUID, Marking], quorum_reason: str = ""
) -> None:
    """Keep who came, on the day or as a correction afterwards. What somebody else marked meanwhile stands,
    where it was not touched here. Once the meeting was held nobody is left without a mark.

    Args:
        marks: by the id of each invitation.
        quorum_reason: as for `hold`, where a correction leaves a required sector without anybody. Said before
            the meeting is held, it is kept for then.

    Raises:
        Forbidden: the actor does not run the meeting.
        BadMarks: somebody is not marked, or words are missing.
        Conflict: two people marked somebody differently.
        DomainError: it is not the day of the meeting yet, or it was cancelled.
    """
    chairing.require_running(actor, meeting)
    chairing.refuse_before_its_day(meeting)
    held = MeetingState(meeting.state) in chairing.HELD_STATES
    _write(meeting, marks, everyone=held)
    if held:
        _check_quorum(meeting, quorum_reason)
    elif quorum_reason.strip():
        meeting.quorum_reason = quorum_reason.strip()
        db.session.flush()


def hold(
    *,
    actor: Principal,
    meeting: Meeting,
    marks: Mapping[UUID, Marking],
    quorum_reason: str = "",
    began: time | None = None,
    ended: time | None = None,
) -> None:
    """The meeting was held: everyone is marked, its deadline is met, the reach of the invited gets an end.

    Args:
        quorum_reason: why it was held although nobody of a required sector took part.
        began: when it began, where that was earlier than planned.
        ended: when it ended, where that was not as planned: it never ends after it was recorded as held.

    Raises:
        Forbidden: the actor does not run the meeting.
        BadMarks, Conflict: as for `mark_attendance`.
        DomainError: it is not its day yet, it has not begun, it is not booked, or a required sector is
            missing with no reason.
    """
    chairing.require_running(actor, meeting)
    chairing.refuse_before_its_day(meeting)
    lock_row(meeting)
    state = MeetingState(meeting.state)
    if state in chairing.HELD_STATES:
        raise DomainError("This meeting is recorded as held already. You can still correct who came")
    check_transition(state, MeetingState.HELD)
    was_to_start = meeting.starts_at
    if began_at := _check_begun(meeting, began):
        begin_earlier(actor=actor, meeting=meeting, began_at=began_at)
    meeting.ends_at = _end_of(meeting, ended)
    _write(meeting, marks, everyone=True)
    lacking = _check_quorum(meeting, quorum_reason)
    meeting.state = MeetingState.HELD
    meeting.held_at = min(clock.now(), meeting.ends_at)
    meeting.reach_until = due(current_policy().clocks.limits.request_reach, meeting.held_at)
    count_change(meeting)
    finish_deadlines(subject=meeting, kind=DeadlineKind.MEETING)
    finish_deadlines(subject=meeting, kind=DeadlineKind.REVIEW)
    for case in chairing.cases_of(meeting):
        registry.meeting_held(actor=actor, meeting=meeting, case=case)
    registry.meeting_over(meeting=meeting)
    tell_leads(actor=actor, meeting=meeting, event=HELD, but=_were_there(meeting))
    _close_moot(actor, meeting)
    if began_at:
        tell_absent(actor=actor, meeting=meeting, was_to_start=was_to_start)
    audit.record("meeting:hold", meeting, without=[sector.value for sector in lacking])


def _close_moot(actor: Principal, meeting: Meeting) -> None:
    """Nobody has to be told any more of a meeting that was held, nor when and where it was to be."""
    there = {one.id for one in _invited(meeting) if one.attendance in TOOK_PART - {Attendance.WRITTEN}}
    for told in owed_of_meeting(meeting_id=meeting.id, kind=Invitation.__tablename__):
        close_moot(actor=actor, told=told, reason=CAME if told.subject_id in there else OVER)


def _check_begun(meeting: Meeting, began: time | None) -> datetime | None:
    """When it began, where that was before its time. What has not begun was not held."""
    now = clock.now()
    if meeting.starts_at <= now:
        return None
    if began is None:
        raise DomainError(
            "This meeting has not begun, so it was not held yet. If it began earlier, enter when on the page"
            " of who comes",
            field="began",
        )
    began_at = at_local(clock.local(meeting.starts_at).date(), began)
    if began_at > now:
        raise DomainError("Enter a time that is past", field="began")
    return began_at


def _end_of(meeting: Meeting, ended: time | None) -> datetime:
    """When a meeting ended that was held: as planned, unless that is to come or somebody says otherwise."""
    now = clock.now()
    if ended is None:
        return max(min(meeting.ends_at, now), meeting.starts_at + timedelta(minutes=1))
    ended_at = at_local(clock.local(meeting.starts_at).date(), ended)
    if ended_at > now:
        raise DomainError("Enter a time that is past", field="ended")
    if ended_at <= meeting.starts_at:
        raise DomainError("It began later than that", field="ended")
    return ended_at


def refuse_to_hold(*, actor: Principal, meeting: Meeting, marks: Mapping[UUID, Marking]) -> None:
    """The meeting does not go ahead, because a required sector is missing. It is then moved or cancelled,
    which asks for the reason; who came in vain stays on record until it is moved.

    Raises:
        Forbidden: the actor does not run the meeting.
        BadMarks, Conflict: as for `mark_attendance`.
        DomainError: it is not its day yet, it was held or cancelled, or no required sector is missing.
    """
    chairing.require_running(actor, meeting)
    chairing.refuse_before_its_day(meeting)
    if MeetingState(meeting.state) in chairing.HELD_STATES:
        raise DomainError("This meeting is recorded as held already. You can still correct who came")
    _write(meeting, marks, everyone=False)
    lacking = missing_sectors(meeting=meeting)
    if not lacking:
        raise DomainError("Everybody whom the meeting needs is there, so it can be held", field="quorum")
    audit.record("meeting:not_quorate", meeting, without=[sector.value for sector in lacking])
    _tell_not_held(actor, meeting, lacking)


def _tell_not_held(actor: Principal, meeting: Meeting, lacking: Sequence[Sector]) -> None:
    """Whoever leads its cases and called it hears that it could not be held, and the managers of those who
    did not come: only that, and not of what is closely held.
    """
    once = clock.now().isoformat()
    given = {Ground.LEAD_PROFESSIONAL: leads_of(meeting), Ground.CALLER: to_people(meeting.called_by)}
    if closely_held := any(case.sensitivity for case in chairing.cases_of(meeting)):
        given[Ground.HUB] = NOBODY
    tell(actor=actor, event=NOT_HELD, about=about_meeting(meeting), given=given, once=once)
    if closely_held:
        return
    found = (
        select(Team.id, Team.manager_id, Team.agency_id)
        .join(Agency, Agency.id == Team.agency_id)
        .join(Invitation, Invitation.agency_id == Agency.id)
        .where(
            Invitation.meeting_id == meeting.id,
            Invitation.withdrawn_at.is_(None),
            Agency.sector.in_(lacking),
            Team.active,
            or_(Invitation.team_id == Team.id, Invitation.user_id.in_(_people_of(Team.id))),
        )
        .distinct()
    )
    for team in db.session.execute(found):
        manages = to_people(*([team.manager_id] if team.manager_id else managers_of(team.agency_id)))
        about = About("team", team.id, meeting.reference)
        tell(actor=actor, event=DID_NOT_COME, about=about, given={Ground.MANAGER: manages}, once=once)


def _people_of(team_id: SQLColumnExpression[UUID]) -> Select[UUID]:
    return select(TeamMember.user_id).where(TeamMember.team_id == team_id)


def _were_there(meeting: Meeting) -> set[UUID | None]:
    """The people who took part, as far as they are known by name."""
    there = [one for one in _invited(meeting) if one.attendance in TOOK_PART]
    return {one.comes_id or one.user_id for one in there}


def missing_sectors(*, meeting: Meeting) -> tuple[Sector, ...]:
    """The required sectors of which nobody took part, by what is marked."""
    return missing([Sector(one) for one in meeting.required_sectors], _for_quorum(meeting))


def _write(meeting: Meeting, marks: Mapping[UUID, Marking], *, everyone: bool) -> None:
    rows = [row for row in _invited(meeting, lock=True) if everyone or row.id in marks]
    wanted = {row.id: marks[row.id].now if row.id in marks else Mark.of(row) for row in rows}
    nameless = {row.id for row in rows if row.team_id and not row.comes_id and wanted[row.id] != Mark.of(row)}
    if faults := _faults(wanted, nameless, everyone=everyone):
        raise BadMarks(faults)
    _refuse_both(rows, marks)
    for row in rows:
        marking = marks.get(row.id)
        if marking is None or marking.now in {marking.seen, Mark.of(row)}:
            continue
        row.attendance = marking.now.attendance
        row.attendance_note = marking.now.note or None
        row.version += 1
        audit.record("meeting:attend", meeting, invitation=str(row.id), attendance=row.attendance)
    db.session.flush()


def _check_quorum(meeting: Meeting, reason: str) -> tuple[Sector, ...]:
    """The required sectors of which nobody took part. Doing without them is a choice with a reason."""
    lacking = missing_sectors(meeting=meeting)
    if not lacking:
        meeting.quorum_reason = None  # said before somebody came after all
    elif reason.strip():
        meeting.quorum_reason = reason.strip()
    if lacking and not meeting.quorum_reason:
        names = ", ".join(sector.label for sector in lacking)
        raise DomainError(
            f"Nobody took part for: {names}. Say why the meeting was held without them, or move the meeting",
            field="quorum_reason",
        )
    return lacking


def _faults(wanted: Mapping[UUID, Mark], nameless: Collection[UUID], *, everyone: bool) -> dict[UUID, str]:
    """What is wrong, by invitation.

    Args:
        nameless: where a team was invited, and nobody has said who comes for it: that it was there says of no
            person that they were.
    """
    faults = {}
    for invitation_id, mark in wanted.items():
        if mark.attendance is None:
            if everyone:
                faults[invitation_id] = "mark how they took part"
        elif mark.attendance in ASKS_FOR_WORDS and not mark.note.strip():
            faults[invitation_id] = f"say {ASKS_FOR_WORDS[mark.attendance]}"
        elif invitation_id in nameless and mark.attendance in _IN_THE_ROOM and not mark.note.strip():
            faults[invitation_id] = "name who came for the team"
    return faults


def _refuse_both(rows: Sequence[Invitation], marks: Mapping[UUID, Marking]) -> None:
    """Two people marked the same person differently: neither is lost."""
    theirs, mine = dict[str, str](), dict[str, str]()
    for row in rows:
        marking = marks.get(row.id)
        kept = Mark.of(row)
        if marking and marking.now not in {marking.seen, kept} and kept != marking.seen:
            theirs[str(row.id)] = kept.words
            mine[str(row.id)] = marking.now.words
    if theirs:
        raise Conflict(
            "Somebody else marked some people while you were working on this. Look at both and save again",
            Versions(theirs=theirs, mine=mine),
        )


def _invited(meeting: Meeting, *, lock: bool = False) -> Sequence[Invitation]:
    found = select(Invitation).filter_by(meeting_id=meeting.id, withdrawn_at=None).order_by(Invitation.id)
    return db.session.scalars(found.with_for_update() if lock else found).all()


def _for_quorum(meeting: Meeting) -> list[Invited]:
    found = (
        select(Agency.sector, Invitation.reply, Invitation.attendance, Invitation.withdrawn_at)
        .select_from(Invitation)
        .outerjoin(Agency, Agency.id == Invitation.agency_id)
        .where(Invitation.meeting_id == meeting.id)
    )
    return [
        Invited(
            sector=Sector(sector) if sector else None,
            reply=InvitationReply(reply),
            attendance=Attendance(attendance) if attendance else None,
            withdrawn=withdrawn is not None,
        )
        for sector, reply, attendance, withdrawn in db.session.execute(found)
    ]
