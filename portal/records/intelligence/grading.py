"""Grading what a form says as intelligence (3x5x2), and the words without the source that others may see."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_with_reference
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix
from portal.policy import Policy, current_policy
from portal.policy.work import HandlingGrade
from portal.records.referrals.model import Referral, ReferralSource, ReferralSubject
from portal.records.triage.model import IntelligenceReport

_SHORTEST_TELLING = 5


@dataclass(frozen=True, kw_only=True)
class Grades:
    """The three grades of intelligence: codes of policy `decisions`."""

    source_grade: str
    information_grade: str
    handling_code: str


@dataclass(frozen=True, kw_only=True)
class Grading(Grades):
    """How far information can be relied on, and how it may be handled.

    Attributes:
        conditions: what its use is bound to; the handling code says whether there must be some.
        text: the words that others may see, without anything that points to the source.
    """

    conditions: str = ""
    text: str


def grade(
    *, actor: Principal, referral: Referral, subject: ReferralSubject | None, grading: Grading
) -> IntelligenceReport:
    """Grade what a form says, of one subject or as a whole. An earlier grading stays, marked as replaced.

    Raises:
        Forbidden: the actor does not triage.
        DomainError: a grade is missing or unknown, conditions are missing, or the text is empty or repeats
            what the source box says.
    """
    require(actor, "referral:triage")
    _check(grading, referral, current_policy())
    earlier = live_report(referral=referral, subject=subject)
    if earlier and _same(earlier, grading):
        return earlier
    report = insert_with_reference(
        IntelligenceReport(
            id=new_id(),
            referral_id=referral.id,
            subject_id=subject.id if subject else None,
            source_grade=grading.source_grade,
            information_grade=grading.information_grade,
            handling_code=grading.handling_code,
            conditions=grading.conditions.strip() or None,
            sanitised_text=grading.text.strip(),
            graded_by=actor.user_id,
            graded_at=clock.now(),
        ),
        Prefix.INTELLIGENCE,
        "The report could not be given a reference. Try again",
    )
    if earlier:
        earlier.replaced_by_id = report.id
        db.session.flush()
    audit.record("intelligence:grade", referral, ground="hub", report=report.reference)
    return report


def live_report(*, referral: Referral, subject: ReferralSubject | None = None) -> IntelligenceReport | None:
    """The grading that holds, of a subject or of the form as a whole."""
    return db.session.scalar(
        select(IntelligenceReport)
        .where(
            IntelligenceReport.referral_id == referral.id,
            IntelligenceReport.subject_id.is_not_distinct_from(subject.id if subject else None),
            IntelligenceReport.replaced_by_id.is_(None),
        )
        .order_by(IntelligenceReport.graded_at.desc())
        .limit(1)
    )


def _check(grading: Grading, referral: Referral, policy: Policy) -> None:
    handling = check_grades(grading, policy)
    if handling.needs_conditions and not grading.conditions.strip():
        raise DomainError("State the conditions", field="grading_conditions")
    if grading.conditions.strip() and not handling.needs_conditions:
        raise DomainError(
            "Choose a handling code with conditions, or take out the conditions", field="grading_conditions"
        )
    require_text(grading.text, "Write the words that others may see", field="sanitised_text")
    refuse_source(grading.text, referral, field="sanitised_text")


def check_grades(grading: Grades, policy: Policy) -> HandlingGrade:
    """The handling grade that was chosen.

    Raises:
        DomainError: a grade is missing or unknown.
    """
    rules = policy.decisions
    if rules.source_grades.get(grading.source_grade) is None:
        raise DomainError("Choose how reliable the source is", field="source_grade")
    if rules.information_grades.get(grading.information_grade) is None:
        raise DomainError("Choose how the information is known", field="information_grade")
    handling = rules.handling_grades.get(grading.handling_code)
    if handling is None:
        raise DomainError("Choose how it may be handled", field="handling_code")
    return handling


def refuse_source(text: str, referral: Referral, *, field: str) -> None:
    """Go on only if a text does not repeat what stands in the form's source box.

    Raises:
        DomainError: it does.
    """
    why = "it stands in the source box, which is for the hub only"
    refuse_words_of(_said_of_source(referral), text, why, field=field)


#: Words with a capital that are no name of anybody, beside those of districts and authorities.
_IN_ADDRESSES = frozenset(
    (
        *("the", "an", "and", "of", "at", "road", "street", "lane", "avenue", "close", "drive", "house"),
        *("school", "academy", "college", "church"),
    )
)


def may_name_source(text: str, referral: Referral) -> bool:
    """Whether a text has a word that is written like a name in the form’s source box: “Jo”, where that says
    “Jo next door saw it”. It may be no name: for what is left out in doubt, and not for what is refused.
    """
    areas = current_policy().areas
    places = [one.label for kinds in (areas.districts, areas.authorities) for one in kinds.offered]
    said = set(_plain(text).split()) - _IN_ADDRESSES.union(*(_plain(one).split() for one in places))
    written = re.findall(r"\w{2,}", _said_of_source(referral))
    return any(word[0].isupper() and _plain(word) in said for word in written)


def _said_of_source(referral: Referral) -> str:
    found = select(ReferralSource.text).where(ReferralSource.referral_id == referral.id)
    return db.session.scalar(found) or ""


def refuse_words_of(source: str, text: str, why: str, *, field: str) -> None:
    """Go on only if a text does not repeat a line of what was said of the source.

    Raises:
        DomainError: it does.
    """
    said = _plain(text)
    for line in re.split(r"[\n.;]+", source):
        told = _plain(line)
        if len(told) >= _SHORTEST_TELLING and told in said:
            raise DomainError(f"Take out “{line.strip()}”: {why}", field=field)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _same(report: IntelligenceReport, grading: Grading) -> bool:
    return (
        report.source_grade == grading.source_grade
        and report.information_grade == grading.information_grade
        and report.handling_code == grading.handling_code
        and (report.conditions or "") == grading.conditions.strip()
        and report.sanitised_text == grading.text.strip()
    )
