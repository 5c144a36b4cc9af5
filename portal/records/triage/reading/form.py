"""One form as a coordinator works with it: who sent it, and who and what is on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import Referral, ReferralChild, ReferralSource, ReferralSubject
from portal.records.referrals.rules import ChildDetails, Details, read_details
from portal.records.triage.reading.records import in_triage_by_me
from portal.vocabulary import SubjectKind


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A child, person, place or thing on the form; `child_id` is the known child that it was found to be."""

    id: UUID
    position: int
    kind: SubjectKind
    label: str
    details: Details
    child_id: UUID | None

    @property
    def child(self) -> ChildDetails | None:
        """What the form says of a child; nothing when it is something else."""
        return self.details if isinstance(self.details, ChildDetails) else None


def head(*, reference: str) -> Any | None:
    """The form with who sent it, who has it, and the source; nothing when it is not one's to triage."""
    author, author_agency, sender_agency, claimant = (
        aliased(User),
        aliased(Agency),
        aliased(Agency),
        aliased(User),
    )
    return db.session.execute(
        select(
            Referral.id,
            Referral.reference,
            Referral.state,
            Referral.version,
            Referral.colour,
            Referral.kind,
            Referral.types,
            Referral.district,
            Referral.channel,
            Referral.answers,
            Referral.what_happened,
            Referral.received_at,
            Referral.sent_at,
            Referral.triage_due_at,
            Referral.decided_at,
            Referral.claimed_by,
            Referral.claimed_at,
            Referral.sender_name,
            Referral.sender_contact,
            Referral.concerns_colleague,
            Referral.immediate_danger,
            author.name.label("author"),
            author.email.label("author_email"),
            author.phone.label("author_phone"),
            author.job_title.label("author_title"),
            author_agency.name.label("author_agency"),
            sender_agency.name.label("sender_agency"),
            Team.name.label("author_team"),
            Team.duty_phone.label("author_team_phone"),
            claimant.name.label("claimed_by_name"),
            ReferralSource.text.label("source"),
            ReferralSource.at_risk_if_revealed.label("source_at_risk"),
            Case.reference.label("from_case"),
        )
        .join(author, author.id == Referral.author_id)
        .join(author_agency, author_agency.id == Referral.author_agency_id)
        .outerjoin(sender_agency, sender_agency.id == Referral.sender_agency_id)
        .outerjoin(Team, Team.id == Referral.author_team_id)
        .outerjoin(claimant, claimant.id == Referral.claimed_by)
        .outerjoin(ReferralSource, ReferralSource.referral_id == Referral.id)
        .outerjoin(Case, Case.id == Referral.from_case_id)
        .where(Referral.reference == reference, in_triage_by_me())
    ).one_or_none()


def subjects(*, referral_id: UUID) -> Sequence[Subject]:
    """Who and what is on the form, in its order."""
    rows = db.session.execute(
        select(
            ReferralSubject.id,
            ReferralSubject.position,
            ReferralSubject.kind,
            ReferralSubject.label,
            ReferralSubject.details,
            ReferralChild.child_id,
        )
        .outerjoin(ReferralChild, ReferralChild.subject_id == ReferralSubject.id)
        .where(ReferralSubject.referral_id == referral_id)
        .order_by(ReferralSubject.position)
    )
    return [_subject(row) for row in rows]


def _subject(row: Row[Any]) -> Subject:
    return Subject(
        id=row.id,
        position=row.position,
        kind=SubjectKind(row.kind),
        label=row.label,
        details=read_details(row.kind, row.details),
        child_id=row.child_id,
    )
