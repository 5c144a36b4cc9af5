"""A risk assessment and the levels of a case in words: sections, answers, changes, and levels over time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.changes.errors import Versions
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy import current_policy, policy_of
from portal.policy.validators import Term
from portal.policy.work import LevelRule
from portal.records.assessments import reading as assessments
from portal.records.assessments.policy import Assessment, Sign
from portal.records.assessments.rules import Change, Given, changes, lacks_words, unanswered
from portal.records.assessments.vocabulary import (
    AssessmentKind,
    AssessmentState,
    Influence,
    SignAnswer,
    SignKind,
)
from portal.records.entries.presenter.citation import cited_in
from portal.records.entries.vocabulary import CitationHolder
from portal.vocabulary import RiskLevel, Sector
from portal.web.conflict import Difference, where_they_met
from portal.web.due_presenter import DueSource, due_source
from portal.web.filters import lower_first


@dataclass(frozen=True)
class Asked:
    """The meeting that is owed: its sort, who chairs it, who has to be there, by when and why then."""

    level: str
    what: str
    meeting: str
    chair: str
    there: Sequence[str]  # lines of work that a team on the case, or one that is ticked, brings
    lacking: Sequence[str]  # those that nobody brings yet
    confirmed: bool
    due_at: datetime | None
    first_due_at: datetime | None  # where it was moved
    source: DueSource | None


def asked_of_meeting(
    rule: LevelRule | None, due: Any, *, bring: Collection[str], authority: str | None
) -> Asked | None:
    """What is asked, or None where neither a level nor a duty asks for anything.

    Args:
        rule: of the highest level among the cases.
        due: the row of `queries.meeting_calls.due_on`.
        bring: the sectors of the teams that would be invited.
    """
    if rule is None and due is None:
        return None
    needed = rule.required_sectors if rule else ()
    moved = due is not None and due.original_due_at != due.due_at
    return Asked(
        level=rule.label if rule else "",
        what=DeadlineKind(due.kind).label if due else "",
        meeting=rule.meeting if rule else "",
        chair=rule.chair if rule else "",
        there=_labels(one for one in needed if one in bring),
        lacking=_labels(one for one in needed if one not in bring),
        confirmed=rule.confirmed if rule else True,
        due_at=due.due_at if due else None,
        first_due_at=due.original_due_at if moved else None,
        source=due_source(due, authority) if due else None,
    )


def _labels(sectors: Any) -> list[str]:
    return [Sector(one).label for one in sectors]


SIGN_TAGS = {SignAnswer.CURRENT: "red", SignAnswer.RECENT: "orange", SignAnswer.PAST: "yellow"}


@dataclass(frozen=True)
class AssessmentStep:
    """A section in the list of them all."""

    code: str
    label: str
    answered: int
    asked: int
    missing: int  # of those that have to be answered
    last: str

    @property
    def state(self) -> str:
        """How far it has come."""
        if self.missing:
            return f"{self.missing} still to answer" if self.answered else "Not begun"
        return f"{self.answered} of {self.asked} answered"

    @property
    def done(self) -> bool:
        """Nothing that has to be answered is missing."""
        return not self.missing and bool(self.answered)


@dataclass(frozen=True)
class Said:
    """One answer on the page of the whole assessment."""

    label: str
    answer: str
    tag: str
    words: str
    source: str
    by: str
    at: datetime


@dataclass(frozen=True)
class AssessmentPart:
    """A section with what was answered in it, signs by kind."""

    code: str
    label: str
    questions: Sequence[Said]
    signs: Mapping[str, Sequence[Said]]
    not_there: Sequence[str]


def steps(
    tool: Assessment, answers: Mapping[str, Any], sections: Mapping[str, Any], *, screening: bool
) -> list[AssessmentStep]:
    """The sections with how far each has come, in the order of the tool."""
    found = []
    for section in tool.sections_of(screening=screening):
        questions = tool.questions_of(section.code, screening=screening)
        signs = tool.signs_of(section.code, screening=screening)
        asked = [*questions, *signs]
        codes = [one.code for one in asked]
        if section.code == "context" and not screening:
            codes += [f"context_{one.code}" for one in tool.contexts.offered]
        row = sections.get(section.code)
        found.append(
            AssessmentStep(
                section.code,
                section.label,
                sum(code in answers for code in codes),
                len(codes),
                sum(one.required and one.code not in answers for one in questions)
                + sum(
                    lacks_words(sign, Given(said.answer, said.words))
                    for sign in signs
                    if (said := answers.get(sign.code))
                ),
                row.saved_by if row else "",
            )
        )
    return found


def parts(
    tool: Assessment, answers: Mapping[str, Any], *, screening: bool, also: Collection[str] = ()
) -> list[AssessmentPart]:
    """What was answered, section by section. Signs that are not there are named on one line.

    Args:
        also: the sections that stand there even where nothing was answered, because they cite something.
    """
    found = []
    for section in tool.sections_of(screening=screening):
        questions = [
            _said(one.label, answers[one.code])
            for one in tool.questions_of(section.code, screening=screening)
            if one.code in answers
        ]
        if section.code == "context" and not screening:
            questions += [
                _said(one.label, answers[f"context_{one.code}"])
                for one in tool.contexts
                if f"context_{one.code}" in answers
            ]
        signs = [one for one in tool.signs_of(section.code, screening=screening) if one.code in answers]
        found.append(
            AssessmentPart(
                section.code,
                section.label,
                questions,
                {
                    kind.label: there
                    for kind in (SignKind.HARM, SignKind.RISK, SignKind.VULNERABILITY)
                    if (there := _there(signs, answers, kind))
                },
                [
                    f"{one.label} ({_answer(answers[one.code].answer).lower()})"
                    for one in signs
                    if not _is_there(answers[one.code].answer)
                ],
            )
        )
    return [one for one in found if one.questions or one.signs or one.not_there or one.code in also]


def clashes(form: Any, versions: Versions) -> list[Difference]:
    """The answers in which two people met, each in words."""
    return where_they_met(versions, form.label_of, _words)


def change_words(change: Change) -> str:
    """How a sign is answered now, and how it was before."""
    return f"{_answer(change.after)}, before: {_answer(change.before).lower()}"


def following(tool: Assessment, section: str, *, screening: bool) -> str:
    """The section after one; empty after the last."""
    codes = [one.code for one in tool.sections_of(screening=screening)]
    at = codes.index(section) + 1
    return codes[at] if at < len(codes) else ""


def answered(answers: Mapping[str, Any]) -> dict[str, Said]:
    """Answers by item, for those who answer the same again."""
    return {item: _said(item, one) for item, one in answers.items()}


def led_to(tool: Assessment, codes: Iterable[str], answers: Mapping[str, Any]) -> list[str]:
    """The signs that led to a suggestion, each with the answer that made it count."""
    return [
        f"{tool.signs[code].label}: {lower_first(_answer(answers[code].answer))}"
        if code in answers
        else tool.signs[code].label
        for code in codes
        if code in tool.signs
    ]


def not_answered(sections: Sequence[Term]) -> str:
    """Which sections are not answered in full, so that nothing is suggested; empty where all are."""
    named = ", ".join(one.label for one in sections)
    return f"{named} {'is' if len(sections) == 1 else 'are'} not answered in full" if sections else ""


def _nothing_suggested(assessment: Any, tool: Assessment, answers: Mapping[str, Any]) -> str:
    """Why a full assessment suggested nothing. It is read from the answers: once concluded they stand, and
    what was concluded before this was asked kept “none” for what nobody had answered.
    """
    if assessment.kind == AssessmentKind.SCREENING or assessment.suggested_rule:
        return ""
    blank = not_answered(unanswered(tool, _signs(tool, answers)))
    return f"Nothing, because {blank}" if blank else ""


def may_be_higher(sections: Sequence[Term]) -> str:
    """That what nobody has answered may suggest a higher level; empty where nothing of the sort is left."""
    blank = not_answered(sections)
    return f"But {blank}: what is there may suggest a higher level" if blank else ""


def _may_be_higher(assessment: Any, tool: Assessment, answers: Mapping[str, Any]) -> str:
    """The same of an assessment that was concluded, read from the answers."""
    rule = tool.rules.get(assessment.suggested_rule)
    if rule is None:
        return ""
    return may_be_higher(unanswered(tool, _signs(tool, answers), above=rule.level))


def sign_groups(tool: Assessment, codes: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The signs that a section asks about, by what each tells of: the kinds are never added up."""
    found = [(kind.label, [one for one in codes if tool.signs[one].kind is kind]) for kind in SignKind]
    return [(label, there) for label, there in found if there]


