"""What minutes plug into the rest."""

from typing import Any

from sqlalchemy import select

from portal.access.principal import Principal
from portal.pages.chronologies.reading import LineKind, Said
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.entries.model import Citation
from portal.records.entries.vocabulary import ChronologyPart, CitationHolder
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.minutes.meeting_levels import settle_overtaken
from portal.records.minutes.meeting_outcomes import follow_next_date
from portal.records.minutes.model import Decision, LevelProposal, Minute, MinutesIssue
from portal.records.minutes.reviewing import follow_reviews
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.minutes.writing import owe_minutes
from portal.registry import Duty, Noun, Record, Reference


def _decision(row: Any, _policy: Policy) -> Said:
    said = row.said
    outcome = MeetingOutcome(said["outcome"]).label if said["outcome"] else ""
    return Said(title=f"Decided: {outcome}" if outcome else "Decided", words=[said["words"], said["reason"]])


_DECISION = """
select d.id, coalesce(m.held_at, d.recorded_at) as at, h.agency_id, d.recorded_by as by_id, c.id as case_id,
       m.reference, jsonb_build_object('words', d.text, 'reason', d.reason, 'outcome', d.outcome) as said
  from cre_case c join decision d on d.case_id = c.id join app_user h on h.id = d.recorded_by
  left join meeting m on m.id = d.meeting_id
 where c.child_id = :child and d.withdrawn_at is null"""

LINES = (LineKind(what="decision", part=ChronologyPart.MEETING, says=_decision, rows=_DECISION),)


def _owe_minutes(*, meeting: Meeting) -> None:
    if meeting.held_at is not None:
        owe_minutes(meeting=meeting, held_at=meeting.held_at)


def _held(*, actor: Principal, meeting: Meeting, case: Case) -> None:
    follow_next_date(actor=actor, meeting=meeting, case=case)
    follow_reviews(actor=actor, meeting=meeting, case=case)


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=MinutesIssue,
            prefix=Prefix.MINUTES,
            page="minutes.show",
            permission="minutes:read_copy",
            named=(
                columns(MinutesIssue)
                .outerjoin(
                    MeetingCase,
                    (MeetingCase.meeting_id == MinutesIssue.meeting_id)
                    & (MeetingCase.case_id == MinutesIssue.case_id),
                )
                .outerjoin(Child, Child.id == MeetingCase.child_id)
            ),
        ),
        Record(
            table=LevelProposal,
            page="meetings.lower_level",
            permission="level:settle",
            duty=Duty(shared=("case_id",)),
        ),
    ),
    references=(
        Reference(
            prefix=Prefix.DECISION,
            rows=select(Decision.reference, Meeting.reference.label("opens")).join(
                Meeting, Meeting.id == Decision.meeting_id
            ),
            page="meetings.minutes",
        ),
        Reference(
            prefix=Prefix.CITATION,
            rows=select(Citation.reference, Meeting.reference.label("opens"))
            .join(Minute, Minute.id == Citation.holder_id)
            .join(Meeting, Meeting.id == Minute.meeting_id)
            .where(Citation.holder_kind == CitationHolder.MINUTE),
            page="meetings.minutes",
        ),
    ),
    meeting_held=_held,
    level_assessed=settle_overtaken,
    meeting_over=_owe_minutes,
)
