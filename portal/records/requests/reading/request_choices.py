"""What the page on which teams are asked reads: whom one can ask about whom, and for which meeting."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.people.model import Agency
from portal.records.referrals.model import ReferralChild

Rows = Sequence[Any]  # rows named by their columns


def children_on(*, referral_id: UUID) -> Rows:
    """The known children of a form: id, reference, given_name, family_name, dob."""
    return db.session.execute(
        select(Child.id, Child.reference, Child.given_name, Child.family_name, Child.dob)
        .join(ReferralChild, ReferralChild.child_id == Child.id)
        .where(ReferralChild.referral_id == referral_id)
        .distinct()
        .order_by(Child.family_name, Child.given_name, Child.id)
    ).all()


def agencies_to_list(*, without: UUID) -> Rows:
    """The agencies that an answer may be for: id, name."""
    return db.session.execute(
        select(Agency.id, Agency.name).where(Agency.active, Agency.id != without).order_by(Agency.name)
    ).all()


def find_meeting(*, reference: str | None, case_id: UUID) -> Meeting | None:
    """A meeting on this case that one may see."""
    known = read_reference(reference or "", Prefix.MEETING)
    return db.session.scalar(
        select(Meeting)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(Meeting.reference == known, MeetingCase.case_id == case_id)
    )


def cases_of_meeting(*, meeting_id: UUID) -> Sequence[tuple[Case, Child]]:
    """The cases of a meeting that one reads, each with its child, by name."""
    rows = db.session.execute(
        select(Case, Child)
        .join(MeetingCase, MeetingCase.case_id == Case.id)
        .join(Child, Child.id == Case.child_id)
        .where(MeetingCase.meeting_id == meeting_id)
        .order_by(Child.family_name, Child.given_name, Child.id)
    )
    return [(case, child) for case, child in rows]


def invited_teams(*, meeting_id: UUID) -> Sequence[UUID]:
    """The teams that are invited to a meeting."""
    teams = select(Invitation.team_id).where(
        Invitation.meeting_id == meeting_id, Invitation.withdrawn_at.is_(None)
    )
    return [one for one in db.session.scalars(teams) if one is not None]
