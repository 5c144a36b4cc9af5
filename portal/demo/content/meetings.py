"""Meetings: coming up with mixed answers, today, held, moved, cancelled, and one of a district."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal.demo.content import moments, on_the_day, panels, preparing
from portal.demo.content.acting import Stage, person, reread, team_called
from portal.demo.content.moments import Described
from portal.demo.content.preparing import PreparingStep
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings import calling as meetings
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.model import Meeting

_STEPS = {**preparing.STEPS, **on_the_day.STEPS, **panels.STEPS}
_DAY = timedelta(days=1)


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Call every meeting that the files describe, and take every step towards it and at it."""
    for one in described:
        meeting_id = _call(stage, one, known)
        for said in one.get("steps", ()):
            with stage.acting(said["by"], _when(stage, one, said["at"])) as actor:
                meeting = reread(Meeting, meeting_id)
                _STEPS[said["do"]](PreparingStep(actor, meeting, said, stage.now, known))


def _call(stage: Stage, one: Described, known: Mapping[str, UUID]) -> UUID:
    starts_at = moments.day_and_time(one["starts"], stage.now)
    with stage.acting(one["by"], stage.ago(one["called"])) as actor:
        children = [known[child] for child in one.get("cases", ())]
        called = meetings.call_meeting(
            actor=actor,
            plan=meetings.Plan(
                kind=one["kind"],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=one["minutes"]),
                chair=person(one["chair"]),
                note_taker=person(one["notes"]),
                place=one.get("place", ""),
                link=one.get("link", ""),
            ),
            cases=db.session.scalars(select(Case).where(Case.child_id.in_(children))).all(),
            district=one.get("district"),
            invitees=[_invitee(who) for who in one["invite"]],
        )
        return called.id


def _invitee(who: Described) -> Invitee:
    return Invitee(
        role=who["role"],
        required=who.get("required", False),
        team=team_called(who["team"]) if "team" in who else None,
        person=person(who["person"]) if "person" in who else None,
        name=who.get("name", ""),
    )


def _when(stage: Stage, one: Described, said: str) -> datetime:
    """The moment of a step: so long ago, or when the meeting ended."""
    ended = moments.day_and_time(one["starts"], stage.now) + timedelta(minutes=one["minutes"])
    return {"the day": ended, "the next day": ended + _DAY}.get(said) or stage.ago(said)
