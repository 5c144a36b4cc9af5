"""What assessments plug into the rest."""

from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy import select

from portal.access.principal import Principal
from portal.pages.chronologies.reading import LineKind, Said
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.assessments.levels import meet_what_was_owed
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.cases.presenter import level_words
from portal.records.children.model import Child
from portal.records.entries.model import Citation
from portal.records.entries.vocabulary import ChronologyPart, CitationHolder
from portal.records.meetings.model import Meeting
from portal.registry import Duty, Noun, Record, Reference
from portal.vocabulary import RiskLevel


def _levels(row: Any) -> str:
    return url_for("assessments.levels", reference=row.case_reference) if row.case_reference else ""


def _assessment(row: Any, _policy: Policy) -> Said:
    screening = row.said["kind"] == "screening"
    level = f"Level: {level_words(row.said['level'])}" if row.said["level"] else ""
    refused = "A manager did not sign it off." if row.said["refused"] else ""
    return Said(
        title="Screening finalised" if screening else "Risk assessment finalised",
        words=[level, row.said["words"], refused],
    )


def _level(row: Any, _policy: Policy) -> Said:
    before, now = row.said["before"], RiskLevel(row.said["level"]).label
    title = f"Level from {level_words(before).lower()} to {now.lower()}" if before else f"Level {now.lower()}"
    return Said(title=title, words=[row.said["words"]], link=partial(_levels, row), called="Levels")


_ASSESSMENT = """
select r.id, r.finalised_at as at, r.agency_id, r.assessor_id as by_id, c.id as case_id, r.reference,
       jsonb_build_object('kind', r.kind, 'level', r.level, 'words', r.level_reason,
                          'refused', r.refused_at is not null and r.signed_off_at is null) as said
  from cre_case c join risk_assessment r on r.case_id = c.id
 where c.child_id = :child and r.finalised_at is not null"""

_LEVEL = """
select l.id, l.decided_at as at, l.agency_id, l.decided_by as by_id, c.id as case_id, null as reference,
       jsonb_build_object('before', l.before, 'level', l.level, 'words', l.reason) as said
  from cre_case c join level_decision l on l.case_id = c.id
 where c.child_id = :child and l.before is distinct from l.level"""

LINES = (
    LineKind(what="assessment", part=ChronologyPart.ASSESSMENT, says=_assessment, rows=_ASSESSMENT),
    LineKind(what="level", part=ChronologyPart.ASSESSMENT, says=_level, rows=_LEVEL),
)


def _meet_what_was_owed(*, actor: Principal, meeting: Meeting, case: Case) -> None:  # noqa: ARG001  # whoever held it
    if meeting.held_at is not None:
        meet_what_was_owed(case=case, kind=meeting.kind, held_at=meeting.held_at)


NOUN = Noun(
    lines=LINES,
    records=(
        Record(
            table=RiskAssessment,
            prefix=Prefix.ASSESSMENT,
            page="assessments.show",
            permission="assessment:view",
            named=(
                columns(RiskAssessment)
                .join(Case, Case.id == RiskAssessment.case_id)
                .join(Child, Child.id == Case.child_id)
            ),
            duty=Duty(shared=("case_id",)),
        ),
    ),
    references=(
        Reference(
            prefix=Prefix.CITATION,
            rows=select(Citation.reference, RiskAssessment.reference.label("opens"))
            .join(RiskAssessment, RiskAssessment.id == Citation.holder_id)
            .where(Citation.holder_kind == CitationHolder.ASSESSMENT),
        ),
    ),
    meeting_held=_meet_what_was_owed,
)
