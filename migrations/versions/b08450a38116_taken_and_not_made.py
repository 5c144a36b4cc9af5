"""Corrections that were taken and not made

Revision ID: b08450a38116
Revises: 80a454497b0e
"""

import sqlalchemy as sa
from alembic import op

revision = "b08450a38116"
down_revision = "80a454497b0e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of no correction was it said why the minutes were approved without it."""
    op.add_column("minutes_correction", sa.Column("unmade_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Why they were approved without it is lost."""
    op.drop_column("minutes_correction", "unmade_reason")
