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


def upgrade() -> None:
    """Until now whoever wrote there was asked."""
    for table in TABLES:
        op.add_column(table, sa.Column("asked", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "asked")
