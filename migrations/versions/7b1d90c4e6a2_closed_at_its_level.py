"""A case that closes because the risk is lower says why, where its level is not

Revision ID: 7b1d90c4e6a2
Revises: 5cdf94e591d4
"""

import sqlalchemy as sa
from alembic import op

revision = "7b1d90c4e6a2"
down_revision = "5cdf94e591d4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_closure", sa.Column("level_reason", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("case_closure", "level_reason")
