"""Preparing a meeting: its agenda, the papers on each child, and reports of whoever is invited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.permissions import permitted
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.texts import require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.extensions import db
from portal.model import new_id
from portal.pathway.states import COMING_MEETING_STATES
from portal.policy import current_policy
from portal.policy.telling import AgendaHeading, MeetingOn
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER
from portal.records.meetings.model import AgendaItem, Invitation, Meeting, MeetingCase, MeetingPaper
from portal.records.meetings.telling import tell_on_cases
from portal.records.meetings.vocabulary import AGENDA_CHANGED, MeetingState
from portal.records.minutes.model import Decision, MeetingDraft, Minute
from portal.records.requests.asking import ask, asking_facts, is_sealed
from portal.records.requests.model import InformationRequest


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
    """Who is invited and was not asked for a report yet, for each case on which the actor may ask."""
    invited = [one for one in chairing.live_invitations(meeting.id) if one.role not in {CHAIR, NOTE_TAKER}]
    found = [
        _whom(actor, case, invited, _asked(meeting, case), sealed=is_sealed(child_id=case.child_id))
        for case in chairing.cases_of(meeting)
        if _may_ask(actor, case)
    ]
    return [one for one in found if one.everyone]


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
_OPEN_STATES = frozenset({MeetingState.DUE, MeetingState.BOOKED, MeetingState.HELD})


def start_agenda(actor: Principal, meeting: Meeting) -> None:
    """Give a meeting that was just called the headings of policy `meetings.agenda`; one that has some keeps
    them. Those for each child that follow each other stand together under that child.
    """
    if _items(meeting):
        return
    cases = _case_ids(meeting)
    on = MeetingOn.CASES if cases else MeetingOn.DISTRICT
    headings = [one for one in current_policy().meetings.agenda.offered if on in one.on]
    for position, (case_id, heading) in enumerate(_in_order(headings, cases), start=1):
        db.session.add(
            AgendaItem(
                id=new_id(), meeting_id=meeting.id, case_id=case_id, position=position, heading=heading.label
            )
        )
    db.session.flush()
    audit.record("agenda:start", meeting, by=str(actor.user_id))


def add_item(*, actor: Principal, meeting: Meeting, heading: str, case_id: UUID | None = None) -> AgendaItem:
    """Put a heading at the end; on one child, it follows that child.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: there are no words, they stand there already, or the minutes are approved.
        NotFound: the meeting is not on that case.
    """
    _may_change(actor, meeting, also=MeetingState.MINUTES_IN_DRAFT)
    words = _words(heading)
    case = chairing.case_of(meeting=meeting, case_id=case_id) if case_id else None
    items = _items(meeting)
    if any(one.heading == words and one.case_id == case_id for one in items):
        raise DomainError("This heading is on the agenda already", field="heading")
    item = AgendaItem(
        meeting_id=meeting.id,
        case_id=case.id if case else None,
        position=max((one.position for one in items), default=0) + 1,
        heading=words,
    )
    insert_now(item)
    _changed(actor, meeting, item, "agenda:add", case=case)
    return item


def reword_item(*, actor: Principal, meeting: Meeting, item_id: UUID, heading: str, version: int) -> None:
    """Say a heading in other words.

    Raises:
        Forbidden: the actor does not run the meeting.
        Conflict: somebody changed it meanwhile.
        DomainError: there are no words, or the agenda is closed.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting)
    item = find_item(meeting=meeting, item_id=item_id)
    words = _words(heading)
    lock(item, version, lambda now: {"heading": now.heading}, mine={"heading": words})
    item.heading = words
    count_change(item)
    _changed(actor, meeting, item, "agenda:reword")


def move_item(*, actor: Principal, meeting: Meeting, item_id: UUID, up: bool) -> None:
    """Change places with the heading before or after. The first cannot go up, nor the last down: they stay.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the agenda is closed.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting)
    item = find_item(meeting=meeting, item_id=item_id)
    items = _items(meeting)
    here = items.index(item)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(items):
        return
    other = items[there]  # only these two move: headings on a child whom one does not reach stay between
    item.position, other.position = other.position, item.position
    db.session.flush()
    _changed(actor, meeting, item, "agenda:move", up=up)


def remove_item(*, actor: Principal, meeting: Meeting, item_id: UUID) -> None:
    """Take a heading off. What it said stays in the trail only as its id: a heading may name somebody.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the agenda is closed, or something was recorded under the heading.
        NotFound: the heading is another meeting's, or gone.
    """
    _may_change(actor, meeting)
    item = find_item(meeting=meeting, item_id=item_id)
    if _is_recorded(item):
        raise DomainError("Something was recorded under this heading, so it stays on the agenda")
    db.session.delete(item)
    db.session.flush()
    _changed(actor, meeting, item, "agenda:remove")


def _changed(actor: Principal, meeting: Meeting, item: AgendaItem, verb: str, **details: Any) -> None:
    """A row in the trail, and until the meeting is held news: of a heading on one child on its case alone."""
    audit.record(verb, meeting, item=str(item.id), **details)
    if MeetingState(meeting.state) in COMING_MEETING_STATES:
        tell_on_cases(actor=actor, meeting=meeting, event=AGENDA_CHANGED, case_id=item.case_id)


def find_item(*, meeting: Meeting, item_id: UUID) -> AgendaItem:
    """A heading of this meeting.

    Raises:
        NotFound: it is another's, or gone.
    """
    return chairing.find_on(AgendaItem, meeting, item_id, "There is no such heading on this agenda")


def is_open(meeting: Meeting) -> bool:
    """Whether the agenda can still be changed."""
    return MeetingState(meeting.state) in _OPEN_STATES


def _is_recorded(item: AgendaItem) -> bool:
    """Whether a minute, a decision or a line that somebody types stands under a heading."""
    stands = or_(
        exists().where(Minute.item_id == item.id),
        exists().where(Decision.item_id == item.id),
        exists().where(MeetingDraft.item_id == item.id, MeetingDraft.dropped_at.is_(None)),
    )
    return bool(db.session.scalar(select(stands)))


def _may_change(actor: Principal, meeting: Meeting, *, also: MeetingState | None = None) -> None:
    """What came up at the meeting is still added while it is written up; what was on the agenda stands."""
    chairing.require_running(actor, meeting)
    if not is_open(meeting) and meeting.state != also:
        raise DomainError("The agenda of this meeting is closed")
    lock_row(meeting)  # two people who move headings take turns


def _in_order(
    headings: Sequence[AgendaHeading], cases: Sequence[UUID]
) -> list[tuple[UUID | None, AgendaHeading]]:
    """Headings with the case that they are on: a run of headings for each child, child after child."""
    ordered: list[tuple[UUID | None, AgendaHeading]] = []
    run: list[AgendaHeading] = []
    for heading in (*headings, None):
        if heading is not None and heading.per_child:
            run.append(heading)
            continue
        ordered += [(case, one) for case in cases for one in run]
        run = []
        if heading is not None:
            ordered.append((None, heading))
    return ordered


def _items(meeting: Meeting) -> list[AgendaItem]:
    found = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
    return list(db.session.scalars(found.order_by(AgendaItem.position, AgendaItem.id)))


def _case_ids(meeting: Meeting) -> Sequence[UUID]:
    found = select(MeetingCase.case_id).join(Case, Case.id == MeetingCase.case_id)
    return db.session.scalars(
        found.where(MeetingCase.meeting_id == meeting.id).order_by(Case.opened_at, Case.id)
    ).all()


def _words(heading: str) -> str:
    return require_text(" ".join(heading.split()), "Write the heading", field="heading")
