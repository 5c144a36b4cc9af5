"""What others ask of a place."""

from typing import Any

from sqlalchemy import func, select

from portal.records.concerns.model import Concern
from portal.records.places.model import Guardian
from portal.records.places.vocabulary import GuardianState


def agreed_at() -> Any:
    """How many agreed to watch or act at a place, as one column of its row."""
    return (
        select(func.count())
        .select_from(Guardian)
        .where(
            Guardian.concern_id == Concern.id,
            Guardian.ended_at.is_(None),
            Guardian.state == GuardianState.AGREED,
        )
        .correlate(Concern)
        .scalar_subquery()
    )
