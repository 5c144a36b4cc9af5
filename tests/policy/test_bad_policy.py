"""Claims about bad policy files: each is refused with the file, the key and a remedy."""

from pathlib import Path
from typing import NamedTuple

import pytest

from portal.policy import PolicyError, load_book
from tests.policy.editing import FIRST, edit


class Fault(NamedTuple):
    """A change to a good file, the key that the refusal has to name and something that it has to say."""

    file: str
    old: str
    new: str
    key: str
    says: str


def refuses(copy: Path, fault: Fault) -> None:
    """A file with a fault stops the start, and the refusal names file, key and remedy."""
    edit(copy, fault.file, fault.old, fault.new)
    with pytest.raises(PolicyError) as refused:
        load_book(copy)
    message = str(refused.value)
    assert message.startswith(str(copy / FIRST / fault.file))
    assert refused.value.key == fault.key
    assert fault.says in message
    assert refused.value.remedy.endswith("."), "a refusal ends with what to do"


BAD = [
    Fault(
        "clocks.toml",
        "[limits.break_glass]\nvalue = 8",
        "[limits.break_glass]\nvalue = 25",
        "limits.break_glass.value",
        "does not last 25 hours",
    ),
    Fault("areas.toml", 'label = "Derby City"', 'lable = "Derby City"', "authorities[1].lable", "not known"),
    Fault("areas.toml", 'label = "Derby City"', "", "authorities[1].label", "missing"),
    Fault("areas.toml", 'label = "Derby City"', "label = 7", "authorities[1].label", "has to be text"),
    Fault("areas.toml", 'label = "Derby City"', 'label = " "', "authorities[1].label", "has to be text"),
    Fault(
        "areas.toml",
        'label = "Derby City"',
        'label = "Derbyshire County"',
        "authorities[2].label",
        "already the label",
    ),
    Fault(
        "areas.toml", 'code = "bolsover"', 'code = "amber_valley"', "districts[2].code", "already the code"
    ),
    Fault("areas.toml", 'code = "bolsover"', 'code = "bol sover"', "districts[2].code", "cannot be a code"),
    Fault(
        "areas.toml", 'authority = "derbyshire"', 'authority = "mercia"', "districts[1].authority", "“mercia”"
    ),
    Fault("areas.toml", "[[authorities]]", "[[authorities]", "", "not valid TOML"),
    Fault(
        "triage.toml",
        'urgency = ["immediate"]',
        'urgency = ["now"]',
        "rules[1].when.urgency[1]",
        "immediate, soon",
    ),
    Fault("triage.toml", 'flags = ["missing_now"]', 'flags = ["gone"]', "rules[3].when.flags", "“gone”"),
    Fault("triage.toml", '{ urgency = ["immediate"] }', "{}", "rules[1].when", "every form"),
    Fault("triage.toml", 'colour = "red"', 'colour = "purple"', "rules[1].colour", "red, amber, green"),
    Fault("clocks.toml", "value = 4\n", "value = 0\n", "clocks[1].value", "at least 1"),
    Fault("clocks.toml", "value = 4\n", "value = true\n", "clocks[1].value", "whole number"),
    Fault("clocks.toml", "confirmed = false", 'confirmed = "no"', "clocks[1].confirmed", "true or false"),
    Fault(
        "clocks.toml",
        'unit = "elapsed_hours"',
        'unit = "months"',
        "clocks[1].unit",
        "elapsed_hours or working_days",
    ),
    Fault("clocks.toml", 'colour = "amber"', 'colour = "red"', "clocks[2]", "already sets this time"),
    Fault("clocks.toml", 'kind = "feedback"', 'kind = "assessment"', "clocks[10]", "already sets this time"),
    Fault("hub.toml", "closes = 18:00:00", "closes = 07:00:00", "hours[1].closes", "later time"),
    Fault("hub.toml", 'days = ["friday"]', 'days = ["monday"]', "hours[2].days", "already has hours"),
    Fault("hub.toml", "closures = []", 'closures = ["24 Dec"]', "closures[1]", "2026-12-24"),
    Fault("hub.toml", "closures = []", "closures = 3", "closures", "square brackets"),
    Fault(
        "decisions.toml",
        '[[outcomes]]\noutcome = "advice"',
        '[[outcomes]]\noutcome = "chat"',
        "outcomes[8].outcome",
        "advice",
    ),
    Fault(
        "missing.toml", '"medium", "not_graded"', '"medium"', "urgency", "none, low, medium, high, not_graded"
    ),
    Fault("missing.toml", '"high", "medium"', '"high", "high"', "urgency", "twice"),
    Fault(
        "missing.toml",
        '["high", "medium", "not_graded"',
        '["not_graded", "high", "medium"',
        "urgency",
        "first",
    ),
    Fault("people.toml", 'group = "social_care"', 'group = "nursery"', "statuses[1].group", "“nursery”"),
    Fault(
        "cases.toml",
        'unit = "months"',
        'unit = "working_days"',
        "alerts[1].review_within.unit",
        "days, months",
    ),
    Fault("levels.toml", 'level = "none"', 'level = "low"', "levels[4].code", "already the code"),
    Fault("names.toml", '"katie"', '"Katie!"', "families.katherine", "plain lower-case"),
    Fault(
        "edition.toml",
        "effective_from = 2026-11-01",
        "effective_from = 2026-11-02",
        "effective_from",
        "same day",
    ),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.file}-{fault.new}")
def test_a_bad_file_is_refused_with_its_name_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)


def test_a_missing_file_is_refused(copy: Path) -> None:
    (copy / FIRST / "hub.toml").unlink()
    with pytest.raises(PolicyError, match=r"hub\.toml: The file is missing"):
        load_book(copy)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no policy here"):
        load_book(tmp_path / "nowhere")


def test_a_file_that_nothing_reads_is_refused(copy: Path) -> None:
    (copy / FIRST / "clock.toml").write_text("")
    with pytest.raises(PolicyError, match=r"clock\.toml: This is no policy file"):
        load_book(copy)


def test_a_folder_that_is_not_a_date_is_refused(copy: Path) -> None:
    (copy / "next_year").mkdir()
    with pytest.raises(PolicyError, match="not a date"):
        load_book(copy)
