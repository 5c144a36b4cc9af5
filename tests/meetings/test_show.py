"""The page of a meeting: everything for those who read the case, the invitation for the invited."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case of social care, on which police work."""
    made = make_case(
        rows,
        make_child(rows, "Ada", "Fictional", nhs_number="9434765919"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, made, cast.police_team, by=cast.coordinator)
    return made


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    """A meeting on it, to which the council’s team and a carer are invited."""
    made = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator, place="Room 1")
    make_invitation(rows, made, team=cast.council_team, role="community_safety", by=cast.coordinator)
    make_invitation(rows, made, outside="Carla Quillcarrow", role="carer", by=cast.coordinator)
    return made


def test_whoever_reads_the_case_sees_everything(
    client_for: ClientFor, cast: Cast, case: Case, meeting: Meeting
) -> None:
    page = client_for(cast.officer).soup(f"/meetings/{meeting.reference}").get_text(" ")
    for words in (
        "Ada Fictional",
        case.reference,
        "Room 1",
        "Chas Chair",
        "Borough council",
        "Carla Quillcarrow",
    ):
        assert words in page
    assert "Tell by hand" in page


def test_the_look_is_on_record_for_each_child(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, meeting: Meeting
) -> None:
    client_for(cast.officer).get(f"/meetings/{meeting.reference}")
    row = rows.query(AuditEvent).filter_by(action="meeting:view").one()
    assert (row.case_id, row.child_id) == (case.id, case.child_id)


def test_the_invited_get_their_invitation_and_no_more(
    client_for: ClientFor, cast: Cast, meeting: Meeting
) -> None:
    client = client_for(cast.community_safety)
    answer = client.get(f"/meetings/{meeting.reference}")
    assert answer.status_code == 303
    page = client.soup(answer.location).get_text(" ")
    assert "Ada Fictional" in page
    assert "943 476 5919" in page
    assert "Carla Quillcarrow" not in page, "who else is invited is for those who read the case"
    assert "CRE-" not in page


@pytest.mark.parametrize("who", ["stranger", "nurse", "neighbour"])
def test_for_everyone_else_there_is_no_such_meeting(
    client_for: ClientFor, cast: Cast, meeting: Meeting, who: str
) -> None:
    assert client_for(getattr(cast, who)).get(f"/meetings/{meeting.reference}").status_code == 404


def test_a_child_whose_case_one_does_not_read_is_not_on_the_page(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    other = make_case(
        rows, make_child(rows, "Bea", "Otherwise"), lead=cast.social_care, opened_by=cast.coordinator
    )
    met = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.coordinator)
    assert "Bea" not in client_for(cast.officer).get(f"/meetings/{met.reference}").text
    assert "Bea" in client_for(cast.chair).get(f"/meetings/{met.reference}").text


def test_a_team_loses_the_child_when_its_case_is_sealed(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, meeting: Meeting
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    client = client_for(cast.community_safety)
    answer = client.get(f"/meetings/{meeting.reference}", follow_redirects=True)
    assert "Ada" not in answer.text


def test_the_invited_see_that_a_meeting_was_cancelled_and_the_child_no_longer(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    meeting.state = MeetingState.CANCELLED
    rows.commit()
    answer = client_for(cast.community_safety).get(f"/meetings/{meeting.reference}", follow_redirects=True)
    assert "This meeting was cancelled" in answer.text
    assert "Ada" not in answer.text
    assert "Send my answer" not in answer.text
    assert "Cancelled" in client_for(cast.officer).get(f"/meetings/{meeting.reference}").text


def test_a_sealed_child_hides_who_comes_from_those_who_read_only_a_siblings_case(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    other = make_case(
        rows, make_child(rows, "Bea", "Otherwise"), lead=cast.social_care, opened_by=cast.coordinator
    )
    met = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.coordinator)
    make_invitation(rows, met, outside="Carla Quillcarrow", role="carer", by=cast.coordinator)
    other.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    page = client_for(cast.officer).get(f"/meetings/{met.reference}").text
    assert "Ada" in page
    assert "Bea" not in page
    assert "Carla" not in page
    assert "Carla" in client_for(cast.chair).get(f"/meetings/{met.reference}").text


def test_the_list_has_ones_own_and_those_on_ones_cases(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    make_meeting(
        rows, chair=cast.chair, note_taker=cast.coordinator, starts_at=clock.now() + timedelta(days=2)
    )
    invited = client_for(cast.community_safety).soup("/meetings").get_text(" ")
    assert meeting.reference in invited
    officer = client_for(cast.officer).soup("/meetings").get_text(" ")
    assert "Not invited" in officer
    assert meeting.reference in officer
    assert "MTG-" not in client_for(cast.stranger).soup("/meetings").get_text(" ")


def test_the_case_leads_to_its_meetings(
    client_for: ClientFor, cast: Cast, case: Case, meeting: Meeting
) -> None:
    page = client_for(cast.officer).soup(f"/cases/{case.reference}")
    assert page.select_one(f"a[href$='/meetings/{meeting.reference}']")


def alerts_on(client: Client, address: str) -> str:
    found = client.soup(address).select_one(".app-alerts")
    return found.get_text(" ", strip=True) if found else ""


def test_the_alerts_of_the_child_stand_on_the_pages_of_its_meeting_for_whoever_reads_the_case(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, meeting: Meeting
) -> None:
    add_alert(rows, case, cast.social_worker, text="Quillhazard lives there")
    meeting.starts_at = clock.now() - timedelta(minutes=5)
    rows.commit()
    place = f"/meetings/{meeting.reference}"
    officer, chair = client_for(cast.officer), client_for(cast.chair)
    for page in ("", "/minutes", "/minutes/print"):
        assert "Quillhazard lives there" in alerts_on(officer, place + page), page
    for page in ("/attendance", "/record", "/hand-out"):
        assert "Quillhazard lives there" in alerts_on(chair, place + page), page
    for person in (cast.community_safety, cast.stranger, cast.neighbour):
        for page in ("", "/minutes"):
            answer = client_for(person).get(place + page, follow_redirects=True)
            assert "Quillhazard" not in answer.get_data(as_text=True)


def test_of_a_meeting_on_several_children_an_alert_says_whose_it_is_and_only_to_its_readers(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    other = make_case(
        rows, make_child(rows, "Quorra", "Ellthwick"), lead=cast.council, opened_by=cast.coordinator
    )
    both = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.coordinator)
    add_alert(rows, case, cast.social_worker, text="Quillhazard lives there")
    add_alert(rows, other, cast.social_worker, text="Quillbarrow knows")
    seen = alerts_on(client_for(cast.officer), f"/meetings/{both.reference}")
    assert "Quillhazard" in seen
    assert "Quillbarrow" not in seen, "that case is not theirs to read"
    seen = alerts_on(client_for(cast.chair), f"/meetings/{both.reference}")
    assert "Ada Fictional: Do not contact" in seen
    assert "Quorra Ellthwick: Do not contact" in seen
