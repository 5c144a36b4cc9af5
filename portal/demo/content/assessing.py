"""The risk assessments of the demonstration, concluded as the level that each case has."""

from collections.abc import Mapping

from portal.access.principal import Principal
from portal.policy import current_policy
from portal.records.assessments.concluding import Conclusion, suggestion_for
from portal.records.assessments.concluding import conclude as conclude_assessment
from portal.records.assessments.lifecycle import save_section, start_assessment, written_now
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, SignAnswer
from portal.records.cases.model import Case
from portal.vocabulary import Answer, RiskLevel

_SAID: Mapping[str, str] = {
    "own_words": "“They are my mates. They look after me.” Later: “I can’t just stop going, I owe them.”",
    "wishes": "Wants to go back to college and to see less of the people who keep ringing",
    "happening": "Older people give lifts and money and then ask for something in return",
    "keeps_going": "A debt that grows, and few safe places to be in the evenings. A move would make it worse",
    "how_soon": "Likely to go on unless the contact stops; harm has followed within days before",
}
_THERE: Mapping[RiskLevel, Mapping[str, SignAnswer]] = {
    RiskLevel.HIGH: {
        "made_to_carry": SignAnswer.CURRENT,
        "debt": SignAnswer.CURRENT,
        "missing_episodes": SignAnswer.CURRENT,
        "poverty": SignAnswer.PAST,
    },
    RiskLevel.MEDIUM: {
        "new_older_contacts": SignAnswer.CURRENT,
        "several_phones": SignAnswer.CURRENT,
        "falling_attendance": SignAnswer.RECENT,
    },
    RiskLevel.LOW: {"late_returns": SignAnswer.CURRENT, "friends_exploited": SignAnswer.RECENT},
    RiskLevel.NONE: {},
}


def begin(actor: Principal, case: Case) -> None:
    """Begin a full assessment and write what the child says."""
    begun = start_assessment(actor=actor, case=case, kind=AssessmentKind.FULL, trigger="case_opened")
    words = {code: Given(words=_SAID[code]) for code in ("own_words", "wishes")}
    save_section(actor=actor, assessment=begun, section="voice", answers=words, seen=0)


def conclude(actor: Principal, case: Case, level: str) -> None:
    """Write the rest, and conclude."""
    tool, chosen = current_policy(case.authority).of(Assessment), RiskLevel(level)
    begun = written_now(case)
    if begun is None:
        raise LookupError("Nothing was begun on this case.")
    there = _THERE[chosen]
    for section in tool.sections:
        answers = {
            sign.code: Given(
                answer=there[sign.code], words="Seen by several agencies", source="School and police"
            )
            for sign in tool.signs_of(section.code, screening=False)
            if sign.code in there
        }
        answers |= {
            question.code: Given(words=_SAID[question.code])
            for question in tool.questions_of(section.code, screening=False)
            if question.required and section.code != "voice"
        }
        if answers:
            save_section(actor=actor, assessment=begun, section=section.code, answers=answers, seen=0)
    suggested = suggestion_for(case=case, assessment=begun)
    conclude_assessment(
        actor=actor,
        case=case,
        assessment=begun,
        conclusion=Conclusion(
            level=chosen,
            reason="What the child says and what several agencies have seen",
            difference_reason="" if suggested.level is chosen else "The signs are of one evening",
            types=tuple(case.types),
            s47=Answer.YES,
            s47_reason="Considered with the police; recorded in the agency’s own system",
            nrm=Answer.NO,
            nrm_reason="No sign of trafficking so far",
        ),
        version=begun.version,
    )
