"""Whether a child who was reported is one who was known, as whoever sees both records reads it."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.queries.rows import Rows, name_of
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingMatch

MOST = 50

_OTHER, _BEFORE = aliased(Child), aliased(Child)
_MATCHES = (
    select(
        MissingMatch.__table__,
        MissingEpisode.reference,
        MissingEpisode.reported_name,
        MissingEpisode.reported_dob,
        _BEFORE.reference.label("child_reference"),
        _OTHER.reference.label("other_reference"),
        _OTHER.given_name,
        _OTHER.family_name,
        _OTHER.dob,
        _OTHER.dob_is_estimate,
        _OTHER.nhs_number,
        name_of(MissingMatch.answered_by, "by"),
        name_of(MissingMatch.answered_agency_id, "agency"),
    )
    .join(MissingEpisode, MissingEpisode.id == MissingMatch.episode_id)
    .join(_BEFORE, _BEFORE.id == MissingMatch.child_id)
    .join(_OTHER, _OTHER.id == MissingMatch.other_id)
)


#: Open is a question as long as the episode is where it was when that was asked (`ctx.open_matches`).
_OPEN = (
    MissingMatch.answered_at.is_(None),
    MissingEpisode.child_id == MissingMatch.child_id,
    MissingEpisode.withdrawn_at.is_(None),
)


def open_match(*, episode_id: UUID) -> Any:
    """The oldest open question whether the child of an episode is another one, for whoever sees both."""
    return db.session.execute(
        _MATCHES.where(MissingMatch.episode_id == episode_id, *_OPEN)
        .order_by(MissingMatch.asked_at, MissingMatch.id)
        .limit(1)
    ).one_or_none()


def matches_of(*, episode_id: UUID) -> Rows:
    """What was asked and answered of whose an episode is, the latest first, with both records."""
    return db.session.execute(
        _MATCHES.where(
            MissingMatch.episode_id == episode_id, MissingMatch.answered_at.is_not(None) | and_(*_OPEN)
        )
        .order_by(MissingMatch.asked_at.desc(), MissingMatch.id.desc())
        .limit(MOST)
    ).all()


def matches_waiting(*, limit: int = MOST) -> Rows:
    """Children who were reported and may have been known, the longest asked first."""
    return db.session.execute(
        _MATCHES.where(*_OPEN).order_by(MissingMatch.asked_at, MissingMatch.id).limit(limit)
    ).all()
