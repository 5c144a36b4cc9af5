"""What people plug into the rest."""

from sqlalchemy import literal

from portal.queries.rows import columns
from portal.records.people.model import Agency, Team, User
from portal.registry import Noun, Record

NOUN = Noun(
    records=(
        Record(table=User, named=columns(User, child=False, words=User.name)),
        Record(
            table=Team,
            named=columns(Team, child=False, words=Team.name + literal(", ") + Agency.name).join(
                Agency, Agency.id == Team.agency_id
            ),
        ),
        Record(table=Agency, named=columns(Agency, child=False, words=Agency.name)),
    ),
)
