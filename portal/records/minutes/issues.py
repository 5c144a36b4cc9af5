"""The minutes of a meeting on their way out: sent round as a draft, approved by the chair, distributed.

Each step makes what it sends stand: an issue is frozen, child by child, and never changed.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, insert_now
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Outsider, outside, tell
from portal.messages.vocabulary import Ground
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import check_transition
from portal.policy import Size
from portal.records.by_hand.facts import close_moot, owed_of_meeting
from portal.records.by_hand.rules import APPROVED
from portal.records.cases.model import Case, Involvement
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.meetings.chairing import dismiss, live_invitations
from portal.records.meetings.external_copies import barred
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.telling import about_meeting
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.minutes.copies import (
    about_issue,
    give,
    invitations_with_accounts,
    last_issue,
    tell_asker,
    without_copy,
)
from portal.records.minutes.meeting_levels import pass_on_levels
from portal.records.minutes.model import MinutesCorrection, MinutesIssue
from portal.records.minutes.reading.content import content_of, parts_of
from portal.records.minutes.vocabulary import (
    CORRECTION_LEFT,
    DISTRIBUTED,
    DRAFT_SENT,
    FOR_OUTSIDE,
    GIVEN,
    MinutesKind,
)
from portal.records.minutes.writing import require_minutes, require_state
from portal.records.people.model import Team
from portal.vocabulary import Sensitivity, Use

#: Who is asked for corrections: whoever took part, and whoever sent apologies.
ASKED_TO_CORRECT = frozenset(Attendance) - {Attendance.ABSENT}


def circulate(*, actor: Principal, meeting: Meeting, by_hand: Collection[UUID] = ()) -> list[MinutesIssue]:
    """Send a draft round to those who took part or sent apologies, and ask them for corrections. What has not
    changed since the last draft is not sent again.

    Args:
        by_hand: invitations of people without an account whom the actor tells of the draft themselves.

    Raises:
        Forbidden: the actor neither chairs the meeting nor takes its notes.
        DomainError: the minutes are not in draft, nothing is written in them, or they repeat held back words;
            or nothing may reach somebody who is to be told by hand.
    """
    cases = require_minutes(actor, "minutes:circulate", meeting)
    require_state(meeting, MeetingState.MINUTES_IN_DRAFT)
    to_tell = _without_account(meeting, by_hand)
    contents = _contents(meeting)
    if not contents:
        raise DomainError("Nothing is written in the minutes yet")
    _refuse_held(contents, cases)
    made = [
        new_issue(actor, meeting, MinutesKind.DRAFT, case_id, content)
        for case_id, content in contents.items()
        if not _is_last_draft(meeting, case_id, content)
    ]
    for issue in made:
        asked = [
            one
            for one in invitations_with_accounts(meeting, by_name=_is_sealed(cases, issue.case_id))
            if one.attendance and Attendance(one.attendance) in ASKED_TO_CORRECT
        ]
        give(actor=actor, meeting=meeting, issue=issue, event=DRAFT_SENT, invitations=asked)
    if made and to_tell:
        nobody = {Ground.RECIPIENT: NOBODY, Ground.WORKER: NOBODY}
        given = nobody | {Ground.OUTSIDE: outside(*(_as_outsider(meeting, one) for one in to_tell))}
        once = str(made[0].id)
        tell(actor=actor, event=DRAFT_SENT, about=about_meeting(meeting), given=given, once=once)
    finish_deadlines(subject=meeting, kind=DeadlineKind.MINUTES_DRAFT)
    return made


def _without_account(meeting: Meeting, chosen: Collection[UUID]) -> list[Invitation]:
    """Those who are to be told by hand: they took part or sent apologies, and nothing stands against it."""
    found = [
        one
        for one in live_invitations(meeting.id)
        if one.id in chosen
        and one.external_name
        and one.attendance
        and Attendance(one.attendance) in ASKED_TO_CORRECT
    ]
    if len(found) != len(set(chosen)):
        raise DomainError("Choose from those who took part or sent apologies", field="by_hand")
    for one in found:
        if why := barred(meeting=meeting, invitation=one):
            raise DomainError(why, field="by_hand")
    return found


def _as_outsider(meeting: Meeting, invitation: Invitation) -> Outsider:
    return Outsider(invitation.external_name or "", meeting_id=meeting.id, newest=True)


def approve(
    *,
    actor: Principal,
    meeting: Meeting,
    leave_open: bool = False,
    without: Collection[UUID] = (),
    reason: str = "",
) -> list[MinutesIssue]:
    """The chair approves the minutes as they stand: the text that goes out is frozen, child by child.

    Args:
        leave_open: corrections that nobody answered stay as notes beside the minutes.
        without: corrections that were taken and are not made, with which the minutes do without.
        reason: why; it stands beside each of them.

    Raises:
        Forbidden: the actor does not chair the meeting.
        DomainError: the minutes are not in draft or empty, or corrections are open, or taken and not made;
            or they repeat what may not be put into minutes.
    """
    cases = require_minutes(actor, "minutes:approve", meeting)
    require_state(meeting, MeetingState.MINUTES_IN_DRAFT)
    contents = _contents(meeting)
    if not contents:
        raise DomainError("Nothing is written in the minutes yet")
    _refuse_held(contents, cases)
    waiting = open_corrections(meeting=meeting)
    if waiting and not leave_open:
        raise DomainError(
            f"{waiting} {'correction is' if waiting == 1 else 'corrections are'} not answered. Answer first,"
            " or tick that they stay as notes beside the minutes",
            field="leave_open",
        )
    unmade = _unmade(meeting, _taken(meeting), contents)
    _leave_unmade(unmade, without, reason)
    check_transition(MeetingState(meeting.state), MeetingState.APPROVED)
    meeting.state = MeetingState.APPROVED
    count_change(meeting)
    made = [
        new_issue(actor, meeting, MinutesKind.PROFESSIONAL, case_id, content)
        for case_id, content in contents.items()
    ]
    finish_deadlines(subject=meeting, kind=DeadlineKind.MINUTES_DRAFT)
    for told in owed_of_meeting(meeting_id=meeting.id, kind=Meeting.__tablename__):
        close_moot(actor=actor, told=told, reason=APPROVED)
    audit.record("minutes:approve", meeting, left_open=waiting, not_made=len(unmade))
    for correction in [*db.session.scalars(_unanswered(meeting)), *unmade]:
        tell_asker(actor=actor, meeting=meeting, correction=correction, event=CORRECTION_LEFT)
    return made


def distribute(
    *,
    actor: Principal,
    meeting: Meeting,
    invitation_ids: Collection[UUID],
    teams: Collection[tuple[UUID, UUID]] = (),
) -> int:
    """The chair gives the approved minutes out, once. What is on a sealed child goes to named people only.
    The reach that the meeting gave to chair and note-taker ends with it. Those without an account, who have
    been handed none of them, the chair owes it to tell.

    Args:
        invitation_ids: whom of the invited.
        teams: pairs of a case and a team that works on it, whose copy is of the minutes on that child.

    Returns:
        How many copies were given.

    Raises:
        Forbidden: the actor does not chair the meeting.
        DomainError: the minutes are not approved, or are distributed already; nobody is chosen, or somebody
            who cannot have them.
    """
    cases = require_minutes(actor, "minutes:distribute", meeting)
    require_state(meeting, MeetingState.APPROVED)
    if not invitation_ids and not teams:
        raise DomainError("Choose who receives the minutes", field="to")
    known = {one.id for one in invitations_with_accounts(meeting)}
    on_it = {case_id: {team.id: team for team in teams_on(cases[case_id])} for case_id in cases}
    if not known.issuperset(invitation_ids) or any(
        team_id not in on_it.get(case_id, {}) for case_id, team_id in teams
    ):
        raise DomainError("Choose people who are invited, and teams that work on the case", field="to")
    given = 0
    for issue in issues_of(meeting=meeting, kind=MinutesKind.PROFESSIONAL):
        sealed = _is_sealed(cases, issue.case_id)
        given += give(
            actor=actor,
            meeting=meeting,
            issue=issue,
            event=GIVEN,
            invitations=[
                one for one in invitations_with_accounts(meeting, by_name=sealed) if one.id in invitation_ids
            ],
            teams=[on_it[case_id][team_id] for case_id, team_id in sorted(teams) if case_id == issue.case_id],
        )
        tell(actor=actor, event=DISTRIBUTED, about=about_issue(issue))
    to_tell = without_copy(meeting=meeting)
    outsiders = outside(*(_as_outsider(meeting, one) for one in to_tell))
    # While the chair runs the meeting still: their reach ends with it.
    tell(actor=actor, event=FOR_OUTSIDE, about=about_meeting(meeting), given={Ground.OUTSIDE: outsiders})
    if not given:
        raise DomainError("Choose who may have them: this child’s go to people by name", field="to")
    check_transition(MeetingState(meeting.state), MeetingState.DISTRIBUTED)
    finish_deadlines(subject=meeting, kind=DeadlineKind.MINUTES)
    audit.record("minutes:distribute", meeting, copies=given)
    meeting.state = MeetingState.DISTRIBUTED
    count_change(meeting)
    pass_on_levels(actor=actor, meeting=meeting, cases=cases.values())
    dismiss(meeting=meeting, cases=list(cases.values()))
    return given


def teams_on(case: Case) -> list[Team]:
    """The teams that may be given the minutes on a case: those that work on it and read it."""
    if case.sensitivity != Sensitivity.NORMAL:
        return []
    found = (
        select(Team)
        .join(Involvement, Involvement.team_id == Team.id)
        .where(Involvement.case_id == case.id, Involvement.ended_at.is_(None))
        .order_by(Team.name, Team.id)
    )
    return list(db.session.scalars(found))


def open_corrections(*, meeting: Meeting) -> int:
    """How many corrections nobody has answered."""
    return len(db.session.scalars(_unanswered(meeting)).all())


def unmade_corrections(*, meeting: Meeting) -> list[MinutesCorrection]:
    """The corrections that were taken, and whose words are still those of the draft that they correct: of the
    heading that one is about, else of everything on that child.
    """
    taken = _taken(meeting)
    return _unmade(meeting, taken, _contents(meeting)) if taken else []


def _taken(meeting: Meeting) -> Sequence[MinutesCorrection]:
    found = select(MinutesCorrection).filter_by(meeting_id=meeting.id, taken=True)
    return db.session.scalars(found.order_by(MinutesCorrection.asked_at, MinutesCorrection.id)).all()


def _unmade(
    meeting: Meeting,
    taken: Sequence[MinutesCorrection],
    contents: Mapping[UUID | None, Mapping[str, Any]],
) -> list[MinutesCorrection]:
    drafts = issues_of(meeting=meeting, kind=MinutesKind.DRAFT) if taken else []
    unmade = []
    for one in taken:
        read = (it for it in drafts if it.case_id == one.case_id and it.made_at <= one.asked_at)
        draft, now = next(read, None), contents.get(one.case_id)
        if draft and now and _about(one, draft.content) == _about(one, now):
            unmade.append(one)
    return unmade


def _about(correction: MinutesCorrection, content: Mapping[str, Any]) -> object:
    """The words that a correction is about."""
    if correction.item_id is None:
        return _said(content)
    return [one["text"] for one in content["items"] if one["item_id"] == str(correction.item_id)]


def _leave_unmade(unmade: Sequence[MinutesCorrection], without: Collection[UUID], reason: str) -> None:
    """Say beside each correction that is not made why the minutes are approved without it.

    Raises:
        DomainError: one of them was not chosen, or no reason is given.
    """
    if not unmade:
        return
    if any(one.id not in without for one in unmade):
        raise DomainError(
            "Corrections were taken, and what they are about was not changed. Change it in the record first,"
            " or tick each that the minutes do without",
            field="without",
        )
    reason = require_text(reason, "Say why the minutes do without them", field="reason", size=Size.NOTE)
    for one in unmade:
        one.unmade_reason = reason
    db.session.flush()


def _unanswered(meeting: Meeting) -> Select[MinutesCorrection]:
    return select(MinutesCorrection).filter_by(meeting_id=meeting.id, settled_at=None)


def issues_of(*, meeting: Meeting, kind: MinutesKind) -> list[MinutesIssue]:
    """The issues of one kind that the person who asks may read, the newest of each part first."""
    found = select(MinutesIssue).where(MinutesIssue.meeting_id == meeting.id, MinutesIssue.kind == kind)
    return list(db.session.scalars(found.order_by(MinutesIssue.number.desc(), MinutesIssue.id)))


def _contents(meeting: Meeting) -> dict[UUID | None, dict[str, Any]]:
    """What is written, part by part; a part in which nothing is written is left out."""
    found = {one: content_of(meeting=meeting, case_id=one) for one in parts_of(meeting=meeting)}
    return {
        case_id: content
        for case_id, content in found.items()
        if any(item["text"] for item in content["items"])
        or content["decisions"]
        or content["actions"]
        or content["reviewed"]
    }


def _refuse_held(contents: Mapping[UUID | None, Mapping[str, Any]], cases: Collection[UUID]) -> None:
    """Go on only if the minutes repeat nothing that may not be put into them.

    Raises:
        DomainError: they do.
    """
    for case_id, content in contents.items():
        written = [
            *(item["text"] for item in content["items"]),
            *(words for one in content["decisions"] for words in (one["text"], one["reason"])),
            *(one["what"] for one in content["actions"]),
            *(words for one in content["reviewed"] for words in (one["what"], one["words"])),
        ]
        check_no_restricted_quotes(
            texts={"": "\n".join(filter(None, written))},
            case_ids=[case_id] if case_id else list(cases),
            use=Use.CITE,
        )


def _is_last_draft(meeting: Meeting, case_id: UUID | None, content: Mapping[str, Any]) -> bool:
    last = last_issue(meeting=meeting, case_id=case_id, kind=MinutesKind.DRAFT)
    return last is not None and _said(last.content) == _said(content)


def _said(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "written_at"}


def _is_sealed(cases: Mapping[UUID, Case], case_id: UUID | None) -> bool:
    """Whether what is on a case, or on the whole meeting, is for people by name only."""
    return any(
        case.sensitivity == Sensitivity.SEALED for case in cases.values() if case_id in (None, case.id)
    )


def new_issue(
    actor: Principal, meeting: Meeting, kind: MinutesKind, case_id: UUID | None, content: dict[str, Any]
) -> MinutesIssue:
    """Freeze a version because of a step that the actor may take."""
    before = select(func.max(MinutesIssue.number)).where(
        MinutesIssue.meeting_id == meeting.id,
        MinutesIssue.case_id.is_not_distinct_from(case_id),
        MinutesIssue.kind == kind,
    )
    issue = MinutesIssue(
        reference=new_reference(Prefix.MINUTES),
        meeting_id=meeting.id,
        case_id=case_id,
        kind=kind,
        number=(db.session.scalar(before) or 0) + 1,
        content=content,
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    insert_now(issue)
    audit.record("minutes:issue", issue, case_id=case_id, kind=kind.value, number=issue.number)
    return issue
