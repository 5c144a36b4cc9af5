"""Who counts as a child for this pathway: a rule and a recorded reason, never a block.

Source: the local guidance page (under 18; up to 25 with special educational needs or a disability; or having
been in local authority care, without an upper age). The ages are policy ``clocks.limits``.
"""

from dataclasses import dataclass
from datetime import date

from portal.policy import Policy
from portal.records.children.vocabulary import EligibilityBasis
from portal.vocabulary import Answer


@dataclass(frozen=True)
class Eligibility:
    """On what ground someone counts, and whether a person has to write down why they are included."""

    basis: EligibilityBasis
    needs_reason: bool
    explanation: str


def age_on(birth: date, day: date) -> int:
    """Age in whole years on a day. Born on 29 February, one is a year older on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def eligibility(policy: Policy, *, age: int | None, send: Answer, care_experienced: Answer) -> Eligibility:
    """The ground on which somebody of an age counts.

    Whoever does not meet a rule is included all the same when somebody records why, because the people who
    know the child decide and not a date of birth.

    :param age: in whole years, known or approximate; None when it is not known.
    :param send: whether there are special educational needs or a disability.
    :param care_experienced: whether the person has been in the care of a local authority.
    """
    limits = policy.clocks.limits
    if age is None:
        return Eligibility(
            EligibilityBasis.AGE_NOT_KNOWN, False, "The age is not known yet. Find it out at triage."
        )
    if age < limits.child_age.value:
        return Eligibility(EligibilityBasis.UNDER_18, False, f"Under {limits.child_age.value}.")
    if send is Answer.YES and age <= limits.send_age.value:
        return Eligibility(
            EligibilityBasis.SEND,
            False,
            f"Up to {limits.send_age.value}, with special educational needs or a disability.",
        )
    if care_experienced is Answer.YES:
        beyond = age > limits.care_experienced_age.value
        explanation = "Has been in the care of a local authority."
        if beyond:
            explanation += (
                f" Over {limits.care_experienced_age.value}, so write down why this pathway is the right one."
            )
        return Eligibility(EligibilityBasis.CARE_EXPERIENCED, beyond, explanation)
    return Eligibility(
        EligibilityBasis.OTHER,
        True,
        f"{limits.child_age.value} or over, and no other rule applies."
        " Write down why this pathway is the right one.",
    )
