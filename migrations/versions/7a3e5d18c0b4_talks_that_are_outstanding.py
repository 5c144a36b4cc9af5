"""Talks of the police that are outstanding have an index of their own

Revision ID: 7a3e5d18c0b4
Revises: c41f7d20a9be
"""

import sqlalchemy as sa
from alembic import op

revision = "7a3e5d18c0b4"
down_revision = "c41f7d20a9be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The list of them begins with the longest wait, and reads no talk that was held."""
    op.create_index(
        "ix_missing_episode_talk",
        "missing_episode",
        ["returned_at", "id"],
        postgresql_where=sa.text("prevention_at IS NULL AND withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_missing_episode_talk", table_name="missing_episode")
