"""Preparing a meeting: the papers on each child, and reports of whoever is invited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.permissions import permitted
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import count_change, lock, lock_row
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.children.model import Child
from portal.records.meetings import chairing
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER, Invitee
from portal.records.meetings.model import Invitation, Meeting, MeetingPaper
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import Agency, Team
from portal.records.requests.asking import ask, asking_facts, is_sealed
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Role, Sector, Sensitivity


class PaperMark(StrEnum):
    """What is said of a paper."""

    THERE = "there"
    MISSING = "missing"
    NOT_NEEDED = "not_needed"


def mark_paper(
    *,
    actor: Principal,
    meeting: Meeting,
    case_id: UUID,
    kind: str,
    mark: PaperMark,
    reason: str = "",
    version: int,
) -> MeetingPaper:
    """Say that a paper on one child is there, is missing after all, or is not needed.

    Args:
        kind: a code of policy `meetings.papers` that is not asked of agencies.
        reason: why it is not needed.
        version: of the paper as it was shown; 0 when nothing had been said of it.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case, or it is not theirs to read.
        Conflict: somebody else said something of it meanwhile.
        DomainError: there is no such paper, no reason, or the meeting was cancelled.
    """
    chairing.require_running(actor, meeting)
    case = chairing.case_of(meeting=meeting, case_id=case_id)
    rule = current_policy().meetings.papers.get(kind)
    if rule is None or rule.from_agency:
        raise DomainError("Choose a paper of this meeting")
    if MeetingState(meeting.state) is MeetingState.CANCELLED:
        raise DomainError("This meeting was cancelled")
    if mark is PaperMark.NOT_NEEDED and not reason.strip():
        raise DomainError("Say why it is not needed", field="reason")
    paper = _paper(meeting, case, kind)
    if not lock(
        paper,
        version,
        lambda now: {rule.label: words(now)},
        same=lambda now: standing(now) is mark and (now.not_needed_reason or "") == reason.strip(),
        mine={rule.label: _label(mark, reason)},
    ):
        return paper  # a form that is sent twice
    there = mark is PaperMark.THERE
    paper.received_at = clock.now() if there else None
    paper.received_by = actor.user_id if there else None
    paper.not_needed_reason = reason.strip() if mark is PaperMark.NOT_NEEDED else None
    count_change(paper)
    audit.record("meeting:paper", meeting, case=case, kind=kind, mark=mark.value)
    return paper


def standing(paper: MeetingPaper) -> PaperMark:
    """What is said of a paper now."""
    if paper.received_at is not None:
        return PaperMark.THERE
    return PaperMark.NOT_NEEDED if paper.not_needed_reason else PaperMark.MISSING


def words(paper: MeetingPaper) -> str:
    """The same for people."""
    return _label(standing(paper), paper.not_needed_reason or "")


def _label(mark: PaperMark, reason: str) -> str:
    if mark is PaperMark.NOT_NEEDED:
        return f"Not needed: {reason.strip()}"
    return "It is there" if mark is PaperMark.THERE else "Missing"


def _paper(meeting: Meeting, case: Case, kind: str) -> MeetingPaper:
    """The one paper of a kind on a child: its id is made of the three, so that two people make one row."""
    paper_id = uuid5(meeting.id, f"paper:{case.id}:{kind}")
    db.session.execute(
        insert(MeetingPaper)
        .inline()
        .values(id=paper_id, meeting_id=meeting.id, case_id=case.id, kind=kind, version=0)
        .on_conflict_do_nothing()
    )
    return db.session.get_one(MeetingPaper, paper_id)


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

    @property
    def everyone(self) -> tuple[UUID, ...]:
        """Both together."""
        return self.teams + self.people


def ask_for_reports(*, actor: Principal, meeting: Meeting, report: Report) -> list[InformationRequest]:
    """Ask each team that is invited, and each person by name where no team of their agency is, for a report
    on each child. Whoever was asked for it before is not asked again; of two who ask at once, the second
    finds whom the first has left.

    Left out are whoever only chairs or takes notes, the person who asks, and cases on which they may not ask.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the meeting is over, they may ask on none of its cases, nobody is left to be asked, or
            words are missing.
    """
    chairing.require_running(actor, meeting)
    chairing.require_ahead(meeting)
    if not any(_may_ask(actor, case) for case in chairing.cases_of(meeting)):
        raise DomainError(
            "Only the chair, the lead professional or a coordinator can ask for reports", field="reports"
        )
    lock_row(meeting)
    wanted = reports_to_ask(actor=actor, meeting=meeting)
    if not wanted:
        raise DomainError("Everybody who is invited has been asked. Invite others first")
    made: list[InformationRequest] = []
    for one in wanted:
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


def reports_to_ask(*, actor: Principal, meeting: Meeting) -> list[Whom]:
    """Who is invited and was not asked for a report yet, for each case on which the actor may ask.

    A question says who the child is. Whoever is invited because of one child is not asked of another whose
    case is restricted: of that child only those are who work on the case or read it by name.
    """
    invited = [one for one in chairing.live_invitations(meeting.id) if one.role not in {CHAIR, NOTE_TAKER}]
    cases = chairing.cases_of(meeting)
    found = [
        _whom(
            actor,
            case,
            [one for one in invited if one.team_id in teams or one.user_id in people],
            _asked(meeting, case),
            sealed=is_sealed(child_id=case.child_id),
        )
        for case in cases
        if _may_ask(actor, case)
        for teams, people in [_who_knows(case, invited, alone=len(cases) == 1)]
    ]
    return [one for one in found if one.everyone]


#: Whoever runs a meeting reads each case that it is on until the minutes are given out (design, section 5).
_RUNS = {
    CHAIR: ", who chairs and would read the whole case",
    NOTE_TAKER: ", who takes the notes and would read the whole case",
}


def who_learns(*, cases: Sequence[Case], invitees: Iterable[Invitee]) -> list[tuple[Case, list[str]]]:
    """By name who of those to be invited to a meeting on several children does not read a case of it that is
    closely held; for each such case. Whoever is invited is told who each child is, and whoever chairs or
    takes the notes reads the whole of each case. A team that works on such a case has the notice alone
    (`ctx.rescope_case`).
    """
    found, invitees = [], list(invitees)
    for case in cases if len(cases) > 1 else ():
        if case.sensitivity != Sensitivity.NORMAL:
            new = [_called(one) for one in invitees if not _reads(one, case)]
            found += [(case, new)] if new else []
    return found


def _reads(one: Invitee, case: Case) -> bool:
    """Whether somebody reads a case that is closely held: by name, or at the hub one that is not sealed."""
    if one.person is not None and one.person.id in set(db.session.scalars(_named_on(case))):
        return True
    of_hub = Role.COORDINATOR in one.person.roles if one.person is not None else _at_hub(one.team)
    return of_hub and case.sensitivity != Sensitivity.SEALED


def _at_hub(team: Team | None) -> bool:
    return team is not None and db.session.get_one(Agency, team.agency_id).sector == Sector.HUB


def _named_on(case: Case) -> Select[Any]:
    return select(AccessGrant.user_id).where(
        AccessGrant.case_id == case.id,
        or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now()),
    )


def _called(one: Invitee) -> str:
    whose = one.person or one.team
    if whose is None:
        return one.name
    agency = db.session.get_one(Agency, whose.agency_id).name
    return f"{whose.name} ({agency}{_RUNS.get(one.role, '')})"


def child_of(case: Case) -> str:
    """The name of the child of a case that one reads."""
    child = db.session.get_one(Child, case.child_id)
    return f"{child.given_name} {child.family_name}"


def _who_knows(
    case: Case, invited: Iterable[Invitation], *, alone: bool
) -> tuple[set[UUID | None], set[UUID | None]]:
    """Of teams and people who are invited, those who may be asked of the child of a case."""
    if alone or case.sensitivity == Sensitivity.NORMAL:
        return {one.team_id for one in invited} - {None}, {one.user_id for one in invited} - {None}
    return _on_it(case)


def _on_it(case: Case) -> tuple[set[UUID | None], set[UUID | None]]:
    """The teams that work on a case, and the people who do by name."""
    works = select(Involvement.team_id, Involvement.worker_id).where(
        Involvement.case_id == case.id, Involvement.ended_at.is_(None)
    )
    rows = db.session.execute(works).all()
    named = _named_on(case).where(AccessGrant.kind == GrantKind.NAMED)
    people = {case.lead_professional_id, *(row.worker_id for row in rows), *db.session.scalars(named)}
    return {row.team_id for row in rows}, people - {None}


def _may_ask(actor: Principal, case: Case) -> bool:
    return permitted(actor, "request:ask", asking_facts(actor=actor, case=case))


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


#: From the minutes on, what was on the agenda is on record.
