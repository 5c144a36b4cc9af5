"""An index on copies of minutes that were not opened

Revision ID: 55375ae5150f
Revises: 0838e9fe9d82
"""

from alembic import op

revision = "55375ae5150f"
down_revision = "0838e9fe9d82"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_minutes_copy_unopened": "minutes_copy (given_at) where opened_at is null",
}


def upgrade() -> None:
    """The index is built after this, while people go on writing."""


def downgrade() -> None:
    op.execute("drop index if exists ix_minutes_copy_unopened")
