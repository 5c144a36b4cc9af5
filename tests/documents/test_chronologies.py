"""The chronology of a case as a file: what its reader may read, on the ledger, and nobody else's."""

from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.documents.conftest import FOR_SOME, FOR_THEMSELVES, OPEN_TO_ALL, ClientFor, Take, copies
from tests.factories.cases import add_alert, add_entry, grant


def address(case: Case) -> str:
    return f"/cases/{case.reference}/chronology.pdf"


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("officer", {OPEN_TO_ALL, FOR_SOME, FOR_THEMSELVES}),
        ("colleague", {OPEN_TO_ALL, FOR_SOME, FOR_THEMSELVES}),
        ("social_worker", {OPEN_TO_ALL, FOR_SOME}),
        ("nurse", {OPEN_TO_ALL}),
        ("coordinator", {OPEN_TO_ALL}),
    ],
)
def test_each_reader_gets_the_entries_that_are_for_them(
    take: Take, cast: Cast, case: Case, who: str, reads: set[str]
) -> None:
    made = take(getattr(cast, who), address(case))
    assert {one for one in (OPEN_TO_ALL, FOR_SOME, FOR_THEMSELVES) if one in made.text} == reads
    assert "Ada Fictional" in made.text
    assert "943 476 5919" in made.text


def test_each_entry_says_who_wrote_it_and_who_may_read_it(
    rows: Session, take: Take, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.officer, "Under a condition")
    entry.conditions = "Do not approach the people named"
    entry.critical_moment = "First time missing overnight"
    rows.commit()
    text = take(cast.officer, address(case)).text
    assert f"{cast.officer.name}, Police, case {case.reference}. Only Police." in text
    assert f"{cast.officer.name}, Police, case {case.reference}. Only Police, County social care." in text
    assert "Conditions: Do not approach the people named" in text
    assert "Critical moment: First time missing overnight" in text


def test_alerts_and_how_closely_it_is_held_stand_at_the_head(
    rows: Session, take: Take, cast: Cast, case: Case
) -> None:
    add_alert(rows, case, cast.social_worker, "Ring Wanda Quillwarn before any call")
    grant(rows, case, cast.officer, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    first = take(cast.officer, address(case)).pages[0]
    assert first.index("Quillwarn") < first.index("About the case")
    assert first.index("Restricted.") < first.index("About the case")


def test_the_oldest_entry_is_first_and_a_longer_chronology_says_that_it_goes_on(
    rows: Session, take: Take, cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entry(rows, case, cast.officer, "Quilllast of all")
    monkeypatch.setattr("portal.pages.chronologies.document.PRINTED", 2)
    text = take(cast.officer, address(case)).text
    assert OPEN_TO_ALL not in text
    assert text.index(FOR_THEMSELVES) < text.index("Quilllast")
    assert "There are older lines" in text


def test_a_file_is_on_the_ledger_and_its_reference_in_it(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    answer = client_for(cast.officer).get(address(case))
    (copy,) = copies(rows)
    assert (copy.kind, copy.subject_reference, copy.case_id) == ("chronology", case.reference, case.id)
    assert (copy.taken_by, copy.taken_agency_id) == (cast.officer.id, cast.police.id)
    assert (copy.digest, copy.size) == (sha256(answer.data).hexdigest(), len(answer.data))
    assert answer.headers["Content-Disposition"] == f"attachment; filename={case.reference}-chronology.pdf"
    look = rows.query(AuditEvent).filter_by(action="case:download").one()
    assert (look.case_id, look.child_id, look.actor_id) == (case.id, case.child_id, cast.officer.id)


def test_every_copy_has_a_reference_of_its_own(rows: Session, take: Take, cast: Cast, case: Case) -> None:
    made = [take(cast.officer, address(case)) for _ in range(2)]
    found = [copy.reference for copy in copies(rows)]
    assert len(set(found)) == 2
    for reference, one in zip(found, made, strict=True):
        assert all(reference in page for page in one.pages)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("stranger", 404),
        ("neighbour", 404),
        ("community_safety", 404),
        ("teacher", 404),
        ("governance", 403),
        ("administrator", 403),
    ],
)
def test_who_does_not_read_the_case_gets_no_file_and_leaves_nothing_on_the_ledger(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, who: str, status: int
) -> None:
    answer = client_for(getattr(cast, who)).get(address(case))
    assert answer.status_code == status
    assert "Fictional" not in answer.text
    assert copies(rows) == []


def test_who_knows_only_that_a_case_exists_is_told_so(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert client_for(cast.officer).get(address(case)).status_code == 403
    assert copies(rows) == []


def test_nobody_signed_out_gets_a_file(rows: Session, client_for: ClientFor, case: Case) -> None:
    assert client_for(None).get(address(case)).status_code == 303
    assert client_for(None).get("/cases/CRE-0000-0000/chronology.pdf").status_code == 303
    assert copies(rows) == []


def test_the_case_leads_to_it(client_for: ClientFor, cast: Cast, case: Case) -> None:
    page = client_for(cast.officer).soup(f"/cases/{case.reference}/manage")
    assert page.find("a", href=address(case))
