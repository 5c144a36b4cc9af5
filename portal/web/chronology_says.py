"""What each kind of line of a child’s chronology says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from flask import url_for

from portal.policy import Policy
from portal.records.cases.presenter import level_words
from portal.records.children.vocabulary import StatementKind
from portal.records.closing.policy import Closing
from portal.records.concerns.policy import Concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.policy import Contributions, entry_label
from portal.records.entries.presenter.words import entry_page, moment_words
from portal.records.entries.reading.handling_restrictions import bounds_of
from portal.records.entries.rules.details import Detail, details_of
from portal.records.entries.rules.handling_restrictions import Bounds
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.missing.policy import Missing
from portal.records.missing.vocabulary import MissingStatus, StrategyAnswer
from portal.records.orders.policy import Orders
from portal.vocabulary import CaseState, Handling, RiskLevel
from portal.web.filters import day, moment


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one kind of line says: its title, its words, and what is said in fields beside them."""

    title: str
    words: Sequence[str] = ()
    details: Sequence[Detail] = ()
    critical: str | None = None
    conditions: str = ""
    readers: str = ""
    link: str = ""
    called: str = ""  # what the link is called, where it has no reference


def bounds_of_line(row: Any) -> Bounds:
    return bounds_of(row.said.get("conditions"), row.said.get("grading"))


def _readers(row: Any) -> str:
    match row.said["handling"]:
        case Handling.AGENCIES:
            return f"Only {', '.join((row.agency, *row.said['listed']))}"
        case Handling.OWN:
            return f"Only {row.agency}"
        case _:
            return Handling.NETWORK.label


def _entry(row: Any, policy: Policy) -> Said:
    said = row.said
    corrected = f"Corrected: {said['correction_reason']}" if said["correction_reason"] else ""
    return Said(
        title=entry_label(policy, said["kind"]),
        words=[said["text"], corrected],
        details=details_of(policy.of(Contributions).kinds.get(said["kind"]), said["details"]),
        critical=moment_words(policy, _Marked(said["critical_moment"], said["moment"])),
        conditions=bounds_of_line(row).in_words,
        readers=_readers(row),
        link=entry_page(row.case_reference, row.at, row.id),
        called="Entry",
    )


@dataclass(frozen=True)
class _Marked:
    critical_moment: str | None
    moment: str | None


def _episode(row: Any, policy: Policy) -> Said:
    said, lists = row.said, policy.of(Missing)
    back = said["returned_at"]
    until = f", until {moment(datetime.fromisoformat(back))}" if back else ". Not back yet"
    pairs = (
        ("from", "From", lists.places.label(said["place"])),
        ("grade", "Police grade", lists.grades.label(said["grade"])),
        ("found", "How found", lists.findings.label(said["found"])),
        ("where", "Where", said["found_where"]),
        ("with", "With", said["found_with"]),
        ("injuries", "Injuries or harm", said["injuries"]),
    )
    return Said(
        title=f"{MissingStatus(said['status']).short} from {moment(row.at)}{until}",
        words=[said["words"]],
        details=[Detail(code, label, text) for code, label, text in pairs if text],
    )


def _interview(row: Any, _policy: Policy) -> Said:
    said = row.said
    if said["held"]:
        by = f" by {said['interviewer']}" if said["interviewer"] else ""
        return Said(title="Return home interview held", words=[f"Held{by}." if by else ""])
    title = (
        "Return home interview declined" if said["accepted"] is False else "Return home interview not held"
    )
    return Said(title=title, words=[said["reason"]])


def _assessment(row: Any, _policy: Policy) -> Said:
    screening = row.said["kind"] == "screening"
    return Said(
        title="Screening finalised" if screening else "Risk assessment finalised",
        words=[f"Level: {level_words(row.said['level'])}" if row.said["level"] else "", row.said["words"]],
    )


def _level(row: Any, _policy: Policy) -> Said:
    before, now = row.said["before"], RiskLevel(row.said["level"]).label
    title = f"Level from {level_words(before).lower()} to {now.lower()}" if before else f"Level {now.lower()}"
    return Said(title=title, words=[row.said["words"]], link=_levels(row), called="Levels")


def _nothing_changes(row: Any, _policy: Policy) -> Said:
    title = "Looked at after a critical moment: the risk assessment stands"
    return Said(title=title, words=[row.said["words"]])


def _meeting(row: Any, policy: Policy) -> Said:
    return Said(title=f"{policy.meetings.kinds.label(row.said['kind'])} held")


def _decision(row: Any, _policy: Policy) -> Said:
    said = row.said
    outcome = MeetingOutcome(said["outcome"]).label if said["outcome"] else ""
    return Said(title=f"Decided: {outcome}" if outcome else "Decided", words=[said["words"], said["reason"]])


def _panel_decision(row: Any, _policy: Policy) -> Said:
    return Said(title="Decided by the district panel", words=[row.said["words"], row.said["reason"]])


def _action(row: Any, policy: Policy) -> Said:
    effect = policy.plans.effects.label(row.said["effect"])
    return Said(
        title="Action done",
        words=[row.said["what"], row.said["words"], f"What came of it: {effect}" if effect else ""],
    )


