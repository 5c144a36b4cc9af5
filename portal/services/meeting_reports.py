"""Asking whoever is invited to a meeting for a report: a question to each, due before the meeting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import select

from portal.access.permissions import permitted
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Case, InformationRequest, Invitation, Meeting
from portal.services.errors import DomainError
from portal.services.invitations import CHAIR, NOTE_TAKER
from portal.services.meeting_rules import live_invitations, require_ahead
from portal.services.requests import ask, asking_facts, is_sealed
from portal.services.running_meetings import cases_of, require_running


@dataclass(frozen=True)
class Report:
    """What is asked for a meeting, and why."""

    question: str
    why: str


@dataclass(frozen=True)
class Whom:
    """Whom a report on one case is asked of."""

    case: Case
    teams: tuple[UUID, ...]
    people: tuple[UUID, ...]

    def __len__(self) -> int:
        return len(self.teams) + len(self.people)


def ask_for_reports(*, actor: Principal, meeting: Meeting, report: Report) -> list[InformationRequest]:
    """Ask each team that is invited, and each person by name where no team of their agency is, for a report
    on each child. Whoever was asked for it before is not asked again, so that it can be sent twice.

    Left out are whoever only chairs or takes notes, the person who asks, and cases on which they may not ask.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the meeting is over, they may ask on none of its cases, nobody is left to be asked, or
            words are missing.
    """
    require_running(actor, meeting)
    require_ahead(meeting)
    cases = [case for case in cases_of(meeting) if may_ask(actor, case)]
    if not cases:
        raise DomainError(
            "Only the chair, the lead professional or a coordinator can ask for reports", field="reports"
        )
    wanted = still_to_ask(actor=actor, meeting=meeting, cases=cases)
    if not any(len(one) for one in wanted):
        raise DomainError("Everybody who is invited has been asked. Invite others first")
    made: list[InformationRequest] = []
    for one in wanted:
        if len(one):
            made += ask(
                actor=actor,
                child_id=one.case.child_id,
                case=one.case,
                meeting=meeting,
                teams=one.teams,
                people=one.people,
                question=report.question,
                why=report.why,
                once=uuid5(meeting.id, "report"),
            )
    return made


def may_ask(actor: Principal, case: Case) -> bool:
    """Whether somebody may ask for a report on a case."""
    return permitted(actor, "request:ask", asking_facts(actor=actor, case=case))


def still_to_ask(*, actor: Principal, meeting: Meeting, cases: Sequence[Case]) -> list[Whom]:
    """Who is invited and was not asked for a report yet, case by case."""
    invited = [one for one in live_invitations(meeting.id) if one.role not in {CHAIR, NOTE_TAKER}]
    return [
        _whom(actor, case, invited, _asked(meeting, case), sealed=is_sealed(child_id=case.child_id))
        for case in cases
    ]


def _whom(
    actor: Principal, case: Case, invited: Iterable[Invitation], asked: set[UUID], *, sealed: bool
) -> Whom:
    """Teams, and people by name of agencies without a team; on a sealed case only people."""
    invited = list(invited)
    by_team = {} if sealed else {one.team_id: one.agency_id for one in invited if one.team_id}
    people = {
        one.user_id
        for one in invited
        if one.user_id and one.user_id != actor.user_id and one.agency_id not in by_team.values()
    }
    return Whom(
        case,
        tuple(one for one in by_team if one not in asked),
        tuple(sorted(people - asked)),
    )


def _asked(meeting: Meeting, case: Case) -> set[UUID]:
    """Teams and people who were asked for a report on this case for this meeting."""
    rows = db.session.execute(
        select(InformationRequest.asked_team_id, InformationRequest.asked_user_id).where(
            InformationRequest.meeting_id == meeting.id, InformationRequest.case_id == case.id
        )
    )
    return {one for row in rows for one in row if one is not None}
