"""The table of the OWASP ASVS answers every requirement, and names what there is."""

import re

from tests.structure.source import ROOT

#: How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; they run from 1.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2},
    **{"2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2},
    **{"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3},
    **{"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4},
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2},
    **{"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1},
    **{"9.1": 3, "9.2": 4},
    **{"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3},
    **{"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1},
    **{"12.1": 3, "12.2": 2, "12.3": 4},
    **{"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5},
    **{"14.1": 2, "14.2": 4, "14.3": 3},
    **{"15.1": 3, "15.2": 3, "15.3": 7},
    **{"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
    **{"17.1": 1, "17.2": 4, "17.3": 2},
}
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (?:`(.+)`)? ?\|$", re.MULTILINE)
TABLE = (ROOT / "docs" / "asvs.md").read_text("utf-8")


def test_every_requirement_is_answered_once() -> None:
    wanted = [f"{section}.{n}" for section, last in SECTIONS.items() for n in range(1, last + 1)]
    answered = [row[0] for row in ROW.findall(TABLE)]
    assert len(wanted) == 253
    assert answered == wanted


def test_every_answer_is_a_decision_or_names_what_shows_it() -> None:
    for number, _asked, answer, shown in ROW.findall(TABLE):
        assert shown or answer.startswith("Decision: "), f"{number}: name a test, or say what was decided"
        assert not shown or (ROOT / shown).exists(), f"{number}: {shown} is not there"
