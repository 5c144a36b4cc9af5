"""What was added to an episode: what it said before, and what was done to find the child."""

from uuid import UUID

from sqlalchemy import select

from portal.extensions import db
from portal.queries.rows import Rows, name_of
from portal.records.missing.model import MissingChange, MissingEnquiry

MOST = 50
MOST_ENQUIRIES = 200


def changes_of(*, episode_id: UUID) -> Rows:
    """What an episode said before it was changed, the latest change first."""
    return db.session.execute(
        select(
            MissingChange.__table__,
            name_of(MissingChange.changed_by, "by"),
            name_of(MissingChange.changed_agency_id, "agency"),
        )
        .where(MissingChange.episode_id == episode_id)
        .order_by(MissingChange.changed_at.desc(), MissingChange.id.desc())
        .limit(MOST)
    ).all()


def enquiries_of(*, episode_id: UUID) -> Rows:
    """What was done to find the child, the latest first, who did it, and who recorded it."""
    return db.session.execute(
        select(
            MissingEnquiry.__table__,
            name_of(MissingEnquiry.recorded_by, "by"),
            name_of(MissingEnquiry.recorded_agency_id, "agency"),
        )
        .where(MissingEnquiry.episode_id == episode_id)
        .order_by(MissingEnquiry.made_at.desc(), MissingEnquiry.id.desc())
        .limit(MOST_ENQUIRIES)
    ).all()
