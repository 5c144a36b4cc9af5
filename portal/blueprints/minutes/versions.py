"""The minutes of one meeting: which versions there are, who was given them, which corrections were asked."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.meetings.looking import around, facts, look
from portal.blueprints.minutes.blueprint import blueprint
from portal.blueprints.minutes.looking import may
from portal.records.meetings.external_copies import family_barred
from portal.records.meetings.presenter.words import state_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.reading import issues as minutes_issues
from portal.web.page import render


@blueprint.get("/meetings/<reference>/versions")
@allow("meeting:view", shows="case")
def versions(reference: str) -> ResponseReturnValue:
    """Where the minutes stand, and what comes next. Who opened them is for those who run the meeting."""
    shown = look(reference, action="minutes:view")
    meeting = meetings.find(reference=shown.reference) or abort(404)
    children = meetings.children(meeting_id=meeting.id)
    runs = permitted(current(), "meeting:run", facts(shown, children))
    return render(
        "minutes/versions.html",
        **around(shown),
        children=[one for one in children if one.reference],
        state=state_words(meeting.state),
        in_draft=meeting.state == MeetingState.MINUTES_IN_DRAFT,
        approved=minutes_presenter.is_approved(meeting.state),
        distributed=meeting.state == MeetingState.DISTRIBUTED,
        versions=minutes_presenter.by_child(minutes_issues.of_meeting(meeting_id=meeting.id)),
        corrections=minutes_issues.corrections(meeting_id=meeting.id),
        copies=minutes_issues.copies(meeting_id=meeting.id) if runs else [],
        words=minutes_presenter,
        runs=runs,
        can={name: may(name, meeting) for name in ("minutes:circulate", "minutes:approve", "family:choose")},
        barred=family_barred(meeting),
    )
