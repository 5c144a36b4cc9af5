"""Copies of minutes, opened on the sharing ledger, and the corrections that their readers ask for."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy import text as text_of

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import insert_now, insert_once
from portal.deadlines.rules import due
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, by_ground, tell, to_people, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.model import new_id
from portal.policy import current_policy
from portal.records.by_hand.facts import owed_of_meeting
from portal.records.cases.model import Involvement
from portal.records.disclosures.ledger import open_given, put_on_ledger
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.meetings.chairing import find_on, live_invitations
from portal.records.meetings.external_copies import barred, children_invited
from portal.records.meetings.model import Invitation, Meeting, MeetingHandout
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import MinutesCopy, MinutesCorrection, MinutesIssue
from portal.records.minutes.vocabulary import CORRECTION_ANSWERED, CORRECTION_ASKED, MinutesKind
from portal.records.minutes.writing import require_minutes, require_state
from portal.records.people.model import Team, User


def give(
    *,
    actor: Principal,
    meeting: Meeting,
    issue: MinutesIssue,
    event: Event,
    invitations: Iterable[Invitation] = (),
    teams: Iterable[Team] = (),
) -> int:
    """Give an issue to people and teams, each with its line on the ledger, and tell them at once.

    The words are read at the link alone, until policy `limits.request_reach` is over; a line on the ledger
    names no child, so that knowing of one lasts no longer than that.

    Args:
        event: what is told with it; those who work on the case read it there anyway.

    Returns:
        How many copies were given.
    """
    given, about = 0, about_issue(issue)
    on_case = _on_case(issue)
    for invitation in invitations:
        people = _still_there(invitation)
        ledger = _Receiver(
            agency_id=invitation.agency_id,
            team_id=None if people else invitation.team_id,
            person_id=people[0] if people else None,
        )
        _write(actor, meeting, issue, ledger, invitation_id=invitation.id)
        whom = to_people(*people) | to_teams(None if invitation.user_id else invitation.team_id)
        tell(actor=actor, event=event, about=about, given=_by_ground(whom, on_case))
        given += 1
    for team in teams:
        ledger = _Receiver(agency_id=team.agency_id, team_id=team.id, person_id=None)
        _write(actor, meeting, issue, ledger, team_id=team.id)
        tell(actor=actor, event=event, about=about, given=_by_ground(to_teams(team.id), on_case))
        given += 1
    return given


def _still_there(invitation: Invitation) -> list[UUID]:
    """Whoever is invited by name and whoever comes for them or their team, as far as they are there still."""
    named = [one for one in (invitation.user_id, invitation.comes_id) if one is not None]
    found = select(User.id).where(User.id.in_(named), User.active, User.agency_id == invitation.agency_id)
    there = set(db.session.scalars(found)) if named else set()
    return [one for one in named if one in there]


def _on_case(issue: MinutesIssue) -> Whom:
    """The teams that work on the case of an issue, and who does there."""
    working = select(Involvement.team_id, Involvement.worker_id).where(
        Involvement.case_id == issue.case_id, Involvement.ended_at.is_(None)
    )
    found = db.session.execute(working).all()
    return to_teams(*(one.team_id for one in found)) | to_people(*(one.worker_id for one in found))


def _by_ground(whom: Whom, on_case: Whom) -> dict[Ground, Whom]:
    elsewhere = whom - on_case
    return {Ground.RECIPIENT: elsewhere, Ground.WORKER: whom - elsewhere}


def open_copies(*, actor: Principal, issue: MinutesIssue) -> bool:
    """Note that the actor opens minutes that were given to them or to their team. The first opening is kept
    on each copy and confirms its line on the ledger; every later one is an audit row.

    Returns:
        Whether it was the first opening of a copy.
    """
    first = open_given(actor=actor, copies=MinutesCopy, which=MinutesCopy.issue_id == issue.id)
    audit.record("minutes:open", issue, case_id=issue.case_id, first=first)
    return first


def about_issue(issue: MinutesIssue) -> About:
    """What a message about minutes points at."""
    return About(kind="minutes_issue", id=issue.id, reference=issue.reference, case_id=issue.case_id)


class _Receiver(NamedTuple):
    """Who receives a copy, as the ledger says it."""

    agency_id: UUID | None
    team_id: UUID | None
    person_id: UUID | None


def _write(actor: Principal, meeting: Meeting, issue: MinutesIssue, to: _Receiver, **whose: UUID) -> None:
    copy = MinutesCopy(
        issue_id=issue.id,
        given_by=actor.user_id,
        given_at=clock.now(),
        reach_until=due(current_policy().clocks.limits.request_reach, clock.now()),
        disclosure_id=None if to.person_id == actor.user_id else _put_on_ledger(actor, meeting, issue, to),
        **whose,
    )
    insert_now(copy)
    audit.record(
        "minutes:give",
        copy,
        case_id=issue.case_id,
        issue=str(issue.id),
        invitation=str(copy.invitation_id or ""),
        team=str(copy.team_id or ""),
    )


def _put_on_ledger(actor: Principal, meeting: Meeting, issue: MinutesIssue, to: _Receiver) -> UUID:
    kind = MinutesKind(issue.kind)
    return put_on_ledger(
        actor=actor,
        case_id=issue.case_id,
        **to._asdict(),
        decision=SharingDecision.SHARE,
        reason=f"Minutes of meeting {meeting.reference}: {kind.label.lower()}",
        words=f"Minutes {issue.reference} of meeting {meeting.reference}. They are read at their own page.",
    )


def invitations_with_accounts(meeting: Meeting, *, by_name: bool = False) -> list[Invitation]:
    """The invitations that stand and are of people with accounts. Whoever has left the agency since is given
    nothing; whoever comes for them is.

    Args:
        by_name: only those that name a person, for what is on a sealed child.
    """
    found = select(Invitation).where(
        Invitation.meeting_id == meeting.id,
        Invitation.withdrawn_at.is_(None),
        Invitation.agency_id.is_not(None),
        or_(
            Invitation.user_id.is_(None),
            exists().where(
                or_(User.id == Invitation.user_id, User.id == Invitation.comes_id),
                User.active,
                User.agency_id == Invitation.agency_id,
            ),
        ),
    )
    if by_name:
        found = found.where(Invitation.user_id.is_not(None))
    return list(db.session.scalars(found.order_by(Invitation.invited_at, Invitation.id)))


def ask(
    *,
    actor: Principal,
    issue: MinutesIssue,
    text: str,
    item_id: UUID | None = None,
    once: UUID | None = None,
) -> MinutesCorrection:
    """Ask that minutes which one may read be put right. After approval it is a note beside them.

    Args:
        item_id: the heading that it is about, one of the issue.
        once: made when the page was made, so that sending the page twice asks once.

    Raises:
        DomainError: there is no text, or it is the version for the child and family.
        NotFound: the heading is another record's.
    """
    require(actor, "minutes:correct")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        raise DomainError("Ask for the correction in the professional version")
    text = require_text(text, "Say what is wrong and how it should be", field="text")
    if item_id is not None and str(item_id) not in {one["item_id"] for one in issue.content["items"]}:
        raise NotFound("There is no such heading in these minutes")
    correction = MinutesCorrection(
        id=once or new_id(),
        meeting_id=issue.meeting_id,
        case_id=issue.case_id,
        item_id=item_id,
        text=text,
        asked_by=actor.user_id,
        agency_id=actor.agency_id,
        asked_at=clock.now(),
    )
    if (asked := insert_once(correction)) is not correction:
        return asked
    _record("minutes:ask_correction", correction)
    given, about = _who_answers(issue), about_issue(issue)
    called = {Ground.CHAIR: "chairs the meeting or made its minutes"}
    tell(
        actor=actor,
        event=CORRECTION_ASKED,
        about=about,
        given=given,
        once=str(correction.id),
        called=called,
    )
    return correction


def settle(
    *, actor: Principal, meeting: Meeting, correction_id: UUID, taken: bool, answer: str
) -> MinutesCorrection:
    """Say what becomes of a correction; whoever asked hears. Taking it changes no text: that is written anew.

    Raises:
        Forbidden: the actor neither chairs the meeting nor takes its notes.
        NotFound: it is another meeting's.
        DomainError: the minutes are approved, it is answered already, or nothing is said to a refusal.
    """
    require_minutes(actor, "minutes:circulate", meeting)
    require_state(meeting, MeetingState.MINUTES_IN_DRAFT)
    correction = find_correction(meeting=meeting, correction_id=correction_id)
    if correction.settled_at is not None:
        raise DomainError("This correction is answered already")
    if not taken and not answer.strip():
        raise DomainError("Say why it is not taken", field="answer")
    correction.taken = taken
    correction.answer = answer.strip()
    correction.settled_by = actor.user_id
    correction.settled_at = clock.now()
    db.session.flush()
    _record("minutes:settle_correction", correction)
    tell_asker(actor=actor, meeting=meeting, correction=correction, event=CORRECTION_ANSWERED)
    return correction


def tell_asker(*, actor: Principal, meeting: Meeting, correction: MinutesCorrection, event: Event) -> None:
    """Tell whoever asked for a correction what became of it, in the draft that they had."""
    issue = last_issue(meeting=meeting, case_id=correction.case_id, kind=MinutesKind.DRAFT)
    if issue is not None:
        given, once = {Ground.ASKER: to_people(correction.asked_by)}, f"{correction.id}:{event.code}"
        tell(actor=actor, event=event, about=about_issue(issue), given=given, once=once)


def without_copy(*, meeting: Meeting) -> list[Invitation]:
    """Those invited who have no account and whom nobody has handed a version of the minutes, as far as is on
    record; but for those to whom nothing may be handed now, and a child to whom its own version is owed.
    """
    handed = select(MeetingHandout.invitation_id, MeetingHandout.case_id).where(
        MeetingHandout.meeting_id == meeting.id, MeetingHandout.issue_id.is_not(None)
    )
    rows = db.session.execute(handed).all()
    owed = owed_of_meeting(meeting_id=meeting.id, kind=MinutesIssue.__tablename__)
    theirs = {one.case_id for one in owed} | {one.case_id for one in rows if one.invitation_id is None}
    have = {one.invitation_id for one in rows} | {
        one.id for case_id in theirs for one in children_invited(meeting=meeting, case_id=case_id)
    }
    return [
        one
        for one in live_invitations(meeting.id)
        if one.external_name and one.id not in have and not barred(meeting=meeting, invitation=one)
    ]


def last_issue(*, meeting: Meeting, case_id: UUID | None, kind: MinutesKind) -> MinutesIssue | None:
    """The newest issue of one kind on a case, or on the whole meeting, that the person who asks may read."""
    return db.session.scalar(
        select(MinutesIssue)
        .where(
            MinutesIssue.meeting_id == meeting.id,
            MinutesIssue.case_id.is_not_distinct_from(case_id),
            MinutesIssue.kind == kind,
        )
        .order_by(MinutesIssue.number.desc())
        .limit(1)
    )


def find_correction(*, meeting: Meeting, correction_id: UUID) -> MinutesCorrection:
    """A correction of the minutes of this meeting that the person who asks may see.

    Raises:
        NotFound: there is none.
    """
    return find_on(MinutesCorrection, meeting, correction_id, "There is no such correction of these minutes")


def _who_answers(issue: MinutesIssue) -> dict[Ground, Whom]:
    """Chair and note-taker, and whoever made the issue; where none of them may see it any more, whoever leads
    the case, else the hub. Also for somebody who does not see the meeting.
    """
    found = by_ground(
        db.session.execute(text_of("select * from ctx.hear_of_correction(:issue)"), {"issue": issue.id})
    )
    given = {ground: found.get(ground, NOBODY) for ground in (Ground.CHAIR, Ground.LEAD_PROFESSIONAL)}
    return {**given, Ground.HUB: NOBODY} if found else given


def _record(action: str, correction: MinutesCorrection) -> None:
    audit.record(
        action,
        correction,
        case_id=correction.case_id,
        meeting=str(correction.meeting_id),
        taken=correction.taken,
    )
