"""What other parts of the portal mean for linked processes: missing episodes, words held back."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.changes.errors import DomainError
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.outcomes import take_back
from portal.records.linked_processes.steps import add_note
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry
from tests.factories.intelligence import make_grading
from tests.factories.linked import make_process
from tests.linked_processes.conftest import Acting, begins, does, takes
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


def test_where_a_strategy_discussion_is_owed_those_who_may_record_one_find_the_way_there(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    with acting(cast.social_worker):
        owner = Owner(user_id=cast.social_worker.id)
        open_deadline(kind=DeadlineKind.STRATEGY, subject=db.session.get_one(Case, case.id), owner=owner)
    for who, offered in ((cast.social_worker, True), (cast.officer, True), (cast.nurse, False)):
        page = client_for(who).get(f"/cases/{case.reference}").text
        assert "Hold the strategy discussion" in page
        assert ("Record a strategy discussion" in page) is offered


def test_a_process_is_found_by_its_reference_by_whoever_reads_the_case(
    rows: Session, cast: Cast, case: Case, client_for: Callable[[User | None], Client]
) -> None:
    process = make_process(rows, case, cast.social_worker)
    for who, found in ((cast.nurse, True), (cast.stranger, False)):
        answer = client_for(who).submit("/search", data={"sought": process.reference})
        assert (f"/linked/{process.reference}" in answer.text) is found
