"""What a meeting recorded and decided, in words, and what a review looks back on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from portal.policy import current_policy, policy_of
from portal.records.assessments import reading as assessments
from portal.records.assessments.policy.section import Assessment
from portal.records.assessments.presenter.page import changed_since
from portal.records.assessments.presenter.words import level_steps
from portal.records.assessments.rules import Change
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.vocabulary import MeetingOutcome, Stance
from portal.vocabulary import RiskLevel

STANCE_TAGS = {Stance.AGREES: "green", Stance.DISSENTS: "red", Stance.NO_PART: "grey"}


@dataclass(frozen=True)
class Share:
    """One agency's part in a decision."""

    agency: str
    words: str
    tag: str
    why: str
    escalation: str


@dataclass(frozen=True)
class Decided:
    """One decision with what belongs to it."""

    row: Any
    outcome: str
    shares: Sequence[Share]
    actions: Sequence[Any]

    @property
    def dissents(self) -> list[Share]:
        """Who did not agree."""
        return [one for one in self.shares if one.tag == STANCE_TAGS[Stance.DISSENTS]]

    @property
    def agreed(self) -> list[str]:
        """Who agreed."""
        return [one.agency for one in self.shares if one.tag == STANCE_TAGS[Stance.AGREES]]


@dataclass(frozen=True)
class LevelLine:
    """One level that a meeting came to."""

    row: Any
    label: str
    before: str
    waits: bool
    refused: bool


@dataclass
class Recorded:
    """What was decided on one child, or on the whole meeting."""

    decisions: list[Decided] = field(default_factory=list)
    withdrawn: list[Decided] = field(default_factory=list)
    actions: list[Any] = field(default_factory=list)  # those that carry out no decision
    levels: list[LevelLine] = field(default_factory=list)
    next_on: date | None = None

    @property
    def outcome(self) -> str:
        """How the case goes on; empty while nothing says so."""
        return next((one.row.outcome for one in self.decisions if one.row.outcome), "")

    @property
    def steps_without_level(self) -> bool:
        """Whether the outcome is a step, and no level was decided with it."""
        stepped = self.outcome in {MeetingOutcome.STEP_UP, MeetingOutcome.STEP_DOWN}
        return stepped and not any(not one.refused for one in self.levels)


@dataclass(frozen=True)
class LookBack:
    """What a review looks back on: the meeting before, what is still to be done, and how the level went."""

    before: Any
    decisions: Sequence[Decided]
    next_on: date | None
    carried: Sequence[Any]
    levels: Sequence[Mapping[str, Any]]
    changed: Sequence[Change]
    assessment: str


def recorded(meeting_id: UUID) -> Mapping[UUID | None, Recorded]:
    """Everything that was decided at a meeting and that one may read, by case."""
    found: dict[UUID | None, Recorded] = defaultdict(Recorded)
    shares, acts = defaultdict(list), defaultdict(list)
    for row in minutes.parts(meeting_id=meeting_id):
        shares[row.decision_id].append(_share(row))
    for row in minutes.actions(meeting_id=meeting_id):
        if row.decision_id:
            acts[row.decision_id].append(row)
        else:
            found[row.case_id].actions.append(row)
    for row in minutes.decisions(meeting_id=meeting_id):
        one = Decided(row, _outcome(row.outcome), shares[row.id], acts[row.id])
        of = found[row.case_id]
        (of.withdrawn if row.withdrawn_at else of.decisions).append(one)
    for row in minutes.levels(meeting_id=meeting_id):
        found[row.case_id].levels.append(_level(row))
    for case_id, next_on in minutes.next_dates(meeting_id=meeting_id).items():
        found[case_id].next_on = next_on
    return found


def look_back(meeting: Any, child: Any) -> LookBack | None:
    """What was before this meeting on a child; None where there is nothing to look back on."""
    before = minutes.meeting_before(meeting_id=meeting.id, case_id=child.case_id)
    carried = minutes.carried(meeting_id=meeting.id, case_id=child.case_id)
    if before is None and not carried:
        return None
    last = assessments.last_finalised(case_id=child.case_id)
    return LookBack(
        before=before,
        decisions=recorded(before.id)[child.case_id].decisions if before else (),
        next_on=before.next_on if before else None,
        carried=carried,
        levels=level_steps(assessments.levels(case_id=child.case_id)),
        changed=_changed(last) if last else (),
        assessment=last.reference if last else "",
    )


def _changed(assessment: Any) -> Sequence[Change]:
    tool = (policy_of(assessment.policy_version) or current_policy()).of(Assessment)
    answers = assessments.answers(assessment_id=assessment.id)
    return changed_since(assessment, tool, answers)


def _share(row: Any) -> Share:
    stance = Stance(row.stance)
    return Share(row.agency, stance.label, STANCE_TAGS[stance], row.words, row.escalation)


def _level(row: Any) -> LevelLine:
    return LevelLine(
        row,
        RiskLevel(row.level).label,
        RiskLevel(row.before).label if row.before else "None yet",
        waits=row.settled_at is None,
        refused=row.settled_at is not None and not row.accepted,
    )


def _outcome(code: str | None) -> str:
    return MeetingOutcome(code).label if code else ""
