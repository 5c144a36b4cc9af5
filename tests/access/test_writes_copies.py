"""What the application may not write on the ledger of copies, whatever Python lets through."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.disclosures.model import TakenCopy
from portal.records.people.model import User
from tests.access.test_reach import Asking
from tests.access.test_writes import refused
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that the police work on."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def taken(case: Case, by: User) -> TakenCopy:
    return TakenCopy(
        id=new_id(),
        reference=f"CPY-{new_id()}",
        kind="chronology",
        subject_id=case.id,
        subject_reference=case.reference,
        case_id=case.id,
        taken_by=by.id,
        taken_agency_id=by.agency_id,
        taken_at=clock.now(),
        digest="0",
        size=1,
    )


def test_nobody_takes_a_copy_in_the_name_of_another_or_of_another_agency(
    cast: Cast, case: Case, asking: Asking
) -> None:
    refused(asking, cast.officer, taken(case, cast.colleague))
    elsewhere = taken(case, cast.officer)
    elsewhere.taken_agency_id = cast.health.id
    refused(asking, cast.officer, elsewhere)


def test_what_stands_on_the_ledger_is_never_changed_or_taken_off(
    cast: Cast, case: Case, asking: Asking
) -> None:
    for attempt in (update(TakenCopy).values(kind="plan"), delete(TakenCopy)):
        with asking(cast.officer) as session:
            session.add(taken(case, cast.officer))
            session.flush()
            with pytest.raises(DBAPIError, match="permission denied"):
                session.execute(attempt)
