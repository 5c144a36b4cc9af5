"""Whether whoever wrote in a return interview was asked about what must not be disclosed

Revision ID: f730069b026e
Revises: 4be0c6d19f72
"""

import sqlalchemy as sa
from alembic import op

revision = "f730069b026e"
down_revision = "4be0c6d19f72"
branch_labels = None
depends_on = None

TABLES = ("return_change", "return_attempt")


#: Who wrote it, of which agency.
AGENCIES = {"return_change": "changed_agency_id", "return_attempt": "agency_id"}


def upgrade() -> None:
    """Until now whoever works with the child was asked there, and whoever merely looks for them was not."""
    for table in TABLES:
        op.add_column(table, sa.Column("asked", sa.Boolean(), server_default=sa.true(), nullable=False))
        op.execute(
            f"update {table} t set asked = false where t.{AGENCIES[table]} is not null and not exists ("  # noqa: S608 - names of our own
            " select 1 from involvement v join cre_case c on c.id = v.case_id"
            f" where c.child_id = t.child_id and v.agency_id = t.{AGENCIES[table]})"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "asked")