def _safety_plan(row: Any, _policy: Policy) -> Said:
    said = row.said
    until = f"Until {day(date.fromisoformat(said['until']))}." if said["until"] else ""
    agrees = "The child agrees." if said["child_agrees"] else "The child does not agree."
    first = said["edition"] == 1
    title = "Safety plan in force" if first else "Safety plan changed"
    return Said(title=title, words=[f"{until} {agrees}".strip()])


def _process(row: Any, policy: Policy) -> Said:
    kind = policy.of(LinkedProcesses).processes.get(row.said["kind"])
    their = f"{kind.reference}: {row.said['their']}" if kind and row.said["their"] else ""
    title = f"{kind.label if kind else row.said['kind']} began"
    return Said(title=title, words=[row.said["words"], their])


def _process_step(row: Any, policy: Policy) -> Said:
    kind = policy.of(LinkedProcesses).processes.get(row.said["kind"])
    step = kind.steps.label(row.said["step"]) if kind else row.said["step"]
    late = f"Late: it was due by {moment(datetime.fromisoformat(row.said['due_at']))}"
    return Said(
        title=f"{kind.label if kind else row.said['kind']}: {step}",
        words=[row.said["words"], late if row.said["late"] else ""],
    )


def _process_ended(row: Any, policy: Policy) -> Said:
    kind = policy.of(LinkedProcesses).processes.get(row.said["kind"])
    outcome = kind.outcomes.label(row.said["outcome"]) if kind else row.said["outcome"]
    title = f"{kind.label if kind else row.said['kind']} ended"
    return Said(title=title, words=[outcome or "", row.said["words"]])


def _strategy(row: Any, _policy: Policy) -> Said:
    answer = StrategyAnswer(row.said["answer"]).label
    return Said(title="After repeated episodes", words=[answer, row.said["words"]])


def _status(row: Any, policy: Policy) -> Said:
    return Said(title=f"Status: {policy.people.statuses.label(row.said['status'])}", words=[_until(row)])


def _statement(row: Any, _policy: Policy) -> Said:
    return Said(title=StatementKind(row.said["kind"]).label, words=[row.said["value"], _until(row)])


def _until(row: Any) -> str:
    ends = row.said["ends_on"]
    return f"Until {day(date.fromisoformat(ends))}" if ends else ""


def _link(row: Any, policy: Policy) -> Said:
    said = row.said
    role = policy.of(Concerns).roles.label(said["role"])
    ended = "No longer so." if said["ended_at"] else ""
    return Said(
        title=f"{ConcernKind(said['kind']).label}: {said['name']}",
        words=[role, said["words"], ended],
        readers=_readers(row),
    )


def _order(row: Any, policy: Policy) -> Said:
    said = row.said
    until = f"Until {day(date.fromisoformat(said['until']))}" if said["until"] else ""
    return Said(
        title=f"{policy.of(Orders).types.label(said['kind'])}: {said['name']}", words=[said["words"], until]
    )


def _told(row: Any, _policy: Policy) -> Said:
    return Said(
        title=f"Passed on to {row.said['receiver']}",
        words=[row.said["words"] or ""],
        conditions=bounds_of_line(row).in_words,
    )


def _answer(row: Any, _policy: Policy) -> Said:
    said = row.said
    words = "Nothing held." if said["nothing"] else said["words"]
    return Said(
        title="Answer to a question",
        words=[f"Asked: {said['question']}", words],
        readers="" if said["nothing"] else _readers(row),
    )


def _alert(row: Any, policy: Policy) -> Said:
    ended = "Ended since." if row.said["ended_at"] else ""
    return Said(
        title=f"Alert: {policy.cases.alerts.label(row.said['kind'])}", words=[row.said["words"], ended]
    )


def _opened(row: Any, _policy: Policy) -> Said:
    return Said(title="Case opened", words=[row.said["words"]])


def _ended(row: Any, policy: Policy) -> Said:
    said = row.said
    reason = policy.of(Closing).reasons.label(said["reason"])
    return Said(title=f"Case {CaseState(said['kind']).label.lower()}", words=[reason, said["words"]])


def _reopened(row: Any, _policy: Policy) -> Said:
    return Said(title="Case reopened", words=[row.said["words"]])


def _levels(row: Any) -> str:
    return url_for("assessments.levels", reference=row.case_reference) if row.case_reference else ""


SAYS: Mapping[str, Callable[[Any, Policy], Said]] = MappingProxyType(
    {
        "entry": _entry,
        "episode": _episode,
        "interview": _interview,
        "assessment": _assessment,
        "level": _level,
        "nothing_changes": _nothing_changes,
        "meeting": _meeting,
        "decision": _decision,
        "panel_decision": _panel_decision,
        "action": _action,
        "safety_plan": _safety_plan,
        "process": _process,
        "process_step": _process_step,
        "process_ended": _process_ended,
        "strategy": _strategy,
        "status": _status,
        "statement": _statement,
        "link": _link,
        "order": _order,
        "told": _told,
        "answer": _answer,
        "alert": _alert,
        "opened": _opened,
        "ended": _ended,
        "reopened": _reopened,
    }
)
