"""Messages that are held until a meeting is over

Revision ID: 80a454497b0e
Revises: 4c96f9444496
"""

import sqlalchemy as sa
from alembic import op

revision = "80a454497b0e"
down_revision = "4c96f9444496"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is held, and of no meeting was it said that it is over."""
    op.add_column("outbox_message", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("meeting", sa.Column("over_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """What was held goes out when it would have at the latest."""
    op.drop_column("meeting", "over_at")
    op.drop_column("outbox_message", "held_until")
