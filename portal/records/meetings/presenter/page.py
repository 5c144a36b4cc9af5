"""What the page of a meeting shows beside who is invited: papers, agenda, the day, what was handed out."""

from collections.abc import Sequence
from typing import Any

from portal.pathway.states import COMING_MEETING_STATES
from portal.records.meetings.presenter.day import (
    came_lines,
    child_papers,
    day_has_come,
    handout_lines,
    missing_words,
    was_held,
)
from portal.records.meetings.reading import day as meeting_day


def parts(meeting: Any, children: Sequence[Any], invited: Sequence[Any]) -> dict[str, Any]:
    """What the templates of the page's further parts need, by their own names.

    Args:
        meeting: the row of `portal.records.meetings.reading.records.page`.
        children, invited: the rows of the functions of these names there.
    """
    held, ahead = was_held(meeting), meeting.state in COMING_MEETING_STATES
    return {
        "papers_of": child_papers(
            children,
            meeting_day.papers(meeting_id=meeting.id),
            meeting_day.reports(meeting_id=meeting.id),
        ),
        "headings": meeting_day.headings(meeting_id=meeting.id),
        "on_the_day": day_has_come(meeting),
        "was_held": held,
        "came": came_lines(invited) if held else [],
        "lacking": missing_words(meeting, invited) if held and meeting.full_reach else [],
        "handed_out": handout_lines(meeting_day.handouts(meeting_id=meeting.id), children),
        "can_hand_out": meeting.full_reach
        and meeting.state != "cancelled"
        and any(row.external_name for row in invited),
        "agenda_open": ahead or meeting.state == "held",
    }
