"""Words for the page of a child: facts as rows, ages, periods, what a correction changed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.pathway.calendar import add_months, age_on
from portal.policy import Policy, current_policy
from portal.records.children.vocabulary import CorrectionPart, EligibilityBasis
from portal.vocabulary import CaseState, RiskLevel, Sensitivity, StatementKind
from portal.web.filters import day, lower_first, nhs_number, upper_first

#: What a correction calls each fact.
IDENTITY_LABELS = {
    "given_name": "Given names",
    "family_name": "Family name",
    "dob": "Date of birth",
    "dob_is_estimate": "Date of birth is an estimate",
    "nhs_number": "NHS number",
}

RECORD_LABELS = {
    "sex": "Sex",
    "gender": "Gender",
    "pronouns": "Pronouns",
    "ethnicity": "Ethnicity",
    "religion": "Religion or belief",
    "first_language": "First language",
    "interpreter_needed": "Interpreter needed",
    "communication_needs": "Communication needs",
    "preferred_contact": "Preferred worker or way of contact",
    "nationality": "Nationality",
    "immigration": "Immigration status",
    "disabilities": "Disability",
    "send": "Special educational needs",
    "ehcp": "Education, health and care plan",
    "eligibility_basis": "Why this pathway",
    "eligibility_reason": "Reason",
    "responsible_authority": "Responsible authority",
    "host_authority": "Host authority",
    "district": "District",
}


def full_name(child: Any) -> str:
    """The name of a child as it is read out."""
    return f"{child.given_name} {child.family_name}".strip()


def born(dob: date | None, *, is_estimate: bool = False) -> str | None:
    """A date of birth with the age that follows from it."""
    if dob is None:
        return None
    age = age_on(dob, clock.today())
    years = "1 year old" if age == 1 else f"{age} years old"
    return f"About {years} (born about {dob.year})" if is_estimate else f"{day(dob)} ({years})"


def identity_rows(child: Any) -> list[dict[str, Any]]:
    """Who the child is."""
    return [
        {"key": "Name", "value": full_name(child)},
        {"key": "Date of birth", "value": born(child.dob, is_estimate=child.dob_is_estimate)},
        {"key": "NHS number", "value": nhs_number(child.nhs_number) or None},
    ]


def record_rows(record: Any, policy: Policy) -> list[dict[str, Any]]:
    """What the network knows beyond that."""
    facts = {label: shown(key, getattr(record, key), policy) for key, label in RECORD_LABELS.items()}
    return [{"key": label, "value": value} for label, value in facts.items() if value]


def not_recorded(record: Any) -> str:
    """What nobody has recorded, as one sentence."""
    missing = [
        lower_first(label)
        for key, label in RECORD_LABELS.items()
        if getattr(record, key) in (None, "", []) and key != "eligibility_reason"
    ]
    return f"Not recorded: {', '.join(missing)}." if missing else ""


def shown(key: str, value: Any, policy: Policy) -> str | list[str] | None:
    """One stored fact as people read it."""
    if value is None or value in ("", []):
        return None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    reads = _READS.get(key)
    return reads(value, policy) if reads else str(value)


_READS: dict[str, Callable[[Any, Policy], str | list[str]]] = {
    "sex": lambda value, policy: policy.people.sexes.label(value),
    "gender": lambda value, policy: policy.people.genders.label(value),
    "ethnicity": lambda value, policy: policy.people.ethnicities.label(value),
    "disabilities": lambda value, policy: list(policy.people.disabilities.labels(value)),
    "responsible_authority": lambda value, policy: policy.areas.authorities.label(value),
    "host_authority": lambda value, policy: policy.areas.authorities.label(value),
    "district": lambda value, policy: policy.areas.districts.label(value),
    "eligibility_basis": lambda value, _policy: EligibilityBasis(value).label,
    "nhs_number": lambda value, _policy: nhs_number(value),
    "dob": lambda value, _policy: day(date.fromisoformat(value) if isinstance(value, str) else value),
}


def sort_label(statement: Any, policy: Policy) -> str:
    """What sort of address, phone, attendance or relationship a statement names."""
    people = policy.people
    sorts = {
        StatementKind.ADDRESS: people.address_kinds,
        StatementKind.PHONE: people.phone_kinds,
        StatementKind.SCHOOL: people.attendance,
        StatementKind.CARER: people.relationships,
    }.get(statement.kind)
    return sorts.label(statement.code) if sorts else statement.code or ""


def said_when(statement: Any, policy: Policy) -> str:
    """What sort of thing a statement is about, and from when until when it is so."""
    sort = sort_label(statement, policy)
    when = period(statement.starts_on, statement.ends_on)
    found = ", ".join(filter(None, (sort, when)))
    return f"{upper_first(found)}. " if found else ""


def said_by(statement: Any) -> str:
    """Which agency says it, and who of it; of what came by a form its sender, and who added it."""
    wrote = f"{statement.agency} ({statement.author})"
    if statement.sent_on is None:
        return wrote
    form = f"by an information form of {day(statement.sent_on)}; added by {wrote}"
    return f"{statement.sender}, {form}" if statement.sender else upper_first(form)


#: The page on which each kind of statement is added.
ADDS = {
    StatementKind.ADDRESS: "Add an address",
    StatementKind.PHONE: "Add a phone number",
    StatementKind.ACCOUNT: "Add an online account",
    StatementKind.SCHOOL: "Add a school, college or workplace",
    StatementKind.GP: "Add a GP practice",
    StatementKind.CARER: "Add a parent, carer or family member",
}


def case_words(case: Any) -> dict[str, str]:
    """Where a case stands, at what level, how closely held."""
    return {
        "state": CaseState(case.state).label,
        "level": RiskLevel(case.level).label if case.level else "",
        "sensitivity": Sensitivity(case.sensitivity).label,
    }


def changes(correction: Any, policy: Policy) -> Iterable[str]:
    """What a correction changes: one line for each fact."""
    labels = IDENTITY_LABELS if correction.part == CorrectionPart.IDENTITY else RECORD_LABELS
    for key, after in correction.after.items():
        before = correction.before.get(key)
        if before != after:
            yield f"{labels.get(key, key)}: {_plain(key, before, policy)} → {_plain(key, after, policy)}"


def version(values: Mapping[str, Any], labels: Mapping[str, str], policy: Policy) -> dict[str, str]:
    """One of two versions of the same facts, to be shown beside the other."""
    return {labels[key]: _plain(key, value, policy) for key, value in values.items() if key in labels}


def _plain(key: str, value: Any, policy: Policy) -> str:
    found = shown(key, value, policy)
    return ", ".join(found) if isinstance(found, list) else found or "nothing recorded"


def period(starts_on: date | None, ends_on: date | None) -> str:
    """From when until when something is so, as far as it is known."""
    if starts_on and ends_on:
        return f"{day(starts_on)} to {day(ends_on)}"
    if starts_on:
        return f"since {day(starts_on)}"
    return f"until {day(ends_on)}" if ends_on else ""


def released(said: Mapping[str, Any]) -> str:
    """Why an agency lets a statement be seen that was held back, or that an alert holds back."""
    at = datetime.fromisoformat(said["at"])
    return f"May be seen because: {said['reason']} ({said['by']}, {day(at)})"


def turns_adult(child: Any) -> date | None:
    """The day on which a young person comes of age; None where the date of birth is not known."""
    if child.dob is None:
        return None
    return add_months(child.dob, current_policy().clocks.limits.child_age.value * 12)
