"""A finalised assessment as a file: every answer with who gave it, the reasons, and no draft."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import SignAnswer
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.vocabulary import RiskLevel, Sensitivity
from tests.assessments.conftest import Acting, begin, concludes, fill_in
from tests.cast import Cast
from tests.documents.conftest import ClientFor, Take, copies
from tests.factories.assessments import make_assessment, make_citation
from tests.factories.cases import add_entry, make_case, make_child

SEEN = Given(answer=SignAnswer.CURRENT, words="Quillevidence at the #school", source="Quillsource")


@pytest.fixture
def finalised(acting: Acting, cast: Cast, case: Case) -> RiskAssessment:
    """A full assessment that three agencies could write in, with one sign of harm."""
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, violence={"made_to_carry": SEEN})
    concludes(acting, cast.social_worker, case, RiskLevel.HIGH, difference_reason="")
    return found


def address(found: RiskAssessment) -> str:
    return f"/assessments/{found.reference}/pdf"


def test_it_holds_the_conclusion_the_answers_and_who_gave_them(
    rows: Session, take: Take, cast: Cast, case: Case, finalised: RiskAssessment
) -> None:
    text = take(cast.nurse, address(finalised)).text
    kept = rows.get_one(RiskAssessment, finalised.id)
    for words in (
        "Risk assessment",
        "Ada Fictional",
        f"Case {case.reference}",
        "Level: High",
        "What several agencies saw",
        "Section 47 considered: Yes: Agreed with the police",
        "National Referral considered: No: No sign of trafficking",
        "The answers suggested: High",
        "Quillevidence at the #school",
        "Source: Quillsource",
        f"{cast.social_worker.name}, County social care",
        "Told in full",
        f"Policy of {kept.policy_version}",
    ):
        assert words in text, words


def test_it_says_that_nothing_was_suggested_also_of_one_that_was_finalised_with_another_word(
    rows: Session, take: Take, cast: Cast, case: Case, acting: Acting
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found)
    concludes(acting, cast.social_worker, case, RiskLevel.LOW)
    said = "The answers suggested: Nothing, because Home and family, Missing and movement"
    assert said in " ".join(take(cast.nurse, address(found)).text.split())
    rows.execute(update(RiskAssessment).values(suggested_level="none").where(RiskAssessment.id == found.id))
    rows.commit()
    text = " ".join(take(cast.nurse, address(found)).text.split())
    assert said in text
    assert "No exploitation found" not in text


def test_an_entry_that_is_cited_is_in_it_for_whoever_may_read_the_entry(
    rows: Session, take: Take, cast: Cast, case: Case, finalised: RiskAssessment
) -> None:
    entry = add_entry(
        rows, case, cast.officer, "Quillcited", handling=Handling.AGENCIES, listed=(cast.social_care.id,)
    )
    for row in make_citation(finalised, entry, cast.officer.id):
        rows.add(row)
        rows.flush()
    rows.commit()
    police = take(cast.officer, address(finalised)).text
    assert "Quillcited" in police
    assert "Conditions: C" in police
    nurse = take(cast.nurse, address(finalised)).text
    assert "Quillcited" not in nurse
    assert "one of Police, which you cannot see" in nurse


def test_it_is_on_the_ledger_by_its_reference(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, finalised: RiskAssessment
) -> None:
    answer = client_for(cast.officer).get(address(finalised))
    assert answer.headers["Content-Disposition"] == f"attachment; filename={finalised.reference}.pdf"
    (copy,) = copies(rows)
    assert (copy.kind, copy.subject_id, copy.case_id) == ("assessment", finalised.id, case.id)
    assert copy.subject_reference == finalised.reference


def test_one_that_is_still_written_has_none(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    draft = make_assessment(rows, case, cast.social_worker)
    client = client_for(cast.social_worker)
    assert client.get(address(draft)).status_code == 404
    assert not client.soup(f"/assessments/{draft.reference}").find("a", href=address(draft))
    assert copies(rows) == []


def test_its_page_leads_to_it(client_for: ClientFor, cast: Cast, finalised: RiskAssessment) -> None:
    page = client_for(cast.nurse).soup(f"/assessments/{finalised.reference}")
    assert page.find("a", href=address(finalised))


@pytest.mark.parametrize("who", ["stranger", "neighbour", "teacher", "community_safety"])
def test_who_does_not_read_the_case_gets_none(
    rows: Session, client_for: ClientFor, cast: Cast, finalised: RiskAssessment, who: str
) -> None:
    client = client_for(getattr(cast, who))
    assert client.get(address(finalised)).status_code == 404
    assert client.get("/assessments/ASM-0000-0000/pdf").status_code == 404
    assert copies(rows) == []


@pytest.mark.parametrize("who", ["governance", "administrator"])
def test_who_stands_apart_from_cases_gets_none(
    rows: Session, client_for: ClientFor, cast: Cast, finalised: RiskAssessment, who: str
) -> None:
    assert client_for(getattr(cast, who)).get(address(finalised)).status_code == 403
    assert copies(rows) == []


def test_once_a_case_is_sealed_its_assessment_is_for_named_people(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, finalised: RiskAssessment
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for person in (cast.officer, cast.coordinator, cast.social_worker):
        assert client_for(person).get(address(finalised)).status_code == 404
    assert copies(rows) == []


def test_the_reference_of_another_record_opens_nothing(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, finalised: RiskAssessment
) -> None:
    other = make_case(rows, make_child(rows, "Ben"), lead=cast.school, opened_by=cast.coordinator)
    client = client_for(cast.officer)
    for reference in (case.reference, other.reference, finalised.id, f"{finalised.reference}/../x"):
        assert client.get(f"/assessments/{reference}/pdf").status_code == 404
    assert copies(rows) == []
