"""A child on a form beside a known child, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal import clock
from portal.policy import Policy
from portal.records.children.rules.eligibility import age_on
from portal.records.referrals.rules import ChildDetails
from portal.records.triage.reading.matches import KnownChild
from portal.web.filters import day, nhs_number


@dataclass(frozen=True)
class Compared:
    """One line of a comparison; `same` is None where one side says nothing."""

    key: str
    on_form: Sequence[str]
    in_records: Sequence[str]
    same: bool | None


def comparison(details: ChildDetails, known: KnownChild, policy: Policy) -> list[Compared]:
    """What a form says of a child beside what the records say of a known one."""
    people = policy.people
    said = day(details.dob) or (f"About {details.age} years old" if details.age is not None else "")
    age = f"{age_on(known.dob, clock.today())} years old" if known.dob else ""
    estimate = ", estimated" if known.dob_is_estimate else ""
    born = f"{day(known.dob)} ({age}{estimate})" if known.dob else ""
    pairs: list[tuple[str, Sequence[str], Sequence[str]]] = [
        ("Name", [details.name], [known.name]),
        ("Other names", [details.other_names], known.other_names),
        ("Date of birth", [said], [born]),
        ("NHS number", [nhs_number(details.nhs_number)], [nhs_number(known.nhs_number)]),
        ("Gender", [people.genders.label(details.gender)], [people.genders.label(known.gender)]),
        (
            "Ethnicity",
            [people.ethnicities.label(details.ethnicity)],
            [people.ethnicities.label(known.ethnicity)],
        ),
        ("Address", [f"{details.address}\n{details.postcode}".strip()], known.addresses),
        ("Phone", [details.phone], known.phones),
        ("School or college", [details.school], known.schools),
        ("GP", [details.gp], known.gps),
        ("Parent or carer", [details.carer], known.carers),
    ]
    lines = [_compared(key, ours, theirs) for key, ours, theirs in pairs if any(ours) or any(theirs)]
    same_day = details.dob == known.dob if details.dob and known.dob else None
    return [replace(one, same=same_day) if one.key == "Date of birth" else one for one in lines]


def _compared(key: str, ours: Sequence[str], theirs: Sequence[str]) -> Compared:
    mine = {" ".join(one.lower().split()) for one in ours if one}
    yours = {" ".join(one.lower().split()) for one in theirs if one}
    return Compared(
        key, [one for one in ours if one], [one for one in theirs if one],
        bool(mine & yours) if mine and yours else None,
    )  # fmt: skip
