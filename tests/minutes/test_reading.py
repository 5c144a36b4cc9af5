"""What pages of minutes say of whom they are on, and of who reads the case once they are out."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import MeetingCase
from portal.records.minutes.model import MinutesIssue
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import open_pdf
from tests.factories.cases import grant, make_case, make_child
from tests.factories.minutes import make_minute
from tests.meetings.recorded import Recorded, make_recorded

ClientFor = Callable[[User | None], Client]
WHOLE = (
    "These are the minutes on the whole meeting. What was said and decided on one child alone is not in them."
)


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def with_sister(rows: Session, cast: Cast, held: Recorded) -> Case:
    """The meeting is also on another child; of both together something was said."""
    case = make_case(
        rows, make_child(rows, "Sela", "Quillsister"), lead=cast.social_care, opened_by=cast.coordinator
    )
    for person in (cast.chair, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    rows.add(MeetingCase(meeting_id=held.meeting.id, case_id=case.id, child_id=case.child_id))
    make_minute(rows, held.meeting, "To plan together", heading="Why we meet")
    make_minute(rows, held.meeting, "Alone", case=case)
    rows.commit()
    return case


def approve(client: Client, held: Recorded) -> None:
    assert client.submit(f"/meetings/{held.meeting.reference}/versions/approve").status_code == 303


def distribute(client: Client, held: Recorded) -> str:
    """What the next page says."""
    place, to = f"/meetings/{held.meeting.reference}/versions/distribute", [str(held.council.id)]
    answer = client.submit(place, data={"to": to})
    assert (answer.status_code, answer.location) == (303, "/minutes")
    return client.soup("/minutes").get_text(" ")


def test_minutes_on_no_one_child_say_that_they_are_on_the_whole_meeting(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    with_sister(rows, cast, held)
    chair, council = client_for(cast.chair), client_for(cast.community_safety)
    approve(chair, held)
    distribute(chair, held)
    listed = [one.get_text(" ", strip=True) for one in council.soup("/minutes").select("tbody th")]
    assert sum("The whole meeting," in one for one in listed) == 1
    assert sum("Quillsister" in one for one in listed) == 1
    rows.rollback()
    for issue in rows.query(MinutesIssue).filter_by(kind="professional").all():
        place = f"/minutes/{issue.reference}"
        paper = " ".join(open_pdf(council.get(f"{place}/pdf").data).text.split())
        for page in (council.soup(place).get_text(), council.soup(f"{place}/print").get_text(), paper):
            assert (WHOLE in page) is (issue.case_id is None)


def test_a_correction_says_on_which_child_it_is_where_there_are_several(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    sister = with_sister(rows, cast, held)
    notes, place = client_for(cast.coordinator), f"/meetings/{held.meeting.reference}/versions"
    notes.submit(f"{place}/circulate")
    rows.rollback()
    for on, words in ((sister.id, "Of one"), (None, "Of all")):
        draft = rows.query(MinutesIssue).filter_by(case_id=on).one()
        client_for(cast.community_safety).submit(f"/minutes/{draft.reference}/correct", data={"text": words})
    shown = [one.get_text(" ", strip=True) for one in notes.soup(place).select("[id^=correction-]")]
    assert [one.split(" ")[0:2] for one in shown] == [["Sela", "Quillsister"], ["The", "whole"]]


def test_a_chair_whose_reach_was_of_the_meeting_alone_is_told_that_it_has_ended(
    cast: Cast, rows: Session, held: Recorded, client_for: ClientFor
) -> None:
    given = grant(rows, held.case, cast.teacher, by=cast.coordinator, kind=GrantKind.MEETING)
    given.meeting_id, held.meeting.chair_id = held.meeting.id, cast.teacher.id
    rows.commit()
    chair = client_for(cast.teacher)
    approve(chair, held)
    assert "The minutes are distributed. Your reach on the case through this meeting has ended" in distribute(
        chair, held
    )
    assert chair.get(f"/cases/{held.case.reference}").status_code in {403, 404}


def test_a_chair_who_reads_the_case_for_another_reason_is_told_that_they_still_do(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    approve(chair, held)
    said = distribute(chair, held)
    assert (
        "The minutes are distributed. You still read the case, for another reason than this meeting" in said
    )
    assert "has ended" not in said
    assert chair.get(f"/cases/{held.case.reference}").status_code == 200
