"""An index on what waits for a weekly message

Revision ID: 0838e9fe9d82
Revises: 76b144ce33cd
"""

from alembic import op

revision = "0838e9fe9d82"
down_revision = "76b144ce33cd"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_outbox_message_weekly": "outbox_message (created_at, recipient_id) where channel = 'weekly'",
}


def upgrade() -> None:
    """Nothing waits for a week yet; the index is built after this, while people go on writing."""


def downgrade() -> None:
    op.execute("drop index if exists ix_outbox_message_weekly")
