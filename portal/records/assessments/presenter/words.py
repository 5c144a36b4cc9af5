"""A risk assessment in words: how far each section has come, what was answered, what changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.records.assessments.policy.section import Assessment, Sign
from portal.records.assessments.rules import Change, Given
from portal.records.assessments.vocabulary import Influence, SignAnswer, SignKind
from portal.records.cases.presenter import LEVEL_TAGS
from portal.services.errors import Versions
from portal.vocabulary import RiskLevel
from portal.web.filters import lower_first

KIND_WORDS = {kind: kind.label for kind in SignKind}
SIGN_TAGS = {SignAnswer.CURRENT: "red", SignAnswer.RECENT: "orange", SignAnswer.PAST: "yellow"}


@dataclass(frozen=True)
class Step:
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
class Part:
    """A section with what was answered in it, signs by kind."""

    code: str
    label: str
    questions: Sequence[Said]
    signs: Mapping[str, Sequence[Said]]
    not_there: Sequence[str]


@dataclass(frozen=True)
class Difference:
    """An answer that two people gave differently."""

    question: str
    theirs: str
    mine: str


def steps(
    tool: Assessment, answers: Mapping[str, Any], sections: Mapping[str, Any], *, screening: bool
) -> list[Step]:
    """The sections with how far each has come, in the order of the tool."""
    found = []
    for section in tool.sections_of(screening=screening):
        questions = tool.questions_of(section.code, screening=screening)
        asked = [*questions, *tool.signs_of(section.code, screening=screening)]
        codes = [one.code for one in asked]
        if section.code == "context" and not screening:
            codes += [f"context_{one.code}" for one in tool.contexts.offered]
        row = sections.get(section.code)
        found.append(
            Step(
                section.code,
                section.label,
                sum(code in answers for code in codes),
                len(codes),
                sum(one.required and one.code not in answers for one in questions),
                row.saved_by if row else "",
            )
        )
    return found


def parts(
    tool: Assessment, answers: Mapping[str, Any], *, screening: bool, also: Collection[str] = ()
) -> list[Part]:
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
            Part(
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
    return [
        Difference(form.label_of(item), _words(theirs), _words(versions.mine[item]))
        for item, theirs in versions.theirs.items()
    ]


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


def sign_groups(tool: Assessment, codes: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The signs that a section asks about, by what each tells of: the kinds are never added up."""
    found = [(kind.label, [one for one in codes if tool.signs[one].kind is kind]) for kind in SignKind]
    return [(label, there) for label, there in found if there]


def level_label(level: str | None) -> str:
    """A level for people."""
    return RiskLevel(level).label if level else "None yet"


def level_steps(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Each level that was decided, for the table beneath their picture."""
    return [
        {
            "label": RiskLevel(row.level).label,
            "tag": LEVEL_TAGS.get(row.level, "grey"),
            "row": row,
        }
        for row in rows
    ]


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
