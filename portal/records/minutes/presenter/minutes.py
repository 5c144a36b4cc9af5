"""Minutes in words: what was recorded and decided, child by child, and an issue as it was frozen, with the
alerts at its head: who was given them without the case sees what they ask, and not why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal import clock
from portal.policy import current_policy, policy_of
from portal.records.assessments import reading as assessments
from portal.records.assessments.policy import Assessment
from portal.records.assessments.presenter import changed_since, level_lines
from portal.records.assessments.rules import Change
from portal.records.children.presenter import full_name
from portal.records.entries.presenter.citation import Cited, cited_in
from portal.records.entries.vocabulary import CitationHolder
from portal.records.meetings.presenter.day import alert_strip
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.rules import attended_by
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter.reviews import Reviewed, in_words
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.vocabulary import OVERTAKEN, MeetingOutcome, MinutesKind, Stance
from portal.records.safety_plans.reading import ended_with
from portal.vocabulary import RiskLevel
from portal.web.filters import born_day, clock_time, day, moment

#: What stands with an alert for whoever does not read the case.
WHY = "The reason is on the case. If you need to know it, ask whoever chaired the meeting"


def strip(issue: MinutesIssue) -> list[dict[str, Any]]:
    """On the page of some minutes: all that stands in an alert for whoever reads the case; for everybody else
    what those ask that change what people may do.
    """
    read = [
        child
        for child in meetings.children(meeting_id=issue.meeting_id)
        if child.case_id and issue.case_id in {None, child.case_id}
    ]
    unread = {row.kind for row in minutes_issues.alerts_beside(issue=issue) if not row.reads}
    asked = [one | {"text": f"{one['text']}. {WHY}"} for one in _asked(unread)]
    return [*alert_strip(read), *asked]


def paper_strip(issue: MinutesIssue) -> list[dict[str, Any]]:
    """On paper the same for everybody, for it is passed on: what is asked, and no word of why."""
    return _asked(row.kind for row in minutes_issues.alerts_beside(issue=issue))


def _asked(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """What alerts of some kinds ask, in the order of policy, as `ui.alert_strip` shows it."""
    standing = set(kinds)
    return [
        {"label": one.label, "text": one.hint}
        for one in current_policy().cases.alerts
        if one.code in standing and one.warns
    ]


CORRECTION_TAGS = {None: "yellow", True: "green", False: "red"}

#: What minutes on no one child are.
ON_THE_WHOLE = (
    "These are the minutes on the whole meeting. What was said and decided on one child alone is not in them."
)

#: The parts of the family’s version, in its own words.
FAMILY_PARTS = (
    ("minute", "What we talked about"),
    ("decision", "What we decided"),
    ("action", "What happens next"),
)


@dataclass(frozen=True)
class Whole:
    """An issue as its page lays it out."""

    content: Mapping[str, Any]
    child: str
    born: str
    nhs_number: str | None
    when: str
    next_on: date | None
    actions: Sequence[Mapping[str, Any]]
    plan_ended: datetime | None


@dataclass(frozen=True)
class Listed:
    """One line of one’s own minutes."""

    reference: str
    what: str
    about: str
    given_at: datetime
    opened: bool


def kind_words(issue: Any) -> str:
    """Which version it is: “Draft 2 for corrections”."""
    kind = MinutesKind(issue.kind)
    if kind is MinutesKind.DRAFT:
        return f"Draft {issue.number} for corrections"
    return "Approved minutes" if kind is MinutesKind.PROFESSIONAL else kind.label


def came(copy: Any) -> str:
    """That the person who had answered an invitation came, where the record says no other name."""
    return "" if copy.attendance_note else attended_by(copy.attendance, None, copy.comes)


def whole(issue: MinutesIssue) -> Whole:
    """A draft or approved minutes."""
    content = issue.content
    child = content["child"] or {}
    met = content["meeting"]
    starts, ends = (datetime.fromisoformat(met[name]) for name in ("starts_at", "ends_at"))
    dob = date.fromisoformat(child["dob"]) if child.get("dob") else None
    plan = content.get("safety_plan")
    return Whole(
        content=content,
        child=" ".join(one for one in (child.get("given_name"), child.get("family_name")) if one),
        born=born_day(dob, is_estimate=bool(child.get("dob_is_estimate"))),
        nhs_number=child.get("nhs_number"),
        when=f"{moment(starts)} to {clock_time(ends)}",
        next_on=date.fromisoformat(content["next_on"]) if content["next_on"] else None,
        actions=[one | {"due_on": date.fromisoformat(one["due_on"])} for one in content["actions"]],
        plan_ended=datetime.fromisoformat(plan["ended_at"]) if plan else None,
    )


def for_family(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the child and family read: no more than these words."""
    return {
        "name": content["name"],
        "met_on": date.fromisoformat(content["met_on"]),
        "parts": [(title, content["parts"][kind]) for kind, title in FAMILY_PARTS if content["parts"][kind]],
    }


