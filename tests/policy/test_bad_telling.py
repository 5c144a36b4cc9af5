"""Claims about bad files on meetings and reminders, and about the kinds of messages that are sent."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import portal
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy import load
from portal.policy.checks_of_telling import USED_KINDS
from portal.registry import records
from tests.policy.editing import SHIPPED
from tests.policy.test_bad_policy import Fault, refuses

REMINDERS, MEETINGS, TELLING = "reminders.toml", "meetings.toml", "telling.toml"
FIVE_DAYS = (
    'code = "five_days"\nwhen = "before"\nvalue = 5\nunit = "working_days"\nkind = "due"\nto = ["owner"]'
)
#: What a duty can be on.
DUTIES = [kind for kind, record in records().items() if record.duty]
DEFAULT = 'label = "Everything that has no steps of its own"\n'

BAD = [
    Fault(REMINDERS, 'code = "asked"\n', 'code = "inquired"\n', "kinds", "sends “asked”"),
    Fault(REMINDERS, 'code = "shared"\n', 'code = "shared"\nretired = true\n', "kinds", "sends “shared”"),
    Fault(REMINDERS, 'kind = "due"\n', 'kind = "dew"\n', "ladders[1].rungs[2].kind", "“dew”"),
    Fault(REMINDERS, 'to = ["owner"]', "to = []", "ladders[1].rungs[1].to", "tells nobody"),
    Fault(REMINDERS, 'to = ["owner"]', 'to = ["owners"]', "ladders[1].rungs[1].to[1]", "owner_manager"),
    Fault(REMINDERS, FIVE_DAYS, FIVE_DAYS.replace("5", "0"), "ladders[1].rungs[2].value", "at least 1"),
    Fault(
        REMINDERS,
        FIVE_DAYS,
        FIVE_DAYS.replace("working_days", "months"),
        "ladders[1].rungs[2].unit",
        "elapsed_hours or working_days",
    ),
    Fault(REMINDERS, 'when = "on"\n', 'when = "on"\nvalue = 1\n', "ladders[1].rungs[4].value", "not counted"),
    Fault(REMINDERS, 'code = "five_days"', 'code = "given"', "ladders[1].rungs[2].code", "cannot be a code"),
    Fault(
        REMINDERS, 'code = "five_days"', 'code = "five:days"', "ladders[1].rungs[2].code", "cannot be a code"
    ),
    Fault(REMINDERS, 'clock = "triage_red"', 'clock = "triage_blue"', "ladders[2].clock", "“triage_blue”"),
    Fault(REMINDERS, 'deadline = "triage"', 'deadline = "triaje"', "ladders[3].deadline", "assessment"),
    Fault(REMINDERS, 'deadline = "receipt"', 'deadline = "triage"', "ladders[5]", "“triage” already holds"),
    Fault(
        REMINDERS,
        'clock = "triage_red"\n',
        'clock = "triage_red"\ndeadline = "triage"\n',
        "ladders[2]",
        "not both",
    ),
    Fault(REMINDERS, 'about = "meeting"', 'about = "meetings"', "ladders[10].about", "information_request"),
    Fault(
        REMINDERS,
        'clock = "triage_red"\n',
        'clock = "triage_red"\nabout = "referral"\n',
        "ladders[2].about",
        "limits",
    ),
    Fault(REMINDERS, 'deadline = "triage"\n', "", "ladders[3]", "“default” already holds"),
    Fault(REMINDERS, DEFAULT, DEFAULT + 'deadline = "sign_off"\n', "ladders", "without clock and deadline"),
    Fault(REMINDERS, DEFAULT, DEFAULT + "retired = true\n", "ladders", "without clock and deadline"),
    Fault(REMINDERS, "notice_hours = 2", "notice_hours = 0", "hours.notice_hours", "at least 1 hour"),
    Fault(REMINDERS, "opens = 08:00:00", "opens = 19:00:00", "hours.closes", "later time"),
    Fault(REMINDERS, "day_starts = 08:00:00", "day_starts = 07:00:00", "hours.day_starts", "between opens"),
    Fault(REMINDERS, "at = 07:30:00", "at = 18:30:00", "digest.at", "before hours.closes"),
    Fault(REMINDERS, "value = 24", "value = 0", "give_up_after.value", "at least 1"),
    Fault(
        REMINDERS,
        'value = 2, unit = "working_days"',
        'value = 2, unit = "elapsed_hours"',
        "unsent_draft_manager.unit",
        "working_days",
    ),
    Fault(
        REMINDERS,
        'subject = "Something is due"',
        'subject = "{name} is due"',
        "kinds[1].subject",
        "plain line",
    ),
    Fault(REMINDERS, "The hub has received your form.", "We have %(form)s.", "kinds[15].line", "filled in"),
    Fault(
        REMINDERS, 'subject = "Something is due"', f'subject = "{"x" * 79}"', "kinds[1].subject", "too long"
    ),
    Fault(REMINDERS, 'when = "before"', 'when = "befor"', "ladders[1].rungs[2].when", "after"),
    Fault(REMINDERS, "statutory = true", "statutary = true", "kinds[1].statutary", "statutory"),
    Fault(
        REMINDERS,
        'others = { value = 1, unit = "working_days"',
        'others = { value = 0, unit = "working_days"',
        "unopened.others.value",
        "at least 1",
    ),
    Fault(
        TELLING,
        'event = "duty_handed_over"\n',
        'event = "duty_handed_over"\nmust_be_opened = true\n',
        "events[2].must_be_opened",
        "cannot be switched off",
    ),
    Fault(
        REMINDERS,
        'to = ["hub"]\nby = "digest"',
        'to = ["owner"]\nby = "digest"',
        "ladders[11].rungs[5].by",
        "does not wait for a morning",
    ),
    Fault(REMINDERS, 'weekly_on = "monday"', 'weekly_on = "mondays"', "digest.weekly_on", "monday"),
    Fault(REMINDERS, "closes = 18:00:00", 'closes = "six"', "hours.closes", "time"),
    Fault(MEETINGS, 'on = "cases"', 'on = "case"', "kinds[1].on", "district"),
    Fault(MEETINGS, "family = true", 'family = "yes"', "roles[14].family", "true or false"),
    Fault(MEETINGS, 'code = "chair"', 'code = "chairs"', "roles", "“chair”"),
    Fault(MEETINGS, 'label = "Note-taker"', 'label = "Note-taker"\noutside = true', "roles", "an account"),
    Fault(MEETINGS, "value = 2\n", "value = 0\n", "report_before.value", "at least 1"),
    Fault(MEETINGS, 'unit = "working_days"', 'unit = "days"', "report_before.unit", "working_days"),
]


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.file}-{fault.new[:40]}")
def test_a_bad_file_is_refused_with_its_name_the_key_and_a_remedy(copy: Path, fault: Fault) -> None:
    refuses(copy, fault)


def kinds_that_are_sent() -> Iterator[tuple[str, str]]:
    for path in Path(portal.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.search(r"tell_(people|team|hub)$", ast.unparse(node.func)):
                yield from (
                    (path.name, str(keyword.value.value))
                    for keyword in node.keywords
                    if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
                )


def test_every_kind_that_the_program_sends_is_one_that_the_policy_must_have() -> None:
    unknown = {(file, kind) for file, kind in kinds_that_are_sent() if kind not in USED_KINDS}
    assert not unknown, "add these to USED_KINDS, so that no policy file can lack them"


def test_the_clock_of_a_duty_chooses_its_ladder_before_its_kind_and_every_kind_has_one() -> None:
    reminders = load(SHIPPED).reminders
    assert reminders.ladder("triage", "clocks.triage_red", "referral").code == "triage_red"
    assert reminders.ladder("triage", "clocks.triage_green", "referral").code == "triage"
    assert reminders.ladder("meeting", "set by a person", "meeting").code == "meeting"
    assert reminders.ladder("meeting", "levels.high", "cre_case").code == "meeting_owed", (
        "a case that owes a meeting has nobody invited yet, but somebody who has to call it"
    )
    later = reminders.ladder("a kind of later days", "clocks.of_later_days", "a table of later days")
    assert later.code == "default"
    assert all(reminders.ladder(kind, "", about).rungs for kind in DeadlineKind for about in DUTIES)
