"""Copies of minutes: given to the invited and to teams of the network, on the sharing ledger, opened once."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.deadlines import due
from portal.policy import current_policy
from portal.records.disclosures.ledger_lines import put_on_ledger
from portal.records.disclosures.model.disclosures import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.meetings.model import Invitation, Meeting
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model.agencies import Team
from portal.services.messages import About, tell_people, tell_team


def give(
    *,
    actor: Principal,
    meeting: Meeting,
    issue: MinutesIssue,
    kind: str,
    invitations: Iterable[Invitation] = (),
    teams: Iterable[Team] = (),
) -> int:
    """Give an issue to people and teams, each with its line on the ledger, and tell them at once.

    The words are read at the link alone, until policy `limits.request_reach` is over; a line on the ledger
    names no child, so that knowing of one lasts no longer than that.

    Args:
        kind: of the message, a code of policy `reminders.kinds`.

    Returns:
        How many copies were given.
    """
    given = 0
    for invitation in invitations:
        people = {one for one in (invitation.user_id, invitation.comes_id) if one is not None}
        ledger = _Ledger(
            agency_id=invitation.agency_id,
            team_id=None if people else invitation.team_id,
            person_id=invitation.user_id or invitation.comes_id,
        )
        _write(actor, meeting, issue, ledger, invitation_id=invitation.id)
        tell_people(actor=actor, kind=kind, about=about_issue(issue), people=people)
        if invitation.team_id and not invitation.user_id:
            tell_team(actor=actor, kind=kind, about=about_issue(issue), team_id=invitation.team_id)
        given += 1
    for team in teams:
        ledger = _Ledger(agency_id=team.agency_id, team_id=team.id, person_id=None)
        _write(actor, meeting, issue, ledger, team_id=team.id)
        tell_team(actor=actor, kind=kind, about=about_issue(issue), team_id=team.id)
        given += 1
    return given


def open_copies(*, actor: Principal, issue: MinutesIssue) -> bool:
    """Note that the actor opens minutes that were given to them or to their team. The first opening is kept
    on each copy and confirms its line on the ledger; every later one is an audit row.

    Returns:
        Whether it was the first opening of a copy.
    """
    now = clock.now()
    opened = db.session.execute(
        update(MinutesCopy)
        .where(MinutesCopy.issue_id == issue.id, MinutesCopy.opened_at.is_(None))
        .values(opened_at=now, opened_by=actor.user_id)
        .returning(MinutesCopy.disclosure_id)
        .execution_options(synchronize_session=False)
    ).all()
    lines = [row.disclosure_id for row in opened if row.disclosure_id]
    if lines:
        db.session.execute(
            update(Disclosure)
            .where(Disclosure.id.in_(lines), Disclosure.confirmed_at.is_(None))
            .values(confirmed_at=now, confirmed_by=actor.user_id)
            .execution_options(synchronize_session=False)
        )
    audit.record(
        "minutes:open",
        subject_kind="minutes_issue",
        subject_id=issue.id,
        case_id=issue.case_id,
        first=bool(opened),
    )
    return bool(opened)


def about_issue(issue: MinutesIssue) -> About:
    """What a message about minutes points at."""
    return About(kind="minutes_issue", id=issue.id, reference=issue.reference, case_id=issue.case_id)


class _Ledger:
    """Who receives a copy, as the ledger says it."""

    def __init__(self, *, agency_id: UUID | None, team_id: UUID | None, person_id: UUID | None) -> None:
        self.agency_id, self.team_id, self.person_id = agency_id, team_id, person_id


def _write(actor: Principal, meeting: Meeting, issue: MinutesIssue, to: _Ledger, **whose: UUID) -> None:
    copy = MinutesCopy(
        id=new_id(),
        issue_id=issue.id,
        given_by=actor.user_id,
        given_at=clock.now(),
        reach_until=due(current_policy().clocks.limits.request_reach, clock.now()),
        disclosure_id=None if to.person_id == actor.user_id else _put_on_ledger(actor, meeting, issue, to),
        **whose,
    )
    db.session.add(copy)
    db.session.flush()
    audit.record(
        "minutes:give",
        subject_kind="minutes_copy",
        subject_id=copy.id,
        case_id=issue.case_id,
        issue=str(issue.id),
        invitation=str(copy.invitation_id or ""),
        team=str(copy.team_id or ""),
    )


def _put_on_ledger(actor: Principal, meeting: Meeting, issue: MinutesIssue, to: _Ledger) -> UUID:
    kind = MinutesKind(issue.kind)
    return put_on_ledger(
        actor=actor,
        case_id=issue.case_id,
        agency_id=to.agency_id,
        team_id=to.team_id,
        person_id=to.person_id,
        decision=SharingDecision.SHARE,
        reason=f"Minutes of meeting {meeting.reference}: {kind.label.lower()}",
        words=f"Minutes {issue.reference} of meeting {meeting.reference}. They are read at their own page.",
    )


def invitations_with_accounts(meeting: Meeting, *, by_name: bool) -> list[Invitation]:
    """The invitations that stand and are of people with accounts.

    Args:
        by_name: only those that name a person, for what is on a sealed child.
    """
    found = select(Invitation).where(
        Invitation.meeting_id == meeting.id,
        Invitation.withdrawn_at.is_(None),
        Invitation.agency_id.is_not(None),
    )
    if by_name:
        found = found.where(Invitation.user_id.is_not(None))
    return list(db.session.scalars(found.order_by(Invitation.invited_at, Invitation.id)))
