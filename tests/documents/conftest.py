"""What the tests of documents share: a case of three agencies with private markers, and taking a file."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.disclosures.model import TakenCopy
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import Opened, open_pdf
from tests.factories.cases import add_entry, involve, make_case, make_child

ClientFor = Callable[[User | None], Client]
Take = Callable[[User | None, str], Opened]

#: What each handling of an entry of the police is called by, and who reads it.
OPEN_TO_ALL, FOR_SOME, FOR_THEMSELVES = "Quillnetwork", "Quilllisted", "Quillown"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that social care leads, with police and health on it, and an entry of each handling."""
    made = make_case(
        rows,
        make_child(rows, "Ada", "Fictional", nhs_number="9434765919"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        authority="derbyshire",
    )
    involve(rows, made, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, made, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, made, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    add_entry(rows, made, cast.officer, f"{OPEN_TO_ALL} of the police")
    add_entry(
        rows,
        made,
        cast.officer,
        f"{FOR_SOME} of the police",
        handling=Handling.AGENCIES,
        listed=(cast.social_care.id,),
    )
    add_entry(rows, made, cast.officer, f"{FOR_THEMSELVES} of the police", handling=Handling.OWN)
    return made


@pytest.fixture
def take(client_for: ClientFor) -> Take:
    """Somebody takes a file, which is opened."""

    def taking(person: User | None, address: str) -> Opened:
        answer = client_for(person).get(address)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        assert answer.mimetype == "application/pdf"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        return open_pdf(answer.data)

    return taking


def copies(rows: Session) -> list[TakenCopy]:
    """What stands on the ledger of copies, in the order taken."""
    rows.rollback()
    return rows.query(TakenCopy).order_by(TakenCopy.taken_at, TakenCopy.id).all()