def level_label(level: str | None) -> str:
    """A level for people."""
    return RiskLevel(level).label if level else "None yet"


def level_lines(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Each level that was decided, for the table beneath their picture."""
    return [
        {
            "label": RiskLevel(row.level).label,
            "row": row,
            "differs": level_label(row.suggested_level) if row.difference_reason else "",
        }
        for row in rows
    ]


def decided(rows: Sequence[Any]) -> list[tuple[datetime, RiskLevel]]:
    """The same for a picture (`portal.web.pictures.over_time`)."""
    return [(row.decided_at, RiskLevel(row.level)) for row in rows]


def _there(signs: Sequence[Sign], answers: Mapping[str, Any], kind: SignKind) -> list[Said]:
    return [
        _said(one.label, answers[one.code])
        for one in signs
        if one.kind is kind and _is_there(answers[one.code].answer)
    ]


def _is_there(answer: str | None) -> bool:
    return answer in set(SignAnswer) and SignAnswer(answer).is_there


def _said(label: str, one: Any) -> Said:
    answer = "Not obtained" if one.not_obtained else _answer(one.answer) if one.answer else ""
    tag = SIGN_TAGS.get(SignAnswer(one.answer), "grey") if one.answer in set(SignAnswer) else "grey"
    return Said(label, answer, tag, one.words, one.source, f"{one.author}, {one.agency}", one.saved_at)


def _answer(answer: str | None) -> str:
    if answer in set(SignAnswer):
        return SignAnswer(answer).label
    return Influence(answer).label if answer in set(Influence) else "Not answered"


def _words(given: Given) -> str:
    said = ["Not obtained" if given.not_obtained else "", _answer(given.answer) if given.answer else ""]
    return "\n".join(one for one in (*said, given.words, given.source) if one) or "Nothing"


def whole(assessment: Any, tool: Assessment, answers: Mapping[str, Any], *, case: Any) -> dict[str, Any]:
    """Everything that was said and cited, the suggestion, and what changed since the assessment before.

    Args:
        tool: what the assessment was begun with.
        answers: those of `portal.records.assessments.reading.answers`.
        case: what it is on, as the page of the case has it.
    """
    cited = cited_in(kind=CitationHolder.ASSESSMENT, ids=[assessment.id], case=case)
    by_section = {section: items for (_, section), items in cited.items()}
    screening = assessment.kind == AssessmentKind.SCREENING
    return {
        "cited_in": by_section,
        "parts": parts(tool, answers, screening=screening, also=by_section),
        "contributors": assessments.contributors(assessment_id=assessment.id),
        "changed": changed_since(assessment, tool, answers),
        "change_words": change_words,
        "state": AssessmentState(assessment.state).label,
        **conclusion(assessment, tool, answers, case=case),
    }


def conclusion(assessment: Any, tool: Assessment, answers: Mapping[str, Any], *, case: Any) -> dict[str, Any]:
    """What an assessment came to and what its answers suggested (`_conclusion.html`)."""
    return {
        "level_label": level_label,
        "meaning": _meaning(assessment, case),
        "overtaken": assessments.overtaken_by(assessment=assessment),
        "rule": tool.rules.get(assessment.suggested_rule),
        "nothing_suggested": _nothing_suggested(assessment, tool, answers),
        "may_be_higher": _may_be_higher(assessment, tool, answers),
        "suggested_signs": led_to(tool, assessment.suggested_signs, answers),
    }


def _meaning(assessment: Any, case: Any) -> str:
    """What the level means, as the policy has it: being exploited, or at risk of it."""
    if not assessment.level:
        return ""
    policy = policy_of(assessment.policy_version) or current_policy(case.authority)
    return policy.levels.levels[RiskLevel(assessment.level)].meaning


def changed_since(assessment: Any, tool: Assessment, answers: Mapping[str, Any]) -> Sequence[Change]:
    """What is answered differently than in the assessment before, of what was answered yet."""
    if assessment.previous_id is None:
        return ()
    before = assessments.answers(assessment_id=assessment.previous_id)
    found = changes(tool, _signs(tool, before), _signs(tool, answers))
    writing = assessment.state == AssessmentState.DRAFT
    return [one for one in found if one.after is not None or not writing]


def _signs(tool: Assessment, answers: Mapping[str, Any]) -> dict[str, SignAnswer]:
    codes = set(tool.signs.codes)
    return {item: SignAnswer(one.answer) for item, one in answers.items() if item in codes and one.answer}
