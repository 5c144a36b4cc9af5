"""The record that something of concern is made from: what it says of it, and on which children it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.queries.rows import NAMED
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.rules import Described, from_form, from_interview
from portal.records.concerns.vocabulary import ConcernKind, ConcernSource
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.model import EntryGrading
from portal.records.meetings.model import AgendaItem, Meeting, MeetingCase
from portal.records.minutes.model import Minute
from portal.records.return_interviews.model import ReturnInterview
from portal.records.triage.model import IntelligenceReport
from portal.records.triage.reading import form as triage_form


@dataclass(frozen=True, kw_only=True)
class Source:
    """A record to make something of concern from.

    Attributes:
        children: those on it whose records the person reads: id, reference, given_name, family_name.
        grades: source, information and handling, where it was graded as intelligence.
        conditions: under which it may be handled.
        referral_id: the form, whose source box must not be repeated.
    """

    kind: ConcernSource
    id: UUID
    reference: str
    concern_kind: ConcernKind
    said: Described
    children: Sequence[Any] = ()
    grades: tuple[str, str, str] | None = None
    conditions: str = ""
    referral_id: UUID | None = None

    @property
    def fills(self) -> bool:
        """Whether it says what a form begins with: what is not for everybody, or bound, does not."""
        return self.said != Described()


def find_source(
    *, reference: str, kind: ConcernKind, place: str = "", part: UUID | None = None
) -> Source | None:
    """The record that an address names, as far as the person reads it.

    Args:
        reference: of an information form, a return interview, a case or a meeting.
        kind: what is to be recorded; on a form, what stands at its `place`.
        place: the place of the person or thing on the form.
        part: the entry on the case, or the item of the agenda.
    """
    read = read_reference(reference) or ""
    prefix = read.partition("-")[0]
    if prefix == Prefix.REFERRAL:
        return _form(read, place)
    if prefix == Prefix.INTERVIEW:
        interview = db.session.scalar(select(ReturnInterview).filter_by(reference=read))
        return _of_child(interview, ConcernSource.INTERVIEW, kind)
    if prefix == Prefix.CASE and not part:
        case = db.session.scalar(select(Case).filter_by(reference=read))
        return _of_child(case, ConcernSource.CASE, kind)
    if prefix == Prefix.CASE and part:
        return _entry(read, kind, part)
    if prefix == Prefix.MEETING and part is not None:
        return _minutes(read, kind, part)
    return None


_LONGEST_POSITION = 4  # digits


def _form(reference: str, place: str) -> Source | None:
    form = triage_form.head(reference=reference)
    if form is None or not place.isdecimal() or len(place) > _LONGEST_POSITION:
        return None
    subjects = triage_form.subjects(referral_id=form.id)
    subject = next((one for one in subjects if one.position == int(place)), None)
    made = from_form(subject.details) if subject else None
    if subject is None or made is None:
        return None
    wanted = select(IntelligenceReport).filter_by(subject_id=subject.id, replaced_by_id=None)
    report = db.session.scalar(wanted.limit(1))
    return Source(
        kind=ConcernSource.REFERRAL,
        id=form.id,
        reference=reference,
        concern_kind=made[0],
        said=made[1],
        children=_readable([one.child_id for one in subjects if one.child_id]),
        grades=(report.source_grade, report.information_grade, report.handling_code) if report else None,
        conditions=report.conditions or "" if report else "",
        referral_id=form.id,
    )


def _of_child(
    found: ReturnInterview | Case | None, source: ConcernSource, kind: ConcernKind
) -> Source | None:
    """A return interview or a case: a record of one child."""
    if found is None:
        return None
    return Source(
        kind=source,
        id=found.id,
        reference=found.reference,
        concern_kind=kind,
        said=from_interview(kind, found.answers) if isinstance(found, ReturnInterview) else Described(),
        children=_readable([found.child_id]),
    )


def _entry(reference: str, kind: ConcernKind, entry_id: UUID) -> Source | None:
    row = db.session.execute(
        select(ChronologyEntry, Case.child_id, EntryGrading)
        .join(Case, Case.id == ChronologyEntry.case_id)
        .outerjoin(
            EntryGrading,
            (EntryGrading.entry_id == ChronologyEntry.id) & EntryGrading.replaced_at.is_(None),
        )
        .where(Case.reference == reference, ChronologyEntry.id == entry_id)
    ).one_or_none()
    if row is None:
        return None
    entry, child_id, grading = row
    return Source(
        kind=ConcernSource.ENTRY,
        id=entry.id,
        reference=reference,
        concern_kind=kind,
        said=Described(description=entry.text if _free(entry, grading) else ""),
        children=_readable([child_id]),
        grades=(grading.source_grade, grading.information_grade, grading.handling_code) if grading else None,
        conditions=grading.conditions if grading and grading.released_at is None else "",
    )


def _minutes(reference: str, kind: ConcernKind, item_id: UUID) -> Source | None:
    row = db.session.execute(
        select(AgendaItem.id, AgendaItem.case_id, Meeting.id.label("meeting_id"), Minute.text)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Minute, Minute.item_id == AgendaItem.id)
        .where(Meeting.reference == reference, AgendaItem.id == item_id)
    ).one_or_none()
    if row is None:
        return None
    on = select(MeetingCase.child_id).where(MeetingCase.meeting_id == row.meeting_id)
    if row.case_id is not None:
        on = on.where(MeetingCase.case_id == row.case_id)
    return Source(
        kind=ConcernSource.MINUTES,
        id=row.id,
        reference=reference,
        concern_kind=kind,
        said=Described(description=row.text),
        children=_readable(db.session.scalars(on).all()),
    )


def _free(entry: ChronologyEntry, grading: EntryGrading | None) -> bool:
    """Whether the words of an entry may stand where others read them: nothing binds them."""
    bound = bool((entry.conditions or "").strip()) or (grading is not None and grading.released_at is None)
    return entry.handling == Handling.NETWORK and not bound


def _readable(child_ids: Collection[UUID]) -> Sequence[Any]:
    """Children whose records the person reads: only to those can they link anything."""
    if not child_ids:
        return ()
    return db.session.execute(
        select(Child.id, Child.reference, *NAMED)
        .join(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Child.id.in_(child_ids))
        .order_by(Child.given_name, Child.family_name)
    ).all()
