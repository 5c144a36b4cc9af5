"""The pages of a meeting's day: who came, who walked in, and that it was held or could not be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance, InvitationReply, MeetingState
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.meetings.days import CAME, Day, make_day

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


def sheet(day: Day) -> str:
    return f"/meetings/{day.meeting.reference}/attendance"


def came(day: Day, **marks: str | tuple[str, str]) -> dict[str, str]:
    """The sheet as it is sent: those named, and everybody else present."""
    sent: dict[str, str] = {}
    for one in day.everyone:
        name = next((key for key in marks if getattr(day, key) is one), "")
        given = marks[name] if name else "present"
        who = CAME if one.team_id and given in {"present", "deputy"} else ""
        mark, note = given if isinstance(given, tuple) else (given, who)
        sent |= {f"{one.id}-attendance": mark, f"{one.id}-note": note}
        sent |= {f"{one.id}-seen": "", f"{one.id}-seen_note": ""}
    return sent


def fresh(rows: Session, record: Any) -> Any:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(type(record), record.id)


def words(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def test_the_chair_records_who_came_and_that_the_meeting_was_held(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    page = chair.soup(f"/meetings/{day.meeting.reference}")
    assert page.select_one(f"a[href='{sheet(day)}']"), "the way to the sheet, on the day"
    marks = came(day, health=("part", "from 10:00 until 10:40"), council="absent", police="deputy")
    answer = chair.submit(sheet(day), {**marks, "action": "hold"})
    assert answer.status_code == 303
    assert fresh(rows, day.meeting).state == MeetingState.HELD
    after = words(chair.soup(f"/meetings/{day.meeting.reference}"))
    for said in ("Who came", "from 10:00 until 10:40", "A deputy came", "Absent"):
        assert said in after
    assert "Record who comes" not in after


def test_whoever_is_not_marked_was_there_when_the_chair_says_so(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    marks = came(day, police="", health="", carer="", council=("apologies", "Away"))
    asked = client_for(cast.chair).submit(sheet(day), {**marks, "rest": "y", "action": "hold"})
    assert asked.status_code == 422
    assert "name who came for the team" in asked.text, "only a team was invited"
    marks[f"{day.police.id}-note"] = CAME
    client_for(cast.chair).submit(sheet(day), {**marks, "rest": "y", "action": "hold"})
    assert fresh(rows, day.police).attendance == Attendance.PRESENT
    assert fresh(rows, day.council).attendance == Attendance.APOLOGIES


def test_a_mark_that_is_missing_is_asked_for_beside_its_person_and_nothing_typed_is_lost(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    marks = came(day, police="", health="part", council=("apologies", "Floods"))
    answer = client_for(cast.chair).submit(sheet(day), {**marks, "action": "hold"})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    summary = page.select_one("#error-summary")
    assert summary is not None
    assert "say which part they were there for" in summary.get_text()
    assert "mark how they took part" in summary.get_text()
    assert page.select_one(f"a[href='#{day.police.id}-attendance']"), "leads to the box"
    assert 'value="Floods"' in answer.text
    assert fresh(rows, day.council).attendance is None


def test_apologies_that_were_sent_are_on_the_sheet_already_and_still_to_be_confirmed(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    invitation = rows.get_one(Invitation, day.health.id)
    invitation.reply, invitation.reply_reason = InvitationReply.APOLOGIES, "On a course"
    rows.commit()
    page = client_for(cast.chair).soup(sheet(day))
    chosen = page.select_one(f"#{page_id(day.health)}-attendance option[selected]")
    assert chosen is not None
    assert chosen["value"] == "apologies"
    assert "On a course" in str(page)
    assert fresh(rows, day.health).attendance is None


def page_id(invitation: Invitation) -> str:
    """An identifier as CSS wants it: they may begin with a digit."""
    first, rest = str(invitation.id)[0], str(invitation.id)[1:]
    return f"\\3{first} {rest}" if first.isdigit() else first + rest


def test_without_somebody_whom_it_needs_the_chair_chooses_and_says_why(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    marks = {**came(day, police="absent"), "action": "hold"}
    asked = chair.submit(sheet(day), marks)
    assert asked.status_code == 422
    assert "Nobody took part for: Police" in asked.text
    assert "It does not go ahead without them" in asked.text
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED
    reason = "The child is missing now, and waiting is the greater risk"
    held = chair.submit(sheet(day), {**marks, "quorum": "held", "quorum_reason": reason})
    assert held.status_code == 303
    assert fresh(rows, day.meeting).quorum_reason == reason
    assert f"Held without Police. {reason}" in words(chair.soup(f"/meetings/{day.meeting.reference}"))


def test_a_meeting_that_does_not_go_ahead_is_on_record_and_stays_booked(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    marks = {**came(day, police="absent"), "action": "hold", "quorum": "not_quorate"}
    answer = client_for(cast.chair).submit(sheet(day), marks)
    assert answer.status_code == 303
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED
    row = rows.query(AuditEvent).filter_by(action="meeting:not_quorate").one()
    assert row.details["without"] == ["police"]


def test_a_meeting_at_which_nobody_is_missing_goes_ahead(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    marks = {**came(day), "action": "hold", "quorum": "not_quorate"}
    assert client_for(cast.chair).submit(sheet(day), marks).status_code == 422
    assert fresh(rows, day.police).attendance is None, "nothing is kept of what was refused"


def test_who_is_missing_is_said_before_the_day(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    day = make_day(rows, cast, starts_at=clock.now() + timedelta(days=3))
    invitation = rows.get_one(Invitation, day.health.id)
    invitation.reply, invitation.reply_reason = InvitationReply.APOLOGIES, "On a course"
    meeting = rows.get_one(Meeting, day.meeting.id)
    meeting.required_sectors = ["police", "health", "education"]
    rows.commit()
    page = words(client_for(cast.chair).soup(f"/meetings/{day.meeting.reference}"))
    assert "Health: everybody sent apologies" in page
    assert "Education: nobody is invited" in page
    assert "Police:" not in page


@pytest.mark.parametrize("ahead", [timedelta(days=2), None])
def test_nothing_is_recorded_before_the_day_or_of_a_cancelled_meeting(
    rows: Session, cast: Cast, client_for: ClientFor, ahead: timedelta | None
) -> None:
    facts: dict[str, Any] = {"starts_at": clock.now() + ahead} if ahead else {}
    day = make_day(rows, cast, state=MeetingState.BOOKED if ahead else MeetingState.CANCELLED, **facts)
    coordinator = client_for(cast.coordinator)
    for address in (sheet(day), f"{sheet(day)}/walk-in"):
        page = words(coordinator.soup(address))
        assert ("from that day on" if ahead else "was cancelled") in page
    assert coordinator.submit(sheet(day), {**came(day), "action": "hold"}).status_code == 422
    named = {"account": "no", "outside": "Ada Quilladvent", "outside_role": "advocate"}
    assert coordinator.submit(f"{sheet(day)}/walk-in", named).status_code == 422
    assert fresh(rows, day.police).attendance is None


def test_keeping_part_of_the_sheet_leads_on_to_somebody_who_was_not_invited(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    answer = chair.submit(sheet(day), {**came(day, police=""), "action": "walk_in"})
    assert answer.location == f"{sheet(day)}/walk-in"
    assert fresh(rows, day.health).attendance == Attendance.PRESENT
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED
    added = chair.submit(
        answer.location,
        {
            "account": "no",
            "outside": "Ada Quilladvent",
            "organisation": "Lantern",
            "outside_role": "advocate",
        },
    )
    assert added.location == sheet(day)
    assert "Ada Quilladvent, Lantern" in words(chair.soup(sheet(day)))


def test_somebody_with_an_account_walks_in_by_their_address_and_then_sees_the_meeting(
    cast: Cast, day: Day, client_for: ClientFor
) -> None:
    place = f"/meetings/{day.meeting.reference}"
    assert client_for(cast.teacher).get(place).status_code == 404
    named = {"account": "yes", "email": cast.teacher.email, "role": "school"}
    assert client_for(cast.chair).submit(f"{sheet(day)}/walk-in", named).status_code == 303
    teacher = client_for(cast.teacher)
    shown = teacher.get(place, follow_redirects=True)
    assert shown.status_code == 200
    own = teacher.soup(str(shown.request.path))
    assert "You came without an invitation" in own.get_text()
    for untrue in ("Your answer", "Invitation:", "Send my answer", "Coming"):
        assert untrue not in own.get_text(), untrue
    assert "You came without an invitation" in words(teacher.soup("/meetings"))
    row = next(
        one for one in client_for(cast.chair).soup(place).select("tr") if cast.teacher.name in one.text
    )
    assert "Came without an invitation" in row.text
    assert "Coming" not in row.text
    again = client_for(cast.chair).submit(f"{sheet(day)}/walk-in", named)
    assert again.status_code == 422, "a form that is sent twice adds nobody twice"
    assert "on the list already" in again.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Say whether they have an account"),
        ({"account": "yes"}, "Enter their name or work e-mail address"),
        ({"account": "yes", "email": "nobody@example.org", "role": "school"}, "Nobody who works here"),
        ({"account": "no", "outside_role": "advocate"}, "Enter their name"),
        ({"account": "no", "outside": "Ada"}, "Choose as what they came"),
    ],
)
def test_who_walked_in_has_to_be_said(
    cast: Cast, day: Day, client_for: ClientFor, sent: dict[str, str], said: str
) -> None:
    answer = client_for(cast.chair).submit(f"{sheet(day)}/walk-in", sent)
    assert answer.status_code == 422
    assert said in answer.text


def test_two_people_who_mark_somebody_differently_are_shown_both(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    client_for(cast.coordinator).submit(sheet(day), {**came(day, police="absent"), "action": "keep"})
    answer = client_for(cast.chair).submit(sheet(day), {**came(day), "action": "keep"})
    assert answer.status_code == 409
    assert "Somebody else changed this first" in answer.text
    assert fresh(rows, day.police).attendance == Attendance.ABSENT
    page = BeautifulSoup(answer.text, "html.parser")
    again = {str(one["name"]): str(one.get("value", "")) for one in page.select("form input[name*='-seen']")}
    client_for(cast.chair).submit(sheet(day), {**came(day), **again, "action": "keep"})
    assert fresh(rows, day.police).attendance == Attendance.PRESENT, "having seen both, one of them decides"


def test_who_came_is_corrected_after_the_meeting(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    chair.submit(sheet(day), {**came(day), "action": "hold"})
    seen = {f"{one.id}-seen": "present" for one in day.everyone}
    seen |= {f"{one.id}-seen_note": CAME for one in day.everyone if one.team_id}
    answer = chair.submit(sheet(day), {**came(day, council=("part", "The end")), **seen})
    assert answer.status_code == 303
    assert fresh(rows, day.council).attendance_note == "The end"


@pytest.mark.parametrize("page", ["attendance", "attendance/walk-in", "agenda", "hand-out"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nobody", 303),
        ("stranger", 404),
        ("neighbour", 404),
        ("officer", 403),
        ("community_safety", 403),
        ("governance", 403),
    ],
)
def test_only_whoever_runs_the_meeting_sees_or_sends_its_sheets(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor, page: str, who: str, status: int
) -> None:
    client = client_for(None if who == "nobody" else getattr(cast, who))
    address = f"/meetings/{day.meeting.reference}/{page}"
    assert client.get(address).status_code == status
    fragment = client.get(address, headers={"HX-Request": "true", "HX-Target": "main-content"})
    assert fragment.status_code != 200
    assert "Carla" not in fragment.text
    client.submit(address, {**came(day), "action": "hold", "heading": "x", "account": "no"})
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED
    assert fresh(rows, day.police).attendance is None


def test_a_form_without_its_token_changes_nothing(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    answer = client_for(cast.chair).post(sheet(day), data={**came(day), "action": "hold"})
    assert answer.status_code == 400
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED


def test_marks_for_another_meeting_are_not_taken(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    other = make_day(rows, cast)
    client_for(cast.chair).submit(sheet(day), {**came(other), "action": "keep"})
    assert fresh(rows, other.police).attendance is None
