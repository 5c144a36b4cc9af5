"""Duties of those who left an agency, in their order, for its manager

Revision ID: d61f0b94a7c3
Revises: 9b3e60c7a1f4
"""

from alembic import op

revision = "d61f0b94a7c3"
down_revision = "9b3e60c7a1f4"
branch_labels = None
depends_on = None

#: Few are: the index holds no others.
CONCURRENTLY = {
    "ix_deadline_left": "deadline (owned_for_id, state, due_at, id) where owned_for_id is not null",
}


def upgrade() -> None:
    """Nothing but the index, which is built while people write."""


def downgrade() -> None:
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
