"""An interim safety plan in words, and the one side of paper that the child and the carer are given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.policy import Policy
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.policy import SafetyField, SafetyPlanning
from portal.records.safety_plans.reading import Written
from portal.records.safety_plans.rules import fits_one_page
from portal.records.safety_plans.vocabulary import SafetyPlanState, SafetyReader
from portal.web.filters import day

_TAGS = {
    SafetyPlanState.DRAFT: "blue",
    SafetyPlanState.IN_FORCE: "green",
    SafetyPlanState.ENDED: "grey",
}
_SOON = timedelta(days=7)


@dataclass(frozen=True)
class Standing:
    """Where a plan stands: a word or two, and until when. It `needs_care` once it runs out within a week."""

    tag: str
    colour: str
    until: str
    needs_care: bool


@dataclass(frozen=True)
class SafetyPlanPart:
    """One heading of a plan with what stands under it."""

    code: str
    label: str
    words: str
    by: str
    waits: str = ""  # that it is not in force yet, and what is


@dataclass(frozen=True)
class Group:
    """What a plan says to one of its readers."""

    label: str
    note: str
    parts: Sequence[SafetyPlanPart]
    empty: Sequence[str]  # headings under which nothing stands


@dataclass(frozen=True)
class FamilyPage:
    """The page for the child and the carer, and nothing else of the plan.

    It holds what policy says is printed, the child's given name, until when it holds and its reference: no
    address, no agency's own words, nothing that is for workers.
    """

    given_name: str
    reference: str
    edition: int
    valid_until: date
    parts: Sequence[SafetyPlanPart]
    fits_one_page: bool
    longest: Sequence[str]  # the headings with most under them, where it does not fit one side


def family_page(
    *, plan: SafetyPlan, version: Any, given_name: str, rules: SafetyPlanning, said: Mapping[str, Written]
) -> FamilyPage:
    """The page for the child and the carer.

    Args:
        version: the row of `queries.safety_plans.versions` that is printed.
        given_name: the child's.
        rules: the policy that the plan was begun under (`services.safety_plan_words.rules_of`).
        said: `queries.safety_plans.written` up to the number of the version.
    """
    parts = [
        SafetyPlanPart(one.code, one.label, said[one.code].words, "")
        for one in rules.printed
        if one.code in said
    ]
    by_length = sorted(parts, key=lambda part: len(part.words), reverse=True)
    on_one_side = fits_one_page([(part.label, part.words) for part in parts])
    return FamilyPage(
        given_name=given_name,
        reference=plan.reference,
        edition=version.edition,
        valid_until=plan.valid_until or clock.today(),
        parts=parts,
        fits_one_page=on_one_side,
        longest=[] if on_one_side else [part.label for part in by_length[:3]],
    )


def groups(
    rules: SafetyPlanning, said: Mapping[str, Written], in_force: Mapping[str, Written] | None = None
) -> list[Group]:
    """Everything that a plan says, by who it speaks to.

    Args:
        in_force: what the version says that is in force, where one is: what was changed since is marked, with
            what holds until it is put in force.
    """
    notes = {
        SafetyReader.CHILD: "Printed for the child and the carer, unless it says otherwise",
        SafetyReader.CARER: "Printed for the child and the carer",
        SafetyReader.WORKERS: "Never printed for the family",
    }
    found = []
    for reader in SafetyReader:
        asked = [one for one in rules.fields if one.reader is reader]
        found.append(
            Group(
                reader.label,
                notes[reader],
                [
                    _part(one, said.get(one.code), in_force)
                    for one in asked
                    if one.code in said or one.code in (in_force or {})
                ],
                [
                    one.label
                    for one in asked
                    if one.code not in said and one.code not in (in_force or {}) and not one.retired
                ],
            )
        )
    return found


def if_missing(rows: Iterable[Any], policy: Policy) -> list[dict[str, Any]]:
    """What plans say for when the child is missing, for `ui.summary_list`, in the order of the policy."""
    said = {row.item: row for row in rows if row.words}
    return [
        {"key": field.label, "value": said[field.code].words}
        for field in policy.of(SafetyPlanning).for_missing
        if field.code in said
    ]


def standing(plan: Any) -> Standing:
    """Where a plan stands. Takes a plan, a row of one, or what the head of a case holds of it."""
    facts = plan if isinstance(plan, Mapping) else {"state": plan.state, "valid_until": plan.valid_until}
    state, until = SafetyPlanState(facts["state"]), _as_date(facts["valid_until"])
    if state is not SafetyPlanState.IN_FORCE or until is None:
        return Standing(state.label, _TAGS[state], "", needs_care=False)
    left = until - clock.today()
    if left < timedelta(0):
        return Standing("Ran out", "red", f"on {day(until)}", needs_care=True)
    if left <= _SOON:
        return Standing("Runs out", "red", f"on {day(until)}", needs_care=True)
    return Standing(state.label, _TAGS[state], f"until {day(until)}", needs_care=False)


def agreement(version: Any) -> list[str]:
    """Who agreed to a version, and why somebody did not."""
    return [
        _agreed("The child", version.child_agrees, version.child_words),
        _agreed("The parent or carer", version.carer_agrees, version.carer_words),
    ]


def too_long(rules: SafetyPlanning, said: Mapping[str, str]) -> bool:
    """Whether what is written now would not fit one printed side."""
    printed: Iterable[SafetyField] = rules.printed
    return not fits_one_page([(one.label, said[one.code]) for one in printed if said.get(one.code)])


def _part(field: SafetyField, said: Written | None, in_force: Mapping[str, Written] | None) -> SafetyPlanPart:
    not_printed = field.reader is not SafetyReader.WORKERS and not field.printed
    label = f"{field.label} (not printed)" if not_printed else field.label
    words, by = (said.words, f"{said.author}, {said.agency}") if said else ("", "")
    waits = ""
    if in_force is not None:
        holds = in_force[field.code].words if field.code in in_force else ""
        if holds != words:
            change = "This" if said else "That it was taken out"
            waits = (
                f"{change} has not been put in force. The last version in force says: {holds or 'nothing'}"
            )
    return SafetyPlanPart(field.code, label, words, by, waits)


def _agreed(who: str, agrees: bool, words: str) -> str:
    said = f": {words.rstrip('.')}" if words else ""  # the page puts the sentences together
    return f"{who} {'agrees' if agrees else 'has not agreed'}{said}"


def _as_date(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
