"""What pages read of drafts, and what a new form can be begun with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User
from portal.records.referrals.model import DraftOpening, Referral, ReferralNotice
from portal.records.referrals.rules.answers import ChildDetails
from portal.vocabulary import ReferralState

MOST = 50  # more drafts than anybody keeps


@dataclass(frozen=True)
class LeftDraft:
    """An unsent draft of someone who left: that it exists, and whether one may read it now."""

    reference: str
    author: str
    team: str
    saved_at: datetime
    open_until: datetime | None = None


@dataclass(frozen=True)
class DraftRow:
    """An own draft."""

    reference: str
    saved_at: datetime
    answers: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class CaseForForm:
    """The case that a form is begun from, and the child as far as the person may know them."""

    id: UUID
    reference: str
    child: ChildDetails
    child_id: UUID
    district: str | None


def my_draft(*, person: Principal, reference: str) -> Referral | None:
    """An own draft by its reference, as it is now: another tab may have saved it within this request."""
    return db.session.scalar(
        select(Referral)
        .filter_by(reference=reference, author_id=person.user_id, state=ReferralState.DRAFT)
        .execution_options(populate_existing=True)
    )


def my_drafts(*, person: Principal) -> list[DraftRow]:
    """Own drafts, last saved first; at most `MOST`."""
    rows = db.session.execute(
        select(Referral.reference, Referral.saved_at, Referral.answers)
        .where(Referral.author_id == person.user_id, Referral.state == ReferralState.DRAFT)
        .order_by(Referral.saved_at.desc())
        .limit(MOST)
    )
    return [DraftRow(*row) for row in rows]


def left_drafts(*, person: Principal) -> list[LeftDraft]:
    """Unsent drafts of people who left a team that the person manages."""
    mine = and_(
        DraftOpening.referral_id == ReferralNotice.referral_id,
        DraftOpening.manager_id == person.user_id,
        DraftOpening.until > func.statement_timestamp(),
    )
    rows = db.session.execute(
        select(ReferralNotice.reference, User.name, Team.name, ReferralNotice.saved_at, DraftOpening.until)
        .join(User, User.id == ReferralNotice.author_id)
        .join(Team, Team.id == ReferralNotice.author_team_id)
        .outerjoin(DraftOpening, mine)
        .where(ReferralNotice.state == ReferralState.DRAFT, Team.manager_id == person.user_id)
        .order_by(ReferralNotice.saved_at.desc())
        .limit(MOST)
    )
    return [LeftDraft(*row) for row in rows]


def agencies() -> tuple[tuple[str, str], ...]:
    """The agencies that a sender may be of, by name."""
    rows = db.session.execute(select(Agency.id, Agency.name).where(Agency.active).order_by(Agency.name))
    return tuple((str(row.id), row.name) for row in rows)


def agency_name(agency_id: UUID | None) -> str:
    """The name of an agency; nothing for none."""
    if agency_id is None:
        return ""
    return db.session.scalar(select(Agency.name).where(Agency.id == agency_id)) or ""


def teams(*, ids: Iterable[UUID]) -> list[tuple[str, str]]:
    """Teams by name."""
    rows = db.session.execute(select(Team.id, Team.name).where(Team.id.in_(ids)).order_by(Team.name))
    return [(str(row.id), row.name) for row in rows]


def case_for_form(*, reference: str) -> CaseForForm | None:
    """What is known of the child of a case, so that nobody types it again. Addresses are not copied."""
    row = db.session.execute(
        select(Case.id, Case.reference, Case.district, Child, ChildRecord)
        .join(Child, Child.id == Case.child_id)
        .outerjoin(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Case.reference == reference)
    ).one_or_none()
    if row is None:
        return None
    case_id, found, district, child, record = row
    details = ChildDetails(
        given_name=child.given_name,
        family_name=child.family_name,
        dob=None if child.dob_is_estimate else child.dob,
        nhs_number=child.nhs_number or "",
        gender=(record.gender or "") if record else "",
        ethnicity=(record.ethnicity or "") if record else "",
    )
    return CaseForForm(case_id, found, details, child.id, district)