def own_lines(rows: Iterable[Any]) -> list[Listed]:
    """The minutes that somebody was given."""
    found = []
    for row in rows:
        child, met = row.child or {}, row.meeting or {}
        held = clock.local(datetime.fromisoformat(met["starts_at"])).date() if met.get("starts_at") else None
        found.append(
            Listed(
                reference=row.reference,
                what=kind_words(row),
                about=", ".join(
                    one
                    for one in (
                        " ".join(n for n in (child.get("given_name"), child.get("family_name")) if n)
                        or "The whole meeting",
                        met.get("kind", ""),
                        day(held) if held else "",
                    )
                    if one
                ),
                given_at=row.given_at,
                opened=row.opened,
            )
        )
    return found


def by_child(issues: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """The versions of a meeting, under each child; under no name for those on the whole of it."""
    found: dict[Any, tuple[str, list[Any]]] = {}
    for one in issues:
        name = f"{one.given_name} {one.family_name}" if one.given_name else ""
        found.setdefault(one.case_id, (name, []))[1].append(one)
    return sorted(found.values(), key=lambda part: (not part[0], part[0]))


def correction_words(row: Any, *, approved: bool) -> str:
    """What became of a correction."""
    if row.taken is None:
        return "Note beside the minutes" if approved else "Not answered yet"
    if row.taken and row.unmade_reason is not None:
        return "Taken, and not put into the minutes"
    return "Taken" if row.taken else "Not taken"


def is_approved(state: str) -> bool:
    """Whether the minutes of a meeting stand."""
    return MeetingState(state) in {MeetingState.APPROVED, MeetingState.DISTRIBUTED}


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
    overtaken: bool


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
    """What a review looks back on: the meeting before, and how the level went. Actions stand on their own."""

    before: Any
    decisions: Sequence[Decided]
    next_on: date | None
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
    if before is None:
        return None
    last = assessments.last_finalised(case_id=child.case_id)
    return LookBack(
        before=before,
        decisions=recorded(before.id)[child.case_id].decisions,
        next_on=before.next_on,
        levels=level_lines(assessments.levels(case_id=child.case_id)),
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
        overtaken=row.settle_reason.startswith(OVERTAKEN),
    )


def _outcome(code: str | None) -> str:
    return MeetingOutcome(code).label if code else ""


@dataclass(frozen=True)
class Said:
    """What was said under one heading, and what it cites."""

    item_id: UUID
    heading: str
    text: str
    cited: Sequence[Cited]


@dataclass(frozen=True)
class MinutesPart:
    """The minutes on one child, or on the whole meeting."""

    name: str
    child: Any
    items: Sequence[Said]
    said: Recorded
    last: Sequence[Reviewed] = ()
    plan: Any = None  # the safety plan that ended with the meeting

    @property
    def is_there(self) -> bool:
        """Whether anything is on record."""
        said = self.said
        return bool(
            self.items or self.last or said.decisions or said.withdrawn or said.actions or said.levels
        )


def _heard(rows: Iterable[Any], case_id: UUID | None) -> list[Reviewed]:
    return in_words(row for row in rows if row.case_id == case_id)


def minutes_of(meeting: Any, children: Sequence[Any]) -> list[MinutesPart]:
    """The parts of the minutes that one may read: the whole meeting first, then each child whose case one
    reads. A meeting on one child is one part, in the order of its agenda. The closed part is none of them.
    """
    rows = [row for row in minutes.headings(meeting_id=meeting.id) if row.version]
    last = minutes.reviews(meeting_id=meeting.id)
    found, by_case, plans = [], recorded(meeting.id), ended_with(meeting_id=meeting.id)
    is_alone = len(children) == 1 and bool(children[0].case_id)
    for child in [None, *(one for one in children if one.case_id)]:
        case_id = child.case_id if child else None
        own = [row for row in rows if row.case_id == case_id]
        if is_alone:
            own = rows if child else []
        cited = (
            cited_in(kind=CitationHolder.MINUTE, ids=[row.minute_id for row in own], case=child)
            if child and own
            else {}
        )
        items = [Said(row.id, row.heading, row.text, cited.get((row.minute_id, ""), ())) for row in own]
        name = full_name(child) if child else "The whole meeting"
        plan = plans.get(case_id) if case_id else None
        found.append(MinutesPart(name, child, items, by_case[case_id], _heard(last, case_id), plan))
    return [one for one in found if one.is_there or one.child]
