"""A safety plan as a file: all of it for workers, and one side for the child and the carer."""

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.safety_plans.document import for_family
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.presenter import FamilyPage, SafetyPlanPart
from portal.records.safety_plans.rules import fits_one_page
from tests.cast import Cast
from tests.documents.conftest import ClientFor, Take, copies
from tests.documents.reading import open_pdf
from tests.documents.test_rendering import TAKER
from tests.factories.cases import add_alert
from tests.safety_plans.steps import WORDS, WORKERS, Acting, begun, holds, kept, writes


@pytest.fixture
def plan(acting: Acting, cast: Cast, case: Case) -> SafetyPlan:
    """A plan in force, with something for workers."""
    made = begun(acting, cast.social_worker, case, WORDS | WORKERS)
    holds(acting, cast.social_worker, case, made)
    return made


def record(plan: SafetyPlan) -> str:
    return f"/safety-plans/{plan.reference}/pdf"


def page(plan: SafetyPlan) -> str:
    return f"/safety-plans/{plan.reference}/family.pdf"


def test_the_record_holds_all_of_it_and_who_wrote_and_agreed(
    take: Take, cast: Cast, plan: SafetyPlan
) -> None:
    text = take(cast.officer, record(plan)).text
    for words in (*WORDS.values(), *WORKERS.values()):
        assert words in text
    for words in ("Ada Fictional", cast.social_worker.name, "Version 1", "The child agrees", "In force from"):
        assert words in text


def test_the_page_for_the_family_holds_nothing_for_workers_and_is_one_side(
    take: Take, cast: Cast, plan: SafetyPlan
) -> None:
    made = take(cast.social_worker, page(plan))
    assert len(made.pages) == 1
    for words in (*WORDS.values(), "Ada: my safety plan", "call 999", f"{plan.reference}, version 1"):
        assert words in made.text
    for hidden in ("Quietmarker", "Riskmarker", "Fictional", cast.social_worker.name, "9434765919", "Police"):
        assert hidden not in made.text, hidden
    assert "Fictional" not in made.facts
    assert "<pdfuaid:part>1</pdfuaid:part>" in made.facts


def test_as_much_as_is_reckoned_to_fit_one_side_is_one_side() -> None:
    words, parts = "Ring my aunt, who fetches me by car. " * 4, list[tuple[str, str]]()
    while fits_one_page([*parts, (f"What I do, part {len(parts)}", words)]):
        parts.append((f"What I do, part {len(parts)}", words))
    printed = FamilyPage(
        given_name="Ada",
        reference="SPL-1111-2222",
        edition=1,
        valid_until=date(2026, 12, 9),
        parts=[SafetyPlanPart("", label, text, "") for label, text in parts],
        fits_one_page=True,
        longest=[],
    )
    record = SimpleNamespace(id=uuid4(), reference="SPL-1111-2222")
    made = for_family(plan=record, case=record, printed=printed)
    assert len(parts) > 10
    assert len(open_pdf(made.made_for(TAKER, service="Test portal")).pages) == 1


def test_what_was_written_since_the_version_in_force_is_in_neither(
    rows: Session, acting: Acting, take: Take, cast: Cast, case: Case, plan: SafetyPlan
) -> None:
    seen = kept(rows, plan).number
    writes(acting, cast.social_worker, case, plan, seen=seen, worries="Quilllater worry")
    for address in (record(plan), page(plan)):
        assert "Quilllater" not in take(cast.social_worker, address).text


def test_a_draft_has_none(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    draft = begun(acting, cast.social_worker, case)
    client = client_for(cast.social_worker)
    assert client.get(record(draft)).status_code == 404
    assert client.get(page(draft)).status_code == 422
    assert not client.soup(f"/safety-plans/{draft.reference}").find("a", href=record(draft))
    assert copies(rows) == []


def test_an_alert_that_says_do_not_contact_the_family_keeps_their_page_back(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, plan: SafetyPlan
) -> None:
    add_alert(rows, case, cast.social_worker)
    answer = client_for(cast.social_worker).get(page(plan))
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert copies(rows) == []


def test_each_is_on_the_ledger(rows: Session, take: Take, cast: Cast, case: Case, plan: SafetyPlan) -> None:
    for address in (record(plan), page(plan)):
        take(cast.social_worker, address)
    found = copies(rows)
    assert [(one.kind, one.subject_reference, one.case_id) for one in found] == [
        ("safety_plan", plan.reference, case.id)
    ] * 2


def test_its_page_leads_to_it(client_for: ClientFor, cast: Cast, plan: SafetyPlan) -> None:
    client = client_for(cast.officer)
    assert client.soup(f"/safety-plans/{plan.reference}").find("a", href=record(plan))
    assert client.soup(f"/safety-plans/{plan.reference}/print").find("a", href=page(plan))


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("neighbour", 404), ("teacher", 404), ("governance", 403), ("administrator", 403)],
)
def test_who_does_not_read_the_case_gets_none(
    rows: Session, client_for: ClientFor, cast: Cast, plan: SafetyPlan, who: str, status: int
) -> None:
    for address in (record(plan), page(plan)):
        assert client_for(getattr(cast, who)).get(address).status_code == status
    assert copies(rows) == []
