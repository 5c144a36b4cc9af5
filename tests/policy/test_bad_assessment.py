"""Claims about bad files on the risk assessment, and about the short form."""

from pathlib import Path

import pytest

from portal.policy import load
from portal.records.assessments.policy import Assessment
from portal.records.assessments.vocabulary import SignKind
from tests.policy.editing import SHIPPED
from tests.policy.test_bad_policy import Fault, refuses

FILE = "assessment.toml"
HARM = 'kinds = ["harm"]\nanswers = ["current"]\n'

BAD = [
    Fault(FILE, 'section = "voice"\n', 'section = "voices"\n', "questions[1].section", "“voices”"),
    Fault(FILE, 'section = "home"\nkind', 'section = "house"\nkind', "signs[1].section", "“house”"),
    Fault(FILE, 'code = "own_words"', 'code = "debt"', "signs[40].code", "also questions[1]"),
    Fault(FILE, 'code = "own_words"', 'code = "context_home"', "contexts[1].code", "also questions[1]"),
    Fault(
        FILE,
        '[[sections]]\ncode = "voice"',
        '[[sections]]\ncode = "sleep"\nlabel = "Sleep"\n\n[[sections]]\ncode = "voice"',
        "sections[1]",
        "Nothing is asked",
    ),
    Fault(FILE, "at_least = 1", "at_least = 0", "rules[1].at_least", "at least 1"),
    Fault(FILE, "under_age = 13", "under_age = 0", "rules[3].under_age", "at least 1"),
    Fault(FILE, HARM, 'kinds = []\nanswers = ["current"]\n', "rules[1]", "can never apply"),
    Fault(FILE, HARM, 'kinds = ["harm"]\nanswers = ["no"]\n', "rules[1]", "can never apply"),
    Fault(
        FILE, HARM, 'kinds = ["harm"]\nanswers = ["current", "not_known"]\n', "rules[1].answers", "not there"
    ),
    Fault(FILE, 'level = "low"', 'level = "none"', "rules[4].level", "Remove the rule"),
    Fault(FILE, 'level = "medium"', 'level = "low"', "rules[3].level", "order high, medium, low"),
    Fault(FILE, HARM, 'kinds = ["risk"]\nanswers = ["current"]\n', "rules", "evidence of harm"),
    Fault(FILE, 'kind = "harm"', 'kind = "hurt"', "signs[15].kind", "vulnerability, risk, harm"),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: fault.new[:40])
def test_a_bad_file_is_refused_with_its_name_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)


def test_the_short_form_asks_for_the_childs_words_and_for_every_kind_of_sign_but_circumstances() -> None:
    tool = load(SHIPPED).of(Assessment)
    asked = [sign for section in tool.sections for sign in tool.signs_of(section.code, screening=True)]
    assert {sign.kind for sign in asked} == {SignKind.RISK, SignKind.HARM}
    assert [one.code for one in tool.questions_of("voice", screening=True)] == ["own_words"]
    assert len(asked) < len(tool.signs)
    assert len(tool.sections_of(screening=True)) < len(tool.sections)
