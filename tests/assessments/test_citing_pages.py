"""Citing an entry on pages, without JavaScript, and what each reader of the assessment then sees of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.entries.model import Citation
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from tests.assessments.conftest import Acting, begin, case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry

ClientFor = Callable[[User | None], Client]
LISTED = "Seen getting out of a hired car"


@pytest.fixture
def assessment(acting: Acting, cast: Cast, case: Case) -> RiskAssessment:
    """One that is being written."""
    return begin(acting, cast.social_worker, case)


def section(assessment: RiskAssessment) -> str:
    return f"/assessments/{assessment.reference}/sections/voice"


def cite_listed(
    rows: Session, cast: Cast, case: Case, assessment: RiskAssessment, client: Client
) -> Citation:
    """Somebody cites what only the police and social care may read."""
    entry = add_entry(
        rows, case, cast.officer, LISTED, handling=Handling.AGENCIES, listed=(cast.social_care.id,)
    )
    done = client.submit(f"{section(assessment)}/cite/{entry.id}")
    assert done.headers["Location"].endswith("/sections/voice")
    return rows.scalars(select(Citation)).one()


def test_an_entry_is_chosen_confirmed_with_its_conditions_and_cited(
    rows: Session, cast: Cast, case: Case, assessment: RiskAssessment, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    entry = add_entry(
        rows, case, cast.officer, LISTED, handling=Handling.AGENCIES, listed=(cast.social_care.id,)
    )
    on = client.submit(
        section(assessment), {"own_words__words": "They wait for me", "version": "0", "cite": "1"}
    )
    assert on.headers["Location"].endswith("/sections/voice/cite"), "what was typed is saved first"
    choose = client.get(on.headers["Location"]).text
    assert LISTED in choose
    assert f"/cite/{entry.id}" in choose
    confirm = client.get(f"{section(assessment)}/cite/{entry.id}").text
    assert "Only for Police and County social care." in confirm
    client.submit(f"{section(assessment)}/cite/{entry.id}")
    page = client.get(section(assessment)).text
    for words in (
        "They wait for me",
        LISTED,
        "Only for Police and County social care.",
        cast.social_worker.name,
    ):
        assert words in page


@pytest.mark.parametrize("page", ["", "/print", "/sections/voice"])
def test_whoever_may_not_read_it_sees_whose_it_is_and_whom_to_ask_on_every_page(
    rows: Session, cast: Cast, case: Case, assessment: RiskAssessment, client_for: ClientFor, page: str
) -> None:
    citation = cite_listed(rows, cast, case, assessment, client_for(cast.social_worker))
    address = f"/assessments/{assessment.reference}{page}"
    shown = client_for(cast.colleague).get(address).text
    assert LISTED in shown
    assert "Only for Police and County social care." in shown
    for person in (cast.nurse, cast.coordinator):
        hidden = client_for(person).get(address).text
        assert "one of Police, which you cannot see" in hidden
        assert citation.reference in hidden
        assert "01632 960001" in hidden, "whom to ask"
        for words in (LISTED, "Only for", "Cited by"):
            assert words not in hidden
    assert client_for(cast.stranger).get(address).status_code == 404


def test_what_an_agency_keeps_to_itself_is_refused_with_whom_to_ask(
    rows: Session, cast: Cast, case: Case, assessment: RiskAssessment, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.officer, handling=Handling.OWN)
    client = client_for(cast.colleague)
    assert "Cannot be cited" in client.get(f"{section(assessment)}/cite").text
    page = client.get(f"{section(assessment)}/cite/{entry.id}").text
    assert "Only Police may read this entry" in page
    assert "01632 960001" in page
    assert "Cite it" not in page
    assert client.submit(f"{section(assessment)}/cite/{entry.id}").status_code == 422
    assert client_for(cast.nurse).get(f"{section(assessment)}/cite/{entry.id}").status_code == 404


def test_an_entry_of_another_case_answers_as_none(
    rows: Session, cast: Cast, case: Case, assessment: RiskAssessment, client_for: ClientFor
) -> None:
    elsewhere = add_entry(rows, case_of_three(rows, cast), cast.officer)
    client = client_for(cast.officer)
    assert client.get(f"{section(assessment)}/cite/{elsewhere.id}").status_code == 404
    assert client.submit(f"{section(assessment)}/cite/{elsewhere.id}").status_code == 404


def test_a_citation_is_taken_back_by_those_who_may_and_is_gone_from_the_pages(
    rows: Session, cast: Cast, case: Case, assessment: RiskAssessment, client_for: ClientFor
) -> None:
    citation = cite_listed(rows, cast, case, assessment, client_for(cast.social_worker))
    address = f"/assessments/{assessment.reference}/citations/{citation.id}/withdraw"
    assert client_for(cast.nurse).submit(address).status_code == 404, "the nurse may not know what it is"
    assert client_for(cast.officer).submit(address).status_code == 303
    assert LISTED not in client_for(cast.officer).get(section(assessment)).text
    assert client_for(cast.officer).submit(address).status_code == 404


def test_an_empty_case_says_that_there_is_nothing_to_cite(
    cast: Cast, assessment: RiskAssessment, client_for: ClientFor
) -> None:
    assert "There is nothing to cite" in client_for(cast.nurse).get(f"{section(assessment)}/cite").text
