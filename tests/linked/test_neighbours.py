"""What other parts of the portal mean for linked processes: missing episodes, words held back."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.models import Case, Child, LinkedProcess, User
from portal.services.errors import DomainError
from portal.services.linked_changes import add_note
from portal.services.linked_ends import take_back
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry
from tests.factories.intelligence import make_grading
from tests.linked.conftest import Acting, begins, does, takes
from tests.missing.conftest import reports
from tests.missing.test_duties import back_of


def test_a_discussion_that_was_held_leads_to_where_its_outcome_is_recorded(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    back_of(rows, case, cast.officer, 20, 9)
    third = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    said = {"answer": "discussion", "words": "With police and school"}
    worker = client_for(cast.social_worker)
    answer = worker.submit(f"/missing/{third.reference}/strategy", data=said)
    assert answer.location == f"/cases/{case.reference}/linked/new/strategy_discussion"
    assert "say what the strategy discussion came to" in worker.get(answer.location).text


def test_what_an_entry_holds_back_is_not_typed_into_a_process_again(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    held = "Zilpahwynd waits at the green gate on Fridays"
    entry = add_entry(rows, case, cast.officer, held)
    make_grading(rows, entry, cast.officer, "Do not put into minutes or reports")
    process = begins(acting, cast.social_worker, case, "section_47")
    verbs: list[Callable[[], object]] = [
        lambda: begins(acting, cast.social_worker, case, "channel", words=held),
        lambda: takes(acting, cast.social_worker, process, "complete", outcome="conference", words=held),
        lambda: does(acting, cast.social_worker, process, take_back, reason=held),
    ]
    for verb in verbs:
        with pytest.raises(DomainError, match="Take out"):
            verb()
    with acting(cast.nurse) as actor, pytest.raises(DomainError, match="Take out"):
        add_note(actor=actor, process=db.session.get_one(LinkedProcess, process.id), words=held)
    begins(acting, cast.officer, case, "nrm", words=held)  # the agency’s own words are its own to use
