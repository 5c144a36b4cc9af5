"""The pack of a meeting: agenda and children as its reader may read them; no other child is in it."""

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import Team, User
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.documents.conftest import FOR_SOME, FOR_THEMSELVES, OPEN_TO_ALL, ClientFor, Take, copies
from tests.factories.assessments import make_assessment, make_finalised
from tests.factories.cases import add_alert, add_entry, involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.linked import make_process
from tests.factories.meetings import make_heading, make_invitation, make_meeting


@dataclass(frozen=True)
class Met:
    """A meeting on two children: police read the first, health both, the council is invited only."""

    meeting: Meeting
    sibling: Case

    @property
    def address(self) -> str:
        return f"/meetings/{self.meeting.reference}/pack.pdf"


@pytest.fixture
def met(rows: Session, cast: Cast, case: Case) -> Met:
    sibling = make_case(
        rows, make_child(rows, "Bea", "Quillsibling"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, sibling, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    add_entry(rows, sibling, cast.nurse, "Quillother of health")
    meeting = make_meeting(
        rows, cases=[case, sibling], chair=cast.chair, note_taker=cast.second_coordinator, place="Quillroom"
    )
    make_invitation(rows, meeting, team=cast.council_team, by=cast.coordinator)
    make_invitation(rows, meeting, outside="Carla Quillcarer", role="carer", by=cast.coordinator)
    make_heading(rows, meeting, heading="Quillwelcome")
    make_heading(rows, meeting, case, "Quillfirst")
    make_heading(rows, meeting, sibling, "Quillsecond")
    return Met(meeting, sibling)


def report(
    rows: Session,
    met: Met,
    case: Case,
    team: Team,
    by: User,
    text: str,
    handling: Handling = Handling.NETWORK,
    locates: str | None = "no",
) -> None:
    """An agency answers what it was asked for the meeting."""
    child = rows.get_one(Child, case.child_id)
    asked = ask(rows, child, team, by=by, case=case, meeting=met.meeting)
    answer(rows, asked, case, by, text, handling, locates)


def answer(
    rows: Session,
    asked: InformationRequest,
    case: Case,
    by: User,
    text: str,
    handling: Handling = Handling.NETWORK,
    locates: str | None = "no",
) -> None:
    """Somebody answers a question."""
    rows.add(
        InformationAnswer(
            id=new_id(),
            request_id=asked.id,
            case_id=case.id,
            author_id=by.id,
            agency_id=by.agency_id,
            text=text,
            handling=handling,
            listed_agencies=[],
            answered_at=clock.now(),
            locates=locates,
        )
    )
    asked.answered_at = clock.now()
    rows.commit()


def test_a_child_whose_case_one_does_not_read_is_absent_from_it(
    rows: Session, take: Take, cast: Cast, met: Met
) -> None:
    report(rows, met, met.sibling, cast.health_team, cast.nurse, "Quillreport on the other child")
    text = take(cast.officer, met.address).text
    for words in ("Ada Fictional", OPEN_TO_ALL, FOR_THEMSELVES, "Quillroom", "Quillwelcome", "Quillfirst"):
        assert words in text, words
    for hidden in ("Bea", "Quillsibling", "Quillother", "Quillsecond", "Quillreport", met.sibling.reference):
        assert hidden not in text, hidden


def test_what_agencies_answered_stands_in_pack_and_files_and_is_a_paper_that_is_there(
    rows: Session, take: Take, cast: Cast, case: Case, met: Met, client_for: ClientFor
) -> None:
    asked = ask(rows, rows.get_one(Child, case.child_id), cast.health_team, by=cast.coordinator, case=case)
    answer(rows, asked, case, cast.nurse, "Quillanswer of health")
    child = rows.get_one(Child, case.child_id)
    for address in (
        met.address,
        f"/cases/{case.reference}/chronology.pdf",
        f"/children/{child.reference}/chronology.pdf",
    ):
        assert "Quillanswer of health" in take(cast.officer, address).text, address
    assert "In the portal, and in the pack" in take(cast.officer, met.address).text
    page = client_for(cast.officer).soup(f"/cases/{case.reference}/print").get_text(" ", strip=True)
    assert "Quillanswer of health" in page


def test_it_names_the_processes_of_other_services_of_the_children_that_its_reader_may_read(
    rows: Session, take: Take, cast: Cast, case: Case, met: Met
) -> None:
    mine = make_process(rows, case, cast.officer, kind="nrm", step="reasonable_grounds")
    other = make_process(rows, met.sibling, cast.nurse)
    text = take(cast.officer, met.address).text
    assert mine.reference in text
    assert "Find out the reasonable grounds decision" in text
    assert other.reference not in text


def test_whoever_reads_both_gets_both_each_as_they_may_read_it(take: Take, cast: Cast, met: Met) -> None:
    text = take(cast.nurse, met.address).text
    for words in (
        "Ada Fictional",
        "Bea Quillsibling",
        OPEN_TO_ALL,
        "Quillother",
        "Quillfirst",
        "Quillsecond",
    ):
        assert words in text, words
    for hidden in (FOR_SOME, FOR_THEMSELVES):
        assert hidden not in text
    assert text.index("1. Quillwelcome") < text.index("Quillfirst: Ada Fictional")


def test_a_report_is_in_the_pack_of_whoever_may_read_it(
    rows: Session, take: Take, cast: Cast, case: Case, met: Met
) -> None:
    report(rows, met, case, cast.health_team, cast.nurse, "Quillopen of health")
    report(rows, met, case, cast.police_team, cast.officer, "Quillclosed of police", Handling.OWN)
    police, health = (take(one, met.address).text for one in (cast.officer, cast.nurse))
    assert "Quillopen" in police
    assert "Quillclosed" in police
    assert "For: Only Police." in police
    assert "Quillopen" in health
    assert "Quillclosed" not in health
    assert "Answered" in health, "that it is there is known"


def test_the_last_finalised_assessment_is_in_it_and_a_draft_is_not(
    rows: Session, take: Take, cast: Cast, case: Case, met: Met
) -> None:
    assert "None is finalised yet" in take(cast.nurse, met.address).text
    older = make_finalised(rows, case, cast.social_worker, level_reason="Quillolder")
    newer = make_finalised(rows, case, cast.social_worker, level_reason="Quillnewer", previous_id=older.id)
    draft = make_assessment(rows, case, cast.social_worker)
    text = take(cast.nurse, met.address).text
    assert f"Risk assessment {newer.reference}" in text
    assert "Quillnewer" in text
    assert f"Risk assessment {older.reference}" not in text
    assert draft.reference not in text


def test_alerts_stand_before_what_is_known_of_their_child(
    rows: Session, take: Take, cast: Cast, case: Case, met: Met
) -> None:
    add_alert(rows, case, cast.social_worker, "Quillwarn before any call")
    text = take(cast.officer, met.address).text
    assert text.index("Quillwarn") < text.index(OPEN_TO_ALL)


def test_of_a_chronology_without_entries_it_says_what_stands_below_and_not_that_there_is_none(
    rows: Session, take: Take, cast: Cast
) -> None:
    new = make_case(rows, make_child(rows, "Ida", "Quillnew"), lead=cast.police, opened_by=cast.coordinator)
    meeting = make_meeting(rows, cases=[new], chair=cast.chair, note_taker=cast.second_coordinator)
    address = f"/meetings/{meeting.reference}/pack.pdf"
    text = " ".join(take(cast.second_coordinator, address).text.split())
    assert "Case opened" in text
    assert "No entries that you read The pack has what other records say of this child" in text
    assert "Chronology Not there yet" not in text
    add_entry(rows, new, cast.officer, "Quillwritten by police")
    text = " ".join(take(cast.second_coordinator, address).text.split())
    assert "Chronology There In the portal, and in the pack" in text


def test_who_comes_is_in_it(take: Take, cast: Cast, met: Met) -> None:
    text = take(cast.officer, met.address).text
    for words in (cast.chair.name, "Quillcarer", "Borough council"):
        assert words in text


def test_whoever_is_invited_and_reads_no_case_gets_what_the_invitation_says_and_their_own_report(
    rows: Session, take: Take, client_for: ClientFor, cast: Cast, case: Case, met: Met
) -> None:
    report(rows, met, case, cast.council_team, cast.community_safety, "Quillmine of the council")
    report(rows, met, case, cast.council_team, cast.community_safety, "Quilllane", locates=None)
    report(rows, met, case, cast.health_team, cast.nurse, "Quilltheirs of health")
    text = take(cast.community_safety, met.address).text
    for words in ("Quillwelcome", "Quillroom", "Quillmine"):
        assert words in text
    council = rows.query(Invitation).filter_by(meeting_id=met.meeting.id, team_id=cast.council_team.id).one()
    shown = client_for(cast.community_safety).soup(f"/invitations/{council.reference}")
    points = [f"{n}. {one.get_text()}" for n, one in enumerate(shown.select("#headings ~ ol li"), start=1)]
    assert len(points) == 3
    for words in (*points, "Ada Fictional", "Bea Quillsibling"):
        assert words in text, words
    hidden = (
        met.sibling.reference,
        "9434765919",
        "Quillother",
        OPEN_TO_ALL,
        "Quilltheirs",
        "Quilllane",  # nobody has said whether it says where the child is, and they may know of no alert
        "Quillcarer",
    )
    for words in (*hidden, case.reference):
        assert words not in text, words
    (copy,) = copies(rows)
    assert (copy.case_id, copy.subject_reference) == (None, met.meeting.reference)
    met.sibling.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    text = take(cast.community_safety, met.address).text
    assert "2. Quillfirst" in text
    for words in ("Quillsibling", "Quillsecond"):
        assert words not in text, "a team is not invited for a sealed child"


def test_where_a_sealed_case_is_among_them_whoever_reads_another_learns_nothing_of_it(
    rows: Session, take: Take, cast: Cast, met: Met
) -> None:
    met.sibling.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    text = take(cast.officer, met.address).text
    assert "Ada Fictional" in text
    for hidden in ("Quillsibling", "Quillsecond", "Quillcarer", "Who is invited", "Sealed"):
        assert hidden not in text


def test_one_file_leaves_a_row_for_each_child_in_it(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, met: Met
) -> None:
    answer = client_for(cast.nurse).get(met.address)
    assert answer.headers["Content-Disposition"] == f"attachment; filename={met.meeting.reference}-pack.pdf"
    found = copies(rows)
    assert {copy.case_id for copy in found} == {case.id, met.sibling.id}
    assert len({copy.reference for copy in found}) == 1
    client_for(cast.officer).get(met.address)
    assert [copy.case_id for copy in copies(rows)[2:]] == [case.id], "police took the first child only"


@pytest.mark.parametrize("who", ["stranger", "neighbour", "teacher"])
def test_who_neither_reads_a_case_nor_is_invited_gets_none(
    rows: Session, client_for: ClientFor, cast: Cast, met: Met, who: str
) -> None:
    client = client_for(getattr(cast, who))
    assert client.get(met.address).status_code == 404
    assert client.get("/meetings/MTG-0000-0000/pack.pdf").status_code == 404
    assert copies(rows) == []


@pytest.mark.parametrize("who", ["governance", "administrator"])
def test_who_stands_apart_from_cases_gets_none(
    rows: Session, client_for: ClientFor, cast: Cast, met: Met, who: str
) -> None:
    assert client_for(getattr(cast, who)).get(met.address).status_code == 403
    assert copies(rows) == []


def test_a_pack_on_a_district_is_for_whoever_runs_the_meeting(
    rows: Session, take: Take, client_for: ClientFor, cast: Cast
) -> None:
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.coordinator)
    make_heading(rows, meeting, heading="Quillplaces")
    address = f"/meetings/{meeting.reference}/pack.pdf"
    assert "Quillplaces" in take(cast.chair, address).text
    assert client_for(cast.officer).get(address).status_code == 404


def test_its_page_leads_to_it_unless_it_was_cancelled(
    rows: Session, client_for: ClientFor, cast: Cast, met: Met
) -> None:
    page = f"/meetings/{met.meeting.reference}"
    assert client_for(cast.officer).soup(page).find("a", href=met.address)
    met.meeting.state = MeetingState.CANCELLED
    rows.commit()
    assert not client_for(cast.officer).soup(page).find("a", href=met.address)


def test_a_pack_on_many_children_holds_fewer_entries_of_each_and_says_so(
    take: Take, cast: Cast, met: Met, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.pages.packs.IN_ALL", 4)
    text = take(cast.officer, met.address).text
    assert FOR_THEMSELVES in text
    assert "There are older lines" not in text, "three entries of one child are less than four"
    monkeypatch.setattr("portal.pages.packs.IN_ALL", 2)
    assert "There are older lines" in take(cast.officer, met.address).text
