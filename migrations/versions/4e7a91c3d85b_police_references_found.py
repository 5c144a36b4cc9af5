"""The police reference of a missing episode is found

Revision ID: 4e7a91c3d85b
Revises: 8c1d5f27be60
"""

import sqlalchemy as sa
from alembic import op

revision = "4e7a91c3d85b"
down_revision = "8c1d5f27be60"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """However it is written: of its letters and digits alone."""
    op.create_index(
        "ix_missing_episode_police",
        "missing_episode",
        [sa.text("regexp_replace(upper(police_reference), '[^A-Z0-9]', '', 'g')")],
        unique=False,
        postgresql_where=sa.text("police_reference IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_missing_episode_police", table_name="missing_episode")
