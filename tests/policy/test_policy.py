"""Claims about the policy files: what is in them, and that a bad one is refused with a remedy."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.vocabulary import Ground
from portal.policy import Catalogue, Policy, PolicyError, Unit, load, load_book
from portal.policy.book import BESIDE_RECORDS
from portal.policy.sections import ORDER, in_order, sections_of_nouns
from portal.records.orders.policy import Orders
from portal.vocabulary import DecisionOutcome, Sensitivity, SubjectKind, TriageColour
from tests.policy.editing import FIRST, SHIPPED, edit


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(SHIPPED, on=date(2026, 11, 24))


def everything(value: object) -> Iterator[object]:
    """Every value inside a policy, depth first."""
    yield value
    if isinstance(value, Catalogue | tuple):
        for item in value:
            yield from everything(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from everything(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from everything(getattr(value, field.name))


def test_the_ten_types_of_exploitation_are_there(policy: Policy) -> None:
    assert len(policy.exploitation.types) == 10
    assert policy.exploitation.types["cce"].cin_factors == ("24A",)


def test_nine_districts_belong_to_two_authorities(policy: Policy) -> None:
    assert len(policy.areas.districts) == 9
    assert policy.authority_of("derby") == "derby"
    assert {policy.authority_of(one.code) for one in policy.areas.districts} == {"derby", "derbyshire"}


def test_a_case_of_forced_marriage_starts_restricted_whatever_else_it_is(policy: Policy) -> None:
    sensitivity = policy.exploitation.starting_sensitivity
    assert sensitivity(frozenset({"cse"})) is Sensitivity.NORMAL
    assert sensitivity(frozenset({"cse", "forced_marriage"})) is Sensitivity.RESTRICTED


def test_red_is_triaged_in_elapsed_hours_and_the_rest_in_working_days(policy: Policy) -> None:
    units = {colour: policy.clock(DeadlineKind.TRIAGE, colour).unit for colour in TriageColour}
    assert units[TriageColour.RED] is Unit.ELAPSED_HOURS
    assert units[TriageColour.AMBER] is units[TriageColour.GREEN] is Unit.WORKING_DAYS


def test_a_clock_without_a_colour_holds_for_all(policy: Policy) -> None:
    assert policy.clock(DeadlineKind.FEEDBACK, TriageColour.RED).code == "feedback"


def test_only_a_child_can_become_a_case(policy: Policy) -> None:
    opening = [kind for kind in SubjectKind if DecisionOutcome.OPEN_CASE in {
        rule.outcome for rule in policy.decisions.outcomes_for(kind)
    }]  # fmt: skip
    assert opening == [SubjectKind.CHILD]


def test_every_number_says_where_it_comes_from_and_is_not_yet_confirmed(policy: Policy) -> None:
    sourced: list[Any] = [one for one in everything(policy) if hasattr(one, "source")]
    assert len(sourced) > 30
    for one in sourced:
        assert one.source, f"say where {one} comes from"
        assert one.confirmed is False, f"{one} is marked as agreed by the partnership: where is that written?"


def test_nothing_that_the_hub_is_told_sends_it_to_the_hub(policy: Policy) -> None:
    """Whoever is there reads it too: it says whom else to ask, or that what opens says so."""
    told = {row.kind for event in policy.telling.events for row in event.tells if row.to is Ground.HUB}
    lines = {kind: policy.reminders.kinds[kind].line for kind in told if kind}
    assert len(lines) > 40
    to_itself = re.compile(r"\b(ring|ask|call|tell) the hub\b", re.IGNORECASE)
    assert [kind for kind, line in lines.items() if to_itself.search(line)] == []


def test_demo_numbers_connect_to_nobody(policy: Policy) -> None:
    real = {"999", "101", "01246 242424"}
    for contact in policy.hub.contacts:
        assert contact.number in real or contact.number.startswith("01632 960"), (
            f"{contact.code} may ring someone"
        )


def test_a_code_that_the_policy_no_longer_knows_is_shown_as_it_is(policy: Policy) -> None:
    assert policy.areas.districts.label("atlantis") == "atlantis"
    assert policy.areas.districts.label(None) == ""


def second_edition(copy: Path) -> Path:
    folder = copy / "2027-04-01"
    folder.mkdir()
    (folder / "edition.toml").write_text('title = "Second"\neffective_from = 2027-04-01\nconfirmed = false\n')
    return folder


def test_a_later_edition_changes_only_what_it_contains_and_only_from_its_day(copy: Path) -> None:
    folder = second_edition(copy)
    old = (copy / FIRST / "clocks.toml").read_text()
    (folder / "clocks.toml").write_text(old.replace("value = 4\n", "value = 2\n", 1))
    book = load_book(copy)
    before, after = book.on(date(2027, 3, 31)), book.on(date(2027, 4, 1))
    assert before.clock(DeadlineKind.TRIAGE, TriageColour.RED).value == 4
    assert after.clock(DeadlineKind.TRIAGE, TriageColour.RED).value == 2
    assert after.areas == before.areas


def test_a_record_finds_the_edition_that_it_was_made_under(copy: Path) -> None:
    second_edition(copy)
    book = load_book(copy)
    kept = book.on(date(2026, 12, 1)).version
    assert re.fullmatch(r"2026-11-01\.[0-9a-f]{8}", kept)
    assert book.version(kept) == book.editions[0]
    assert book.version("2020-01-01.00000000") is None


def test_a_changed_file_changes_the_version(copy: Path) -> None:
    before = load(copy).version
    edit(copy, "hub.toml", "closes = 18:00:00", "closes = 19:00:00")
    assert load(copy).version != before


OWN = """
[[clocks]]
code = "assessment"
label = "Finish the risk assessment"
kind = "assessment"
starts = "opened"
value = 15
unit = "working_days"
source = "Test"
confirmed = false
"""


def authority_file(folder: Path, authority: str, name: str, text: str) -> None:
    (folder / "authorities" / authority).mkdir(parents=True)
    (folder / "authorities" / authority / name).write_text(text)


def test_an_authority_can_have_its_own_time_without_touching_the_others(copy: Path) -> None:
    authority_file(copy / FIRST, "derby", "clocks.toml", OWN)
    policy = load(copy, on=date(2026, 12, 1))
    derby = policy.for_authority("derby")
    assert derby.clock(DeadlineKind.ASSESSMENT).value == 15
    assert derby.clock(DeadlineKind.FEEDBACK) == policy.clock(DeadlineKind.FEEDBACK)
    assert policy.for_authority("derbyshire").clock(DeadlineKind.ASSESSMENT).value == 10
    assert derby.version == f"{policy.version}/derby"


def test_what_an_authority_decided_holds_on_in_a_later_edition(copy: Path) -> None:
    authority_file(copy / FIRST, "derby", "clocks.toml", OWN)
    second_edition(copy)
    book = load_book(copy)
    derby = book.on(date(2027, 5, 1)).for_authority("derby")
    assert derby.clock(DeadlineKind.ASSESSMENT).value == 15
    assert book.version(derby.version) == derby


@pytest.mark.parametrize(
    ("authority", "name", "text", "says"),
    [
        ("mercia", "clocks.toml", OWN, "No authority has this code"),
        ("derby", "hub.toml", "", "An authority cannot change this"),
        ("derby", "clocks.toml", "[limits]", "An authority cannot change this"),
        ("derby", "clocks.toml", OWN.replace('code = "assessment"', 'code = "new"'), "no “new” to replace"),
        ("derby", "clocks.toml", OWN.replace("15", "0"), "at least 1"),
    ],
)
def test_an_authority_can_replace_only_what_is_there(
    copy: Path, authority: str, name: str, text: str, says: str
) -> None:
    authority_file(copy / FIRST, authority, name, text)
    with pytest.raises(PolicyError, match=re.escape(says)):
        load_book(copy)


def test_the_sum_takes_the_files_in_their_order(policy: Policy, copy: Path) -> None:
    """Records keep the version: in another order all would silently be read by today's policy."""
    folder = next(one for one in copy.iterdir() if one.is_dir())
    found = hashlib.sha256()
    for name in ORDER:
        if name not in BESIDE_RECORDS:
            found.update(f"{name}.toml\0".encode() + (folder / f"{name}.toml").read_bytes())
    assert policy.version == f"{folder.name}.{found.hexdigest()[:8]}"
    assert list(policy.sections()) == [*ORDER, "telling"], "a later file comes last by itself"


def test_a_file_that_the_order_does_not_know_comes_last() -> None:
    assert in_order(["new", "texts", "newer", "edition"]) == ["edition", "texts", "new", "newer"]
    assert hashlib.sha256(" ".join(ORDER).encode()).hexdigest()[:8] == "ab2ef581", "it is never changed"


def test_a_section_of_a_noun_is_found_by_its_shape(policy: Policy) -> None:
    assert policy.of(Orders) is policy.sections()["orders"]
    assert {section.file for section in sections_of_nouns()} < set(policy.sections())
