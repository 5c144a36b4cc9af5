"""What stands at the head of every part of a case: the parts, the way from the form to the end, and the
case at a glance: what is due next and for whom, what is late, who works on it, plan and meetings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import request, url_for

from portal import clock
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy import Policy, current_policy
from portal.queries.rows import Rows
from portal.records.cases.presenter import Duty, level_words, strip_item
from portal.records.cases.reading import records as case_records
from portal.records.entries.reading import case_page
from portal.records.meetings.presenter.words import CaseMeetings
from portal.records.missing.presenter.running import with_missing
from portal.records.safety_plans.presenter import Standing, standing
from portal.vocabulary import CaseState, Labelled
from portal.web.due_presenter import overdue_by
from portal.web.filters import brief_day, day, lower_first, moment


@dataclass(frozen=True)
class Met:
    """A meeting that is next or was last."""

    reference: str
    kind: str
    when: str


@dataclass(frozen=True)
class Glance:
    """What stands at the head of the page and the print of a case."""

    next_duty: Duty | None
    late: Sequence[Duty]
    agencies: Sequence[str]
    teams: int
    next_meeting: Met | None
    last_meeting: Met | None
    plan: str
    plan_late: int
    safety: Standing | None


def glance(case: Any, policy: Policy, *, owed: Sequence[Duty], network: Sequence[Any]) -> Glance:
    """Of the row of `portal.records.entries.reading.case_page.head`, what is owed and who works on it."""
    met = CaseMeetings.of(case)
    coming = next(iter(met.to_come), None)
    return Glance(
        next_duty=next((one for one in owed if not one.overdue), None),
        late=[one for one in owed if one.overdue],
        agencies=list(dict.fromkeys(one.agency for one in network)),
        teams=len(network),
        next_meeting=_met(coming, policy, moment) if coming else None,
        last_meeting=_met(met.last, policy, day) if met.last else None,
        plan=_actions(case.actions["open"]),
        plan_late=case.actions["overdue"],
        safety=standing(case.safety_plan) if case.safety_plan else None,
    )


def _met(meeting: Any, policy: Policy, when: Any) -> Met:
    return Met(meeting.reference, policy.meetings.kinds.label(meeting.kind), when(meeting.starts_at))


def _actions(number: int) -> str:
    if not number:
        return "No action to do"
    return f"{number} action{'' if number == 1 else 's'} to do"


#: Counting stops here, and a part says “99+”.
MANY = 99


@dataclass(frozen=True)
class Part:
    """One part of a case, with how much is in it where that is counted."""

    text: str
    href: str
    current: bool
    count: str


#: The endpoints that stand below each part, beside the part itself.
_WITHIN = {
    "Overview": ("cases.show",),
    "Chronology": ("children.chronology",),
    "Assessment and level": ("assessments.levels",),
    "Plan": ("plans.show", "plans.print_plan", "plans.safety_plans_of_case"),
    "Meetings": ("cases.meetings",),
    "Missing": ("missing.of_child", "return_interviews.of_child"),
    "Places and people": ("cases.network",),
    "Sharing": ("cases.sharing", "cases.who_was_told", "disclosures.ledger"),
    "Files": ("cases.files",),
    "Manage": ("cases.manage",),
}


def parts(case: Any) -> list[Part]:
    """The overview and the nine parts of a case, of a row of `case_page.head`."""
    here = {"reference": case.reference}
    child = case.child_reference
    addresses = {
        "Overview": (url_for("cases.show", **here), 0),
        "Chronology": (url_for("children.chronology", reference=child), case.entries),
        "Assessment and level": (url_for("assessments.levels", **here), 0),
        "Plan": (url_for("plans.show", **here), case.actions["open"]),
        "Meetings": (url_for("cases.meetings", **here), 0),
        "Missing": (url_for("missing.of_child", child_reference=child), case.missing["listed"]),
        "Places and people": (url_for("cases.network", **here), case.links),
        "Sharing": (url_for("cases.sharing", **here), 0),
        "Files": (url_for("cases.files", **here), 0),
        "Manage": (url_for("cases.manage", **here), 0),
    }
    return [
        Part(text, href, request.endpoint in _WITHIN[text], f"{MANY}+" if count > MANY else str(count or ""))
        for text, (href, count) in addresses.items()
    ]


def frame_of(cases: Rows) -> dict[str, Any]:
    """The head of the parts of a case, for a page of its child: of the case that is open, or was last.

    Args:
        cases: the child's that one reads, open ones first (`portal.records.cases.reading.records.cases_of`).
    """
    case = case_page.head(reference=cases[0].reference) if cases else None
    if case is None:
        return {"case": None}
    policy = current_policy(case.authority)
    alerts = [strip_item(one, policy) for one in case_records.alerts_in(cases)]
    return {
        "case": case,
        "case_parts": parts(case),
        "alert_strip": with_missing(case.missing_now, alerts),
    }


class StepState(Labelled):
    """How far a step of the pathway has come."""

    DONE = "done", "Done"
    NOW = "now", "Under way"
    LATE = "late", "Late"
    TO_COME = "to_come", "To come"
    LEFT = "left", "Not done"


@dataclass(frozen=True)
class PathwayStep:
    """A step of the way from the form to the end, with its day or what is to be done."""

    label: str
    when: str
    state: StepState


def pathway(case: Any, owed: Sequence[Duty]) -> list[PathwayStep]:
    """The eight steps of a case since it was opened, or reopened last: what was done before is in its
    chronology. Of a row of `case_page.head` and what is owed on it.
    """
    now, met = clock.now(), CaseMeetings.of(case, since=case.reopened_at)
    due = {one.kind: one for one in reversed(owed)}  # the earliest of each kind
    over = CaseState(case.state) in {CaseState.CLOSED, CaseState.TRANSFERRED}
    assessed = _ended(case, "assessment")
    steps = [
        PathwayStep("Concern shared", brief_day(case.shared_at or case.opened_at), StepState.DONE),
        _opened(case),
        _step("Assess", case.assessed_at, due.get(DeadlineKind.ASSESSMENT), assessed, now),
        _level(case),
        _step("First meeting", met.first, due.get(DeadlineKind.MEETING), _ended(case, "meeting"), now),
        _plan(case, over=over),
        _step("Review", None, due.get(DeadlineKind.REVIEW), None, now),
    ]
    if not over:
        return [*steps, PathwayStep("Close", "a meeting decides", StepState.TO_COME)]
    done = [
        one if one.state is StepState.DONE else replace(one, when="not done", state=StepState.LEFT)
        for one in steps
    ]
    if len(met.over) > 1:
        done[-1] = PathwayStep("Review", "ended", StepState.DONE)
    return [*done, _closed(case)]


def _closed(case: Any) -> PathwayStep:
    return PathwayStep("Close", brief_day(case.closed_at), StepState.DONE)


def _opened(case: Any) -> PathwayStep:
    if case.reopened_at is not None:
        return PathwayStep("Reopened", brief_day(case.reopened_at), StepState.DONE)
    return PathwayStep("Triage", brief_day(case.opened_at), StepState.DONE)


def _level(case: Any) -> PathwayStep:
    if not case.level:
        return PathwayStep("Level set", "to come", StepState.TO_COME)
    decided = datetime.fromisoformat(case.levels[-1]["at"]) if case.levels else None
    if case.reopened_at is not None and (decided is None or decided < case.reopened_at):
        return PathwayStep("Level set", f"{lower_first(level_words(case.level))} before", StepState.TO_COME)
    words = f"{brief_day(case.level_since)}, {lower_first(level_words(case.level))}"
    return PathwayStep("Level set", words, StepState.DONE)


#: When a duty was due, and when it was met.
Ended = tuple[datetime, datetime]


def _step(
    label: str, done: datetime | None, owed: Duty | None, ended: Ended | None, now: datetime
) -> PathwayStep:
    # A duty may have been met before what now stands on record, or by something that does not.
    done = min((one for one in (done, ended and ended[1]) if one is not None), default=None)
    if done is not None:
        late = overdue_by(ended[0], ended[1]) if ended else ""
        return PathwayStep(label, f"{brief_day(done)}{f', {late} late' if late else ''}", StepState.DONE)
    if owed is None:
        return PathwayStep(label, "to come", StepState.TO_COME)
    late = overdue_by(owed.due_at, now)
    if late:
        return PathwayStep(label, f"{late} late", StepState.LATE)
    return PathwayStep(label, f"by {brief_day(owed.due_at)}", StepState.NOW)


def _ended(case: Any, kind: str) -> Ended | None:
    """When a duty of the case was due and when it was met; None where it was not, or was never owed."""
    found = (case.met or {}).get(kind)
    if not found:
        return None
    return datetime.fromisoformat(found["due"]), datetime.fromisoformat(found["ended"])


def _plan(case: Any, *, over: bool) -> PathwayStep:
    number, late = case.actions["open"], case.actions["overdue"]
    if over and case.planned:
        return PathwayStep("Plan", "ended", StepState.DONE)
    if late:
        return PathwayStep(
            "Plan", f"{late} of {number} action{'' if number == 1 else 's'} late", StepState.LATE
        )
    if number:
        return PathwayStep("Plan", f"{number} action{'' if number == 1 else 's'} to do", StepState.NOW)
    return PathwayStep("Plan", "no action to do", StepState.TO_COME)
