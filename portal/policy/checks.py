"""What the files of an edition have to agree on among themselves. Each check names file, key and remedy."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from portal.deadlines.vocabulary import DeadlineKind
from portal.policy.checks_of_telling import check_meetings, check_reminders, check_telling
from portal.policy.intake import Condition
from portal.policy.reader import Coded, PolicyError
from portal.policy.sections import sections_of_nouns
from portal.policy.validators import Unit, exists
from portal.policy.work import check_rates, check_texts
from portal.vocabulary import DecisionOutcome, RiskLevel, TriageColour

if TYPE_CHECKING:
    from portal.policy.book import Policy

Files = dict[str, Path]

#: The clocks that the program starts; each has to be in the policy, once for every colour where it has any.
_COLOURED = (DeadlineKind.TRIAGE, DeadlineKind.RECEIPT)
_PLAIN = (
    DeadlineKind.SOCIAL_CARE,
    DeadlineKind.SOCIAL_CARE_DECISION,
    DeadlineKind.FEEDBACK,
    DeadlineKind.ASSESSMENT,
    DeadlineKind.ACCESS_REVIEW,
    DeadlineKind.STRATEGY,
    DeadlineKind.SIGN_OFF,
    DeadlineKind.CASE_END,
    DeadlineKind.LEVEL_SECOND,
    DeadlineKind.MINUTES_DRAFT,
    DeadlineKind.MINUTES,
    DeadlineKind.MISSING_RUNNING,
    DeadlineKind.RETURN_INTERVIEW,
    DeadlineKind.STRATEGY_PROMPT,
    DeadlineKind.MOMENT_REVIEW,
)
REQUIRED_CLOCKS = frozenset(
    {(kind, colour) for kind in _COLOURED for colour in TriageColour} | {(kind, None) for kind in _PLAIN}
)

#: Hours. For so long at most somebody reads what was opened in an emergency: `rows.sql` of referrals holds
#: them to it, with an hour for clocks that differ.
LONGEST_OPENING = 24

_NAME = re.compile(r"[a-z]+")


def check(policy: "Policy", files: Files) -> None:
    """Everything that one file cannot show by itself.

    :raises PolicyError: at the first thing that does not fit.
    """
    _areas(policy, files["areas"])
    _triage(policy, files["triage"])
    _clocks(policy, files["clocks"])
    _hub(policy, files["hub"])
    _decisions(policy, files["decisions"])
    _people(policy, files["people"])
    _levels(policy, files["levels"])
    check_texts(policy.texts, files["texts"])
    _names(policy, files["names"])
    check_meetings(policy.meetings, files["meetings"])
    check_rates(policy.rates, files["rates"])
    check_reminders(policy.reminders, policy.clocks.clocks, files["reminders"])
    check_telling(policy.telling, policy.reminders, files["telling"])
    for section in sections_of_nouns():
        if section.check is not None:
            section.check(policy, files[section.file])


def _areas(policy: "Policy", file: Path) -> None:
    for number, district in enumerate(policy.areas.districts, start=1):
        exists(district.authority, policy.areas.authorities, file, f"districts[{number}].authority")


def _triage(policy: "Policy", file: Path) -> None:
    lists: dict[str, Iterable[Coded]] = {
        "kinds": policy.referral.kinds,
        "types": policy.exploitation.types,
        "contexts": policy.exploitation.contexts,
        "contact": policy.exploitation.contact,
        "flags": policy.referral.flags,
    }
    for number, rule in enumerate(policy.triage.rules, start=1):
        at = f"rules[{number}].when"
        if rule.when == Condition():
            raise PolicyError(
                file, at, "The rule would apply to every form.", "Name at least one answer, or use otherwise."
            )
        for name, among in lists.items():
            for code in getattr(rule.when, name):
                exists(code, among, file, f"{at}.{name}")


def _clocks(policy: "Policy", file: Path) -> None:
    seen: dict[tuple[DeadlineKind, TriageColour | None], str] = {}
    for number, clock in enumerate(policy.clocks.clocks, start=1):
        at = f"clocks[{number}]"
        if clock.unit not in {Unit.ELAPSED_HOURS, Unit.WORKING_DAYS}:
            raise PolicyError(
                file,
                f"{at}.unit",
                f"A clock cannot run in {clock.unit}.",
                "Use elapsed_hours or working_days, which are never mixed.",
            )
        which = (clock.kind, clock.colour)
        if which in seen and not clock.retired:
            raise PolicyError(
                file, at, f"“{seen[which]}” already sets this time.", "Keep one for each kind and colour."
            )
        if not clock.retired:
            seen[which] = clock.code
    for kind, colour in sorted(REQUIRED_CLOCKS - seen.keys(), key=str):
        extra = f' and colour = "{colour}"' if colour else ""
        raise PolicyError(file, "clocks", "A time is missing.", f'Add one with kind = "{kind}"{extra}.')
    limits = policy.clocks.limits
    if limits.break_glass.value > LONGEST_OPENING:
        raise PolicyError(
            file,
            "limits.break_glass.value",
            f"An emergency does not last {limits.break_glass.value} hours.",
            f"Use {LONGEST_OPENING} or less: the database lets nobody read for longer.",
        )


def _hub(policy: "Policy", file: Path) -> None:
    taken: dict[str, int] = {}
    if not policy.hub.hours:
        raise PolicyError(
            file, "hours", "The hub never opens.", "Add a [[hours]] with days, opens and closes."
        )
    for number, hours in enumerate(policy.hub.hours, start=1):
        at = f"hours[{number}]"
        if hours.opens >= hours.closes:
            raise PolicyError(file, f"{at}.closes", "It closes before it opens.", "Write a later time.")
        for day in hours.days:
            if day in taken:
                raise PolicyError(
                    file,
                    f"{at}.days",
                    f"{day} already has hours in hours[{taken[day]}].",
                    "Name each day once.",
                )
            taken[day] = number
    for number, contact in enumerate(policy.hub.contacts, start=1):
        if contact.authority is not None:
            exists(contact.authority, policy.areas.authorities, file, f"contacts[{number}].authority")


def _decisions(policy: "Policy", file: Path) -> None:
    missing = [outcome for outcome in DecisionOutcome if outcome.value not in policy.decisions.outcomes]
    if missing:
        raise PolicyError(
            file,
            "outcomes",
            f"The outcome “{missing[0]}” is missing.",
            f'Add [[outcomes]] with outcome = "{missing[0]}"; retired = true takes it off the page.',
        )


def _people(policy: "Policy", file: Path) -> None:
    for number, status in enumerate(policy.people.statuses, start=1):
        exists(status.group, policy.people.status_groups, file, f"statuses[{number}].group")


def _levels(policy: "Policy", file: Path) -> None:
    for level in RiskLevel:
        if level.value not in policy.levels.levels:
            raise PolicyError(
                file, "levels", f"“{level}” is missing.", f'Add [[levels]] with level = "{level}".'
            )


def _names(policy: "Policy", file: Path) -> None:
    for family, forms in policy.names.families.items():
        for name in (family, *forms):
            if not _NAME.fullmatch(name):
                raise PolicyError(
                    file,
                    f"families.{family}",
                    f"“{name}” is not in plain lower-case letters.",
                    "Write a to z only, without accents, spaces or hyphens.",
                )
        if family in forms:
            raise PolicyError(file, f"families.{family}", "The name is listed under itself.", "Remove it.")
