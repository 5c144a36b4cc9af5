"""Whom somebody tells themselves, in words: what is not recorded is never said to have happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal import clock, registry
from portal.access.principal import current
from portal.pathway.states import OPEN_ACTION_STATES
from portal.records.by_hand.rules import MOOT
from portal.records.by_hand.vocabulary import Way
from portal.records.meetings.vocabulary import MeetingState
from portal.records.plans.rules import External, standing
from portal.web.filters import clock_time, day, due, lower_first, moment, upper_first


@dataclass(frozen=True)
class ByHandLine:
    """One of them on the page of what it is about."""

    reference: str
    name: str
    contact: str
    what: str
    stands: str
    tag: str
    colour: str
    told: bool
    open: bool
    teller: str  # who tells them, where that is somebody else than whoever reads it


def lines(rows: Iterable[Any]) -> list[ByHandLine]:
    """Rows of `portal.records.by_hand.reading` in words."""
    return [line(row) for row in rows]


def line(row: Any) -> ByHandLine:
    """One of them in words."""
    tag, colour = _tag(row)
    return ByHandLine(
        reference=row.reference,
        name=row.name,
        contact=row.contact,
        what=what(row.event),
        stands=stands(row),
        tag=tag,
        colour=colour,
        told=row.told_on is not None,
        open=row.told_on is None and row.dropped_at is None,
        teller=_teller(row),
    )


def what(event: str) -> str:
    """What they have to be told."""
    found = registry.events().get(event)
    return found.label if found else event.replace("_", " ").capitalize()


def stands(row: Any) -> str:
    """“told on 3 December 2026 by phone”, once somebody has said so; until then that they are not."""
    if row.told_on is not None:
        way = lower_first(Way(row.way).label)
        return f"told on {day(row.told_on)} {way}, by {row.told_by}"
    if row.dropped_at is not None:
        if row.dropped_reason in MOOT:
            return f"no longer to be told: {lower_first(row.dropped_reason)}"
        return f"not told: {row.dropped_reason}"
    teller = _teller(row)
    return f"not told yet – {teller}, tells them" if teller else "not told yet – tell them yourself"


def done(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What somebody recorded of them, as lines of a timeline."""
    return [
        {
            "title": f"{row.name} was told by hand" if row.recorded_at else f"{row.name} need not be told",
            "by": row.recorder if row.recorded_at else row.dropper,
            "at": row.recorded_at or row.dropped_at,
            "text": f"{what(row.event)}: {stands(row)}",
        }
        for row in rows
        if row.recorded_at or (row.dropped_at and row.dropped_reason not in MOOT)
    ]


def meeting_facts(row: Any) -> list[tuple[str, str]]:
    """When and where the meeting is of which somebody is told, or that it was cancelled; for who sees it."""
    if row.meeting_starts_at is None:
        return []
    if row.meeting_state == MeetingState.CANCELLED:
        return [("The meeting", f"Cancelled. It was to be on {moment(row.meeting_starts_at)}")]
    where = " or ".join(one for one in (row.meeting_place, row.meeting_link) if one)
    ends = clock_time(row.meeting_ends_at)
    return [("When the meeting is", f"{moment(row.meeting_starts_at)} to {ends}"), ("Where", where)]


def action_facts(row: Any) -> list[tuple[str, str]]:
    """What somebody is to do, as it stands now, or that they need not any more; for who sees the action."""
    if row.action_what is None:
        return []
    if External(row.action_external_name, row.action_external_role).words != row.name:
        return [("What it is about", row.action_what), ("How it stands", "Somebody else does it now")]
    if row.action_state not in OPEN_ACTION_STATES:
        stands = standing(row.action_state, row.action_covered_by)
        return [("What it is about", row.action_what), ("How it stands", stands)]
    return [
        ("What they are to do", row.action_what),
        ("To be done by", day(row.action_due_on)),
        ("How we will know that it worked", row.action_measure),
    ]


def facts(row: Any, words: str = "", before: Iterable[str] = ()) -> list[dict[str, str]]:
    """What the page of one says of it.

    Args:
        words: what was written to be said to them.
        before: what they were never told about the same, as events.
    """
    asked = f"{row.asker}, {row.agency}, {moment(row.created_at)}"
    found = [
        ("Who", row.name),
        ("How to reach them", row.contact),
        ("What to tell them", what(row.event)),
        *(("What nobody has told them before", what(event)) for event in dict.fromkeys(before)),
        *([("In these words", words)] if words else ()),
        *meeting_facts(row),
        *action_facts(row),
        *([("Who is to tell them", row.teller), ("Given by", asked)] if _is_given(row) else ()),
        *(() if _is_given(row) else [("Who is to tell them", asked)]),
    ]
    if row.due_at is not None:
        found.append(("By when", due(row.due_at)))
    standing = stands(row)
    found.append(("Where it stands", upper_first(standing)))
    if row.recorded_at is not None:
        found.append(("Recorded", f"{row.recorder}, {moment(row.recorded_at)}"))
    if row.dropped_at is not None:
        by_itself = row.dropper is None or row.dropped_reason in MOOT
        found.append(
            ("Ended by", f"The portal, {moment(row.dropped_at)}")
            if by_itself
            else ("Said by", f"{row.dropper}, {moment(row.dropped_at)}")
        )
    return [{"key": key, "value": value} for key, value in found]


def _teller(row: Any) -> str:
    return (row.teller or "") if row.teller_id != current().user_id else ""


def _is_given(row: Any) -> bool:
    """Whether somebody else owes it than whoever made it happen: of an action its owner always does."""
    return row.teller is not None and (row.subject_kind == "action" or row.teller_id != row.asked_by)


def change_lines(rows: Iterable[Any]) -> list[str]:
    """What was recorded before, and who put it right."""
    return [
        f"Until {moment(row.corrected_at)} it said: told on {day(row.told_on)}"
        f" {lower_first(Way(row.way).label)}, by {row.told_by}. Corrected by {row.corrector or 'somebody'}"
        for row in rows
    ]


def _tag(row: Any) -> tuple[str, str]:
    if row.told_on is not None:
        return "Told", "green"
    if row.dropped_at is not None:
        return "Not needed", "grey"
    if row.due_at is not None and row.due_at < clock.now():
        return "Not told, overdue", "red"
    return "Not told yet", "yellow"
