"""What each sector's workspace offers beside its cases: one page for each task, and how much waits there.

Nouns declare them, in their `noun.py`. All the numbers of a workspace are read in one statement, and each
counts what the person who asks may see.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, select, union_all

from portal import registry
from portal.access.permissions import near
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.rows import Rows
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.vocabulary import AssessmentState
from portal.records.cases.model import Case, EntryDraft
from portal.records.children.model import Child, ChildCorrection
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import ClosedMinute, ClosedReader, FamilyPassage
from portal.records.minutes.reading.issues import family_waits
from portal.records.referrals.facts import asked_of
from portal.records.referrals.model import Referral
from portal.vocabulary import ReferralState, Sector

#: Numbers end here: beyond it a page says “50 or more”.
MANY = 50

#: A query of one column, a row for each thing that waits, for one person.
Waiting = Callable[[Principal], Select[Any]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task page of a workspace.

    Attributes:
        at: the sectors that are offered it, and where it stands in the list of each: lowest first.
        waiting: what is counted beside it.
    """

    endpoint: str
    label: str
    hint: str
    permission: str
    at: Mapping[Sector, int]
    waiting: Waiting | None = None


@dataclass(frozen=True)
class Offered:
    """A task as somebody sees it, and how much waits there; None where nothing is counted."""

    label: str
    hint: str
    endpoint: str
    waiting: int | None

    @property
    def words(self) -> str:
        """How much waits, in words; empty where nothing does."""
        if not self.waiting:
            return ""
        return f"{MANY} or more" if self.waiting >= MANY else str(self.waiting)


def offered(*, person: Principal) -> list[Offered]:
    """The tasks of a person's workspace with how much waits in each; one statement, or none."""
    tasks = open_to(person=person)
    waiting = _waiting(person, tasks)
    return [
        Offered(
            task.label,
            task.hint,
            task.endpoint,
            waiting.get(task.endpoint, 0) if task.waiting else None,
        )
        for task in tasks
    ]


def open_to(*, person: Principal) -> list[Task]:
    """Likewise, where nobody counts."""
    return [task for task in of_sector(person.sector) if near(person, task.permission)]


def of_sector(sector: Sector) -> list[Task]:
    """What a workspace of a sector can offer, in order."""
    offered = [task for noun in registry.nouns() for task in noun.tasks if sector in task.at]
    return sorted(offered, key=lambda task: task.at[sector])


def _waiting(person: Principal, tasks: Sequence[Task]) -> Mapping[str, int]:
    parts = [
        select(literal(task.endpoint).label("endpoint")).select_from(
            task.waiting(person).limit(MANY).subquery()
        )
        for task in tasks
        if task.waiting
    ]
    if not parts:
        return {}
    rows = db.session.execute(union_all(*parts)).all()
    found: dict[str, int] = {}
    for row in rows:
        found[row.endpoint] = found.get(row.endpoint, 0) + 1
    return found


MOST = 6
FORM, ENTRY, ASSESSMENT, CORRECTION = "form", "entry", "assessment", "correction"
QUESTION, CLOSED, FAMILY = "question", "closed", "family"
BEGUN = frozenset({FORM, ENTRY, ASSESSMENT})


def begun(*, person: Principal) -> Rows:
    """Forms, entries and assessments that the person has begun, the latest saved first; then proposed
    corrections of children whose cases they lead, which they decide; forms on which the hub waits for their
    answer; meetings with a closed part of the minutes for which they are named; and passages for a family
    that wait for them as the chair. One statement.

    Rows of kind, reference, key (of a correction; of a family’s case), given_name, family_name and at.
    """
    forms = _listed(FORM, Referral.reference, Referral.saved_at).where(
        Referral.author_id == person.user_id,
        Referral.author_agency_id == person.agency_id,
        Referral.state == ReferralState.DRAFT,
    )
    entries = (
        _listed(ENTRY, Case.reference, EntryDraft.saved_at, Child)
        .select_from(EntryDraft)
        .join(Case, Case.id == EntryDraft.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(EntryDraft.author_id == person.user_id)
    )
    assessments = (
        _listed(ASSESSMENT, RiskAssessment.reference, RiskAssessment.started_at, Child)
        .join(Case, Case.id == RiskAssessment.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(RiskAssessment.assessor_id == person.user_id, RiskAssessment.state == AssessmentState.DRAFT)
    )
    corrections = (
        _listed(CORRECTION, Child.reference, ChildCorrection.created_at, Child, ChildCorrection.id)
        .select_from(Case)
        .join(ChildCorrection, ChildCorrection.child_id == Case.child_id)
        .join(Child, Child.id == Case.child_id)
        .where(
            Case.lead_professional_id == person.user_id,
            Case.state.in_(OPEN_CASE_STATES),
            ChildCorrection.decided_at.is_(None),
        )
    )
    asked = asked_of(person).subquery()
    questions = _listed(QUESTION, asked.c.reference, asked.c.at)
    closed = (
        _listed(CLOSED, Meeting.reference, func.max(ClosedReader.named_at))
        .select_from(ClosedReader)
        .join(ClosedMinute, ClosedMinute.id == ClosedReader.closed_id)
        .join(Meeting, Meeting.id == ClosedMinute.meeting_id)
        .where(ClosedReader.user_id == person.user_id)
        .group_by(Meeting.reference)
    )
    family = (
        _listed(FAMILY, Meeting.reference, func.max(FamilyPassage.chosen_at), key=Case.reference)
        .select_from(Meeting)
        .join(FamilyPassage, FamilyPassage.meeting_id == Meeting.id)
        .join(Case, Case.id == FamilyPassage.case_id)
        .where(
            Meeting.chair_id == person.user_id,
            FamilyPassage.removed_at.is_(None),
            FamilyPassage.confirmed_at.is_(None),
        )
        .group_by(Meeting.reference, Case.reference)
    )
    parts = [
        select(one.order_by(one.selected_columns.at.desc()).limit(MOST).subquery())
        for one in (forms, entries, assessments, corrections, questions, closed, family)
    ]
    return _still_asked(db.session.execute(union_all(*parts)).all())


def _still_asked(rows: Rows) -> Rows:
    """Without meetings of which every passage for a family was changed since it was chosen: the chair has
    nothing to confirm there.
    """
    asked = {row.reference for row in rows if row.kind == FAMILY}
    if not asked:
        return rows
    found = db.session.execute(select(Meeting.id, Meeting.reference).where(Meeting.reference.in_(asked)))
    waits = {
        (reference, db.session.get_one(Case, case_id).reference)
        for meeting_id, reference in found.all()
        for case_id in family_waits(meeting_id=meeting_id)
    }
    return [row for row in rows if row.kind != FAMILY or (row.reference, row.key) in waits]


def _listed(kind: str, reference: Any, at: Any, child: type[Child] | None = None, key: Any = None) -> Any:
    nothing = literal(None, Text)
    columns: tuple[Any, ...] = (
        literal(kind).label("kind"),
        reference.label("reference"),
        (cast(key, Text) if key is not None else nothing).label("key"),
        (child.given_name if child else nothing).label("given_name"),
        (child.family_name if child else nothing).label("family_name"),
        at.label("at"),
    )
    return select(*columns)
