"""Whoever is no longer invited hears that, and not that the meeting is cancelled; the link leads on."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.meetings.test_changing import at, case, meeting
from tests.told import told

__all__ = ["case", "meeting"]

ClientFor = Callable[[User | None], Client]


def test_the_old_chair_hears_that_they_are_not_invited_and_is_led_to_the_meeting_that_they_still_read(
    client_for: ClientFor, cast: Cast, rows: Session, meeting: Meeting, case: Case
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    client, old = client_for(cast.coordinator), client_for(cast.chair)
    sent = {"chair_email": cast.officer.email, "reason": "Chas is off", "version": "1"}
    assert client.submit(at(meeting, "chair"), sent).status_code == 303
    said = " ".join(client.soup(f"/meetings/{meeting.reference}").get_text(" ").split())
    assert f"{cast.chair.name} (was invited)" in said
    assert told(rows, "meeting_cancelled") == []
    assert [one.recipient_id for one in told(rows, "meeting_uninvited")] == [cast.chair.id]
    messages = old.soup("/messages")
    assert "You are no longer invited to a meeting" in messages.get_text(" ")
    link = next(one for one in messages.select("main a[href^='/go/']") if "no longer invited" in one.text)
    page = old.get(str(link["href"]), follow_redirects=True)
    assert (page.status_code, page.request.path) == (200, f"/meetings/{meeting.reference}")
    gone = rows.scalars(select(Invitation).where(Invitation.withdrawn_at.is_not(None))).one()
    assert client_for(cast.stranger).get(f"/invitations/{gone.reference}").status_code == 404


def test_whom_a_cancelled_meeting_was_for_was_invited(
    client_for: ClientFor, cast: Cast, meeting: Meeting
) -> None:
    client = client_for(cast.coordinator)
    assert client.submit(at(meeting, "cancel"), {"reason": "Snow", "version": "1"}).status_code == 303
    said = " ".join(client.soup(f"/meetings/{meeting.reference}").get_text(" ").split())
    assert "(was invited)" in said
    assert cast.nurse.name in said
    assert "(is invited)" not in said
