"""What is taken of a case and for a meeting holds the same lines as the chronology of the child."""

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.vocabulary import CaseState
from tests.cases.pages import words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.chronology.conftest import Life
from tests.chronology.test_pages import found
from tests.documents.conftest import copies
from tests.documents.reading import open_pdf
from tests.factories.cases import add_entry, make_case
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.safety_plans import make_safety_plan

#: Titles of lines of kinds that are no entries.
TITLES = ("Return home interview held", "Safety plan in force", "Alert: ", "Case opened", "Missing from ")


def pack_for(rows: Session, cast: Cast, case: Case) -> str:
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.second_coordinator)
    make_invitation(rows, meeting, team=cast.council_team, by=cast.coordinator)
    return f"/meetings/{meeting.reference}/pack.pdf"


@pytest.mark.parametrize("who", ["officer", "social_worker", "nurse", "coordinator"])
def test_the_chronology_of_a_case_and_the_pack_of_its_meeting_hold_what_the_childs_does(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor, who: str
) -> None:
    make_safety_plan(rows, life.case, cast.social_worker, "Quillsafe")
    pack = pack_for(rows, cast, life.case)
    client = client_for(getattr(cast, who))
    whole = open_pdf(client.get(f"/children/{life.child.reference}/chronology.pdf").data).text
    of_case = open_pdf(client.get(f"/cases/{life.case.reference}/chronology.pdf").data).text
    in_pack = open_pdf(client.get(pack).data).text
    for title in TITLES:
        assert whole.count(title), title
        assert of_case.count(title) == whole.count(title), title
        assert in_pack.count(title) == whole.count(title), title
    assert found(of_case) == found(whole)
    assert found(in_pack) >= found(whole) | {"Quillsafe"}


def test_an_entry_says_in_each_what_it_said_in_one(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    for address in (
        f"/children/{life.child.reference}/chronology.pdf",
        f"/cases/{life.case.reference}/chronology.pdf",
        pack_for(rows, cast, life.case),
    ):
        text = open_pdf(client.get(address).data).text
        assert "Child or family: " in text, address
        assert "Written " in text, address


def test_a_line_of_another_case_of_the_child_is_in_it_for_its_readers_and_on_the_ledger_of_that_case(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    other = make_case(
        rows,
        life.child,
        lead=cast.health,
        opened_by=cast.coordinator,
        state=CaseState.CLOSED,
        closed_at=clock.now(),
    )
    add_entry(rows, other, cast.nurse, "Quillearlier")
    address = f"/cases/{life.case.reference}/chronology.pdf"
    for who, reads in (("coordinator", True), ("social_worker", False)):
        text = open_pdf(client_for(getattr(cast, who)).get(address).data).text
        assert ("Quillearlier" in text) is reads, who
    taken = {(one.taken_by, one.case_id) for one in copies(rows)}
    assert (cast.coordinator.id, other.id) in taken
    assert (cast.social_worker.id, other.id) not in taken


def test_who_only_is_invited_gets_no_line_and_no_word_of_a_safety_plan(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    plan = make_safety_plan(rows, life.case, cast.social_worker, "Quillsafe")
    pack = pack_for(rows, cast, life.case)
    text = open_pdf(client_for(cast.community_safety).get(pack).data).text
    assert not found(text)
    assert plan.reference not in text
    for who in ("stranger", "neighbour"):
        assert client_for(getattr(cast, who)).get(pack).status_code == 404


def test_the_sheet_of_a_case_says_what_it_leaves_out_and_where_that_is(
    cast: Cast, life: Life, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    sheet = client.soup(f"/cases/{life.case.reference}/print")
    assert "Missing episodes, return interviews, meetings, past alerts and safety plans" in words(sheet)
    address = f"/children/{life.child.reference}/chronology/print"
    assert sheet.find("a", href=address)
    assert "Quillfound" in words(client.soup(address))
