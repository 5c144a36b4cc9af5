"""Requests for access that nobody answered, by when they were made

Revision ID: 6146454bd3dd
Revises: b08450a38116
"""

from alembic import op

revision = "6146454bd3dd"
down_revision = "b08450a38116"
branch_labels = None
depends_on = None

CONCURRENTLY = {"ix_access_request_open": "access_request (asked_at) where answered_at is null"}


def upgrade() -> None:
    """The index alone, which is built beside whoever writes."""


def downgrade() -> None:
    """Found by walking through all that were ever made."""
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
