"""The next panel of a district: a month later, with the same people and teams."""

from datetime import datetime
from uuid import uuid5

from sqlalchemy import select

from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.meetings.calling import Plan, call_meeting
from portal.records.meetings.chairing import live_invitations, require_reading
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER, Invitee
from portal.records.meetings.model import Meeting
from portal.records.panels.checks import panel_facts, require_panel
from portal.records.people.model import Team, User
from portal.services.errors import DomainError
from portal.services.versions import lock_row


def call_next(
    *, actor: Principal, meeting: Meeting, starts_at: datetime, ends_at: datetime, place: str, link: str
) -> Meeting:
    """Call the next panel after this one: the same chair and note-taker, and every team and person invited.

    Whoever can no longer be invited is left out; after one panel the next is called once. Calling it twice
    for the same time and place calls one.

    Raises:
        Forbidden: the actor does not run the panel.
        DomainError: as `call_meeting`; also where the next is called already for another time or place.
    """
    require_panel(meeting)
    require(actor, "panel:prepare", panel_facts(actor, meeting))
    require_reading(meeting)
    if starts_at <= meeting.starts_at:
        raise DomainError("The next panel is after this one", field="day")
    lock_row(meeting)
    if (called := next_after(meeting=meeting)) is not None:
        _require_same(called, starts_at, ends_at, place.strip(), link.strip())
        return called
    chair, note_taker = (db.session.get_one(User, one) for one in (meeting.chair_id, meeting.note_taker_id))
    return call_meeting(
        actor=actor,
        plan=Plan(
            kind=meeting.kind,
            starts_at=starts_at,
            ends_at=ends_at,
            chair=chair,
            note_taker=note_taker,
            place=place,
            link=link,
        ),
        district=meeting.district,
        invitees=_members(meeting),
        once=uuid5(meeting.id, f"next:{starts_at.isoformat()}"),
    )


def next_after(*, meeting: Meeting) -> Meeting | None:
    """The panel of the same district that comes after this one and was not cancelled."""
    return db.session.scalar(
        select(Meeting)
        .where(
            Meeting.district == meeting.district,
            Meeting.kind == meeting.kind,
            Meeting.starts_at > meeting.starts_at,
            Meeting.state != "cancelled",
        )
        .order_by(Meeting.starts_at)
        .limit(1)
    )


def _require_same(called: Meeting, *said: datetime | str) -> None:
    if (called.starts_at, called.ends_at, called.place, called.link) != said:
        raise DomainError(f"The next panel is called already: meeting {called.reference}. Change that one")


def _members(meeting: Meeting) -> list[Invitee]:
    """Who was invited with an account and can still be: teams as teams, people by name."""
    found: list[Invitee] = []
    for one in live_invitations(meeting.id):
        if one.role in {CHAIR, NOTE_TAKER} or one.agency_id is None:
            continue
        team = db.session.get(Team, one.team_id) if one.team_id and not one.user_id else None
        person = db.session.get(User, one.user_id) if one.user_id else None
        if (team and team.active) or (person and person.active and person.agency_id == one.agency_id):
            found.append(Invitee(role=one.role, required=one.required, team=team, person=person))
    return found
