"""Changing, cancelling and inviting more: what is kept, who is told, and two tabs that clash."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage
from portal.records.cases.model import AccessGrant, Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import Invitation, Meeting, MeetingChange
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.calls import in_days, make_called_case, read, value
from tests.told import told

ClientFor = Callable[[User | None], Client]
PAGES = ("move", "place", "chair", "note-taker", "cancel", "invite", "reports")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return make_called_case(rows, cast)


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    """A meeting to which the police’s team, a nurse by name and a carer are invited."""
    made = make_meeting(
        rows,
        cases=[case],
        chair=cast.chair,
        note_taker=cast.coordinator,
        place="Room 1",
        required_sectors=["social_care", "police", "health", "education"],
    )
    by = cast.chair
    make_invitation(rows, made, team=cast.police_team, by=by, role="police", reply=InvitationReply.COMING)
    make_invitation(rows, made, person=cast.nurse, by=by, role="health", reply=InvitationReply.APOLOGIES)
    make_invitation(rows, made, outside="Carla Quillcarrow", by=by, role="carer")
    return made


def at(meeting: Meeting, page: str) -> str:
    return f"/meetings/{meeting.reference}/{page}"


def fresh(rows: Session, meeting: Meeting) -> Meeting:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Meeting, meeting.id)


def invitation(rows: Session, role: str) -> Invitation:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(
        select(Invitation).where(Invitation.role == role, Invitation.withdrawn_at.is_(None))
    ).one()


def moving(meeting: Meeting, **others: Any) -> dict[str, Any]:
    new = {
        **posted("day", in_days(11)),
        "starts": "9:15",
        "ends": "10:45",
        "reason": "The police cannot come",
    }
    return new | {"version": str(meeting.version)} | others


def test_a_meeting_moves_with_its_deadline_and_everybody_is_asked_again(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    client = client_for(cast.chair)
    page = client.soup(at(meeting, "move"))
    assert value(page, "[name=starts]") == f"{clock.local(meeting.starts_at):%H:%M}"
    before = meeting.starts_at
    answer = client.submit(at(meeting, "move"), moving(meeting))
    assert (answer.status_code, answer.location) == (303, f"/meetings/{meeting.reference}")
    now = fresh(rows, meeting)
    day = clock.local(now.starts_at)
    assert (day.date(), f"{day:%H:%M}", now.sequence) == (in_days(11), "09:15", 1)
    assert now.ends_at - now.starts_at == timedelta(minutes=90)
    duty = rows.scalars(select(Deadline).filter_by(meeting_id=meeting.id, kind="meeting")).one()
    assert (duty.due_at, duty.original_due_at) == (now.starts_at, before)
    kept = rows.scalars(select(MeetingChange)).one()
    assert (kept.kind, kept.reason, kept.changed_by) == ("moved", "The police cannot come", cast.chair.id)
    assert invitation(rows, "police").reply == InvitationReply.WAITING
    people = {one.recipient_id for one in told(rows, "meeting_changed")}
    assert {cast.officer.id, cast.nurse.id, cast.coordinator.id} <= people
    assert "The police cannot come" in client.soup(f"/meetings/{meeting.reference}").get_text(" ")


def test_two_tabs_that_move_it_are_both_shown_and_the_second_saves_again(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    first, second = client_for(cast.chair), client_for(cast.coordinator)
    sent = moving(meeting, starts="15:00", ends="16:00", reason="The room is taken")
    first.submit(at(meeting, "move"), moving(meeting))
    answer = second.submit(at(meeting, "move"), sent)
    assert answer.status_code == 409
    page = read(answer)
    words = page.get_text(" ")
    assert "Somebody else changed this" in words
    assert "9:15am" in words
    assert "3:00pm" in words
    assert "The police cannot come" in words, "what the other said is shown"
    assert value(page, "[name=starts]") == "15:00"
    assert "The room is taken" in "".join(one.get_text() for one in page.select("[name=reason]"))
    assert f"{clock.local(fresh(rows, meeting).starts_at):%H:%M}" == "09:15"
    again = second.submit(at(meeting, "move"), sent | {"version": value(page, "[name=version]")})
    assert again.status_code == 303
    assert f"{clock.local(fresh(rows, meeting).starts_at):%H:%M}" == "15:00"


@pytest.mark.parametrize(
    ("page", "sent", "said"),
    [
        ("move", {"reason": ""}, "Say why"),
        ("move", {"starts": "half past"}, "Enter a time of day"),
        ("move", {"day-year": "2020"}, "still to come"),
        ("move", {"ends": "08:00"}, "must end after it starts"),
        ("place", {"place": "", "link": ""}, "Enter a place, a link or both"),
        ("place", {"place": "Room 1", "link": ""}, "Nothing changes"),
        ("chair", {"chair": ""}, "Choose who chairs the meeting"),
        ("chair", {"chair_email": "nobody@nowhere.example"}, "Nobody who works here"),
        ("note-taker", {"note_taker_email": "the chair"}, "Choose another person"),
        ("cancel", {"reason": "  "}, "Say why"),
        ("invite", {}, "Choose or name somebody to invite"),
        ("reports", {"question": ""}, "Write what you ask"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    client_for: ClientFor,
    cast: Cast,
    rows: Session,
    meeting: Meeting,
    page: str,
    sent: dict[str, str],
    said: str,
) -> None:
    if sent.get("note_taker_email"):
        sent = {"note_taker_email": cast.chair.email}
    sent = moving(meeting, reason="A reason that was typed", question="What?", why="A reason why") | sent
    answer = client_for(cast.coordinator).submit(at(meeting, page), sent)
    assert answer.status_code == 422
    words = read(answer).get_text(" ")
    assert said in words
    assert "A reason" in words or not sent["reason"].strip() or page == "invite", "what was typed is kept"
    assert (fresh(rows, meeting).version, rows.scalars(select(MeetingChange)).all()) == (1, [])
    assert rows.scalars(select(OutboxMessage)).all() == []


def test_the_place_changes_and_stays_on_record(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    sent = {"place": "Room 2", "link": "https://meet.example/x", "reason": "Room 1 is cold", "version": "1"}
    assert client_for(cast.social_worker).submit(at(meeting, "place"), sent).status_code == 303
    now = fresh(rows, meeting)
    assert (now.place, now.link, now.sequence) == ("Room 2", "https://meet.example/x", 1)
    assert rows.scalars(select(MeetingChange)).one().before == {"place": "Room 1", "link": ""}


def test_a_new_chair_reads_the_case_and_the_old_one_no_longer(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, meeting: Meeting
) -> None:
    client = client_for(cast.coordinator)
    sent = {"chair_email": cast.stranger.email, "reason": "Chas is ill", "version": "1"}
    assert client_for(cast.stranger).get(f"/cases/{case.reference}").status_code == 404
    assert client.submit(at(meeting, "chair"), sent).status_code == 303
    assert fresh(rows, meeting).chair_id == cast.stranger.id
    assert client_for(cast.stranger).get(f"/cases/{case.reference}").status_code == 200
    held = rows.scalars(
        select(AccessGrant.user_id).where(
            AccessGrant.kind == GrantKind.MEETING, AccessGrant.ends_at.is_(None)
        )
    ).all()
    assert set(held) == {cast.stranger.id, cast.coordinator.id}
    assert invitation(rows, "chair").user_id == cast.stranger.id


def test_a_chair_who_hands_on_and_sees_the_meeting_no_longer_gets_the_list(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    made = make_meeting(rows, cases=[case], chair=cast.stranger, note_taker=cast.coordinator)
    client = client_for(cast.stranger)
    sent = {"chair": str(cast.chair.id), "reason": "On leave", "version": "1"}
    answer = client.submit(at(made, "chair"), sent)
    assert (answer.status_code, answer.location) == (303, "/meetings")
    assert client.get(f"/meetings/{made.reference}").status_code == 404


def test_the_note_taker_changes(client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting) -> None:
    sent = {"note_taker": str(cast.officer.id), "reason": "A swap", "version": "1"}
    assert client_for(cast.chair).submit(at(meeting, "note-taker"), sent).status_code == 303
    assert fresh(rows, meeting).note_taker_id == cast.officer.id
    assert invitation(rows, "note_taker").user_id == cast.officer.id


def test_cancelling_tells_everybody_and_ends_what_was_due(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    client, sent = client_for(cast.chair), {"reason": "The child moved away", "version": "1"}
    assert "Carla Quillcarrow" in client.soup(at(meeting, "cancel")).get_text(" ")
    assert client.submit(at(meeting, "cancel"), sent).status_code == 303
    assert fresh(rows, meeting).state == MeetingState.CANCELLED
    held = select(Deadline.state).filter_by(meeting_id=meeting.id, kind="meeting")
    assert rows.scalars(held).one() == "cancelled"
    people = {one.recipient_id for one in told(rows, "meeting_cancelled")}
    assert {cast.officer.id, cast.nurse.id, cast.coordinator.id} <= people
    again = client_for(cast.coordinator).submit(at(meeting, "cancel"), sent)
    assert again.status_code == 303, "a page that is sent twice leads back"
    assert len(rows.scalars(select(MeetingChange)).all()) == 1


@pytest.mark.parametrize("page", [one for one in PAGES if one not in {"chair", "note-taker"}])
def test_nothing_is_changed_about_a_meeting_that_is_over(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, page: str
) -> None:
    made = make_meeting(
        rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator, state=MeetingState.HELD
    )
    client = client_for(cast.coordinator)
    assert client.get(at(made, page)).status_code == 303
    assert client.submit(at(made, page), moving(made)).status_code == 303
    assert rows.scalars(select(MeetingChange)).all() == []
    shown = client.soup(f"/meetings/{made.reference}")
    assert not shown.select(f"a[href$='/{page}']")


def test_others_are_invited_and_those_who_are_already_are_not_offered(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    client = client_for(cast.chair)
    page = client.soup(at(meeting, "invite"))
    offered = {str(one["value"]) for one in page.select("input[name=teams]")}
    assert str(cast.school_team.id) in offered
    assert str(cast.police_team.id) not in offered
    sent = {
        "teams": [str(cast.school_team.id)],
        "outsiders-0-name": "Ada Quilladvent",
        "outsiders-0-role": "advocate",
    }
    assert client.submit(at(meeting, "invite"), sent).status_code == 303
    assert (invitation(rows, "school").team_id, invitation(rows, "school").required) == (
        cast.school_team.id,
        True,
    )
    assert invitation(rows, "advocate").external_name == "Ada Quilladvent"
    assert cast.teacher.id in {one.recipient_id for one in told(rows, "invited")}
    twice = client.submit(at(meeting, "invite"), sent)
    assert (twice.status_code, "They are invited already" in twice.text) == (422, True)


def test_an_invitation_is_withdrawn_with_a_reason(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, meeting: Meeting
) -> None:
    made = make_invitation(rows, meeting, person=cast.stranger, by=cast.chair)
    there = at(meeting, f"invitations/{made.id}/withdraw")
    client = client_for(cast.chair)
    assert "Stan Stranger" in client.soup(there).get_text(" ")
    assert client.submit(there, {"reason": " "}).status_code == 422
    assert client.submit(there, {"reason": "Not needed after all"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Invitation, made.id).withdrawn_reason == "Not needed after all"
    assert client_for(cast.stranger).get(f"/meetings/{meeting.reference}").status_code == 404
    assert client.submit(there, {"reason": "Again"}).status_code == 404


def test_the_chair_stays_invited_until_somebody_else_is(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    there = at(meeting, f"invitations/{invitation(rows, 'chair').id}/withdraw")
    answer = client_for(cast.coordinator).submit(there, {"reason": "x"})
    assert (answer.status_code, "Name somebody else for it first" in answer.text) == (422, True)


def test_what_somebody_without_an_account_said_is_written_down(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    there = at(meeting, f"invitations/{invitation(rows, 'carer').id}/answer")
    client = client_for(cast.chair)
    client.soup(there)
    assert client.submit(there, {"reply": ""}).status_code == 422
    assert client.submit(there, {"reply": "apologies", "reason": "At work"}).status_code == 303
    found = invitation(rows, "carer")
    assert (found.reply, found.reply_reason, found.replied_by) == ("apologies", "At work", cast.chair.id)
    theirs = at(meeting, f"invitations/{invitation(rows, 'police').id}/answer")
    assert client.submit(theirs, {"reply": "coming"}).status_code == 422


def test_an_answer_that_somebody_wrote_down_meanwhile_is_shown_and_not_replaced(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    there = at(meeting, f"invitations/{invitation(rows, 'carer').id}/answer")
    client, seen = client_for(cast.chair), {"reply": "apologies", "version": "1"}
    assert client.submit(there, seen | {"reason": "At work"}).status_code == 303
    refused = client.submit(there, seen | {"reason": "In hospital"})
    assert refused.status_code == 409
    assert "At work" in refused.text
    assert invitation(rows, "carer").reply_reason == "At work"
    version = value(read(refused), "[name=version]")
    assert client.submit(there, seen | {"reason": "In hospital", "version": version}).status_code == 303
    assert invitation(rows, "carer").reply_reason == "In hospital"


def test_those_invited_later_are_asked_for_a_report_and_the_others_not_again(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    client, sent = client_for(cast.chair), {"question": "What do you know?", "why": "To plan"}
    assert client.submit(at(meeting, "reports"), sent).status_code == 303
    assert client.submit(at(meeting, "reports"), sent).status_code == 422, "nobody is left to be asked"
    asked = rows.scalars(select(InformationRequest)).all()
    assert {(one.asked_team_id, one.asked_user_id) for one in asked} == {
        (cast.police_team.id, None),
        (None, cast.nurse.id),
    }
    assert "Everybody who is invited has been asked" in client.soup(at(meeting, "reports")).get_text(" ")
    make_invitation(rows, meeting, team=cast.school_team, by=cast.chair, role="school")
    page = client.soup(at(meeting, "reports")).get_text(" ")
    assert "Ada Fictional" in page
    client.submit(at(meeting, "reports"), sent)
    rows.rollback()
    everybody = rows.scalars(select(InformationRequest.asked_team_id)).all()
    assert everybody.count(cast.school_team.id) == 1
    assert len(everybody) == 3


def test_the_page_of_the_meeting_warns_of_agencies_that_it_needs_and_lacks(
    client_for: ClientFor, cast: Cast, meeting: Meeting
) -> None:
    page = client_for(cast.officer).soup(f"/meetings/{meeting.reference}")
    gaps = [one.get_text(strip=True) for one in page.select("#gaps li")]
    assert gaps == ["Health: everybody sent apologies", "Education: nobody is invited"]
    assert not page.select("a[href$='/move']"), "somebody who does not run it is not offered to"
    assert client_for(cast.social_worker).soup(f"/meetings/{meeting.reference}").select("a[href$='/move']")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 303),
        ("officer", 403),
        ("nurse", 403),
        ("police_manager", 403),
        ("governance", 403),
        ("administrator", 403),
        ("stranger", 404),
        ("neighbour", 404),
        ("community_safety", 403),
    ],
)
def test_nobody_else_changes_it(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting, who: str | None, status: int
) -> None:
    make_invitation(rows, meeting, person=cast.community_safety, by=cast.chair)
    carer = invitation(rows, "carer")
    client = client_for(getattr(cast, who) if who else None)
    pages = [*PAGES, f"invitations/{carer.id}/withdraw", f"invitations/{carer.id}/answer"]
    sent = moving(meeting, reply="coming", question="What?", why="Why")
    for page in pages:
        assert client.get(at(meeting, page)).status_code == status, page
        answer = client.submit(at(meeting, page), sent)
        assert answer.status_code == (401 if who is None else status), page
        assert "Fictional" not in answer.text
        assert "Carla" not in answer.text
    assert (fresh(rows, meeting).version, rows.scalars(select(MeetingChange)).all()) == (1, [])


def test_an_invitation_of_another_meeting_is_not_found(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, meeting: Meeting
) -> None:
    other = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    theirs = make_invitation(rows, other, outside="Ada Quilladvent", by=cast.chair, role="advocate")
    for page in ("withdraw", "answer"):
        there = at(meeting, f"invitations/{theirs.id}/{page}")
        assert client_for(cast.chair).submit(there, {"reason": "x", "reply": "coming"}).status_code == 404


def test_without_the_token_of_the_page_nothing_is_cancelled(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting
) -> None:
    sent = {"reason": "x", "version": "1"}
    assert client_for(cast.chair).post(at(meeting, "cancel"), data=sent).status_code == 400
    assert fresh(rows, meeting).state == MeetingState.BOOKED


def test_whoever_reads_only_one_sibling_cannot_cancel_for_both(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    other = make_called_case(rows, cast, "Bea", lead_professional_id=None)
    both = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.officer)
    other.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    client = client_for(cast.social_worker)
    answer = client.submit(at(both, "cancel"), {"reason": "x", "version": "1"})
    assert (answer.status_code, "Ask its chair" in answer.text) == (422, True)
    assert "Bea" not in answer.text
    assert fresh(rows, both).state == MeetingState.BOOKED
