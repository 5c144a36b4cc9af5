"""What an outcome decides and that does not begin with it: the page says so, and offers it once it can."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.closing.effects import reopen_case
from portal.records.linked_processes import outcomes
from portal.records.linked_processes.model import LinkedProcess
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import closed
from tests.factories.linked import step_of
from tests.linked_processes.conftest import Acting, begins
from tests.linked_processes.test_pages import ClientFor, typed


def ends_in_an_enquiry(rows: Session, worker: Client, discussion: LinkedProcess) -> str:
    """A strategy discussion was held and came to an enquiry; what the next page says."""
    said = {"version": "1", "outcome": "section_47", "words": "At school", **typed("done_on", 0)}
    said["done_at"] = clock.local(clock.now()).strftime("%H:%M")
    place = f"/linked/{discussion.reference}/steps/{step_of(rows, discussion).id}"
    answer = worker.submit(place, data=said)
    assert answer.status_code == 303, answer.text
    return worker.soup(answer.headers["Location"]).get_text(" ", strip=True)


def enquiries(rows: Session) -> list[LinkedProcess]:
    rows.rollback()
    return list(rows.scalars(select(LinkedProcess).filter_by(kind="section_47")))


def test_on_a_case_that_is_closed_nothing_begins_and_it_is_offered_once_the_case_is_open(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    discussion = begins(acting, cast.social_worker, case, "strategy_discussion")
    closed(rows, cast, acting, case)
    worker = client_for(cast.social_worker)
    page = ends_in_an_enquiry(rows, worker, discussion)
    not_open = "The case is not open, so this did not begin with it: Section 47 enquiry"
    assert not_open in page
    assert enquiries(rows) == []
    offer = f"/cases/{case.reference}/linked/new/section_47"
    assert offer not in worker.get(f"/linked/{discussion.reference}").text
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(Case, case.id)
        reopen_case(actor=actor, case=record, reason="Seen with the same adults", version=record.version)
    assert offer in worker.get(f"/linked/{discussion.reference}").text
    begins(acting, cast.social_worker, case, "section_47")
    assert offer not in worker.get(f"/linked/{discussion.reference}").text, "it runs"


def test_that_it_ended_is_written_although_what_it_decides_was_begun_by_somebody_else_meanwhile(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    client_for: ClientFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    discussion = begins(acting, cast.social_worker, case, "strategy_discussion")
    other = begins(acting, cast.social_worker, case, "section_47")
    monkeypatch.setattr(outcomes, "running", lambda **_: None)  # looked for just before it was recorded
    page = ends_in_an_enquiry(rows, client_for(cast.social_worker), discussion)
    assert "This did not begin with it: Section 47 enquiry. Record it, if it has begun" in page
    assert [one.id for one in enquiries(rows)] == [other.id]
    assert rows.get_one(LinkedProcess, discussion.id).outcome == "section_47"
