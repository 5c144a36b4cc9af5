"""The end of a case in words: what it is decided on, what has to be done first, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.changes.errors import Versions
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Policy
from portal.records.cases.model import Case
from portal.records.closing.checks import OUTCOME_FOR, Standing, closure_of, open_actions
from portal.records.closing.model import CaseClosure
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import ClosureGround, ClosureKind, LeftOver
from portal.records.people.model import User
from portal.records.plans.model import Action
from portal.vocabulary import CaseState, RiskLevel
from portal.web.conflict import Difference
from portal.web.filters import moment


@dataclass(frozen=True)
class Ended:
    """How a case ended, or that somebody asks that it end."""

    title: str
    why: str
    words: str
    follow_up: str
    reopen_if: str
    by: str
    waits: bool
    minutes_reason: str  # why before the minutes were approved; empty where they were
    undone_reason: str  # why with what nobody did yet; empty where there was nothing
    level_reason: str  # why at the level that it has; empty where that was not asked
    actions: Sequence[dict[str, str]]  # what became of those that were open; none while somebody asks


def ground_words(kind: ClosureKind, found: Standing) -> str:
    """On what ground the case can end now."""
    if found.decision is not None and found.decision.outcome == OUTCOME_FOR[kind]:
        return "The last meeting decided it. It takes effect at once."
    if kind is ClosureKind.TRANSFERRED:
        return "No meeting decided it. It waits until a second person agrees."
    return (
        "No exploitation was found and there was no meeting. It waits until a second person agrees, who did"
        " not assess the child."
    )


def not_ready(case: Case, kind: ClosureKind, found: Standing) -> tuple[str, ...]:
    """What has to be done before a case can end, as sentences."""
    if case.state not in OPEN_CASE_STATES:
        return ("This case has ended. Reopen it if something is new",)
    first = list(found.in_the_way)
    decided = found.decision is not None and found.decision.outcome == OUTCOME_FOR[kind]
    if kind is ClosureKind.CLOSED:
        if not decided and not found.never_found:
            first.append("A meeting has to decide to close the case, with its reason")
        if not found.in_time:
            first.append("The last risk assessment is too old, or there is none. Assess again")
    elif found.hand_over is None:
        first.append("The hand-over to the other area has to be written and finalised")
    return tuple(first)


def end_words(closure: CaseClosure) -> str:
    """What is said once somebody has ended a case, or asked for it."""
    if closure.closed_at is None:
        return "Asked. A second person has to agree before anything changes"
    return "The case is closed" if closure.kind == ClosureKind.CLOSED else "The case is transferred"


def actions_in_words(case: Case, closure: CaseClosure) -> list[dict[str, str]]:
    """What becomes of every open action, as whoever asked says."""
    return [
        {
            "key": one.what,
            "value": _settled(closure.left_over.get(str(one.id))),
        }
        for one in open_actions(case)
    ]


def ended(case: Any, policy: Policy) -> Ended | None:
    """How a case ended, from the head of its page; None while nothing is said about its end."""
    found = case.ending
    if not found:
        return None
    waits = found["closed_at"] is None
    state = CaseState(found["kind"]).label
    title = (
        f"Somebody asks that this case end: {state.lower()}"
        if waits
        else f"{state} on {_day(found['closed_at'])}{_at_level(case)}"
    )
    by = f"{'Asked by' if waits else 'By'} {found['asked_by']}"
    if found["second"]:
        by += f", and {found['second']} agreed"
    by += f". {ClosureGround(found['ground']).label}"
    if found["meeting"]:
        by += f" ({found['meeting']})"
    return Ended(
        title=title,
        why=policy.of(Closing).reasons.label(found["reason"]),
        words=found["words"],
        follow_up=", ".join(filter(None, found["follow_up"])),
        reopen_if=found["reopen_if"],
        by=by,
        waits=waits,
        minutes_reason=found["minutes_reason"],
        undone_reason=found["undone_reason"],
        level_reason=found["level_reason"],
        actions=() if waits else _became(case),
    )


def _at_level(case: Any) -> str:
    """The level that a case ended at, which it keeps: what it ended for may sound otherwise."""
    none = {None, RiskLevel.NONE}
    return "" if case.level in none else f", at the level {RiskLevel(case.level).label}"


def level_words(found: Standing) -> list[str]:
    """The level that a case would end at, and who did not agree to a lower one or took it back."""
    if found.level is None:
        return []
    said = [f"The level is {found.level.label.lower()}."]
    if (refused := found.refused) is not None and refused.settled_at is not None:
        who, lower = db.session.get_one(User, refused.settled_by).name, RiskLevel(refused.level).label.lower()
        why = f": {refused.settle_reason}" if refused.settle_reason else "."
        what = f"took {lower} back" if refused.taken_back else f"did not agree to {lower}"
        said.append(f"{who} {what} on {moment(refused.settled_at)}{why}")
    return said


def _became(case: Any) -> list[dict[str, str]]:
    closure = closure_of(case)
    left_over = closure.left_over if closure else {}
    if not left_over:
        return []
    found = select(Action).where(Action.id.in_(left_over)).order_by(Action.due_on, Action.id)
    return [
        {"key": one.what, "value": one.covered_by or _settled(left_over[str(one.id)])}
        for one in db.session.scalars(found)
    ]


def reopened(case: Any) -> str:
    """When, by whom and why an open case was reopened last; empty where it never ended."""
    found = case.reopening
    if not found or case.state not in OPEN_CASE_STATES:
        return ""
    return f"Reopened on {_day(found['at'])} by {found['by']}: {found['reason']}"


def differences(form: Any, versions: Versions) -> Sequence[Difference]:
    """The fields in which two people wrote otherwise, each with its question."""
    return [
        Difference(str(form[name].label.text), theirs or "Nothing", versions.mine.get(name) or "Nothing")
        for name, theirs in versions.theirs.items()
        if name in form
    ]


def _settled(said: dict[str, str] | None) -> str:
    if said is None:
        return "Given since this was asked"
    return ": ".join(filter(None, (LeftOver(said["becomes"]).label, said["words"])))


def _day(written: str) -> str:
    day = clock.local(datetime.fromisoformat(written)).date()
    return f"{day.day} {day:%B %Y}"
