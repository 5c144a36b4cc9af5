"""What meetings plug into the rest."""

from typing import Any

from portal.pages.chronologies.reading import LineKind, Said
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import by_children, columns
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.registry import Duty, Noun, Record


def _meeting(row: Any, policy: Policy) -> Said:
    return Said(title=f"{policy.meetings.kinds.label(row.said['kind'])} held")


_MEETING = """
select m.id, m.starts_at as at, h.agency_id, m.chair_id as by_id, c.id as case_id, m.reference,
       jsonb_build_object('kind', m.kind) as said
  from meeting_case k join meeting m on m.id = k.meeting_id join app_user h on h.id = m.chair_id
  left join cre_case c on c.id = k.case_id
 where k.child_id = :child and m.held_at is not null"""

LINES = (LineKind(what="meeting", part=ChronologyPart.MEETING, says=_meeting, rows=_MEETING),)


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=Meeting,
            prefix=Prefix.MEETING,
            page="meetings.show",
            permission="meeting:view",
            named=by_children(columns(Meeting), MeetingCase.meeting_id, Meeting.id),
            duty=Duty(own="meeting_id", reference=Meeting.reference, key=Meeting.id),
        ),
        Record(
            table=Invitation,
            prefix=Prefix.INVITATION,
            page="meetings.invitation",
            permission="meeting:view",
            named=by_children(columns(Invitation), MeetingCase.meeting_id, Invitation.meeting_id),
        ),
    ),
)
