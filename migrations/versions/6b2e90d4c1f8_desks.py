"""What a team answers for, and whether it does at night

Revision ID: 6b2e90d4c1f8
Revises: 3d8f5c1e70a2
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "6b2e90d4c1f8"
down_revision = "3d8f5c1e70a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """With defaults in the database: processes of the release before write teams without these columns."""
    op.add_column("team", sa.Column("desks", ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column(
        "team", sa.Column("answers_at_night", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("team", "answers_at_night")
    op.drop_column("team", "desks")
