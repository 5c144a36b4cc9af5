"""The alerts at the head of minutes: who was given them without the case sees what they ask, and not why."""

from collections.abc import Iterable
from typing import Any

from portal.policy import current_policy
from portal.records.meetings.presenter.day import alert_strip
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.reading import issues as minutes_issues

#: What stands with an alert for whoever does not read the case.
WHY = "The reason is on the case. If you need to know it, ask whoever chaired the meeting"


def strip(issue: MinutesIssue) -> list[dict[str, Any]]:
    """On the page of some minutes: all that stands in an alert for whoever reads the case; for everybody else
    what those ask that change what people may do.
    """
    read = [
        child
        for child in meetings.children(meeting_id=issue.meeting_id)
        if child.case_id and issue.case_id in {None, child.case_id}
    ]
    unread = {row.kind for row in minutes_issues.alerts_beside(issue=issue) if not row.reads}
    asked = [one | {"text": f"{one['text']}. {WHY}"} for one in _asked(unread)]
    return [*alert_strip(read), *asked]


def paper_strip(issue: MinutesIssue) -> list[dict[str, Any]]:
    """On paper the same for everybody, for it is passed on: what is asked, and no word of why."""
    return _asked(row.kind for row in minutes_issues.alerts_beside(issue=issue))


def _asked(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """What alerts of some kinds ask, in the order of policy, as `ui.alert_strip` shows it."""
    standing = set(kinds)
    return [
        {"label": one.label, "text": one.hint}
        for one in current_policy().cases.alerts
        if one.code in standing and one.warns
    ]
