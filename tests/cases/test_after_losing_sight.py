"""Whoever lost sight of a case reads no line of the ledger that says that there is one, and owes nothing."""

import re
from typing import Any
from uuid import uuid4

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.vocabulary import Sensitivity
from tests.cases.pages import words
from tests.cases.test_network import involvement_of, join
from tests.cases.test_page import ClientFor
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.entries.test_entries import typed
from tests.factories.children import tell
from tests.web.test_errors import REFERENCE


def joined(rows: Session, client: Any, cast: Cast, case: Case, **facts: str) -> Disclosure:
    assert join(client, case, cast.council_team, **facts).status_code == 303
    return rows.scalars(select(Disclosure)).one()


def receipt(rows: Session) -> DeadlineState:
    rows.expire_all()
    owed = rows.scalars(select(Deadline).where(Deadline.kind == DeadlineKind.RECEIPT)).one()
    return DeadlineState(owed.state)


def child_of(rows: Session, case: Case) -> str:
    return f"/children/{rows.get_one(Child, case.child_id).reference}"


def test_once_it_is_sealed_those_who_joined_and_whoever_brought_them_read_nothing_that_says_so(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    told = joined(rows, client_for(cast.second_coordinator), cast, case)
    line, child = f"/told/{told.reference}", child_of(rows, case)
    joiner = client_for(cast.community_safety)
    assert joiner.get(line).status_code == joiner.get(child).status_code == 200
    assert "received information 1" in words(joiner.soup("/work"))
    assert change(client_for(cast.coordinator), case, Sensitivity.SEALED).status_code == 303
    for person in (cast.community_safety, cast.second_coordinator, cast.officer):
        lost = client_for(person)
        assert lost.get(line).status_code == lost.get(child).status_code == 404, person.name
        for page in ("/told", "/work"):
            assert told.reference not in (said := lost.get(page).text), f"{person.name}, {page}"
            assert case.reference not in said, f"{person.name}, {page}"
    assert "received information 0" in words(joiner.soup("/work"))
    assert joiner.submit(f"{line}/confirm").status_code == 404
    assert receipt(rows) is DeadlineState.CANCELLED
    assert client_for(cast.coordinator).get(line).status_code == 200, "named on the case"
    assert told.reference in client_for(cast.governance).get("/told").text, "the ledger stays whole"


def test_whoever_is_named_when_it_is_sealed_reads_on_that_their_team_joined(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    works = str(cast.community_safety.id)
    told = joined(rows, client_for(cast.coordinator), cast, case, worker=works)
    named = [works]
    assert change(client_for(cast.coordinator), case, Sensitivity.SEALED, named=named).status_code == 303
    assert client_for(cast.community_safety).get(f"/told/{told.reference}").status_code == 200
    assert client_for(cast.community_safety).get(child_of(rows, case)).status_code == 200


def test_so_it_is_with_a_team_whose_work_on_the_case_ends(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    told = joined(rows, client_for(cast.coordinator), cast, case)
    work = involvement_of(rows, case, cast.council_team)
    address = f"/cases/{case.reference}/network/{work.id}/end"
    assert client_for(cast.coordinator).submit(address, {"reason": "Done"}).status_code == 303
    lost = client_for(cast.community_safety)
    assert lost.get(f"/told/{told.reference}").status_code == 404
    assert lost.get(child_of(rows, case)).status_code == 404
    assert told.reference not in lost.get("/told").text
    assert receipt(rows) is DeadlineState.CANCELLED
    assert client_for(cast.coordinator).get(f"/told/{told.reference}").status_code == 200


def test_on_a_restricted_case_a_team_that_joined_knows_of_the_case_and_no_more_who_the_child_is(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    told = joined(rows, client_for(cast.coordinator), cast, case)
    assert change(client_for(cast.coordinator), case, Sensitivity.RESTRICTED).status_code == 303
    notice = client_for(cast.community_safety)
    assert notice.get(f"/told/{told.reference}").status_code == 200
    assert notice.get(child_of(rows, case)).status_code == 404
    assert receipt(rows) is DeadlineState.OPEN


def test_what_a_team_was_told_of_a_child_and_of_no_case_it_goes_on_reading_when_a_case_is_sealed(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    told = tell(rows, rows.get_one(Child, case.child_id), cast.council_team, by=cast.coordinator)
    assert change(client_for(cast.coordinator), case, Sensitivity.SEALED).status_code == 303
    reader = client_for(cast.community_safety)
    assert reader.get(f"/told/{told.reference}").status_code == 200
    assert case.reference not in reader.get(child_of(rows, case)).text


def test_whoever_typed_while_it_was_sealed_gets_their_words_back_and_learns_nothing_by_that(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    """For a case that is sealed now, and for one that there never was: a colleague and a stranger alike."""
    said = typed(text="Seen with two adults at the bus station.", once=str(uuid4()))
    officer, stranger = client_for(cast.officer), client_for(cast.stranger)
    change(client_for(cast.coordinator), case, Sensitivity.SEALED)
    answers = [
        person.submit(f"/cases/{reference}/entries/new", said, headers={"Sec-Fetch-Site": "same-origin"})
        for person in (officer, stranger)
        for reference in (case.reference, "CRE-0000-0000")
    ]
    assert {one.status_code for one in answers} == {404}
    mains = [BeautifulSoup(one.text, "html.parser").main for one in answers]
    texts = {" ".join(re.sub(REFERENCE, "", main.get_text(" ")).split()) for main in mains if main}
    (words_given,) = texts
    assert "It was not sent" in words_given
    assert words_given.endswith("Seen with two adults at the bus station.")
    assert not rows.scalars(select(ChronologyEntry)).all()
    elsewhere = officer.submit(
        f"/cases/{case.reference}/entries/new", said, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert "bus station" not in elsewhere.text, "nobody puts words into the mouth of another"
