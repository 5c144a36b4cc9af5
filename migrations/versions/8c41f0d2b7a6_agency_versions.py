"""Agencies, teams and providers count their changes

Revision ID: 8c41f0d2b7a6
Revises: 7a3e5b0c41d8
"""

import sqlalchemy as sa
from alembic import op

revision = "8c41f0d2b7a6"
down_revision = "7a3e5b0c41d8"
branch_labels = None
depends_on = None

TABLES = ("agency", "team", "identity_provider")


def upgrade() -> None:
    """With a default in the database: processes of the release before write rows without a version."""
    for table in TABLES:
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "version")
