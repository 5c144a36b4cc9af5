"""Calling a meeting with all that belongs to it: who is invited, papers that it can do without, reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.access.principal import Principal
from portal.records.cases.model import Case
from portal.records.meetings.calling import Plan, call_meeting, called_before
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.model import Meeting
from portal.records.meetings.papers import PaperMark, mark_paper
from portal.records.meetings.reports import Report, ask_for_reports
from portal.services.errors import DomainError


@dataclass(frozen=True)
class NotNeeded:
    """Papers that a meeting can do without, by their codes, and why."""

    papers: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Convened:
    """What was called, and how many were asked for a report."""

    meeting: Meeting
    asked: int = 0


def convene(
    *,
    actor: Principal,
    plan: Plan,
    cases: Sequence[Case] = (),
    district: str | None = None,
    invitees: Iterable[Invitee] = (),
    not_needed: NotNeeded | None = None,
    report: Report | None = None,
    once: UUID,
) -> Convened:
    """Call a meeting, say which papers it can do without, and ask whoever is invited for a report.

    Args:
        once: made when the page was made, so that sending the page twice does all this once.

    Raises:
        as `call_meeting`; DomainError also where a reason is missing, or nobody is there to be asked.
    """
    called = called_before(actor=actor, once=once)
    meeting = call_meeting(
        actor=actor, plan=plan, cases=cases, district=district, invitees=invitees, once=once
    )
    if called:
        return Convened(meeting)
    _do_without(actor, meeting, cases, not_needed)
    return Convened(meeting, len(_ask(actor, meeting, report)) if report else 0)


def _do_without(actor: Principal, meeting: Meeting, cases: Sequence[Case], rest: NotNeeded | None) -> None:
    if rest is None or not rest.papers:
        return
    if not rest.reason.strip():
        raise DomainError("Say why the other papers are not needed", field="papers_reason")
    for case in cases:
        for kind in rest.papers:
            mark_paper(
                actor=actor,
                meeting=meeting,
                case_id=case.id,
                kind=kind,
                mark=PaperMark.NOT_NEEDED,
                reason=rest.reason,
                version=0,
            )


def _ask(actor: Principal, meeting: Meeting, report: Report) -> Sequence[object]:
    try:
        return ask_for_reports(actor=actor, meeting=meeting, report=report)
    except DomainError as refused:
        if refused.field is None:
            raise DomainError("Nobody is invited who could be asked for a report", field="reports") from None
        raise
