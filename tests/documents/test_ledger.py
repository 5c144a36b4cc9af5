"""The sharing ledger shows who took which file: to governance all, to others what is theirs to know."""

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.documents.conftest import ClientFor, Take, copies


@pytest.fixture
def copy(rows: Session, take: Take, cast: Cast, case: Case) -> str:
    """The reference of a chronology that the officer took."""
    take(cast.officer, f"/cases/{case.reference}/chronology.pdf")
    return copies(rows)[0].reference


@pytest.mark.parametrize("who", ["officer", "police_manager", "coordinator", "governance"])
def test_whoever_has_to_know_sees_who_took_what(
    client_for: ClientFor, cast: Cast, case: Case, copy: str, who: str
) -> None:
    text = client_for(getattr(cast, who)).soup("/told/copies").get_text(" ")
    for words in (copy, cast.officer.name, "Police", "Chronology", case.reference):
        assert words in text


@pytest.mark.parametrize("who", ["colleague", "social_worker", "nurse", "stranger"])
def test_others_do_not(client_for: ClientFor, cast: Cast, copy: str, who: str) -> None:
    assert copy not in client_for(getattr(cast, who)).soup("/told/copies").get_text(" ")


def test_a_list_is_called_by_what_it_lists(client_for: ClientFor, cast: Cast) -> None:
    client = client_for(cast.coordinator)
    assert client.get("/work/duties.csv?whose=mine").status_code == 200
    text = " ".join(client.soup("/told/copies").get_text(" ").split())
    assert "List of duties" in text


def test_an_administrator_opens_no_ledger(client_for: ClientFor, cast: Cast, copy: str) -> None:
    del copy
    assert client_for(cast.administrator).get("/told/copies").status_code == 403


def test_the_ledger_of_a_case_has_its_files_and_no_others(
    take: Take, client_for: ClientFor, rows: Session, cast: Cast, case: Case, copy: str
) -> None:
    page = f"/told/ledger/{case.reference}?show=files"
    assert copy in client_for(cast.governance).soup(page).get_text(" ")
    assert copy not in client_for(cast.nurse).soup(page).get_text(" ")


def test_what_was_taken_of_a_case_that_is_sealed_now_is_for_governance_and_whoever_took_it(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, copy: str
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    shown = {
        who: copy in client_for(getattr(cast, who)).soup("/told/copies").get_text(" ")
        for who in ("governance", "officer", "coordinator")
    }
    assert shown == {"governance": True, "officer": True, "coordinator": False}


def test_governance_turns_the_pages_of_it(
    client_for: ClientFor, take: Take, cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch, rows: Session
) -> None:
    monkeypatch.setattr("portal.queries.gathered.find_first.__kwdefaults__", {"limit": 1})
    for _ in range(2):
        take(cast.officer, f"/cases/{case.reference}/chronology.pdf")
    newest = copies(rows)[-1]
    client = client_for(cast.governance)
    first = client.soup("/told/copies")
    assert newest.reference in first.get_text(" ")
    further = first.find("a", rel="next")
    assert further is not None
    more = client.soup(str(further["href"])).get_text(" ")
    assert newest.reference not in more
    assert copies(rows)[0].reference in more
    assert client.get("/told/copies?after=nonsense").status_code == 400
