"""Duties of those who left an agency, in their order, for its manager

Revision ID: d61f0b94a7c3
Revises: 9b3e60c7a1f4
"""

import sqlalchemy as sa
from alembic import op

revision = "d61f0b94a7c3"
down_revision = "9b3e60c7a1f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Few are: the index holds no others."""
    op.create_index(
        "ix_deadline_left",
        "deadline",
        ["owned_for_id", "state", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("owned_for_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_deadline_left", table_name="deadline")
