"""What people plug into the rest."""

from uuid import UUID

from sqlalchemy import literal

from portal.queries.record_columns import Columns, columns
from portal.records.people.model import Agency, Team, User
from portal.registry import Noun, Record


def _people(ids: list[UUID]) -> Columns:
    return columns("app_user", User.id, None, named=False, words=User.name).where(User.id.in_(ids))


def _teams(ids: list[UUID]) -> Columns:
    words = Team.name + literal(", ") + Agency.name
    return (
        columns("team", Team.id, None, named=False, words=words)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id.in_(ids))
    )


NOUN = Noun(
    records=(
        Record(table=User, named=_people),
        Record(table=Team, named=_teams),
    ),
)
