"""Meetings, their record and minutes."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from portal import clock
from portal.records.assessments.model import LevelDecision
from portal.records.cases.model import Case
from portal.records.meetings.model import AgendaItem, Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import LevelProposal, Minute, MinutesIssue
from portal.web.date_boxes import posted
from tests.factories.meetings import make_heading, make_invitation
from tests.factories.minutes import owe_minutes, take_part
from tests.races.reading import FIRST
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World

#: The fields of the line that `tests/access/addresses.py` names.
LINE = "l-01a22430-0000-7000-8000-000000000000-"


def meeting_of(world: World) -> Meeting:
    return world.rows.query(Meeting).filter_by(reference=world.names["meeting"]).one()


def _today(world: World) -> None:
    """The meeting began half an hour ago."""
    meeting = meeting_of(world)
    meeting.starts_at = clock.now() - timedelta(minutes=30)
    meeting.ends_at = clock.now() + timedelta(minutes=60)


def _undecided(world: World) -> None:
    """The meeting came to no level: one that did took place, and is neither moved nor cancelled."""
    rows, meeting = world.rows, meeting_of(world)
    rows.query(LevelProposal).filter_by(meeting_id=meeting.id).delete()
    rows.execute(update(LevelDecision).filter_by(meeting_id=meeting.id).values(meeting_id=None))


def _held(world: World) -> Mapping[str, str]:
    """The meeting was held, everybody came, and its minutes are being written."""
    rows, meeting = world.rows, meeting_of(world)
    if meeting.held_at is not None:
        return {}
    meeting.starts_at = clock.now() - timedelta(hours=3)
    meeting.ends_at = clock.now() - timedelta(hours=2)
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT):
        meeting.state = state
        rows.flush()
    meeting.held_at = clock.now() - timedelta(hours=1)
    meeting.reach_until = clock.now() + timedelta(days=14)
    take_part(rows, *rows.query(Invitation).filter_by(meeting_id=meeting.id))
    owe_minutes(rows, meeting)
    rows.execute(update(MinutesIssue).filter_by(meeting_id=meeting.id).values(kind="draft"))
    return {}


def _outsider(world: World) -> Mapping[str, str]:
    """Somebody without an account is invited too."""
    guest = make_invitation(
        world.rows, meeting_of(world), outside="Carla Quillcarrow", by=world.person("officer"), role="carer"
    )
    return {"invitation id": str(guest.id)}


def _two_versions(world: World) -> Mapping[str, str]:
    """What stands under each heading was written anew an hour after it was written."""
    _held(world)
    for ago, words in ((2, "As it was first"), (1, "As it is now")):
        for minute in world.rows.query(Minute).filter_by(meeting_id=meeting_of(world).id):
            minute.text, minute.saved_at = words, clock.now() - timedelta(hours=ago)
            minute.version += 1
        world.rows.flush()
    return {}


def _other_heading(world: World) -> Mapping[str, str]:
    """Another heading, under which nothing stands."""
    case = world.rows.query(Case).filter_by(reference=world.names["case"]).one()
    return {"heading": str(make_heading(world.rows, meeting_of(world), case).id)}


_DAY = posted("day", clock.today() + timedelta(days=10))
CALLED = {
    "kind": "first",
    **{name: str(value) for name, value in _DAY.items()},
    "starts": "14:30",
    "ends": "16:00",
    "place": "Room {word}",
    "chair": "{chair id}",
    "note_taker": "{coordinator id}",
    "teams": ["{police_team id}", "{social_care_team id}"],
    "find": None,
    "reports": "no",
}

#: The record of a meeting, of which only what was said is filled in.
ONLY_WORDS = {
    "*-level": None,
    "*-level_reason": "",
    "*-next_reason": "",
    "*-next_on-day": "",
    "*-next_on-month": "",
    "*-next_on-year": "",
    "*-0-what": "",
    "*-0-external_name": "",
    "*-0-due_on-day": "",
    "*-0-due_on-month": "",
    "*-0-due_on-year": "",
    **{
        f"*-{name}": ""
        for name in ("dissenter", "dissent", "escalation", "what", "measure", "owner", "category", "target")
    },
}


def _line(world: World, token: str) -> Sent:
    """What a script sends of a decision that is typed in one line."""
    item = world.rows.get_one(AgendaItem, UUID(world.names["heading"]))
    said = {"kind": "decision", "case": str(item.case_id or ""), f"{LINE}text": "Meet at school"}
    return Sent("", (("csrf_token", token), *said.items()), headers=(("X-Autosave", "1"),))


def _review(world: World, token: str) -> Sent:
    """What a script sends of an action of last time."""
    name = f"l-{world.names['action id']}-"
    said = {f"{name}outcome": "done", f"{name}effect": "helped", f"{name}words": "Every day but two"}
    return Sent("", (("csrf_token", token), *said.items()), headers=(("X-Autosave", "1"),))


SCENES: dict[str, Scene] = {
    "minutes.index": Scene("officer", page="/minutes?opened=no"),
    "meetings.index": Scene("officer", page="/meetings?part=others"),
    "meetings.answer_invitation": Scene("officer", page="meetings.invitation", fills={"reply": "apologies"}),
    "meetings.answer_by_hand": Scene("officer", fills={"reply": "apologies"}, before=_outsider),
    "meetings.attendance": Scene("officer", before=_today, clicked="action=keep"),
    "meetings.call_on_case": Scene("coordinator", fills=CALLED, clicked="-"),
    "meetings.call_on_district": Scene(
        "coordinator",
        fills={**CALLED, "kind": "locality_panel", "district": "amber_valley"},
        clicked="-",
    ),
    "meetings.chair": Scene("officer", fills={"chair": "{chair id}"}),
    "meetings.cite_in_minutes": Scene("officer", before=_held),
    "meetings.decision": Scene("officer", before=_held),
    "meetings.decision_parts": Scene("officer", page="meetings.decision", before=_held),
    "meetings.hand_over": Scene("officer", before=_outsider, fills={"what": "Paper {word}"}),
    "meetings.heading": Scene("officer", before=_other_heading),
    "meetings.cancel": Scene("officer", before=_undecided),
    "meetings.move": Scene("officer", fills={"starts": "21:00", "ends": "22:00"}, before=_undecided),
    "meetings.move_heading": Scene("officer", page="meetings.agenda", before=_other_heading),
    "meetings.remove_heading": Scene("officer", page="meetings.agenda", before=_other_heading),
    "meetings.invite_more": Scene("officer", fills={"teams": "{health_team id}"}, clicked="-"),
    "meetings.lower_level": Scene("officer"),
    "meetings.name_closed_reader": Scene(
        "officer", page="/meetings/{meeting}/closed/{closed part}", before=_held
    ),
    "meetings.unname_closed_reader": Scene("officer", before=_held),
    "meetings.write_closed": Scene("officer", page="/meetings/{meeting}/closed/{closed part}", before=_held),
    "meetings.new_closed_part": Scene("officer", before=_held),
    "meetings.note_taker": Scene("officer", fills={"note_taker": "{social_worker id}"}),
    "meetings.papers": Scene(
        "officer", fills={"assessment-mark": "not_needed", "assessment-reason": "For {word}"}
    ),
    "meetings.place": Scene("officer", fills={"place": "Room {word}"}),
    "meetings.record": Scene("officer", before=_held, fills=ONLY_WORDS),
    "meetings.save_review": Scene("officer", page="meetings.record", before=_held, by_script=_review),
    "meetings.save_line": Scene("officer", page="meetings.record", before=_held, by_script=_line),
    "meetings.save_box": Scene("officer", page="meetings.record", before=_held),
    "meetings.history": Scene("officer", before=_two_versions),
    "meetings.walk_in": Scene(
        "officer", before=_today, fills={"email": "{nurse email}"}, other={"email": "{teacher email}"}
    ),
    "meetings.withdraw_one_decision": Scene("officer", page="meetings.decision", before=_held),
    "meetings.take_back_level": Scene("officer", before=_held),
    "minutes.approve": Scene("officer", before=_held, fills={"leave_open": "y"}),
    "minutes.circulate": Scene("coordinator", before=_held),
    "minutes.distribute": Scene("officer", before=_held, after=("minutes.approve",), fills={"to": FIRST}),
    "minutes.choose": Scene("officer", before=_held, fills={"passages": FIRST}),
    "minutes.preview": Scene(
        "officer",
        before=_held,
        after=("minutes.choose",),
        fills={"passages": FIRST},
        clicked="action=confirm",
    ),
    "minutes.correct": Scene("officer", fills={"about": ""}),
    "minutes.settle": Scene("coordinator", before=_held, fills={"taken": "no"}),
}
