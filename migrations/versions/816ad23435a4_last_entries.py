"""Entries by case and author: when somebody who works on a case last added to it

Revision ID: 816ad23435a4
Revises: c58d21e9740b
"""

from alembic import op

revision = "816ad23435a4"
down_revision = "c58d21e9740b"
branch_labels = None
depends_on = None

CONCURRENTLY = {"ix_chronology_entry_author": "chronology_entry (case_id, author_id, happened_at)"}


def upgrade() -> None:
    """The index alone, which is built beside whoever writes."""


def downgrade() -> None:
    """Found by walking through the entries of a case."""
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
