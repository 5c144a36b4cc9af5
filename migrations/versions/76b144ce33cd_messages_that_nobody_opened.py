"""When a message counts as not opened, and which one another passes on

Revision ID: 76b144ce33cd
Revises: ae33e762c3b2
"""

import sqlalchemy as sa
from alembic import op

revision = "76b144ce33cd"
down_revision = "ae33e762c3b2"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_outbox_message_unopened": "outbox_message (unopened_at) where unopened_at is not null",
    "ix_outbox_message_passes_on": "outbox_message (passes_on_id) where passes_on_id is not null",
}


def upgrade() -> None:
    """Nothing follows from messages that went out before: they count as opened."""
    op.add_column("outbox_message", sa.Column("unopened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox_message", sa.Column("passes_on_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_outbox_message_passes_on_id"), "outbox_message", "outbox_message", ["passes_on_id"], ["id"]
    )


def downgrade() -> None:
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
    op.drop_column("outbox_message", "passes_on_id")
    op.drop_column("outbox_message", "unopened_at")
