"""What pages of minutes say of whom they are on, and of who reads the case once they are out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.disclosures.model import Disclosure
from portal.records.meetings.model import Invitation, MeetingCase, MeetingHandout
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.minutes.model import MinutesIssue
from portal.records.people.model import User
from portal.web.filters import moment
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import open_pdf
from tests.factories.cases import grant, make_case, make_child
from tests.factories.minutes import make_minute
from tests.factories.safety_plans import make_safety_plan
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


ON_DUTY = "Whoever was on duty"


def answered_and_marked(rows: Session, cast: Cast, held: Recorded, **marked: Any) -> None:
    """Somebody answered that they come for the council; of the council it is marked how it took part."""
    council = rows.get_one(Invitation, held.council.id)
    council.reply, council.comes_id = InvitationReply.COMING, cast.community_safety.id
    for name, value in marked.items():
        setattr(council, name, value)
    rows.commit()


def sheets(rows: Session, chair: Client, kind: str) -> list[str]:
    """Who took part, as each way of reading one version of the minutes says it."""
    rows.rollback()
    issue = rows.query(MinutesIssue).filter_by(kind=kind).one()
    place = f"/minutes/{issue.reference}"
    pages = [place] if kind == "draft" else [place, f"{place}/print", f"{place}/pdf"]
    said = []
    for page in pages:
        answer = chair.get(page)
        is_paper = page.endswith("/pdf")
        text = (
            open_pdf(answer.data).text
            if is_paper
            else BeautifulSoup(answer.text, "html.parser").get_text(" ")
        )
        said.append(" ".join(text.split()).split("Who took part")[1])
    return said


def test_minutes_name_whom_the_record_names_and_never_somebody_who_only_answered(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    answered_and_marked(rows, cast, held, attendance="present", attendance_note=ON_DUTY)
    chair, versions = client_for(cast.chair), f"/meetings/{held.meeting.reference}/versions"
    client_for(cast.coordinator).submit(f"{versions}/circulate")
    approve(chair, held)
    meeting = chair.soup(f"/meetings/{held.meeting.reference}").get_text(" ")
    for text in (*sheets(rows, chair, "draft"), *sheets(rows, chair, "professional")):
        assert cast.council_team.name in text
        assert ON_DUTY in text
        assert cast.community_safety.name not in text
    assert f"{cast.community_safety.name} came" not in meeting
    assert f"{cast.community_safety.name} came" not in chair.soup(versions).get_text(" ")


def test_minutes_say_who_came_for_a_team_as_the_page_of_the_meeting_does_where_nobody_else_is_named(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    answered_and_marked(rows, cast, held, attendance="present")
    chair, versions = client_for(cast.chair), f"/meetings/{held.meeting.reference}/versions"
    both = f"{cast.council_team.name}, and {cast.community_safety.name}, who was to come for them"
    assert both in chair.soup(f"{versions}/circulate").get_text(" "), "both are told"
    client_for(cast.coordinator).submit(f"{versions}/circulate")
    approve(chair, held)
    assert both in chair.soup(f"{versions}/distribute").get_text(" ")
    came = f"{cast.community_safety.name} came"
    assert came in chair.soup(f"/meetings/{held.meeting.reference}").get_text(" ")
    for text in sheets(rows, chair, "professional"):
        assert f"{cast.council_team.name}" in text
        assert came in text
    assert came in chair.soup(versions).get_text(" ")


@pytest.mark.parametrize("attendance", ["absent", "apologies", "written"])
def test_of_a_team_that_was_not_in_the_room_nobody_is_said_to_have_come(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor, attendance: str
) -> None:
    answered_and_marked(rows, cast, held, attendance=attendance, attendance_note="They wrote")
    chair, record = client_for(cast.chair), f"/meetings/{held.meeting.reference}/record"
    there = rows.scalars(
        select(Invitation).filter(Invitation.attendance.in_(["present", "deputy", "part"]))
    ).all()
    every = rows.scalars(select(Invitation).filter_by(meeting_id=held.meeting.id)).all()
    assert 0 < len(there) < len(every)
    said = " ".join(chair.soup(record).get_text(" ").split())
    assert f"Held. {len(there)} of {len(every)} on the sheet were there." in said
    approve(chair, held)
    for text in sheets(rows, chair, "professional"):
        assert cast.community_safety.name not in text


def test_that_no_minutes_were_given_says_nothing_of_papers_that_were_handed_out(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    rows.add(
        MeetingHandout(
            id=new_id(),
            meeting_id=held.meeting.id,
            invitation_id=held.day.carer.id,
            case_id=held.case.id,
            what="Papers of the meeting",
            way="in_person",
            handed_at=clock.now(),
            handed_by=cast.chair.id,
        )
    )
    rows.commit()
    said = chair.soup(f"/meetings/{held.meeting.reference}/versions").get_text(" ")
    assert "No minutes were given to anybody with an account yet." in said
    assert "Nothing was given" not in said


def test_the_ledger_says_opened_of_minutes_that_were_only_opened_and_confirmed_where_a_button_was_pressed(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    chair, council = client_for(cast.chair), client_for(cast.community_safety)
    approve(chair, held)
    distribute(chair, held)
    rows.rollback()
    line, issue = rows.query(Disclosure).one(), rows.query(MinutesIssue).one()
    council.soup(f"/minutes/{issue.reference}")
    said = f"Opened by {cast.community_safety.name} on"
    page = council.soup(f"/told/{line.reference}").get_text(" ")
    assert said in page
    assert "onfirmed" not in page
    assert said in chair.soup(f"/told/{line.reference}").get_text(" ")
    listed = council.soup("/told?show=confirmed")
    cell = listed.select_one("td[data-label='Opened or confirmed']")
    assert cell is not None
    assert cell.get_text().startswith("Opened ")
    ledger = client_for(cast.coordinator).soup(f"/told/ledger/{held.case.reference}").get_text(" ")
    assert "Opened on" in ledger
    assert "Confirmed on" not in ledger
    rows.refresh(line)
    line.confirmed_at, line.confirmed_by, line.was_opened = None, None, False
    rows.commit()
    assert council.submit(f"/told/{line.reference}/confirm").status_code == 303
    council.soup(f"/minutes/{issue.reference}")
    assert f"Receipt confirmed by {cast.community_safety.name}" in council.get(f"/told/{line.reference}").text
    ledger = client_for(cast.coordinator).soup(f"/told/ledger/{held.case.reference}").get_text(" ")
    assert "Confirmed on" in ledger
    assert "Opened on" not in ledger


def test_minutes_say_on_every_page_that_a_safety_plan_ended_with_the_meeting_and_since_when(
    rows: Session, cast: Cast, held: Recorded, client_for: ClientFor
) -> None:
    council, lead = client_for(cast.community_safety), client_for(cast.social_worker)
    live = f"/meetings/{held.meeting.reference}/minutes"
    assert "Safety plan" not in lead.soup(live).get_text()
    ended = clock.now() - timedelta(minutes=3)
    plan = make_safety_plan(rows, held.case, cast.social_worker)
    other = make_safety_plan(rows, with_sister(rows, cast, held), cast.social_worker)
    for one, meeting_id in ((plan, held.meeting.id), (other, None)):
        one.state, one.ended_at, one.ended_by = "ended", ended, cast.chair.id
        one.ended_meeting_id = meeting_id
    rows.commit()
    says = " ".join(f"{plan.reference} ended with this meeting, {moment(ended)}".split())
    assert says in " ".join(lead.soup(live).get_text(" ").split())
    chair = client_for(cast.chair)
    approve(chair, held)
    distribute(chair, held)
    rows.rollback()
    for issue in rows.query(MinutesIssue).filter_by(kind="professional").all():
        place = f"/minutes/{issue.reference}"
        paper = open_pdf(council.get(f"{place}/pdf").data).text
        for page in (council.soup(place).get_text(" "), council.soup(f"{place}/print").get_text(" "), paper):
            assert (says in " ".join(page.split())) is (issue.case_id == held.case.id)
            assert other.reference not in page, "it ended otherwise"
        assert client_for(cast.stranger).get(place).status_code == 404
