"""The police reference of a missing episode is found

Revision ID: 4e7a91c3d85b
Revises: 8c1d5f27be60
"""

from alembic import op

revision = "4e7a91c3d85b"
down_revision = "8c1d5f27be60"
branch_labels = None
depends_on = None

#: However it is written: of its letters and digits alone.
CONCURRENTLY = {
    "ix_missing_episode_police": "missing_episode (regexp_replace(upper(police_reference), '[^A-Z0-9]', '', 'g'))"
    " where police_reference is not null",
}


def upgrade() -> None:
    """Nothing but the index, which is built while people write."""


def downgrade() -> None:
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
